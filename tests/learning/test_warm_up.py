from dataclasses import replace

import pytest

from digitlab.learning import model_files, warm_up
from digitlab.learning.presets import defaults
from digitlab.settings import Settings
from tests.learning.experiments import TINY, run_experiment


@pytest.mark.slow
def test_after_warming_up_the_first_training_has_nothing_left_to_compile(lab, batches):
    from digitlab.learning import compiled_steps

    def compiled():
        return [
            made.cache_info().misses for made in (compiled_steps._steps, compiled_steps._front, model_files._template)
        ]

    for part in range(warm_up.PARTS):
        warm_up.warm_up(part, report=lambda event: None, should_stop=lambda: False)
    before = compiled()
    run_experiment(lab, batch_ids=(batches["one"],), settings=replace(defaults(10), epochs=1, copies=1))
    run_experiment(lab, settings=replace(Settings(), epochs=1, train_share=0.01))
    assert compiled() == before
    run_experiment(lab, settings=replace(TINY, hidden_units=(9,)))
    assert compiled() != before
