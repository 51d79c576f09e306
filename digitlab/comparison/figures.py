"""Figures of the comparison: a chart with its title, a sentence on how to read it, and the same as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from digitlab.comparison import central_chart, comparison_charts, method_tables, run_charts, vega
from digitlab.comparison.chart_style import Chart
from digitlab.comparison.kinds import Kind, with_kind
from digitlab.comparison.method_results import MethodResult, method_results
from digitlab.comparison.own_curve import OwnCurve
from digitlab.comparison.runs import TEST_SETS, histories
from digitlab.comparison.speaking import SHIPPED, reference_lines, speaker
from digitlab.run import Run

_WIDTH = 680  # px, of a chart outside the app, which has no page to fit into
_MOST_ROWS = 30  # of a chart with a row or a line for each run
_READ = {"mnist": "MNIST's 10,000 test digits", "own": "the writer's own test digits"}
_NAMES = {
    "name": "Run",
    "kind": "Learnt from",
    "note": "To know",
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
    """A chart that can be shown, downloaded and put into a report.

    Attributes:
        key: Names it for the program and its files.
        title: For the reader.
        text: How to read it.
        chart: As Altair has it.
        table: The same as the chart.
        note: What its words mean, to stand below it; may be empty.
    """

    key: str
    title: str
    text: str
    chart: Chart
    table: pd.DataFrame
    note: str = ""

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


def minutes(
    results: Sequence[MethodResult],
    guess: float | None = None,
    curve: OwnCurve | None = None,
    test_set: str = "mnist",
    shipped: float | None = None,
) -> Figure:
    """Make the main figure of the comparison, for one test set.

    Args:
        results: As `method_results.method_results` returns them.
        guess: As for `speaking.reference_lines`.
        curve: Own learning curve on the same test set.
        test_set: "mnist" or "own".
        shipped: As for `speaking.reference_lines`.
    """
    imported = sum(each.imported > 0 for each in results)
    elsewhere = sum(each.kind == "elsewhere" for each in results)
    results = [each for each in results if not each.imported and each.kind != "elsewhere"]
    frame = method_tables.table(results)
    frame = frame[frame["test_set"] == TEST_SETS[test_set]]
    named_first = [each.id for each in _speakers(results)]
    frame = frame.sort_values("id", key=lambda ids: ~ids.isin(named_first), kind="stable")
    lines = reference_lines(results, test_set, guess, shipped)
    chart = central_chart.accuracy_by_minutes(frame, lines, curve)
    text = (
        "What minutes of drawing bought: each step to the right multiplies them; at the left stands what took none. "
        "Colour and shape tell what helped."
    )
    note = (
        f"Accuracy: the share of {_READ[test_set]} that is read right. Thin vertical lines: the 95\N{NO-BREAK SPACE}% "
        "interval, where it would most likely be on other digits of the same kind."
    )
    if SHIPPED in list(lines["line"]):
        note += " The MNIST network that comes with DigitLab has learnt from MNIST's digits; your own you "
        note += "train on the page Dense network."
    if imported:
        note += f" Not shown: {imported} that learnt from imported digits, whose minutes nobody counted here."
    if elsewhere:
        note += f" Not shown: {elsewhere} brought in from files; what work is in them is not known."
    if curve:
        note += " Point at the chart to read the curve."
    if curve and curve.has_line:
        text += " Blue line: your learning curve, what the first 10, 16, 25 … of your drawings teach alone."
    if curve and len(curve.forecast):
        text += " Dashed blue line: what more of your drawings would teach; of other people's curves four of five "
        text += "stayed within the pale band."
    key = "minutes" if test_set == "mnist" else f"minutes_{test_set}"
    return Figure(key, "Accuracy against minutes of drawing", text, chart, _named(frame), note)


def methods(results: Sequence[MethodResult]) -> Figure:
    """Compare methods, from what `method_results.method_results` returns."""
    text = (
        "Runs that differ in the seed alone are one method. Full bars: MNIST's test set; pale ones: your own. Lines on "
        "them: the interval in which the accuracy would most likely be on other digits. Dashed: a random guess."
    )
    shown = _newest(results)
    chart = comparison_charts.accuracy_by_method(method_tables.table(shown))
    return Figure(
        "methods", "Accuracy by method", text + _left_out(results), chart, _named(method_tables.table(results))
    )


def cross_table(frame: pd.DataFrame) -> Figure:
    """Show how well each model reads each set of digits, from what `cross_table.cross_table` returns."""
    text = (
        "Rows: what a model was trained on, one model of each; help by MNIST is told in the row. No model is tested on "
        "digits it was trained on."
    )
    table = _named(frame)
    frame = frame.assign(trained_on=frame["trained_on"].str.replace(", with", "\nwith", regex=False))
    return Figure("cross", "Trained on, tested on", text, comparison_charts.cross_table(frame), table)


def by_digit(results: Sequence[MethodResult]) -> Figure:
    """Show the accuracy of each digit of MNIST's test set, from what `method_results.method_results` returns."""
    frame = method_tables.accuracy_by_digit(results)
    chart = comparison_charts.digit_table(method_tables.accuracy_by_digit(_newest(results)))
    rows = frame.pivot_table(index=["label", "name", "kind"], columns="digit", values="accuracy", sort=False)
    table = rows.reset_index().drop(columns="label")
    text = "On MNIST's test set, of the digits with each label." + _left_out(results)
    return Figure("digits", "Accuracy of each digit", text, chart, _named(table))


def cost(results: Sequence[MethodResult]) -> Figure:
    """Show human and machine time as one cost, from what `method_results.method_results` returns."""
    results = [each for each in results if each.kind != "elsewhere"]  # what is in these nobody knows
    text = "Your time and the computer's, added up: what a method takes until it is ready." + _left_out(results)
    chart = comparison_charts.cost(method_tables.cost(_newest(results)))
    table = _named(method_tables.cost(results))
    return Figure("cost", "Seconds of drawing and of training", text, chart, table)


def curves(runs: Sequence[Run]) -> Figure:
    """Lay the trainings of runs over each other."""
    trained = {with_kind(run.name, run): run.history for run in runs if run.history}
    shown = histories(dict(list(trained.items())[-_MOST_ROWS:]))
    text = (
        "Solid: training; dashed: validation on MNIST digits that no model is trained on. Where only the solid line "
        "still gets better, the network learns its digits by heart (overfitting). Loss: how wrong it was and how sure."
    )
    chart = run_charts.training_curves_overlaid(shown).properties(
        description="Lines: accuracy and loss of each run, epoch by epoch."
    )
    if len(trained) > _MOST_ROWS:
        text += f" The newest {_MOST_ROWS} of {len(trained)}; choose rows to see others."
    return Figure("curves", "Training curves", text, chart, _named(shown))


def of_runs(
    runs: Sequence[Run], guess: float | None = None, own_curves: Mapping[str, OwnCurve] | None = None
) -> list[Figure]:
    """Make all figures that need nothing but these, the main one first.

    Args:
        runs: Oldest first.
        guess: As for `minutes`.
        own_curves: Own learning curve by test set.
    """
    results, own_curves = method_results(runs), own_curves or {}
    made = [minutes(results, guess, own_curves.get("mnist"))]
    if any("own" in result.tests for result in results):
        own = minutes(results, guess, own_curves.get("own"), "own")
        made.append(replace(own, title=f"{own.title}, own digits"))
    made += [methods(results), by_digit(results), cost(results)]
    return [*made, curves(runs)] if any(run.history for run in runs) else made


def _speakers(results: Sequence[MethodResult]) -> list[MethodResult]:
    """Return those that speak for something: of the drawings alone by method, and of each kind of help."""
    asked: tuple[tuple[Kind, str | None], ...] = (
        ("alone", "one"),
        ("alone", "full"),
        ("mnist", None),
        ("unlabelled", None),
    )
    return [found for kind, method in asked if (found := speaker(results, kind, method))]


def _newest(results: Sequence[MethodResult]) -> list[MethodResult]:
    """Keep those that were trained last: more rows of a chart could neither be read nor drawn at once."""
    newest = sorted(results, key=lambda result: result.number)[-_MOST_ROWS:]
    return [result for result in results if result in newest]


def _left_out(results: Sequence[MethodResult]) -> str:
    if len(results) <= _MOST_ROWS:
        return ""
    return f" The newest {_MOST_ROWS} of {len(results)}; choose rows to see others, or see the table."


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Name the columns for the reader; without those that are only for the program."""
    frame = frame.drop(columns=["id", "label", "version"], errors="ignore")
    columns = map(str, frame.columns)
    return frame.set_axis([_NAMES.get(name, name.replace("_", " ").capitalize()) for name in columns], axis="columns")
