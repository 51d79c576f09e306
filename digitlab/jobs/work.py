"""What runs on the worker: the function of a job, its reports, whether to stop, and cleaning up."""

import gc
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cloudpickle

if TYPE_CHECKING:
    from distributed import Client

ASK_EVERY = 0.25  # seconds between two questions "was stop asked for?" to the scheduler
STOPPED_BEFORE = "Stopped before it began."


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        status: "finished", "failed" or "cancelled".
        result: What the function returned.
        error: One plain sentence, if it failed or was cancelled.
        traceback: Of the error, for the server's log. As text: unpickling an error could import TensorFlow there.
    """

    status: str
    result: Any = None
    error: str | None = None
    traceback: str | None = None


async def ask_to_stop(client: "Client", topic: str, job_id: str) -> None:
    """Tell a job to stop, on the server; if the scheduler is gone, so is the job.

    Args:
        client: Of the cluster that runs it.
        topic: Of the server's jobs, see `run`.
        job_id: Of the job.
    """
    with suppress(OSError):
        await client.scheduler.event_set(name=_stop_name(topic, job_id))  # type: ignore[union-attr]  # it had one


def _stop_name(topic: str, job_id: str) -> str:
    """Return the name of Dask's event that tells a job to stop."""
    return f"{topic}-stop-{job_id}"


def run(topic: str, job_id: str, work: bytes) -> Outcome:
    """Run one job.

    Args:
        topic: Dask's topic to which the beginning and the reports of the job are sent: dicts with `job` (its id) and,
            of a report, `event`.
        job_id: Of the job.
        work: Pickled `(function, args)`; it is called as `function(*args, report=..., should_stop=...)`.

    Returns:
        How it ended, also if the function raised an error.
    """
    from distributed import Event, get_worker

    gc.disable()  # see `_collect_garbage`
    worker, stop = get_worker(), Event(_stop_name(topic, job_id))
    stopped, asked_at = bool(stop.is_set()), time.monotonic()

    def report(event: dict[str, Any]) -> None:
        worker.log_event(topic, {"job": job_id, "event": event})

    def should_stop() -> bool:
        nonlocal stopped, asked_at
        if not stopped and time.monotonic() - asked_at >= ASK_EVERY:
            stopped, asked_at = bool(stop.is_set()), time.monotonic()
        return stopped

    try:
        if stopped:
            return Outcome("cancelled", error=STOPPED_BEFORE)
        worker.log_event(topic, {"job": job_id})
        function, args = cloudpickle.loads(work)
        return Outcome("finished", function(*args, report=report, should_stop=should_stop))
    except Exception as error:  # noqa: BLE001 - the page shows it, the server logs it
        return Outcome("failed", error=str(error) or type(error).__name__, traceback=traceback.format_exc())
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
