"""Rows that are chosen in a table stay the same rows, or none: only a browser sends places again."""

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import read_drawing_rows, save_drawing
from digitlab.storage.runs import delete_runs
from digitlab.storage.writers import add_writer
from tests.browser.controls import click_row
from tests.helpers import a_run, add_run, human_strokes


@pytest.fixture
def drawn(store):
    """Ten drawings in a batch of a writer's: `drawn("Ana")` returns their ids by label."""

    def draw(writer, labels=range(10)):
        batch_id = start_batch(store, add_writer(store, writer), "full", labels, 0)
        ids = {}
        for position, label in enumerate(labels):
            arrays = [np.array(stroke, float) for stroke in human_strokes()[label]]
            ids[label] = save_drawing(store, (batch_id, position), arrays, strokes_to_digit(arrays), 1.5)
        return ids

    return draw


def deleted(store):
    return {row.id for row in read_drawing_rows(store) if row.deleted}


def test_one_click_on_delete_deletes_one_drawing(visit, app_url, store, drawn):
    ids = drawn("ana")
    page = visit(f"{app_url}/my_digits")
    delete = page.get_by_role("button", name="Delete", exact=True)
    click_row(page, 0)
    expect(page.get_by_text("1 chosen.")).to_be_visible()
    delete.click()
    expect(page.get_by_text("Choose rows to relabel")).to_be_visible()
    expect(delete).to_be_disabled()
    assert deleted(store) == {ids[9]}


@pytest.mark.slow
def test_another_filter_or_another_persons_drawing_lets_go_of_what_was_chosen(visit, app_url, store, drawn):
    drawn("bo")
    page = visit(f"{app_url}/my_digits")
    click_row(page, 0)
    expect(page.get_by_text("1 chosen.")).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_role("button", name="3", exact=True).click()
    expect(page.get_by_text("Choose rows to relabel")).to_be_visible()
    click_row(page, 0)
    expect(page.get_by_text("1 chosen.")).to_be_visible()
    before = deleted(store)
    newer = drawn("cleo", [3])
    page.get_by_role("button", name="Marks are fine").click()  # the page runs again, with one more 3 at the top
    expect(page.get_by_text("Choose rows to relabel")).to_be_visible()
    assert newer[3] not in deleted(store)
    assert deleted(store) == before


@pytest.mark.slow
def test_a_run_that_is_deleted_elsewhere_chooses_no_other(visit, app_url, store):
    for number in range(4):
        add_run(store, a_run(f"dense-{number}", name=f"Run {number}"))
    page = visit(f"{app_url}/compare")
    click_row(page, 1, table=0, height=35)
    expect(page.get_by_text("1 of 5 runs chosen.")).to_be_visible()
    delete_runs(store, ["dense-0"])
    page.get_by_role("tab", name="Who reads whom").click()
    expect(page.get_by_text("All runs are shown")).to_be_visible()
