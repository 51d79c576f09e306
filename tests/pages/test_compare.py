import re

import pytest

from digitlab.learning import model_files
from digitlab.storage.drawings import delete_drawings, read_drawings
from digitlab.storage.models import read_model_file
from digitlab.storage.runs import delete_runs, read_runs
from tests.drawn import draw_ten
from tests.helpers import NO_NETWORK, a_run, add_run, charted, choose_rows, put_model, texts

# What is shown at once in the tabs: by the key of the figure, if it is one, the tab and the choice in it.
VIEWS = {
    "methods": ("Methods", "Accuracy"),
    "digits": ("Methods", "Each digit"),
    "cost": ("Methods", "Cost"),
    "curves": ("Methods", "Training"),
    "cross": ("Who reads whom", "All networks"),
    "two": ("Who reads whom", "Two runs"),
    "curve": ("Learning curve", None),
    "report": ("Report", None),
}
CHOICES = {"Methods": "compare_methods", "Who reads whom": "compare_readers"}


def names(at):
    return list(at.dataframe[0].value["name"])


def answer_of(at):
    """All that the page says, the answer among it."""
    return texts(at).replace("\N{NO-BREAK SPACE}", " ")


def bars(at):
    """What the bars of the methods show, on both test sets."""
    return charted(at, "low", without="place")


def open_view(at, name):
    tab, choice = VIEWS[name]
    at.session_state["compare_tab"] = tab
    if choice:
        at.session_state[CHOICES[tab]] = choice
    at.run()
    assert not at.exception


@pytest.fixture
def four(store):
    for run_id, method, more in (
        ("dense-1", "dense", {"right": 0.97}),
        ("one-1", "one", {"right": 0.4, "minutes": 0.5, "drawings": 10, "own": 0.6}),
        ("full-1", "full", {"right": 0.7, "minutes": 12, "drawings": 100}),
        ("nearest-mean-1", "nearest_mean", {"right": 0.82}),
    ):
        add_run(store, a_run(run_id, method, **more))


def test_without_runs_there_is_the_random_guess(visit):
    at = visit("compare")
    assert names(at) == ["Random guess"]
    assert "No run is stored yet" in at.info[0].value
    assert len(at.get("vega_lite_chart")) == 2
    assert "Not known yet" in texts(at)
    assert {link.proto.page for link in at.get("page_link")} >= {"draw_one", "dense"}
    for name in VIEWS:
        open_view(at, name)


def test_one_run(visit, store):
    add_run(store, a_run("dense-1"))
    at = visit("compare")
    assert names(at) == ["Random guess", "Run dense-1"]
    assert not at.info
    open_view(at, "curves")
    assert "Training curves" in texts(at)
    assert {row["name"] for row in charted(at, "epoch")} == {"Run dense-1"}


def test_the_table_tells_what_a_method_is_and_costs(visit, four):
    table = visit("compare").dataframe[0].value.set_index("name")
    one = table.loc["Run one-1"]
    assert (one["method"], one["drawings"], one["human_minutes"]) == ("One of each digit", 10, 0.5)
    assert (one["accuracy"], one["own_accuracy"], one["parameters"]) == (40, 60, 101_770), "in percent"
    assert one["low"] < 40 < one["high"]
    assert one["input"] == "28x28 pixels"
    assert "epochs" in one["trained"]
    assert table.loc["Random guess", "trained"] == "not at all"


def test_fifty_runs(visit, store):
    for number in range(50):
        more = {"right": 0.5 + number / 100, "epochs": 200 + number}
        add_run(store, a_run(f"dense-{number}", name=f"Run {number % 40}", **more))
    at = visit("compare")
    assert not at.exception
    assert len(set(names(at))) == 51, "runs of the same name can be told apart"
    assert len(charted(at, "low")) == 51


def test_chosen_rows_are_what_is_compared(visit, four):
    at = visit("compare")
    assert len(charted(at, "low")) == 5
    assert len(bars(at)) == 6, "the one with its own test set counts twice"
    choose_rows(
        at, "compare_runs", [0, names(at).index("Run one-1")]
    )  # stored in the same millisecond, they have no order
    assert {row["name"] for row in charted(at, "low")} == {"Random guess", "Run one-1"}
    open_view(at, "digits")
    assert {row["name"] for row in charted(at, "digit")} == {"Random guess", "Run one-1"}
    open_view(at, "curves")
    assert {row["name"] for row in charted(at, "epoch")} == {"Run one-1 (drawings alone)"}
    assert at.selectbox(key="compare_run").options == ["Run one-1"]
    choose_rows(at, "compare_runs", [])
    assert len(charted(at, "low")) == 5


def test_the_answer_and_what_it_lacks(visit, four, store):
    at = visit("compare")
    assert (
        "12 min 0 s of drawing: a network trained on these drawings alone reads 70 % of MNIST.** Drawn were 100 digits."
        in answer_of(at)
    )
    assert "there are no test digits of the same hand" in answer_of(at)
    assert "draw_batch" in {link.proto.page for link in at.get("page_link")}
    add_run(store, a_run("full-2", "full", right=0.8, minutes=13, drawings=110, own=0.9, version="1" * 16))
    at.run()
    told = (
        "13 min 0 s of drawing: a network trained on these drawings alone reads "
        "80 % of MNIST and 90 % (70\N{EN DASH}97) of your own digits."
    )
    assert told in answer_of(at)
    add_run(store, a_run("full-3", "full", right=0.99, minutes=13, drawings=110, helped="mnist", version="1" * 16))
    at.run()
    assert f"{told}** With MNIST's digits mixed in: 99 % of MNIST." in answer_of(at)


def test_seeds_are_one_method(visit, store):
    for seed in range(3):
        add_run(store, a_run(f"one-{seed}", "one", right=0.4 + seed / 10, minutes=1, drawings=10, seed=seed))
    rows = charted(visit("compare"), "low")
    assert [(row["seeds"], row["kind"]) for row in rows] == [(3, "drawings alone"), (1, "no drawing")]
    assert rows[0]["accuracy"] == pytest.approx(0.5)


def test_seeds_trained_before_and_after_the_test_digits_were_drawn_are_one_row_with_both_bars(visit, store, keep_model):
    """Tested anew by LiteRT; the helped run, trained on the same, stays by itself."""
    one = draw_ten(store, "one", "ana")
    more = {"method": "one", "minutes": 1, "drawings": 10, "batch_ids": [one]}
    for seed, own in ((0, None), (1, 0.5)):
        add_run(store, a_run(f"one-{seed}", seed=seed, own=own, name="Ten of mine", right=0.5, **more))
        keep_model(f"one-{seed}")
    add_run(store, a_run("one-m", start_from="reference", name="Ten of mine", right=0.98, **more))
    keep_model("one-m")
    draw_ten(store, "test", "ana")
    rows = [row for row in bars(visit("compare")) if row["drawings"]]
    assert [(row["kind"], row["test_set"], row["seeds"]) for row in rows] == [
        ("drawings alone", "MNIST test set", 2),
        ("drawings alone", "own test set", 2),
        ("with MNIST", "MNIST test set", 1),
        ("with MNIST", "own test set", 1),
    ]
    assert {row["n"] for row in rows if row["test_set"] == "own test set"} == {10}
    assert len({row["label"] for row in rows}) == 2


@pytest.mark.parametrize(
    "key", ["methods", "cross", *(pytest.param(key, marks=pytest.mark.slow) for key in ("digits", "cost", "curves"))]
)
def test_every_view_shows_its_chart_as_a_table_too(visit, four, key):
    at = visit("compare")
    open_view(at, key)
    tables = len(at.dataframe)
    at.session_state[f"details_{key}"] = True
    at.run()
    assert not at.exception
    assert len(at.dataframe) == tables + 1
    assert len(at.get("download_button")) == 2


def test_the_centre_shows_one_test_set_at_a_time(visit, four):
    at = visit("compare")
    assert {row["test_set"] for row in charted(at, "human_minutes")} == {"MNIST test set"}
    at.segmented_control(key="compare_read").set_value("own").run()
    assert [(row["test_set"], row["accuracy"]) for row in charted(at, "human_minutes")] == [("own test set", 0.6)]
    assert "With 20 test digits" in texts(at)


@pytest.mark.parametrize(
    ("old", "tab", "shown"),
    [
        ("Digits", "Methods", "Accuracy of each digit"),
        pytest.param("Cost", "Methods", "Seconds of drawing and of training", marks=pytest.mark.slow),
        pytest.param("Training", "Methods", "Training curves", marks=pytest.mark.slow),
        ("Two runs", "Who reads whom", "No real difference"),
        pytest.param("Who reads whom", "Who reads whom", "Trained on, tested on", marks=pytest.mark.slow),
        ("Learning curve", "Learning curve", "Learning curve and forecast"),
        pytest.param("Report", "Report", "A report to download", marks=pytest.mark.slow),
        ("nonsense", "Methods", "Accuracy by method"),
    ],
)
def test_an_old_link_leads_where_it_led(visit, two, old, tab, shown):
    at = visit("compare", compare_tab=old)
    assert not at.exception
    assert shown in texts(at)
    assert at.session_state["compare_tab"] == tab
    assert not at.run().exception
    assert shown in texts(at)


def test_own_digits_drawn_after_the_training_are_tested_on(visit, store, keep_model):
    """With the stored models, by LiteRT."""
    one, test = draw_ten(store, "one", "ana"), draw_ten(store, "test", "ana")
    for run_id, method, more in (("dense-1", "dense", {}), ("one-1", "one", {"drawings": 10, "batch_ids": [one]})):
        add_run(store, a_run(run_id, method, minutes=0.5, **more))
        keep_model(run_id)
    at = visit("compare")
    assert "% of your own digits" in answer_of(at)
    assert "With 10 test digits" in answer_of(at)
    owns = [row for row in bars(at) if row["test_set"] == "own test set"]
    assert [row["n"] for row in owns] == [10, 10]
    assert owns[1]["name"] == "Run dense-1"
    assert owns[1]["accuracy"] >= 0.8, "the reference model reads a person's digits"
    open_view(at, "cross")
    cells = {(row["trained_on"], row["tested_on"]): row["n"] for row in charted(at, "tested_on")}
    assert cells["MNIST", "all digits of ana"] == 20
    assert cells["ana: one of each (10)", "all digits of ana"] == 10, "what it was trained on is left out"
    assert cells["ana: one of each (10)", "test digits of ana"] == 10
    delete_drawings(store, [drawing.id for drawing in read_drawings(store, [test])][3:])
    at.run()
    assert "With 3 test digits" in answer_of(at)


@pytest.fixture
def two(store, keep_model):
    """Two runs with stored models, which are the same model, and ten test digits of a person."""
    one = draw_ten(store, "one", "ana")
    draw_ten(store, "test", "ana")
    for run_id, method, more in (("dense-1", "dense", {}), ("one-1", "one", {"drawings": 10, "batch_ids": [one]})):
        add_run(store, a_run(run_id, method, minutes=0.5, **more))
        keep_model(run_id)


def test_two_runs_that_read_alike_are_no_real_difference(visit, two):
    at = visit("compare", compare_tab="Two runs", versus_digits="test digits of ana", versus_first="Run dense-1")
    assert not at.exception
    assert at.selectbox(key="versus_first").value == "Run dense-1"
    at.selectbox(key="versus_second").set_value("Run one-1").run()
    assert "No real difference: of 10 digits 0 are read right by Run dense-1 alone, 0 by Run one-1 alone" in texts(at)
    at.selectbox(key="versus_second").set_value("Run dense-1").run()
    assert "Choose two different runs" in texts(at)


def test_a_cell_of_the_confusion_matrix_shows_its_digits_and_how_they_were_drawn(visit, two):
    def click(digits, label, prediction):
        cell = {"label": label, "prediction": prediction}
        at.session_state[f"versus_first_Run one-1_{digits}"] = {"selection": {"cell": [cell]}}
        at.run()

    at = visit("compare", compare_tab="Two runs", versus_digits="test digits of ana")
    assert not at.image
    click("test:ana", "2", "2")
    assert "**2**, read right: 1 of 1" in texts(at)
    digit, replay = [image.value[0] for image in at.image]
    assert replay.endswith(".gif") and not digit.endswith(".gif")
    click("test:ana", "2", "0")
    assert "**2**, read as 0: 0 of 0" in texts(at)
    assert not at.image
    at.selectbox(key="versus_digits").set_value("MNIST test set").run()
    assert not at.image, "of other digits nothing is chosen"
    click("mnist", "2", "2")
    assert not at.exception
    assert re.search(r"2\*\*, read right: 12 of [\d,]{3,}", texts(at)), "no more than 12 of MNIST's many twos"
    assert len(at.image[-1].value) == 12


def test_a_run_deleted_while_it_is_compared_is_no_error(visit, two, store):
    at = visit("compare", compare_tab="Two runs")
    assert "No real difference" in texts(at)
    delete_runs(store, ["one-1"])
    assert not at.run().exception
    assert "Two trained networks are needed" in texts(at)


def test_a_link_to_what_is_not_there_is_refused_with_a_message(visit, two):
    at = visit("compare", compare_tab="Two runs", versus_first="Run gone")
    assert not at.exception
    run = "\N{LEFT DOUBLE QUOTATION MARK}Run gone\N{RIGHT DOUBLE QUOTATION MARK}"
    assert f"The link asks for first run {run}, which is not on offer." in at.warning[0].value


@pytest.mark.parametrize("model", [None, NO_NETWORK])
def test_a_run_whose_model_is_lost_or_damaged_is_no_error(visit, store, model):
    """Up to schema version 7 models lay in a folder; what is lost is said beside the run."""
    one = draw_ten(store, "one", "ana")
    draw_ten(store, "test", "ana")
    add_run(store, a_run("one-1", "one", minutes=0.5, drawings=10, batch_ids=[one]))
    put_model(store, "one-1", model)
    at = visit("compare")
    told = [note for table in at.dataframe if "note" in table.value for note in table.value["note"] if note]
    assert len(told) == (model is None)
    assert all("model is lost" in note for note in told)
    open_view(at, "cross")
    assert {row["n"] for row in charted(at, "tested_on")} == {0, 1000}


def test_a_choice_of_rows_that_are_gone_is_no_error(visit, four, store):
    at = visit("compare")
    choose_rows(at, "compare_runs", [0, 4])
    delete_runs(store, ["nearest-mean-1"])
    assert not at.run().exception
    assert len({row["name"] for row in charted(at, "low")}) == 4, "other rows now: nothing is chosen, so all are shown"


def test_a_run_can_be_renamed(visit, four, store):
    at = visit("compare")
    at.selectbox(key="compare_run").set_value("one-1").run()
    at.text_input(key="compare_name_one-1").set_value("My ten digits").run()
    at.button(key="compare_rename").click().run()
    assert "My ten digits" in names(at)
    assert {run.id: run.name for run in read_runs(store)}["one-1"] == "My ten digits"


def test_an_empty_name_is_refused(visit, four, store):
    at = visit("compare")
    at.text_input(key="compare_name_dense-1").set_value(" ").run()
    at.button(key="compare_rename").click().run()
    assert not at.exception
    assert "1 to 120 characters" in at.error[0].value
    assert "Run dense-1" in {run.name for run in read_runs(store)}
    assert "Run dense-1" in names(at.run())


def test_a_run_is_deleted_with_its_model_and_only_when_sure(visit, four, store):
    at = visit("compare")
    at.selectbox(key="compare_run").set_value("one-1").run()
    assert at.button(key="compare_delete").disabled
    at.checkbox(key="compare_sure_one-1").check().run()
    at.button(key="compare_delete").click().run()
    assert not at.exception
    assert "Run one-1" not in names(at)
    assert [read_model_file(store, run_id, "keras") is None for run_id in ("dense-1", "one-1")] == [False, True]
    assert "one-1" not in {run.id for run in read_runs(store)}
    assert at.button(key="compare_delete").disabled, "the next run is not deleted by the same check"
    assert model_files.load_card("reference")
