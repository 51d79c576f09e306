"""Who uses the pages: on one's own machine nobody is asked; in a class, whoever has joined by code or login."""

import hmac
import math
import os
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from digitlab.jobs.job import Job
from digitlab.run import Run
from digitlab.storage import classroom, logins
from digitlab.storage.batches import Batch
from digitlab.storage.demo import without_demo
from digitlab.storage.people import OWNER, VISITOR, Person
from digitlab.ui import login, resources, windows
from digitlab.ui.plain import in_plain
from digitlab.ui.throttle import Throttle

_PAGES = {file.stem for file in (Path(__file__).parents[2] / "pages").glob("*.py")}  # the last part of an address
_PARAMETER = "me"  # of a personal link
_COOKIE = "digitlab_me"  # brings a browser back without the link
_TOKEN = "who_token"  # noqa: S105 - where this visit keeps it
_TEACHER = "who_teacher"  # whether the menu shows the page of the class: app.py looks there
_MOST_WRONG = 20  # tokens of nobody that a visit may try; nobody guesses one of 192 random bits anyway

_keep = st.components.v2.component(
    "digitlab_keep_link",
    html="<span></span>",
    js="""
export default function ({ data }) {
  document.cookie = `${data.name}=${data.token}; path=/; SameSite=Strict; max-age=${data.token ? 31536000 : 0}`;
}
""",
)


def class_code() -> str:
    """Return the code by which one joins the class; empty on one's own machine."""
    return os.environ.get("DIGITLAB_CLASS_CODE", "").strip()


def is_class() -> bool:
    """Return whether this is a class: one joins by logging in or by the code. Else it is one's own machine."""
    return login.is_on() or bool(class_code())


def person() -> Person:
    """Return who uses this page: in a class whoever has logged in or has the personal link, else the owner."""
    if login.is_on():
        return _logged_in()
    if not class_code():
        return OWNER
    from_link = st.query_params.get(_PARAMETER)
    for token in (from_link, st.session_state.get(_TOKEN), st.context.cookies.get(_COOKIE)):
        found = _find(token)
        if found:
            st.session_state[_TOKEN] = token
            _tell_menu(found)
            return found
    st.session_state[_TEACHER] = False
    return VISITOR


def _logged_in() -> Person:
    known = login.current()
    found = logins.find_person(resources.store(), known) if known else None
    if found:
        _tell_menu(found)
        return found
    st.session_state[_TEACHER] = False
    return VISITOR


def _find(token: object) -> Person | None:
    """Return whose token this is; one that was nobody's in this visit is not looked up again."""
    wrong: set[str] = st.session_state.setdefault("who_wrong", set())
    if not isinstance(token, str) or token in wrong or len(wrong) >= _MOST_WRONG:
        return None
    found = classroom.find_person(resources.store(), token)
    if found is None:
        wrong.add(token)
    return found


def _tell_menu(found: Person) -> None:
    teacher = found.role == "teacher"
    if st.session_state.get(_TEACHER, False) != teacher:
        st.session_state[_TEACHER] = teacher
        st.rerun()  # the menu is made before the page


def show_greeting() -> None:
    """In a class: ask a visitor to join, or say who this is, with their personal link or the way to log out."""
    if not is_class():
        return
    who = person()
    if login.is_on():
        _show_login(who)
        return
    if who.role == "visitor":
        _ask_to_join()
        return
    token = st.session_state[_TOKEN]
    if st.query_params.get(_PARAMETER):  # whoever copies the address of a page must not give their name away
        del st.query_params[_PARAMETER]
    _keep(key="who_keep", data={"name": _COOKIE, "token": token}, height="content")
    with st.expander(f"Your personal link, {in_plain(who.name)}", icon=":material/key:"):
        st.markdown("Keep it: it brings you back on any device. Whoever has it draws under your name.")
        st.code(personal_link(token), language=None)


def personal_link(token: str) -> str:
    """Return the address that brings a person back."""
    return f"{home_address()}?{_PARAMETER}={token}"


def home_address() -> str:
    """Return the address of the first page, as this visitor's browser sees it: a proxy may have put it under a path."""
    address = (st.context.url or "").split("?")[0].rstrip("/")
    above, _, last = address.rpartition("/")
    return f"{above if last in _PAGES else address}/"


def job_owner() -> str:
    """Return the owner of the jobs that this visitor starts: on one's own machine the window."""
    who = person()
    return windows.this_window() if who.role == "owner" else who.name


def owns(job: Job) -> bool:
    """Return whether a job is this visitor's; on one's own machine also that of a window that is closed."""
    if job.owner == job_owner():
        return True
    return person().role == "owner" and not windows.is_open(job.owner)


def of_visitor(runs: Sequence[Run]) -> list[Run]:
    """Return those runs that may be shown as the visitor's own: on one's own machine all but the demo's."""
    who = person()
    runs = [run for run in runs if not run.demo]
    return [run for run in runs if who.role == "owner" or (who.id is not None and run.owner_id == who.id)]


def of_visitor_or_demo(runs: Sequence[Run]) -> list[Run]:
    """Return what a page may show for a start: the visitor's own runs and, before all of them, the demo's."""
    return [*(run for run in runs if run.demo), *of_visitor(runs)]


def own_batches() -> list[Batch]:
    """Return the visitor's own batches, oldest first: on one's own machine all but the demo's."""
    who = person()
    batches = without_demo(resources.batches())
    return [batch for batch in batches if who.role == "owner" or batch.writer_id == who.id]


def _show_login(who: Person) -> None:
    if who.role != "visitor":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"You are **{in_plain(who.name)}**.", width="content")
            login.show_logout()
        return
    known = login.current()
    if not known:
        login.ask()
        return
    st.info("You have logged in for the first time. Take a name that the class will see.", icon=":material/group_add:")
    login.show_logout()
    with st.form("who_join", width=420):
        name = st.text_input("A name or a pseudonym", max_chars=80, key="who_name")
        if st.form_submit_button("Join", key="who_join_button", type="primary"):
            with resources.messages():
                logins.join(resources.store(), name, known)
            st.rerun()


def _ask_to_join() -> None:
    st.info("Look around as you like. To draw and to train, join the class.", icon=":material/group_add:")
    with st.form("who_join", width=420):
        code = st.text_input("Code of the class", st.query_params.get("code", ""), max_chars=80, key="who_code")
        name = st.text_input("A name or a pseudonym", max_chars=80, key="who_name")
        if st.form_submit_button("Join", key="who_join_button", type="primary"):
            _join(code, name)


def _join(code: str, name: str) -> None:
    of_visit: Throttle = st.session_state.setdefault("who_throttle", Throttle(free=3, longest=60, forget=600))
    wait = of_visit.ask()
    if not wait and (wait := _of_all().ask()):
        of_visit.right()  # it was not tried
    if wait:
        st.error(f"Too many wrong codes. Try again in {math.ceil(wait)} s.")
        return
    teacher_code = os.environ.get("DIGITLAB_TEACHER_CODE", "").strip()
    teacher = bool(teacher_code) and _same(code, teacher_code)
    if not teacher and not _same(code, class_code()):
        st.error("That is not the code of this class.")
        return
    for throttle in (of_visit, _of_all()):
        throttle.right()
    with resources.messages():
        _, token = classroom.join(resources.store(), name, teacher=teacher)
    st.session_state[_TOKEN] = token
    st.rerun()


def _same(code: str, expected: str) -> bool:
    return hmac.compare_digest(code.strip().encode(errors="replace"), expected.encode())


@st.cache_resource(show_spinner=False)
def _of_all() -> Throttle:
    return Throttle(free=30, longest=5, forget=60)  # a class mistypes now and then; whoever guesses opens new windows
