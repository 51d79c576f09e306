"""How pupils get in: a QR code, the address to type, the code of the class where one does not log in."""

import io
from urllib.parse import quote, urlsplit

import segno
import streamlit as st

from digitlab.ui import login, who

_PICTURE = 288  # px
_HERE = ("localhost", "127.0.0.1", "::1")


def show() -> None:
    """Show it, large enough for the last row."""
    address, code = who.home_address(), who.class_code()
    if urlsplit(address).hostname in _HERE:
        st.warning(
            "This page was opened by an address that leads to this machine only. Open it by the one that the pupils' "
            "devices reach (“Network URL” in the terminal), then the code below leads there too.",
            icon=":material/wifi_off:",
        )
    with_login = login.is_on()
    row = st.container(horizontal=True, gap="large", vertical_alignment="center")
    left, right = row.container(width=_PICTURE), row.container(width=400)  # px; below each other where it is narrow
    picture = qr_code(address if with_login else f"{address}?code={quote(code)}")
    left.image(picture, "To join: point a camera here", width=_PICTURE, alt="QR code of the address to join at")
    right.markdown("Open this address:")
    right.code(address, language=None)
    if with_login:
        right.markdown("log in, and take a name or a pseudonym.")
        return
    right.markdown("and join with this code, under a name or a pseudonym:")
    right.code(code, language=None)


def qr_code(text: str) -> bytes:
    """Return a QR code as PNG: black on white in the dark theme too, 8 pixels a module, with its quiet zone."""
    buffer = io.BytesIO()
    segno.make_qr(text, error="m").save(buffer, kind="png", scale=8, border=4)
    return buffer.getvalue()
