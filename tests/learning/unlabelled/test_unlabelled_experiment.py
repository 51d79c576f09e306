"""The whole way on few pictures, with a teacher that learns little: what it reaches is measured by the benchmark."""

import json
from dataclasses import replace

import numpy as np
import pytest

from digitlab import mnist
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning import presets, progress
from digitlab.learning.progress import Stage
from digitlab.learning.training_data import VALIDATION_SIZE
from digitlab.learning.unlabelled import experiment, pictures, pile_files, student, teacher
from digitlab.learning.unlabelled.experiment import ConfirmExperiment, SortExperiment
from digitlab.storage import digit_sets
from digitlab.storage.batches import start_batch
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawings import read_drawing_rows, relabel_drawings, save_drawing
from digitlab.storage.runs import read_runs
from digitlab.storage.writers import add_writer
from tests.drawn import draw_batch

PICTURES = 400


@pytest.fixture(scope="module", autouse=True)
def small(few_test_digits):
    """Few pictures, few varied copies and a quick student."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "PICTURES", PICTURES)
        patch.setattr(presets, "POOL", 400)
        patch.setattr(teacher, "_LEAST_SURE", 0.2)  # so few copies make no sure teacher
        settings_for = student.settings_for
        patch.setattr(student, "settings_for", lambda *numbers: replace(settings_for(*numbers), epochs=2))
        yield


def sort(lab, batch_ids, *, should_stop=lambda: False, **more):
    """The run that is stored, None if there is none, and all reports."""
    events = []
    given = SortExperiment("Ten", lab.place, batch_ids, **more)
    run_id = experiment.sort_and_train(given, report=events.append, should_stop=should_stop)
    return stored(lab, run_id), events


def confirm(lab, run, names, seconds=12.5):
    given = ConfirmExperiment(run.id, tuple(names), seconds, lab.place)
    return stored(lab, experiment.confirm(given, report=lambda event: None, should_stop=lambda: False))


def stored(lab, run_id):
    return next((run for run in read_runs(lab) if run.id == run_id), None)


def piles_of(lab, run):
    return pile_files.load(run.id, lab)


def stages(events):
    return [told.stage for told in map(progress.from_event, events) if isinstance(told, Stage)]


@pytest.fixture(scope="module")
def done(lab, batches):
    return sort(lab, (batches["one"],), test_batch_ids=(batches["test"],), seed=5)


def test_a_run_is_stored_that_says_what_helped(lab, batches, done):
    run, events = done
    assert (run.method, run.help, run.name, run.start_from, run.stopped) == (
        "unlabelled",
        "unlabelled",
        "Ten",
        None,
        False,
    )
    assert (run.drawings, run.human_seconds, run.settings.seed) == (10, 12.5, 5)
    assert run.train.batch_ids == (batches["one"],)
    assert digit_sets.trained_batches(run, [run]) == {batches["one"]}
    assert run.train.version == read_dataset(lab, (batches["one"],)).version
    assert run.sorting.pictures == sum(run.sorting.sizes) == PICTURES
    assert not run.sorting.confirmed
    assert run.tests["mnist"].n == 1000
    assert run.tests["own"].n == 10
    assert len(run.history) == 2
    assert run.training_seconds > 0
    assert json.loads(json.dumps(events)) == events
    assert stages(events) == [
        "Loading the data",
        "Finding pictures that are alike",
        "Training on your drawings",
        "Sorting the pictures",
        "Training on the piles",
        "Testing",
    ]


def test_even_so_little_sorts_far_better_than_luck(lab, done):
    piles = piles_of(lab, done[0])
    labels = mnist.load_train()[1]
    assert (labels[piles.places] == piles.digits).mean() > 0.4


@pytest.mark.slow
def test_a_digit_that_was_drawn_more_often_sorts_no_worse(lab):
    batch_id = draw_batch(lab, "full", "Eda", labels=[*range(10), 3, 3, 3])
    run, _ = sort(lab, (batch_id,), seed=5)
    piles, labels = piles_of(lab, run), mnist.load_train()[1]
    assert run.drawings == 13
    assert (labels[piles.places] == piles.digits).mean() > 0.4
    assert run.sorting.sizes[3] < PICTURES / 3


def test_the_pictures_validated_on_are_not_sorted(lab, done):
    assert piles_of(lab, done[0]).places.max() < 60_000 - VALIDATION_SIZE


@pytest.mark.slow
def test_the_labels_of_the_pictures_decide_nothing(lab, batches, done, monkeypatch):
    """With other labels, those of the validation too, piles and network are the same; only its curve is another."""
    images, labels = mnist.load_train()
    monkeypatch.setattr(mnist, "load_train", lambda: (images, (labels + 3) % 10))
    run, _ = sort(lab, (batches["one"],), seed=5)
    assert (piles_of(lab, run).digits == piles_of(lab, done[0]).digits).all()
    assert run.tests["mnist"] == done[0].tests["mnist"]
    assert run.history[-1].loss == pytest.approx(done[0].history[-1].loss, rel=1e-4)
    assert run.history[-1].val_accuracy != done[0].history[-1].val_accuracy


def test_confirmed_piles_are_another_run_that_counts_the_looking(lab, done):
    before, _ = done
    after = confirm(lab, before, range(10))
    assert after.id != before.id
    assert stored(lab, before.id) == before
    assert after.human_seconds == before.human_seconds + 12.5
    assert (after.sorting.confirmed, after.sorting.names, after.sorting.seconds) == (True, tuple(range(10)), 12.5)
    assert (after.method, after.help, after.drawings, after.train) == ("unlabelled", "unlabelled", 10, before.train)
    assert after.name == "Ten, piles looked at"
    assert (piles_of(lab, after).digits == piles_of(lab, before).digits).all()


def test_two_swapped_piles_swap_what_the_network_reads(lab, done):
    """Those of the two digits that are read best: so weak a network may read others never."""
    before, _ = done
    confusion = np.array(before.tests["mnist"].confusion)
    one, other = np.argsort(confusion.diagonal())[-2:]
    names = list(range(10))
    names[one], names[other] = int(other), int(one)
    after = confirm(lab, before, names)
    swapped = np.array(after.tests["mnist"].confusion)
    assert before.sorting.sizes[one] == after.sorting.sizes[other]
    assert swapped[one, other] > swapped[one, one]
    assert swapped[other, one] > swapped[other, other]


def test_a_pile_can_be_left_out(lab, done):
    before, _ = done
    after = confirm(lab, before, [*range(9), pile_files.LEFT_OUT])
    assert after.sorting.pictures == PICTURES - before.sorting.sizes[9]
    assert after.sorting.sizes[9] == 0


def test_drawings_that_have_changed_are_told(lab, done, batches):
    ids = [row.id for row in read_drawing_rows(lab, [batches["one"]]) if row.label == 3]
    relabel_drawings(lab, ids, 5)
    try:
        with pytest.raises(ValueError, match="drawings have changed"):
            confirm(lab, done[0], range(10))
    finally:
        relabel_drawings(lab, ids, 3)


def test_what_was_not_sorted_cannot_be_confirmed(lab, done):
    with pytest.raises(ValueError, match="Received: 'dense-1'"):
        confirm(lab, replace(done[0], id="dense-1"), range(10))


def test_other_pictures_than_those_that_were_sorted_are_told(lab, done, monkeypatch):
    images, labels = mnist.load_train()
    for others in (255 - images, images[:6000]):
        monkeypatch.setattr(mnist, "load_train", lambda others=others: (others, labels[: len(others)]))
        with pytest.raises(ValueError, match="not the one whose pictures were sorted"):
            confirm(lab, done[0], range(10))


@pytest.mark.parametrize("labels", [[0, 1, 2, 3, 5, 6, 7, 8, 9], [1, 1, 7]])
def test_a_digit_that_was_not_drawn_is_told_at_once(lab, labels):
    batch_id = start_batch(lab, add_writer(lab, "Cem"), "full", labels, 0)
    stroke = [np.array([[0.0, 0.0], [5.0, 60.0]])]
    for position in range(len(labels)):
        save_drawing(lab, (batch_id, position), stroke, strokes_to_digit(stroke), 1.0)
    with pytest.raises(ValueError, match=f"none of {'4' if len(labels) == 9 else '0, 2, 3'}"):
        sort(lab, (batch_id,))


def test_a_test_batch_is_not_sorted_by(lab, batches):
    with pytest.raises(ValueError, match="never trained on"):
        sort(lab, (batches["test"],))


@pytest.mark.parametrize("asked", [1, 5, 30])
def test_a_stop_before_the_piles_are_there_stores_nothing(lab, batches, asked):
    known, questions = len(read_runs(lab)), []

    def should_stop():
        questions.append(True)
        return len(questions) >= asked

    run, events = sort(lab, (batches["one"],), should_stop=should_stop)
    assert run is None
    assert len(read_runs(lab)) == known
    assert "Training on the piles" not in stages(events)


@pytest.mark.slow
def test_a_stop_while_the_network_learns_keeps_what_it_has_learnt(lab, batches):
    events = []
    given = SortExperiment("Ten", lab.place, (batches["one"],))
    run_id = experiment.sort_and_train(
        given, report=events.append, should_stop=lambda: "Training on the piles" in stages(events)
    )
    assert stored(lab, run_id).stopped


def test_too_few_pictures_are_told(lab, batches, small_data):
    with pytest.raises(ValueError, match="Received: 300. Unset DIGITLAB_MNIST_DIR"):
        sort(lab, (batches["one"],))


def test_drawings_without_strokes_sort_too_and_the_highest_seed_is_a_seed(lab):
    """Pictures that were brought in have none: forms and the comparison with strokes step aside."""
    batch_id = draw_batch(lab, "full", "Dov")
    data = replace(read_dataset(lab, (batch_id,)), strokes=())
    features = pictures.features_of(mnist.load_train()[0][:50])
    said = teacher.read_pictures(data, features, 999_999, lambda share: False)
    assert said.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-4)


def test_a_teacher_as_unsure_as_a_guess_is_told():
    said = np.full((50, 10), 0.09, np.float32)
    said[:, 3] = 0.19
    with pytest.raises(ValueError, match="Received: pictures of which .* hardly sure .19.%.*DIGITLAB_MNIST_DIR"):
        teacher.check_sure(said)
    teacher.check_sure(np.eye(10, dtype=np.float32))
