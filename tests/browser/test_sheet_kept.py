"""The sheet pad in a real browser: nothing that was written is lost, whatever happens."""

import time

import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.browser.conftest import DARK
from tests.browser.controls import go
from tests.browser.drawing import TWO_STROKES, quick_digits, same_path
from tests.browser.page_objects import SheetPad
from tests.browser.server import check_log, end_server, read_only_while, start_server
from tests.browser.stored import Kept
from tests.browser.waiting import once
from tests.storage.pads import everything


def test_a_reload_in_mid_sheet(sheet_of, kept):
    pad, batch = sheet_of("reload")
    pad.mouse(0, *TWO_STROKES)
    pad.mouse(2, *TWO_STROKES)
    before = kept.drafts(batch, 4)
    seconds, began = kept.in_hand(batch).time.wall, time.monotonic()
    pad.page.reload()
    pad = SheetPad(pad.page)
    pad.expect_done(0, 2)
    lasted = time.monotonic() - began
    assert kept.in_hand(batch).strokes == before
    pad.press("Control+z")
    pad.mouse(1, *TWO_STROKES)
    strokes = kept.drafts(batch, 5)
    assert kept.in_hand(batch).time.wall > seconds + lasted, "the time of the reload counts"
    assert [stroke.cell for stroke in strokes] == [0, 0, 2, 1, 1]
    pad.press("Enter")
    assert [len(drawing.strokes) for drawing in kept.saved(batch, 3)] == [2, 2, 1]


@pytest.mark.slow
def test_a_reload_in_the_moment_of_a_stroke(sheet_of, kept):
    """The browser keeps what it could not hand over, and hands it over when it is back."""
    pad, batch = sheet_of("moment")
    pad.mouse(0, TWO_STROKES[0])
    kept.drafts(batch, 1)
    for number in range(3):
        pad.mouse(1 + number, TWO_STROKES[0])
        pad.page.reload()
        pad = SheetPad(pad.page)
        kept.drafts(batch, 2 + number)
    pad.expect_done(0, 1, 2, 3)


@pytest.mark.slow
def test_a_closed_tab(sheet_of, kept, app_url):
    pad, batch = sheet_of("closed")
    pad.mouse(3, *TWO_STROKES)
    kept.drafts(batch, 2)
    context = pad.page.context
    pad.page.close()
    page = context.new_page()
    page.goto(f"{app_url}/draw_batch?writer=closed&batch_cells=6")
    SheetPad(page).expect_done(3)
    page.close()


def test_leaving_the_page_and_coming_back(sheet_of, kept):
    pad, batch = sheet_of("leaving")
    pad.mouse(0, *TWO_STROKES)
    kept.drafts(batch, 2)
    go(pad.page, "Random guess")
    expect(pad.page.get_by_test_id("sheet-pad")).to_have_count(0)
    go(pad.page, "Draw a batch")
    pad = SheetPad(pad.page)
    pad.expect_done(0)
    pad.mouse(1, *TWO_STROKES)
    kept.drafts(batch, 4)


@pytest.mark.slow
def test_a_second_window_has_a_sheet_of_its_own(sheet_of, kept):
    """A browser copies what a tab has stored: the copy must not go on under the same name, nor on the same sheet."""
    pad, batch = sheet_of("twin", per_digit=1, cells=5)
    pad.mouse(0, *TWO_STROKES)
    kept.drafts(batch, 2)
    with pad.page.context.expect_page() as opened:
        pad.page.evaluate("window.open(location.href)")
    twin = SheetPad(opened.value)
    expect(twin.page.get_by_text("You are drawing in another window too")).to_be_visible()
    twin.expect_blank(batch.labels[5:])
    twin.mouse(0, TWO_STROKES[0])
    pad.page.bring_to_front()
    for cell in range(1, 5):
        pad.mouse(cell, TWO_STROKES[0])
    drawings = kept.saved(batch, 5)  # the sheet saves itself while the twin's digit is half done
    assert [len(drawing.strokes) for drawing in drawings] == [2, 1, 1, 1, 1]
    expect(pad.page.get_by_text("The rest is on the sheet in your other window.")).to_be_visible()
    twin.page.bring_to_front()
    twin.mouse(0, TWO_STROKES[1])
    twin.press("Enter")
    assert [len(drawing.strokes) for drawing in kept.saved(batch, 6)] == [2, 1, 1, 1, 1, 2]
    twin.page.close()
    pad.page.reload()  # the other window is closed: what it had in hand is here now
    SheetPad(pad.page).expect_blank(batch.labels[6:])


@pytest.mark.slow
def test_kill_9_of_the_server_in_mid_sheet(page, tmp_path):
    """The page that is open goes on with the new server: nothing is lost, and nothing is there twice."""
    server = start_server("app.py", tmp_path)
    store = Store(server.database)
    batch_id = start_batch(store, add_writer(store, "you"), "full", balanced_labels(1, 1), 1)
    (batch,) = [batch for batch in read_batches(store) if batch.id == batch_id]
    kept = Kept(store)
    page.goto(f"{server.url}/draw_batch?batch_cells=6")
    pad = SheetPad(page)
    pad.mouse(0, *TWO_STROKES)
    kept.drafts(batch, 2)
    server.process.kill()
    server.process.wait()
    pad.mouse(1, *TWO_STROKES)  # nobody is there to take these
    pad.mouse(2, *TWO_STROKES)
    pad.press("Control+z")
    pad.expect_done(0, 1, 2)
    assert len(kept.in_hand(batch).strokes) == 2
    port = int(server.url.rsplit(":", 1)[1])
    server = start_server("app.py", tmp_path, port=port)
    try:
        once(lambda: kept.in_hand(batch), lambda sheet: len(sheet.strokes) == 5, seconds=60)
        pad.expect_done(0, 1, 2)
        pad.show()
        pad.mouse(2, TWO_STROKES[1])
        assert [stroke.cell for stroke in kept.drafts(batch, 6)] == [0, 0, 1, 1, 2, 2]
        assert sum(event["type"] == "stroke" for event in kept.events(batch)) == 7  # one was undone
        page.keyboard.press("Enter")
        drawings = kept.saved(batch, 3)
        assert [len(drawing.strokes) for drawing in drawings] == [2, 2, 2]
        assert tuple(drawing.label for drawing in drawings) == batch.labels[:3]
    finally:
        store.close()
        end_server(server)
    check_log(server)


@pytest.mark.slow
def test_a_database_that_may_not_be_written_to(page, tmp_path):
    """The pad says that it waits and the page why; afterwards everything is stored, once."""
    flag = tmp_path / "read-only"
    server = start_server("app.py", tmp_path, **read_only_while(flag))
    store = Store(server.database)
    start_batch(store, add_writer(store, "you"), "full", balanced_labels(1, 1), 1)
    (batch,), kept = read_batches(store), Kept(store)
    try:
        page.goto(f"{server.url}/draw_batch?batch_cells=6")
        pad = SheetPad(page)
        pad.mouse(0, *TWO_STROKES)
        kept.drafts(batch, 2)
        flag.touch()
        pad.mouse(1, *TWO_STROKES)
        expect(page.get_by_text("2 strokes waiting, kept in this browser.")).to_be_visible()
        expect(page.get_by_text("What you draw waits in this browser")).to_be_visible()
        pad.show()
        pad.mouse(2, TWO_STROKES[0])
        pad.press("Enter")
        expect(page.get_by_text("3 strokes waiting, kept in this browser.")).to_be_visible()
        assert len(kept.in_hand(batch).strokes) == 2
        flag.unlink()
        drawings = kept.saved(batch, 3)
        assert [len(drawing.strokes) for drawing in drawings] == [2, 2, 1]
        pad.expect_blank(batch.labels[3:9])
        expect(page.get_by_text("readonly database")).to_have_count(0)
        expect(page.get_by_text("waiting")).to_have_count(0)
    finally:
        store.close()
        end_server(server)
    check_log(server)


@pytest.mark.slow
def test_a_look_at_the_page_stores_nothing(sheet_of, store):
    """Also the pad sends nothing of itself, and a reload finds the same sheet."""
    pad, batch = sheet_of("looks")
    before, labels = everything(store), pad.labels
    pad.page.wait_for_timeout(2500)  # it would have sent it again by now
    pad.page.reload()
    pad = SheetPad(pad.page)
    pad.expect_blank(labels)
    assert everything(store) == before
    assert not pad.page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('digitlab'))")
    assert labels == list(batch.labels[:6])


@pytest.mark.slow
def test_two_writers_at_once(open_page, batch_of, app_url, kept):
    """Stroke by stroke in turn, in two browsers, each on a sheet of the same size."""
    names = {"left": quick_digits(1), "right": quick_digits(2)}
    batches = {name: batch_of(name) for name in names}
    pads, sent = {}, {name: [] for name in names}
    for name in names:
        page = open_page(**(DARK if name == "right" else {}))  # two windows
        page.goto(f"{app_url}/draw_batch?writer={name}&batch_cells=5")
        pads[name] = SheetPad(page)
    for sheet in range(2):
        for cell in range(5):
            for name, digits in names.items():
                sent[name].append(pads[name].digit(cell, digits))
        for name, batch in batches.items():
            kept.saved(batch, 5 * (sheet + 1))
            pads[name].expect_blank(batch.labels[5 * (sheet + 1) : 5 * (sheet + 2)])
    for name, batch in batches.items():
        drawings = kept.saved(batch, 10)
        assert tuple(drawing.label for drawing in drawings) == batch.labels[:10]
        for drawing, strokes in zip(drawings, sent[name], strict=True):
            assert len(drawing.strokes) == len(strokes), "no stroke of the other writer"
            assert all(map(same_path, drawing.strokes, strokes))
