"""The tour as a newcomer takes it: every card is completed by doing, some are skipped, a reload loses nothing."""

import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.runs import read_runs
from digitlab.ui import tour_steps
from tests.browser.conftest import PHONE
from tests.browser.controls import click_row
from tests.browser.drawing import quick_digits
from tests.browser.page_objects import DrawingDesk, JobProgress, SheetPad, Tour
from tests.browser.waiting import idle, once, still

pytestmark = pytest.mark.slow  # two trainings, on all pages; what its cards say is tried in tests/pages

PHONES = [(390, 844), (360, 740)]
OUTLINED = "node => getComputedStyle(node).outlineStyle"


def points_at(page, name):
    """The thing a card is about has a line around it."""
    thing = page.locator(tour_steps.find(name).points_at).first
    expect(thing).to_be_visible()
    once(lambda: thing.evaluate(OUTLINED), lambda style: style == "solid")


def test_the_tour(visit, app_url, store):
    page = visit(app_url)
    tour = Tour(page)
    expect(page.get_by_text("of 12")).to_have_count(0)
    page.get_by_role("button", name="Take the tour").click()
    guesses_draws_ten_and_tries_luck(page, tour)
    draws_more_and_looks_at_it(page, tour)
    trains_on_it(page, tour)
    looks_inside_and_compares(page, tour)
    expect(tour.card).to_contain_text("Done, 12 of 12")
    tour.card.get_by_role("button", name="End the tour").click()
    expect(tour.card).to_have_count(0)
    assert "tour=" not in page.url
    assert sorted(run.method for run in read_runs(store)) == ["full", "one"], "what was skipped was not done"
    assert [batch.kind for batch in read_batches(store)] == ["one", "full"]
    expect(page.get_by_test_id("stException")).to_have_count(0)


def guesses_draws_ten_and_tries_luck(page, tour):
    tour.expect(1, "Make an estimate")
    points_at(page, "guess")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    tour.go_on()

    tour.expect(2, "Draw ten digits")
    points_at(page, "ten")
    desk, digits = DrawingDesk(page), quick_digits()
    for label in range(10):
        desk.answer(label, *digits[label])
    tour.go_on()

    tour.expect(3, "Try your luck")
    points_at(page, "luck")
    page.get_by_role("spinbutton", name="Seed of the random guess").fill("7")
    page.keyboard.press("Enter")
    tour.go_on()

    tour.expect(4, "Train on MNIST")
    points_at(page, "dense")
    tour.skip()


def draws_more_and_looks_at_it(page, tour):
    tour.expect(5, "Draw more of your hand")
    points_at(page, "batch")
    page.get_by_role("slider", name="Drawings per digit").press("Home")
    page.get_by_role("button", name="Start 10 drawings").click()
    pad = SheetPad(page)
    for cell in range(10):
        pad.digit(cell, quick_digits(nth=1))
    tour.go_on()

    tour.expect(6, "See a digit written again")
    points_at(page, "replay")
    click_row(page, 0)
    tour.go_on()

    tour.expect(7, "Draw digits to test with")
    points_at(page, "test")
    page.reload()
    idle(page)
    tour.expect(7, "Draw digits to test with")
    tour.skip()


def trains_on_it(page, tour):
    tour.expect(8, "Train on your batch")
    points_at(page, "train")
    page.get_by_text("Full batches", exact=True).click()
    idle(page)
    JobProgress(page).start()
    tour.go_on()

    tour.expect(9, "Let MNIST help")
    points_at(page, "help")
    tour.skip()


def looks_inside_and_compares(page, tour):
    tour.expect(10, "See what mattered")
    points_at(page, "look")
    page.get_by_test_id("stButtonGroup").get_by_text("My drawings", exact=True).click()
    tour.go_on()

    tour.expect(11, "Break it")
    page.get_by_role("tab", name="Break it").click()
    idle(page)
    points_at(page, "break")
    page.get_by_role("slider", name="Turn").press("End")
    tour.go_on()

    tour.expect(12, "Put two networks side by side")
    page.get_by_role("tab", name="Who reads whom").click()
    idle(page)
    points_at(page, "compare")
    page.get_by_test_id("stButtonGroup").get_by_text("Two runs", exact=True).click()


def test_on_a_phone_the_card_is_not_in_the_way(app_url, store, open_page):
    page = open_page(**PHONE)
    page.goto(f"{app_url}/draw_one?writer=phone&tour=ten")
    idle(page)
    desk, card = DrawingDesk(page), Tour(page).card
    expect(card).to_be_attached()
    for width, height in PHONES:
        page.set_viewport_size({"width": width, "height": height})
        still(desk.layer, 300)
        box, top, bottom = card.bounding_box(), desk.box, desk.button("Save").bounding_box()
        assert box["y"] + box["height"] <= top["y"], "above them, in the page"
        assert box["height"] < 190
        assert bottom["y"] + bottom["height"] - top["y"] < height - 60
    desk.touch([(100, 60), (100, 200)])
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")
    assert card.bounding_box()["y"] < box["y"], "it goes with the page and stays over nothing"
