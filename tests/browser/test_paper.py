"""In a browser: a sheet is downloaded, filled and photographed, and comes in with the minutes of the page's clock."""

import pypdfium2
import pytest
from playwright.sync_api import expect

from digitlab.formats.paper import read_sheet
from digitlab.storage.batches import read_batches
from tests.browser.controls import download, hand_in
from tests.browser.waiting import idle
from tests.formats import a_sheet

pytestmark = pytest.mark.slow  # a photo of 100 digits is read; the parts are tried in tests/formats and tests/pages


def test_a_sheet_goes_out_and_comes_in(visit, app_url, store):
    page = visit(f"{app_url}/my_digits")
    before = [batch.id for batch in read_batches(store)]
    page.get_by_text("Write on paper: print a sheet").click()
    page.get_by_label("Who will write?").fill("Zoë")
    page.get_by_label("Who will write?").press("Enter")
    idle(page)
    name, content = download(page, "sheet_download")
    assert name.startswith("sheet-")
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    document.close()
    page.get_by_role("button", name="I start writing").click()
    expect(page.get_by_role("button", name="I have finished")).to_be_visible()
    page.reload()
    idle(page)
    page.get_by_text("Write on paper: print a sheet").click()
    page.get_by_role("button", name="I have finished").click()
    expect(page.get_by_text("You wrote for")).to_be_visible()

    blank = a_sheet.photograph(a_sheet.printed(content))
    code = read_sheet.read_sheet(blank, "blank.png").code
    assert (code.writer, code.layout.cells) == ("Zoë", 100)
    filled = a_sheet.fill_like_ana(code)
    hand_in(page, "sheet.jpg", a_sheet.photograph(filled.paper, turn=6, tilt=(5, 5), quality=70, light="slope"))
    expect(page.get_by_text(f"Sheet {code.seed} of Zoë: 100 digits.")).to_be_visible()
    assert [batch.id for batch in read_batches(store)] == before
    idle(page)
    page.get_by_role("button", name="Store 100 digits").click()
    expect(page.get_by_text(f"Stored: 100 digits of sheet {code.seed}.")).to_be_visible()
    (batch,) = [batch for batch in read_batches(store) if batch.id not in before]
    assert (batch.kind, batch.writer, batch.labels, batch.seed) == ("imported", "Zoë", tuple(code.labels), code.seed)
    expect(page.get_by_test_id("stException")).to_have_count(0)
