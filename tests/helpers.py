"""What several test modules share and no fixture is needed for."""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from digitlab.learning import model_files
from digitlab.learning.evaluation import evaluate
from digitlab.run import Epoch, Mistake, Run, TrainedOn, with_help
from digitlab.settings import Settings
from digitlab.storage import runs as stored_runs
from digitlab.storage import schema
from digitlab.storage.models import ModelFiles, insert_model


def canvas_value(strokes):
    """The state the canvas component would send after these strokes were drawn: [(x, y), ...] each, in pixels.

    In AppTest, after a run: ``at.session_state[at_canvas_key(at, "pad")] = canvas_value(strokes)``, then ``at.run()``.
    """
    return {"drawing": {"raw": fabric_json(strokes), "data": None}, "backgroundFit": None}


def fabric_json(strokes):
    """Strokes as Fabric's pencil writes them: the curve's control points are the pointer's positions."""
    objects = []
    for stroke in strokes:
        points = [[float(x), float(y)] for x, y in stroke]
        path = [["M", *points[0]]]
        for (x, y), (next_x, next_y) in zip(points, points[1:], strict=False):
            path.append(["Q", x, y, (x + next_x) / 2, (y + next_y) / 2])
        path.append(["L", *points[-1]])
        objects.append({"type": "Path", "path": path})
    return {"version": "7.4.0", "objects": objects, "background": "#000000"}


def at_canvas_key(at, key):
    """The key of the canvas component in an AppTest now; it changes with each Save, Undo and Clear."""
    (canvas,) = [e for e in at.get("bidi_component") if (e.key or "").startswith(f"{key}-canvas-")]
    return canvas.key


def human_strokes():
    """Strokes of one person by label, `{0: [[[x, y], ...], ...], ..., 9: ...}`, on a 280 x 280 canvas."""
    digits = json.loads((Path(__file__).parent / "browser/digits.json").read_text())
    return {int(label): strokes for label, strokes in digits.items()}


def a_run(
    run_id,
    method="dense",
    *,
    right=0.9,
    name=None,
    minutes=0.0,
    drawings=0,
    own=None,
    own_n=20,
    epochs=2,
    batch_ids=(),
    start_from=None,
    version="0" * 16,
    seed=0,
    helped=None,
):
    """A run as `experiment.run` stores it; `right` and `own` are the shares read right on MNIST and the own digits.

    Of what helped it, if it is not told: one that started from another has MNIST's help, as that of a lost start.
    """
    run = Run(
        id=run_id,
        name=name or f"Run {run_id}",
        method=method,
        tests={"mnist": _tested(1000, right)} | ({} if own is None else {"own": _tested(own_n, own)}),
        training_seconds=1.5,
        human_seconds=60 * minutes,
        drawings=drawings,
        help=helped,
        start_from=start_from,
    )
    run = with_help(run, lambda _: None)
    if method not in {"dense", "one", "full", "unlabelled"}:
        return run
    on_mnist = replace(run.tests["mnist"], mistakes=(Mistake(index=8, label=5, prediction=6, probability=0.99),))
    return replace(
        run,
        tests={**run.tests, "mnist": on_mnist},
        settings=Settings(epochs=epochs, seed=seed),
        train=TrainedOn("drawings" if batch_ids else "mnist", 55000, version, tuple(batch_ids)),
        versions={"python": "3.13.0", "numpy": "2.0.0"},
        parameters=101770,
        history=tuple(Epoch(number + 1, 0.5, 0.8, 0.6, 0.7, 1.0, 100) for number in range(epochs)),
    )


NO_NETWORK = ModelFiles(b"no network", b"no network")


def add_run(store, run, model=NO_NETWORK):
    """Store a run; a trained one with a model that cannot be read, where a test does not need it: files are large."""
    stored_runs.add_run(store, run, model if run.settings else None)


def put_model(store, run_id, model):
    """Put other files in the place of those of a stored run; None: nothing, as of an earlier version's lost model."""
    with store.write() as connection:
        connection.execute(schema.model_files.delete().where(schema.model_files.c.run_id == run_id))
        if model:
            insert_model(connection, run_id, model)


def reference_files():
    """The files of a real model."""
    return ModelFiles(*(model_files.load_file(model_files.REFERENCE, kind) for kind in ("keras", "tflite")))


def _tested(n, right):
    labels = np.arange(n) % 10
    wrong = np.arange(n) >= round(right * n)
    return evaluate(labels, (labels + wrong) % 10)


def draw(at, key, strokes):
    """Draw on a canvas in AppTest, instead of what was on it."""
    at.session_state[at_canvas_key(at, key)] = canvas_value(strokes)
    return at.run()


def until(at, condition, seconds=180):
    """Run the page again and again, as its polling does in a browser, until `condition(at)` holds; return that."""
    end = time.monotonic() + seconds
    while not (value := condition(at)):
        assert time.monotonic() < end, f"not within {seconds} s: {texts(at)}"
        time.sleep(0.1)
        assert not at.run().exception, at.exception
    return value


def finished(jobs, job_id, seconds=180):
    """Wait until a job of `digitlab.jobs.engine.Jobs` is over, and return it."""
    end = time.monotonic() + seconds
    while not (job := jobs.get(job_id)).over:
        assert time.monotonic() < end, f"not within {seconds} s: {job}"
        time.sleep(0.01)
    return job


def texts(at):
    """Everything an AppTest shows as text, in one string."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(element.value for kind in kinds for element in getattr(at, kind))


def choose_rows(at, key, rows):
    """Choose rows of a table by their places, as a browser does; its key goes on with what it shows."""
    keys = [table.proto.id.split("-", 2)[-1] for table in at.dataframe]  # $$ID-hash-key
    (full,) = [each for each in keys if each.startswith(f"{key}_")]
    at.session_state[full] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return at.run()


def has_key(at, key):
    """Whether there is a widget with this key."""
    return any(getattr(node, "key", None) == key for node in at.main)


def charted(at, column, without=None):
    """The rows of the first chart in an AppTest that shows this column, and not another one."""
    # Here: other processes of the tests need no Streamlit.
    from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

    for chart in at.get("vega_lite_chart"):
        for data in chart.proto.datasets:
            frame = convert_arrow_bytes_to_pandas_df(data.data.data)
            if column in frame and without not in frame:
                return frame.to_dict("records")
    raise AssertionError(f"no chart shows {column}")


def place_of(at, key):
    """Where in the page an element is: what the browser goes by when it decides to keep or to remount it."""

    def find(node, place):
        if getattr(node, "key", None) == key:
            return place
        found = (find(child, (*place, index)) for index, child in getattr(node, "children", {}).items())
        return next((place for place in found if place), None)

    return find(at.main, ())
