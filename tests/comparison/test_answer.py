from dataclasses import replace

import pytest

from digitlab.comparison import answer
from digitlab.comparison.equal_accuracy import Measured
from tests.comparison.examples import guessing
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1)
DENSE = a_run("dense-1", right=0.978)
FULL = a_run("full-1", "full", right=0.57, minutes=190 / 60, drawings=42, own=0.9)


def headline(*arguments):
    return answer.tell(*arguments).text().replace("\N{NO-BREAK SPACE}", " ")


def test_the_answer_with_its_uncertainty():
    told = headline([GUESS, DENSE, FULL], ["ana"])
    assert told.startswith(
        "**3 min 10 s of drawing: a network trained on these drawings alone reads "
        "57 % of MNIST and 90 % (70\N{EN DASH}97) of your own digits.** Drawn "
        "were 42 digits."
    )
    assert "reads 98 % of MNIST; luck reads 10 %" in told
    assert not answer.tell([GUESS, DENSE, FULL], []).missing


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
    assert "Ten people would do it.\n\nWhat a network that you train on MNIST" in told


def test_without_runs_the_question_is_open_and_the_way_on_is_told():
    told = headline([GUESS], [])
    assert "Not known yet" in told
    assert [each.page for each in answer.tell([GUESS], []).missing] == ["pages/draw_one.py", "pages/dense.py"]
    assert "No network is trained on your drawings yet." in told
    assert "Not known yet" in headline([], [])


def test_no_own_test_digits():
    run = a_run("full-1", "full", right=0.57, minutes=3, drawings=42)
    told = headline([DENSE, run], ["ana"])
    assert told.startswith("**3 min 0 s of drawing: a network trained on these drawings alone reads 57 % of MNIST.**")
    assert "there are no test digits of the same hand" in told
    (missing,) = answer.tell([DENSE, run], []).missing
    assert (missing.page, missing.action) == ("pages/draw_batch.py", "Draw a batch to test with")


def test_three_test_digits_are_said_to_be_worth_little():
    run = a_run("one-1", "one", minutes=1, drawings=10, own=1.0, own_n=3)
    told = headline([DENSE, run], ["ana"])
    assert "100 % (44\N{EN DASH}100) of your own digits" in told
    assert "With 3 test digits" in told


def bold(told):
    """The sentence that answers."""
    return told.split("**")[1]


def test_the_one_who_speaks_answers_not_the_best_nor_the_newest():
    """A score chosen because it is the best one is too good."""
    lucky = a_run("full-0", "full", right=0.7, minutes=3, drawings=42, epochs=9)
    assert "57 % of MNIST" in bold(headline([DENSE, FULL, lucky], ["ana"]))
    fewer = a_run("one-1", "one", right=0.9, minutes=1, drawings=10)
    assert "57 % of MNIST" in bold(headline([DENSE, FULL, fewer], ["ana"]))
    nothing = guessing(a_run("full-2", "full", minutes=9, drawings=99))
    assert "57 % of MNIST" in bold(headline([DENSE, FULL, nothing], ["ana"]))
    assert "Not known yet" in headline([nothing], ["ana"])


def test_a_network_that_has_learnt_nothing_never_answers_for_mnist():
    assert "MNIST reads 98 % of MNIST" in headline([DENSE, FULL, guessing(a_run("newest", epochs=1))], ["ana"])
    told = headline([FULL, guessing(DENSE)], ["ana"])
    assert "Without a drawing" not in told
    assert "What a network that you train on MNIST reaches here is not measured yet." in told


def test_seeds_are_averaged():
    runs = [
        a_run(f"full-{seed}", "full", right=right, minutes=3, drawings=42, seed=seed)
        for seed, right in enumerate((0.5, 0.6))
    ]
    told = headline(runs, ["ana"])
    assert "55 % of MNIST" in told
    assert "Drawn were 42 digits; the figures are means of 2 trainings with different seeds." in told


HELPED = a_run("full-2", "full", right=0.98, minutes=190 / 60, drawings=42, own=1.0, start_from="reference")
PILES = a_run("piles", "unlabelled", right=0.96, minutes=190 / 60, drawings=42, own=0.95, helped="unlabelled")


def test_each_kind_of_help_has_a_sentence_of_its_own_after_the_drawings_alone():
    told = headline([PILES, HELPED, FULL], ["ana"])
    assert told.startswith(
        "**3 min 10 s of drawing: a network trained on these drawings alone reads "
        "57 % of MNIST and 90 % (70\N{EN DASH}97) of your own digits.** With "
        "MNIST's network as a start: 98 % and 100 %. With MNIST's pictures without labels: 96 % and 95 %. Drawn "
        "were 42 digits."
    )
    assert "98" not in bold(told)


@pytest.mark.parametrize("helped", [HELPED, PILES])
def test_help_alone_leaves_the_question_open(helped):
    told = headline([DENSE, helped], ["ana"], "Ten people would do it.")
    assert bold(told) == "How long does it take, and how good is drawing alone? Not known yet."
    assert f"42 drawings and 3 min 10 s: {100 * helped.tests['mnist'].accuracy:.0f} % of MNIST and" in told
    assert "Ten people" not in told
    (missing,) = answer.tell([DENSE, helped], []).missing
    assert (missing.page, missing.text) == (
        "pages/retrain.py",
        "What your drawings are worth alone is not measured yet.",
    )


def test_help_on_other_drawings_says_on_how_many():
    few = a_run("one-1", "one", right=0.97, minutes=0.5, drawings=10, start_from="x", version="1" * 16)
    assert "With MNIST's network as a start, 10 drawings and 30 s: 97 % of MNIST." in headline([few, FULL], ["ana"])


def test_mnists_digits_mixed_in_are_no_start():
    mixed = a_run("full-3", "full", right=0.97, minutes=190 / 60, drawings=42, helped="mnist")
    assert "With MNIST's digits mixed in: 97 % of MNIST." in headline([mixed, FULL], ["ana"])


def test_a_score_of_a_helped_network_on_other_own_digits_is_said_to_be_that():
    other = replace(HELPED.tests["own"], version="of somebody else")
    helped = replace(HELPED, tests={**HELPED.tests, "own": other})
    assert "as a start: 98 % of MNIST and 100 % of other own digits." in headline([helped, FULL], ["ana"])


def test_equal_accuracy_is_told_in_minutes():
    runs = [a_run("dense-1", right=0.978, own=0.85), FULL]
    told = headline(runs, ["ana"])
    assert "Minutes for equal accuracy: 80 % of your own digits takes 3.2 min or less alone, 0 min with MNIST's" in told
    curve = [Measured("alone", "alone", minutes, "own", "", own) for minutes, own in ((0.5, 0.7), (1.5, 0.86))]
    assert "80 % of your own digits takes 1.5 min alone, 0 min" in headline(runs, ["ana"], "", curve)
    of_others = [replace(point, version="other") for point in curve]
    assert "takes 3.2 min or less alone" in headline(runs, ["ana"], "", of_others)
    assert "equal accuracy" not in headline([FULL], ["ana"])


def test_minutes_of_another_hand_are_not_compared():
    other = a_run("full-9", "full", right=0.6, minutes=1, drawings=20, version="9" * 16)
    assert "1.0 min" in headline([DENSE, FULL, other], ["ana"])
    assert "1.0 min" not in headline([DENSE, FULL, other], ["ana", "ben"])
    untested = replace(FULL, tests={"mnist": FULL.tests["mnist"]})
    assert "equal accuracy" not in headline([DENSE, untested, other], ["ana", "ben"])


def test_several_writers_are_not_you():
    assert "of the writer's own digits" in headline([FULL], ["ana", "ben"])


def test_no_text_of_people_is_in_the_answer():
    """It is Markdown: a name in it would have to be escaped."""
    runs = [
        a_run("dense-1", name="**Zoe**", own=0.9),
        a_run("one-1", "one", name="[Zoe](http://x)", minutes=1, drawings=10, own=0.8),
        a_run("one-2", "one", name="<b>Zoe</b>", minutes=1, drawings=10, own=0.9, start_from="reference"),
    ]
    for some in (runs, runs[:1], []):
        text = answer.tell(some, ["**Zoe**", "<b>Zoe</b>"]).text()
        assert "Zoe" not in text
        assert len(text) > 50
