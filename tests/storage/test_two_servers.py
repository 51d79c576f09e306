"""Two servers and two workers on one database, each a process of its own: nothing lost, nothing twice, one truth."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.storage.runs import read_runs
from digitlab.storage.sheets import load_sheet
from digitlab.storage.store import Store
from digitlab.storage.versions import batches_version, runs_version
from digitlab.storage.writers import read_writers
from tests.storage.pads import begun_sheet, counts, new_batch

ROOT = Path(__file__).parents[2]
DRAWN = 20  # prompts of each process
PROGRAM = """
import sys
import numpy as np
from digitlab.storage.batches import start_batch
from digitlab.storage.drawing_records import PromptTakenError
from digitlab.storage.drawings import save_drawing
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import load_sheet
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.helpers import a_run, add_run
from tests.storage.pads import Pad

url, number, shared, drawn = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
store = Store(url)
shared_sheet = int(sys.argv[5])
print("ready", flush=True)
sys.stdin.readline()
writer = add_writer(store, "Same")
batch = start_batch(store, writer, "full", [number] * drawn, number)
taken = 0
for position in range(drawn):
    save_drawing(store, (batch, position), [np.ones((2, 2))], np.full((28, 28), number, np.uint8), 1)
    try:
        save_drawing(store, (shared, position), [np.ones((2, 2))], np.full((28, 28), number, np.uint8), 1)
    except PromptTakenError:
        taken += 1
    store_message(store, Pad(load_sheet(store, shared_sheet), f"client{number}").digit(position % 5, 3).message())
    add_run(store, a_run(f"dense-{number}-{position}"))
print(taken, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("processes", [4])
def test_four_processes_write_at_once(store, url, processes):
    sheet_of = new_batch(store, "Ana", per_digit=5)
    shared = new_batch(store, "Bo", per_digit=DRAWN // 10)
    sheet = begun_sheet(store, sheet_of, 10)
    seen = batches_version(store), runs_version(store)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, str(number), str(shared.id), str(DRAWN), str(sheet.id)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    taken = [int(process.communicate(timeout=240)[0]) for process in running]
    assert [process.returncode for process in running] == [0] * processes
    other = Store(url)
    for each in (store, other):
        assert list(read_writers(each).values()).count("Same") == 1, "one writer of a name"
        batches = [batch for batch in read_batches(each) if batch.writer == "Same"]
        assert len({batch.id for batch in batches}) == processes
        for batch in batches:
            drawn = read_drawings(each, [batch.id])
            assert [drawing.position for drawing in drawn] == list(range(DRAWN))
            assert {int(drawing.digit[0, 0]) for drawing in drawn} == {batch.seed}, "nothing is mixed up"
        assert sum(taken) == (processes - 1) * DRAWN, "a prompt is taken by one alone"
        assert len(read_drawings(each, [shared.id])) == DRAWN
        assert len(read_runs(each)) == processes * DRAWN
        assert not any(run.model_missing for run in read_runs(each))
        assert set(load_sheet(each, sheet.id).acknowledged) == {f"client{number}" for number in range(processes)}
    assert counts(store) == counts(other)
    assert (batches_version(store), runs_version(store)) == (batches_version(other), runs_version(other))
    assert batches_version(store) != seen[0]
    assert runs_version(store) != seen[1]
    other.close()
