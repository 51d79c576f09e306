"""Figures of the comparison: a chart with its title, a sentence on how to read it, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from digitlab.comparison import comparison_charts, run_charts, vega
from digitlab.comparison import methods as method_table
from digitlab.comparison.chart_style import Chart
from digitlab.comparison.runs import accuracy_by_digit, histories
from digitlab.run import Run

_WIDTH = 680  # px, of a chart outside the app, which has no page to fit into
_MOST_ROWS = 30  # of a chart with a row or a line for each run
_NAMES = {
    "name": "Run",
    "test_set": "Tested on",
    "human_minutes": "Minutes of drawing",
    "training_seconds": "Training, s",
    "n": "Test digits",
    "low": "From",
    "high": "To",
    "seeds": "Seeds",
    "spread": "Standard deviation",
    "interval": "From and to are",
    "trained_on": "Trained on",
    "tested_on": "Tested on",
    "part": "What",
    "total": "Both, s",
    "seconds": "Seconds",
}


@dataclass(frozen=True)
class Figure:
    """A chart that can be shown, downloaded and put into a report; `key` names it for the program and its files."""

    key: str
    title: str
    text: str
    chart: Chart
    table: pd.DataFrame

    def spec(self) -> dict[str, Any]:
        """Return Vega-Lite's specification with data, as wide as a sheet of paper has room for."""
        spec = self.chart.to_dict()
        for part in spec.get("vconcat", [spec]):
            if part.get("width", "container") == "container":
                part["width"] = _WIDTH
        return spec

    def file(self, form: str) -> bytes:
        """Return the chart as a file; see `vega.render`."""
        return vega.render(self.spec(), form)


def minutes(frame: pd.DataFrame) -> Figure:
    """Make the main figure of the comparison, from what `methods.methods` returns."""
    chart = comparison_charts.accuracy_by_minutes(frame, method_table.reference_lines(frame))
    text = (
        "What each minute of drawing has bought. Vertical lines are the intervals; where there are several seeds, the "
        "point is their mean."
    )
    return Figure(
        "minutes", "Accuracy against minutes of drawing", text, chart, _named(frame.drop(columns=["id", "version"]))
    )


def methods(frame: pd.DataFrame) -> Figure:
    """Compare methods, from what `methods.methods` returns."""
    text = "Runs that differ in the seed alone are one method. The dashed line is what a random guess reaches."
    shown = _newest(frame)
    chart = comparison_charts.accuracy_by_method(shown)
    table = _named(frame.drop(columns=["id", "version"]))
    return Figure("methods", "Accuracy by method", text + _left_out(frame, shown), chart, table)


def cross_table(frame: pd.DataFrame) -> Figure:
    """Show how well each model reads each set of digits, from what `cross_table.cross_table` returns."""
    text = "Rows: what a model was trained on, the newest run of each. No model is tested on digits it was trained on."
    return Figure("cross", "Trained on, tested on", text, comparison_charts.cross_table(frame), _named(frame))


def by_digit(runs: Sequence[Run]) -> Figure:
    """Show the accuracy of each digit of MNIST's test set."""
    frame = accuracy_by_digit(runs)
    shown = _newest(frame, "name")
    table = frame.pivot_table(index="name", columns="digit", values="accuracy", sort=False).reset_index()
    text = "On MNIST's test set, of the digits with each label." + _left_out(frame, shown, "name")
    return Figure("digits", "Accuracy of each digit", text, comparison_charts.accuracy_by_digit(shown), _named(table))


def cost(frame: pd.DataFrame) -> Figure:
    """Show human and machine time as one cost, from what `methods.methods` returns."""
    frame = method_table.cost(frame)
    shown = _newest(frame, "name")
    text = "Your time and the computer's, added up: what a method takes until it is ready."
    text += _left_out(frame, shown, "name")
    return Figure("cost", "Seconds of drawing and of training", text, comparison_charts.cost(shown), _named(frame))


def curves(runs: Sequence[Run]) -> Figure:
    """Lay the trainings of runs over each other."""
    trained = {run.name: run.history for run in runs if run.history}
    shown = histories(dict(list(trained.items())[-_MOST_ROWS:]))
    text = "Solid: training; dashed: validation on MNIST digits that no model is trained on."
    chart = run_charts.training_curves_overlaid(shown).properties(
        description="Lines: accuracy and loss of each run, epoch by epoch."
    )
    if len(trained) > _MOST_ROWS:
        text += f" The newest {_MOST_ROWS} of {len(trained)}; choose rows to see others."
    return Figure("curves", "Training curves", text, chart, _named(shown))


def of_runs(runs: Sequence[Run]) -> list[Figure]:
    """Make all figures that need nothing but the runs, the main one first."""
    frame = method_table.methods(runs)
    made = [minutes(frame), methods(frame), by_digit(runs), cost(frame)]
    return [*made, curves(runs)] if any(run.history for run in runs) else made


def _newest(frame: pd.DataFrame, column: str = "id") -> pd.DataFrame:
    """Keep the rows of the newest runs: more rows of a chart could neither be read nor drawn at once."""
    return frame[frame[column].isin(frame[column].drop_duplicates().tail(_MOST_ROWS))]


def _left_out(frame: pd.DataFrame, shown: pd.DataFrame, column: str = "id") -> str:
    count, left = frame[column].nunique(), shown[column].nunique()
    return "" if count == left else f" The newest {left} of {count}; choose rows to see others, or see the table."


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    columns = map(str, frame.columns)
    return frame.set_axis([_NAMES.get(name, name.replace("_", " ").capitalize()) for name in columns], axis="columns")
