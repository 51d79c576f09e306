"""The own cluster of `jobs`: a scheduler, a nanny and a worker, which end with the server however it ends.

Imported by the server, and by scheduler and nanny for `run_beside`.
"""

import asyncio
import os
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from distributed.deploy.spec import SpecCluster

WATCH_EVERY = 0.5  # seconds
WORKER_NICENESS = 5  # a third of the server's share of a busy processor

# What a worker must find when its process starts, unless the server's environment says otherwise; docs/cluster.md has
# the same for workers elsewhere.
WORKER_ENVIRONMENT = {
    # Dask has glibc give memory back at once: large arrays then take up to twice as long. These are the limits that
    # glibc itself comes to when it sees large arrays.
    "MALLOC_TRIM_THRESHOLD_": str(2**26),
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_ARENA_MAX": "2",
    # Training keeps each core busy with a part of a mini-batch; more threads within an operation would be in the way.
    "TF_NUM_INTRAOP_THREADS": "1",
    # Dask's profiler looks at the stack 100 times a second and keeps what it saw: 3 MB a training.
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_LOGGING__DISTRIBUTED": "warning",  # else the processes tell how they start
}


def check(address: str, timeout: float) -> None:
    """Make sure that a scheduler answers; asking through a Client would hang if something else does.

    Args:
        address: Of a Dask scheduler, for example "tcp://host:8786".
        timeout: Seconds.

    Raises:
        ConnectionError: It does not answer.
    """
    from distributed import Security
    from distributed.comm.core import connect

    async def ask() -> None:
        certificates = Security().get_connection_args("client")  # of Dask's configuration; for a tls:// address
        comm = await asyncio.wait_for(connect(address, timeout=timeout, **certificates), timeout + 1)
        comm.abort()

    try:
        with ThreadPoolExecutor(1) as thread:  # The caller's own thread may have an event loop running.
            thread.submit(lambda: asyncio.run(ask())).result()
    except Exception as error:  # OSError or ValueError; from a server that is no scheduler, anything at all
        reason = str(error) or type(error).__name__
        raise ConnectionError(
            f"Expected a Dask scheduler at {address!r} (DIGITLAB_SCHEDULER), got no answer: {reason}. "
            "Start one with `dask scheduler --port 8786` and `dask worker tcp://<host>:8786 --nthreads 1` in a place "
            "where `import digitlab` works, or unset DIGITLAB_SCHEDULER to train on this machine."
        ) from error


def start() -> "SpecCluster":
    """Start a scheduler and one worker with one thread, kept alive by a nanny; they end with this process."""
    from dask.system import CPU_COUNT
    from distributed import LocalCluster, SubprocessCluster

    for name, value in WORKER_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    # Dask gives each worker one core; ours is alone.
    environment |= {f"{library}_NUM_THREADS": str(CPU_COUNT) for library in ("OMP", "MKL", "OPENBLAS")}
    # Dask takes a preload with a blank in it as the text of a script (and runs that twice, but its dask_setup once).
    # The worker inherits sys.path from the nanny.
    find = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
    begin = find + "from functools import partial\nfrom digitlab.jobs import cluster\n"
    begin += f"dask_setup = partial(cluster.run_beside, {os.getpid()}, "
    if sys.platform == "win32":
        cluster = LocalCluster(
            processes=True,
            n_workers=1,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address=None,
            env=environment,
            preload=[find],
        )
        cluster.scheduler.allowed_failures = 0
        return cluster
    with tempfile.TemporaryDirectory() as folder:
        cluster = SubprocessCluster(
            n_workers=1,
            threads_per_worker=1,
            dashboard_address=None,  # type: ignore[arg-type]  # None is "no dashboard", as for LocalCluster
            worker_class="distributed.Nanny",
            scheduler_kwargs={
                "allowed_failures": 0,  # A job that killed its worker is not tried again.
                "dashboard_address": "127.0.0.1:0",
                "scheduler_file": str(Path(folder) / "scheduler.json"),  # else left behind in /tmp
                # The server keeps the scheduler's standard error as a pipe, read only if the scheduler does not start.
                # Full, it would block the scheduler.
                "preload": [begin + "True)"],
            },
            worker_kwargs={
                "memory_limit": 0,
                "env": environment,
                "preload_nanny": [begin + "False)"],
                "preload": ["from digitlab.jobs.cluster import step_aside as dask_setup\n"],
                "death_timeout": 30,
            },
        )
    # Else Dask too closes it when Python exits, and fails where a process has ended just then: `end` does it.
    cluster.shutdown_on_close = False
    return cluster


def is_alive(cluster: "SpecCluster") -> bool:
    """Return whether scheduler and nanny are there (a worker that is not will be restarted by the nanny)."""
    return all(part.process is not None and part.process.returncode is None for part in _subprocesses(cluster))


def end(cluster: "SpecCluster") -> None:
    """End all processes of the cluster, alive or not."""
    # The processes first: closing politely asks the scheduler for help, and it may be the one that has died.
    for part in _subprocesses(cluster):
        if part.process is not None and part.process.returncode is None:
            _kill(part.process.pid)
            with suppress(Exception):
                cluster.sync(part.process.wait, callback_timeout=2)
        with suppress(Exception):
            cluster.sync(part.close, callback_timeout=2)
        cluster.shutdown_scheduler = False  # It is done; asking again would wait for an answer.
    with suppress(Exception):
        cluster.close(timeout=2)


def _kill(pid: int) -> None:
    """Kill a process and all below it but Python's resource tracker.

    The tracker ends by itself when the others are gone, and first takes away their named semaphores. Dask's own close
    would kill it too and leave six files in /dev/shm for each server that ends.
    """
    import psutil

    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for child in [*parent.children(recursive=True), parent]:
            with suppress(psutil.NoSuchProcess):
                if not any("resource_tracker" in part for part in child.cmdline()):
                    child.kill()


def _subprocesses(cluster: "SpecCluster") -> list[Any]:
    """Return Dask's handles on the nanny and the scheduler; none where they live in this process (Windows)."""
    if not hasattr(cluster.scheduler, "process"):
        return []
    return [*cluster.workers.values(), cluster.scheduler]


def run_beside(server_pid: int, discard_errors: bool, _: object = None) -> None:
    """Prepare the scheduler or the nanny, direct children of the server, to run beside it.

    The worker needs no watch of its own: it ends when the nanny's end of its pipe closes.

    Args:
        server_pid: Process id of the server, the parent of this process.
        discard_errors: Throw away standard error too.
    """
    threading.Thread(target=_end_with, args=(server_pid,), name="end with the server", daemon=True).start()
    _discard(sys.stdout)  # Progress bars would flood the server's terminal.
    if discard_errors:
        _discard(sys.stderr)
    os.setsid()  # A Ctrl-C in the terminal is for the server alone; it then ends us.


def step_aside(_: object = None) -> None:
    """Prepare the worker: drawing, which the server answers, goes before training."""
    os.nice(WORKER_NICENESS)  # and so for all threads that are started from now on


def _end_with(server_pid: int) -> None:
    # A living process gets another parent at the moment its parent dies (also when nobody has waited for the dead one
    # yet, and whoever gets its number next), so this needs neither a clock nor a pipe.
    while os.getppid() == server_pid:
        time.sleep(WATCH_EVERY)
    os._exit(1)


def _discard(stream: TextIO) -> None:
    stream.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
