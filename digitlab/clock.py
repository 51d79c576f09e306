"""Human time: pure functions of the moments at which something happened."""

from collections.abc import Sequence

IDLE_SECONDS = 10.0  # a longer gap between two moments is a break, not work


def active_seconds(moments: Sequence[float], idle_seconds: float = IDLE_SECONDS) -> float:
    """Seconds of work between the first and the last moment; breaks are left out.

    Args:
        moments: Seconds on any clock, in order, at which the person was seen at work (prompt shown, stroke, saved).
        idle_seconds: Of a longer gap only this much counts: nobody knows when in it the break began.

    Returns:
        Seconds, 0.0 or more.

    Raises:
        ValueError: If the moments are not in order.
    """
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:], strict=False)]
    if any(not gap >= 0 for gap in gaps):
        raise ValueError(f"Expected moments in order of time. Received: {list(moments)}.")
    return float(sum(min(gap, idle_seconds) for gap in gaps))


def in_words(seconds: float) -> str:
    """Write a duration for a reader: `9.4 s`, `3 min 10 s`, `1 h 5 min`."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
