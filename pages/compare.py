import streamlit as st

from digitlab import answer, comparison, figures
from digitlab.ui import cached, choose, crossed, curve, figure, hand_in, versus

st.title("Compare", anchor=False)
runs = cached.compared()
with st.container():
    st.markdown(answer.headline(runs, cached.store().writers().values(), curve.in_a_sentence()))
    for missing in answer.missing(runs):
        st.page_link(missing.page, label=missing.action, icon=":material/arrow_forward:")

centre = st.container()
chosen = choose.runs_input(runs)
choose.manage_runs([card for card in chosen if card["id"] != "uniform"])
methods = comparison.methods(chosen)
with centre:
    figure.show(figures.minutes(methods))

how, who, two, digits, cost, training, drawings, report = st.tabs(
    ["Methods", "Who reads whom", "Two runs", "Digits", "Cost", "Training", "Learning curve", "Report"],
    key="compare_tab",
    on_change="rerun",
    bind="query-params",
)
if how.open:
    with how:
        figure.show(figures.methods(methods))
if who.open:
    with who:
        crossed.show(chosen)
if two.open:
    with two:
        versus.show(chosen)
if digits.open:
    with digits:
        figure.show(figures.by_digit(chosen))
if cost.open:
    with cost:
        figure.show(figures.cost(methods))
if training.open:
    with training:
        figure.show(figures.curves(chosen))
if drawings.open:
    with drawings:
        curve.show()
if report.open:
    with report:
        hand_in.offer(chosen, curve.in_a_sentence())
