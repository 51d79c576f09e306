"""The report: one HTML file with everything in it, interactive charts included."""

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from digitlab import mnist
from digitlab.comparison import answer, figures, vega
from digitlab.comparison.cross_table import Predict, cross_table, speakers_by_training_data
from digitlab.comparison.equal_accuracy import Measured
from digitlab.comparison.kinds import KIND_TITLES, kind_of
from digitlab.comparison.method_results import method_results
from digitlab.comparison.own_curve import OwnCurve
from digitlab.comparison.pairs import pair
from digitlab.comparison.runs import to_know
from digitlab.comparison.speaking import mnist_speaker, speaker
from digitlab.digits import enlarge
from digitlab.drawing import pictures
from digitlab.drawing.clock import local_time
from digitlab.look import percent
from digitlab.run import Run
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import MNIST, DigitSet

_TITLE = "How long does it take to build an MNIST of your own, and how good is a model trained on it?"
_PACKAGES = ("streamlit", "altair", "numpy", "pandas", "keras", "tensorflow", "ai-edge-litert", "vl-convert-python")
_SHOWN = 100  # digits of each writer
_IN_A_ROW = 20


def write(
    runs: Sequence[Run],
    all_runs: Sequence[Run],
    batches: Sequence[Batch],
    sets: Sequence[DigitSet],
    predict: Predict,
    *,
    forecast: str = "",
    curve: Sequence[Measured] = (),
    own_curves: Mapping[str, OwnCurve] | None = None,
    guess: float | None = None,
    zone: str | None = None,
) -> bytes:
    """Write the report.

    Args:
        runs: To report on, oldest first, with names that tell them apart.
        all_runs: To know where those started from.
        batches: All batches.
        sets: As `digit_sets.digit_sets` returns them.
        predict: See `cross_table.Predict`.
        forecast: As in `answer.tell`.
        curve: The same.
        own_curves: As for `figures.of_runs`.
        guess: As for `speaking.reference_lines`.
        zone: Time zone of the reader, as for `clock.local_time`.

    Returns:
        UTF-8 HTML that needs no network: charts, pictures and scripts are in it.

    Raises:
        VegaError: If Vega's script could not be put together.
    """
    shown = figures.of_runs(runs, guess, own_curves)
    networks = speakers_by_training_data(runs, batches)
    if networks:
        shown.insert(
            [figure.key for figure in shown].index("methods") + 1,
            figures.cross_table(cross_table(networks, all_runs, batches, sets, predict)),
        )
    writers = {batch.writer for batch in batches if batch.drawn}
    page = _template().render(
        title=_TITLE,
        made=local_time(datetime.now(UTC).isoformat(), zone),
        answer=_to_html(answer.tell(runs, writers, forecast, curve).text()),
        batches=_batches(batches, zone),
        samples=[_sample(digits) for digits in sets if digits.key != MNIST and digits.shown],
        paired=_paired(runs, all_runs, sets, predict),
        figures=[(figure, _table(figure.table)) for figure in shown],
        runs=[(run.name, _facts(run, zone)) for run in runs],
        mnist=next(digits for digits in sets if digits.key == MNIST),
        checksums=_table(pd.DataFrame(list(mnist.SHA256.items()), columns=["File", "sha256"])),
        versions=_table(pd.DataFrame(list(_versions().items()))),
        vega=Markup(re.sub(r"</(?=script)", r"<\\/", vega.javascript(), flags=re.IGNORECASE)),  # noqa: S704 - ours
    )
    return page.encode()


def _template() -> Template:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.policies["json.dumps_kwargs"] = {}  # charts as Altair writes them: else their keys would be sorted
    return templates.get_template("report.html.jinja")


def _paired(runs: Sequence[Run], all_runs: Sequence[Run], sets: Sequence[DigitSet], predict: Predict) -> list[str]:
    """Compare the network that speaks for the drawings alone with that trained on MNIST, on each set of digits."""
    results = method_results(runs)
    alone, dense = speaker(results, "alone"), mnist_speaker(results)
    if alone is None or dense is None:
        return []
    by_id = {run.id: run for run in runs}
    first, second = by_id[alone.id], by_id[dense.id]
    said = []
    for digits in sets:
        if digits.key != MNIST and not digits.key.startswith("test:"):
            continue
        compared = pair(first, second, all_runs, digits, predict)
        if compared:
            said.append(f"{digits.title}: {compared.test.in_words(first.name, second.name)}")
    return said


def _batches(batches: Sequence[Batch], zone: str | None) -> Markup | None:
    rows = [
        (
            *(batch.id, batch.writer, batch.kind, batch.drawn, round(batch.seconds, 1), batch.seed),
            local_time(batch.created_at, zone),
        )
        for batch in batches
        if batch.drawn
    ]
    columns = ["Batch", "Writer", "Kind", "Drawings", "Seconds", "Seed", "Begun"]
    return _table(pd.DataFrame(rows, columns=columns)) if rows else None


def _sample(digits: DigitSet) -> dict[str, str]:
    """Return the first digits of a set as one picture: its `title`, its `uri` and the `version` of the set."""
    picture = enlarge(pictures.montage(digits.images[:_SHOWN], min(_IN_A_ROW, len(digits))), 2)
    title = f"{digits.title}: the first {min(_SHOWN, len(digits))} of {len(digits)}"
    return {"title": title, "uri": pictures.png_uri(picture), "version": digits.version}


def _facts(run: Run, zone: str | None) -> dict[str, str]:
    """Return what is known of a run, each fact by its name."""
    facts = {
        "id": run.id,
        "method": run.method,
        "stored": local_time(run.created_at, zone) if run.created_at else "not stored",
        "seed": str(run.settings.seed if run.settings else "none" if run.seed is None else run.seed),
        "trained on": f"{run.train.n:,} digits, data set {run.train.version}" if run.train else "nothing",
        "batches of drawings": str(list(run.train.batch_ids)) if run.train and run.train.batch_ids else "none",
        "learnt from": KIND_TITLES[kind_of(run)],
        "started from": run.start_from or "scratch",
        "to know": to_know(run) or "nothing",
        "settings": _listed(asdict(run.settings)) if run.settings else "none",
        "human seconds": str(round(run.human_seconds, 1)),
        "training seconds": str(round(run.training_seconds, 1)),
        "parameters": str(run.parameters),
        "versions": _listed(run.versions) or "none",
    }
    for name, test in run.tests.items():
        data = f", data set {test.version}" if test.version else ""
        facts[f"test: {name}"] = (
            f"{test.correct:,} of {test.n:,} right, {percent(test.accuracy, 2)} ({percent(test.low, 2)} "
            f"to {percent(test.high, 2)}){data}"
        )
    return facts


def _listed(values: Mapping[str, object]) -> str:
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return ", ".join(f"{name} = {value}" for name, value in shown.items())


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}


def _table(frame: pd.DataFrame) -> Markup:
    """Return a table as HTML; pandas escapes what is in it."""
    header = bool(len(frame.columns)) and isinstance(frame.columns[0], str)
    return Markup(frame.to_html(index=False, header=header, border=0, float_format="{:.4g}".format))  # noqa: S704


def _to_html(markdown: str) -> Markup:
    """Turn `**bold**` and paragraphs into HTML, all else stays text."""
    bold = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(markdown)))
    return Markup(bold.replace("\n\n", "<br><br>"))  # noqa: S704
