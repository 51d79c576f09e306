"""Figures and models of runs that come in: of the right kind and within bounds, so that no page stumbles over them."""

import io
import re
import zipfile

from digitlab.formats.experiment.apart import Apart
from digitlab.formats.parts import FormatError
from digitlab.learning.brought_in.foreign import READINGS
from digitlab.learning.methods import METHODS
from digitlab.learning.model_files import ModelError
from digitlab.learning.unlabelled import pile_files
from digitlab.run import Run, TestResult
from digitlab.storage.experiment.rows import ForecastRow, PointRow, RunRow
from digitlab.storage.models import Kind

_MOST_SECONDS, _MOST_DIGITS, _MOST_EPOCHS = 1e9, 10**9, 1000
_MOST_UNPACKED = 200_000_000  # bytes of a .npz file
_REFUSALS = ModelError, ValueError, KeyError, RecursionError, OSError, NotImplementedError, zipfile.BadZipFile
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_WORD = re.compile(r"[\w.+ -]{0,60}")


def check_row(row: object) -> None:
    """Check what a row tells of results.

    Raises:
        ValueError: If a figure is not what it can be.
    """
    if isinstance(row, RunRow):
        _check_run(row.card, row.id)
    elif isinstance(row, PointRow):
        for test in row.tests.values():
            _check_test(test)
    elif isinstance(row, ForecastRow):
        _check(all(0 <= number <= _MOST_DIGITS for each in row.path for number in each), "a forecast beyond all bounds")


def check_model(content: bytes, kind: Kind, run: Run, apart: Apart) -> None:
    """Check that a file of a model is one.

    Args:
        content: Of the file.
        kind: keras, tflite or npz.
        run: Of the model.
        apart: The process that opens it.

    Raises:
        FormatError: If it is none, or holds what no network of ours does.
    """
    try:
        if kind == "npz":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                size = sum(info.file_size for info in archive.infolist())
            _check(size <= _MOST_UNPACKED, f"one that unpacks to {size / 10**6:,.0f} MB")
            pile_files.check(content, run.id)
        else:
            apart.open_model(content, kind, run.brought_in)
    except _REFUSALS as error:
        raise FormatError(
            f"Expected the model of the run {run.id} as a .{kind} file. Received: {error!s:.200} Delete that run where "
            "the experiment comes from and export it anew; nothing was stored."
        ) from error


def _check_run(run: Run, run_id: str) -> None:
    _check(run.id == run_id, f"the card of {run.id!r:.60}")
    _check(run.method in METHODS, f"the method {run.method!r:.40}")
    _check(run.start_from is None or bool(_ID.fullmatch(run.start_from)), f"a start from {run.start_from!r:.60}")
    amounts = run.parameters, run.drawings, run.training_seconds, run.human_seconds
    _check(all(0 <= amount <= _MOST_SECONDS for amount in amounts), "an amount beyond all bounds")
    words = [*run.versions, *run.versions.values(), *run.tests]
    _check(len(words) <= 200 and all(map(_WORD.fullmatch, words)), "a version or a test of an odd name")
    for key, test in run.tests.items():
        _check_test(test)
        rows = test.confusion
        _check(len(rows) == 10 and all(len(row) == 10 and min(row) >= 0 for row in rows), "an odd confusion matrix")
        _check(sum(map(sum, rows)) == test.n, "a confusion matrix of other digits")
        for each in test.mistakes:
            fits = 0 <= each.index < test.n and {each.label, each.prediction} <= {*range(10)} and key == "mnist"
            _check(fits and 0 <= each.probability <= 1, "an odd mistake")
    _check(len(run.history) <= _MOST_EPOCHS, "too many epochs")
    for epoch in run.history:
        figures = epoch.loss, epoch.val_loss, epoch.seconds, epoch.seen
        shares = epoch.accuracy, epoch.val_accuracy
        _check(all(0 <= figure <= _MOST_SECONDS for figure in figures), "an epoch beyond all bounds")
        _check(all(0 <= share <= 1 for share in shares), "an accuracy beyond all bounds")
    if run.train:
        _check(run.train.data in ("mnist", "drawings") and bool(_WORD.fullmatch(run.train.version)), "odd data")
        _check(0 <= run.train.n <= _MOST_DIGITS and 0 <= run.train.imported <= _MOST_DIGITS, "odd data")
    if its_file := run.brought_in:
        known = its_file.reads in its_file.tried and its_file.gives in ("logits", "probabilities")
        read_right = its_file.tried.values()
        _check(known and set(its_file.tried) <= set(READINGS), "a model that is asked in an odd way")
        _check(all(0 <= share <= 1 for share in read_right) and its_file.kind in ("keras", "tflite"), "an odd model")
        _check(bool(_WORD.fullmatch(its_file.version)), "an odd model")
    if run.sorting:
        names = run.sorting.names
        _check(len(run.sorting.sizes) == 10 and min(run.sorting.sizes) >= 0, "odd piles")
        _check(len(names) in (0, 10) and all(0 <= name <= 10 for name in names), "odd piles")
        _check(0 <= run.sorting.pictures <= _MOST_DIGITS and 0 <= run.sorting.seconds <= _MOST_SECONDS, "odd piles")


def _check_test(test: TestResult) -> None:
    _check(0 <= test.correct <= test.n <= _MOST_DIGITS and test.n > 0, "a test of odd counts")
    _check(abs(test.accuracy - test.correct / test.n) < 1e-6, "an accuracy that its counts do not give")
    _check(0 <= test.low <= test.high <= 1 and bool(_WORD.fullmatch(test.version)), "an odd interval")


def _check(fits: bool, received: str) -> None:
    if not fits:
        raise ValueError(f"{received}.")
