from collections import Counter

import pytest

from tests.helpers import draw, human_strokes


def start(at, per_digit, seed=0):
    at.slider(key="batch_per_digit").set_value(per_digit)
    at.number_input(key="batch_seed").set_value(seed)
    at.run()
    at.button(key="batch_start").click().run()
    assert not at.exception


def save(at, strokes, kind="full"):
    draw(at, f"batch_{kind}", strokes)
    at.button(key=f"batch_{kind}-button-save").click().run()
    assert not at.exception


def prompt(at):
    return next(int(element.value[-1]) for element in at.markdown if element.value.startswith("## Draw a "))


def progress(at):
    return at.progress[0].proto.text


def test_first_view_offers_a_batch(visit, store):
    at = visit("draw_batch")
    assert at.button(key="batch_start").label == "Start 100 drawings"
    assert "Start a batch" in at.info[0].value
    assert store.batches() == []


def test_without_a_writer_nothing_is_drawn(visit):
    at = visit("draw_batch", writer="Ana")
    at.text_input(key="writer").set_value("").run()
    assert "Enter a name" in at.info[0].value
    assert not at.button


def test_a_batch_is_balanced_and_asks_in_its_order(visit, store, clock):
    at = visit("draw_batch")
    start(at, 2, seed=5)
    (batch,) = store.batches()
    assert (batch.kind, batch.seed) == ("full", 5)
    assert Counter(batch.labels) == {label: 2 for label in range(10)}
    assert batch.labels != tuple(sorted(batch.labels))
    for number, label in enumerate(batch.labels[:4]):
        assert progress(at) == f"{number} of 20 drawn"
        assert prompt(at) == label
        clock.now += 2
        save(at, human_strokes()[label])
    assert at.metric[0].value == "8.0 s"
    assert [drawing.label for drawing in store.drawings([batch.id])] == list(batch.labels[:4])


def test_the_seed_makes_the_order(visit, store):
    at = visit("draw_batch")
    for seed in (1, 1, 2):
        start(at, 1, seed)
    first, same, other = (batch.labels for batch in store.batches())
    assert first == same != other


def test_a_test_batch_is_another_batch(visit, store):
    at = visit("draw_batch")
    start(at, 1)
    save(at, human_strokes()[prompt(at)])
    at.segmented_control(key="batch_kind").set_value("test").run()
    assert "Start a batch" in at.info[0].value
    start(at, 1)
    save(at, human_strokes()[prompt(at)], "test")
    save(at, human_strokes()[prompt(at)], "test")
    assert {batch.kind: batch.drawn for batch in store.batches()} == {"full": 1, "test": 2}
    at.segmented_control(key="batch_kind").set_value("full").run()
    assert progress(at) == "1 of 10 drawn"


def test_a_batch_goes_on_after_a_reload(visit, store):
    at = visit("draw_batch", writer="Ana")
    start(at, 1)
    label = prompt(at)
    save(at, human_strokes()[label])
    after = prompt(at)
    again = visit("draw_batch", writer="Ana")
    assert progress(again) == "1 of 10 drawn"
    assert prompt(again) == after
    assert visit("draw_batch", writer="Ben").info


def test_all_drawn_offers_the_next_step(visit, store):
    at = visit("draw_batch")
    start(at, 1)
    for _ in range(10):
        save(at, human_strokes()[prompt(at)])
    assert "All drawn." in at.success[0].value
    (batch,) = store.batches()
    assert batch.drawn == 10
    start(at, 1)
    assert progress(at) == "0 of 10 drawn"


def test_a_dot_is_refused_and_not_stored(visit, store):
    at = visit("draw_batch")
    start(at, 1)
    save(at, [[(5, 5), (6, 6)]])
    assert "a dot" in at.warning[0].value
    assert progress(at) == "0 of 10 drawn"
    assert store.batches()[0].drawn == 0


@pytest.mark.parametrize("asked", ["0", "5000", "many"])
def test_a_number_of_a_link_that_is_out_of_range_is_refused(visit, asked):
    at = visit("draw_batch", batch_per_digit=asked)
    assert not at.exception
    assert at.slider(key="batch_per_digit").value == 10
    assert f" {asked}" in at.warning[0].value
    assert "1 to 100" in at.warning[0].value
