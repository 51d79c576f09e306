import streamlit as st

from digitlab.comparison import answer
from digitlab.comparison.method_results import method_results
from digitlab.storage.writers import read_writers
from digitlab.ui import demo, guess, hidden_names, resources, tested, tour
from digitlab.ui.comparison import central, choose_runs, own_curve, tabs
from digitlab.ui.formats import bring_model, take_model

st.title("Compare", anchor=False)
tour.show("compare")
guess.keep()
runs = hidden_names.named(tested.runs_to_compare())
curve = own_curve.read()
told = answer.tell(runs, read_writers(resources.store()).values(), curve.next_goal, curve.measured)
with st.container():
    st.markdown(told.reached)
    demo.show_answer(runs)

centre = st.container()
with st.container():
    for paragraph in filter(None, (told.equal, told.compared)):
        st.markdown(paragraph)
    for missing in told.missing:
        st.markdown(missing.text)
        st.page_link(missing.page, label=missing.action, icon=":material/arrow_forward:")

chosen = choose_runs.runs_input(runs)
choose_runs.manage_runs([run for run in chosen if run.id != "uniform"])
take_model.offer_one_of(chosen)
bring_model.offer()
results = method_results(chosen)
with centre:
    central.show(results, curve)

tabs.show(chosen, results, curve)
