import json

from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

from digitlab.learning import model_files
from digitlab.ui import resources
from tests.drawn import draw_batch
from tests.helpers import a_run, add_run, texts


def figures(at):
    return [metric.value for metric in at.metric]


def pad_data(at):
    (pad,) = [each for each in at.get("bidi_component") if each.key == "home_pad"]
    return json.loads(pad.proto.json)


def chart(at):
    """The central chart of the comparison, with its data, as text."""
    proto = at.get("vega_lite_chart")[0].proto
    rows = [convert_arrow_bytes_to_pandas_df(data.data.data).to_string() for data in proto.datasets]
    return " ".join([proto.spec, *rows])


def test_the_pad_gets_a_network_and_drawings_to_show(visit):
    data = pad_data(visit("home"))
    assert [layer["units"] for layer in json.loads(data["network"])["layers"]] == [256, 10]
    written = json.loads(data["written"])
    assert len({drawing["label"] for drawing in written}) == len(written) > 1
    for drawing in written:
        times = [time for stroke in drawing["strokes"] for _, _, time in stroke]
        assert times == sorted(times)
        assert 1000 < times[-1] < 3000, "a digit takes a person one to three seconds"
        assert all(0 < x < 280 and 0 < y < 280 for stroke in drawing["strokes"] for x, y, _ in stroke)


def test_without_the_reference_model_the_rest_of_the_page_is_there(visit, monkeypatch, tmp_path):
    resources._browser_network.clear()
    monkeypatch.setattr(model_files, "shipped_dir", lambda: tmp_path)
    at = visit("home")
    assert not at.exception
    assert "is missing. Restore it from the project" in at.error[0].value
    assert len(figures(at)) == 7


def test_first_view_names_the_steps_and_the_next_one(visit):
    at = visit("home")
    assert not at.exception
    for step in (
        "1. Random guess",
        "2. Dense network on MNIST",
        "3. One of each digit",
        "5. A full batch",
        "7. Compare",
    ):
        assert step in texts(at)
    assert figures(at)[1:] == ["not yet"] * 5 + ["1 of 4"]
    assert at.button(key="home_next").label == "Next: Draw your ten digits"
    told = [button.label for button in at.button]
    assert sum("Next" in label or "Draw" in label for label in told) == 1, "one thing to press"


def test_figures_and_next_step_follow_the_runs_and_drawings(visit, store):
    at = visit("home")
    add_run(store, a_run("dense-1", right=0.9))
    add_run(store, a_run("dense-2", right=0.98, epochs=9))
    at.run()
    assert figures(at)[1:3] == ["90.0\N{NO-BREAK SPACE}%", "not yet"], "not the best test score"
    assert at.button(key="home_next").label == "Next: Draw your ten digits"
    draw_batch(store, "one", rounds=1)
    at.run()
    assert figures(at)[2] == "10 of 10"
    assert len(at.get("image")) == 1, "the digits drawn"
    assert at.button(key="home_next").label == "Next: Train on your digits"
    add_run(store, a_run("one-1", "one", right=0.45, minutes=1.25, drawings=10))
    at.run()
    assert figures(at)[3] == "45.0\N{NO-BREAK SPACE}%"
    assert "1 min 15 s of drawing" in texts(at)
    add_run(store, a_run("one-2", "one", right=0.98, minutes=1.25, drawings=10, start_from="reference"))
    at.run()
    assert figures(at)[3] == "45.0\N{NO-BREAK SPACE}%"
    assert "With MNIST's network as a start: 98.0\N{NO-BREAK SPACE}%." in texts(at)
    assert at.button(key="home_next").label == "Next: Draw a full batch"
    add_run(store, a_run("full-1", "full", right=0.7, minutes=10, drawings=100))
    assert at.run().button(key="home_next").label == "Next: Compare the methods"


def test_buttons_lead_on(visit):
    at = visit("home")
    at.button(key="home_next").click().run()
    assert at.title[0].value == "Draw one of each"


def test_a_guess_is_kept_and_marked_in_the_comparison(visit):
    at = visit("home")
    assert "Move the slider to make your estimate." in texts(at), "where the slider stands at first is no guess"
    at.switch_page("pages/compare.py").run()
    assert "your estimate" not in chart(at)
    at.switch_page("pages/home.py").run()
    at.slider(key="guess").set_value(62).run()
    assert "Your estimate: 62 of 100" in texts(at)
    at.switch_page("pages/compare.py").run()
    assert "your estimate: 62\N{NO-BREAK SPACE}%" in chart(at)
    reloaded = visit("compare", **at.query_params)
    assert "your estimate: 62\N{NO-BREAK SPACE}%" in chart(reloaded)
    whose = "The estimate of 62 of 100 stands in the link that was opened."
    assert whose in texts(reloaded) and whose not in texts(at), "it may be that of who sent the link"
    reloaded.switch_page("pages/home.py").run()
    assert "Your estimate: 62 of 100" in texts(reloaded)
    assert (reloaded.slider(key="guess").value, [*reloaded.warning]) == (62, [])
    reloaded.slider(key="guess").set_value(40).run()
    reloaded.switch_page("pages/compare.py").run()
    assert "your estimate: 40\N{NO-BREAK SPACE}%" in chart(reloaded)
    assert "stands in the link" not in texts(reloaded)
    for asked in ("101", "-1", "many", "9" * 5000):
        assert "your estimate" not in chart(visit("compare", guessed=asked))


def test_who_has_guessed_gets_on(visit):
    at = visit("home", guess="60")
    assert not at.button(key="home_next").click().run().exception
    assert at.title[0].value == "Draw one of each"


def test_a_guess_of_a_link(visit):
    assert "Your estimate: 40 of 100" in texts(visit("home", guess="40"))
    for asked in ("101", "many"):
        at = visit("home", guess=asked)
        assert asked in at.warning[0].value
        assert "Move the slider to make your estimate." in texts(at)
