"""One person of the class: their result on the projector, a new personal link, or everything of theirs deleted."""

import streamlit as st

from digitlab.storage import classroom, erasing
from digitlab.storage.classroom import Member
from digitlab.storage.names import DEMO_WRITER
from digitlab.ui import login, resources, who
from digitlab.ui.classroom import projector
from digitlab.ui.classroom.entrance import qr_code
from digitlab.ui.plain import in_plain

_LINK = "class_link"  # whose link is new, and its token: shown once
_ASKED = "class_asked"  # whom to delete, once it was asked for
_DONE = "class_done"


def show() -> None:
    """Let the teacher choose somebody, and show what can be done for them."""
    members = {member.id: member for member in classroom.read_members(resources.store())}
    members.pop(who.person().id or 0, None)
    if done := st.session_state.pop(_DONE, None):
        st.success(done)
    if not members:
        st.info("Nobody has joined yet.")
        return
    chosen = st.selectbox(
        "Person", list(members), key="class_person", format_func=lambda person: members[person].name, width=320
    )
    member = members[chosen]
    st.link_button(
        "Show their result large, in a window of its own",
        projector.link(who.home_address(), member.id),
        icon=":material/present_to_all:",
    )
    if not login.is_on() and member.name != DEMO_WRITER:  # nobody comes back as the demo
        st.button("New personal link", key="class_renew", icon=":material/key:", on_click=_renew, args=(member,))
        _show_link(member)
    _offer_deletion(member)


def _show_link(member: Member) -> None:
    of, token = st.session_state.get(_LINK, (None, ""))
    if of == member.id:
        st.markdown(
            f"The new link of {in_plain(member.name)}. The old one leads nowhere; this one is shown here and now only:"
        )
        st.code(who.personal_link(token), language=None)
        st.image(qr_code(who.personal_link(token)), width=240, alt="QR code of the personal link")


def _offer_deletion(member: Member) -> None:
    name, key = in_plain(member.name), f"class_sure_{member.id}"
    runs = sum(run.owner_id == member.id for run in resources.runs())
    sure = st.checkbox(f"Delete everything of {name}", key=key)
    st.caption(f"Digits: {member.digits}. Trainings: {runs}.")
    st.button("Delete", key="class_delete", disabled=not sure, on_click=_ask, args=(member.id,))
    if st.session_state.get(_ASKED) != member.id:
        return
    st.warning(
        f"It cannot be taken back. Drawings, also those in the bin, sheets, results and models of {name} will be gone; "
        "trainings of others that used these drawings are marked.",
        icon=":material/delete_forever:",
    )
    with st.container(horizontal=True):
        st.button(f"Yes, delete everything of {name}", key="class_yes", on_click=_delete, args=(member,))
        st.button("No, keep it", key="class_no", on_click=_ask, args=(None,))


def _renew(member: Member) -> None:
    with resources.messages():
        token = classroom.renew_link(resources.store(), member.id, who.person())
    st.session_state[_LINK] = member.id, token


def _ask(member_id: int | None) -> None:
    st.session_state[_ASKED] = member_id


def _delete(member: Member) -> None:
    _ask(None)
    with resources.messages():
        for job in resources.jobs().alive():
            if job.owner == member.name:
                resources.jobs().stop(job.id)
        erasing.erase_person(resources.store(), member.id, who.person())
    st.session_state[_DONE] = f"Everything of {in_plain(member.name)} is deleted."
