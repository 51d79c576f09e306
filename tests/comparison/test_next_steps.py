from dataclasses import replace

from digitlab.comparison import first_answer, next_steps
from digitlab.storage.batches import Batch
from tests.comparison.examples import guessing
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1, name="Random guess")
DENSE = a_run("dense-1", right=0.97, name="Dense")
ONE = a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits")
FULL = a_run("full-1", "full", right=0.7, drawings=20)


def batch(number, kind, drawn, of=10):
    labels = tuple(place % 10 for place in range(of))
    return Batch(number, 1, "Ana", kind, labels, 0, "2026-01-01T00:00:00+00:00", drawn, 4.7 * drawn)


def test_the_story_has_seven_steps_in_its_order():
    told = next_steps.steps([GUESS, DENSE, a_run("dense-2", right=0.8, epochs=3), ONE])
    assert [step.title for step in told] == [
        "1. Random guess",
        "2. Dense network on MNIST",
        "3. One of each digit",
        "4. Train on the ten",
        "5. A full batch",
        "6. Train on the batch",
        "7. Compare",
    ]
    assert [step.figure for step in told] == [
        *("10.0\u00a0%", "97.0\u00a0%", "not yet", "40.0\u00a0%", "not yet", "not yet", "3 of 4"),
    ]
    counts = ["accuracy on MNIST"] * 7
    counts[2] = counts[4] = "digits drawn"
    assert [step.counts for step in told] == [*counts[:-1], "methods tried"]
    assert [step.done for step in told] == [True, True, True, True, False, False, False]
    assert told[1].time == "no drawing, 1.5 s of training"
    assert told[3].time == "30 s of drawing, 1.5 s of training"
    assert told[1].curve == (0.7, 0.7)
    assert all(step.time and step.text for step in told)


def test_the_next_step_is_drawing_and_what_it_brings_then_mnist_then_the_comparison():
    def following(*runs, batches=()):
        return next_steps.next_step(next_steps.steps([GUESS, *runs], batches)).page

    assert following() == "pages/draw_one.py"
    assert following(ONE) == "pages/draw_batch.py"
    assert following(ONE, FULL) == "pages/dense.py"
    assert following(DENSE) == "pages/draw_one.py"
    assert following(DENSE, batches=[batch(1, "one", 9)]) == "pages/draw_one.py"
    assert following(DENSE, batches=[batch(1, "one", 10)]) == "pages/retrain.py"
    assert following(DENSE, ONE) == "pages/draw_batch.py"
    assert following(DENSE, ONE, batches=[batch(2, "full", 20, of=20)]) == "pages/retrain.py"
    assert following(DENSE, ONE, FULL) == "pages/compare.py"


def test_what_was_drawn_is_told_of_the_newest_batch_with_a_drawing():
    batches = [batch(1, "one", 10), batch(2, "one", 3), batch(3, "one", 0), batch(4, "test", 20, of=20)]
    one, full = (next_steps.steps([GUESS], batches)[place] for place in (2, 4))
    assert (one.figure, one.time, one.batch_id, one.done) == ("3 of 10", "14 s of drawing", 2, False)
    assert (full.figure, full.batch_id, full.done) == ("not yet", None, False)


def test_five_of_each_cost_the_same_here_as_under_the_first_answer():
    def time(*batches):
        return next_steps.steps([GUESS], batches)[4].time

    assert time() == "five of each: about 2 minutes"
    quick = batch(1, "one", 10)
    quick = replace(quick, seconds=15.0)
    run = replace(ONE, human_seconds=15.0)
    assert time(quick) == f"five of each: {first_answer.next_offer(run, range(10)).price.removesuffix(' more')}"
    assert time(quick) == "five of each: about 1 minute"


def test_a_method_stands_where_drawings_alone_brought_it():
    alone = a_run("one-1", "one", right=0.6, drawings=10)
    further = a_run("one-2", "one", right=0.97, drawings=10, start_from="reference")
    joined = a_run("one-3", "one", right=0.98, drawings=10)
    joined = replace(joined, settings=replace(joined.settings, mnist_share=0.5), help="mnist")
    for runs in ([alone, further, joined], [further, joined, alone]):
        step = next_steps.steps(runs)[3]
        assert step.figure == "60.0\u00a0%"
        assert "With MNIST's network as a start: 97.0\u00a0%." in step.text
    step = next_steps.steps([further, joined])[3]
    assert (step.figure, step.done) == ("not yet", False)
    assert "With MNIST's network as a start: 97.0\u00a0%." in step.text


def test_a_method_is_spoken_for_neither_by_luck_nor_by_the_newest_nor_by_who_has_learnt_nothing():
    lucky, nothing = a_run("lucky", right=0.99, epochs=9), guessing(a_run("newest", epochs=1))
    assert next_steps.steps([DENSE, lucky, nothing])[1].figure == "97.0\u00a0%"
    assert next_steps.steps([nothing])[1].figure == "not yet"
    seeds = [a_run(f"one-{seed}", "one", right=0.4 + seed / 10, drawings=10, seed=seed, minutes=1) for seed in range(3)]
    step = next_steps.steps(seeds)[3]
    assert step.figure == "50.0\u00a0%"
    assert step.time == "1 min 0 s of drawing, 1.5 s of training, mean of 3 trainings"
