"""Visitors who walk through the pages, as the server sees them: without a browser, for app.py.

What ten browsers draw would keep this machine busier than what the server does for them. A visitor sends what the
browser sends for a page and takes what the server sends back, by Streamlit's own protocol.
"""

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PAGES = (
    "",
    "baseline",
    "dense",
    "draw_one",
    "draw_batch",
    "my_digits",
    "retrain",
    "piles",
    "inside",
    "compare",
    "class",
)
READS = (1.0, 5.0)  # seconds a visitor looks at a page
LONGEST = 60  # seconds to wait for a page


@contextmanager
def browsing(url, count):
    """Let `count` visitors walk through the pages; yields a list to which the seconds of each page are added."""
    seconds, ended = [], False

    async def all_walk():
        await asyncio.gather(*(walk(url, number, seconds, lambda: ended) for number in range(count)))

    with ThreadPoolExecutor(1) as thread:
        walks = thread.submit(asyncio.run, all_walk())
        try:
            yield seconds
        finally:
            ended = True
            walks.result()


async def walk(url, number, seconds, has_ended):
    rng = random.Random(number)
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as socket:
        while not has_ended():
            await asyncio.sleep(rng.uniform(*READS))
            seconds.append(await open_page(socket, rng.choice(PAGES)))


async def open_page(socket, name):
    """Seconds until the server has sent the whole page."""
    message = BackMsg()
    message.rerun_script.page_name = name
    started = time.perf_counter()
    await socket.send(message.SerializeToString())
    answer = ForwardMsg()
    while answer.WhichOneof("type") != "script_finished":
        answer = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), LONGEST))
    if answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
        raise RuntimeError(f"The page {name!r} ended with {answer.script_finished}.")
    return time.perf_counter() - started
