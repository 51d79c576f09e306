"""A sheet of paper on My digits: printed, timed, photographed, looked at, stored once."""

import io
import re
import time

import numpy as np
import pytest
from PIL import Image

from digitlab.storage import classroom
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawing_rows
from digitlab.ui.formats import paper
from tests.formats.a_photo import as_file
from tests.formats.a_sheet import ana, fill, fill_like_ana, photograph
from tests.helpers import has_key, human_strokes, texts


@pytest.fixture(scope="module")
def photo():
    """Ana's sheet, the first cell empty, in the second another digit than asked for."""
    code = ana()
    drawings = [human_strokes()[label] for label in code.labels]
    drawings[0], drawings[1] = None, human_strokes()[(code.labels[1] + 4) % 10]
    return photograph(fill(code, drawings).paper, turn=5, tilt=(4, 4), quality=80, longest=1600)


@pytest.fixture(scope="module")
def another():
    """Another sheet, all of it written."""
    return photograph(fill_like_ana(ana(seed=7_654_321)).paper, longest=1600, quality=80)


def upload(at, *files):
    for number, content in enumerate(files):
        at.file_uploader[0].upload(f"sheet-{number}.jpg", content, "image/jpeg")
    return at.run()


def keyed(at, kind, start):
    """The widget of a kind whose key begins so; after it comes the id of the file."""
    (found,) = [widget for widget in getattr(at, kind) if (widget.key or "").startswith(start)]
    return found


def test_a_sheet_is_offered(visit):
    at = visit("my_digits")
    assert not at.exception
    at.text_input(key="sheet_writer").set_value("я" * 60).run()
    assert "at most 83 bytes" in at.error[0].value
    at.text_input(key="sheet_writer").set_value("Анна").run()
    at.segmented_control(key="sheet_cells").set_value(200).run()
    assert not at.exception
    assert not at.error
    assert has_key(at, "sheet_download")


def test_a_link_leads_from_drawing_a_batch_to_the_sheet(visit):
    at = visit("draw_batch")
    (link,) = [link for link in at.get("page_link") if "print a sheet" in link.proto.label]
    assert link.proto.page.endswith("my_digits")


def test_a_sheet_is_stored_after_a_look_at_what_is_doubtful(visit, store, photo):
    at = upload(visit("my_digits"), photo)
    assert not at.exception
    assert "Sheet 1234567 of Ana:** 99 digits; empty cells: 1." in texts(at)
    assert read_batches(store) == []
    table = at.get("data_editor")[0].value if at.get("data_editor") else at.dataframe[-1].value
    assert table["cell"].tolist() == [2]
    assert re.fullmatch(r"reads like a \d", table["why"][0])
    keyed(at, "number_input", "sheet_minutes").set_value(6.0).run()
    keyed(at, "button", "sheet_store").click().run()
    assert not at.exception
    assert "Stored: 99 digits of sheet 1234567." in texts(at)
    (batch,) = read_batches(store)
    assert (batch.kind, batch.writer, batch.seed, batch.drawn) == ("imported", "Ana", 1_234_567, 99)
    assert batch.seconds == pytest.approx(360)
    assert [row.label for row in read_drawing_rows(store)] == ana().labels[1:]
    assert not [button for button in at.button if (button.key or "").startswith("sheet_store")]  # the field is empty


def test_a_sheet_that_is_stored_is_stored_again_only_as_another_copy(visit, store, photo):
    at = upload(visit("my_digits"), photo)
    keyed(at, "button", "sheet_store").click().run()
    at = upload(at, photo)
    assert keyed(at, "button", "sheet_store").disabled
    keyed(at, "toggle", "sheet_again").set_value(True).run()
    keyed(at, "button", "sheet_store").click().run()
    assert "Stored: 0 digits of sheet 1234567. 99 were there already." in texts(at)
    assert len(read_drawing_rows(store)) == 99


@pytest.mark.slow
def test_two_photos_one_after_the_other_to_test_with(visit, store, photo, another):
    at = upload(visit("my_digits"), photo, another)
    assert "Sheet 1234567 of Ana" in texts(at)
    assert "Sheet 7654321 of Ana:** 100 digits." in texts(at)
    for _ in range(2):
        [toggle for toggle in at.toggle if toggle.key.startswith("sheet_test")][0].set_value(True).run()
        [button for button in at.button if (button.key or "").startswith("sheet_store")][0].click().run()
        assert not at.exception
    assert [(batch.kind, batch.drawn) for batch in read_batches(store)] == [("test", 99), ("test", 100)]
    assert not [button for button in at.button if (button.key or "").startswith("sheet_store")]


def test_the_clock_of_the_page_counts_for_the_sheet(visit, monkeypatch, clock, another):
    at = visit("my_digits")
    clock.now = 1000.97
    monkeypatch.setattr(paper, "time", clock)  # not `time.time` itself: Dask goes by it in other threads
    at.button(key="sheet_start").click().run()
    assert has_key(at, "sheet_end")
    assert at.query_params["paper_started"]
    clock.now += 270
    at.run()
    at.button(key="sheet_end").click().run()
    assert "You wrote for 4.5 minutes" in texts(at)
    at = upload(at, another)
    assert keyed(at, "number_input", "sheet_minutes").value == 4.5
    keyed(at, "button", "sheet_store").click().run()
    assert "You wrote for" not in texts(at)


def test_a_clock_goes_on_after_a_reload_and_nonsense_in_the_link_does_no_harm(visit, monkeypatch):
    at = visit("my_digits")
    at.query_params["paper_started"] = str(time.time() - 60)
    at.run()
    assert has_key(at, "sheet_end")
    for odd in ("nan", "soon", "1e99", "-5"):
        at.query_params["paper_started"] = odd
        at.run()
        assert not at.exception
        assert has_key(at, "sheet_start")


def test_a_sheet_that_is_cut_off_says_what_to_do(visit, photo, store):
    whole = np.asarray(Image.open(io.BytesIO(photo)))
    at = upload(visit("my_digits"), as_file(whole[: len(whole) * 4 // 5]))
    assert not at.exception
    assert "photograph the whole sheet" in at.error[0].value
    assert read_batches(store) == []


def test_a_pupil_stores_under_the_own_name(visit, store, another, monkeypatch):
    monkeypatch.setenv("DIGITLAB_CLASS_CODE", "owl-12-moon")
    _, token = classroom.join(store, "Bo")
    at = visit("my_digits", me=token)
    assert not has_key(at, "sheet_writer")
    at = upload(at, another)
    assert "printed for somebody else" in texts(at)
    keyed(at, "button", "sheet_store").click().run()
    assert not at.exception
    assert {(batch.writer, batch.drawn) for batch in read_batches(store)} == {("Bo", 100)}
