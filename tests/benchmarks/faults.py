"""What goes wrong on purpose while people draw, and whether anything of what they drew is lost.

    python tests/benchmarks/faults.py [--rounds 10] [--people 5] [--seed 0] [--faults server socket ...] [--json OUT]

Each round starts a server, lets people draw, does one of these at a random moment, and lets them draw on; the pads keep
what is not acknowledged and send it again, as those in a browser do:

server   the server is killed (SIGKILL) and started again on the same database and port
worker   the processes that train are killed (SIGKILL) while they train
socket   each connection is cut, once or several times, without a goodbye
lock     another process holds the database's write lock for some seconds
full     no file of the server may grow for some seconds: a full disk
clock    the browsers' clocks are set back by an hour

After each round: every event that was acknowledged is in the database, once, as it was sent; nothing was stored that
was not sent; saved sheets have a drawing for each filled cell; SQLite finds the file sound; nobody waits for anything;
and a new server opens every page without an exception.
"""

import argparse
import asyncio
import json
import random
import signal
import sqlite3
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from digitlab.storage.batches import balanced_labels, start_batch
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.benchmarks.drawers import Person
from tests.benchmarks.load import PAGES, all_draw, compare_with_database, name_of, open_pages, visit
from tests.browser.server import database_in, end_server, start_server

FAULTS = ("server", "worker", "socket", "lock", "full", "clock")
LASTS = 12.0  # s of drawing in a round
PACE = 0.4  # s from stroke to stroke: the more under way, the more can be lost
OPENED = ("home", "my digits", "compare: Methods", "train on yours", "draw a batch")  # after each round


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="of each fault")
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=FAULTS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    print("| fault | rounds | strokes | acknowledged before it ended | sent again | wrong | not stored in the end |")
    for fault in options.faults:
        rounds = []
        for number in range(options.rounds):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(one_round(Path(folder), fault, options.people, options.seed + number))
        wrong = [text for each in rounds for text in each["wrong"]]
        total = {name: sum(each[name] for each in rounds) for name in ("strokes", "acknowledged", "resent", "waiting")}
        rows.append({"fault": fault, "rounds": len(rounds), **total, "wrong": wrong})
        print(
            f"| {fault} | {len(rounds)} | {total['strokes']} | {total['acknowledged']} | {total['resent']} "
            f"| {len(wrong)} | {total['waiting']} |",
            flush=True,
        )
        for text in wrong[:5]:
            print("   ", text)
    if options.json:
        options.json.write_text(json.dumps({"faults": rows}, indent=1) + "\n")


def one_round(folder, fault, people, seed, lasts=LASTS):
    """Draw, break something, draw on; returns what was sent and what is wrong in the end, in words."""
    rng, store = random.Random(f"{fault}{seed}"), Store(database_in(folder))
    for number in range(people):
        start_batch(store, add_writer(store, name_of(number)), "full", balanced_labels(20, number), number)
    place = Place(folder, store)
    try:
        asyncio.run(open_pages(place.server.url, train=fault == "worker"))
        drawers = [
            Person(f"writer={name_of(number)}&batch_kind=To train on", lasts, number, PACE) for number in range(people)
        ]
        asyncio.run(draw_and_break(place, drawers, fault, rng, lasts))
    finally:
        end_server(place.server)
    wrong = [f"{person.query}: {person.failed}" for person in drawers if person.failed]
    wrong += compare_with_database(store, drawers) + is_sound(folder) + opens(folder)
    store.close()
    return {
        "strokes": sum(len(person.strokes) for person in drawers),
        "acknowledged": sum(len(person.waits) for person in drawers),
        "resent": sum(person.resent for person in drawers),
        "waiting": sum(len(person.strokes) - len(person.waits) for person in drawers),
        "wrong": [f"{fault}, seed {seed}: {text}" for text in wrong],
    }


class Place:
    """A server that can be started again where it was."""

    def __init__(self, folder, store):
        self.folder, self.store, self.server = folder, store, start_server("app.py", folder)

    def start_again(self):
        port = int(self.server.url.rpartition(":")[2])
        self.server = start_server("app.py", self.folder, port)


async def draw_and_break(place, drawers, fault, rng, lasts):
    async def break_it():
        while not all(person.opened or person.failed for person in drawers):
            await asyncio.sleep(0.05)
        await asyncio.sleep(rng.uniform(0.2, 0.8) * lasts)
        await BREAK[fault](place, drawers, rng)

    await asyncio.gather(all_draw(drawers, place.server.url, PACE), break_it())


async def kill_server(place, _drawers, rng):
    place.server.process.kill()
    place.server.process.wait()
    await asyncio.sleep(rng.uniform(0, 1))
    await asyncio.to_thread(place.start_again)


async def kill_workers(place, _drawers, rng):
    children = psutil.Process(place.server.process.pid).children(recursive=True)
    for child in rng.sample(children, len(children)):
        with suppress(psutil.NoSuchProcess):
            child.send_signal(signal.SIGKILL)


async def cut_sockets(_place, drawers, rng):
    for _ in range(rng.randint(1, 4)):
        for person in drawers:
            await person.cut()
            await asyncio.sleep(rng.uniform(0, 0.2))


async def hold_lock(place, _drawers, rng):
    with sqlite3.connect(place.folder / "digitlab.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(rng.uniform(1, 5))
        other.execute("ROLLBACK")
    other.close()


async def fill_disk(place, _drawers, rng):
    server = psutil.Process(place.server.process.pid)
    before = server.rlimit(psutil.RLIMIT_FSIZE)
    # Also of what is written already: the database is larger than this.
    server.rlimit(psutil.RLIMIT_FSIZE, (4096, before[1]))
    await asyncio.sleep(rng.uniform(1, 4))
    server.rlimit(psutil.RLIMIT_FSIZE, before)


async def set_clocks_back(_place, drawers, _rng):
    for person in drawers:
        person.clock -= 3600


BREAK = {
    "server": kill_server,
    "worker": kill_workers,
    "socket": cut_sockets,
    "lock": hold_lock,
    "full": fill_disk,
    "clock": set_clocks_back,
}


def is_sound(folder):
    with sqlite3.connect(folder / "digitlab.db") as database:
        found = [text for (text,) in database.execute("PRAGMA integrity_check") if text != "ok"]
        found += [f"a row without its owner: {row}" for row in database.execute("PRAGMA foreign_key_check")]
        late = "SELECT count(*) FROM drawings WHERE seconds < 0 OR think_seconds < 0 OR draw_seconds < 0"
        (negative,) = database.execute(late).fetchone()
    database.close()
    return found + [f"{negative} drawings took less than no time"] * bool(negative)


def opens(folder):
    """What a new server on the same database complains about."""
    server, found = start_server("app.py", folder), []
    try:
        for name in OPENED:
            page, query = PAGES[name]
            found += [f"{name}: {text}" for text in asyncio.run(visit(server.url, page, query))["exceptions"]]
    finally:
        end_server(server)
    return found


if __name__ == "__main__":
    main()
