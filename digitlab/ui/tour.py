"""The tour: on each page a small card, above what it is about, says what to do next and notices that it is done.

Which step it has reached is in the link and kept for the visit; without that nobody sees anything of it.
"""

from typing import Literal, NoReturn

import streamlit as st

from digitlab.look import SKY
from digitlab.ui import guess, query_params, resources, tour_steps, who
from digitlab.ui.plain import in_plain
from digitlab.ui.tour_steps import STEPS, Deeds, Step

_STEP = "tour"  # in the link and for the visit: the name of the step
_DONE = "tour_done"  # names of steps: most inputs forget what was chosen when their page is left
_POLL_SECONDS = 2.0
_WIDTH = 640  # px
_STYLE = """<style>
.st-key-tour_card { padding: 0.6rem 0.8rem; }
%s { outline: 3px solid %s; outline-offset: 4px; border-radius: 4px; }
</style>"""


def offer() -> None:
    """Show the button that begins the tour, at the first step that is not done; none while it goes on."""
    if st.session_state.get(_STEP) is None and st.button("Take the tour", key="tour_start", icon=":material/explore:"):
        deeds = _deeds()
        _go_to(tour_steps.first_open(lambda step: _is_done(step, deeds)), "home")


def show(page: str) -> None:
    """Show the card if it belongs to this page, else the way to it; it has a place also where nothing is shown.

    To be called above the first input of a page.

    Args:
        page: Name of the page's script.
    """
    with st.container():
        step = _reached()
        if step is None:
            return
        if step.page != page:
            _show_way(step, page)
        elif step.looks_again and not _is_done(step, _deeds()):
            st.fragment(_show_card, run_every=_POLL_SECONDS)(step)
        else:
            _show_card(step)


def _reached() -> Step | None:
    """Return the step of the link, else that of the visit, and keep it in both."""
    if st.session_state.get(_STEP):
        query_params.keep_when_back()
    asked: str | None = st.query_params.get(_STEP)
    step = tour_steps.find(asked or st.session_state.get(_STEP) or "")
    if step is not None:
        st.session_state[_STEP] = step.name
        if asked is None:
            st.query_params[_STEP] = step.name
    elif asked is not None:
        del st.query_params[_STEP]
        st.warning(f"The link asks for the step “{in_plain(asked[:80])}” of the tour, which there is not.")
    return step


def _show_card(step: Step) -> None:
    done, following = _is_done(step, _deeds()), tour_steps.after(step)
    with st.container(border=True, width=_WIDTH, gap="xsmall", key="tour_card"):
        icon, said = ("check_circle", "Done") if done else ("explore", "Tour")
        st.markdown(f":material/{icon}: **{said}, {_number(step)}: {step.title}**  \n:small[{step.text}]")
        with st.container(horizontal=True, vertical_alignment="center"):
            kind: Literal["primary", "secondary"] = "primary" if done else "secondary"
            if following and st.button("Next" if done else "Skip", key="tour_next", type=kind):
                _go_to(following, step.page)
            if st.button("End the tour", key="tour_end", type="tertiary" if following else kind):
                _end()
    st.html(_STYLE % (step.points_at, SKY))


def _show_way(step: Step, page: str) -> None:
    """Show, on a page that the step does not belong to, how to get to it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/explore: Tour, {_number(step)}: {step.title}", width="content")
        if st.button("Go there", key="tour_go", type="tertiary"):
            _go_to(step, page)
        if st.button("End the tour", key="tour_end", type="tertiary"):
            _end()


def _number(step: Step) -> str:
    return f"{STEPS.index(step) + 1} of {len(STEPS)}"


def _deeds() -> Deeds:
    return Deeds(
        guess=guess.share(),
        inputs=st.session_state,
        batches=who.own_batches,
        runs=lambda: who.of_visitor(resources.runs()),
    )


def _is_done(step: Step, deeds: Deeds) -> bool:
    done: set[str] = st.session_state.setdefault(_DONE, set())
    if step.name not in done and step.is_done(deeds):
        done.add(step.name)
    return step.name in done


def _go_to(step: Step, page: str) -> NoReturn:
    st.session_state[_STEP] = step.name
    if step.page == page:
        st.query_params[_STEP] = step.name
        st.rerun()
    query_params.go(f"pages/{step.page}.py", tour=step.name)


def _end() -> NoReturn:
    st.session_state.pop(_STEP, None)
    st.query_params.pop(_STEP, None)
    st.rerun()
