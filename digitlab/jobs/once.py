"""Work that is begun once for what it is about, however often a page runs and in however many windows."""

from collections.abc import Callable, Hashable
from threading import Lock

from digitlab.jobs.engine import Jobs
from digitlab.jobs.job import Job


class Once:
    """Remembers which job was begun for what. Safe to use from many threads.

    Args:
        jobs: The engine that runs them.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._lock = Lock()
        self._begun: dict[Hashable, str] = {}

    def job(self, what: Hashable) -> Job | None:
        """Return the last job that was begun for this; None if there was none."""
        job_id = self._begun.get(what)
        return None if job_id is None else self._jobs.get(job_id)

    def begin(self, what: Hashable, submit: Callable[[], str]) -> None:
        """Begin a job for this, unless one is waiting or running.

        Args:
            what: It is about.
            submit: Submits it and returns its id, as `Jobs.submit` does; whatever it raises is passed on.
        """
        with self._lock:
            last = self.job(what)
            if last is None or last.over:
                self._begun[what] = submit()
