from dataclasses import replace

from digitlab.comparison.kinds import KIND_TITLES, kind_of, way, with_kind
from tests.comparison.examples import DENSE, ONE


def test_a_run_that_does_not_tell_is_never_taken_for_drawings_alone():
    assert kind_of(ONE) == "alone"
    assert kind_of(replace(ONE, help=None)) == "mnist"
    assert kind_of(DENSE) == "none"


def test_kinds_have_names_that_tell_them_apart():
    assert len(set(KIND_TITLES.values())) == len({way(kind) for kind in KIND_TITLES}) == 5
    assert way("mnist", started=False) != way("mnist")
    assert with_kind("Ten", ONE) == "Ten (drawings alone)"
    assert with_kind("Dense", DENSE) == "Dense"
