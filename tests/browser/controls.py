"""What a person does with the controls of any page: lists, tables, files, the menu, the door of a class."""

import pytest
from playwright.sync_api import TimeoutError as NotInTime

from tests.browser.waiting import idle, still, until

TRAINING = 120_000  # milliseconds; the first training waits until the worker has loaded TensorFlow
HEADER, ROW = 35, 44  # px of a table
MOST = 150  # controls on a page

_FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return (at?.getAttribute("aria-label") || at?.innerText || "").trim();
}"""


def menu_link(page, name):
    """A page's entry in the menu; links on the pages may have the same words."""
    return page.get_by_test_id("stSidebarNavItems").get_by_role("link", name=name)


def go(page, name):
    """Go to a page by the menu."""
    menu_link(page, name).click()
    idle(page)


def choose(page, box, option):
    """Choose from the list that belongs to a box. A rerun of the page closes it: then it is opened again."""
    listed = page.get_by_role("option", name=option, exact=True)

    def is_chosen():
        idle(page)
        if not listed.is_visible():
            box.click()
            page.keyboard.type(option)  # of a long list only what is in view is there to be clicked
        try:
            listed.click(timeout=3000)
        except NotInTime:
            page.keyboard.press("Escape")
            return False
        return True

    until(is_chosen)
    idle(page)


def download(page, key):
    """Click on a download and return the file's name and its bytes."""
    idle(page)  # a button that is drawn anew in the middle of a click asks for nothing
    with page.expect_download(timeout=TRAINING) as started:
        page.locator(f".st-key-{key} button").click()
    return started.value.suggested_filename, started.value.path().read_bytes()


def hand_in(page, name, content):
    """Choose a file for the only place on a page that takes files and is in view."""
    field = page.locator("[data-testid=stFileUploader] input[type=file]")
    field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def click_row(page, number, table=1, height=ROW):
    """Choose a row, counted from the top, by the box at its left; the first table of the page counts drawings."""
    grid = page.get_by_test_id("stDataFrame").nth(table)
    grid.get_by_test_id("data-grid-canvas").wait_for()
    idle(page)
    still(grid)
    grid.click(position={"x": 15, "y": HEADER + height * number + height // 2})


def join(page, name, code=None):
    """Come into a class; without a code where people log in."""
    if code:
        page.get_by_label("Code of the class").fill(code)
    page.get_by_label("A name or a pseudonym").fill(name)
    page.get_by_role("button", name="Join", exact=True).click()
    idle(page)
    return page


def tab_to(page, name):
    """Go on by Tab to what has this name, or a name that begins like it; returns the names of all that was reached."""
    seen = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUSED))
        if seen[-1].startswith(name) or seen[-1].split("\n\n")[-1] == name:  # an icon's name comes first
            return seen
    return pytest.fail(f"{name} is not reached by Tab: {seen}")
