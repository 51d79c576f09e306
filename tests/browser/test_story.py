"""The whole path of a newcomer in a real browser: from a blank canvas to the comparison of all methods."""

import re

from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.storage.runs import read_runs
from tests.browser.drawing import draw_prompt, human_digits, idle, passes, write_sheet

TRAINING = 120_000  # milliseconds; the first training waits until the worker has loaded TensorFlow
DENSE, ONE, FULL = "Dense 128 on 10% of MNIST", "One of each digit, 10 drawings", "Full batches, 10 drawings"


def test_from_a_blank_canvas_to_the_comparison(visit, app_url, store):
    assert read_batches(store) == read_runs(store) == []
    page = visit(f"{app_url}/draw_one?writer=ana")
    one = human_digits()
    for label in range(10):
        draw_prompt(page, label, one[label])
    expect(page.get_by_text("All drawn.")).to_be_visible()
    expect_stored(store, "one", one)

    page.get_by_role("link", name="Train on them").click()
    expect(page.get_by_text("10 drawings to train on")).to_be_visible()
    train(page, ONE)

    visit(f"{app_url}/dense?dense_train_share=10%25&dense_epochs=2")
    train(page, DENSE)

    visit(f"{app_url}/draw_batch?writer=ana&batch_per_digit=1")
    page.get_by_role("button", name="Start 10 drawings").click()
    full = human_digits(nth=1)
    draw_batch(page, store, "full", full)
    page.get_by_text("To test with: never trained on").click()
    page.get_by_role("button", name="Start 10 drawings").click()
    test = human_digits(nth=2)
    draw_batch(page, store, "test", test)

    page.get_by_role("link", name="Train on them").click()
    page.get_by_text("Full batches", exact=True).click()
    expect(page.get_by_text("and on 10 own test digits")).to_be_visible()
    train(page, FULL)
    expect(page.get_by_text("digits of the own test set are read right")).to_be_visible()

    page.get_by_role("link", name="Compare").click()
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
    shown = {bar["name"]: float(bar["minutes of drawing"]) for bar in bars}
    assert shown["Random guess"] == shown[DENSE] == 0
    assert abs(shown[ONE] - seconds["one"] / 60) < 0.006

    page.get_by_role("link", name="DigitLab").click()
    expect(page.get_by_text("Best of 1 run,")).to_have_count(3)
    expect(page.get_by_role("button", name="Next: Compare the methods")).to_be_visible()


def expect_comparison(page):
    """The compare page answers the title question; returns what its bars say."""
    page.get_by_role("link", name="Compare").click()
    told = r"^10 drawings, [\d.]+ s: \d+\s% of your own digits \(\d+–\d+\), \d+\s% of MNIST"
    answer = page.locator("p").filter(has_text=re.compile(told))
    expect(answer).to_be_visible()
    expect(answer).to_contain_text("Without a drawing of yours, a network trained on MNIST reads")
    expect(answer).to_contain_text("With 10 test digits")
    expect(page.locator("path[aria-roledescription=bar]")).to_have_count(7)
    bars = marks(page, "bar")
    assert [bar["name"] for bar in bars if bar["test_set"] == "MNIST test set"] == ["Random guess", ONE, DENSE, FULL]
    assert [bar["name"] for bar in bars if bar["test_set"] == "own test set"] == [ONE, DENSE, FULL]

    page.get_by_role("tab", name="Who reads whom").click()
    cell = "[aria-roledescription='rect mark'][aria-label*='ana: full batch (10)'][aria-label*='all digits of ana']"
    expect(page.locator(cell)).not_to_have_count(0)
    cells = {(cell["trained_on"], cell["tested_on"]): cell for cell in marks(page, "rect mark")}
    assert cells["ana: full batch (10)", "all digits of ana"]["digits"] == "20"
    show_mistakes_of(page, DENSE)
    page.get_by_role("tab", name="Training").click()
    expect(page.locator("[aria-roledescription='line mark']")).to_have_count(12)  # two measures of two data sets each
    curves = {line["name"] for line in marks(page, "line mark")}
    assert curves == {ONE, DENSE, FULL}
    return bars


def show_mistakes_of(page, name):
    """Click on a cell of a confusion matrix: its digits are shown, and how they were drawn."""
    page.get_by_role("tab", name="Two runs").click()
    expect(page.get_by_text(f"{name}: ")).to_be_visible()
    choose(page, "On which digits", "test digits of ana")
    expect(page.get_by_text("of 10 right")).to_have_count(2)
    page.locator("[aria-roledescription='rect mark'][aria-label*='label: 0;']").first.click()
    expect(page.get_by_text("How they were drawn:")).to_be_visible()
    expect(page.locator("img[src*='.gif']")).not_to_have_count(0)


def choose(page, label, option):
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).click()
    idle(page)


def train(page, name):
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=TRAINING)
    idle(page)


def draw_batch(page, store, kind, digits):
    expect(page.get_by_test_id("sheet-pad")).to_be_visible()
    idle(page)
    (batch,) = read_batches(store, kinds=[kind])
    assert sorted(batch.labels) == list(range(10))
    written = write_sheet(page, digits, batch.labels)
    expect(page.get_by_text("All drawn.")).to_be_visible()
    expect_stored(store, kind, written)


def expect_stored(store, kind, digits):
    (batch,) = read_batches(store, kinds=[kind])
    assert (batch.writer, batch.drawn) == ("ana", 10)
    drawings = read_drawings(store, [batch.id])
    assert [drawing.label for drawing in drawings] == list(batch.labels)
    for drawing in drawings:
        drawn = digits[drawing.label]
        assert len(drawing.strokes) == len(drawn)
        assert all(passes(stored, stroke) for stored, stroke in zip(drawing.strokes, drawn, strict=True))


def marks(page, kind):
    """What the charts of a page say of their marks to a screen reader."""
    labels = page.locator(f"[aria-roledescription='{kind}']").evaluate_all("all => all.map(mark => mark.ariaLabel)")
    return [dict(part.split(": ", 1) for part in label.split("; ")) for label in labels]
