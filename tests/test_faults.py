"""The short form of tests/benchmarks/faults.py: one round of each fault with two people."""

import pytest

from tests.benchmarks import faults


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in faults.FAULTS if fault != "worker"])  # that one takes longest
def test_nothing_is_lost_whatever_breaks(tmp_path, fault):
    result = faults.one_round(tmp_path, fault, people=2, seed=1, lasts=4)
    assert result["wrong"] == []
    assert result["waiting"] == 0, "all has arrived in the end"
    assert result["acknowledged"] > 5
