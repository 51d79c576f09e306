import streamlit as st

from digitlab.comparison import comparison_charts, runs
from digitlab.comparison.method_results import method_results
from digitlab.comparison.method_tables import table
from digitlab.learning import baseline, baseline_runs
from digitlab.look import percent
from digitlab.storage.store import default_url
from digitlab.ui import query_params, resources, tour
from digitlab.ui.drawing import try_it
from digitlab.ui.training import job_progress, result

st.title("Random guess", anchor=False)
st.markdown("What does a method reach that has learnt nothing, and what do the simplest ones reach that have?")
tour.show("baseline")

seed = query_params.number(
    st.number_input,
    "Seed of the random guess",
    0,
    999_999,
    0,
    key="baseline_seed",
    width=200,
    help="Another seed, another guess: see how little luck changes.",
)
guess = resources.guess(seed)
test = guess.tests["mnist"]
low, high = baseline.binomial_band(test.n)
st.metric("A random guess reads right", percent(test.accuracy, 2))
st.markdown(
    f"{test.correct:,} of {test.n:,} test digits by luck. With ten digits to choose from, 95 of 100 such guesses "
    f"lie between **{percent(low, 2)} and {percent(high, 2)}**."
)
result.show_test(guess)

st.subheader("What a network must beat", anchor=False)
references = runs.newest_by_method(resources.runs(), baseline.SIMPLE_PREDICTORS)
with st.container():
    if len(references) < len(baseline.SIMPLE_PREDICTORS):
        job_progress.start_button(
            "references",
            "Measure the reference lines (about half a minute)",
            baseline_runs.measure_simple_predictors,
            default_url(),
        )
job_progress.follow("references", curves=False)
st.altair_chart(comparison_charts.accuracy_by_method(table(method_results([guess, *references]))))

st.subheader("One random guess for a drawing of yours", anchor=False)
try_it.try_guess("baseline", lambda count: baseline.uniform_guess(1, seed + count))
