"""Which result speaks for a method: the same rule for the headline, Home, the lines, the cross table and the report."""

from dataclasses import replace

import pytest

from digitlab.comparison.method_results import method_results
from digitlab.comparison.speaking import mnist_speaker, reference_lines, speaker
from digitlab.learning import presets
from tests.comparison.examples import DENSE, GUESS, ONE, guessing
from tests.helpers import a_run


def full(run_id, drawings=100, **more):
    return a_run(
        run_id, "full", **{"right": 0.7, "minutes": 5, "drawings": drawings, "version": f"{drawings:016}", **more}
    )


def usual(run):
    return replace(run, settings=replace(presets.defaults(run.drawings), seed=run.settings.seed))


def imported(run):
    return replace(run, train=replace(run.train, imported=5))


def stopped(run):
    return replace(run, stopped=True)


@pytest.mark.parametrize(
    ("runs", "chosen"),
    [
        ([], None),
        ([GUESS, DENSE], None),
        ([full("small", 20), full("large", 100), full("newest", 40)], "large"),
        ([full("plain"), full("lucky", right=0.9, epochs=9)], "plain"),
        ([full("lucky", right=0.9, epochs=9), usual(full("usual")), full("newest", epochs=7)], "usual"),
        ([full("one", epochs=9), full("seed-0"), full("seed-1", seed=1)], "seed-0"),
        ([full("finished", 20), stopped(full("stopped", 100))], "finished"),
        ([stopped(full("stopped", 100))], "stopped"),
        ([full("works", 10), guessing(full("guessing", 100))], "works"),
        ([guessing(full("guessing"))], None),
        ([full("drawn", 10), imported(full("from-a-file", 60_000))], "drawn"),
        ([imported(full("from-a-file", 60_000))], None),
        ([full("alone", 10), full("helped", 100, start_from="reference")], "alone"),
        ([full("helped", start_from="reference"), full("piles", helped="unlabelled")], None),
    ],
)
def test_who_speaks_for_drawings_alone(runs, chosen):
    result = speaker(method_results(runs), "alone")
    assert (result and result.id) == chosen


def test_each_kind_and_method_has_its_own_speaker():
    runs = [ONE, full("alone"), full("helped", start_from="x"), full("piles", helped="unlabelled")]
    results = method_results(runs)
    assert [speaker(results, kind).id for kind in ("alone", "unlabelled", "mnist")] == ["alone", "piles", "helped"]
    assert speaker(results, "alone", "one").id == "one-1"
    assert speaker(results, "mnist", "one") is None


def test_help_is_compared_on_the_same_drawings_if_it_can_be():
    more = full("more", 200, start_from="x", version="1" * 16)
    same = full("same", 100, start_from="x", version="2" * 16)
    results = method_results([more, same])
    assert speaker(results, "mnist").id == "more"
    assert speaker(results, "mnist", data="2" * 16).id == "same"


def with_validation(run, accuracy, digits=55_000):
    history = (*run.history[:-1], replace(run.history[-1], val_accuracy=accuracy))
    return replace(run, history=history, train=replace(run.train, n=digits))


@pytest.mark.parametrize(
    ("runs", "chosen"),
    [
        ([GUESS, ONE], None),
        (
            [
                with_validation(a_run("most", right=0.9), 0.9),
                with_validation(a_run("few", right=0.98, epochs=3), 0.99, 5500),
            ],
            "most",
        ),
        (
            [
                with_validation(a_run("best", right=0.9), 0.99),
                with_validation(a_run("lucky", right=0.98, epochs=3), 0.9),
            ],
            "best",
        ),
        ([a_run("good"), guessing(a_run("newest", epochs=1))], "good"),
        ([a_run("finished"), stopped(with_validation(a_run("stopped", epochs=9), 0.99))], "finished"),
        ([guessing(a_run("guessing"))], None),
    ],
)
def test_who_speaks_for_the_network_on_mnist(runs, chosen):
    """By validation digits, never by the test score, and not the newest."""
    result = mnist_speaker(method_results(runs))
    assert (result and result.id) == chosen


def test_a_convolutional_network_does_not_speak_for_the_dense_one():
    dense, other = a_run("dense-1", epochs=2, right=0.97), a_run("dense-2", epochs=2, right=0.99)
    lenet = replace(other, settings=replace(other.settings, network="lenet"))
    assert mnist_speaker(method_results([lenet, dense])).id == "dense-1"
    assert mnist_speaker(method_results([lenet])) is None


def test_lines_to_compare_with():
    results = method_results([GUESS, DENSE, guessing(a_run("newest", epochs=1)), ONE])
    lines = reference_lines(results, "mnist")
    assert lines["line"].tolist() == ["Random guess", "Dense network on MNIST"]
    assert lines["accuracy"].tolist() == [0.1, 0.97]
    assert reference_lines(results, "own")["line"].tolist() == ["Random guess"], "it was not tested on own digits"
    assert reference_lines([], "mnist")["line"].tolist() == ["Random guess"]
    guessed = reference_lines([], "mnist", guess=0.62)
    assert guessed["line"].tolist() == ["Random guess", "Your estimate of ten drawings: 62\N{NO-BREAK SPACE}%"]
    assert guessed["accuracy"].tolist() == [0.1, 0.62]
    assert len(reference_lines([], "own", guess=0.62)) == 1, "it was a guess about MNIST"
