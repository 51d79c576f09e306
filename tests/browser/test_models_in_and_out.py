"""In a browser: a model leaves Compare as files, and one of them comes back in."""

import io
import zipfile
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from digitlab.learning import model_files
from digitlab.learning.model_files import REFERENCE
from digitlab.storage.runs import read_run
from tests.browser.controls import TRAINING, download, hand_in
from tests.browser.page_objects import ComparePage
from tests.browser.waiting import expect_no_message, idle
from tests.helpers import add_run, reference_files

pytestmark = pytest.mark.slow  # Keras writes and reads a file; the parts are tried in tests/formats and tests/pages


@pytest.fixture
def compare(visit, app_url, store):
    run = replace(model_files.load_card(REFERENCE), id="dense-1", name="Mine & yours")
    if read_run(store, run.id) is None:
        add_run(store, run, reference_files())
    return ComparePage(visit(f"{app_url}/compare"))


def test_a_page_leaves_at_once(compare):
    page = compare.page
    page.get_by_text("Take a model along").click()
    name, content = download(page, "take_model_button")
    assert name == "dense-1-html.html"
    assert b"<h1>Mine &amp; yours</h1>" in content
    expect_no_message(page)


def test_a_model_leaves_and_comes_back(compare):
    page = compare.page
    page.get_by_text("Take a model along").click()
    compare.choose("In which form", "Keras")
    name, content = download(page, "take_model_button")
    assert name == "dense-1-keras.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert set(archive.namelist()) == {"README.md", "model.keras", "examples.npz"}
        assert "# Mine \\& yours" in archive.read("README.md").decode()
    page.get_by_text("Bring a model in").click()
    hand_in(page, name, content)
    expect(page.get_by_label("Its name here")).to_have_value("dense-1-keras")
    idle(page)
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_text("Stored as dense-1-keras: it reads 9")).to_be_visible(timeout=TRAINING)
    expect(page.get_by_text("What it has learnt from is not known: it counts no minutes")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
