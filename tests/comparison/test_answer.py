from dataclasses import replace

import pytest

from digitlab.comparison import answer
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1)
DENSE = a_run("dense-1", right=0.978)
FULL = a_run("full-1", "full", right=0.57, minutes=190 / 60, drawings=42, own=0.9)


def headline(*arguments):
    return answer.headline(*arguments).replace("\N{NO-BREAK SPACE}", " ")


def test_the_answer_with_its_uncertainty():
    told = headline([GUESS, DENSE, FULL], ["ana"])
    assert told.startswith("**42 drawings, 3 min 10 s: 90 % of your own digits (70\N{EN DASH}97), 57 % of MNIST.**")
    assert "reads 98 % of MNIST; luck reads 10 %" in told
    assert not answer.missing([GUESS, DENSE, FULL])


def test_the_network_on_mnist_is_compared_on_the_same_own_digits():
    told = headline([a_run("dense-1", right=0.978, own=0.85), FULL], ["ana"])
    assert "98 % of MNIST and 85 % of the same own digits" in told


def test_a_score_on_other_own_digits_is_not_compared():
    dense = a_run("dense-1", right=0.978, own=0.85)
    other = replace(dense.tests["own"], version="of somebody else")
    dense = replace(dense, tests={**dense.tests, "own": other})
    told = headline([dense, FULL], ["ana"])
    assert "reads 98 % of MNIST; luck" in told


def test_the_forecast_has_its_place_before_what_is_missing():
    told = headline([FULL], ["ana"], "Ten people would do it.")
    assert "Ten people would do it. What a network trained on MNIST" in told


def test_without_runs_the_question_is_open_and_the_way_on_is_told():
    told = headline([GUESS], [])
    assert "Not known yet" in told
    assert [each.page for each in answer.missing([GUESS])] == ["pages/draw_one.py", "pages/dense.py"]
    assert "No network is trained on your drawings yet." in told
    assert "Not known yet" in headline([], [])


def test_no_own_test_digits():
    run = a_run("full-1", "full", right=0.57, minutes=3, drawings=42)
    told = headline([DENSE, run], ["ana"])
    assert told.startswith("**42 drawings, 3 min 0 s: 57 % of MNIST.**")
    assert "there are no own test digits" in told
    (missing,) = answer.missing([DENSE, run])
    assert (missing.page, missing.action) == ("pages/draw_batch.py", "Draw a batch to test with")


def test_three_test_digits_are_said_to_be_worth_little():
    run = a_run("one-1", "one", minutes=1, drawings=10, own=1.0, own_n=3)
    told = headline([DENSE, run], ["ana"])
    assert "100 % of your own digits (44\N{EN DASH}100)" in told
    assert "With 3 test digits" in told


def test_the_newest_of_most_drawings_answers_not_the_best():
    """A score chosen because it is the best one is too good."""
    lucky = a_run("full-0", "full", right=0.7, minutes=3, drawings=42, epochs=9)
    assert "57 % of MNIST" in headline([DENSE, lucky, FULL], ["ana"])
    fewer = a_run("one-1", "one", right=0.9, minutes=1, drawings=10)
    assert "57 % of MNIST" in headline([DENSE, FULL, fewer], ["ana"])


def test_seeds_are_averaged():
    runs = [
        a_run(f"full-{seed}", "full", right=right, minutes=3, drawings=42, seed=seed)
        for seed, right in enumerate((0.5, 0.6))
    ]
    told = headline(runs, ["ana"])
    assert "55 % of MNIST" in told
    assert "Means of 2 trainings with different seeds." in told


def test_several_writers_are_not_you():
    assert "of the writer's own digits" in headline([FULL], ["ana", "ben"])


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.91, "91 %"), (0.9949, "99 %"), (0.998, "99.80 %"), (1.0, "100 %"), (0.0, "0 %"), (0.004, "0.40 %")],
)
def test_a_percentage_never_claims_all_or_nothing(share, text):
    assert answer.percent(share) == text
