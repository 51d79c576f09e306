"""Long work on a Dask worker: submit a function, follow its progress, stop it; the next ones queue.

The work runs in a process of its own, so the server stays light and quick. The worker is kept warm between jobs.
"""

import atexit
import logging
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import cloudpickle

from digitlab.jobs import cluster as jobs_cluster
from digitlab.jobs import work
from digitlab.jobs.job import Job, NotOwnerError
from digitlab.jobs.work import Outcome

if TYPE_CHECKING:
    from distributed import Client, Future
    from distributed.deploy.spec import SpecCluster

logger = logging.getLogger("digitlab.jobs")

CONNECT_TIMEOUT = 8  # seconds
FINISHED_KEPT = 500  # jobs that are over; a page that asks for an older one is told that it is unknown
WORKER_ENDED = (
    "The worker process ended in the middle of the training (out of memory, or killed). "
    "Nothing you drew is lost; start it again."
)
SCHEDULER_ENDED = "The connection to the scheduler was lost. Nothing you drew is lost; start it again."
CLOSED = "The server was closed before the job was over."


class Jobs:
    """A queue of long jobs, one at a time per worker thread.

    Safe to use from many threads; `get` and `latest` never wait for the network. Of those that are over the newest
    `FINISHED_KEPT` are known.

    Args:
        scheduler: Address of a Dask scheduler whose workers can import `digitlab`, for example "tcp://host:8786".
            None takes the environment variable DIGITLAB_SCHEDULER; without that, a cluster with one worker is started
            on this machine at the first submit, and ends with this process.
    """

    def __init__(self, scheduler: str | None = None) -> None:
        self._address = scheduler or os.environ.get("DIGITLAB_SCHEDULER") or None
        self._topic = f"digitlab-{uuid.uuid4().hex}"
        self._state = threading.Condition()  # guards the next three; never held while talking to the cluster
        self._jobs: dict[str, Job] = {}  # in order of submission
        self._waiting: dict[str, bytes] = {}  # pickled (function, args) of jobs not handed to the cluster yet
        self._finished: deque[str] = deque()  # in the order in which they ended
        self._cluster_use = threading.RLock()  # guards the rest
        self._cluster: SpecCluster | None = None
        self._client: Client | None = None
        self._handed_over: dict[str, Future[Outcome]] = {}
        self._closed = False
        atexit.register(self.close)

    def submit(
        self,
        function: Callable[..., Any],
        *args: Any,  # noqa: ANN401
        tag: str = "",
        owner: str = "",
        gives_way: bool = False,
    ) -> str:
        """Queue `function(*args, report=..., should_stop=...)` for the worker.

        `report(event)` takes a dict of plain values (str, int, float, bool, None, lists and dicts of them).
        `should_stop()` says whether `stop` was asked for; it is cheap enough to call after every mini-batch.

        Args:
            function: Importable by the worker, or else pickled by value.
            *args: Small picklable values: settings and ids, not arrays. Later changes to them have no effect.
            tag: The caller's word for the kind of work, see `latest`.
            owner: The caller's word for who asks for it, see `stop`.
            gives_way: Begin it when nothing else waits, even what is submitted later.

        Returns:
            The job's id.

        Raises:
            ConnectionError: The scheduler cannot be reached.
            RuntimeError: `close` was called before.
        """
        pickled = cloudpickle.dumps((function, args))
        job_id = uuid.uuid4().hex[:12]
        with self._cluster_use:
            client = self._connect()
            with self._state:
                self._jobs[job_id] = Job(job_id, tag, owner, gives_way)
                self._waiting[job_id] = pickled
            self._hand_over(client)
        return job_id

    def get(self, job_id: str) -> Job | None:
        """Return what is known of a job now, or None for an unknown id."""
        with self._state:
            job = self._jobs.get(job_id)
            if job is None or job.status != "queued":
                return job
            before = takewhile(lambda other: other is not job, self._jobs.values())
            ahead = [other for other in before if not other.over and (other.started_at or not other.gives_way)]
            return replace(job, place=len(ahead))

    def wait(self, job_id: str, seconds: float) -> Job | None:
        """Return what `get` does, as soon as the job is over or the seconds are; nothing is polled meanwhile."""
        with self._state:
            self._state.wait_for(lambda: (job := self._jobs.get(job_id)) is None or job.over, seconds)
        return self.get(job_id)

    def latest(self, tag: str) -> Job | None:
        """Return the newest job with this tag that is not over, or None."""
        with self._state:
            newest_first = (job.id for job in reversed(self._jobs.values()) if job.tag == tag and not job.over)
            return self.get(next(newest_first, ""))

    def all(self, tag: str) -> list[Job]:
        """Return the jobs with this tag, in order of submission."""
        with self._state:
            return [job for job in self._jobs.values() if job.tag == tag]

    def alive(self) -> list[Job]:
        """Return all jobs that are not over, in order of submission, but those that give way."""
        with self._state:
            return [job for job in self._jobs.values() if not job.over and not job.gives_way]

    def give(self, job_id: str, owner: str) -> None:
        """Make a job another one's."""
        with self._state:
            if job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], owner=owner)

    def forget(self, job_id: str) -> None:
        """Know no more of a job that is over: what it returned may be large."""
        with self._state:
            self._jobs.pop(job_id, None)

    def stop(self, job_id: str, by: str | None = None) -> None:
        """Cancel a queued job; make `should_stop()` of a running one True within half a second.

        Does nothing if the job is over or unknown.

        Args:
            job_id: Of the job.
            by: Who wants it; None: somebody who may stop every job.

        Raises:
            NotOwnerError: If it is another one's job.
        """
        with self._state:
            job = self._jobs.get(job_id)
            if job is None or job.over:
                return
            if by is not None and by != job.owner:
                raise NotOwnerError("Expected a training of your own to stop. Received: another person's.")
            self._jobs[job_id] = replace(job, stopping=True)
            if self._waiting.pop(job_id, None) is not None:
                self._end(job_id, Outcome("cancelled", error=work.STOPPED_BEFORE))
                return
        if (client := self._client) is not None:
            # Not waited for: a click must not hang on a scheduler that has just died.
            loop = client.loop  # a client in use has its own
            loop.add_callback(work.ask_to_stop, client, self._topic, job_id)  # type: ignore[union-attr]

    def close(self) -> None:
        """Fail what is not over and end the own cluster. May be called again."""
        atexit.unregister(self.close)
        with self._cluster_use:
            self._closed = True
            self._disconnect(CLOSED)

    def _connect(self) -> "Client":
        if self._closed:
            raise RuntimeError("These jobs were closed; make a new Jobs() to submit more.")
        if self._client is not None:
            if self._is_connected(self._client):
                return self._client
            self._disconnect(SCHEDULER_ENDED)
        # Imported here: half a second and 48 MB that a server without jobs does not need.
        from distributed import Client

        if self._address is None:
            self._cluster = jobs_cluster.start()
        else:
            jobs_cluster.check(self._address, CONNECT_TIMEOUT)
        try:
            client = Client(self._cluster or self._address, timeout=CONNECT_TIMEOUT, set_as_default=False)
        except Exception:
            self._disconnect(SCHEDULER_ENDED)
            raise
        for name in ("distributed", "distributed.client"):
            # A job's own status says what happened to it; Dask's tracebacks about lost connections would only alarm.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._client = client
        client.subscribe_topic(self._topic, self._on_event)
        return client

    def _is_connected(self, client: "Client") -> bool:
        return client.status == "running" and (self._cluster is None or jobs_cluster.is_alive(self._cluster))

    def _disconnect(self, reason: str) -> None:
        client, cluster = self._client, self._cluster
        self._client = self._cluster = None
        self._handed_over.clear()
        with self._state:
            self._waiting.clear()
            for job in list(self._jobs.values()):
                if not job.over:
                    self._end(job.id, Outcome("failed", error=reason))
        if client is not None:
            with suppress(Exception):  # Nothing can be done about what does not close any more.
                client.close(timeout=2)
        if cluster is not None:
            jobs_cluster.end(cluster)

    def _hand_over(self, client: "Client") -> None:
        """Give the cluster as many jobs as it has threads.

        The rest waits here, not in Dask: when a worker dies, Dask blames every job assigned to it, begun or not.
        """
        threads = 1
        if self._cluster is None:
            try:
                threads = client.scheduler_info()["total_threads"]
            except OSError:
                self._disconnect(SCHEDULER_ENDED)
                return
        while len(self._handed_over) < max(1, threads):
            with self._state:
                job_id = min(self._waiting, key=lambda other: self._jobs[other].gives_way, default=None)
                if job_id is None:
                    return
                pickled = self._waiting.pop(job_id)
            future = client.submit(
                work.run, self._topic, job_id, pickled, key=f"{self._topic}-{job_id}", pure=False, fifo_timeout=0
            )
            self._handed_over[job_id] = future
            # Not a callback of the future: Dask runs those on a thread pool that is gone before `atexit` closes us.
            threading.Thread(target=self._follow, args=(job_id, future), name=f"job {job_id}", daemon=True).start()

    def _on_event(self, stamped: tuple[float, dict[str, Any]]) -> None:
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
                logger.info("Job %s: running.", job.id)

    def _follow(self, job_id: str, future: "Future[Outcome]") -> None:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            outcome = future.result()
        except FutureCancelledError:
            outcome = None  # We never cancel, so Dask did: the scheduler is gone.
        except KilledWorker:
            outcome = Outcome("failed", error=WORKER_ENDED)
        except Exception as error:  # noqa: BLE001 - the result could not be brought here, whatever the reason
            outcome = Outcome("failed", error=f"The result did not arrive: {str(error) or type(error).__name__}")
        with self._cluster_use:
            client = self._client
            if client is None or future.client is not client:
                return  # Disconnected meanwhile; the job has been failed.
            if outcome is None:
                self._disconnect(SCHEDULER_ENDED)
                return
            if outcome.traceback:
                logger.error("Job %s failed:\n%s", job_id, outcome.traceback)
            with self._state:
                self._end(job_id, outcome)
            del self._handed_over[job_id]
            self._hand_over(client)

    def _end(self, job_id: str, outcome: Outcome) -> None:
        self._jobs[job_id] = replace(
            self._jobs[job_id], status=outcome.status, result=outcome.result, error=outcome.error
        )
        self._state.notify_all()
        self._finished.append(job_id)
        while len(self._finished) > FINISHED_KEPT:
            self._jobs.pop(self._finished.popleft(), None)
        log = logger.warning if outcome.status == "failed" else logger.info
        log("Job %s: %s.", job_id, outcome.status)
