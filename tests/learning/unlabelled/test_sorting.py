import numpy as np
import pytest

from digitlab.learning.unlabelled import graph, sorting
from digitlab.learning.unlabelled.graph import Neighbours

PER_PILE = 20


@pytest.fixture
def ten_rings():
    """A graph of ten separate rings of 20 pictures, each joined to the four beside it; and the ring of each picture."""
    place = np.arange(10 * PER_PILE)
    ring, nth = place // PER_PILE, place % PER_PILE
    beside = [PER_PILE * ring + (nth + step) % PER_PILE for step in (1, -1, 2, -2)]
    distances = np.tile(np.float32([1, 1, 2, 2]), (len(place), 1))
    return graph.join(Neighbours(np.stack(beside, axis=1).astype(np.int32), distances)), ring


def say(labels, sure=0.6):
    """What a teacher says that is as sure of each label."""
    said = np.full((len(labels), 10), (1 - sure) / 9, np.float32)
    said[np.arange(len(labels)), labels] = sure
    return said


def test_balanced_piles_are_equally_large_however_uneven_they_were():
    said = np.random.default_rng(0).dirichlet([8, 4, 2, 1, 1, 1, 0.5, 0.2, 0.1, 0.1], 500).astype(np.float32)
    balanced = sorting.balance(said)
    assert balanced.sum(axis=1) == pytest.approx(np.ones(500), abs=1e-5)
    assert balanced.sum(axis=0) == pytest.approx(np.full(10, 50), rel=0.02)
    assert said.sum(axis=0).max() > 150, "they were uneven"


def test_balancing_weighs_piles_and_not_pictures():
    """One factor for each pile: the odds between two pictures stay what the teacher said."""
    said = np.random.default_rng(1).dirichlet(np.ones(10), 50).astype(np.float32)
    ratio = sorting.balance(said) / said
    factors = ratio / ratio[:, :1]
    assert factors == pytest.approx(np.tile(factors[0], (50, 1)), rel=1e-3)


def test_a_pile_that_the_teacher_never_names_is_no_division_by_zero():
    said = say(np.zeros(30, int), sure=1.0)
    balanced = sorting.balance(said)
    assert np.isfinite(balanced).all()
    assert balanced.sum(axis=1) == pytest.approx(np.ones(30), abs=1e-5)


def test_what_is_said_passes_to_the_pictures_alike_and_to_no_others(ten_rings):
    joined, ring = ten_rings
    start = np.zeros((len(ring), 10), np.float32)
    start[0, 3] = 1  # of one picture something is known
    passed = sorting.diffuse(joined, start, 100)
    assert (passed[ring == 0, 3] > 0).all()
    assert not passed[ring != 0].any()
    assert not np.delete(passed, 3, axis=1).any()


def test_neighbours_overrule_a_teacher_that_is_wrong_about_some(ten_rings):
    joined, ring = ten_rings
    labels = ring.copy()
    wrong = np.arange(len(ring)) % PER_PILE % 5 < 2  # of each ring two fifths
    labels[wrong] = (labels[wrong] + 3) % 10
    done = sorting.sort(joined, say(labels))
    assert (done.piles == ring).all()
    assert ((done.sureness > 0.1) & (done.sureness <= 1)).all()


def test_a_teacher_that_is_mostly_wrong_about_two_digits_swaps_them_whole(ten_rings):
    """All or nothing: why a person should look."""
    joined, ring = ten_rings
    labels = np.where(ring == 7, 9, np.where(ring == 9, 7, ring))
    done = sorting.sort(joined, say(labels))
    assert (done.piles == labels).all()


def test_the_same_sorts_the_same(ten_rings):
    joined, ring = ten_rings
    said = np.random.default_rng(3).dirichlet(np.ones(10), len(ring)).astype(np.float32)
    first, second = sorting.sort(joined, said), sorting.sort(joined, said)
    assert (first.piles == second.piles).all()
    assert (first.sureness == second.sureness).all()


def test_sorting_stops_when_asked(ten_rings):
    joined, ring = ten_rings
    shares = []

    def stops(share):
        shares.append(share)
        return len(shares) == 3

    assert sorting.sort(joined, say(ring), stops) is None
    assert len(shares) == 3
    assert shares == sorted(shares)


def test_a_pile_is_named_as_most_is_said_in_all_not_each_by_itself():
    """Both piles look like a 9 to the teacher; the better 9 gets the name, the other one the name that is left."""
    piles = np.arange(10)
    said = say(piles)
    said[4] = 0
    said[4, 9], said[4, 4] = 0.5, 0.4
    said[9] = 0
    said[9, 9] = 0.9
    assert sorting.name_piles(piles, said).tolist() == list(range(10))


def test_swapped_piles_are_called_right_if_the_teacher_knows_better():
    labels = np.arange(200) % 10
    swapped = np.where(labels == 2, 7, np.where(labels == 7, 2, labels))
    names = sorting.name_piles(swapped, say(labels))
    assert (names[swapped] == labels).all()


def test_an_empty_pile_gets_the_name_that_is_left():
    piles = np.arange(100) % 9
    assert sorting.name_piles(piles, say(piles)).tolist() == list(range(10))
