"""What is known of a job."""

from dataclasses import dataclass
from typing import Any


class NotOwnerError(ValueError):
    """Somebody wants to stop another one's job."""


@dataclass(frozen=True)
class Job:
    """What is known of a job at one moment.

    Attributes:
        id: Short, safe in a URL.
        tag: The caller's word for the kind of work.
        owner: The caller's word for who asked for it; only they may stop it.
        gives_way: It begins when nothing else waits.
        status: "queued", "running", "finished", "failed" or "cancelled" (stopped before it began).
        place: Number of jobs ahead of it in the queue; 0 when running or over.
        events: What the function reported, in order. Tuples in it arrive as lists.
        result: What the function returned, when finished.
        error: One plain sentence, when failed or cancelled.
        stopping: Stop was asked for. A job that then returns is "finished".
        started_at: Seconds since 1970, by the server's clock; None while queued.
    """

    id: str
    tag: str
    owner: str = ""
    gives_way: bool = False
    status: str = "queued"
    place: int = 0
    events: tuple[dict[str, Any], ...] = ()
    result: Any = None
    error: str | None = None
    stopping: bool = False
    started_at: float | None = None

    @property
    def over(self) -> bool:
        """Whether it will not change any more."""
        return self.status not in ("queued", "running")
