"""What completes each step of the tour: what was done, and nothing else."""

import pytest

from digitlab.storage.batches import Batch
from digitlab.ui import tour_steps
from digitlab.ui.tour_steps import STEPS, Deeds
from tests.helpers import a_run
from tests.pages.conftest import APP

CHOSEN, NOTHING = ({"selection": {"rows": rows, "columns": [], "cells": []}} for rows in ([3], []))


def deeds(*, guess=None, batches=(), runs=(), **inputs):
    return Deeds(guess, inputs, lambda: batches, lambda: runs)


def drawn(kind, count, batch_id=1):
    return Batch(batch_id, 1, "Ana", kind, tuple(range(10)) * 5, 0, "", count, 20.0)


def is_done(name, **done):
    return tour_steps.find(name).is_done(deeds(**done))


def test_about_twelve_cards_each_with_a_page_and_a_name_of_its_own():
    assert len({step.name for step in STEPS}) == len(STEPS) == 12
    assert all((APP.parent / "pages" / f"{step.page}.py").exists() for step in STEPS)
    assert all(len(step.text) < 180 for step in STEPS), "a card is read at a glance"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_who_has_done_nothing_has_completed_no_step(step):
    assert not step.is_done(deeds())


def test_a_guess_of_nothing_is_one_too():
    assert is_done("guess", guess=0.0)


def test_a_network_on_ten_alone_answers_the_first_drawings():
    assert not is_done("ten", batches=[drawn("one", 10)]), "the answer is still to come"
    assert not is_done("ten", runs=[a_run("one-1", "one", drawings=10, start_from="reference")]), "that one had help"
    assert is_done("ten", runs=[a_run("one-1", "one", drawings=10)])


@pytest.mark.parametrize(("name", "kind"), [("batch", "full"), ("test", "test")])
def test_ten_drawings_of_the_kind_that_is_asked_for(name, kind):
    other = "test" if kind == "full" else "full"
    assert not is_done(name, batches=[drawn(kind, 9), drawn(other, 50), drawn("one", 10)])
    assert is_done(name, batches=[drawn(kind, 4), drawn(kind, 6, batch_id=2)])


def test_trainings_complete_the_step_that_asks_for_them():
    runs = {
        "dense": a_run("dense-1"),
        "train": a_run("full-1", "full", drawings=20),
        "help": a_run("full-2", "full", drawings=20, start_from="reference"),
    }
    for name in runs:
        assert [done for done, run in runs.items() if is_done(name, runs=[run])] == [name]
    assert is_done("help", runs=[a_run("one-1", "one", drawings=10, helped="mnist")])
    assert not is_done("help", runs=[a_run("one-1", "one", drawings=10, helped="unlabelled")])


@pytest.mark.parametrize(
    ("name", "key", "usual", "other"),
    [
        ("luck", "baseline_seed", 0, 7),
        ("look", "inside_source", "mnist", "mine"),
        ("break", "break_turn", 0.0, -5.0),
        ("compare", "compare_readers", "All networks", "Two runs"),
    ],
)
def test_an_input_has_to_be_moved(name, key, usual, other):
    assert not is_done(name, **{key: usual})
    assert is_done(name, **{key: other})


def test_a_row_is_chosen_in_any_table_of_drawings():
    assert not is_done("replay", my_table_0a1b=NOTHING, my_table_page=2, compare_runs_0a=CHOSEN)
    assert is_done("replay", my_table_page=2, my_table_0a1b=NOTHING, my_table_2c3d=CHOSEN)


def test_only_what_a_step_asks_for_is_read():
    def read():
        raise AssertionError("the database is read")

    for step in STEPS:
        if step.name in {"guess", "luck", "replay", "look", "break", "compare"}:
            assert not step.is_done(Deeds(None, {}, read, read))


def test_the_order_of_the_steps():
    assert tour_steps.after(STEPS[0]) is STEPS[1]
    assert tour_steps.after(STEPS[-1]) is None
    assert tour_steps.first_open(lambda step: step.name in {"guess", "ten", "dense"}).name == "luck"
    assert tour_steps.first_open(lambda _: True) is STEPS[0]
