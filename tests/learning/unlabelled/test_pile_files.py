import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from digitlab.learning.model_files import ModelError
from digitlab.learning.unlabelled import pile_files
from digitlab.learning.unlabelled.pile_files import LEFT_OUT, Piles, describe_names
from digitlab.storage.store import Store
from tests.helpers import NO_NETWORK, a_run, add_run

SAME = list(range(10))
SWAPPED = [0, 1, 2, 3, 4, 5, 6, 9, 8, 7]


@pytest.fixture
def piles():
    """100 pictures, every third of a data set; picture n is in pile n % 10 and the surer the smaller n."""
    return Piles(3 * np.arange(100), np.arange(100) % 10, np.linspace(1, 0.5, 100, dtype=np.float32))


@pytest.fixture
def images():
    """300 pictures that tell which they are: picture n has the ink n % 256 and its number / 256 in the corner."""
    pictures = np.zeros((300, 28, 28), np.uint8)
    pictures += (np.arange(300) % 256).astype(np.uint8)[:, None, None]
    pictures[:, 0, 0] = np.arange(300) // 256
    return pictures


def test_a_swap_swaps_and_changes_nothing_else(piles):
    swapped = piles.renamed(SWAPPED)
    assert (swapped.digits[piles.digits == 7] == 9).all()
    assert (swapped.digits[piles.digits == 9] == 7).all()
    others = ~np.isin(piles.digits, [7, 9])
    assert (swapped.digits[others] == piles.digits[others]).all()
    assert (swapped.places == piles.places).all()
    assert (swapped.renamed(SWAPPED).digits == piles.digits).all()


def test_two_piles_may_be_one_and_another_left_out(piles):
    named = piles.renamed([0, 1, 2, 3, 9, 5, 6, 7, LEFT_OUT, 9])
    assert named.sizes() == (10, 10, 10, 10, 0, 10, 10, 10, 0, 20)
    kept = named.kept()
    assert len(kept.places) == len(kept.digits) == 90
    assert not np.isin(kept.places, piles.places[piles.digits == 8]).any()


@pytest.mark.parametrize("names", [SAME[:9], [*SAME[:9], 11], [*SAME[:9], -1], [LEFT_OUT] * 10])
def test_what_are_no_names_is_refused(piles, names):
    with pytest.raises(ValueError, match="Expected"):
        piles.renamed(names)


def test_examples_are_of_the_pile_the_surer_half_evenly_and_then_the_least_sure(piles):
    chosen = piles.examples(4, typical=3, doubtful=2) // 3
    assert (chosen % 10 == 4).all()
    assert chosen.tolist() == [4, 24, 44, 84, 94]


@pytest.mark.parametrize("size", [0, 1, 4, 5, 6, 7])
def test_examples_of_a_small_pile_are_each_there_once(size):
    piles = Piles(np.arange(size), np.full(size, 3), np.linspace(1, 0.1, size, dtype=np.float32))
    chosen = piles.examples(3, typical=3, doubtful=2)
    assert len(set(chosen.tolist())) == len(chosen) == min(size, 5)
    assert len(piles.examples(5, typical=3, doubtful=2)) == 0


def keep(content):
    """A store with a run that has these piles."""
    store = Store("sqlite://")
    add_run(store, a_run("run-1"), replace(NO_NETWORK, piles=content))
    return store


def test_piles_and_their_examples_are_kept(piles, images):
    store = keep(pile_files.pack(piles.renamed([*SAME[:9], 8]), images))
    kept = pile_files.load("run-1", store)
    assert (kept.places == piles.places).all()
    assert kept.sizes() == (10,) * 8 + (20, 0)
    assert kept.sureness == pytest.approx(piles.sureness, abs=1e-3)
    shown = pile_files.load_examples("run-1", store)
    assert [len(pictures) for pictures in shown] == [10] * 9 + [0]
    assert (shown[4] == images[kept.examples(4, pile_files.TYPICAL, pile_files.DOUBTFUL)]).all()


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_missing_or_damaged_file_is_told(content):
    store = keep(content)
    for read in (pile_files.load, pile_files.load_examples):
        with pytest.raises(ModelError, match="run-1 are missing or damaged. Sort the pictures again"):
            read("run-1", store)


def test_a_wrong_byte_is_told_or_does_no_harm(piles, images):
    content, rng, refused = pile_files.pack(piles, images), np.random.default_rng(0), 0
    for place in rng.integers(0, len(content), 300):
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        try:
            pile_files.check(bytes(damaged), "run-1")
        except ModelError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    "odd",
    [
        {"digits": np.full(100, "7")},
        {"digits": np.full(100, -1)},
        {"digits": np.full(100, 11)},
        {"digits": np.zeros(99, np.uint8)},
        {"places": np.zeros(100)},
        {"sureness": np.full(100, "sure")},
        {"ends": np.full(10, 100.0)},
        {"ends": np.arange(10)[::-1]},
        {"examples": np.zeros((3, 28, 28), np.uint8)},
        {"places": np.int64(0), "digits": np.int64(0), "sureness": np.float32(0)},
        {"places": np.full(100, -1)},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_what_are_no_piles_is_refused(piles, images, odd):
    """A file that somebody brings in may hold anything."""
    with np.load(io.BytesIO(pile_files.pack(piles, images))) as arrays:
        changed = {**arrays, **odd}
    content = io.BytesIO()
    np.savez(content, **changed)
    with pytest.raises(ModelError, match="missing or damaged"):
        pile_files.check(content.getvalue(), "run-1")


def test_a_zip_of_other_files_is_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("places", "digits", "sureness", "ends", "examples"):
            archive.writestr(name, b"no array")
    with pytest.raises(ModelError, match="missing or damaged"):
        pile_files.check(content.getvalue(), "run-1")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (SAME, []),
        (SWAPPED, []),
        ([*SAME[:9], LEFT_OUT], ["No pile is called 9: only your drawings will show the network a 9."]),
        (
            [0, 0, 2, 2, *SAME[4:]],
            [
                "Two piles are called 0 and 2, and no pile is called 1 or 3: only your drawings will show the network "
                "a 1 or 3."
            ],
        ),
    ],
)
def test_what_names_mean_is_said(names, said):
    assert describe_names(names) == said
