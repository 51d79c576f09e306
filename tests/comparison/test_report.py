"""What a report says; that it opens without network is tried in tests/browser/test_report.py."""

import functools
import json
import re

import numpy as np
import pytest

from digitlab import mnist
from digitlab.comparison import report, vega
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import DigitSet
from tests.comparison.test_central_chart import a_curve
from tests.helpers import a_run

RUNS = [
    a_run("uniform", "uniform", right=0.1, name="Random guess"),
    a_run("dense-1", right=0.97, name="Dense"),
    a_run("full-1", "full", right=0.57, minutes=190 / 60, drawings=42, own=0.9, batch_ids=[1], version="ab12" * 4),
]
BATCHES = [
    Batch(1, 1, "ana", "full", (0, 1), 5, "2026-01-01T10:00:00", 2, 190.0),
    Batch(2, 1, "ana", "test", (0, 1), 6, "2026-01-02T10:00:00", 20, 40.0),
]


def digits(key, title, batch_id, n=20):
    images = np.random.default_rng(n).integers(0, 255, (n, 28, 28), np.uint8)
    return DigitSet(key, title, images, np.arange(n) % 10, np.full(n, batch_id), np.arange(n))


SETS = [digits("mnist", "MNIST test set", 0, 50), digits("test:ana", "test digits of ana", 2)]


def read(run_id, digit_set):
    return digit_set.labels if run_id == "full-1" else (digit_set.labels + 1) % 10


@pytest.fixture(scope="module", autouse=True)
def script_made_once():
    """Vega's script takes two seconds to make and is the same in each report."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vega, "javascript", functools.cache(vega.javascript))
        yield


@pytest.fixture(scope="module")
def html():
    return report.write(RUNS, RUNS[1:], BATCHES, SETS, read).decode()


def test_it_answers_the_question(html):
    (answer,) = re.findall(r"<p id='answer'>(.*?)</p>", html)
    assert answer.replace("\N{NO-BREAK SPACE}", " ").startswith(
        "<strong>3 min 10 s of drawing: a network trained on these drawings alone reads "
        "57 % of MNIST and 90 % (70\N{EN DASH}97) of your own digits.</strong>"
    )


def test_a_guess_is_marked_in_its_main_chart_if_one_was_made(html):
    guessed = report.write(RUNS, RUNS[1:], BATCHES, SETS, read, guess=0.62).decode()
    assert "Your estimate" not in html
    assert "Your estimate of ten drawings: 62" in guessed


def test_the_own_learning_curve_is_in_its_main_chart():
    html = report.write(RUNS, RUNS[1:], BATCHES, SETS, read, own_curves={"mnist": a_curve()}).decode()
    spec, *_ = [json.loads(text) for text in re.findall(r"<script type='application/json'>(.*?)</script>", html)]
    assert [layer["mark"]["type"] for layer in spec["layer"]].count("line") == 2, "the curve and its forecast"
    assert "at 3 min: " in json.dumps(spec["datasets"]), "the pointer reads it there too"


def test_everything_needed_to_repeat_the_runs_is_in_it(html):
    for fact in (*mnist.SHA256.values(), "ab12" * 4, "full-1", "hidden_units = [128]", "streamlit", "python = 3.13.0"):
        assert fact in html
    assert SETS[1].version in html
    assert "<th>seed</th><td>0</td>" in html


def test_all_figures_are_in_it_with_data_and_table(html):
    assert re.findall(r"class='chart' id='(\w+)'", html) == [
        *("minutes", "minutes_own", "methods", "cross", "digits", "cost", "curves")
    ]
    specs = [json.loads(text) for text in re.findall(r"<script type='application/json'>(.*?)</script>", html)]
    assert len(specs) == 7
    assert all(spec["datasets"] for spec in specs)
    assert html.count("<summary>As a table</summary>") == 7


def test_the_script_that_draws_them_is_in_it(html):
    _, script = html.split("<script>", 1)
    assert "window.vegaEmbed=" in script
    assert len(script) > 500_000


def test_nothing_is_fetched_from_elsewhere(html):
    ours = html.split("<script>")[0]  # after that comes Vega's own script; the browser test sees what it does
    assert not re.findall(r"(?:src|href)=['\"]?(?:https?:)?//", ours)
    assert "data:image/png;base64," in ours


def test_drawn_digits_and_mnist_are_compared_on_the_same_digits(html):
    (paired,) = re.findall(r"<ul id='paired'>(.*?)</ul>", html)
    assert "Run full-1 is better by 100.0\N{NO-BREAK SPACE}%: of 20 digits" in paired
    assert "test digits of ana" in paired


def test_names_cannot_break_out():
    bad = "</script><script>alert(1)</script><b>"
    html = report.write([a_run("a", name=bad)], [], [], SETS[:1], lambda *_: None).decode()
    assert "alert(1)</script>" not in html.replace("<\\/script>", "")
    assert "&lt;/script&gt;" in html


def test_a_report_of_nothing_says_what_is_missing():
    html = report.write([RUNS[0]], [], [], SETS[:1], read).decode()
    assert "Not known yet" in html
    assert "None yet." in html
    assert "id='paired'" not in html


def test_kinds_of_help_are_told_apart_everywhere_in_it():
    kinds = {"alone": 0.57, "unlabelled": 0.96, "mnist": 0.98}
    runs = [
        a_run(f"full-{kind}-{seed}", "full", right=right, minutes=3, drawings=42, batch_ids=[1], seed=seed, helped=kind)
        for kind, right in kinds.items()
        for seed in range(2)
    ]
    html = report.write(runs, runs, BATCHES, SETS, lambda _, digits: digits.labels).decode()
    (answer,) = re.findall(r"<p id='answer'>(.*?)</p>", html)
    (bold,) = re.findall("<strong>(.*?)</strong>", answer)
    assert "57" in bold and not re.search("9[68]", bold), "no helped figure in the sentence about drawings alone"
    assert "without labels: 96" in answer
    titles = {"drawings alone", "with unlabelled pictures", "with MNIST"}
    specs = [json.loads(text) for text in re.findall(r"<script type='application/json'>(.*?)</script>", html)]
    rows = [row for spec in specs for data in spec["datasets"].values() for row in data if "kind" in row]
    assert {row["kind"] for row in rows} == titles
    assert {round(row["accuracy"], 2) for row in rows if "test_set" in row} == set(kinds.values())
    (cross,) = [data for spec in specs for data in spec["datasets"].values() if "trained_on" in data[0]]
    assert {row["trained_on"] for row in cross} == {
        "ana: full batch (42)",
        "ana: full batch (42)\nwith unlabelled pictures",
        "ana: full batch (42)\nwith MNIST",
    }
    assert set(re.findall("<th>learnt from</th><td>(.*?)</td>", html)) == titles
