"""The whole path of a newcomer in a real browser: from a blank canvas to the comparison of all methods."""

import re

import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.storage.runs import read_runs
from tests.browser.controls import TRAINING, go
from tests.browser.drawing import passes, quick_digits, same_path
from tests.browser.page_objects import ComparePage, DrawingDesk, JobProgress, SheetPad
from tests.browser.waiting import expect_no_message, idle, marks

pytestmark = pytest.mark.slow  # three trainings

DENSE, ONE, FULL = "Dense 128 on 10% of MNIST", "One of each digit, 10 drawings by ana", "Full batches, 10 drawings"


def test_from_a_blank_canvas_to_the_comparison(visit, app_url, store):
    assert read_batches(store) == read_runs(store) == []
    page = visit(f"{app_url}/draw_one?writer=ana")
    one, desk = quick_digits(), DrawingDesk(page)
    for label in range(10):
        desk.answer(label, *one[label])
    expect(page.get_by_role("heading", name="of drawing: your network reads")).to_be_visible(timeout=TRAINING)
    expect_stored(store, "one", one, passes)

    visit(f"{app_url}/dense?dense_train_share=10%25&dense_epochs=2")
    train(page, DENSE)

    visit(f"{app_url}/draw_batch?writer=ana&batch_per_digit=1")
    page.get_by_role("button", name="Start 10 drawings").click()
    full = quick_digits(nth=1)
    draw_batch(page, store, "full", full)
    these = re.compile("retrain_what=Full.batches&retrain_writer=ana")
    expect(page.get_by_role("link", name="Train on them")).to_have_attribute("href", these)
    idle(page)
    page.get_by_text("To test with: never trained on").click()
    idle(page)
    page.get_by_role("button", name="Start 10 drawings").click()
    test = quick_digits(nth=2)
    draw_batch(page, store, "test", test)

    expect(page.get_by_role("link", name="See what networks read of them")).to_be_visible()
    go(page, "Train on yours")
    page.get_by_text("Full batches", exact=True).click()
    expect(page.get_by_text("and on 10 own test digits")).to_be_visible()
    train(page, FULL)
    expect(page.get_by_text("digits of the own test set are read right")).to_be_visible()

    bars = expect_comparison(page)

    runs = {run.method: run for run in read_runs(store)}
    assert {method: run.name for method, run in runs.items()} == {"one": ONE, "dense": DENSE, "full": FULL}
    assert {method: run.train.n for method, run in runs.items()} == {"one": 10, "dense": 5500, "full": 10}
    assert runs["full"].tests["own"].n == 10
    accuracy = {method: run.tests["mnist"].accuracy for method, run in runs.items()}
    assert accuracy["dense"] > 0.8
    assert min(accuracy["one"], accuracy["full"]) > 0.15
    seconds = {batch.kind: batch.seconds for batch in read_batches(store)}
    assert runs["one"].human_seconds == seconds["one"] > 1
    assert runs["full"].human_seconds == seconds["full"] > 1
    shown = {bar["run"]: float(bar["minutes of drawing"]) for bar in bars}
    assert shown["Random guess"] == shown[DENSE] == 0
    assert abs(shown[ONE] - seconds["one"] / 60) < 0.006

    go(page, "Home")
    expect(page.get_by_text(" s of drawing, ")).to_have_count(2)
    expect(page.get_by_role("button", name="Next: Compare the methods")).to_be_visible()


def expect_comparison(page):
    """The compare page answers the title question; returns what its bars say."""
    compare = ComparePage(page)
    compare.open()
    alone = (
        r"^[\d.]+ s of drawing: a network trained on these drawings alone reads "
        r"\d+\s% of MNIST and \d+\s% \(\d+–\d+\) of your own digits\."
    )
    expect(compare.answer(alone)).to_contain_text("Drawn were 10 digits.")
    compare.answer("Without a drawing of yours, a network trained on MNIST reads")
    compare.answer("With 10 test digits")
    bars = compare.bars(7)
    on_mnist, on_own = (
        [bar["run"] for bar in bars if bar["tested on"] == test_set] for test_set in ("MNIST test set", "own test set")
    )
    assert on_mnist == [ONE, FULL, "Random guess", DENSE], "drawings alone first"
    assert on_own == [ONE, FULL, DENSE]

    compare.tab("Who reads whom")
    cell = "[aria-roledescription='rect mark'][aria-label*='ana: full batch (10)'][aria-label*='all digits of ana']"
    expect(page.locator(cell)).not_to_have_count(0)
    cells = {(cell["trained_on"], cell["tested_on"]): cell for cell in marks(page, "rect mark")}
    assert cells["ana: full batch (10)", "all digits of ana"]["digits"] == "20"
    show_mistakes_of(compare, DENSE)
    compare.tab("Methods", "Training")
    expect(page.locator("[aria-roledescription='line mark']")).to_have_count(12)  # two measures of two data sets each
    curves = {line["name"] for line in marks(page, "line mark")}
    assert curves == {f"{ONE} (drawings alone)", DENSE, f"{FULL} (drawings alone)"}
    expect_no_message(page)
    return bars


def show_mistakes_of(compare, name):
    """Click on a cell of a confusion matrix: its digits are shown, and how they were drawn."""
    page = compare.page
    compare.tab("Who reads whom", "Two runs")
    expect(page.get_by_text(f"{name}: ")).to_be_visible()
    compare.choose("On which digits", "test digits of ana")
    expect(page.get_by_text("of 10 right")).to_have_count(2)
    page.locator("[aria-roledescription='rect mark'][aria-label*='label: 0;']").first.click()
    expect(page.get_by_text("How they were drawn:")).to_be_visible()
    expect(page.locator("img[src*='.gif']")).not_to_have_count(0)


def train(page, name):
    training = JobProgress(page)
    training.start()
    training.expect_result(name)


def draw_batch(page, store, kind, digits):
    pad = SheetPad(page)
    (batch,) = read_batches(store, kinds=[kind])
    assert sorted(batch.labels) == list(range(10))
    assert tuple(pad.labels) == batch.labels
    written = {label: pad.digit(cell, digits) for cell, label in enumerate(batch.labels)}
    expect(page.get_by_text("All drawn.")).to_be_visible()
    expect_stored(store, kind, written, same_path)


def expect_stored(store, kind, digits, same):
    """The only batch of this kind is that of Ana, and holds what was drawn."""
    (batch,) = read_batches(store, kinds=[kind])
    assert (batch.writer, batch.drawn) == ("ana", 10)
    drawings = read_drawings(store, [batch.id])
    assert [drawing.label for drawing in drawings] == list(batch.labels)
    for drawing in drawings:
        drawn = digits[drawing.label]
        assert len(drawing.strokes) == len(drawn)
        assert all(map(same, drawing.strokes, drawn))
