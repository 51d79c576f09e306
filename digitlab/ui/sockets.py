"""How the server's connections send.

Streamlit makes the socket it listens on in a way in which asyncio leaves Nagle's algorithm on: what is sent in two
parts, as a file and the messages of a page are, waits with the second until the browser has confirmed the first, and
browsers take up to 40 ms for that.
"""

import contextlib
import socket
from pathlib import Path

_OPEN = Path("/dev/fd")  # what this process has open, by number; Windows has no such list


def send_at_once() -> None:
    """Have all connections of this process, and those its server accepts from now on, send without waiting.

    A connection takes this over from the socket that listens. Where the system has no list of what is open (Windows)
    nothing changes.
    """
    for entry in _OPEN.iterdir() if _OPEN.is_dir() else ():
        with contextlib.suppress(OSError):  # a file, or not a connection over TCP
            found = socket.socket(fileno=int(entry.name))
            try:
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            finally:
                found.detach()  # it stays open: it is not ours
