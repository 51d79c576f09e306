"""What a query costs must not grow with other people's drawings: the database says how it goes about each one."""

import json

import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.storage import digit_sets, predictions, schema, versions
from digitlab.storage.batches import read_batch, read_batches
from digitlab.storage.datasets import read_dataset, read_digits, read_digits_of, read_labels, read_overview
from digitlab.storage.drawings import (
    delete_drawings,
    keep_drawings,
    read_drawing_rows,
    read_drawings,
    read_images,
    read_strokes,
    relabel_drawings,
    restore_drawings,
    save_drawing,
)
from digitlab.storage.found_drawings import (
    Wanted,
    count_by_writer,
    count_wanted,
    read_latest_images,
    read_mean_images,
    read_page,
    read_times,
)
from digitlab.storage.kept_drawings import read_kept_traces
from digitlab.storage.models import read_model_file
from digitlab.storage.runs import read_run, read_runs
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import load_sheet, open_sheet
from digitlab.storage.store import Store
from digitlab.storage.wall import read_wall
from tests.postgresql import execute
from tests.storage.pads import Pad
from tests.storage.samples import DIGIT, STROKES

# Each for one person, in this order: they look up what they need by an index and look through nothing.
OF_ONE = {
    "a sheet is opened": lambda store, batch, sheet: open_sheet(store, batch, 5, 10.0),
    "a stroke is stored": lambda store, batch, sheet: store_message(store, Pad(sheet).digit(1).message()),
    "a sheet is saved": lambda store, batch, sheet: store_message(store, Pad(sheet).digit(1).tell("save").message()),
    "the next sheet is opened": lambda store, batch, sheet: open_sheet(store, batch, 5, 10.0),
    "a sheet is read": lambda store, batch, sheet: load_sheet(store, sheet.id),
    "a batch": lambda store, batch, sheet: read_batch(store, batch.id),
    "the batches of a writer": lambda store, batch, sheet: read_batches(store, batch.writer_id),
    "what is known of drawings": lambda store, batch, sheet: read_drawing_rows(store, [batch.id]),
    "drawings": lambda store, batch, sheet: read_drawings(store, [batch.id]),
    "a data set": lambda store, batch, sheet: read_dataset(store, [batch.id]),
    "digits": lambda store, batch, sheet: read_digits(store, [batch.id]),
    "digits by id": lambda store, batch, sheet: read_digits_of(store, np.array([1])),
    "a look at a data set": lambda store, batch, sheet: read_overview(store, [batch.id]),
    "the latest digits": lambda store, batch, sheet: read_latest_images(store, batch.writer_id, 500),
    "forms of a digit": lambda store, batch, sheet: read_kept_traces(store, batch.writer_id, 3),
    "images": lambda store, batch, sheet: read_images(store, [1]),
    "strokes": lambda store, batch, sheet: read_strokes(store, 1),
    "labels": lambda store, batch, sheet: read_labels(store, [batch.id]),
    "what a writer has kept": lambda store, batch, sheet: read_kept_traces(store, batch.writer_id, 1),
    "the version of a batch": lambda store, batch, sheet: versions.batches_version(store, [batch.id]),
    "relabel": lambda store, batch, sheet: relabel_drawings(store, [1], 3),
    "keep": lambda store, batch, sheet: keep_drawings(store, [1]),
    "delete and restore": lambda store, batch, sheet: (delete_drawings(store, [1]), restore_drawings(store, [1])),
    "a digit is saved": lambda store, batch, sheet: save_drawing(store, (batch.id, 0), STROKES, DIGIT, 1.0, replaces=1),
    "my page": lambda store, batch, sheet: read_page(store, Wanted(writer="Ana"), 0, 50),
    "my count": lambda store, batch, sheet: count_wanted(store, Wanted(writer="Ana")),
    "my marked ones": lambda store, batch, sheet: read_page(store, Wanted(writer="Ana", show="marked"), 0, 50),
    "predictions": lambda store, batch, sheet: predictions.read_predictions(store, "run-1"),
    "a model": lambda store, batch, sheet: read_model_file(store, "run-1", "tflite"),
    "a run": lambda store, batch, sheet: read_run(store, "run-1"),
}
# Of all drawings: they read an index that holds all they need, never the drawings with their strokes.
OF_ALL = {
    "counts": lambda store, batch, sheet: count_by_writer(store),
    "a page": lambda store, batch, sheet: read_page(store, Wanted(), 0, 50),
    "a page by label": lambda store, batch, sheet: read_page(store, Wanted(), 0, 200, by_label=True),
    "deleted": lambda store, batch, sheet: read_page(store, Wanted(show="deleted"), 0, 50),
    "marked": lambda store, batch, sheet: read_page(store, Wanted(show="marked"), 0, 50),
    "a label": lambda store, batch, sheet: count_wanted(store, Wanted(labels=(3, 7))),
    "times": lambda store, batch, sheet: read_times(store, Wanted()),
    "mean images": lambda store, batch, sheet: read_mean_images(store, Wanted()),
    "all batches": lambda store, batch, sheet: read_batches(store),
    "sets": lambda store, batch, sheet: digit_sets.digit_sets(store),
    "the wall of a class": lambda store, batch, sheet: read_wall(store),
    "the version of all": lambda store, batch, sheet: versions.batches_version(store),
}


# Rows of others, for PostgreSQL: in small tables it looks through all. Numbers below 1000 are left for the test's own.
SCHOOL = """
INSERT INTO writers (id, name, teacher) SELECT n, 'writer ' || n, false FROM generate_series(1000, 1999) n;
INSERT INTO batches (id, writer_id, kind, labels, seed, created_at, version)
    SELECT n, 1000 + mod(n, 1000), (ARRAY['one', 'full', 'test', 'imported'])[1 + mod(n, 4)], '[1, 2]', 0, '2026', n
    FROM generate_series(1000, 4999) n;
INSERT INTO drawings (id, batch_id, position, label, strokes, digit, seconds, marks, created_at)
    SELECT n, 1000 + mod(n, 4000), n / 4000, mod(n, 10), '[[[1, 1], [9, 9]]]', decode(repeat('00', 784), 'hex'), 1.0,
        (CASE WHEN mod(n, 50) = 0 THEN '["tiny"]' ELSE '[]' END)::json, '2026'
    FROM generate_series(1000, 8999) n;
INSERT INTO sheets (id, batch_id, positions, idle_seconds, extra_seconds, idle_total, wall_seconds, created_at)
    SELECT n, n, '[0]', 10, 0, 0, 0, '2026' FROM generate_series(1000, 4999) n;
INSERT INTO pen_events (id, sheet_id, client, number, event)
    SELECT n, 1000 + mod(n, 4000), 'a', n / 4000 + 1, '{}' FROM generate_series(1000, 8999) n;
INSERT INTO runs (id, name, created_at, card)
    SELECT 'run-' || n, 'run', '2026', '{}' FROM generate_series(1000, 4999) n;
INSERT INTO model_files (run_id, kind, content)
    SELECT 'run-' || n, 'tflite', decode(repeat('00', 500), 'hex') FROM generate_series(1000, 4999) n;
INSERT INTO predictions (run_id, batch_id, batch_version, labels)
    SELECT 'run-' || n, n, 1, decode('00', 'hex') FROM generate_series(1000, 4999) n;
ANALYZE;
"""


@pytest.fixture
def school_url(new_postgresql_url):
    """The address of a database of PostgreSQL with the rows of a school."""
    Store(new_postgresql_url).close()
    execute(sa.make_url(new_postgresql_url), SCHOOL)
    return new_postgresql_url


@pytest.fixture
def url(request):
    return request.getfixturevalue(getattr(request, "param", "sqlite_url"))


BOTH = pytest.mark.parametrize(
    "url",
    ["sqlite_url", pytest.param("school_url", marks=pytest.mark.slow)],
    indirect=True,
    ids=["sqlite", "postgresql"],
)


def steps_of_sqlite(connection, statement, parameters):
    return connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).scalars("detail").all()


def steps_of_postgresql(connection, statement, parameters):
    """How PostgreSQL goes about it, in the words of SQLite."""
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    steps, nodes = [], [plan[0]["Plan"]]
    for node in nodes:
        children = node.get("Plans", [])
        nodes += children
        looked_up = {"Index Cond", "TID Cond"} & {*node, *(key for child in children for key in child)}
        if "Scan" in node["Node Type"] and "Relation Name" in node:
            steps.append(f"{'SEARCH' if looked_up else 'SCAN'} {node['Relation Name']}")
        else:
            steps.append(node["Node Type"])
    return steps


@pytest.fixture
def plans(store, batch, sheet):
    """Call a function and return how the database went about its queries: `plans(function)` -> steps."""
    save_drawing(store, (batch.id, 0), STROKES, DIGIT, 1.0)

    def ask(function):
        asked, steps = [], []

        def note(_connection, _cursor, statement, parameters, _context, many):
            asked.append((statement, parameters[0] if many else parameters))

        sa.event.listen(store._engine, "before_cursor_execute", note)
        function(store, read_batch(store, batch.id), sheet)
        sa.event.remove(store._engine, "before_cursor_execute", note)
        asked = asked[1:]  # the batch itself
        for statement, parameters in asked:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                with store.read() as connection:
                    explain = steps_of_sqlite if connection.dialect.name == "sqlite" else steps_of_postgresql
                    steps += explain(connection, statement, parameters)
        assert steps
        return steps

    return ask


@BOTH
def test_what_one_person_does_looks_through_no_table(plans):
    scans = [f"SCAN {name}" for name in schema.metadata.tables if name != schema.meta.name]
    steps = {name: plans(act) for name, act in OF_ONE.items()}
    assert not [(name, step) for name in steps for step in steps[name] if " ".join(step.split()[:2]) in scans]


def test_what_is_said_of_all_reads_an_index_and_never_the_strokes(plans):
    few = "SCAN drawings USING INDEX marked_drawings"  # holds the marked ones alone
    steps = {name: plans(act) for name, act in OF_ALL.items()}
    scans = [(name, step) for name in steps for step in steps[name] if step.startswith("SCAN drawings")]
    assert not [(name, step) for name, step in scans if "USING COVERING INDEX" not in step and step != few]


@pytest.mark.parametrize("read", [read_runs, versions.runs_version])
def test_a_list_of_runs_reads_no_model(plans, read):
    steps = [step for step in plans(lambda store, *_more: read(store)) if "model_files" in step]
    assert steps
    assert all("USING COVERING INDEX" in step for step in steps), steps


@BOTH
def test_a_query_without_an_index_is_seen(plans):
    """Else the tests above would find nothing, whatever they look at."""

    def by_time(store, *_more):
        with store.read() as connection:
            connection.exec_driver_sql("SELECT strokes FROM drawings WHERE created_at > '2026'").all()

    assert plans(by_time) == ["SCAN drawings"]
