"""Which digits a model can be tested on: MNIST's test set, the own test digits, everything a writer drew."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from digitlab import mnist
from digitlab.digits import Images, data_version
from digitlab.run import Run
from digitlab.storage import schema
from digitlab.storage.datasets import read_digits_of
from digitlab.storage.store import Store

MNIST = "mnist"
_ASKED_ONE_BY_ONE = 1000  # batches; of more all are read: databases take only so many ids in a query
_ARRAYS = ("labels", "batch_ids", "drawing_ids")

_Ids: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DigitSet:
    """Digits to test on.

    Attributes:
        key: Names the set for the program: `mnist`, `test:ana`, `writer:ana`.
        title: For the reader.
        source: The images, uint8 array of shape (n, 28, 28), or what reads those of some ids when they are asked for:
            a class draws more than should lie in memory.
        labels: int64 array of shape (n,).
        batch_ids: int64 array of shape (n,): the batch each digit was drawn in; 0 in MNIST.
        drawing_ids: int64 array of shape (n,): ids in the store; in MNIST the index.
        batch_versions: `{batch id: version}`, as `Batch.version`: which digits the batches held.
        parts: The sets it was merged of, if it was.
        shown: Whether whoever asked for it may look at its pictures; a model may be tested on them in any case.
    """

    key: str
    title: str
    source: Images | Callable[[_Ids], Images]
    labels: _Ids
    batch_ids: _Ids
    drawing_ids: _Ids
    batch_versions: Mapping[int, int] = field(default_factory=dict)
    parts: Sequence["DigitSet"] = ()
    shown: bool = True

    def __len__(self) -> int:
        """Return how many digits there are."""
        return len(self.labels)

    @property
    def images(self) -> Images:
        """Read the digits: uint8 array of shape (n, 28, 28)."""
        return self.source(self.drawing_ids) if callable(self.source) else self.source

    @cached_property
    def places(self) -> Mapping[int, _Ids]:
        """Where the digits of each batch are, in the order of their ids: `{batch id: int64 (n,)}`."""
        order = np.lexsort((self.drawing_ids, self.batch_ids))
        found, firsts = np.unique(self.batch_ids[order], return_index=True)
        return dict(zip(found.tolist(), np.split(order, firsts[1:]), strict=False))

    @cached_property
    def version(self) -> str:
        """Hash of images and labels, as `Dataset.version`."""
        return self.parts[0].version if len(self.parts) == 1 else data_version(self.images, self.labels)

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
        source = self.source if callable(self.source) else self.source[chosen]
        return replace(self, source=source, parts=(), **arrays)


def digit_sets(store: Store, earlier: Sequence[DigitSet] = ()) -> list[DigitSet]:
    """Gather all sets: MNIST's test digits, then of each writer the test digits, then of each writer everything.

    Args:
        store: Where the drawings are.
        earlier: What this returned before; sets that are still the same are taken from it, with what they know.

    Raises:
        DataFileError: If MNIST cannot be read.
    """
    images, labels = mnist.load_test()
    n = len(labels)
    sets = [DigitSet(MNIST, "MNIST test set", images, labels.astype(np.int64), np.zeros(n, np.int64), np.arange(n))]
    batches = _batches(store)
    read, versions = partial(read_digits_of, store), {row.id: row.version for row in batches}
    of_batch = _known_rows(earlier, versions)
    changed = [each for each in versions if each not in of_batch]
    rows = _rows(store, changed if len(changed) <= _ASKED_ONE_BY_ONE else None)
    found, firsts = np.unique(rows[:, 1], return_index=True)
    of_batch |= dict(zip(found.tolist(), np.split(rows, firsts[1:]), strict=False))

    before = {(each.key, each.title): each for each in earlier}

    def drawn_in(key: str, title: str, batch_ids: Sequence[int]) -> DigitSet:
        of_today = {each: versions[each] for each in batch_ids}
        if (key, title) in before and before[key, title].batch_versions == of_today:
            return before[key, title]
        chosen = np.concatenate([of_batch[batch_id] for batch_id in batch_ids])
        ids, in_batch, drawn_labels = chosen[np.argsort(chosen[:, 0])].T.copy()
        return DigitSet(key, title, read, drawn_labels, in_batch, ids, of_today)

    drawn = [row for row in batches if row.id in of_batch]
    writers = sorted({row.writer for row in drawn})
    of = {writer: [row for row in drawn if row.writer == writer] for writer in writers}
    tests = {writer: [row.id for row in of[writer] if row.kind == "test"] for writer in writers}
    sets += [drawn_in(f"test:{each}", f"test digits of {each}", tests[each]) for each in writers if tests[each]]
    sets += [
        drawn_in(f"writer:{each}", f"all digits of {each}", [row.id for row in of[each]])
        for each in writers
        if len(of[each]) > len(tests[each])
    ]
    return sets


def merge_own_tests(sets: Sequence[DigitSet], writers: Collection[str] = ()) -> DigitSet | None:
    """Return the test digits of these writers together (none given: of all), or None if there are none."""
    tests = [each for each in sets if each.key.startswith("test:")]
    tests = [each for each in tests if not writers or each.key.removeprefix("test:") in writers]
    if not tests:
        return None
    order = np.argsort(np.concatenate([each.drawing_ids for each in tests]))  # as `read_dataset` has them
    arrays = {name: np.concatenate([getattr(each, name) for each in tests])[order] for name in _ARRAYS}
    source = tests[0].source if callable(tests[0].source) else np.concatenate([each.images for each in tests])[order]
    key = "tests:" + ",".join(each.key.removeprefix("test:") for each in tests)
    versions = {batch_id: version for each in tests for batch_id, version in each.batch_versions.items()}
    shown = all(each.shown for each in tests)
    return DigitSet(key, "own test digits", source, batch_versions=versions, parts=tests, shown=shown, **arrays)


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


def _batches(store: Store) -> Sequence[sa.Row[int, int, str, str]]:
    batches, writers = schema.batches.c, schema.writers.c
    query = sa.select(batches.id, batches.version, batches.kind, writers.name.label("writer")).order_by(batches.id)
    with store.read() as connection:
        return connection.execute(query.join(schema.writers, writers.id == batches.writer_id)).all()


def _known_rows(earlier: Sequence[DigitSet], versions: Mapping[int, int]) -> dict[int, _Ids]:
    """Return what `_rows` would read of those batches that have not changed since: `{batch id: rows}`."""
    known: dict[int, _Ids] = {}
    for digits in earlier:
        unchanged = [each for each, version in digits.batch_versions.items() if versions.get(each) == version]
        table = np.column_stack([digits.drawing_ids, digits.batch_ids, digits.labels])
        known |= {each: table[digits.places[each]] for each in unchanged if each in digits.places}
    return known


def _rows(store: Store, batch_ids: Sequence[int] | None) -> _Ids:
    """Return id, batch and label of the living drawings of batches (None: of all), int64 (n, 3), batch by batch."""
    table = schema.drawings.c
    query = sa.select(table.id, table.batch_id, table.label).where(table.deleted_at.is_(None)).order_by(table.batch_id)
    if batch_ids is not None:
        query = query.where(table.batch_id.in_(batch_ids))
    with store.read() as connection:
        rows = connection.execute(query).all()
    return np.fromiter(chain.from_iterable(rows), np.int64, 3 * len(rows)).reshape(-1, 3)
