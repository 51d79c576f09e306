"""The seven steps of the story as cards: what is there, a small picture of it, its time, and what is next."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison.next_steps import Step, next_step
from digitlab.ui import query_params, resources

_IN_A_ROW = 4
_PICTURE = 196  # px, the width of the picture of drawings


def show(steps: Sequence[Step]) -> None:
    """Show the steps in their order, and mark the next one."""
    following = next_step(steps)
    for first in range(0, len(steps), _IN_A_ROW):
        row = steps[first : first + _IN_A_ROW]
        for place, step in zip(st.columns(_IN_A_ROW), row, strict=False):
            with place.container(border=True, height="stretch"):
                _show_card(step, following=step is following)


def lead_on(steps: Sequence[Step]) -> None:
    """Show a button that leads to the next step: the only one, so that a newcomer knows what to press."""
    following = next_step(steps)
    if st.button(f"Next: {following.action}", key="home_next", type="primary", icon=":material/arrow_forward:"):
        query_params.go(following.page)


def _show_card(step: Step, *, following: bool) -> None:
    st.markdown(f"**{step.title}**{' :primary-badge[next]' if following else ''}")
    st.metric(
        step.counts,
        step.figure,
        chart_data=list(step.curve) if len(step.curve) > 1 else None,
        chart_type="line",
    )
    picture = resources.thumbnail(step.batch_id) if step.batch_id is not None else None
    if picture is not None:
        st.image(picture, width=_PICTURE, alt="The first of your drawings")
    st.caption(f"{step.text}  \n:material/schedule: {step.time}")
    st.page_link(step.page, label=step.action)
