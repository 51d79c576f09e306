from dataclasses import replace

import pytest

from digitlab.comparison import first_answer
from digitlab.run import TrainedOn
from tests.helpers import a_run


def answer(run_id="one-1", *, batch_ids=(7,), version="a" * 16, **more):
    """A run as the page trains it; `more` are fields of the run."""
    run = a_run(run_id, "one", right=0.664, minutes=47 / 60, drawings=10, batch_ids=batch_ids, version=version)
    return replace(run, **{"settings": first_answer.settings(), **more})


def test_the_answer_is_of_these_drawings_as_they_are_now():
    first = answer()
    assert first_answer.find_answer([first, answer("one-2")], 7, "a" * 16) is first
    assert first_answer.find_answer([first], 7, "b" * 16) is None
    assert first_answer.find_answer([first], 8, "a" * 16) is None


@pytest.mark.parametrize(
    "other",
    [
        {"help": "mnist", "start_from": "reference"},
        {"settings": replace(first_answer.settings(), epochs=1)},
        {"settings": None},
        {"stopped": True},
        {"train": None},
        {"train": TrainedOn("drawings", 20, "a" * 16, (7, 8))},
    ],
)
def test_no_other_run_is_taken_for_the_answer(other):
    assert first_answer.find_answer([answer(**other)], 7, "a" * 16) is None
    assert first_answer.find_earlier([answer(**other)], 7) is None


def test_an_earlier_answer_is_the_newest_of_the_batch():
    newer = answer("one-2", version="b" * 16)
    assert first_answer.find_earlier([answer(), newer, answer("one-3", batch_ids=(8,))], 7) is newer
    assert first_answer.find_earlier([answer()], 8) is None


def test_the_sentence_says_the_time_the_result_the_guess_and_mnist():
    assert first_answer.headline(answer()) == "47 s of drawing: your network reads 66 of 100 of MNIST's digits."
    assert first_answer.headline(answer(human_seconds=75.2)).startswith("1 min 15 s of drawing: ")
    reference = "A network trained on 539 people's digits: 99."
    assert first_answer.compared(0.9915, 0.6) == f"Your estimate was 60. {reference}"
    assert first_answer.compared(0.9985) == reference, "not all of them"


def test_the_next_offer_costs_what_the_persons_own_pace_says():
    def price(seconds):
        return first_answer.next_offer(answer(human_seconds=seconds), range(10)).price

    assert first_answer.next_offer(answer(), range(10)).drawings == 50
    assert (price(24), price(47), price(10)) == ("about 2 minutes more", "about 4 minutes more", "about 1 minute more")


def test_the_offer_says_why_more_of_the_same_hand_brings_little():
    gain = first_answer.next_offer(answer(), range(10)).gain
    assert gain.startswith("As it went with 30 other people, it will then read 6")
    assert "the same hand again" in gain


@pytest.mark.parametrize("run", [answer(drawings=9), answer(tests=a_run("x", "one", right=0.11).tests)])
def test_where_nothing_can_be_expected_nothing_is_said(run):
    assert first_answer.next_offer(run, range(10)).gain == ""
