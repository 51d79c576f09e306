"""What the compare page says of an experiment that came in is what it says where it came from."""

import io

import numpy as np
import pytest

from digitlab.comparison import answer, cross_table, method_tables
from digitlab.comparison.method_results import method_results
from digitlab.comparison.own_tests import retest_on_own
from digitlab.comparison.runs import summary, unique_names
from digitlab.curve import points, writer_curves
from digitlab.curve.points import Curve
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats.experiment.read import read_experiment
from digitlab.formats.experiment.write import write_experiment
from digitlab.formats.parts import part_of_bytes
from digitlab.learning import baseline_runs, model_files
from digitlab.learning.evaluation import Predictor
from digitlab.learning.training_data import read_own_test_set
from digitlab.storage import curve_points, digit_sets
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import delete_drawings, save_drawing
from digitlab.storage.erasing import erase_person
from digitlab.storage.experiment.coming import store_experiment
from digitlab.storage.people import OWNER
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer, read_writers
from tests.helpers import a_run, add_run, human_strokes, reference_files
from tests.storage.people import TEST, fill


def draw(store, name, kind, seed, shift=0.0):
    batch_id = start_batch(store, add_writer(store, name), kind, range(10), seed)
    for label, drawn in human_strokes().items():
        strokes = [np.array(stroke, float) + shift * np.arange(len(stroke))[:, None] for stroke in drawn]
        drawing_id = save_drawing(store, (batch_id, label), strokes, strokes_to_digit(strokes), 1.5 + label)
        if label == 3 and kind == "full":
            delete_drawings(store, [drawing_id])
            save_drawing(store, (batch_id, label), strokes[:1], strokes_to_digit(strokes[:1]), 2.0)
    return batch_id


@pytest.fixture
def mine(tmp_path):
    """Somebody with a first sitting, a batch, own test digits, networks, a learning curve."""
    store = Store(f"sqlite:///{tmp_path / 'mine.db'}")
    gone, _ = fill(store, "Zoe")
    erase_person(store, gone.id, OWNER)  # so that no number is that of the row
    one, full, test = (draw(store, "Ana", kind, seed, seed / 10) for seed, kind in enumerate(("one", "full", "test")))
    files = reference_files()
    add_run(store, a_run("dense-1", right=0.97, name="Dense"), files)
    add_run(store, a_run("one-1", "one", right=0.5, minutes=1, drawings=10, batch_ids=[one]), files)
    for seed in range(2):
        run = a_run(f"full-{seed}", "full", right=0.6, minutes=3, drawings=20, batch_ids=[one, full], seed=seed)
        add_run(store, run, files)
    curve = Curve("", (one, full), (test,))
    data, own = points.load_drawings(store, curve), read_own_test_set(store, (test,))
    for n in points.train_sizes(len(data.labels)):
        for seed in range(curve.seeds):
            key = points.point_key(data, n, own, "dense")
            tests = {"mnist": TEST, "own": TEST}
            curve_points.add_point(store, key, seed, tests, 1.0 + seed, batch_ids=curve.all_batch_ids)
    yield store
    store.close()


@pytest.fixture
def theirs(tmp_path, mine):
    file = io.BytesIO()
    write_experiment(file, mine)
    store = Store(f"sqlite:///{tmp_path / 'theirs.db'}")
    store_experiment(store, *read_experiment(part_of_bytes("a.digitlab.zip", file.getvalue())))
    yield store
    store.close()


def page(store, writer="Ana"):
    """Everything that the page computes: headline, tables, the learning curve."""
    stored, batches, sets = read_runs(store), read_batches(store), digit_sets.digit_sets(store)

    def predictions(run_id, digits):
        predictor = Predictor(model_files.load_tflite(run_id, store), run_id)
        return predictor.predict(digits.images[:500]).argmax(axis=1) if digits.key != "mnist" else digits.labels

    runs = retest_on_own(unique_names([baseline_runs.guess(0), *stored]), batches, sets, predictions)
    results = method_results(runs)
    speakers = cross_table.speakers_by_training_data(runs, batches)
    curves = writer_curves.plan_curves(batches, writer, "")
    trained = points.read_points(store, curves.mine, curves.n_drawings)
    tables = [summary(runs), method_tables.table(results), method_tables.cost(results)]
    tables.append(cross_table.cross_table(speakers, runs, batches, sets, predictions))
    return {
        "answer": answer.tell(runs, read_writers(store).values(), "", ()),
        "tables": [frame.to_json() for frame in tables],
        "own": [run.tests["own"] for run in runs if "own" in run.tests],
        "points": trained,
        "seconds": points.cumulative_seconds(store, curves.mine.batch_ids).tolist(),
        "missing": [n for _, n in writer_curves.missing_of_mine(store, curves)],
        "sets": [(each.key, each.version) for each in sets[1:]],
    }


def test_the_compare_page_is_the_same(mine, theirs):
    assert [batch.id for batch in read_batches(theirs)] != [batch.id for batch in read_batches(mine)]
    here, there = page(mine), page(theirs)
    assert here["own"]
    assert here["points"]
    assert not here["missing"]
    assert here == there


def test_it_is_the_same_beside_another_persons(mine, tmp_path):
    """Whatever else is there: what is said of Ana's drawings and networks stays the same."""
    store = Store(f"sqlite:///{tmp_path / 'full.db'}")
    draw(store, "Bo", "full", 7, 0.3)
    file = io.BytesIO()
    write_experiment(file, mine)
    store_experiment(store, *read_experiment(part_of_bytes("a.digitlab.zip", file.getvalue())))
    here, there = page(mine), page(store)
    for part in ("points", "seconds", "missing", "own"):
        assert here[part] == there[part], part
    assert set(here["sets"]) < set(there["sets"])
    store.close()
