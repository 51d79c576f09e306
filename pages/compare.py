import streamlit as st

from digitlab.comparison import answer, figures
from digitlab.comparison.method_results import method_results
from digitlab.storage.writers import read_writers
from digitlab.ui import demo, guess, hidden_names, resources
from digitlab.ui.comparison import choose_runs, cross_table, figure, learning_curve, report_download, two_runs

st.title("Compare", anchor=False)
runs = hidden_names.named(resources.runs_to_compare())
with st.container():
    forecast, curve = learning_curve.describe_next_goal(), learning_curve.measured()
    st.markdown(answer.headline(runs, read_writers(resources.store()).values(), forecast, curve))
    demo.show_answer(runs)
    for missing in answer.missing(runs):
        st.page_link(missing.page, label=missing.action, icon=":material/arrow_forward:")

main = st.container()
chosen = choose_runs.runs_input(runs)
choose_runs.manage_runs([run for run in chosen if run.id != "uniform"])
results = method_results(chosen)
with main:
    figure.show(figures.minutes(results, guess.share()))

how, who, two, digits, cost, training, drawings, report = st.tabs(
    ["Methods", "Who reads whom", "Two runs", "Digits", "Cost", "Training", "Learning curve", "Report"],
    key="compare_tab",
    on_change="rerun",
    bind="query-params",
)
if how.open:
    with how:
        figure.show(figures.methods(results))
if who.open:
    with who:
        cross_table.show(chosen)
if two.open:
    with two:
        two_runs.show(chosen)
if digits.open:
    with digits:
        figure.show(figures.by_digit(results))
if cost.open:
    with cost:
        figure.show(figures.cost(results))
if training.open:
    with training:
        figure.show(figures.curves(chosen))
if drawings.open:
    with drawings:
        learning_curve.show()
if report.open:
    with report:
        report_download.offer(chosen, forecast, curve)
