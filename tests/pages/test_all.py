"""What holds for every page."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest

from digitlab.jobs.engine import Jobs
from digitlab.run import Mistake
from digitlab.ui import resources
from tests.helpers import a_run, add_run, has_key, texts, until
from tests.pages.conftest import APP

PAGES = sorted(path.stem for path in (APP.parent / "pages").glob("*.py"))
OPEN_THE_DATABASE = [name for name in PAGES if name != "class"]  # to nobody but a teacher does that one show anything


@pytest.fixture
def no_digits(tmp_path, monkeypatch):
    """A folder without MNIST, for the pages and for a worker of their own."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(empty))
    engine = Jobs()
    monkeypatch.setattr(resources, "_jobs", lambda: engine)
    yield empty
    engine.close()


@pytest.fixture
def place(folder):
    """Where the database is looked for: there is none yet."""
    path = folder / "digitlab.db"
    path.unlink()
    return path


def test_the_first_page_that_is_opened_makes_the_database(visit, place):
    assert not visit("home").exception
    assert place.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("name", OPEN_THE_DATABASE)
def test_what_is_no_database_of_ours_is_told_and_left_alone(visit, place, name):
    with sqlite3.connect(place) as songs:
        songs.execute("CREATE TABLE songs (title TEXT)")
    songs.close()
    for content, told in (
        (place.read_bytes(), "with the tables ['songs']. Point DIGITLAB_DATABASE_URL elsewhere"),
        (b"not a database", "cannot be opened"),
        (b"\0" * 5000, "cannot be opened"),
    ):
        place.write_bytes(content)
        at = visit(name)
        assert not at.exception
        (error,) = at.error
        assert told in error.value
        assert place.read_bytes() == content
        assert [file.name for file in place.parent.iterdir()] == ["digitlab.db"]


@pytest.mark.parametrize("name", ["home", "baseline", "compare"])
def test_missing_test_digits_are_told(visit, no_digits, name):
    at = visit(name)
    assert not at.exception
    (error,) = at.error
    assert f"{no_digits}/t10k-images-idx3-ubyte.gz is missing" in error.value
    assert "DIGITLAB_MNIST_DIR" in error.value


@pytest.mark.slow
def test_missing_training_digits_are_told(visit, no_digits):
    at = visit("dense")
    assert not at.exception
    at.button(key="dense_start").click().run()
    until(at, lambda at: at.error)
    assert f"{no_digits}/train-images-idx3-ubyte.gz is missing" in at.error[0].value


@pytest.mark.parametrize(("name", "method"), [("dense", "dense"), ("retrain", "full")])
def test_a_result_is_shown_without_the_test_digits_it_was_measured_on(visit, store, no_digits, name, method):
    add_run(store, a_run(f"{method}-1", method, right=0.75))
    at = visit(name)
    assert not at.exception
    assert at.metric[0].value == "75.0\N{NO-BREAK SPACE}%"
    assert "t10k-images-idx3-ubyte.gz is missing" in at.error[0].value
    assert "Try it" in texts(at)


def test_mistakes_of_another_data_set_are_not_shown(visit, store):
    run = a_run("dense-1")
    result = run.tests["mnist"]
    elsewhere = Mistake(index=10_000, label=5, prediction=6, probability=0.9)
    result = replace(result, mistakes=(elsewhere, *result.mistakes))
    add_run(store, replace(run, tests={"mnist": result}))
    at = visit("dense")
    assert not at.exception
    assert "Most confident mistakes" not in texts(at)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_works_when_opened_first_and_with_runs(visit, store, name):
    for run_id, method in (("dense-1", "dense"), ("one-1", "one"), ("full-1", "full")):
        add_run(store, a_run(run_id, method))
    at = visit(name)
    assert not at.exception
    assert len(at.title) == 1
    assert "tour" not in at.query_params
    assert not has_key(at, "tour_end"), "without being asked for there is no tour"


WALK = """
import sys
from streamlit.testing.v1 import AppTest
from tests.helpers import draw, human_strokes

if __name__ == "__main__":
    at = AppTest.from_file(sys.argv[1], default_timeout=60).run()
    for page in sys.argv[2:]:
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception, page
        if page in ("dense", "retrain", "baseline"):
            draw(at, f"{page}_try", human_strokes()[3])
            assert not at.exception, page
        if page == "inside":
            for tab in ("Hidden units", "Nearest digits", "Break it", "What is no digit"):
                at.session_state["inside_tab"] = tab
                at.run()
                assert not at.exception, tab
    print(*sorted({"tensorflow", "keras", "sklearn"} & set(sys.modules)), "walked")
"""


@pytest.mark.slow
def test_no_page_loads_tensorflow(folder, worker):
    script = folder / "walk.py"
    script.write_text(WALK)
    worker._connect()
    address = worker._cluster.scheduler_address  # else it would start one of its own
    walked = subprocess.run(
        [sys.executable, script, APP, *PAGES],
        env={**os.environ, "PYTHONPATH": str(APP.parent), "DIGITLAB_SCHEDULER": address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert walked.returncode == 0, walked.stderr
    assert walked.stdout.split() == ["walked"]
