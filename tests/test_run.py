"""Runs as JSON: written and read alike, also what earlier versions wrote; what is damaged is refused by name."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from digitlab.run import Epoch, Mistake, Run, RunError, TestResult, TrainedOn, from_json, to_json, with_help
from digitlab.settings import Settings

BEFORE = Path(__file__).with_name("before-card.json")
REFERENCE = Path(__file__).parents[1] / "models" / "reference.json"
RUN = Run(
    id="one-1",
    name="Ten of Zoë",
    method="one",
    tests={"mnist": TestResult(4, 3, 0.75, 0.3, 0.95, ((1, 0), (1, 2)), (Mistake(2, 1, 0, 0.9),), "")},
    parameters=7,
    training_seconds=1.5,
    human_seconds=40.0,
    drawings=10,
    help="mnist",
    settings=Settings(hidden_units=(16, 8), seed=3),
    start_from="reference",
    train=TrainedOn("drawings", 10, "0" * 16, (4,)),
    history=(Epoch(1, 0.5, 0.8, 0.6, 0.7, 1.0, 100),),
    stopped=True,
    versions={"python": "3.11.7"},
)


def test_what_is_written_is_read_back():
    assert from_json(to_json(RUN)) == RUN


def test_the_card_of_the_reference_model_shows_the_same_numbers():
    card, run = json.loads(REFERENCE.read_text()), from_json(REFERENCE.read_text())
    assert (run.id, run.name, run.method) == ("reference", card["name"], "dense")
    assert run.tests["mnist"].accuracy == card["tests"]["mnist"]["accuracy"]
    assert [list(row) for row in run.tests["mnist"].confusion] == card["tests"]["mnist"]["confusion"]
    assert [epoch.val_accuracy for epoch in run.history] == [epoch["val_accuracy"] for epoch in card["history"]]
    assert (run.settings.hidden_units, run.settings.epochs, run.settings.forms) == ((256,), 20, True)


def test_a_run_of_the_version_before_shows_the_same_numbers():
    """Written by commit b898f35: the reference model trained further on ten drawings, with own test digits."""
    card, run = json.loads(BEFORE.read_text()), from_json(BEFORE.read_text())
    same = (
        "id",
        "name",
        "method",
        "parameters",
        "training_seconds",
        "human_seconds",
        "drawings",
        "stopped",
        "versions",
    )
    assert {name: getattr(run, name) for name in same} == {name: card[name] for name in same}
    assert run.start_from == "reference"
    assert {name: getattr(run.settings, name) for name in card["settings"]} == {
        **card["settings"],
        "hidden_units": tuple(card["settings"]["hidden_units"]),
    }
    assert (run.train.data, run.train.n, run.train.version) == ("drawings", 10, card["train"]["version"])
    assert list(run.train.batch_ids) == card["train"]["batch_ids"]
    assert [asdict(epoch) for epoch in run.history] == card["history"]
    assert set(run.tests) == set(card["tests"]) == {"mnist", "own"}
    for name, test in card["tests"].items():
        read = json.loads(to_json(run))["tests"][name]
        assert {key: read[key] for key in test} == test


def test_what_a_later_version_adds_is_passed_over():
    card = json.loads(to_json(RUN))
    card["weather"], card["settings"]["mood"] = "fine", 3
    assert from_json(json.dumps(card)) == RUN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ("[]", "Expected `object`"),
        ("{}", "missing required field `id`"),
        (to_json(RUN).replace('"n": 4', '"n": "four"'), r"Expected `int`.*\$\.tests"),
        (to_json(RUN).replace('"help": "mnist"', '"help": "luck"'), r"Invalid enum value 'luck'.*\$\.help"),
        (to_json(RUN).replace('"epochs": 5', '"epochs": 0'), "epochs between 1 and 500"),
    ],
)
def test_what_is_no_run_is_refused_and_the_place_named(text, said):
    with pytest.raises(RunError, match=said):
        from_json(text)


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(RunError, match="one-1"):
        to_json(replace(RUN, human_seconds=float("nan")))


ALONE = replace(RUN, id="alone", help=None, start_from=None)
ON_MNIST = Run("dense-1", "MNIST", "dense", tests={}, settings=Settings())
UNLABELLED = replace(ALONE, id="piles", method="unlabelled", help="unlabelled")


def after(start, run_id="after", **settings):
    """A run without its kind of help that went on from another."""
    return replace(ALONE, id=run_id, start_from=start, settings=replace(ALONE.settings, **settings))


@pytest.mark.parametrize(
    ("run", "starts", "kind"),
    [
        (ON_MNIST, [], None),
        (ALONE, [], "alone"),
        (replace(ALONE, settings=replace(ALONE.settings, mnist_share=0.1)), [], "mnist"),
        (after("reference"), [], "mnist"),
        (after("gone"), [], "mnist"),
        (after("dense-1"), [ON_MNIST], "mnist"),
        (after("alone"), [ALONE], "alone"),
        (after("alone", mnist_share=0.1), [ALONE], "mnist"),
        (after("piles"), [UNLABELLED], "unlabelled"),
        (after("piles", mnist_share=0.1), [UNLABELLED], "mnist"),
        (after("second"), [after("alone", "second"), ALONE], "alone"),
        (after("second"), [after("dense-1", "second"), ON_MNIST], "mnist"),
        (after("second"), [after("alone", "second", mnist_share=0.1), ALONE], "mnist"),
        (after("second"), [after("piles", "second"), UNLABELLED], "unlabelled"),
        (after("second"), [after("after", "second")], "mnist"),
    ],
)
def test_what_an_old_run_does_not_tell_of_its_help_is_found_out(run, starts, kind):
    by_id = {each.id: each for each in [*starts, run]}
    assert with_help(run, by_id.get) == replace(run, help=kind)


def test_a_run_that_tells_its_kind_of_help_is_believed():
    assert with_help(RUN, {}.get) is RUN
    assert with_help(UNLABELLED, {}.get) is UNLABELLED


def test_the_run_of_the_version_before_had_the_help_of_mnist():
    run = from_json(BEFORE.read_text())
    assert (run.help, with_help(run, {}.get).help) == (None, "mnist")
