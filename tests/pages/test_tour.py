"""The tour on the pages: begun, resumed by its link, skipped, ended; and what it costs."""

import pytest
import sqlalchemy as sa

from digitlab.storage.batches import read_batches
from digitlab.ui import resources
from digitlab.ui.tour_steps import STEPS
from tests.drawn import draw_batch
from tests.helpers import a_run, add_run, has_key
from tests.pages.conftest import APP

PAGES = sorted({path.stem for path in (APP.parent / "pages").glob("*.py")} - {"class"})


def card(at):
    """What the tour says on this page."""
    return next((each.value for each in (*at.markdown, *at.caption) if "of 12" in each.value), "")


def in_link(at):
    """The step that the link names; AppTest gives some of what is in it as lists."""
    value = at.query_params["tour"]
    return value if isinstance(value, str) else value[0]


def click(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


@pytest.fixture
def queries(store):
    """Count the queries that reading pages makes: `queries()` returns how many there were since the last call."""
    asked = []

    def note(_connection, _cursor, statement, *_more):
        if statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    engine = resources._store(store.place)._engine
    sa.event.listen(engine, "before_cursor_execute", note)

    def count():
        seen = len(asked)
        asked.clear()
        return seen

    yield count
    sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_knows_of_a_tour(visit, page):
    at = visit(page, tour="replay")
    assert not at.exception
    assert "6 of 12: See a digit written again" in card(at)
    assert has_key(at, "tour_next" if page == "my_digits" else "tour_go")


def test_home_begins_it_and_doing_completes_a_card(visit):
    at = visit("home")
    assert not card(at)
    assert not at.query_params.get("tour")
    click(at, "tour_start")
    assert "Tour, 1 of 12: Make an estimate" in card(at)
    assert in_link(at) == "guess"
    assert at.button(key="tour_next").label == "Skip"
    assert not has_key(at, "tour_start")
    at.run()
    assert "Tour, 1 of 12" in card(at), "reading it is not doing it"
    at.slider(key="guess").set_value(62).run()
    assert "Done, 1 of 12" in card(at)
    assert at.button(key="tour_next").label == "Next"
    click(at, "tour_next")
    assert at.title[0].value == "Draw one of each"
    assert "Tour, 2 of 12: Draw ten digits" in card(at)
    assert in_link(at) == "ten"


def test_it_begins_at_the_first_step_that_is_not_done(visit, store):
    draw_batch(store, "one", rounds=1)
    add_run(store, a_run("one-1", "one", drawings=10))
    at = visit("home")
    at.slider(key="guess").set_value(60).run()
    click(at, "tour_start")
    assert at.title[0].value == "Random guess"
    assert "3 of 12" in card(at)


def test_a_link_resumes_it_and_the_menu_does_not_lose_it(visit):
    at = visit("dense", tour="dense")
    assert "4 of 12: Train on MNIST" in card(at)
    at.switch_page("pages/compare.py").run()
    assert "4 of 12: Train on MNIST" in card(at)
    assert in_link(at) == "dense", "whoever copies the address has it"
    click(at, "tour_go")
    assert at.title[0].value == "Dense network on MNIST"
    assert has_key(at, "tour_next")


def test_skipping_leads_through_all_cards_and_out(visit):
    at = click(visit("home"), "tour_start")
    for number, step in enumerate(STEPS[1:], 2):
        click(at, "tour_next")
        assert f"Tour, {number} of 12: {step.title}" in card(at)
        assert in_link(at) == step.name
    assert not has_key(at, "tour_next"), "it was the last one"
    click(at, "tour_end")
    assert not card(at)
    assert "tour" not in at.query_params


def test_it_can_be_ended_on_any_page_and_begun_again(visit):
    at = click(visit("dense", tour="ten"), "tour_end")
    assert not card(at)
    assert "tour" not in at.query_params
    at.switch_page("pages/home.py").run()
    assert has_key(at, "tour_start")


def test_a_link_to_a_step_that_there_is_not_is_told(visit):
    at = visit("dense", tour="![x](http://example.org/x.png)")
    assert "which there is not" in at.warning[0].value
    assert not card(at)
    assert not card(at.run())


def test_what_others_have_done_does_not_count(visit, store, monkeypatch):
    monkeypatch.setenv("DIGITLAB_CLASS_CODE", "owl 12")
    draw_batch(store, "full")
    add_run(store, a_run("dense-1"))
    for page, step in (("draw_batch", "batch"), ("dense", "dense")):
        assert "Tour, " in card(visit(page, tour=step))
    monkeypatch.delenv("DIGITLAB_CLASS_CODE")
    for page, step in (("draw_batch", "batch"), ("dense", "dense")):
        assert "Done, " in card(visit(page, tour=step)), "on one's own machine all is one's own"


def test_what_was_done_with_an_input_is_remembered(visit):
    at = visit("inside", tour="look")
    at.button_group(key="inside_source").set_value("mine").run()
    assert "Done, 10 of 12" in card(at)
    at.button_group(key="inside_source").set_value("mnist").run()
    assert "Done, 10 of 12" in card(at)
    assert "Tour, 11 of 12" in card(click(at, "tour_next")), "the same page, another card"


def test_a_rerun_costs_one_query_more_and_none_where_the_card_is_elsewhere(visit, store, queries):
    draw_batch(store, "full", rounds=1)

    def cost(page, **link):
        at = visit(page, **link)
        queries()
        at.run()
        return queries()

    assert cost("draw_batch", tour="ten") == cost("draw_batch"), "not its page"
    assert cost("baseline", tour="luck") == cost("baseline"), "nothing of it is in the database"
    assert cost("dense", tour="dense") <= cost("dense") + 1
    assert cost("draw_one", tour="ten") <= cost("draw_one") + 1
    assert cost("draw_batch", tour="test") <= cost("draw_batch") + 2, "asked once more by what looks again"
    assert cost("draw_batch", tour="batch") == cost("draw_batch"), "it is done: nobody asks again"
    assert read_batches(store)
