"""Which digits a model can be tested on: MNIST's test set, the own test digits, everything a writer drew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from digitlab import mnist
from digitlab.digits import IMAGE_SIZE, data_version
from digitlab.run import Run
from digitlab.storage import schema
from digitlab.storage.store import Store

MNIST = "mnist"
_ARRAYS = ("images", "labels", "batch_ids", "drawing_ids")


@dataclass(frozen=True)
class DigitSet:
    """Digits to test on.

    Attributes:
        key: Names the set for the program: `mnist`, `test:ana`, `writer:ana`.
        title: For the reader.
        images: uint8 array of shape (n, 28, 28).
        labels: int64 array of shape (n,).
        batch_ids: int64 array of shape (n,): the batch each digit was drawn in; 0 in MNIST.
        drawing_ids: int64 array of shape (n,): ids in the store; in MNIST the index.
    """

    key: str
    title: str
    images: np.ndarray
    labels: np.ndarray
    batch_ids: np.ndarray
    drawing_ids: np.ndarray

    def __len__(self) -> int:
        """Return how many digits there are."""
        return len(self.labels)

    @property
    def version(self) -> str:
        """Hash of images and labels, as `Dataset.version`."""
        return data_version(self.images, self.labels)

    def held_out(self, batch_ids: Collection[int]) -> np.ndarray:
        """Return a bool array of shape (n,): whether each digit is in none of these batches.

        Args:
            batch_ids: What a model was trained on.
        """
        return ~np.isin(self.batch_ids, list(batch_ids))

    def only(self, chosen: np.ndarray) -> "DigitSet":
        """Return the digits for which `chosen`, a bool array of shape (n,), is true."""
        if chosen.all():
            return self
        arrays = {name: getattr(self, name)[chosen] for name in _ARRAYS}
        return DigitSet(self.key, self.title, **arrays)


def digit_sets(store: Store) -> list[DigitSet]:
    """Gather all sets: MNIST's test digits, then of each writer the test digits, then of each writer everything.

    Raises:
        DataFileError: If MNIST cannot be read.
    """
    images, labels = mnist.load_test()
    n = len(labels)
    sets = [DigitSet(MNIST, "MNIST test set", images, labels.astype(np.int64), np.zeros(n, np.int64), np.arange(n))]
    rows = _rows(store)
    writers = sorted({row.writer for row in rows})
    tests = {writer: [row for row in rows if row.writer == writer and row.kind == "test"] for writer in writers}
    sets += [_set(f"test:{writer}", f"test digits of {writer}", tests[writer]) for writer in writers if tests[writer]]
    for writer in writers:
        drawn = [row for row in rows if row.writer == writer]
        if len(drawn) > len(tests[writer]):
            sets.append(_set(f"writer:{writer}", f"all digits of {writer}", drawn))
    return sets


def merge_own_tests(sets: Sequence[DigitSet], writers: Collection[str] = ()) -> DigitSet | None:
    """Return the test digits of these writers together (none given: of all), or None if there are none."""
    tests = [each for each in sets if each.key.startswith("test:")]
    tests = [each for each in tests if not writers or each.key.removeprefix("test:") in writers]
    if not tests:
        return None
    order = np.argsort(np.concatenate([each.drawing_ids for each in tests]))  # as `read_dataset` has them
    arrays = {name: np.concatenate([getattr(each, name) for each in tests])[order] for name in _ARRAYS}
    key = "tests:" + ",".join(each.key.removeprefix("test:") for each in tests)
    return DigitSet(key, "own test digits", **arrays)


def trained_batches(run: Run, all_runs: Sequence[Run]) -> frozenset[int]:
    """Return the batches a run has learnt from: its own, and those of the runs it started from."""
    by_id = {each.id: each for each in all_runs}
    seen: set[int] = set()
    visited: set[str] = set()
    start: Run | None = run
    while start and start.id not in visited:
        visited.add(start.id)
        seen |= set(start.train.batch_ids if start.train else ())
        start = by_id.get(start.start_from or "")
    return frozenset(seen)


def _rows(store: Store) -> list[sa.Row[Any]]:
    """Read all living drawings without their strokes, which are most of what is stored."""
    table, batches = schema.drawings.c, schema.batches.c
    query = (
        sa.select(
            *(table.id, table.batch_id, table.label, table.digit, batches.kind, schema.writers.c.name.label("writer"))
        )
        .join(schema.batches, batches.id == table.batch_id)
        .join(schema.writers, schema.writers.c.id == batches.writer_id)
        .where(table.deleted_at.is_(None))
        .order_by(table.id)
    )
    with store.read() as connection:
        return list(connection.execute(query))


def _set(key: str, title: str, rows: Sequence[sa.Row[Any]]) -> DigitSet:
    images = np.frombuffer(b"".join(row.digit for row in rows), np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    labels, batch_ids, drawing_ids = (
        np.array([getattr(row, name) for row in rows], np.int64) for name in ("label", "batch_id", "id")
    )
    return DigitSet(key, title, images, labels, batch_ids, drawing_ids)
