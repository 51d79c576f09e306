from dataclasses import replace

from digitlab.comparison import next_steps
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1, name="Random guess")
DENSE = a_run("dense-1", right=0.97, name="Dense")
ONE = a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits")


def test_steps_tell_where_each_method_stands():
    told = next_steps.steps([GUESS, DENSE, a_run("dense-2", right=0.8), ONE])
    assert [step.title for step in told] == [
        "1. Random guess",
        "2. Dense network on MNIST",
        "3. One of each digit",
        "4. Full batch",
    ]
    assert [step.accuracy for step in told] == ["10.0%", "97.0%", "40.0%", "not yet"]
    assert [step.done for step in told] == [True, True, True, False]
    assert told[1].text == "Best of 2 runs, no drawing."
    assert "30.0 s of drawing" in told[2].text


def test_the_next_step_is_the_first_not_done():
    assert next_steps.next_step(next_steps.steps([GUESS])).page == "pages/dense.py"
    assert next_steps.next_step(next_steps.steps([GUESS, ONE])).page == "pages/dense.py"
    assert next_steps.next_step(next_steps.steps([GUESS, DENSE, ONE])).page == "pages/draw_batch.py"
    everything = [GUESS, DENSE, ONE, a_run("full-1", "full")]
    assert next_steps.next_step(next_steps.steps(everything)).page == "pages/compare.py"


def test_a_method_stands_where_drawings_alone_brought_it():
    alone = a_run("one-1", "one", right=0.6, drawings=10)
    further = a_run("one-2", "one", right=0.97, drawings=10, start_from="reference")
    joined = a_run("one-3", "one", right=0.98, drawings=10)
    joined = replace(joined, settings=replace(joined.settings, mnist_share=0.5))
    step = next_steps.steps([alone, further, joined])[2]
    assert step.accuracy == "60.0%"
    assert "Best of 1 run," in step.text
