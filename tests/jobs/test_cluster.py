"""Trainings on a scheduler and two workers started by hand, as the README tells."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cloudpickle
import pytest

from digitlab import mnist
from digitlab.jobs.engine import Jobs
from digitlab.learning import networks, training
from digitlab.settings import Settings
from tests.helpers import finished

# The workers cannot import this file, so its functions travel by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals")]
ROOT = Path(__file__).parents[2]
SETTINGS = Settings(hidden_units=(16,), batch_size=32, epochs=2)


def who(report, should_stop):
    time.sleep(0.1)
    return os.getpid()


def train(seed, report, should_stop):
    few = tuple(array[:300] for array in mnist.load_train())
    settings = replace(SETTINGS, seed=seed)
    history = training.train(networks.build(settings), few, few, settings)
    return [epoch.val_loss for epoch in history]


def work_at_the_second_try(place, report, should_stop):
    """Work, but only if somebody has written to the file: the first try does, and waits to be killed."""
    report({"try": 1 + place.exists()})
    while not place.exists():
        place.write_text(str(os.getpid()))
        time.sleep(600)
    return os.getpid()


@contextmanager
def cluster(folder, workers, scheme="tcp", **variables):
    """Jobs on a cluster of others."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"{scheme}://127.0.0.1:{port}"
    commands = [["scheduler", "--host", f"{scheme}://127.0.0.1", "--port", str(port), "--no-dashboard"]]
    commands += workers * [["worker", address, "--nthreads", "1", "--no-dashboard"]]
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    with (folder / "log.txt").open("w") as log, pytest.MonkeyPatch.context() as patch:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *command], cwd=folder, env=environment, stdout=log, stderr=log
            )
            for command in commands
        ]
        patch.setenv("DIGITLAB_SCHEDULER", address)
        queue = Jobs()
        try:
            yield queue
        finally:
            queue.close()
            for end in (subprocess.Popen.kill, subprocess.Popen.wait):  # a polite end takes seconds
                for process in processes:
                    end(process)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as queue:
        yield queue


def test_results_are_those_of_this_machine_and_both_workers_work(jobs):
    workers, end = set(), time.monotonic() + 60
    while len(workers) < 2:  # the second one may come later
        assert time.monotonic() < end
        ids = [jobs.submit(who) for _ in range(2)]
        workers |= {finished(jobs, job_id).result for job_id in ids}
    losses = finished(jobs, jobs.submit(train, 1)).result
    assert losses == pytest.approx(train(1, None, None), rel=1e-5)
    assert losses != pytest.approx(train(2, None, None), rel=1e-2)


def test_a_worker_killed_in_the_middle_costs_a_retry(jobs, tmp_path):
    place = tmp_path / "worker"
    job_id = jobs.submit(work_at_the_second_try, place)
    while not (place.exists() and place.read_text()):
        time.sleep(0.01)
        assert not jobs.get(job_id).error
    killed = int(place.read_text())
    os.kill(killed, signal.SIGKILL)
    job = finished(jobs, job_id)
    assert job.error is None
    assert job.events == ({"try": 2},)
    assert job.result != killed


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_with_tls_as_the_readme_tells(tmp_path):
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=digitlab -keyout key.pem -out cert.pem"
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)
    tls = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(tmp_path / "cert.pem")}
    for part in ("SCHEDULER", "WORKER", "CLIENT"):
        tls |= {f"DASK_DISTRIBUTED__COMM__TLS__{part}__CERT": str(tmp_path / "cert.pem")}
        tls |= {f"DASK_DISTRIBUTED__COMM__TLS__{part}__KEY": str(tmp_path / "key.pem")}
    program = "from tests.jobs.test_cluster import *\n"
    program += f"with cluster(Path({str(tmp_path)!r}), 1, 'tls') as jobs:\n"
    program += "    print(finished(jobs, jobs.submit(who)).result != os.getpid())"
    # A process of its own: Dask reads its configuration when it is imported.
    command = [sys.executable, "-c", program]
    made = subprocess.run(command, cwd=ROOT, env={**os.environ, **tls}, capture_output=True, text=True, check=False)
    assert made.stdout == "True\n", made.stderr
