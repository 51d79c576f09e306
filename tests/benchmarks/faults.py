"""What goes wrong on purpose while people draw, and whether anything of what they drew is lost.

    python tests/benchmarks/faults.py [--rounds 10] [--people 5] [--seed 0] [--cut 180] [--at-once 2]
        [--faults server socket ...] [--json OUT]

Each round starts a server, lets people draw, does one of these at a random moment, and lets them draw on; the pads keep
what is not acknowledged and send it again, as those in a browser do:

server      the server is killed (SIGKILL) and started again on the same database and port
scheduler   one of the processes that train is killed (SIGKILL) while a network trains: Dask's scheduler, the nanny that
nanny       watches the worker, the worker, or all at once (`training`); the page must say so, and the next training
worker      must work
training
socket      each connection is cut, once or several times, without a goodbye
cut         all connections are cut at once, for --cut seconds: longer than Streamlit keeps a session
browser     the same for one person in a real browser (Chromium), who writes on meanwhile
windows     each person draws in two windows at once
readonly    the database may not be written to for some seconds; the page must say so
lock        another process holds the database's write lock for some seconds
full        no file of the server may grow for some seconds: a full disk
clock       the browsers' clocks are set back by an hour

After each round: every event that was acknowledged is in the database, once, as it was sent; nothing was stored that
was not sent; saved sheets have a drawing for each filled cell, with the strokes that were sent for it and its label; no
prompt was drawn on two sheets and no sheet written on by two windows; each run has its model; SQLite finds the file
sound; nobody waits for anything; no process of the server is left; and a new server opens every page without an
exception.

Without --rounds the rounds are 50, more of what happens more often.
"""

import argparse
import asyncio
import json
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.drawings import read_drawings
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.benchmarks.drawers import Person, Session, elements
from tests.benchmarks.load import PAGES, TRAINING, all_draw, compare_with_database, name_of, open_pages, visit
from tests.browser.page_objects import SheetPad
from tests.browser.server import database_in, end_server, read_only_while, start_server
from tests.browser.waiting import SOCKETS
from tests.helpers import human_strokes

ROUNDS = {"server": 8, "scheduler": 4, "nanny": 4, "worker": 4, "training": 2, "socket": 6, "cut": 1, "browser": 1}
ROUNDS |= {"windows": 5, "readonly": 5, "lock": 3, "full": 4, "clock": 3}  # 50 in all
FAULTS = tuple(ROUNDS)
KILLED = {"scheduler": "distributed.Scheduler", "nanny": "distributed.Nanny", "worker": "multiprocessing.spawn"}
LOST = ("The worker process ended", "The connection to the scheduler was lost")  # what a page says of a training
LASTS = 10.0  # s of drawing in a round
PACE = 0.4  # s from stroke to stroke: the more under way, the more can be lost
CUT = 180.0  # s; Streamlit keeps a session for two minutes
OPENED = ("home", "my digits", "compare: Methods", "train on yours", "draw a batch")  # after each round
READ_ONLY = "a readonly database"  # what SQLite says, and the page with it


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="of each fault")
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cut", type=float, default=CUT, help="seconds of the long cut")
    parser.add_argument("--at-once", type=int, default=2, help="rounds side by side, each with a server of its own")
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=FAULTS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    began, rounds = time.monotonic(), {}
    with ProcessPoolExecutor(options.at_once) as pool:
        # The long one first: the others run beside it.
        for fault in sorted(options.faults, key=lambda fault: fault not in ("cut", "browser")):
            number = options.rounds or ROUNDS[fault]
            rounds[fault] = [
                pool.submit(round_in_folder, fault, options.people, options.seed + turn, options.cut)
                for turn in range(number)
            ]
        rows = [row_of(fault, [each.result() for each in rounds[fault]]) for fault in options.faults]
    print("| fault | rounds | strokes | acknowledged before it ended | sent again | wrong | not stored in the end |")
    for row in rows:
        print(
            f"| {row['fault']} | {row['rounds']} | {row['strokes']} | {row['acknowledged']} | {row['resent']} "
            f"| {len(row['wrong'])} | {row['waiting']} |",
            flush=True,
        )
        for text in row["wrong"][:5]:
            print("   ", text)
    print(f"{sum(row['rounds'] for row in rows)} rounds in {time.monotonic() - began:.0f} s")
    if options.json:
        options.json.write_text(json.dumps({"faults": rows}, indent=1) + "\n")


def row_of(fault, rounds):
    names = ("strokes", "acknowledged", "resent", "waiting")
    total = {name: sum(each[name] for each in rounds) for name in names}
    return {
        "fault": fault,
        "rounds": len(rounds),
        **total,
        "wrong": [text for each in rounds for text in each["wrong"]],
    }


def round_in_folder(fault, people, seed, cut):
    with tempfile.TemporaryDirectory() as folder:
        if fault == "browser":
            result = one_round_in_browser(Path(folder), seed, cut)
        else:
            result = one_round(Path(folder), [fault], people, seed, cut=cut)
    print(f"{fault}, seed {seed}: {result}", file=sys.stderr, flush=True)
    return result


def one_round(folder, faults, people, seed, *, lasts=LASTS, cut=CUT):
    """Draw, break one thing after the other, draw on; returns what was sent and, in words, what is wrong in the end."""
    named = " and ".join(faults)
    rng, store = random.Random(f"{named}{seed}"), Store(database_in(folder))
    for number in range(people):
        start_batch(store, add_writer(store, name_of(number)), "full", balanced_labels(20, number), number)
    place = Place(folder, store, faults, cut)
    try:
        asyncio.run(open_pages(place.server.url, train=False))
        drawers = [
            Person(f"writer={name_of(number)}&batch_kind=To train on", lasts, number, PACE, window)
            for number in range(people)
            for window in range(1 + ("windows" in faults))
        ]
        asyncio.run(draw_and_break(place, drawers, rng, lasts))
        place.look_closer(drawers)
    finally:
        place.note_processes()
        end_server(place.server)
    wrong = [f"{person.query}: {person.failed}" for person in drawers if person.failed]
    wrong += place.wrong + place.find_left()
    wrong += compare_with_database(store, drawers) + find_mixed(store, drawers) + is_sound(folder) + opens(folder)
    store.close()
    return {
        "strokes": sum(len(person.strokes) for person in drawers),
        "acknowledged": sum(len(person.waits) for person in drawers),
        "resent": sum(person.resent for person in drawers),
        "waiting": sum(len(person.strokes) - len(person.waits) for person in drawers),
        "wrong": [f"{named}, seed {seed}: {text}" for text in wrong],
    }


def one_round_in_browser(folder, seed, cut):
    """What a person at a browser sees of a long cut in mid-sheet, and what of it is stored."""
    from playwright.sync_api import sync_playwright

    store, wrong, sent = Store(database_in(folder)), [], Counter()
    batch_id = start_batch(store, add_writer(store, "you"), "full", balanced_labels(2, seed), seed)
    server = start_server("app.py", folder)

    def expect(condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                wrong.append(f"browser, seed {seed}: {what}")
                return
            page.wait_for_timeout(100)

    def write(pad, *cells):
        for cell in cells:
            sent[cell] += len(pad.digit(cell, human_strokes()))

    def stored():
        return {drawing.position: len(drawing.strokes) for drawing in read_drawings(store, [batch_id])}

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            page.add_init_script(SOCKETS)
            page.goto(f"{server.url}/draw_batch?batch_cells=10")
            pad = SheetPad(page)
            write(pad, 0, 1, 2)
            expect(lambda: page.get_by_text("Saved", exact=True).is_visible(), "the pad did not say that it is saved")
            page.evaluate("cutNow()")
            write(pad, *range(3, 9))
            expect(lambda: page.get_by_text("strokes waiting, kept").is_visible(), "the pad did not say that it waits")
            page.wait_for_timeout(1000 * cut)
            page.evaluate("window.cut = false")
            expect(lambda: page.get_by_text("Saved", exact=True).is_visible(), "what waited did not arrive")
            write(SheetPad(page), 9)  # it saves itself
            expect(lambda: stored() == dict(sent), f"stored is not what was written: {sent}")
            (labels,) = [batch.labels for batch in read_batches(store)]
            SheetPad(page).expect_blank(labels[10:])
            browser.close()
    finally:
        end_server(server)
    wrong += is_sound(folder) + opens(folder)
    told = sum(stored().values())
    store.close()
    return {"strokes": sum(sent.values()), "acknowledged": told, "resent": 0, "waiting": 0, "wrong": wrong}


class Place:
    """A server that can be started again where it was; `wrong` says what it should not have done."""

    def __init__(self, folder, store, faults, cut):
        self.folder, self.store, self.faults, self.cut = folder, store, faults, cut
        self.read_only = folder / "read-only"  # while this file is there
        self.server, self.wrong, self._processes = None, [], set()
        self.start()

    def start(self, port=None):
        more = read_only_while(self.read_only) if "readonly" in self.faults else {}
        self.server = start_server("app.py", self.folder, port, PYTHONFAULTHANDLER="1", **more)

    def start_again(self):
        self.start(int(self.server.url.rpartition(":")[2]))

    def look_closer(self, drawers):
        """Where strokes were never acknowledged: what was said to whom, and what each thread of the server does."""
        if all(len(person.strokes) == len(person.waits) for person in drawers):
            return
        self.note_processes()
        self.server.process.send_signal(signal.SIGABRT)
        self.server.process.wait()
        told = sorted(set().union(*(person.told for person in drawers)))
        self.wrong.append(f"not all was acknowledged; the pages said {told}")
        print(f"{self.faults}:\n{self.server.log()[-20_000:]}", file=sys.stderr, flush=True)

    def children(self):
        return psutil.Process(self.server.process.pid).children(recursive=True)

    def note_processes(self):
        with suppress(psutil.NoSuchProcess):
            self._processes |= set(self.children())

    def find_left(self):
        """Processes of the server that have not ended with it."""
        _, left = psutil.wait_procs(self._processes, timeout=20)
        return [f"a process is left: {process}" for process in left]


async def draw_and_break(place, drawers, rng, lasts):
    trains = not {*KILLED, "training"}.isdisjoint(place.faults)
    over = asyncio.Event()
    job_id = await begin_training(place, TRAINING) if trains else ""
    if trains:
        await until_it_runs(place, job_id)

    async def break_it():
        while not all(person.opened or person.failed for person in drawers):
            await asyncio.sleep(0.05)
        for fault in place.faults:
            await asyncio.sleep(rng.uniform(0.2, 0.8) * lasts)
            await BREAK[fault](place, drawers, rng)
        await asyncio.sleep(0.2 * lasts)
        over.set()
        if trains:
            await expect_told(place, job_id)

    for person in drawers:
        person.draws_on = lambda: not over.is_set()
        person.stays = lambda: not all(each.over for each in drawers)  # what it has in hand is not for the other window
    await asyncio.gather(all_draw(drawers, place.server.url, PACE), break_it())
    if trains:
        await expect_another(place)


async def kill_server(place, _drawers, rng):
    place.note_processes()
    place.server.process.kill()
    place.server.process.wait()
    await asyncio.sleep(rng.uniform(0, 1))
    await asyncio.to_thread(place.start_again)


async def kill_one(place, _drawers, _rng):
    """Of the processes that train the one that a fault names, as soon as it is there."""
    (fault,) = KILLED.keys() & place.faults
    place.note_processes()
    for _ in range(300):
        for child in place.children():
            with suppress(psutil.NoSuchProcess):
                if KILLED[fault] in " ".join(child.cmdline()):
                    child.kill()
                    return
        await asyncio.sleep(0.1)
    place.wrong.append(f"there was no {fault} to kill")


async def kill_all(place, _drawers, rng):
    children = place.children()
    place.note_processes()
    for child in rng.sample(children, len(children)):
        with suppress(psutil.NoSuchProcess):
            child.send_signal(signal.SIGKILL)


async def cut_sockets(_place, drawers, rng):
    for _ in range(rng.randint(1, 4)):
        for person in drawers:
            await person.cut()
            await asyncio.sleep(rng.uniform(0, 0.2))


async def cut_for_long(place, drawers, _rng):
    await asyncio.gather(*(person.cut(place.cut) for person in drawers))


async def break_nothing(_place, _drawers, _rng):
    """Two windows are enough."""


async def make_read_only(place, drawers, rng):
    before = [len(person.sent) for person in drawers]
    place.read_only.touch()
    await asyncio.sleep(rng.uniform(2, 4))

    def untold():  # of those who have drawn since
        drew = [person for person, count in zip(drawers, before, strict=True) if len(person.sent) > count]
        return [person.query for person in drew if not any(READ_ONLY in text for text in person.told)]

    for _ in range(200):  # a busy server takes its time
        if not untold():
            break
        await asyncio.sleep(0.1)
    place.read_only.unlink()
    place.wrong += [f"{query} was not told that the database is read-only" for query in untold()]


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
    "scheduler": kill_one,
    "nanny": kill_one,
    "worker": kill_one,
    "training": kill_all,
    "socket": cut_sockets,
    "cut": cut_for_long,
    "windows": break_nothing,
    "readonly": make_read_only,
    "lock": hold_lock,
    "full": fill_disk,
    "clock": set_clocks_back,
}


# Trainings


async def begin_training(place, query):
    """Click on Train; returns the job's id, which the link then has."""
    async with Session(place.server.url) as session:
        heard = await session.open("dense", query)
        (button,) = [each for each in elements(heard, "button") if each.id.endswith("-dense_start")]
        await session.ask("dense", query, **{button.id: ("trigger_value", True)})
        while True:
            message = await asyncio.wait_for(session.hear(), 60)
            if message.WhichOneof("type") == "page_info_changed":
                link = parse_qs(message.page_info_changed.query_string)
                if "job" in link:
                    return link["job"][0]


async def until_it_runs(place, job_id):
    for _ in range(300):
        async with Session(place.server.url) as session:
            said = [bar.text for bar in elements(await session.open("dense", f"job={job_id}"), "progress")]
        if said and not said[0].startswith("Waiting"):
            return
        await asyncio.sleep(0.2)
    place.wrong.append(f"the training did not begin: {said}")


async def expect_told(place, job_id):
    """The page says that the training has ended, and why."""
    for _ in range(100):
        async with Session(place.server.url) as session:
            said = [alert.body for alert in elements(await session.open("dense", f"job={job_id}"), "alert")]
        if any(text in body for text in LOST for body in said):
            return
        await asyncio.sleep(0.2)
    place.wrong.append(f"the page did not say that the training has ended: {said}")


async def expect_another(place):
    """A training that is started now is stored as a run, with its model."""
    await begin_training(place, "dense_epochs=1&dense_train_share=1%25")
    for _ in range(600):
        if read_runs(place.store):
            return
        await asyncio.sleep(0.2)
    place.wrong.append("the next training was not stored")


# What is wrong


def find_mixed(store, drawers):
    """Drawings that are not as they were drawn, prompts on two sheets, sheets of two windows."""
    cells, wrong = Counter(), []  # strokes by sheet and cell
    windows = {}
    for person in drawers:
        for sheet, client, number in person.sent:
            event = person.sent[sheet, client, number]
            if event["type"] == "stroke":
                cells[sheet, event["cell"]] += 1
                windows.setdefault(sheet, set()).add((person.number, person.window))
    wrong += [
        f"sheet {sheet} was written on in {len(each)} windows" for sheet, each in windows.items() if len(each) > 1
    ]
    with store.read() as connection:
        found = connection.exec_driver_sql(
            "SELECT id, batch_id, positions FROM sheets WHERE saved_at IS NOT NULL"
        ).all()
    sent = Counter()
    for sheet, batch_id, positions in found:
        for cell, position in enumerate(json.loads(positions)):
            if cells[sheet, cell]:
                wrong += [f"prompt {position} of batch {batch_id} is on two sheets"] * bool(sent[batch_id, position])
                sent[batch_id, position] = cells[sheet, cell]
    labels = {batch.id: batch.labels for batch in read_batches(store)}
    for drawing in read_drawings(store, list(labels)):
        place = drawing.batch_id, drawing.position
        if len(drawing.strokes) != sent[place]:
            wrong.append(f"drawing {drawing.id} has {len(drawing.strokes)} strokes of {sent[place]}")
        if drawing.label != labels[drawing.batch_id][drawing.position]:
            wrong.append(f"drawing {drawing.id} has another label than its prompt")
    return wrong


def is_sound(folder):
    without_model = "SELECT count(*) FROM runs WHERE id NOT IN (SELECT run_id FROM model_files)"
    late = "SELECT count(*) FROM drawings WHERE seconds < 0 OR think_seconds < 0 OR draw_seconds < 0"
    with sqlite3.connect(folder / "digitlab.db") as database:
        found = [text for (text,) in database.execute("PRAGMA integrity_check") if text != "ok"]
        found += [f"a row without its owner: {row}" for row in database.execute("PRAGMA foreign_key_check")]
        (negative,), (half,) = database.execute(late).fetchone(), database.execute(without_model).fetchone()
    database.close()
    found += [f"{negative} drawings took less than no time"] * bool(negative)
    return found + [f"{half} runs have no model"] * bool(half)


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
