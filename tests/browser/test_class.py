"""Four browsers at once: a teacher, two pupils, and a stranger who may look."""

from types import SimpleNamespace

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import balanced_labels, read_batch, read_batches, start_batch
from digitlab.storage.people import Person
from digitlab.storage.store import Store
from digitlab.storage.writers import read_writers
from tests.browser.conftest import DARK
from tests.browser.controls import click_row, go, join, menu_link
from tests.browser.drawing import TWO_STROKES, quick_digits, same_strokes
from tests.browser.looks import LAYOUT, expect_good_layout, found_by_axe, settle
from tests.browser.page_objects import DrawingDesk, SheetPad
from tests.browser.server import database_in
from tests.browser.stored import Kept, drawings_of
from tests.browser.waiting import idle, once
from tests.drawn import draw_batch

CODE, TEACHERS_CODE = "owl-12", "eagle-99"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = Store(database_in(tmp_path_factory.mktemp("class")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def url(serve, store):
    codes = {"DIGITLAB_CLASS_CODE": CODE, "DIGITLAB_TEACHER_CODE": TEACHERS_CODE}
    return serve("app.py", DIGITLAB_DATABASE_URL=store.place, **codes)


@pytest.fixture
def a_browser(browser, browser_context_args, url):
    """A browser of its own at an address of the app: `page = a_browser("draw_one", color_scheme="dark")`."""
    opened, problems = [], []

    def open_it(path="", **more):
        opened.append(browser.new_context(**{**browser_context_args, **more}))
        page = opened[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{url}/{path}")
        idle(page)
        return page

    yield open_it
    for context in opened:
        context.close()
    assert not problems


def card(teacher, name):
    """Of the wall, what it shows of somebody."""
    wall = teacher.get_by_test_id("stVerticalBlock")
    return wall.filter(has=teacher.get_by_text(name, exact=True)).filter(has=teacher.get_by_text("drawing")).last


def test_a_class_of_two_its_teacher_and_a_stranger(a_browser, store, url):
    teacher = join(a_browser(), "Lee", TEACHERS_CODE)
    ana, bo = join(a_browser(), "Ana", CODE), join(a_browser(), "Bo", CODE)
    stranger = a_browser("draw_one")
    go(teacher, "Class")
    expect(teacher.get_by_text("leads to this machine only")).to_be_visible()
    expect(teacher.get_by_text(CODE, exact=True)).to_be_visible()
    people = SimpleNamespace(teacher=teacher, ana=ana, bo=bo, stranger=stranger, store=store, url=url)
    each_draws_a_digit_and_the_wall_shows_it(people)
    the_stranger_changes_nothing(people)
    freezing_stops_both_ways_of_writing_and_keeps_the_ink(people)
    everything_of_ana_goes_and_nothing_of_bo(people)


def each_draws_a_digit_and_the_wall_shows_it(people):
    for name, page, writer in (("Ana", people.ana, 1), ("Bo", people.bo, 2)):
        go(page, "Draw one")
        desk, digits = DrawingDesk(page), quick_digits(writer)
        desk.answer(0, *digits[0])
        desk.expect_prompt(1)
        (drawing,) = drawings_of(people.store, name, 1)
        assert same_strokes(drawing.strokes, digits[0])
    for name in ("Ana", "Bo"):
        expect(card(people.teacher, name).get_by_text("1 drawing", exact=True)).to_be_visible()
        expect(card(people.teacher, name).get_by_role("img")).to_have_count(1)


def the_stranger_changes_nothing(people):
    page, before = people.stranger, people.store.version()
    enter = page.get_by_role("button", name="Join", exact=True)
    expect(enter).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    join(page, "Eve", "owl-13")
    expect(page.get_by_text("That is not the code of this class")).to_be_visible()
    for path in ("class", "class?me=owl-12", "draw_batch?writer=Ana"):
        page.goto(f"{people.url}/{path}")
        idle(page)
        expect(enter).to_be_visible()
        expect(page.get_by_role("button", name="Freeze")).to_have_count(0)
        expect(page.get_by_test_id("sheet-pad")).to_have_count(0)
    page.goto(f"{people.url}/my_digits")
    idle(page)
    click_row(page, 0)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Expected somebody who has joined the class")).to_be_visible()
    for one in (page, people.ana, people.bo):
        expect(menu_link(one, "Class")).to_have_count(0)
    assert people.store.version() == before


def freezing_stops_both_ways_of_writing_and_keeps_the_ink(people):
    store, teacher, desk, digit = people.store, people.teacher, DrawingDesk(people.ana), quick_digits(1)[1]
    batch, pad = sheet_of_bo(people)
    teacher.get_by_role("button", name="Freeze").click()
    expect(teacher.get_by_text("The class is frozen")).to_be_visible()
    desk.draw(*digit)
    idle(people.ana)
    ink = desk.ink()
    desk.save()
    expect(people.ana.get_by_text("Your teacher has frozen the class")).to_be_visible()
    once(desk.ink, lambda now: abs(now - ink) < 0.05 * ink)
    pad.mouse(0, *TWO_STROKES)
    expect(people.bo.get_by_text("Your teacher has frozen the class")).to_be_visible()
    expect(people.bo.get_by_text("2 strokes waiting")).to_be_visible()
    assert Kept(store).in_hand(batch).strokes == ()
    drawings_of(store, "Ana", 1)
    teacher.get_by_role("button", name="Go on").click()
    assert len(Kept(store).drafts(batch, 2)) == 2
    idle(people.ana)
    desk.save()
    (one,) = (drawing for drawing in drawings_of(store, "Ana", 2) if drawing.label == 1)
    assert same_strokes(one.strokes, digit)


def sheet_of_bo(people):
    """A batch of ten that Bo has begun, and its sheet in the browser."""
    (bo_id,) = (writer_id for writer_id, name in read_writers(people.store).items() if name == "Bo")
    batch_id = start_batch(people.store, bo_id, "full", balanced_labels(1, 1), 1, by=Person(bo_id, "Bo", "pupil"))
    go(people.bo, "Draw a batch")
    return read_batch(people.store, batch_id), SheetPad(people.bo)


def everything_of_ana_goes_and_nothing_of_bo(people):
    store, teacher = people.store, people.teacher
    (before,) = drawings_of(store, "Bo", 1)
    (batch,) = (batch for batch in read_batches(store) if batch.kind == "full")
    expect(teacher.get_by_role("combobox", name="Person")).to_have_value("Ana")
    teacher.get_by_text("Delete everything of Ana", exact=True).click()
    teacher.get_by_role("button", name="Delete", exact=True).click()
    yes = teacher.get_by_role("button", name="Yes, delete everything of Ana")
    expect(yes).to_be_visible()
    assert len(drawings_of(store, "Ana", 2)) == 2, "it is asked twice"
    yes.click()
    expect(teacher.get_by_text("Everything of Ana is deleted.")).to_be_visible()
    assert sorted(read_writers(store).values()) == ["Bo", "Lee"]
    assert {batch.writer for batch in read_batches(store)} == {"Bo"}
    (left,) = drawings_of(store, "Bo", 1)
    assert left.id == before.id
    assert all(map(np.array_equal, left.strokes, before.strokes))
    expect(card(teacher, "Bo")).to_be_visible()
    expect(teacher.get_by_text("Ana", exact=True)).to_have_count(0)
    people.ana.reload()
    expect(people.ana.get_by_role("button", name="Join", exact=True)).to_be_visible()
    SheetPad(people.bo).mouse(1, *TWO_STROKES)
    assert len(Kept(store).drafts(batch, 4)) == 4, "and Bo goes on"


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_of_the_teacher_looks_right(a_browser, store, theme):
    for name in ("Maximiliane-Theodora von Hohenstein", "Zoe"):
        draw_batch(store, "one", name, rounds=1)
    teacher = join(a_browser("class", **(DARK if theme == "dark" else {})), f"Teacher {theme}", TEACHERS_CODE)
    expect(card(teacher, "Zoe").get_by_role("img")).not_to_have_count(0)
    settle(teacher)
    if theme == "light":  # where things stand is the same in both: once is enough in the dark
        expect_good_layout(teacher)
    assert teacher.evaluate(LAYOUT) == []
    assert found_by_axe(teacher) == []
