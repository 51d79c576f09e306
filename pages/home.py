import streamlit as st

from digitlab.comparison import next_steps
from digitlab.ui import resources, who

st.title("Your own MNIST", anchor=False)
st.markdown(
    "MNIST holds 70,000 handwritten digits, and models trained on it read 98 % of them. **How long does it take to "
    "build an MNIST of your own, all by yourself, and how good is a model trained on it?** Four methods are put side "
    "by side, and every minute of your drawing is counted."
)

who.show_greeting()
steps = next_steps.steps([resources.guess(0), *resources.runs()])
for place, step in zip(st.columns(4), steps, strict=True):
    with place.container(border=True, height="stretch"):
        st.markdown(f"**{step.title}**")
        st.metric("Accuracy on MNIST", step.accuracy, label_visibility="collapsed")
        st.caption(step.text)
        st.page_link(step.page, label=step.action)

following = next_steps.next_step(steps)
if st.button(f"Next: {following.action}", key="home_next", type="primary"):
    st.switch_page(following.page)
