import streamlit as st

from digitlab.ui import who
from digitlab.ui.classroom import entrance, live_wall, one_person, pooled, projector, rules

if who.person().role == "teacher" and projector.is_asked():
    projector.show()
    st.stop()

st.title("Class", anchor=False)
who.show_greeting()
if who.person().role != "teacher":
    st.info(
        "This page is for the teacher of a class: whoever has joined with the code in `DIGITLAB_TEACHER_CODE`, or has "
        "logged in with an address in `DIGITLAB_TEACHERS`. A class begins with a code in `DIGITLAB_CLASS_CODE`, or a "
        "login."
    )
    st.stop()

st.markdown("Let everybody in, watch what they draw, and look after it.")
with st.expander("How to join", expanded=True, icon=":material/qr_code_2:"):
    entrance.show()
rules.show()

st.subheader("Wall", anchor=False)
with st.container():
    live_wall.show()

st.subheader("All of us against MNIST", anchor=False)
with st.container():
    pooled.show()

st.subheader("One person", anchor=False)
one_person.show()
