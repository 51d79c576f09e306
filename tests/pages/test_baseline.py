import pytest

from digitlab.learning.baseline import binomial_band
from digitlab.look import percent
from tests.helpers import a_run, add_run, charted, draw, human_strokes, place_of, texts


def accuracy(at):
    return float(at.metric[0].value.rstrip("%")) / 100


def test_a_guess_lies_in_the_binomial_band(visit):
    at = visit("baseline")
    low, high = binomial_band(10_000)
    assert low <= accuracy(at) <= high
    assert f"between **{percent(low, 2)} and {percent(high, 2)}**" in texts(at)


def test_the_seed_makes_the_guess(visit):
    at = visit("baseline")
    first = accuracy(at)
    assert accuracy(at.number_input(key="baseline_seed").set_value(7).run()) != first
    assert accuracy(visit("baseline", baseline_seed="7")) == accuracy(at)
    assert accuracy(at.number_input(key="baseline_seed").set_value(0).run()) == first


@pytest.mark.parametrize("seed", ["-1", "1000000", "many"])
def test_a_seed_of_a_link_that_is_out_of_range_is_refused(visit, seed):
    at = visit("baseline", baseline_seed=seed)
    assert not at.exception
    assert at.number_input(key="baseline_seed").value == 0
    assert f" {seed} " in at.warning[0].value
    assert "0 to 999999" in at.warning[0].value


def test_a_guess_for_a_drawing_only_when_there_is_one(visit):
    at = visit("baseline")
    assert at.button(key="baseline_guess").disabled
    draw(at, "baseline_try", human_strokes()[3])
    at.button(key="baseline_guess").click().run()
    assert "It did not look at your drawing." in texts(at)
    at.button(key="baseline_try-button-clear").click().run()
    assert at.button(key="baseline_guess").disabled


def test_measured_references_are_shown(visit, store):
    at = visit("baseline")
    place = place_of(at, "baseline_try-canvas-0")
    assert "Measure the reference lines" in at.button(key="references_start").label
    assert len(charted(at, "low")) == 1
    for method, right in (("most_frequent", 0.11), ("nearest_mean", 0.8), ("nearest_neighbour", 0.97)):
        add_run(store, a_run(f"{method.replace('_', '-')}-1", method, right=right, name=method))
    at.run()
    assert {row["name"]: row["accuracy"] for row in charted(at, "low")} == {
        "Random guess": accuracy(at),
        "most_frequent": 0.11,
        "nearest_mean": 0.8,
        "nearest_neighbour": 0.97,
    }
    assert all(button.key != "references_start" for button in at.button)
    assert place_of(at, "baseline_try-canvas-0") == place, "a canvas that moves is mounted anew and blank"
