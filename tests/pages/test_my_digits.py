import pytest

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawing_rows, read_drawings, save_drawing
from tests.drawn import draw_ten
from tests.helpers import choose_rows


@pytest.fixture
def batch(store):
    """A full batch of Ana's, the digits 0 to 9."""
    return draw_ten(store, "full")


def choose(at, *rows):
    return choose_rows(at, "my_table", rows)


def chosen_table(at):
    return at.dataframe[1].value


def test_nothing_drawn_points_to_the_canvas(visit):
    at = visit("my_digits")
    assert not at.exception
    assert "Nothing is drawn" in at.info[0].value


def test_counts_and_table(visit, batch):
    at = visit("my_digits")
    assert not at.exception
    assert at.dataframe[0].value.loc["Ana"].tolist() == [1] * 10 + [10]
    assert chosen_table(at)["label"].tolist() == list("9876543210")


def test_filters(visit, batch):
    at = visit("my_digits")
    at.session_state["my_digits"] = ["3", "7"]
    at.run()
    assert chosen_table(at)["label"].tolist() == ["7", "3"]
    at.segmented_control(key="my_show").set_value("marked").run()
    assert "No drawing is like that" in at.info[0].value


def test_relabel_delete_and_restore(visit, store, batch):
    at = visit("my_digits")
    choose(at, 0)
    assert at.button(key="my_relabel").disabled  # nobody has said yet what it shows
    at.selectbox(key="my_label").set_value("4").run()
    at.button(key="my_relabel").click().run()
    assert not at.exception
    assert at.success[0].value == "Relabelled: 1 drawing."
    assert [row.label for row in read_drawing_rows(store)] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 4]
    choose(at, 0, 1)
    at.button(key="my_delete").click().run()
    assert [row.deleted for row in read_drawing_rows(store)] == [False] * 8 + [True] * 2
    at.segmented_control(key="my_show").set_value("deleted").run()
    choose(at, 0, 1)
    at.button(key="my_restore").click().run()
    assert not any(row.deleted for row in read_drawing_rows(store))


def test_what_was_drawn_again_cannot_be_restored(visit, store, batch):
    old = read_drawings(store, [batch])[5]
    save_drawing(store, (batch, 5), old.strokes, old.digit, 1.0, replaces=old.id)
    at = visit("my_digits")
    at.segmented_control(key="my_show").set_value("deleted").run()
    choose(at, 0)
    at.button(key="my_restore").click().run()
    assert "drawn again" in at.warning[0].value
    assert read_batches(store)[0].drawn == 10


def test_one_chosen_drawing_is_replayed(visit, batch):
    at = visit("my_digits")
    before = len(at.get("image"))
    choose(at, 3)
    assert not at.exception
    assert len(at.get("image")) == before + 1
