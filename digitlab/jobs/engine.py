"""Long work on a Dask worker: submit a function, follow its progress, stop it; the next ones queue.

The work runs in a process of its own, so the server stays light and quick. The worker is kept warm between jobs.
"""

import atexit
import gc
import logging
import os
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cloudpickle

from digitlab.jobs import cluster as jobs_cluster

if TYPE_CHECKING:
    from distributed import Client, Future
    from distributed.deploy.spec import SpecCluster

logger = logging.getLogger("digitlab.jobs")

ASK_EVERY = 0.25  # seconds between two questions "was stop asked for?" to the scheduler
CONNECT_TIMEOUT = 8  # seconds
WORKER_ENDED = (
    "The worker process ended in the middle of the training (out of memory, or killed). "
    "Nothing you drew is lost; start it again."
)
SCHEDULER_ENDED = "The connection to the scheduler was lost. Nothing you drew is lost; start it again."
STOPPED_BEFORE = "Stopped before it began."
CLOSED = "The server was closed before the job was over."


@dataclass(frozen=True)
class Job:
    """What is known of a job at one moment.

    Attributes:
        id: Short, safe in a URL.
        tag: The caller's word for the kind of work.
        status: "queued", "running", "finished", "failed" or "cancelled" (stopped before it began).
        place: Number of jobs ahead of it in the queue; 0 when running or over.
        events: What the function reported, in order. Tuples in it arrive as lists.
        result: What the function returned, when finished.
        error: One plain sentence, when failed or cancelled.
        stopping: Stop was asked for. A job that then returns is "finished".
        submitted_at: Seconds since 1970, by the server's clock; so are the next two.
        started_at: None while queued.
        ended_at: None until it is over.
        gives_way: It begins when nothing else waits.
    """

    id: str
    tag: str
    status: str
    place: int
    events: tuple
    result: object | None
    error: str | None
    stopping: bool
    submitted_at: float
    started_at: float | None
    ended_at: float | None
    gives_way: bool

    @property
    def over(self) -> bool:
        """Whether it will not change any more."""
        return self.status not in ("queued", "running")


class Jobs:
    """A queue of long jobs, one at a time per worker thread.

    Safe to use from many threads; `get` and `latest` never wait for the network.

    Args:
        scheduler: Address of a Dask scheduler whose workers can import `digitlab`, for example "tcp://host:8786".
            None takes the environment variable DIGITLAB_SCHEDULER; without that, a cluster with one worker is started
            on this machine at the first submit, and ends with this process.
    """

    def __init__(self, scheduler: str | None = None) -> None:
        self._address = scheduler or os.environ.get("DIGITLAB_SCHEDULER") or None
        self._topic = f"digitlab-{uuid.uuid4().hex}"
        self._state = threading.Lock()  # guards the next two; never held while talking to the cluster
        self._jobs: dict[str, Job] = {}  # in order of submission
        self._waiting: dict[str, bytes] = {}  # pickled (function, args) of jobs not handed to the cluster yet
        self._cluster_use = threading.RLock()  # guards the rest
        self._cluster: SpecCluster | None = None
        self._client: Client | None = None
        self._handed_over: dict[str, Future] = {}
        self._closed = False
        atexit.register(self.close)

    def submit(self, function: Callable, *args: Any, tag: str = "", gives_way: bool = False) -> str:  # noqa: ANN401
        """Queue `function(*args, report=..., should_stop=...)` for the worker.

        `report(event)` takes a dict of plain values (str, int, float, bool, None, lists and dicts of them).
        `should_stop()` says whether `stop` was asked for; it is cheap enough to call after every mini-batch.

        Args:
            function: Importable by the worker, or else pickled by value.
            *args: Small picklable values: settings and ids, not arrays. Later changes to them have no effect.
            tag: The caller's word for the kind of work, see `latest`.
            gives_way: Begin it when nothing else waits, even what is submitted later.

        Returns:
            The job's id.

        Raises:
            ConnectionError: The scheduler cannot be reached.
            RuntimeError: `close` was called before.
        """
        work = cloudpickle.dumps((function, args))
        job_id = uuid.uuid4().hex[:12]
        with self._cluster_use:
            self._connect()
            with self._state:
                self._jobs[job_id] = Job(
                    job_id, tag, "queued", 0, (), None, None, False, time.time(), None, None, gives_way
                )
                self._waiting[job_id] = work
            self._hand_over()
        return job_id

    def get(self, job_id: str) -> Job | None:
        """Return what is known of a job now, or None for an unknown id."""
        with self._state:
            job = self._jobs.get(job_id)
            if job is None or job.status != "queued":
                return job
            place = 0
            for other in self._jobs.values():
                if other is job:
                    break
                place += not other.over and (other.started_at is not None or not other.gives_way)
            return replace(job, place=place)

    def latest(self, tag: str) -> Job | None:
        """Return the newest job with this tag that is not over, or None."""
        with self._state:
            found = next((job.id for job in reversed(self._jobs.values()) if job.tag == tag and not job.over), None)
        return None if found is None else self.get(found)

    def all(self, tag: str) -> list[Job]:
        """Return the jobs with this tag, in order of submission."""
        with self._state:
            return [job for job in self._jobs.values() if job.tag == tag]

    def stop(self, job_id: str) -> None:
        """Cancel a queued job; make `should_stop()` of a running one True within half a second.

        Does nothing if the job is over or unknown.
        """
        with self._state:
            job = self._jobs.get(job_id)
            if job is None or job.over:
                return
            self._jobs[job_id] = replace(job, stopping=True)
            if self._waiting.pop(job_id, None) is not None:
                self._end(job_id, "cancelled", error=STOPPED_BEFORE)
                return
        client = self._client
        if client is not None:
            # Not waited for: a click must not hang on a scheduler that has just died.
            client.loop.add_callback(_ask_to_stop, client, _stop_name(self._topic, job_id))

    def close(self) -> None:
        """Fail what is not over and end the own cluster. May be called again."""
        atexit.unregister(self.close)
        with self._cluster_use:
            self._closed = True
            self._disconnect(CLOSED)

    def _connect(self) -> None:
        if self._closed:
            raise RuntimeError("These jobs were closed; make a new Jobs() to submit more.")
        if self._client is not None and not self._alive():
            self._disconnect(SCHEDULER_ENDED)
        if self._client is not None:
            return
        # Imported here: half a second and 48 MB that a server without jobs does not need.
        from distributed import Client  # noqa: PLC0415

        if self._address is None:
            self._cluster = jobs_cluster.start()
        else:
            jobs_cluster.check(self._address, CONNECT_TIMEOUT)
        try:
            self._client = Client(self._cluster or self._address, timeout=CONNECT_TIMEOUT, set_as_default=False)
        except Exception:
            self._disconnect(SCHEDULER_ENDED)
            raise
        for name in ("distributed", "distributed.client"):
            # What happens to a job is told by the job; Dask's own tracebacks about lost connections only frighten.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._client.subscribe_topic(self._topic, self._on_event)

    def _alive(self) -> bool:
        cluster_alive = self._cluster is None or jobs_cluster.is_alive(self._cluster)
        return self._client.status == "running" and cluster_alive

    def _disconnect(self, reason: str) -> None:
        client, cluster = self._client, self._cluster
        self._client = self._cluster = None
        self._handed_over.clear()
        with self._state:
            self._waiting.clear()
            for job in list(self._jobs.values()):
                if not job.over:
                    self._end(job.id, "failed", error=reason)
        if client is not None:
            with suppress(Exception):  # Nothing can be done about what does not close any more.
                client.close(timeout=2)
        if cluster is not None:
            jobs_cluster.end(cluster)

    def _hand_over(self) -> None:
        """Give the cluster as many jobs as it has threads.

        The rest waits here, not in Dask: when a worker dies, Dask blames every job assigned to it, begun or not.
        """
        threads = 1
        if self._cluster is None:
            try:
                threads = self._client.scheduler_info()["total_threads"]
            except OSError:
                self._disconnect(SCHEDULER_ENDED)
                return
        while len(self._handed_over) < max(1, threads):
            with self._state:
                job_id = min(self._waiting, key=lambda other: self._jobs[other].gives_way, default=None)
                if job_id is None:
                    return
                work = self._waiting.pop(job_id)
            future = self._client.submit(
                _run, self._topic, job_id, work, key=f"{self._topic}-{job_id}", pure=False, fifo_timeout=0
            )
            self._handed_over[job_id] = future
            # Not a callback of the future: Dask runs those on a thread pool that is gone before `atexit` closes us.
            threading.Thread(target=self._follow, args=(job_id, future), name=f"job {job_id}", daemon=True).start()

    def _on_event(self, stamped: tuple) -> None:
        # Events and the end of a task come down one connection in order, and `_follow` hears of the end from the thread
        # that calls this: by then every event has been here.
        _, message = stamped
        with self._state:
            job = self._jobs.get(message["job"])
            if job is None or job.over:
                return
            if "event" in message:
                self._jobs[job.id] = replace(job, events=(*job.events, message["event"]))
            else:  # Begun; or begun anew by a foreign scheduler that retries after the death of a worker.
                self._jobs[job.id] = replace(job, status="running", started_at=time.time(), events=())

    def _follow(self, job_id: str, future: "Future") -> None:
        from distributed import KilledWorker  # noqa: PLC0415
        from distributed.client import FutureCancelledError  # noqa: PLC0415

        try:
            outcome = future.result()
        except FutureCancelledError:
            outcome = None  # We never cancel, so Dask did: the scheduler is gone.
        except KilledWorker:
            outcome = {"status": "failed", "error": WORKER_ENDED}
        except Exception as error:  # noqa: BLE001 - the result could not be brought here, whatever the reason
            outcome = {"status": "failed", "error": f"The result did not arrive: {str(error) or type(error).__name__}"}
        with self._cluster_use:
            if future.client is not self._client:
                return  # Disconnected meanwhile; the job has been failed.
            if outcome is None:
                self._disconnect(SCHEDULER_ENDED)
                return
            if "traceback" in outcome:
                logger.error("Job %s failed:\n%s", job_id, outcome.pop("traceback"))
            with self._state:
                self._end(job_id, **outcome)
            del self._handed_over[job_id]
            self._hand_over()

    def _end(self, job_id: str, status: str, result: object = None, error: str | None = None) -> None:
        self._jobs[job_id] = replace(
            self._jobs[job_id], status=status, result=result, error=error, ended_at=time.time()
        )


def _stop_name(topic: str, job_id: str) -> str:
    return f"{topic}-stop-{job_id}"


async def _ask_to_stop(client: "Client", name: str) -> None:
    with suppress(OSError):  # The scheduler is gone, and the job with it.
        await client.scheduler.event_set(name=name)


def _run(topic: str, job_id: str, work: bytes) -> dict:
    """Run one job, on the worker. Errors travel as text: unpickling them could import TensorFlow into the server."""
    from distributed import Event, get_worker  # noqa: PLC0415

    gc.disable()  # see `_collect_garbage`
    worker, stop = get_worker(), Event(_stop_name(topic, job_id))
    stopped, asked_at = stop.is_set(), time.monotonic()

    def report(event: dict) -> None:
        worker.log_event(topic, {"job": job_id, "event": event})

    def should_stop() -> bool:
        nonlocal stopped, asked_at
        if not stopped and time.monotonic() - asked_at >= ASK_EVERY:
            stopped, asked_at = stop.is_set(), time.monotonic()
        return stopped

    try:
        if stopped:
            return {"status": "cancelled", "error": STOPPED_BEFORE}
        worker.log_event(topic, {"job": job_id})
        function, args = cloudpickle.loads(work)
        return {"status": "finished", "result": function(*args, report=report, should_stop=should_stop)}
    except Exception as error:  # noqa: BLE001 - told to the page and logged at the server
        message = str(error) or type(error).__name__
        return {"status": "failed", "error": message, "traceback": traceback.format_exc()}
    finally:
        stop.clear()  # or the scheduler would keep it for ever
        _collect_garbage()


def _collect_garbage() -> None:
    """Do at the end of each job what Python would do at any time.

    Models are cycles of objects. Left to itself, Python lets hundreds of megabytes of them gather, and still spends a
    quarter of the time that TensorFlow takes to be imported on looking for more.
    """
    gc.collect()
    if not gc.get_freeze_count():
        gc.freeze()  # What the first job imported stays; to look through it after every job would take 0.2 s.
