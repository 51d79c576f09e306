"""The job queue on a real own cluster: nothing here is replaced by a stand-in."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cloudpickle
import pytest

from digitlab.jobs import cluster, engine
from digitlab.jobs.engine import Jobs
from digitlab.jobs.job import NotOwnerError
from digitlab.jobs.waiting import take_result

# The worker cannot import this file, so its functions travel by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def jobs():
    queue = Jobs()
    yield queue
    queue.close()


def until(condition, seconds=60):
    """Wait until `condition()` is true and return it."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.005)
    return value


def over(jobs, job_id):
    return until(lambda: (job := jobs.get(job_id)).over and job)


def running(jobs, job_id):
    return until(lambda: (job := jobs.get(job_id)).status == "running" and job)


def count(n, report, should_stop):
    for epoch in range(n):
        report({"epoch": epoch, "loss": 1 / (epoch + 1)})
    return {"epochs": n}


def work_until_stopped(report, should_stop):
    calls = 0
    while not should_stop():
        calls += 1
    return calls


def wait_for_file(path, report, should_stop):
    while not Path(path).exists():
        time.sleep(0.01)
    return path


def die(path, report, should_stop):
    report({"epoch": 0})
    wait_for_file(path, report, should_stop)
    os.kill(os.getpid(), signal.SIGKILL)


def test_result_and_events_in_order(jobs):
    before = time.time()
    job_id = jobs.submit(count, 3, tag="train")
    job = over(jobs, job_id)
    assert (job.id, job.tag, job.status, job.place, job.error, job.stopping) == (
        job_id,
        "train",
        "finished",
        0,
        None,
        False,
    )
    assert job.result == {"epochs": 3}
    assert job.events == tuple({"epoch": epoch, "loss": 1 / (epoch + 1)} for epoch in range(3))
    assert before <= job.started_at <= time.time()


def test_no_event_is_missing_when_finished_is_seen(jobs):
    for _ in range(5):
        job_id = jobs.submit(count, 400)
        assert [event["epoch"] for event in over(jobs, job_id).events] == list(range(400))


def test_events_arrive_while_it_runs(jobs, tmp_path):
    def report_then_wait(report, should_stop):
        report({"epoch": 0})
        wait_for_file(tmp_path / "go", report, should_stop)

    job_id = jobs.submit(report_then_wait)
    job = until(lambda: (job := jobs.get(job_id)).events and job)
    assert job.status == "running"
    (tmp_path / "go").touch()
    assert over(jobs, job_id).status == "finished"


def test_who_waits_is_told_of_the_end_at_once(jobs, tmp_path):
    job_id = jobs.submit(wait_for_file, tmp_path / "go")
    assert not jobs.wait(job_id, 0.05).over, "not longer than asked"
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(jobs.wait, job_id, 60) for _ in range(2)]
        (tmp_path / "go").touch()
        assert [each.result().status for each in waiting] == ["finished"] * 2
    assert jobs.wait(job_id, 60) == jobs.get(job_id)
    assert jobs.wait("nonsense", 60) is None


def test_later_jobs_queue_in_order(jobs, tmp_path):
    first = jobs.submit(wait_for_file, tmp_path / "go")
    rest = [jobs.submit(count, 1) for _ in range(4)]
    running(jobs, first)
    assert [jobs.get(job_id).place for job_id in (first, *rest)] == [0, 1, 2, 3, 4]
    assert {jobs.get(job_id).status for job_id in rest} == {"queued"}
    (tmp_path / "go").touch()
    began = [over(jobs, job_id).started_at for job_id in (first, *rest)]
    assert began == sorted(began)


def test_what_gives_way_begins_when_nothing_else_waits(jobs, tmp_path):
    first = jobs.submit(wait_for_file, tmp_path / "go")
    background = [jobs.submit(count, 1, gives_way=True) for _ in range(2)]
    later = jobs.submit(count, 1)
    assert jobs.get(later).place == 1
    (tmp_path / "go").touch()
    began = [over(jobs, job_id).started_at for job_id in (first, later, *background)]
    assert began == sorted(began)
    assert {jobs.get(job_id).status for job_id in background} == {"finished"}


def test_later_changes_of_an_argument_have_no_effect(jobs, tmp_path):
    def give_back(value, report, should_stop):
        return value

    first = jobs.submit(wait_for_file, tmp_path / "go")
    settings = {"epochs": 3}
    second = jobs.submit(give_back, settings)
    settings["epochs"] = 5
    (tmp_path / "go").touch()
    assert over(jobs, second).result == {"epochs": 3}
    assert over(jobs, first).status == "finished"


def test_stop_a_running_job(jobs):
    job_id = jobs.submit(work_until_stopped)
    running(jobs, job_id)
    asked = time.monotonic()
    jobs.stop(job_id)
    assert jobs.get(job_id).stopping
    job = over(jobs, job_id)
    assert time.monotonic() - asked < 20  # it is 0.5 s; a busy machine takes longer, one that never asks for ever
    assert (job.status, job.stopping) == ("finished", True)
    assert job.result > 1000  # calls in 0.25 s or more: asking is cheap


def test_stop_a_queued_job(jobs, tmp_path):
    first = jobs.submit(wait_for_file, tmp_path / "go")
    second, third = jobs.submit(count, 1), jobs.submit(count, 1)
    jobs.stop(second)
    job = jobs.get(second)
    assert (job.status, job.error, job.started_at) == ("cancelled", "Stopped before it began.", None)
    assert jobs.get(third).place == 1
    (tmp_path / "go").touch()
    assert [over(jobs, job_id).status for job_id in (first, second, third)] == ["finished", "cancelled", "finished"]


def test_only_the_owner_of_a_job_stops_it(jobs, tmp_path):
    first = jobs.submit(work_until_stopped, owner="anna")
    running(jobs, first)
    second = jobs.submit(count, 1, owner="bo")
    for job_id, stranger in ((first, "bo"), (second, "anna")):
        with pytest.raises(NotOwnerError, match="another person's"):
            jobs.stop(job_id, by=stranger)
        assert not jobs.get(job_id).stopping
    assert [(job.id, job.owner) for job in jobs.alive()] == [(first, "anna"), (second, "bo")]
    jobs.stop(second, by="bo")
    assert jobs.get(second).status == "cancelled"
    jobs.give(first, "bo")
    jobs.stop(first, by="bo")
    assert over(jobs, first).status == "finished"
    assert jobs.alive() == []


def test_stop_at_once_never_hangs(jobs):
    for _ in range(5):
        job_id = jobs.submit(work_until_stopped)
        jobs.stop(job_id)
        assert over(jobs, job_id).status in ("finished", "cancelled")


def test_stop_of_an_over_or_unknown_job_does_nothing(jobs):
    job_id = jobs.submit(count, 1)
    before = over(jobs, job_id)
    jobs.stop(job_id)
    jobs.stop("no such job")
    assert jobs.get(job_id) == before


def test_what_a_function_raises_is_told_and_logged(jobs, caplog):
    def refuse(report, should_stop):
        raise ValueError("Expected at least 2 digits, got 1. Draw one more.")

    def refuse_without_a_word(report, should_stop):
        raise MemoryError

    with caplog.at_level(logging.ERROR, logger="digitlab.jobs"):
        first, second = jobs.submit(refuse), jobs.submit(refuse_without_a_word)
        assert over(jobs, first).error == "Expected at least 2 digits, got 1. Draw one more."
        assert over(jobs, second).error == "MemoryError"
    assert jobs.get(first).status == "failed"
    assert "Traceback" in caplog.text
    assert "in refuse" in caplog.text


def test_an_event_that_cannot_be_sent_is_told(jobs):
    def report_an_object(report, should_stop):
        report({"model": object()})

    assert "serializable" in over(jobs, jobs.submit(report_an_object)).error


def test_unknown_id_is_none(jobs):
    assert jobs.get("no such job") is None


def test_a_server_of_months_knows_the_newest_of_what_is_over(jobs, monkeypatch):
    monkeypatch.setattr(engine, "FINISHED_KEPT", 3)
    long = jobs.submit(work_until_stopped)
    until(lambda: jobs.get(long).status == "running")
    ids = [jobs.submit(count, 0) for _ in range(5)]
    for job_id in ids[:4]:
        jobs.stop(job_id)  # over before the one that was asked for first
    jobs.stop(long)
    over(jobs, ids[4])
    assert [jobs.get(job_id) is None for job_id in ids] == [True, True, True, False, False]
    assert jobs.get(long).over


def test_latest_is_the_newest_that_is_not_over(jobs, tmp_path):
    first = jobs.submit(wait_for_file, tmp_path / "go", tag="dense")
    second = jobs.submit(count, 1, tag="dense")
    assert jobs.latest("dense").id == second
    assert jobs.latest("retrain") is None
    jobs.stop(second)
    assert jobs.latest("dense").id == first
    (tmp_path / "go").touch()
    over(jobs, first)
    assert jobs.latest("dense") is None


def test_a_group_is_all_jobs_of_a_tag_and_stops_as_one(jobs, tmp_path):
    ids = [
        jobs.submit(wait_for_file, tmp_path / "go", tag="curve"),
        *(jobs.submit(count, 1, tag="curve") for _ in "ab"),
    ]
    other = jobs.submit(count, 1)
    assert [job.id for job in jobs.all("curve")] == ids
    for job in jobs.all("curve")[1:]:
        jobs.stop(job.id)
    (tmp_path / "go").touch()
    assert [over(jobs, job_id).status for job_id in ids] == ["finished", "cancelled", "cancelled"]
    assert [job.id for job in jobs.all("curve")] == ids
    over(jobs, other)


def test_submit_from_many_threads(jobs):
    ids = []

    def submit_three():
        ids.extend(jobs.submit(count, 2) for _ in range(3))

    threads = [threading.Thread(target=submit_three) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 24
    assert {over(jobs, job_id).result["epochs"] for job_id in ids} == {2}


def test_worker_has_its_environment_and_can_import_the_core(jobs):
    def look(report, should_stop):
        import importlib

        names = ("TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES")
        return [os.environ[name] for name in names], importlib.import_module("digitlab.jobs.engine").__file__

    assert over(jobs, jobs.submit(look)).result == (["3", "-1"], engine.__file__)


def test_what_a_job_leaves_behind_is_gone_when_the_next_one_begins(jobs):
    """Models are cycles of objects: only Python's garbage collection frees them."""

    def leave(report, should_stop):
        import weakref

        class Model:
            pass

        model = Model()
        model.itself = model
        cluster.left = weakref.ref(model)  # the worker's own module: it stays for the next job

    def look(report, should_stop):
        return cluster.left() is None

    assert over(jobs, jobs.submit(leave)).error is None
    assert over(jobs, jobs.submit(look)).result is True


@pytest.mark.skipif(sys.platform == "win32", reason="the cluster lives in the server")
def test_the_worker_keeps_its_memory_and_dask_does_not_watch_it(jobs):
    def look(report, should_stop):
        import dask
        from distributed import get_worker

        began_with = Path("/proc/self/environ").read_text().split("\0") if sys.platform == "linux" else None
        profiles = get_worker().profile_history
        return began_with, dask.config.get("distributed.worker.profile.enabled"), len(profiles)

    began_with, watched, profiles = over(jobs, jobs.submit(look)).result
    assert (watched, profiles) == (False, 0)
    if began_with:  # what the allocator reads when a process starts; Dask's own 65536 halves the speed
        threshold = next(line for line in began_with if line.startswith("MALLOC_TRIM_THRESHOLD_="))
        assert int(threshold.partition("=")[2]) >= 2**26


@pytest.mark.skipif(sys.platform == "win32", reason="os.nice")
def test_the_worker_lets_the_server_go_first(jobs):
    def look(report, should_stop):
        in_a_thread = []
        thread = threading.Thread(target=lambda: in_a_thread.append(os.nice(0)))
        thread.start()
        thread.join()
        return [os.nice(0), *in_a_thread]

    assert over(jobs, jobs.submit(look)).result == [os.nice(0) + cluster.WORKER_NICENESS] * 2


def test_the_server_stays_without_tensorflow_and_an_idle_get_is_cheap(jobs):
    job_id = jobs.submit(count, 1)
    over(jobs, job_id)
    began = time.thread_time()
    for _ in range(1000):
        jobs.get(job_id)
    assert time.thread_time() - began < 0.5
    heavy = {"distributed", "tensorflow", "streamlit", "numpy"}
    code = f"import sys, digitlab.jobs.engine; print({heavy} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert out.strip() == "set()"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_worker_fails_its_job_only(jobs, tmp_path):
    first, second = jobs.submit(die, tmp_path / "go"), jobs.submit(count, 3)
    until(lambda: jobs.get(first).events)
    (tmp_path / "go").touch()
    job = over(jobs, first)
    assert (job.status, job.error, job.events) == ("failed", engine.WORKER_ENDED, ({"epoch": 0},))
    assert over(jobs, second).result == {"epochs": 3}  # It was queued behind, and must not be blamed.
    assert over(jobs, jobs.submit(count, 1)).status == "finished"


def test_unreachable_scheduler_is_named(monkeypatch):
    monkeypatch.setattr(engine, "CONNECT_TIMEOUT", 0.2)
    with socket.socket() as taken:  # bound but not listening: nobody answers, and nobody else gets the port
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("DIGITLAB_SCHEDULER", address)
        queue = Jobs()
        with pytest.raises(ConnectionError, match=rf"{address}.*dask scheduler"):
            queue.submit(count, 1)
        queue.close()


# Waiting for what a job returns


def double(number, *, report, should_stop):
    return 2 * number


def test_what_a_job_returned_is_taken_and_the_job_is_forgotten(jobs):
    job_id = jobs.submit(double, 21)
    assert take_result(jobs, job_id, 60) == 42
    assert jobs.get(job_id) is None


def test_a_job_that_fails_or_is_unknown_is_told(jobs):
    def fail(*, report, should_stop):
        raise ValueError("no paper")

    with pytest.raises(ValueError, match="no paper"):
        take_result(jobs, jobs.submit(fail), 60)
    with pytest.raises(ValueError, match="a job that is known"):
        take_result(jobs, "nonsense", 60)


def test_nobody_waits_for_ever(jobs):
    with pytest.raises(TimeoutError, match="busy with trainings"):
        take_result(jobs, jobs.submit(work_until_stopped), 0.1)
