"""The demo on the pages: one click adds it, one removes it, and it is never taken for the visitor's."""

from dataclasses import replace

import pytest

from digitlab.storage import demo
from digitlab.storage.batches import read_batches
from digitlab.storage.names import DEMO_WRITER
from digitlab.storage.runs import read_runs
from digitlab.ui import resources
from digitlab.ui.plain import in_plain
from tests.drawn import draw_batch
from tests.helpers import a_run, add_run, texts

TEACHER = {"DIGITLAB_CLASS_CODE": "owl-12-moon", "DIGITLAB_TEACHER_CODE": "eagle-99-sun"}


@pytest.fixture
def with_demo(store, keep_model):
    """The demo, as if it were trained: on MNIST and on its first ten drawings, read better than anybody's."""
    one, _, test = demo.add_demo(store)
    runs = [
        a_run("one-demo", "one", right=0.97, own=0.9, drawings=10, minutes=0.3, batch_ids=(one.id,)),
        a_run("dense-demo", "dense", right=0.98),
    ]
    for run in runs:
        add_run(store, replace(run, owner_id=one.writer_id))
        keep_model(run.id)
    return one, test


def test_one_click_adds_it_and_begins_its_trainings_and_one_removes_all_of_it(visit, store):
    own = draw_batch(store, "one")
    at = visit("home")
    at.button(key="demo_add").click().run()
    assert not at.exception
    assert {batch.writer for batch in read_batches(store)} == {"Ana", DEMO_WRITER}
    jobs = [job for job in resources.jobs().all("demo") if not job.over]
    assert len(jobs) > 5
    assert all(job.gives_way for job in jobs)
    at.button(key="demo_remove").click().run()
    assert not at.exception
    assert [batch.id for batch in read_batches(store)] == [own]
    assert not [job for job in resources.jobs().all("demo") if not job.over and not job.stopping]
    assert at.button(key="demo_add")


def test_to_remove_it_twice_does_no_harm(visit, store, with_demo):
    at, other = visit("home"), visit("home")
    at.button(key="demo_remove").click().run()
    other.button(key="demo_remove").click().run()
    assert not other.exception
    assert not other.error
    assert other.button(key="demo_add")


def test_it_is_never_the_visitors_result(visit, with_demo):
    home = visit("home")
    assert [metric.value for metric in home.metric][2:6] == ["not yet"] * 4
    compare = visit("compare")
    assert "Not known yet" in texts(compare)
    assert "The demo's answer, not yours" in compare.info[0].value
    assert "97\N{NO-BREAK SPACE}% of MNIST" in compare.info[0].value
    assert "Draw one of each digit" in str(compare.get("page_link")[0].proto)


def test_with_an_own_result_it_stays_beside_it(visit, store, with_demo):
    own = draw_batch(store, "one")
    add_run(store, a_run("one-1", "one", right=0.61, drawings=10, minutes=1.0, batch_ids=(own,)))
    compare = visit("compare")
    assert "61\N{NO-BREAK SPACE}% of MNIST" in texts(compare)
    assert "97\N{NO-BREAK SPACE}%" not in texts(compare)
    assert not [each for each in compare.info if "demo" in each.value]
    names = set(compare.dataframe[0].value["name"])
    assert {"Demo: Run one-demo", "Demo: Run dense-demo", "Run one-1"} <= names


@pytest.mark.parametrize(("where", "name"), [("dense", "Demo: Run dense-demo"), ("retrain", "Demo: Run one-demo")])
def test_a_page_without_a_run_of_the_visitor_shows_the_demos_and_says_so(visit, store, with_demo, where, name):
    at = visit(where)
    assert not at.exception
    assert in_plain(name) in [each.value for each in at.subheader]
    assert "This is a run of the demo, not yours." in [each.value for each in at.info]


def test_it_is_not_trained_on_unless_asked_for(visit, store, with_demo):
    assert "There are no such drawings yet." in [each.value for each in visit("retrain").info]
    at = visit("retrain", retrain_writer=DEMO_WRITER)
    assert "10 drawings" in texts(at)


def test_nobody_draws_under_its_name(visit, with_demo):
    at = visit("draw_one", writer=DEMO_WRITER)
    assert "demo experiment" in at.error[0].value


def test_in_a_class_only_the_teacher_is_offered_it(visit, store, monkeypatch):
    for name, code in TEACHER.items():
        monkeypatch.setenv(name, code)
    at = visit("home")
    assert not [button for button in at.button if button.key == "demo_add"]
    at.text_input(key="who_code").input("owl-12-moon")
    at.text_input(key="who_name").input("Bo")
    at.button(key="who_join_button").click().run()
    assert not [button for button in at.button if button.key == "demo_add"]
    teacher = visit("home")
    teacher.text_input(key="who_code").input("eagle-99-sun")
    teacher.text_input(key="who_name").input("Ms Lee")
    teacher.button(key="who_join_button").click().run()
    assert teacher.button(key="demo_add")
    assert not read_runs(store)
