"""The three minutes of somebody new, from the pad on Home to a network of their own that reads what they write."""

import re
import time

from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.runs import read_runs
from tests.browser.conftest import PHONE
from tests.browser.controls import TRAINING
from tests.browser.drawing import quick_digits
from tests.browser.page_objects import DrawingDesk, LivePad
from tests.browser.waiting import expect_no_message, idle

HEADLINE = re.compile(r"^[\d.]+ s of drawing: your network reads \d+ of 100 of MNIST's digits\.$")


def test_walks_the_three_minutes(visit, open_page, app_url, store):
    page, digits = visit(app_url), quick_digits()
    home = LivePad(page)
    home.draw(quick_digits(nth=1)[5])
    home.expect_reading(5)
    assert read_batches(store) == [], "nothing of it is kept"
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Your estimate: 51 of 100")).to_be_visible()
    page.get_by_role("button", name="Draw your ten digits").click()

    desk = DrawingDesk(page)
    for label in range(9):
        desk.answer(label, *digits[label])
    desk.expect_prompt(9)
    expect(page.get_by_role("textbox")).to_have_count(0)  # no name is asked for yet
    assert read_runs(store) == [], "nine are not ten"
    desk.answer(9, *digits[9])
    saved = time.monotonic()
    sentence = page.get_by_role("heading", name=HEADLINE)
    expect(sentence).to_be_visible(timeout=TRAINING)
    print(f"from the tenth digit to the sentence {time.monotonic() - saved:.1f} s")  # shown with -s
    expect(page.get_by_text("Your estimate was 51. A network trained on 539 people's digits: 99.")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("of MNIST's beside your"))).to_have_count(5)
    expect(page.get_by_role("img", name=re.compile(r"^Your \d$"))).to_have_count(10)
    expect(page.get_by_text("It is the same hand again")).to_be_visible()
    idle(page)

    own = LivePad(page)
    own.draw(quick_digits(nth=1)[4])
    own.expect_reading(4)
    assert own.bars()[4] == max(own.bars()) > 20
    (run,) = read_runs(store)
    (batch,) = read_batches(store)
    assert (run.help, run.train.batch_ids, run.drawings, batch.writer) == ("alone", (batch.id,), 10, "you")

    told = sentence.inner_text()
    give_name(page, "Zoe")
    page.reload()
    expect(sentence).to_have_text(told)
    idle(page)
    assert [each.writer for each in read_batches(store)] == ["Zoe"]
    expect_no_message(page)

    on_a_phone_the_answer_stands_above_small_pictures(open_page(**PHONE), app_url)
    page.bring_to_front()
    page.get_by_role("button", name="Draw five of each").click()
    expect(page.get_by_role("button", name="Start 50 drawings")).to_be_visible()
    expect(page.get_by_label("Who is drawing?")).to_have_value("Zoe")
    assert [each.id for each in read_runs(store)] == [run.id], "trained for once, in all these windows and visits"


def give_name(page, name):
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Keep them under this name").click()
    expect(page.get_by_text(f"{name} draws here now.")).to_be_visible()
    expect(page).to_have_url(re.compile(f"writer={name}"))


def on_a_phone_the_answer_stands_above_small_pictures(page, app_url):
    page.goto(f"{app_url}/draw_one?writer=Zoe")
    expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible()
    expect(page.get_by_role("button", name="Draw five of each")).to_be_visible()
    idle(page)
    width = page.evaluate("[document.querySelector('[data-testid=stMain]').scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    digits = page.get_by_role("img", name=re.compile(r"^Your \d$"))
    boxes = [digits.nth(number).bounding_box() for number in range(10)]
    assert max(box["width"] for box in boxes) < 70
    assert max(box["y"] for box in boxes) < 844, "they are on the first screen"
