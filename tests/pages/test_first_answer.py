"""Ten digits, then the answer by itself: on the page where they were drawn, and never trained for twice."""

from dataclasses import replace

import pytest

from digitlab.comparison import first_answer
from digitlab.storage.batches import read_batches
from digitlab.storage.datasets import read_digits
from digitlab.storage.drawings import delete_drawings, read_drawings, relabel_drawings
from digitlab.storage.runs import delete_runs, read_runs
from digitlab.ui import resources
from tests.drawn import draw_ten
from tests.helpers import a_run, add_run, draw, has_key, human_strokes, put_model, texts, until

ANSWER = "of drawing: your network reads"


@pytest.fixture
def drawn(store):
    """Store the first drawings of a batch of ten: `drawn(9)` returns its id."""

    return lambda count=10, writer="you", kind="one": draw_ten(store, kind, writer, count=count)


@pytest.fixture
def answered(store, drawn, keep_model):
    """Store ten drawings and the run that was trained on them; `answered("Ana")` returns the id of their batch."""

    def add(writer="you"):
        batch_id = drawn(writer=writer)
        version = read_digits(store, [batch_id]).version
        run = a_run("one-1", "one", right=0.66, minutes=1 / 3, drawings=10, batch_ids=[batch_id], version=version)
        add_run(store, replace(run, settings=first_answer.settings()))
        keep_model("one-1")
        return batch_id

    return add


def trainings():
    """All jobs of first answers, also those of other tests."""
    return resources.jobs().all("first answer")


def save(at, label):
    draw(at, "one", human_strokes()[label])
    at.button(key="one-button-save").click().run()
    assert not at.exception
    return at


def headlines(at):
    return [element.value for element in at.header]


def pairs(at):
    """What the pictures of mistakes say."""
    captions = [picture.caption for shown in at.get("image") for picture in shown.proto.imgs]
    return [caption for caption in captions if "taken for your" in caption]


def test_the_tenth_digit_is_saved_and_its_training_is_asked_for_without_a_click(visit, store, drawn, queue, keep_model):
    batch_id, before = drawn(9), len(trainings())
    at = visit("draw_one", guess="60")
    assert len(trainings()) == before, "nine are not ten"
    save(at, 9)
    assert at.progress[0].proto.text == "Waiting for the worker. The answer comes here by itself."
    second = visit("draw_one")  # another window, while it is trained
    assert not second.exception
    assert len(trainings()) == before + 1
    asked = queue.asked("first answer")
    assert (asked.batch_ids, asked.start_from, asked.settings) == ((batch_id,), None, first_answer.settings())
    version = read_digits(store, [batch_id]).version
    run = a_run("one-1", "one", right=0.66, minutes=1 / 3, drawings=10, batch_ids=[batch_id], version=version)
    add_run(store, replace(run, settings=asked.settings))
    keep_model("one-1")
    queue.answer("first answer", "one-1")
    for window in (at, second):
        assert headlines(window.run()) == [f"20 s {ANSWER} 66 of 100 of MNIST's digits."]
    assert "The mistakes that tell most" in texts(at)
    assert len(pairs(at)) == 5
    assert "Next: five of each" in texts(at)
    assert len(trainings()) == before + 1


@pytest.mark.slow
def test_the_tenth_digit_is_saved_and_the_answer_comes_without_a_click(visit, store, drawn, worker):
    batch_id, before = drawn(9), len(trainings())
    at = visit("draw_one", guess="60")
    assert len(trainings()) == before, "nine are not ten"
    save(at, 9)
    at.run()
    second = visit("draw_one")  # another window, while it is trained
    assert not second.exception
    until(at, headlines)
    assert len(trainings()) == before + 1
    (run,) = read_runs(store)
    assert (run.method, run.help, run.drawings, run.train.batch_ids) == ("one", "alone", 10, (batch_id,))
    assert (run.settings, run.name) == (first_answer.settings(), "One of each digit, 10 drawings")
    assert headlines(at) == [first_answer.headline(run)]
    told = texts(at)
    assert "A network trained on 539 people's digits: 99." in told
    assert "The mistakes that tell most" in told
    assert len(pairs(at)) == 5
    assert "Next: five of each" in told
    assert headlines(until(second, lambda at: at.header and at)) == headlines(at)
    assert len(trainings()) == before + 1


def test_who_comes_back_sees_the_stored_answer_without_a_training(visit, store, answered):
    answered("Ana")
    before = len(trainings())
    at = visit("draw_one", writer="Ana")
    assert headlines(at) == [f"20 s {ANSWER} 66 of 100 of MNIST's digits."]
    at.run()
    assert len(trainings()) == before
    assert [run.id for run in read_runs(store)] == ["one-1"]
    assert not has_key(at, "one_train")


def test_the_guess_is_told_where_one_was_made(visit, answered):
    answered()
    assert "estimate" not in texts(visit("draw_one"))
    at = visit("home")
    at.slider(key="guess").set_value(60).run()
    at.switch_page("pages/draw_one.py").run()
    assert "Your estimate was 60. A network trained on 539 people's digits: 99." in texts(at)


def test_looking_at_ten_drawings_trains_nothing_until_it_is_asked_for(visit, store, drawn):
    drawn()
    before = len(trainings())
    at = visit("draw_one")
    assert not headlines(at)
    assert len(trainings()) == before
    assert at.button(key="one_train").label == "Train on these ten"
    at.button(key="one_train").click().run()
    assert len(trainings()) == before + 1
    assert not at.exception


def test_what_was_relabelled_since_is_told_and_trained_on_when_asked(visit, store, answered):
    batch_id, before = answered(), len(trainings())
    two = read_drawings(store, [batch_id])[2].id
    relabel_drawings(store, [two], 7)
    at = visit("draw_one")
    assert not headlines(at)
    assert "Your ten as they were before read 66 of 100" in at.info[0].value
    assert len(trainings()) == before
    at.button(key="one_train").click().run()
    assert len(trainings()) == before + 1
    relabel_drawings(store, [two], 2)
    assert ANSWER in headlines(visit("draw_one"))[0], "as they were before: the answer is there"


def test_what_was_deleted_since_is_drawn_again_and_then_trained_on_by_itself(visit, store, answered):
    batch_id, before = answered(), len(trainings())
    delete_drawings(store, [read_drawings(store, [batch_id])[2].id])
    at = visit("draw_one")
    assert "## Draw a 2" in [element.value for element in at.markdown]
    assert "Your ten as they were before read 66 of 100" in texts(at)
    save(at, 2)
    assert len(trainings()) == before + 1
    at.run()
    assert len(trainings()) == before + 1


def test_a_busy_worker_is_told_and_who_does_not_get_an_answer_can_ask_again(visit, store, drawn):
    resources.jobs().submit(print, tag="other")
    drawn(9)
    at = save(visit("draw_one"), 9)
    assert "Waiting: 1 before this one. The answer comes here by itself." in at.progress[0].proto.text
    assert not has_key(at, "one_train")
    job = trainings()[-1]
    resources.jobs().stop(job.id)
    at.run()
    assert at.error[0].value == resources.jobs().get(job.id).error
    at.run()
    assert trainings()[-1] == resources.jobs().get(job.id), "not begun again by itself"
    assert at.button(key="one_train").label == "Try again"
    at.button(key="one_train").click().run()
    assert trainings()[-1].id != job.id
    assert not at.error


def test_an_answer_whose_run_was_deleted_is_offered_anew(visit, store, answered):
    answered()
    delete_runs(store, ["one-1"])
    assert visit("draw_one").button(key="one_train").label == "Train on these ten"


def test_a_network_that_is_gone_is_told_and_the_rest_is_there(visit, store, answered):
    answered()
    put_model(store, "one-1", None)
    at = visit("draw_one")
    assert not at.exception
    assert headlines(at)
    assert at.error
    assert "Next: five of each" in texts(at)


def test_a_network_no_better_than_luck_is_told(visit, store, answered):
    answered()
    (run,) = read_runs(store)
    delete_runs(store, ["one-1"])
    guessing = a_run("x", "one", right=0.1).tests
    add_run(store, replace(run, tests=guessing))
    assert "no better than luck" in visit("draw_one").warning[0].value


# Whose they are


def give_name(at, name):
    at.text_input(key="one_name").set_value(name)
    next(button for button in at.button if button.label == "Keep them under this name").click().run()
    assert not at.exception
    return at


def test_a_name_is_asked_for_with_the_answer_and_takes_the_drawings_along(visit, store, answered):
    batch_id, before = answered(), len(trainings())
    at = give_name(visit("draw_one"), " Ana ")
    assert [(batch.id, batch.writer) for batch in read_batches(store)] == [(batch_id, "Ana")]
    assert at.query_params["writer"] == "Ana"
    assert headlines(at) == [f"20 s {ANSWER} 66 of 100 of MNIST's digits."]
    assert len(trainings()) == before
    assert not has_key(at, "one_name")
    assert not at.checkbox
    new = visit("draw_one")
    assert "## Draw a 0" in [element.value for element in new.markdown]
    new.selectbox(key="one_whose").set_value("Ana").run()
    assert headlines(new) == headlines(at)


@pytest.mark.parametrize("together", [True, False])
def test_other_drawings_without_a_name_go_along_if_they_are_the_same_persons(visit, store, drawn, answered, together):
    other = drawn(4, kind="full")
    batch_id = answered()
    at = visit("draw_one")
    assert at.checkbox(key="one_name_all").label == "The 4 other drawings without a name are mine too"
    assert not at.checkbox(key="one_name_all").value  # they may be somebody else's
    at.checkbox(key="one_name_all").set_value(together)
    give_name(at, "Ana")
    writers = {batch.id: batch.writer for batch in read_batches(store)}
    assert writers == {batch_id: "Ana", other: "Ana" if together else "you"}


@pytest.mark.parametrize("name", ["  ", "a\0b"])
def test_a_name_that_cannot_be_kept_is_refused_and_nothing_is_moved(visit, store, answered, name):
    answered()
    at = give_name(visit("draw_one"), name)
    assert at.error
    assert [batch.writer for batch in read_batches(store)] == ["you"]


def test_the_next_offer_leads_to_a_batch_of_five_of_each(visit, answered):
    answered("Ana")
    at = visit("draw_one", writer="Ana")
    assert "About 2 minutes more" in texts(at)
    assert [link.proto.page for link in at.get("page_link")] == ["compare"]
    at.button(key="one_next").click().run()
    assert at.title[0].value == "Draw a full batch"
    assert at.slider(key="batch_per_digit").value == 5
    assert at.text_input(key="writer").value == "Ana"
