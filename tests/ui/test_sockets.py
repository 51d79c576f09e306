import asyncio
import socket
from pathlib import Path

import pytest
from streamlit.web.server.starlette import starlette_server

from digitlab.ui import sockets

OPEN = Path("/dev/fd")

pytestmark = pytest.mark.skipif(not OPEN.is_dir(), reason="Windows does not list what a process has open")


def waits(writer):
    """Whether this end of a connection waits for answers before it sends more."""
    return not writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_server_sends_at_once_to_who_is_there_and_who_comes():
    async def serve():
        came = asyncio.Queue()
        listening = starlette_server._bind_socket("127.0.0.1", 0, 10)  # as `streamlit run` does
        server = await asyncio.start_server(lambda _, writer: came.put_nowait(writer), sock=listening)
        _, first = await asyncio.open_connection(*listening.getsockname())
        served = [await came.get()]
        assert waits(served[0]), "Streamlit does by itself what sockets.py is for"
        sockets.send_at_once()
        _, second = await asyncio.open_connection(*listening.getsockname())
        served.append(await came.get())
        found = [waits(writer) for writer in served]
        for writer in (first, second, *served):
            writer.close()
            await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return found

    assert asyncio.run(serve()) == [False, False]


def test_what_else_is_open_stays_open(tmp_path):
    here, there = socket.socketpair()
    with (tmp_path / "file").open("w") as file, here, there:
        before = {path.name for path in OPEN.iterdir()}
        sockets.send_at_once()
        assert {path.name for path in OPEN.iterdir()} == before
        file.write("still open")
        here.sendall(b"still open")
        assert there.recv(100) == b"still open"


def test_nothing_changes_where_the_system_does_not_list_what_is_open(monkeypatch, tmp_path):
    monkeypatch.setattr(sockets, "_OPEN", tmp_path / "nothing")
    with socket.socket() as here:
        sockets.send_at_once()
        assert not here.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
