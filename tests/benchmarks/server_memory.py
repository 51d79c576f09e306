"""How much memory the server takes, without a browser: by page, for each further visitor, and once they are gone.

    python tests/benchmarks/server_memory.py [--visitors 20] [--wait 130] [--json OUT]

The database is there already and empty; making it costs 11 MB more. Measured, resident MB of the Streamlit process
(1 MB = 1,000,000 bytes):

started         before anybody came
by page         how much more it is after the first visit to each page, and in all after all of them
a visitor       growth by each of so many who open all pages and stay
gone            what is left of that growth `--wait` seconds after all have left: Streamlit keeps a visitor's state for
                two minutes, for a connection that only broke
again           the same after as many others have come and gone
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from digitlab.storage.store import Store
from tests.benchmarks.drawers import Session
from tests.benchmarks.visitors import PAGES
from tests.browser.server import database_in, end_server, start_server


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--wait", type=float, default=130)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Store(database_in(Path(folder))).close()
        server = start_server("app.py", Path(folder))
        try:
            result = asyncio.run(measure(server, options.visitors, options.wait))
        finally:
            end_server(server)
    for name, value in result.items():
        print(f"{name:45} {value}")
    if options.json:
        options.json.write_text(json.dumps({"server_memory": result}) + "\n")


async def measure(server, visitors, wait):
    process = psutil.Process(server.process.pid)
    result = {"started, MB": megabytes(process)}
    before = result["started, MB"]
    async with Session(server.url) as session:
        for name in PAGES:
            await session.open(name)
            now = megabytes(process)
            result[f"more after {name or 'home'}, MB"] = round(now - before, 1)
            before = now
        for name in PAGES:
            await session.open(name)
    result["all pages visited, MB"] = before = megabytes(process)
    result["a visitor, MB"] = round((await come(server, process, visitors) - before) / visitors, 2)
    result |= {"gone, MB more than before": round(await left(server, process, wait) - before, 1)}
    if wait:
        await come(server, process, visitors)
        result["again, MB more than before"] = round(await left(server, process, wait) - before, 1)
    return result


async def come(server, process, visitors):
    """Let so many open all pages and stay; return the server's memory while all are there."""
    async with AsyncExitStack() as stack:
        for _ in range(visitors):
            session = await stack.enter_async_context(Session(server.url))
            for name in PAGES:
                await session.open(name)
        return megabytes(process)


async def left(server, process, wait):
    """Return the server's memory some time after all have left; only a next visitor makes Streamlit forget them."""
    time.sleep(wait)
    async with Session(server.url) as session:
        await session.open("")
    return megabytes(process)


def megabytes(process):
    return round(process.memory_info().rss / 1e6, 1)


if __name__ == "__main__":
    main()
