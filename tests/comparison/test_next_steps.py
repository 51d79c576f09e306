from dataclasses import replace

from digitlab.comparison import next_steps
from tests.comparison.examples import guessing
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1, name="Random guess")
DENSE = a_run("dense-1", right=0.97, name="Dense")
ONE = a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits")


def test_steps_tell_where_each_method_stands():
    told = next_steps.steps([GUESS, DENSE, a_run("dense-2", right=0.8, epochs=3), ONE])
    assert [step.title for step in told] == [
        "1. Random guess",
        "2. Dense network on MNIST",
        "3. One of each digit",
        "4. Full batch",
    ]
    assert [step.accuracy for step in told] == ["10.0%", "97.0%", "40.0%", "not yet"]
    assert [step.done for step in told] == [True, True, True, False]
    assert told[1].text == "No drawing."
    assert told[2].text == "30.0 s of drawing alone."


def test_the_next_step_is_the_first_not_done():
    assert next_steps.next_step(next_steps.steps([GUESS])).page == "pages/dense.py"
    assert next_steps.next_step(next_steps.steps([GUESS, ONE])).page == "pages/dense.py"
    assert next_steps.next_step(next_steps.steps([GUESS, DENSE, ONE])).page == "pages/draw_batch.py"
    everything = [GUESS, DENSE, ONE, a_run("full-1", "full", drawings=20)]
    assert next_steps.next_step(next_steps.steps(everything)).page == "pages/compare.py"


def test_a_method_stands_where_drawings_alone_brought_it():
    alone = a_run("one-1", "one", right=0.6, drawings=10)
    further = a_run("one-2", "one", right=0.97, drawings=10, start_from="reference")
    joined = a_run("one-3", "one", right=0.98, drawings=10)
    joined = replace(joined, settings=replace(joined.settings, mnist_share=0.5), help="mnist")
    for runs in ([alone, further, joined], [further, joined, alone]):
        step = next_steps.steps(runs)[2]
        assert step.accuracy == "60.0%"
        assert step.text.startswith("0.0 s of drawing alone. With MNIST's network as a start: 97.0%.")
    (step,) = [step for step in next_steps.steps([further, joined]) if "One of each" in step.title]
    assert (step.accuracy, step.done) == ("not yet", False)
    assert "With MNIST's network as a start: 97.0%." in step.text


def test_a_method_is_spoken_for_neither_by_luck_nor_by_the_newest_nor_by_who_has_learnt_nothing():
    lucky, nothing = a_run("lucky", right=0.99, epochs=9), guessing(a_run("newest", epochs=1))
    assert next_steps.steps([DENSE, lucky, nothing])[1].accuracy == "97.0%"
    assert next_steps.steps([nothing])[1].accuracy == "not yet"
    seeds = [a_run(f"one-{seed}", "one", right=0.4 + seed / 10, drawings=10, seed=seed, minutes=1) for seed in range(3)]
    step = next_steps.steps(seeds)[2]
    assert (step.accuracy, step.text) == ("50.0%", "1 min 0 s of drawing alone, mean of 3 trainings.")
