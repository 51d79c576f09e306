from dataclasses import replace

import pandas as pd
import pytest

from digitlab.comparison import figures
from digitlab.comparison.equal_accuracy import measured
from digitlab.comparison.method_results import method_results
from digitlab.comparison.runs import to_know
from tests.helpers import a_run

RUNS = [
    a_run("uniform", "uniform", right=0.1, name="Random guess"),
    a_run("dense-1", right=0.97, name="Dense"),
    a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits"),
]
MADE = figures.of_runs(RUNS)


@pytest.mark.parametrize("figure", MADE, ids=lambda figure: figure.key)
def test_a_figure_has_a_title_a_way_to_read_it_a_table_and_a_width(figure):
    assert figure.title
    assert figure.text.endswith(".")
    assert len(figure.table)
    assert all(isinstance(column, str) and column[0].isupper() or column in "0123456789" for column in figure.table)
    spec = figure.spec()
    assert all(part["width"] == 680 for part in spec.get("vconcat", [spec]))
    assert len(str(figure.chart.description)) > 20


def test_the_centre_comes_first_and_keys_differ():
    keys = [figure.key for figure in MADE]
    assert keys == ["minutes", "minutes_own", "methods", "digits", "cost", "curves"]
    assert [figure.key for figure in figures.of_runs(RUNS[:1])] == ["minutes", "methods", "digits", "cost"]
    assert [figure.key for figure in figures.of_runs([])][0] == "minutes"


def test_the_table_says_the_same_as_the_chart():
    table = figures.minutes(method_results(RUNS), test_set="own").table
    row = table[(table["Run"] == "Ten digits") & (table["Tested on"] == "own test set")].iloc[0]
    assert (row["Accuracy"], row["Minutes of drawing"], row["Test digits"]) == (0.6, 0.5, 20)
    by_digit = figures.by_digit(method_results(RUNS)).table.set_index("Run")
    assert list(by_digit.columns) == ["Learnt from", *"0123456789"]
    assert by_digit.loc["Dense", list("0123456789")].mean() == pytest.approx(0.97)


@pytest.mark.slow
def test_a_figure_as_a_file_shows_its_data():
    svg = figures.cross_table(
        pd.DataFrame(
            [["MNIST", "ana's digits", 10, 0.5, 0.2, 0.8, "Dense"]],
            columns=["trained_on", "tested_on", "n", "accuracy", "low", "high", "run"],
        )
    ).file("svg")
    assert "50\N{NO-BREAK SPACE}%".encode() in svg, "as everywhere else"
    assert b"ana's digits" in svg


def test_of_many_runs_the_charts_show_the_newest_and_the_tables_all():
    runs = [a_run(f"dense-{number}", epochs=number + 1) for number in range(40)]
    made = {figure.key: figure for figure in figures.of_runs(runs)}
    for key in ("methods", "digits", "cost"):
        (rows,) = [rows for rows in made[key].spec()["datasets"].values() if "name" in rows[0]]
        names = {row["name"] for row in rows}
        assert len(names) == 30
        assert "Run dense-39" in names
        assert "newest 30 of 40" in made[key].text
        assert made[key].table["Run"].nunique() == 40
    assert "newest 30 of 40" in made["curves"].text
    (rows,) = [rows for rows in made["minutes"].spec()["datasets"].values() if "low" in rows[0]]
    assert len(rows) == 40, "the centre shows all"


def test_what_learnt_from_imported_digits_has_no_place_on_the_minutes_and_a_word_elsewhere():
    drawn, from_a_file = RUNS[2], a_run("full-1", "full", right=0.9, drawings=60_000, name="From a file")
    from_a_file = replace(from_a_file, train=replace(from_a_file.train, imported=60_000))
    results = method_results([drawn, from_a_file])
    figure = figures.minutes(results)
    assert list(figure.table["Run"].unique()) == ["Ten digits"]
    assert "Not shown: 1 that learnt from imported digits" in figure.note
    assert "60,000 of its digits were imported" in to_know(from_a_file)
    assert "60,000 of its digits were imported" in results[1].note
    assert [point.minutes for point in measured(results) if point.test_set == "mnist"] == [0.5]
