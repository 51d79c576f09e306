"""Pictures without labels in a real browser: one person's strokes sort them, and two piles are given other names."""

import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.runs import read_runs
from tests.browser.controls import choose
from tests.browser.waiting import idle
from tests.drawn import draw_batch

pytestmark = pytest.mark.slow  # all of MNIST's pictures are compared with each other

SORTING = 300_000  # milliseconds; a busy machine, and the first time it finds which pictures are alike


def call(page, pile, name):
    """Give a pile another name."""
    choose(page, page.get_by_role("combobox", name="pictures called").nth(pile), name)


def test_piles_are_shown_and_two_are_swapped(visit, app_url, store):
    draw_batch(store, "one", rounds=1)
    draw_batch(store, "test", rounds=1)
    page = visit(f"{app_url}/piles")
    page.get_by_role("button", name="Sort the pictures and train").click()
    right = page.get_by_role("button", name="They are right: train again")
    expect(right).to_be_visible(timeout=SORTING)
    shown = time.monotonic()
    expect(page.get_by_text("Accuracy on MNIST")).not_to_be_visible()
    pictures = page.locator("[data-testid=stImage] img:visible")
    expect(pictures).to_have_count(10)
    for place in range(10):
        assert pictures.nth(place).evaluate("image => image.complete && image.naturalWidth") == 840
    (before,) = read_runs(store)
    assert (before.method, before.help, before.human_seconds) == ("unlabelled", "unlabelled", 20)
    assert before.tests["mnist"].accuracy > 0.6, "better than what ten drawings reach alone"
    assert set(before.tests) >= {"mnist", "own"}

    call(page, 7, "9")
    expect(page.get_by_text("Two piles are called 9, and no pile is called 7")).to_be_visible()
    call(page, 9, "7")
    expect(page.get_by_text("Two piles are called")).to_have_count(0)
    idle(page)
    page.get_by_role("button", name="Train again with these names").click()
    looked = page.get_by_text(re.compile("^You looked at the piles for"))
    expect(looked).to_be_visible(timeout=SORTING)
    most = time.monotonic() - shown
    expect(page.get_by_test_id("stExpander").filter(has_text="What the network reads now")).to_have_count(0)
    expect(page.get_by_text("Accuracy on MNIST")).to_be_visible()

    kept, after = read_runs(store)
    assert kept == before
    assert after.sorting.names == (0, 1, 2, 3, 4, 5, 6, 9, 8, 7)
    assert 0 < after.sorting.seconds < most
    assert after.human_seconds == before.human_seconds + after.sorting.seconds
    confusion, swapped = (np.array(run.tests["mnist"].confusion) for run in (before, after))
    assert swapped[7, 9] > confusion[7, 7] / 2, "what was read as a 7 is read as a 9 now"
    assert swapped[9, 7] > confusion[9, 9] / 2
    assert swapped[0, 0] > 0.9 * confusion[0, 0], "and nothing else has changed"

    page.reload()
    expect(looked).to_be_visible()
    expect(page.get_by_role("button", name="Train again with these names")).to_have_count(0)
