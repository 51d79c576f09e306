import pytest

from digitlab.learning.presets import POOL, defaults
from digitlab.settings import NETWORKS


@pytest.mark.parametrize("drawings", [1, 10, 99, 1000, 100_000])
@pytest.mark.parametrize("network", NETWORKS)
def test_defaults_make_enough_varied_digits_of_any_number(drawings, network):
    settings = defaults(drawings, network)
    assert drawings * settings.copies >= min(POOL, 1000 * drawings)
    assert defaults(drawings, network, from_saved=True).learning_rate < settings.learning_rate
