"""The comparing part of tests/benchmarks/run.py; what the benchmarks measure is measured by hand."""

from pathlib import Path

import pytest

from tests.benchmarks import calibration, guard, run
from tests.benchmarks.guard import Change, Figure, Report
from tests.helpers import human_strokes


def change(before, now):
    (found,) = guard.compare({"x": before}, {"x": now})
    return found


def test_a_slower_machine_is_no_loss():
    same = change(Figure(1.0, "s", peer=0.5), Figure(3.0, "s", peer=1.5))
    assert same.share == pytest.approx(0)
    assert not same.is_loss


@pytest.mark.parametrize(("now", "is_loss"), [(1.14, False), (1.16, True), (0.5, False)])
def test_a_loss_is_what_takes_over_15_percent_more_of_its_peer(now, is_loss):
    assert change(Figure(1.0, "s", peer=2.0), Figure(now, "s", peer=2.0)).is_loss == is_loss


def test_memory_has_no_peer():
    assert change(Figure(200, "MB"), Figure(240, "MB")).is_loss


def test_a_figure_that_is_no_longer_measured_is_a_loss_and_a_new_one_is_none():
    gone, new = guard.compare({"gone": Figure(1, "s")}, {"new": Figure(1, "s")})
    assert (gone.name, gone.is_loss) == ("gone", True)
    assert (new.name, new.is_loss) == ("new", False)


def test_losses_are_red_gains_green_and_the_rest_plain():
    one = Figure(1.0, "s")
    changes = [
        Change("worse", one, Figure(1.5, "s")),
        Change("better", one, Figure(0.5, "s")),
        Change("same", one, one),
    ]
    _, worse, better, same, gone = guard.in_words([*changes, Change("gone", one, None)])
    assert worse.startswith(guard.RED)
    assert "+50%" in worse
    assert better.startswith(guard.GREEN)
    assert same.startswith("same")
    assert gone.startswith(guard.RED)


def test_of_two_measurements_the_better_ones_count():
    first = {"a": Figure(1.0, "s", 1.0), "b": Figure(5.0, "s", 1.0), "only": Figure(1, "s")}
    second = {"a": Figure(3.0, "s", 1.0), "b": Figure(6.0, "s", 2.0)}
    assert guard.better_of(first, second) == {"a": first["a"], "b": second["b"], "only": first["only"]}


def test_a_report_is_read_as_it_was_written():
    report = Report("abc123", {"cores": 2}, {"a: b": Figure(1.5, "s", 0.5), "a: c": Figure(200, "MB")})
    assert guard.from_json(guard.to_json(report)) == report


def test_figures_are_taken_from_where_a_benchmark_wrote_them():
    short = run.Short(
        ("load.py",),
        (
            ("wait", "load/0/p50", "ms", "python"),
            ("own peer", "ours", "s", "theirs"),
            ("memory", "mb", "MB", None),
            ("not reached", "goal", "s", "matrix"),
        ),
    )
    plain = {"load": [{"p50": 12}], "ours": 1.0, "theirs": 4.0, "mb": 210, "goal": None}
    figures = run.read_figures("load", short, plain, {"matrix": 0.3, "python": 0.1})
    assert figures == {
        "load: wait": Figure(12, "ms", 0.1),
        "load: own peer": Figure(1.0, "s", 4.0),
        "load: memory": Figure(210, "MB", None),
    }


@pytest.mark.parametrize("name", run.BENCHMARKS)
def test_each_benchmark_knows_the_options_that_it_is_run_with(name):
    script, *words = run.BENCHMARKS[name].command
    source = (Path(run.__file__).parent / script).read_text()
    for option in [word for word in words if word.startswith("--")] + ["--json"]:
        assert f'"{option}"' in source


def test_the_baseline_knows_the_figures_that_are_measured():
    known = guard.from_json(run.BASELINE.read_text()).figures
    measured = {f"{name}: {title}" for name, short in run.BENCHMARKS.items() for title, *_ in short.figures}
    assert set(known) <= measured


def test_hands_of_two_writers_are_read_by_the_sheet_pads_benchmark(tmp_path):
    from tests.benchmarks.sheet_pad import read_writers

    run.write_hands(tmp_path / "hands.ndjson")
    writers = read_writers(tmp_path / "hands.ndjson")
    assert len(writers) == 2
    for digits in writers.values():
        assert {label: len(strokes) for label, (strokes,) in digits.items()} == {
            label: len(strokes) for label, strokes in human_strokes().items()
        }


@pytest.mark.slow
def test_the_peers_take_a_known_work():
    peers = calibration.measure()
    assert set(peers) == {"matrix", "python"}
    assert all(seconds > 0 for seconds in peers.values())
    assert calibration.mean_of({"matrix": 1.0}, {"matrix": 3.0}) == {"matrix": 2.0}
