import sqlite3

import numpy as np
import pytest

from digitlab.digits import with_article
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawing_rows, read_drawings
from digitlab.ui import windows
from tests.helpers import draw, human_strokes, texts

DOT = [[(100, 100), (102, 101)]]


def save(at, strokes):
    draw(at, "one", strokes)
    at.button(key="one-button-save").click().run()
    assert not at.exception
    return at


def prompt(at):
    return next(element.value for element in at.markdown if element.value.startswith("## "))


def kept(store):
    (batch,) = read_batches(store) or [None]
    return {drawing.position: drawing for drawing in read_drawings(store, [batch.id])} if batch else {}


def own_time(at):
    return at.metric[0].value


def goes_on(at, name):
    """Let somebody go on who has drawn here before."""
    at.selectbox(key="one_whose").set_value(name).run()
    assert not at.exception
    return at


@pytest.mark.parametrize("link", [{}, {"writer": "  "}])
def test_nobody_is_asked_for_a_name_before_there_is_something_to_keep(visit, store, link):
    at = save(visit("draw_one", **link), human_strokes()[0])
    assert not at.text_input
    assert [batch.writer for batch in read_batches(store)] == ["you"]


def test_ten_prompts_then_all_is_drawn(visit, store):
    at = visit("draw_one")
    for label, strokes in human_strokes().items():
        assert prompt(at) == f"## Draw {with_article(label)}"
        assert at.progress[0].proto.text == f"{label} of 10 drawn"
        save(at, strokes)
    assert "Your ten digits" in texts(at)
    assert not any(element.value.startswith("## Draw") for element in at.markdown)
    (batch,) = read_batches(store)
    assert (batch.kind, batch.labels, batch.drawn) == ("one", tuple(range(10)), 10)
    assert [drawing.label for drawing in read_drawings(store, [batch.id])] == list(range(10))
    at.button(key="one_new").click().run()
    assert prompt(at) == "## Draw a 0"
    assert [batch.drawn for batch in read_batches(store)] == [10, 0]


def test_strokes_are_kept_as_drawn(visit, store):
    strokes = human_strokes()[0]
    save(visit("draw_one"), strokes)
    drawing = kept(store)[0]
    assert [stroke.tolist() for stroke in drawing.strokes] == [np.array(stroke, float).tolist() for stroke in strokes]
    assert drawing.digit.sum() > 0


@pytest.fixture
def refuse_drawings(folder):
    """Let the database refuse drawings, or take them again."""

    def refuse(refused):
        database = sqlite3.connect(folder / "digitlab.db")
        trigger = "TRIGGER ill BEFORE INSERT ON drawings BEGIN SELECT no_such_function(); END"
        database.execute(f"CREATE {trigger}" if refused else "DROP TRIGGER ill")
        database.commit()
        database.close()

    return refuse


def test_what_the_page_shows_as_saved_is_in_the_database(visit, store, refuse_drawings):
    at = visit("draw_one")
    refuse_drawings(True)
    save(at, human_strokes()[0])
    assert "cannot be written to" in at.warning[0].value
    assert "Your drawing is kept here" in at.warning[0].value
    assert prompt(at) == "## Draw a 0"
    assert kept(store) == {}
    refuse_drawings(False)
    at.run()
    assert not at.warning
    assert prompt(at) == "## Draw a 1"
    assert list(kept(store)) == [0]


def test_drawings_that_wait_for_the_database_are_stored_for_their_own_prompts(visit, store, refuse_drawings):
    at = save(visit("draw_one"), human_strokes()[0])
    refuse_drawings(True)
    save(at, human_strokes()[7])
    save(at, human_strokes()[1])
    at.button(key="one_again_0").click().run()
    save(at, human_strokes()[6])
    refuse_drawings(False)
    at.run()
    at.run()
    assert prompt(at) == "## Draw a 2"
    drawn = {position: len(drawing.strokes[0]) for position, drawing in kept(store).items()}
    assert drawn == {0: len(human_strokes()[6][0]), 1: len(human_strokes()[1][0])}


@pytest.mark.parametrize("strokes", [DOT, [[(100, 100)]]])
def test_a_dot_is_refused_and_not_stored(visit, store, strokes):
    at = save(visit("draw_one"), strokes)
    assert "a dot" in at.warning[0].value
    assert prompt(at) == "## Draw a 0"
    assert kept(store) == {}
    save(at, human_strokes()[0])
    assert not at.warning
    assert list(kept(store)) == [0]


def test_saving_a_blank_canvas_does_nothing(visit, store):
    at = visit("draw_one")
    at.button(key="one-button-save").click().run()
    assert prompt(at) == "## Draw a 0"
    assert kept(store) == {}


def test_undo_takes_the_last_stroke_back(visit, store):
    at = visit("draw_one")
    draw(at, "one", [*human_strokes()[0], [(0, 0), (270, 270)]])
    at.button(key="one-button-undo").click().run()
    at.button(key="one-button-save").click().run()
    assert len(kept(store)[0].strokes) == len(human_strokes()[0])


def test_drawing_again_replaces_and_its_time_counts(visit, store, clock):
    at = visit("draw_one")
    clock.now += 3
    save(at, human_strokes()[0])
    clock.now += 4
    save(at, human_strokes()[1])
    assert own_time(at) == "7.0 s"
    first = kept(store)[1]
    at.button(key="one_again_1").click().run()
    assert prompt(at) == "## Draw a 1"
    clock.now += 5
    save(at, human_strokes()[7])
    assert prompt(at) == "## Draw a 2"
    again = kept(store)
    assert sorted(again) == [0, 1]
    assert again[1].id != first.id
    assert [drawing.seconds for drawing in again.values()] == [3, 5]
    (batch,) = read_batches(store)
    assert batch.seconds == 12
    assert own_time(at) == "12 s"


def test_what_is_on_the_canvas_stays_there_for_the_prompt_it_was_made_for(visit, store):
    at = save(visit("draw_one"), human_strokes()[0])
    draw(at, "one", human_strokes()[1])
    at.button(key="one_again_0").click().run()
    assert prompt(at) == "## Draw a 1"
    assert "Save or clear this 1 first" in at.info[0].value
    at.button(key="one-button-save").click().run()
    assert [drawing.label for drawing in kept(store).values()] == [0, 1], "the 1 must not be stored as a 0"
    assert np.array_equal(kept(store)[0].strokes[0], human_strokes()[0][0])
    assert np.array_equal(kept(store)[1].strokes[0], human_strokes()[1][0])
    assert prompt(at) == "## Draw a 0"
    save(at, human_strokes()[6])
    assert prompt(at) == "## Draw a 2"


def test_what_is_drawn_in_another_window_meanwhile_does_not_replace_and_is_not_replaced(visit, store):
    """Both show the same prompt: two servers on one database, or two windows that this server cannot tell apart."""
    mine, other = visit("draw_one"), visit("draw_one")
    draw(mine, "one", human_strokes()[0])
    save(other, human_strokes()[6])
    draw(mine, "one", human_strokes()[0])  # the pen comes up only now: the prompt does not jump
    assert prompt(mine) == "## Draw a 0"
    mine.button(key="one-button-save").click().run()
    assert np.array_equal(kept(store)[0].strokes[0], human_strokes()[6][0])
    assert "was drawn in another window meanwhile" in mine.warning[0].value
    assert prompt(mine) == "## Draw a 0"
    mine.run()
    assert mine.warning, "it stays until it is answered"
    mine.button(key="one-button-save").click().run()  # what is still on the canvas
    assert np.array_equal(kept(store)[0].strokes[0], human_strokes()[0][0])
    assert not mine.warning
    assert prompt(mine) == "## Draw a 1"
    assert len(read_drawing_rows(store)) == 2, "the other one can be brought back"


def test_a_warning_stays_until_it_is_read(visit):
    at = save(visit("draw_one"), DOT)
    draw(at, "one", human_strokes()[0])
    assert "a dot" in at.warning[0].value
    at.button(key="one_read").click().run()
    assert not at.warning


def test_a_second_window_has_prompts_of_its_own(visit, store, monkeypatch):
    def in_window(name):
        monkeypatch.setattr(windows, "this_window", lambda: name)

    in_window("left")
    left = visit("draw_one")
    assert not left.info
    in_window("right")
    right = visit("draw_one")
    assert prompt(right) == "## Draw a 1"
    assert "in another window too" in right.info[0].value
    save(right, human_strokes()[1])
    assert prompt(right) == "## Draw a 2"
    in_window("left")
    save(left, human_strokes()[0])
    assert prompt(left) == "## Draw a 3"
    assert sorted(kept(store)) == [0, 1]


def test_looking_stores_nothing(visit, store):
    for link in ({}, {"writer": "Ana"}, {"writer": "<b>x</b>"}):
        visit("draw_one", **link)
    assert store.version() == 0


def test_a_break_does_not_count(visit, store, clock):
    at = visit("draw_one")
    clock.now += 2
    draw(at, "one", human_strokes()[0])
    clock.now += 3600
    at.button(key="one-button-save").click().run()
    assert 2 <= kept(store)[0].seconds <= 12  # how much of the break counts is the clock's affair


def test_an_unfinished_batch_goes_on_after_a_reload(visit, store):
    at = visit("draw_one", writer="Ana")
    for label in range(3):
        save(at, human_strokes()[label])
    again = visit("draw_one", writer="Ana")
    assert prompt(again) == "## Draw a 3"
    assert again.progress[0].proto.text == "3 of 10 drawn"
    save(again, human_strokes()[3])
    assert sorted(kept(store)) == [0, 1, 2, 3]


def test_two_writers_do_not_mix(visit, store):
    at = visit("draw_one", writer="Ana")
    save(at, human_strokes()[0])
    save(at, human_strokes()[1])
    ben = save(visit("draw_one", writer="Ben"), human_strokes()[0])
    other = save(visit("draw_one", writer="Ana"), human_strokes()[2])
    assert prompt(other) == "## Draw a 3"
    assert ben.selectbox(key="one_whose").options == ["Ana", "somebody new"]
    assert prompt(goes_on(ben, "Ana")) == "## Draw a 3"
    assert ben.query_params["writer"] == "Ana"
    assert prompt(goes_on(ben, "somebody new")) == "## Draw a 0"
    assert "writer" not in ben.query_params
    assert {batch.writer: batch.drawn for batch in read_batches(store)} == {"Ana": 3, "Ben": 1}


def test_what_one_writer_left_on_the_canvas_is_saved_for_that_writer(visit, store):
    save(visit("draw_one", writer="Ben"), human_strokes()[0])
    at = visit("draw_one", writer="Ana")
    save(at, human_strokes()[0])
    draw(at, "one", human_strokes()[1])
    goes_on(at, "Ben")
    assert prompt(at) == "## Draw a 1"
    assert "still" in at.info[0].value
    assert "Ana" in at.info[0].value
    at.button(key="one-button-save").click().run()
    assert {batch.writer: batch.drawn for batch in read_batches(store)} == {"Ana": 2, "Ben": 1}
    assert prompt(at) == "## Draw a 1"
    save(at, human_strokes()[1])
    assert {batch.writer: batch.drawn for batch in read_batches(store)} == {"Ana": 2, "Ben": 2}


def test_a_name_of_a_link_that_is_too_long_is_cut(visit, store):
    save(visit("draw_one", writer="x" * 200), human_strokes()[0])
    assert [batch.writer for batch in read_batches(store)] == ["x" * 80]


def test_the_name_goes_along_to_the_next_page_and_back(visit, store):
    at = save(visit("draw_one", writer="Ana"), human_strokes()[0])
    at.switch_page("pages/draw_batch.py")
    del at.query_params["writer"]  # as the menu does
    assert at.run().text_input(key="writer").value == "Ana"
    at.text_input(key="writer").set_value("Ben").run()
    at.switch_page("pages/draw_one.py")
    at.run()
    at.run()
    assert at.query_params["writer"] == "Ben"
    assert prompt(at) == "## Draw a 0"


def test_what_is_on_the_canvas_outlives_a_visit_to_another_page(visit, store):
    at = visit("draw_one")
    draw(at, "one", human_strokes()[0])
    at.switch_page("pages/home.py").run()
    at.switch_page("pages/draw_one.py").run()
    at.button(key="one-button-save").click().run()
    assert list(kept(store)) == [0]
