from digitlab.storage.runs import add_run
from tests.helpers import a_run, texts


def figures(at):
    return [metric.value for metric in at.metric]


def test_first_view_names_the_methods_and_the_next_step(visit):
    at = visit("home")
    for method in ("1. Random guess", "2. Dense network on MNIST", "3. One of each digit", "4. Full batch"):
        assert method in texts(at)
    assert figures(at)[1:] == ["not yet"] * 3
    assert at.button(key="home_next").label == "Next: Train on MNIST"


def test_figures_and_next_step_follow_the_runs(visit, store):
    at = visit("home")
    add_run(store, a_run("dense-1", right=0.9))
    add_run(store, a_run("dense-2", right=0.98, epochs=9))
    at.run()
    assert figures(at)[1:] == ["90.0%", "not yet", "not yet"], "not the best test score"
    assert "No drawing." in texts(at)
    assert at.button(key="home_next").label == "Next: Draw one of each digit"
    add_run(store, a_run("one-1", "one", right=0.45, minutes=1.25, drawings=10))
    at.run()
    assert figures(at)[2:] == ["45.0%", "not yet"]
    assert "1 min 15 s of drawing alone." in texts(at)
    add_run(store, a_run("one-2", "one", right=0.98, minutes=1.25, drawings=10, start_from="reference"))
    at.run()
    assert figures(at)[2:] == ["45.0%", "not yet"]
    assert "With MNIST's network as a start: 98.0%." in texts(at)
    assert at.button(key="home_next").label == "Next: Draw a full batch"
    add_run(store, a_run("full-1", "full", right=0.7, minutes=10, drawings=100))
    assert at.run().button(key="home_next").label == "Next: Compare the methods"


def test_the_next_step_opens_its_page(visit):
    at = visit("home")
    at.button(key="home_next").click().run()
    assert at.title[0].value == "Dense network on MNIST"
