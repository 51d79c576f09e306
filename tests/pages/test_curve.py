"""The learning curve on the compare page. Long curves are put into the database as the worker would."""

import pytest
import sqlalchemy as sa

from digitlab import mnist
from digitlab.curve import writer_curves
from digitlab.storage import classroom, schema
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.drawings import delete_drawings, read_drawing_rows
from digitlab.storage.people import VISITOR, Person
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import default_url
from digitlab.storage.writers import add_writer
from digitlab.ui import curve_trainings, resources, who
from tests.curve_points import put_points
from tests.drawn import draw_batch
from tests.helpers import a_run, add_run, charted, has_key, texts, until
from tests.storage.pads import Pad, again


def law(n):
    return 0.8 - 1.5 * n**-0.7


def rows_of(store, table):
    with store.read() as connection:
        return connection.execute(sa.select(table)).mappings().all()


def test_without_drawings_there_is_nothing_to_start(visit):
    at = visit("compare", compare_tab="Learning curve")
    assert "a learning curve begins with ten" in texts(at)
    assert not has_key(at, "curve_start")


def test_a_curve_is_asked_for_and_stopped(visit, store):
    draw_batch(store, "full", rounds=1)
    at = visit("compare", compare_tab="Learning curve")
    at.button(key="curve_start").click().run()
    assert [job.gives_way for job in jobs_of(store)] == [False] * 2, "your drawings, and as many of MNIST's"
    assert not has_key(at, "curve_start")
    at.button(key="curve_stop").click().run()
    assert all(job.over for job in jobs_of(store))
    assert has_key(at.run(), "curve_start")


@pytest.mark.slow
def test_ten_drawings_are_trained_on_stopped_and_gone_on_with(visit, store, worker):
    draw_batch(store, "full", rounds=1)
    at = visit("compare", compare_tab="Learning curve")
    at.button(key="curve_start").click().run()
    until(at, lambda at: rows_of(store, schema.curve_points))
    at.button(key="curve_stop").click().run()
    until(at, lambda at: has_key(at, "curve_start"))
    kept = len(rows_of(store, schema.curve_points))
    assert 0 < kept < 8
    assert f"Go on: {8 - kept} trainings left" in at.button(key="curve_start").label
    at.button(key="curve_start").click().run()
    until(at, lambda at: len(rows_of(store, schema.curve_points)) == 8)
    until(at, lambda at: not has_key(at, "curve_stop"))
    assert not has_key(at, "curve_start")
    assert [(row["series"], row["n"], row["trainings"]) for row in charted(at, "series")] == [
        ("your drawings alone", 10, 5),
        ("MNIST's own digits", 10, 3),
    ]
    assert "As many again, about" in texts(at), "one size and other people's curves are enough for a forecast"
    assert len(rows_of(store, schema.forecasts)) == 1


def test_a_curve_is_shown_with_its_forecast_which_is_kept(visit, store):
    draw_batch(store, "full", rounds=10, seconds=3.0)
    add_run(store, a_run("full-1", "full", right=0.7, drawings=100, minutes=5))
    put_points(store, law)
    at = visit("compare", compare_tab="Learning curve")
    assert not has_key(at, "curve_start"), "all is trained"
    answer = texts(at).replace("\N{NO-BREAK SPACE}", " ")
    assert "5 min 0 s of drawing: a network trained on these drawings alone reads 70 % of MNIST.**" in answer
    assert "To read 80 % of MNIST, even" in answer
    mine = [row for row in charted(at, "trainings") if row["series"] == "your drawings alone"]
    assert [row["n"] for row in mine] == [10, 16, 25, 40, 63, 100]
    assert mine[-1]["minutes"] == pytest.approx(5)
    assert {row["part"] for row in charted(at, "part")} == {"forecast"}
    assert "100 drawings in 5 min 0 s read 74\u00a0% of MNIST" in texts(at)
    assert "missed by" in texts(at)
    goals = at.table[0].value.set_index("Goal")["Answer"]
    assert goals["95 %"].startswith("not with")
    assert "The forecast goes by the curves of" in texts(at)
    assert list(goals.index) == ["80 %", "90 %", "95 %", "98 %"]
    (kept,) = rows_of(store, schema.forecasts)
    assert kept["n"] == 100
    at.number_input(key="curve_goal").set_value(60).run()
    row = at.table[0].value.set_index("Goal").loc["60 %"]
    assert (row["Answer"], row["Drawings in all (80 % band)"]) == ("reached", "25")
    assert row["More time of drawing"] == "none; it took 1 min 15 s"
    at.segmented_control(key="curve_x").set_value("n").run()
    assert not at.exception
    # More drawings come, and the forecast is held against them.
    draw_batch(store, "full", rounds=1, seconds=3.0)
    put_points(store, law)
    at = visit("compare", compare_tab="Learning curve")
    assert "Forecasts made earlier" in texts(at)
    assert "from 100 drawings" in texts(at)
    assert len(rows_of(store, schema.forecasts)) == 2


def test_own_test_digits_are_asked_for_and_used(visit, store):
    draw_batch(store, "full", rounds=4)
    put_points(store, law)
    at = visit("compare", compare_tab="Learning curve")
    at.segmented_control(key="curve_test_set").set_value("own").run()
    assert "no own test digits yet" in texts(at)
    for digits, said in (
        (10, "No forecast. 10 test digits are too few"),
        (20, "40 drawings in 1 min 20 s read 90\u00a0% of your own test digits"),
    ):
        draw_batch(store, "test", rounds=1)
        put_points(store, law)
        at = visit("compare", compare_tab="Learning curve")
        at.segmented_control(key="curve_test_set").set_value("own").run()
        assert said in texts(at), digits


def test_a_curve_that_falls_is_shown_without_a_forecast(visit, store):
    draw_batch(store, "full", rounds=4)
    put_points(store, lambda n: 0.8 - n / 200)
    at = visit("compare", compare_tab="Learning curve")
    assert "No forecast. The curve falls, from 75\u00a0% with 10 drawings to 60\u00a0% with 40" in texts(at)
    assert len(charted(at, "series")) == 8


def test_of_another_data_set_the_forecast_says_that_it_knows_nothing(visit, store, monkeypatch, tmp_path):
    draw_batch(store, "full", rounds=4)
    put_points(store, law)
    for file in mnist.DATA_DIR.glob("*.gz"):
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(tmp_path))
    at = visit("compare", compare_tab="Learning curve")
    assert "No forecast. It was learnt on MNIST, and DIGITLAB_MNIST_DIR names other digits." in texts(at)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([*range(9)] * 3, "It counts on the digit that has no drawing yet being among them"),
        ([*range(8)] * 3, "No forecast. Only 8 of the 10 digits are among the drawings"),
        pytest.param((1, 2, 3), "No forecast. A forecast begins with 10 drawings", marks=pytest.mark.slow),
        pytest.param((*range(10), *range(10), 7, 7), "22 drawings in", marks=pytest.mark.slow),
    ],
    ids=["one digit missing", "two digits missing", "three drawings", "one digit twice as often"],
)
def test_of_odd_drawings_the_page_says_something_sensible(visit, store, labels, said):
    draw_batch(store, "full", labels=labels)
    put_points(store, law)
    at = visit("compare", compare_tab="Learning curve")
    assert not at.exception
    assert said in texts(at)


def jobs_of(store, writer="Ana"):
    return resources.jobs().all(writer_curves.plan_curves(read_batches(store), writer, default_url()).job_tag)


def finish(visit, store, batch_id, writer="Ana"):
    """Draw the last digit of a batch on its page."""
    delete_drawings(store, [read_drawing_rows(store, [batch_id])[-1].id])
    at = visit("draw_batch", writer=writer)
    pad = Pad(open_sheet(store, again(store, batch_id), 20, 10.0)).digit(0).tell("save")
    at.session_state[f"batch_pad_{batch_id}"] = {"outbox": pad.message()}
    assert "All drawn" in texts(at.run())


def test_a_visit_alone_starts_no_curve(visit, store):
    draw_batch(store, "full", rounds=2)
    assert "All drawn" in texts(visit("draw_batch", writer="Ana"))
    assert jobs_of(store) == []


def test_a_finished_batch_starts_its_curve_once_and_behind_all_else(visit, store):
    batch_id = draw_batch(store, "full", rounds=2)
    finish(visit, store, batch_id)
    jobs = jobs_of(store)
    assert [job.gives_way for job in jobs] == [True] * 3, "a job for 10, 16 and 20 drawings"
    assert not resources.jobs().alive(), "nobody waits for them"
    assert not curve_trainings.begin_after(again(store, batch_id)), "in a second window"
    assert [job.id for job in jobs_of(store)] == [job.id for job in jobs]
    at = visit("compare")
    at.button(key="central_stop").click().run()
    assert all(job.over for job in jobs_of(store))
    assert not curve_trainings.begin_after(again(store, batch_id))
    assert len(jobs_of(store)) == 3, "what was stopped stays so"
    at.run()
    assert has_key(at, "central_start"), "until somebody asks for it"


def test_what_is_not_finished_or_trained_already_starts_nothing(visit, store):
    start_batch(store, add_writer(store, "Bo"), "full", range(10), 0)
    visit("draw_batch", writer="Bo")
    batch_id = draw_batch(store, "full", rounds=1)
    put_points(store, law)
    assert not curve_trainings.begin_after(again(store, batch_id))
    assert not jobs_of(store)
    finish(visit, store, draw_batch(store, "full", "Cy", labels=[1, 2, 3]), "Cy")
    assert not jobs_of(store, "Cy"), "three drawings are too few for a curve"


def test_in_a_class_only_ones_own_batch_starts_a_curve_and_none_while_it_is_frozen(store, monkeypatch):
    batch = read_batches(store, batch_ids=[draw_batch(store, "full", rounds=1)])[0]
    for person in (VISITOR, Person(batch.writer_id + 1, "Bo", "pupil"), Person(None, "Lee", "teacher")):
        monkeypatch.setattr(who, "person", lambda person=person: person)
        assert not curve_trainings.begin_after(batch)
    teacher = Person(99, "Lee", "teacher")
    classroom.set_settings(store, ClassSettings(frozen=True, names_hidden=False), teacher)
    monkeypatch.setattr(who, "person", lambda: Person(batch.writer_id, "Ana", "pupil"))
    assert not curve_trainings.begin_after(batch)
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=False), teacher)
    assert curve_trainings.begin_after(batch)
    assert {job.owner for job in jobs_of(store)} == {"Ana"}
    assert not curve_trainings.begin_after(batch), "not twice"


def test_the_centre_shows_the_curve_and_reads_it(visit, store):
    draw_batch(store, "full", rounds=10, seconds=3.0)
    put_points(store, law)
    at = visit("compare")
    said = [row["text"] for row in charted(at, "text", without="align")]
    assert said[0] == "at 0.5 min: 50 %"
    assert "forecast" in said[-1]
    assert not has_key(at, "central_start"), "all is trained"


def test_other_hands_are_weighed_against_more_of_ones_own(visit, store):
    draw_batch(store, "full", rounds=4)
    draw_batch(store, "one", "Ben", rounds=1)
    put_points(store, lambda n: law(n) + 0.15 * (n == 50))
    at = visit("compare", compare_tab="Learning curve")
    assert "other people's digits would help more" in texts(at)
    assert "and 10 of other writers" in [row["what"] for row in charted(at, "what")]
    at.selectbox(key="curve_writer").set_value("Ben").run()
    assert has_key(at, "curve_start")


def test_a_goal_of_a_link_that_is_none_is_refused(visit, store):
    draw_batch(store, "full", rounds=4)
    put_points(store, law)
    assert "asks for a goal of your own, % 101 (expected 1 to 100" in texts(
        visit("compare", compare_tab="Learning curve", curve_goal="101")
    )
