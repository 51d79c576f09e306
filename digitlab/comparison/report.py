"""A report to hand in: one HTML file with everything in it, charts that answer the pointer included."""

import platform
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from digitlab import mnist
from digitlab.comparison import answer, figures, methods, vega
from digitlab.digits import enlarge
from digitlab.drawing import pictures
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import MNIST, DigitSet

_TITLE = "How long does it take to build an MNIST of your own, and how good is a model trained on it?"
_PACKAGES = ("streamlit", "altair", "numpy", "pandas", "keras", "tensorflow", "ai-edge-litert", "vl-convert-python")
_SHOWN = 100  # digits of each writer
_IN_A_ROW = 20


def write(
    runs: Sequence[dict],
    all_runs: Sequence[dict],
    batches: Sequence[Batch],
    sets: Sequence[DigitSet],
    predict: Callable[[str, DigitSet], np.ndarray | None],
    *,
    forecast: str = "",
) -> bytes:
    """Write the report.

    Args:
        runs: Cards of the runs to report on, oldest first, with names that tell them apart.
        all_runs: Cards of all runs, to know where they started from.
        batches: All batches.
        sets: As `digit_sets.digit_sets` returns them.
        predict: As in `comparison.cross_table`.
        forecast: As in `answer.headline`.

    Returns:
        UTF-8 HTML that needs no network: charts, pictures and scripts are in it.

    Raises:
        VegaError: If Vega's script could not be put together.
    """
    shown = figures.of_runs(runs)
    crossed = methods.to_cross(runs, batches)
    if crossed:
        frame = methods.cross_table(crossed, all_runs, batches, sets, predict)
        shown.insert(2, figures.cross(frame))
    writers = {batch.writer for batch in batches if batch.drawn}
    page = _template().render(
        title=_TITLE,
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        answer=_bold(answer.headline(runs, writers, forecast)),
        batches=_batches(batches),
        samples=[_sample(digits) for digits in sets if digits.key != MNIST],
        paired=_paired(runs, all_runs, sets, predict),
        figures=[(figure, _table(figure.table)) for figure in shown],
        runs=[(card["name"], _facts(card)) for card in runs],
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


def _paired(runs: Sequence[dict], all_runs: Sequence[dict], sets: Sequence[DigitSet], predict: Callable) -> list[str]:
    """Compare the run that answers with the network trained on MNIST, on each set of digits."""
    tests = answer.answering(methods.methods(runs))
    dense = [card for card in runs if card["method"] == "dense"]
    if not tests or not dense:
        return []
    answering_id = next(iter(tests.values()))["id"]
    first = next(card for card in runs if card["id"] == answering_id)
    said = []
    for digits in sets:
        if digits.key != MNIST and not digits.key.startswith("test:"):
            continue
        pair = methods.pair(first, dense[-1], all_runs, digits, predict)
        if pair:
            said.append(f"{digits.title}: {pair.test.in_words(first['name'], dense[-1]['name'])}")
    return said


def _batches(batches: Sequence[Batch]) -> Markup | None:
    rows = [
        (batch.id, batch.writer, batch.kind, batch.drawn, round(batch.seconds, 1), batch.seed, batch.created_at[:16])
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


def _facts(card: dict) -> dict[str, str]:
    """Return what is known of a run, by its name."""
    train, tests = card.get("train", {}), card["tests"]
    facts = {
        "id": card["id"],
        "method": card["method"],
        "stored": card.get("created_at", "not stored"),
        "seed": card.get("settings", {}).get("seed", card.get("seed", "none")),
        "trained on": f"{train.get('n', 0):,} digits, data set {train.get('version', 'none')}",
        "batches of drawings": train.get("batch_ids") or "none",
        "started from": card.get("start_from") or "scratch",
        "settings": card.get("settings", "none"),
        "human seconds": round(card["human_seconds"], 1),
        "training seconds": round(card["training_seconds"], 1),
        "parameters": card["parameters"],
        "versions": card.get("versions", "none"),
    }
    for name, test in tests.items():
        data = f", data set {test['version']}" if "version" in test else ""
        facts[f"test: {name}"] = (
            f"{test['correct']:,} of {test['n']:,} right, {test['accuracy']:.2%} ({test['low']:.2%} to "
            f"{test['high']:.2%}){data}"
        )
    return {name: _listed(value) for name, value in facts.items()}


def _listed(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {each}" for name, each in value.items())
    return str(value)


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}


def _table(frame: pd.DataFrame) -> Markup:
    """Return a table as HTML; pandas escapes what is in it."""
    header = bool(len(frame.columns)) and isinstance(frame.columns[0], str)
    return Markup(frame.to_html(index=False, header=header, border=0, float_format="{:.4g}".format))  # noqa: S704


def _bold(markdown: str) -> Markup:
    """Turn `**bold**` into HTML, all else stays text."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(markdown))))  # noqa: S704
