import streamlit as st

from digitlab.digits import NUM_CLASSES
from digitlab.ui import resources, state, tour
from digitlab.ui.drawing import drawing_desk, naming
from digitlab.ui.training import first_answer

st.title("Draw one of each", anchor=False)
tour.show("draw_one")
writer = state.writer()
if not writer:
    st.stop()

batch = drawing_desk.save_and_find_batch("one", writer, "one") or drawing_desk.one_of_each(writer)
if drawing_desk.draw_batch("one", batch):
    first_answer.show("one", batch)
    naming.ask(batch)
    if st.button("Draw ten new ones", key="one_new"):
        drawing_desk.start_batch(writer, "one", range(NUM_CLASSES), 0)
        st.rerun()
else:
    st.caption(
        "Ten digits, once each, as you write them on paper; then a network learns from them alone. Save with the "
        "button or the key **S**, undo with **Z**, redo with **Y**."
    )
    first_answer.tell_of_earlier(batch)
naming.choose(writer)
resources.jobs()  # last, so that nobody waits for it: the worker warms up while the digits are drawn
