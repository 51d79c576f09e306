from contextlib import closing

from digitlab.learning.baseline_runs import guess, measure_simple_predictors
from digitlab.learning.methods import METHODS
from digitlab.run import from_json, to_json
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store


def test_guessing():
    run = guess(7)
    assert run == guess(7)
    assert run.tests != guess(8).tests
    assert run.seed == 7
    assert run.tests["mnist"].n == 10_000
    assert 0.08 < run.tests["mnist"].accuracy < 0.12
    assert from_json(to_json(run)) == run


def test_references_are_measured_and_stored(small_data, tmp_path):
    url, events = f"sqlite:///{tmp_path / 'digitlab.db'}", []
    ids = measure_simple_predictors(url, report=events.append, should_stop=lambda: False)
    with closing(Store(url)) as store:
        runs = {run.id: run for run in read_runs(store)}
    assert set(runs) == set(ids)
    accuracy = {run.method: run.tests["mnist"].accuracy for run in runs.values()}
    assert accuracy["most_frequent"] < 0.3 < accuracy["nearest_mean"]
    assert accuracy["nearest_neighbour"] > 0.5
    assert all(run.tests["mnist"].n == 80 and run.train.n == 300 for run in runs.values())
    assert all(run.method in METHODS for run in runs.values())
    progress = [event["progress"] for event in events if "progress" in event]
    assert progress == sorted(progress)
    assert progress[-1] == 1


def test_references_can_be_stopped(small_data, tmp_path):
    url, asked = f"sqlite:///{tmp_path / 'digitlab.db'}", iter(range(10))
    ids = measure_simple_predictors(url, report=lambda event: None, should_stop=lambda: next(asked) == 1)
    with closing(Store(url)) as store:
        assert [run.id for run in read_runs(store)] == ids
    assert len(ids) == 1
