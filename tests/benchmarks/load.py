"""How many people one server carries, and what becomes slow when much is stored: real server, Streamlit's own protocol.

    python tests/benchmarks/load.py [--people 5 10 30 60] [--seconds 40] [--training] [--json OUT]
    python tests/benchmarks/load.py --drawings 100000 [--runs 500] [--folder FOLDER] [--json OUT]

The first draws: so many people write sheets of twenty digits at the pace of a hand (a stroke every 1.2 s; strokes of
tests/browser/digits.json), each in a batch of their own. Measured:

acknowledged    from a stroke sent until the page says that it is on disk, ms: p50, p95, p99
next sheet      from Save until the next sheet is there, ms
failed          people who got no sheet, no next sheet or an exception
server, worker  share of a processor, of the time; others: of all else on this machine
MB a person     growth of the server's memory by the number of people

and in the end the database is compared with what was sent: every acknowledged event is there, once, as it was sent, in
a batch of the person who sent it; nothing else is there; saved sheets have a drawing for each filled cell.

The second fills a database with drawings of 50 writers (--folder keeps it for the next time) and visits each page three
times in new sessions, the third time after somebody has drawn: seconds until the page is there, in brackets those of
the server's processor, MB sent, MB of memory.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import psutil
import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.benchmarks import class_data
from tests.benchmarks.drawers import Person, Session, elements
from tests.browser.server import database_in, end_server, start_server
from tests.storage.pads import Pad

TRAINING = "dense_epochs=100"  # minutes
PAGES = {
    "home": ("", ""),
    "my digits": ("my_digits", ""),
    "my digits: By digit": ("my_digits", "my_tab=By digit"),
    "my digits: Time": ("my_digits", "my_tab=Time"),
    **{
        f"compare: {tab}": ("compare", f"compare_tab={tab}")
        for tab in ("Methods", "Learning curve", "Report", "Who reads whom")
    },
    "compare: Two runs": ("compare", "compare_tab=Who reads whom&compare_readers=Two runs"),
    **{f"compare: {choice}": ("compare", f"compare_methods={choice}") for choice in ("Each digit", "Cost", "Training")},
    "train on yours": ("retrain", ""),
    "train on yours: all": ("retrain", "retrain_what=All drawings"),
    "draw one": ("draw_one", "writer=writer07"),
    "draw a batch": ("draw_batch", "writer=writer07"),
    "dense": ("dense", ""),
    "guess": ("baseline", ""),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[5, 10, 30, 60])
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--training", action="store_true", help="while a network trains")
    parser.add_argument("--drawings", type=int, help="visit all pages with so many drawings instead")
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--folder", type=Path, help="of the filled database")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.drawings:
        result = {"pages": measure_pages(options.drawings, options.runs, options.folder)}
        print_pages(result["pages"])
    else:
        result = {"load": []}
        for people in options.people:
            with tempfile.TemporaryDirectory() as folder:
                result["load"].append(measure_load(Path(folder), people, options.seconds, training=options.training))
            print_load(result["load"][-1], first=len(result["load"]) == 1)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


def measure_load(folder, people, seconds, *, pace=1.2, training=False):
    """Let people draw; returns the figures, with what is wrong in the database under `wrong`."""
    store = Store(database_in(folder))
    for number in range(people):
        labels = balanced_labels(20, number)
        start_batch(store, add_writer(store, name_of(number)), "full", labels, number)
    server = start_server("app.py", folder)
    try:
        asyncio.run(open_pages(server.url, train=training))
        meter = Meter(server.process.pid)
        drawers = [
            Person(f"writer={name_of(number)}&batch_kind=To train on", seconds, number, pace)
            for number in range(people)
        ]
        asyncio.run(all_draw(drawers, server.url, pace))
        figures = meter.figures()
    finally:
        end_server(server)
    waits = 1000 * np.array([wait for person in drawers for wait in person.waits])
    saves = 1000 * np.array([wait for person in drawers for wait in person.saves])
    result = {
        "people": people,
        "training": training,
        "strokes": sum(len(person.strokes) for person in drawers),
        "acknowledged": len(waits),
        **{f"p{share}": percentile(waits, share) for share in (50, 95, 99, 100)},
        "sheets": len(saves),
        **{f"next_p{share}": percentile(saves, share) for share in (50, 95, 100)},
        "opened": max((person.opened for person in drawers if person.opened), default=None),
        "resent": sum(person.resent for person in drawers),
        "failed": [person.failed for person in drawers if person.failed],
        **figures,
        "mb_a_person": round((figures["mb"] - figures["mb_before"]) / people, 2),
        "wrong": compare_with_database(store, drawers),
    }
    store.close()
    return result


async def all_draw(drawers, url, pace):
    async def draw(person):
        await asyncio.sleep(person.number % 20 * pace / 20)  # not all in the same moment
        await person.draw(url)

    await asyncio.gather(*map(draw, drawers))


async def open_pages(url, *, train):
    """Visit some pages, so that what is loaded once is loaded; start a long training if asked to."""
    async with Session(url) as session:
        await session.open("draw_batch", "writer=nobody")
        heard = await session.open("dense", TRAINING)
        if train:
            (button,) = [each for each in elements(heard, "button") if each.id.endswith("-dense_start")]
            await session.ask("dense", TRAINING, **{button.id: ("trigger_value", True)})
            await asyncio.sleep(8)  # the worker loads TensorFlow and begins


class Meter:
    """Processor time and memory of the server and its worker, from now until the figures are asked for."""

    def __init__(self, pid):
        self._server, self._began = psutil.Process(pid), time.monotonic()
        self._before, self._busy = self._used(), self._all_busy()
        self._mb_before = self._most = self._megabytes()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def figures(self):
        self._ended.set()
        lasted, used = time.monotonic() - self._began, self._used()
        server, workers, me = (after - before for after, before in zip(used, self._before, strict=True))
        busy = self._all_busy() - self._busy
        return {
            "server": round(server / lasted, 2),
            "worker": round(workers / lasted, 2),
            "others": round(max(0.0, busy - server - workers - me) / lasted, 2),
            "mb_before": self._mb_before,
            "mb": self._most,
        }

    def _watch(self):
        while not self._ended.wait(0.5):
            self._most = max(self._most, self._megabytes())

    def _megabytes(self):
        return round(self._server.memory_info().rss / 2**20)

    def _used(self):
        times = [sum(self._server.cpu_times()[:2]), 0.0, sum(psutil.Process(os.getpid()).cpu_times()[:2])]
        for child in self._server.children(recursive=True):
            try:
                times[1] += sum(child.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        return times

    @staticmethod
    def _all_busy():
        times = psutil.cpu_times()
        return sum(times) - times.idle - times.iowait - getattr(times, "guest", 0)


def compare_with_database(store, drawers):
    """What is not as it was sent and acknowledged, in words; nothing if all is right."""
    wrong = []
    sent = {key: (person, event) for person in drawers for key, event in person.sent.items()}
    acknowledged = {key for person in drawers for key in person.acknowledged_at}
    sheets, events, batches, writers, drawings = (
        table.c for table in (schema.sheets, schema.pen_events, schema.batches, schema.writers, schema.drawings)
    )
    owner = sa.select(sheets.id, sheets.saved_at, sheets.positions, batches.id.label("batch"), writers.name)
    owner = owner.join(schema.batches, batches.id == sheets.batch_id)
    owner = owner.join(schema.writers, writers.id == batches.writer_id)
    with store.read() as connection:
        owners = {row.id: row for row in connection.execute(owner)}
        stored = connection.execute(sa.select(schema.pen_events)).all()
        kept = connection.execute(sa.select(drawings.batch_id, drawings.position).where(drawings.deleted_at.is_(None)))
        drawn = set(map(tuple, kept))
        total = connection.execute(sa.select(sa.func.count()).select_from(schema.drawings)).scalar_one()
    keys = [(row.sheet_id, row.client, row.number) for row in stored]
    if len(set(keys)) != len(keys):
        wrong.append("an event is stored twice")
    wrong += [f"event {key} was acknowledged and is not there" for key in sorted(acknowledged - set(keys))]
    filled = {}
    for key, row in zip(keys, stored, strict=True):
        person, event = sent.get(key, (None, None))
        if person is None:
            wrong.append(f"event {key} was never sent")
        elif owners[row.sheet_id].name != name_of(person.number):
            wrong.append(f"event {key} is another writer's")
        elif json.loads(json.dumps(event)) != row.event:
            wrong.append(f"event {key} is not as it was sent")
        if row.event["type"] == "stroke":
            filled.setdefault(row.sheet_id, set()).add(row.event["cell"])
    expected = {
        (sheet.batch, sheet.positions[cell])
        for sheet in owners.values()
        if sheet.saved_at
        for cell in filled.get(sheet.id, ())
    }
    if expected != drawn or total != len(drawn):
        wrong.append(f"{len(expected)} cells of saved sheets are filled, {len(drawn)} of {total} drawings are kept")
    return wrong


def measure_pages(drawings, runs, folder):
    """Visit every page with much in the database."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = folder or Path(temporary)
        if not (folder / "digitlab.db").exists():
            folder.mkdir(exist_ok=True, parents=True)
            store = Store(database_in(folder))
            class_data.fill(store, drawings, runs)
            store.close()
        store = Store(database_in(folder))
        server = start_server("app.py", folder)
        try:
            visits, process = {}, psutil.Process(server.process.pid)
            for name, (page, query) in PAGES.items():
                visits[name] = {}
                for when in ("first", "second", "after somebody has drawn"):
                    if when == "after somebody has drawn":
                        draw_somewhere(store)
                    before = sum(process.cpu_times()[:2])
                    visits[name][when] = asyncio.run(visit(server.url, page, query))
                    visits[name][when]["processor"] = round(sum(process.cpu_times()[:2]) - before, 2)
                visits[name]["mb"] = round(process.memory_info().rss / 2**20)
                print(name, visits[name], file=sys.stderr)
            log = server.log()
        finally:
            end_server(server)
            store.close()
    return {"drawings": drawings, "visits": visits, "tracebacks": log.count("Traceback")}


async def visit(url, page, query):
    async with Session(url) as session:
        started = time.perf_counter()
        heard = await session.open(page, query)
        seconds = time.perf_counter() - started
        return {
            "seconds": round(seconds, 2),
            "mb_sent": round(session.received / 1e6, 2),
            "exceptions": [each.message for each in elements(heard, "exception")],
        }


def draw_somewhere(store):
    """Somebody else saves a sheet of two digits."""
    from digitlab.storage.sheet_saving import store_message
    from digitlab.storage.sheets import open_sheet

    batch_id = start_batch(store, add_writer(store, "writer11"), "full", [3, 7], 0)
    (batch,) = read_batches(store, batch_ids=[batch_id])
    store_message(store, Pad(open_sheet(store, batch, 2, 10.0)).digit(0).digit(1).tell("save").message())


def name_of(number):
    return f"person{number:02}"


def percentile(values, share):
    return round(float(np.percentile(values, share))) if len(values) else None


def print_load(row, *, first):
    if first:
        print(
            "| people | strokes, acknowledged | ms p50 / p95 / p99 / most | next sheet p50 / p95 / most (n) | resent "
            "| failed | server / worker / others | MB before, most, a person | wrong in the database |"
        )
    waits, saves = (" / ".join(str(row[f"{name}p{share}"]) for share in shares) for name, shares in _WAITS)
    used, memory = f"{row['server']} / {row['worker']} / {row['others']}", f"{row['mb_before']}, {row['mb']}"
    who = f"{row['people']}{' + training' if row['training'] else ''}"
    print(
        f"| {who} | {row['strokes']}, {row['acknowledged']} | {waits} | {saves} ({row['sheets']}) | {row['resent']} "
        f"| {len(row['failed'])} | {used} | {memory}, {row['mb_a_person']} | {len(row['wrong'])} |",
        flush=True,
    )
    for text in [*row["failed"][:3], *row["wrong"][:3]]:
        print("   ", text)


_WAITS = (("", (50, 95, 99, 100)), ("next_", (50, 95, 100)))


def print_pages(result):
    print(f"{result['drawings']:,} drawings, {result['tracebacks']} tracebacks in the log")
    print("| page | first, second, after somebody has drawn, s | MB sent | MB of memory after | exceptions |")
    for name, visit_of in result["visits"].items():
        whens = [visit_of[when] for when in ("first", "second", "after somebody has drawn")]
        seconds = ", ".join(f"{each['seconds']:.2f} ({each['processor']:.2f})" for each in whens)
        exceptions = [text for each in whens for text in each["exceptions"]]
        print(f"| {name} | {seconds} | {whens[1]['mb_sent']:.2f} | {visit_of['mb']} | {exceptions or 'none'} |")


if __name__ == "__main__":
    main()
