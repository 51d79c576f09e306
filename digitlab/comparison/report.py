"""A report to hand in: one HTML file with everything in it, charts that answer the pointer included."""

import html
import json
import platform
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import pandas as pd

from digitlab import mnist
from digitlab.comparison import answer, figures, methods, vega
from digitlab.comparison.figures import Figure
from digitlab.digits import enlarge
from digitlab.drawing import pictures
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import MNIST, DigitSet

_TITLE = "How long does it take to build an MNIST of your own, and how good is a model trained on it?"
_PACKAGES = ("streamlit", "altair", "numpy", "pandas", "keras", "tensorflow", "ai-edge-litert", "vl-convert-python")
_SHOWN = 100  # digits of each writer
_IN_A_ROW = 20
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; font-size: 0.85rem; } td, th { border: 1px solid #ccc; padding: 0.2rem 0.5rem; }
th { text-align: left; background: #f4f4f4; } td { overflow-wrap: anywhere; }
.wide { overflow-x: auto; } .chart { overflow-x: auto; margin: 1rem 0; } img { max-width: 100%; }
@media print { details > summary { display: none; } h2, h3, figure { break-inside: avoid; break-after: avoid; } }
"""
_METHOD = """
<p>Four methods are put side by side: a random guess; a network trained on MNIST's training digits; a network trained on
<em>one</em> drawing of each digit; and a network trained on a <em>full batch</em> of drawings. Each drawing was made by
hand and turned into a picture of 28x28 pixels as MNIST was made: its lines drawn anew, scaled to 20x20 pixels, its
centre of mass put in the middle. Networks see varied copies of the drawings.</p>
<p><strong>Time.</strong> Seconds of drawing are active ones: thinking, drawing and pausing between strokes, drawings
that were thrown away included; longer breaks are left out. Training time is that of the computer.</p>
<p><strong>Tests.</strong> Every model is tested on MNIST's test digits and, where there are some, on the writer's own
test digits, drawn apart and never trained on. Of a single run the interval is Wilson's for 95 %; of runs that differ in
the seed alone it is the mean of the seeds with two standard deviations on either side, never narrower than Wilson's.
Two models are compared by McNemar's exact test on the same digits.</p>
"""


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
    made = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    parts = [
        f"<h1>{_TITLE}</h1><p>Made with DigitLab, {made}.</p>",
        f"<h2>Answer</h2><p id='answer'>{_bold(answer.headline(runs, writers, forecast))}</p>",
        f"<h2>Method</h2>{_METHOD}",
        f"<h2>Drawings</h2>{_drawings(batches, sets)}",
        f"<h2>Results</h2>{_paired(runs, all_runs, sets, predict)}{''.join(map(_figure, shown))}",
        f"<h2>Runs</h2>{''.join(map(_run, runs))}",
        f"<h2>Data and versions</h2>{_data(sets)}",
    ]
    script = re.sub(r"</(?=script)", r"<\\/", vega.javascript(), flags=re.IGNORECASE)
    page = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{_TITLE}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}<script>{script}</script><script>{_EMBED}</script>"
        "</body></html>"
    )
    return page.encode()


_EMBED = """
for (const place of document.querySelectorAll(".chart")) {
  const spec = JSON.parse(place.nextElementSibling.textContent);
  const actions = { export: true, source: false, compiled: false, editor: false };
  vegaEmbed(place, spec, { renderer: "svg", actions, downloadFileName: place.id });
}
"""


def _figure(figure: Figure) -> str:
    spec = json.dumps(figure.spec()).replace("</", "<\\/")
    return (
        f"<h3>{html.escape(figure.title)}</h3><p>{html.escape(figure.text)}</p>"
        f"<div class='chart' id='{figure.key}'></div><script type='application/json'>{spec}</script>"
        f"<details><summary>As a table</summary>{_table(figure.table)}</details>"
    )


def _paired(runs: Sequence[dict], all_runs: Sequence[dict], sets: Sequence[DigitSet], predict: Callable) -> str:
    """Compare the run that answers with the network trained on MNIST, on each set of digits."""
    tests = answer.answering(methods.methods(runs))
    dense = [card for card in runs if card["method"] == "dense"]
    if not tests or not dense:
        return ""
    answering_id = next(iter(tests.values()))["id"]
    first = next(card for card in runs if card["id"] == answering_id)
    rows = []
    for digits in sets:
        if digits.key != MNIST and not digits.key.startswith("test:"):
            continue
        pair = methods.pair(first, dense[-1], all_runs, digits, predict)
        if pair:
            said = html.escape(pair.test.in_words(first["name"], dense[-1]["name"]))
            rows.append(f"<li>{html.escape(digits.title)}: {said}</li>")
    return f"<h3>Drawn digits or MNIST?</h3><ul id='paired'>{''.join(rows)}</ul>" if rows else ""


def _drawings(batches: Sequence[Batch], sets: Sequence[DigitSet]) -> str:
    rows = [
        (batch.id, batch.writer, batch.kind, batch.drawn, round(batch.seconds, 1), batch.seed, batch.created_at[:16])
        for batch in batches
        if batch.drawn
    ]
    if not rows:
        return "<p>None yet.</p>"
    told = [_table(pd.DataFrame(rows, columns=["Batch", "Writer", "Kind", "Drawings", "Seconds", "Seed", "Begun"]))]
    for digits in sets:
        if digits.key != MNIST:
            picture = enlarge(pictures.montage(digits.images[:_SHOWN], min(_IN_A_ROW, len(digits))), 2)
            title = html.escape(f"{digits.title}: the first {min(_SHOWN, len(digits))} of {len(digits)}")
            told.append(
                f"<figure><img alt='{title}' src='{pictures.png_uri(picture)}'>"
                f"<figcaption>{title}; data set <code>{digits.version}</code></figcaption></figure>"
            )
    return "".join(told)


def _run(card: dict) -> str:
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
    rows = "".join(f"<tr><th>{name}</th><td>{_fact(value)}</td></tr>" for name, value in facts.items())
    return f"<details><summary>{html.escape(card['name'])}</summary><table>{rows}</table></details>"


def _data(sets: Sequence[DigitSet]) -> str:
    test = next(digits for digits in sets if digits.key == MNIST)
    versions = {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}
    return (
        f"<p>MNIST's test digits as they were tested on: {len(test):,}, data set <code>{test.version}</code>. "
        "The sha256 of MNIST's uncompressed files:</p>"
        f"{_table(pd.DataFrame(list(mnist.SHA256.items()), columns=['File', 'sha256']))}"
        "<p>A data set is named by the first 16 hex digits of the sha256 of its pictures and labels: equal digits, "
        f"equal name. Versions when this report was made:</p>{_table(pd.DataFrame(list(versions.items())))}"
        "<p>To repeat a run: set what is given under its settings on the page that trains, with the same seed and "
        "the same data set.</p>"
    )


def _fact(value: object) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{name} = {each}" for name, each in value.items())
    return html.escape(str(value))


def _table(frame: pd.DataFrame) -> str:
    header = bool(len(frame.columns)) and isinstance(frame.columns[0], str)
    return (
        f"<div class='wide'>{frame.to_html(index=False, header=header, border=0, float_format='{:.4g}'.format)}</div>"
    )


def _bold(markdown: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(markdown))
