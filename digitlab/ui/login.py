"""Logging in at the provider that Streamlit's secrets name, instead of a code of the class. What it says is `st.user`.

Streamlit makes the login and keeps it in a signed cookie; the library that it needs is in `requirements-login.txt`.
"""

import logging
import os

import streamlit as st
from streamlit.errors import StreamlitAuthError

from digitlab.storage.logins import Login

_TEACHERS = "DIGITLAB_TEACHERS"
_PUPILS = "DIGITLAB_PUPILS"

_logger = logging.getLogger(__name__)


def is_on() -> bool:
    """Return whether one logs in here.

    The teachers alone switch it on too: where the secrets cannot be read, nobody comes in rather than everybody.
    """
    return "is_logged_in" in st.user or bool(_listed(_TEACHERS))


def current() -> Login | None:
    """Return who has logged in; None if nobody has, or an account that is not one of this class."""
    issuer, subject = st.user.get("iss"), st.user.get("sub")
    if not _is_logged_in() or not isinstance(issuer, str) or not isinstance(subject, str) or not subject:
        return None
    teacher = _is_one_of(_listed(_TEACHERS))
    pupils = _listed(_PUPILS)
    return Login(issuer, subject, teacher) if teacher or not pupils or _is_one_of(pupils) else None


def ask() -> None:
    """Ask a visitor to log in, or say that their account is not one of this class."""
    if _is_logged_in():
        st.warning("The account you have logged in with is not one of this class. Log out and take another one.")
        show_logout()
        return
    st.info("Look around as you like. To draw and to train, log in.", icon=":material/login:")
    if st.button("Log in", key="who_login", type="primary"):
        try:
            st.login()
        except StreamlitAuthError as error:  # it names what is missing, and no secret
            _logger.warning("Nobody can log in: %s", error)
            st.error("Nobody can log in: it is not set up as the README says. The server's log says what is missing.")


def show_logout() -> None:
    """Show the button that ends the login."""
    st.button("Log out", key="who_logout", icon=":material/logout:", on_click=st.logout)


def _is_logged_in() -> bool:
    return st.user.get("is_logged_in") is True


def _listed(variable: str) -> list[str]:
    """Return the e-mail addresses that a setting names; one that begins with @ stands for all that end so."""
    return os.environ.get(variable, "").replace(",", " ").lower().split()


def _is_one_of(listed: list[str]) -> bool:
    """Return whether a list names the account's address; an address that the provider has not verified is none."""
    email = st.user.get("email")
    if st.user.get("email_verified") is not True or not isinstance(email, str) or not email.isascii():
        return False  # beyond ASCII two different letters may become the same small one
    _, _, domain = email.lower().rpartition("@")
    return email.lower() in listed or f"@{domain}" in listed
