from digitlab.jobs.engine import Jobs
from digitlab.learning import warm_up
from digitlab.ui import resources


def test_the_worker_of_a_server_warms_up_and_whoever_trains_goes_before(monkeypatch):
    monkeypatch.setattr(Jobs, "_connect", lambda jobs: None)
    monkeypatch.setattr(Jobs, "_hand_over", lambda jobs, client: None)  # they wait
    engine = resources._jobs.__wrapped__()
    assert [job.gives_way for job in engine.all("warm-up")] == [True] * warm_up.PARTS
    assert engine.alive() == []
    engine.close()
