"""Backtests: forecasts compared with what was measured later, or with points that were hidden from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitlab.curve.forecast import ForecastError, ForecastPath, interpolate, make_forecast
from digitlab.curve.results import SizeResult


@dataclass(frozen=True)
class Backtest:
    """A forecast beside what was measured.

    Attributes:
        made_from: Drawings the forecast was made from.
        n: Drawings it was made for.
        accuracy: The forecast, 0-1.
        low: Lower end of its prediction band of 80 %, 0-1.
        high: Upper end.
        measured: Accuracy that was measured with `n` drawings, 0-1.
    """

    made_from: int
    n: int
    accuracy: float
    low: float
    high: float
    measured: float

    @property
    def error(self) -> float:
        """Forecast minus measured accuracy: above 0 the forecast was too high."""
        return self.accuracy - self.measured

    @property
    def in_band(self) -> bool:
        """Whether the measured accuracy lies in the prediction band."""
        return self.low <= self.measured <= self.high


def backtest_last_size(results: Sequence[SizeResult]) -> Backtest | None:
    """Hide the last two sizes (or one, if the others are too few) and compare a forecast of the last with it.

    Args:
        results: What was measured, by growing number of drawings.

    Returns:
        The backtest; None where the other sizes are too few for a forecast.

    Example:
        >>> results = [SizeResult(n, (0.86 - n**-1.1,), tested=10_000) for n in (10, 16, 25, 40, 63)]
        >>> backtest = backtest_last_size(results)
        >>> backtest.made_from, backtest.n, backtest.in_band
        (25, 63, True)
    """
    for hidden in (2, 1):
        try:
            forecast = make_forecast(results[:-hidden])
        except ForecastError:
            continue
        return backtest_path(forecast.n, forecast.path(), results[-1])
    return None


def backtest_path(made_from: int, path: ForecastPath, result: SizeResult) -> Backtest | None:
    """Compare a kept forecast with a size measured since.

    Args:
        made_from: Drawings the forecast was made from.
        path: As `Forecast.path` returns it.
        result: What was measured.

    Returns:
        The backtest; None if the forecast does not reach to that size.

    Example:
        >>> from digitlab.storage.curve_points import ForecastRow
        >>> path = [ForecastRow(10, 0.5, 0.4, 0.6), ForecastRow(100, 0.9, 0.8, 1.0)]
        >>> backtest_path(10, path, SizeResult(100, (0.75,), tested=10_000)).in_band
        False
    """
    if result.n <= made_from or result.n > path[-1].n:
        return None
    return Backtest(made_from, result.n, *interpolate(path, result.n), measured=result.accuracy)
