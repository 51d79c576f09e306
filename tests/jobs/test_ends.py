"""How a cluster of our own ends, and the server with it: in order, or not at all in order."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import cloudpickle
import psutil
import pytest

from digitlab.jobs import cluster, engine
from digitlab.jobs.engine import Jobs
from tests.helpers import finished

# The worker cannot import this file, so its functions travel by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals")]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def others():
    """Processes that were there before ours, such as those of other tests."""
    return children()


@pytest.fixture(scope="module")
def jobs(others):
    queue = Jobs()
    assert set(children()) == set(others), "nothing is started before the first submit"
    yield queue
    queue.close()


def children():
    return psutil.Process().children(recursive=True)


def own(others):
    """The processes of the cluster."""
    return [process for process in children() if process not in others]


def semaphores(processes):
    """The files of the named semaphores that these processes use; Linux alone shows them."""
    if sys.platform != "linux":
        return set()
    mapped = {file.path for process in processes for file in process.memory_maps()}
    return {Path(path) for path in mapped if path.startswith("/dev/shm/sem.")}


def until(condition, seconds=60):
    """Wait until `condition()` is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.005)


def double(number, report, should_stop):
    return 2 * number


def work_until_stopped(report, should_stop):
    report({})
    while not should_stop():
        time.sleep(0.01)


def test_a_dead_scheduler_fails_all_and_the_next_submit_starts_afresh(jobs, others):
    first, second = jobs.submit(work_until_stopped), jobs.submit(double, 1)
    until(lambda: jobs.get(first).events)
    before = own(others)
    scheduler = next(process for process in before if "distributed.Scheduler" in " ".join(process.cmdline()))
    scheduler.kill()
    assert [finished(jobs, job_id).error for job_id in (first, second)] == [engine.SCHEDULER_ENDED] * 2
    assert finished(jobs, jobs.submit(double, 2)).result == 4
    assert psutil.wait_procs(before, timeout=10)[1] == []


def test_a_dead_nanny_is_noticed_at_the_next_submit(jobs, others):
    finished(jobs, jobs.submit(double, 1))
    nanny = next(process for process in own(others) if "distributed.Nanny" in " ".join(process.cmdline()))
    nanny.kill()
    until(lambda: not cluster.is_alive(jobs._cluster))
    assert finished(jobs, jobs.submit(double, 2)).result == 4


def test_close_leaves_nothing_behind_and_fails_what_is_not_over(jobs, others):
    first, second = jobs.submit(work_until_stopped), jobs.submit(double, 1)
    until(lambda: jobs.get(first).events)
    before = own(others)
    assert len(before) >= 3
    shared = semaphores(before)
    assert shared or sys.platform != "linux"
    jobs.close()
    jobs.close()
    assert psutil.wait_procs(before, timeout=10)[1] == []
    assert [file for file in shared if file.exists()] == []
    assert {jobs.get(job_id).status for job_id in (first, second)} == {"failed"}
    with pytest.raises(RuntimeError, match="closed"):
        jobs.submit(double, 1)


SERVER = """
    import signal, sys, time
    sys.path.insert(0, {root!r})
    import psutil
    from digitlab.jobs.engine import Jobs

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would not be interrupted
    if {handle}:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Streamlit does: leave in order

    def sleep(report, should_stop):
        print("noise " * 100_000, flush=True)
        report({{}})
        time.sleep(600)

    if __name__ == "__main__":
        jobs = Jobs()
        job_id = jobs.submit(sleep)
        while not jobs.get(job_id).events:
            time.sleep(0.01)
        print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
        time.sleep(600)
"""


# How a server ends, and within how many seconds its processes do.
ENDS = {
    "kill -9": (signal.SIGKILL, 30),
    "terminated": (signal.SIGTERM, 30),
    "terminated in order": (signal.SIGTERM, 10),
    "Ctrl-C": (signal.SIGINT, 10),
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """A server with a long job for each way to end; they start side by side."""
    started = {}
    for how in ENDS:
        folder = tmp_path_factory.mktemp("server")
        (folder / "server.py").write_text(
            textwrap.dedent(SERVER.format(root=str(ROOT), handle=how == "terminated in order"))
        )
        started[how] = subprocess.Popen(
            [sys.executable, "server.py"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    yield started
    for server in started.values():
        server.kill()
        server.communicate()


@pytest.mark.parametrize("how", ENDS)
def test_nothing_outlives_the_server(how, servers):
    server, (end, seconds) = servers[how], ENDS[how]
    own = [psutil.Process(int(pid)) for pid in server.stdout.readline().split()]
    try:
        assert len(own) >= 3
        # Not waited for until its children are gone: a dead parent nobody has buried yet must count as dead.
        (os.killpg if end == signal.SIGINT else os.kill)(server.pid, end)
        assert psutil.wait_procs(own, timeout=seconds)[1] == []
    finally:  # or a failed test would wait for what it could not end
        for process in own:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    errors = server.stderr.read()
    if end == signal.SIGINT:
        errors = errors.replace("Traceback", "", 1)  # the server's own KeyboardInterrupt
    assert "Traceback" not in errors
