"""A wait that grows with every wrong answer, so that nobody guesses a code. It knows no person and no address."""

import time
from collections.abc import Callable
from threading import Lock


class Throttle:
    """Counts tries. Safe to use from many threads.

    Args:
        free: Wrong ones without a wait; each further one doubles the wait, from two seconds on.
        longest: Wait, in seconds.
        forget: Seconds after which a wrong one counts no more.
        clock: Seconds that only grow.

    Example:
        >>> throttle = Throttle(free=1, longest=60, forget=600, clock=lambda: 0.0)
        >>> [throttle.ask() for _ in range(3)]
        [0.0, 2.0, 2.0]
    """

    def __init__(
        self, *, free: int, longest: float, forget: float, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._free, self._longest, self._forget, self._clock = free, longest, forget, clock
        self._lock = Lock()
        self._wrong: list[float] = []

    def ask(self) -> float:
        """Return how many seconds to wait; 0: it may be tried now, and counts as a wrong one until `right` is said."""
        now = self._clock()
        with self._lock:
            self._wrong = [moment for moment in self._wrong if now - moment < self._forget]
            beyond = len(self._wrong) - self._free
            if beyond >= 0:
                left = self._wrong[-1] + min(2.0 ** (1 + beyond), self._longest) - now
                if left > 0:
                    return left
            self._wrong.append(now)
            return 0.0

    def right(self) -> None:
        """Say that the last try was right."""
        with self._lock:
            if self._wrong:
                self._wrong.pop()
