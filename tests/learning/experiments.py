"""Run an experiment as a job would."""

from digitlab.learning import experiment
from digitlab.learning.experiment import Experiment
from digitlab.settings import Settings
from digitlab.storage.runs import read_runs

TINY = Settings(hidden_units=(16,), epochs=1, train_share=0.01, batch_size=32, seed=3)


def run_experiment(lab, should_stop=lambda: False, **changes):
    """Run an experiment; the run that is stored, and everything it reported."""
    events = []
    given = {"name": "A run", "settings": TINY, "database_url": lab.place}
    run_id = experiment.run(Experiment(**{**given, **changes}), report=events.append, should_stop=should_stop)
    (run,) = [run for run in read_runs(lab) if run.id == run_id]
    return run, events
