import streamlit as st

from digitlab import baseline, cards, charts, experiment
from digitlab.store import default_url
from digitlab.ui import cached, follow, link, result, try_it

st.title("Guess", anchor=False)
st.markdown("What does a method reach that has learnt nothing, and what do the simplest ones reach that have?")

seed = link.number(st.number_input, "Seed of the guess", 0, 999_999, 0, key="baseline_seed", width=200)
card = cached.guess(seed)
test = card["tests"]["mnist"]
low, high = baseline.binomial_band(test["n"])
st.metric("A random guess reads right", f"{test['accuracy']:.2%}")
st.markdown(
    f"{test['correct']:,} of {test['n']:,} test digits by luck. With ten digits to choose from, 95 of 100 such guesses "
    f"lie between **{low:.2%} and {high:.2%}**."
)
result.show_test(card)

st.subheader("What a network must beat", anchor=False)
references = cards.newest_by_method(cached.runs(), baseline.REFERENCES)
with st.container():
    if len(references) < len(baseline.REFERENCES):
        follow.start_button(
            "references",
            "Measure the reference lines (about half a minute)",
            experiment.measure_references,
            default_url(),
        )
follow.follow("references", curves=False)
st.altair_chart(
    charts.accuracy_by_method(cards.accuracies([card, *references])), alt="Accuracy of guessing and of the references"
)

st.subheader("One guess for a drawing of yours", anchor=False)
try_it.try_guess("baseline", lambda count: baseline.uniform_guess(1, seed + count))
