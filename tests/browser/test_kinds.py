"""What drawings alone have taught is told apart from what help brought: in the headline, the charts and the report."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.controls import download
from tests.browser.page_objects import ComparePage
from tests.browser.waiting import expect_no_message, marks, once
from tests.comparison.examples import guessing
from tests.helpers import a_run, add_run

ALONE, UNLABELLED, WITH_MNIST = "drawings alone", "with unlabelled pictures", "with MNIST"
KINDS = {ALONE, UNLABELLED, WITH_MNIST, "no drawing"}
TOLD = (
    "3 min 10 s of drawing: a network trained on these drawings alone reads "
    "74\u00a0% of MNIST and 90\u00a0% (70–97) of your own digits."
)
HELPED = (
    "With MNIST's network as a start: 98\u00a0% and 100\u00a0%. "
    "With MNIST's pictures without labels: 96\u00a0% and 95\u00a0%."
)


@pytest.fixture(scope="module")
def runs(store):
    """Two seeds of drawings alone, each kind of help, the network on MNIST, and one that has learnt nothing."""
    drawn = {"minutes": 190 / 60, "drawings": 42, "name": "Full batches, 42 drawings by ana, trained on this machine"}
    add_run(store, a_run("full-0", "full", right=0.73, own=0.9, seed=0, **drawn))
    add_run(store, a_run("full-1", "full", right=0.75, own=0.9, seed=1, **drawn))
    add_run(store, a_run("full-m", "full", right=0.98, own=1.0, start_from="reference", **drawn))
    add_run(store, a_run("piles", "unlabelled", right=0.96, own=0.95, helped="unlabelled", **drawn))
    add_run(store, a_run("dense-1", right=0.97))
    add_run(store, guessing(a_run("dense-newest", epochs=1)))


def looks(page, mark):
    """How the marks of each kind look: `{kind: {(colour, outline)}}`; of bars the outline is left out."""
    seen = page.locator(f"path[aria-roledescription={mark}][aria-label*='learnt from: ']").evaluate_all(
        "all => all.map(mark => [mark.ariaLabel, mark.getAttribute('stroke'), mark.getAttribute('d')])"
    )
    found = {}
    for label, colour, outline in seen:
        (kind,) = re.findall("learnt from: ([^;]+)", label)
        found.setdefault(kind, set()).add((colour, outline if mark == "point" else ""))
    return found


def expect_told_apart(page, mark):
    """Marks of one kind look alike, those of two kinds never."""
    found = once(lambda: looks(page, mark), lambda found: set(found) == KINDS)
    assert all(len(alike) == 1 for alike in found.values()), found
    assert len(set.union(*found.values())) == len(KINDS)


def test_headline_charts_and_report_tell_the_kinds_apart(visit, app_url, runs, open_page, tmp_path):
    page = visit(f"{app_url}/compare")
    compare = ComparePage(page)
    answer = compare.answer("of drawing: a network trained on these drawings alone reads")
    expect(answer.locator("strong")).to_have_text(TOLD)
    expect(answer).to_contain_text(HELPED)
    assert not re.search("9[5678]|100", answer.locator("strong").inner_text().replace("(70–97)", "")), "a helped figure"
    compare.answer(
        "takes 3.2 min or less alone, 3.2 min or less with MNIST's pictures without labels, 3.2 min or less with"
    )
    expect(
        page.get_by_text("a network trained on MNIST reads 97")
    ).to_be_visible()  # not the one that has learnt nothing

    expect_told_apart(page, "point")
    expect_told_apart(page, "bar")
    bars = marks(page, "bar")
    alone = [(bar["tested on"], bar["accuracy"]) for bar in bars if bar["learnt from"] == ALONE]
    assert alone == [("MNIST test set", "74\u00a0%"), ("own test set", "90\u00a0%")], (
        "two seeds are one row with both bars"
    )
    names = page.locator("g.role-axis-label text").all_text_contents()
    assert {kind for kind in KINDS if any(kind in name for name in names)} == KINDS - {"no drawing"}
    expect(page.locator("g.role-legend-label").get_by_text(WITH_MNIST)).to_have_count(2)

    compare.tab("Report")
    _, content = download(page, "compare_report")
    expect_no_message(page)
    file = tmp_path / "report.html"
    file.write_bytes(content)
    report = open_page()
    report.goto(file.as_uri())
    expect(report.locator("#minutes svg.marks")).to_be_visible()
    expect(report.locator("#answer strong")).to_have_text(TOLD)
    expect(report.locator("#answer")).to_contain_text(HELPED)
    expect_told_apart(report, "point")
    report.locator("#methods svg.marks path[aria-roledescription=bar]").first.hover()
    expect(report.locator("#vg-tooltip-element.visible")).to_contain_text(ALONE)


@pytest.mark.slow
def test_home_tells_what_drawings_alone_brought_and_help_apart(visit, app_url, runs):
    page = visit(app_url)
    expect(page.get_by_test_id("stMetricValue")).to_contain_text(
        ["9.", "97.0\u00a0%", "not yet", "not yet", "not yet", "74.0\u00a0%", "3 of 4"]
    )
    card = page.get_by_test_id("stCaptionContainer").filter(has_text="With MNIST's network as a start: 98.0\u00a0%.")
    expect(card).to_contain_text("3 min 10 s of drawing, 1.5 s of training, mean of 2 trainings")
