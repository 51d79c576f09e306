"""Digits on their way in: looked at before anything is stored, then stored in one transaction, none twice.

Digits to train on become a batch of kind `imported`, those to test with a batch of kind `test`, one of each for every
writer. The same picture is the same digit, whatever its label: what is in the database stays as it is.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, compress

import msgspec
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, Floats, Images, Labels
from digitlab.storage import schema
from digitlab.storage.digit_chunks import CHUNK, DigitChunk
from digitlab.storage.names import check_writer_name, check_written_name
from digitlab.storage.people import OWNER, Person, check_joined
from digitlab.storage.store import Store
from digitlab.storage.writers import take_writer

_log = logging.getLogger("digitlab.storage")


@dataclass(frozen=True)
class Incoming:
    """Digits that were read from files, none of them twice.

    Attributes:
        images: uint8 array of shape (n, 28, 28); those to test with come first.
        labels: int64 array of shape (n,).
        test: bool array of shape (n,): to test with, never to be trained on.
        strokes: Of each digit as JSON; "[]" where they are not known.
        writers: Of each digit, "" where the files do not tell.
        seconds: float64 array of shape (n,), active human seconds; 0 where the files do not tell.
        moments: Of each digit, when it was drawn: UTC, ISO 8601; "" where the files do not tell.
        twice: Further copies of the same pictures, which are left out.
    """

    images: Images
    labels: Labels
    test: npt.NDArray[np.bool_]
    strokes: tuple[bytes, ...]
    writers: tuple[str, ...]
    seconds: Floats
    moments: tuple[str, ...]
    twice: int

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.labels)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Incoming":
        """Return those for which `chosen`, a bool array of shape (n,), is true."""
        return Incoming(
            images=self.images[chosen],
            labels=self.labels[chosen],
            test=self.test[chosen],
            strokes=tuple(compress(self.strokes, chosen)),
            writers=tuple(compress(self.writers, chosen)),
            seconds=self.seconds[chosen],
            moments=tuple(compress(self.moments, chosen)),
            twice=self.twice,
        )


@dataclass(frozen=True)
class Known:
    """Which of the incoming digits are in the database.

    Attributes:
        there: bool array of shape (n,): the picture is there already.
        differ: Of these, how many are there with another label.
        newest: Highest id of a drawing that was looked at.
    """

    there: npt.NDArray[np.bool_]
    differ: int
    newest: int


@dataclass(frozen=True)
class Imported:
    """What was stored: ids of the new batches, and how many digits to train on and to test with."""

    batch_ids: tuple[int, ...]
    train: int
    test: int


def gather(chunks: Iterable[DigitChunk]) -> Incoming:
    """Gather what was read from files; of each picture the first is kept, those to test with before the others.

    Raises:
        ValueError: If a writer's name cannot be shown, or is much like the demo's; also what `chunks` raises.
    """
    pieces = sorted((_from_chunk(chunk) for chunk in chunks), key=lambda piece: not piece.test.all())
    everything = Incoming(
        images=np.concatenate([np.empty((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8), *(piece.images for piece in pieces)]),
        labels=np.concatenate([np.empty(0, np.int64), *(piece.labels for piece in pieces)]),
        test=np.concatenate([np.empty(0, bool), *(piece.test for piece in pieces)]),
        strokes=tuple(chain.from_iterable(piece.strokes for piece in pieces)),
        writers=tuple(chain.from_iterable(piece.writers for piece in pieces)),
        seconds=np.concatenate([np.empty(0), *(piece.seconds for piece in pieces)]),
        moments=tuple(chain.from_iterable(piece.moments for piece in pieces)),
        twice=0,
    )
    pictures = [_picture(image.tobytes()) for image in everything.images]
    first = {picture: place for place, picture in reversed(list(enumerate(pictures)))}
    kept = everything.only(np.array([first[picture] == place for place, picture in enumerate(pictures)], bool))
    return replace(kept, twice=len(everything) - len(kept))


def find_known(store: Store, incoming: Incoming, *, by: Person = OWNER) -> Known:
    """Find out which digits are in the database already: among all drawings, or those of a pupil.

    Raises:
        NotAllowedError: If `by` may not store anything.
    """
    with store.read() as connection:
        check_joined(connection, by)
        there = _pictures(connection, by, 0)
        newest = connection.execute(sa.select(sa.func.max(schema.drawings.c.id))).scalar() or 0
    labels = [there.get(_picture(image.tobytes())) for image in incoming.images]
    pairs = zip(labels, incoming.labels, strict=True)
    differ = sum(label is not None and label != other for label, other in pairs)
    return Known(np.array([label is not None for label in labels], bool), differ, int(newest))


def store_imported(
    store: Store,
    incoming: Incoming,
    known: Known,
    writer: str,
    *,
    test: bool = True,
    seed: int = 0,
    by: Person = OWNER,
) -> Imported:
    """Store what is not there yet: all of it or, after an error, nothing.

    Args:
        store: Where to.
        incoming: As `gather` returned it.
        known: As `find_known` returned it for the same digits.
        writer: Under whose name to store those of which the files do not tell the writer. A pupil's are all stored
            under the pupil's own name.
        test: False: leave out those to test with.
        seed: That made their order, of a sheet of paper; 0: there is none.
        by: Whoever brings them in.

    Raises:
        ValueError: If the name cannot be shown, or is that of the demo.
        NotAllowedError: If `by` may not store anything.
    """
    writer = check_writer_name(by.name if by.role == "pupil" else writer)
    wanted = incoming.only(~known.there & (~incoming.test | test))
    names = [writer if by.role == "pupil" else name or writer for name in wanted.writers]
    pictures = [_picture(image.tobytes()) for image in wanted.images]
    batch_ids, stored = [], {True: 0, False: 0}
    with store.write() as connection:
        check_joined(connection, by)
        since = _pictures(connection, by, known.newest)  # another window may have been quicker
        for name, is_test in sorted(set(zip(names, wanted.test.tolist(), strict=True))):
            places = [
                place
                for place, picture in enumerate(pictures)
                if names[place] == name and wanted.test[place] == is_test and picture not in since
            ]
            if places:
                of_batch = {"writer_id": take_writer(connection, name), "seed": seed}
                batch_ids.append(_store_batch(connection, wanted, places, of_batch, is_test))
                stored[is_test] += len(places)
    _log.info("Imported: %d digits to train on, %d to test with.", stored[False], stored[True])
    return Imported(tuple(batch_ids), stored[False], stored[True])


def _store_batch(
    connection: sa.Connection, incoming: Incoming, places: Sequence[int], of_batch: dict[str, int], is_test: bool
) -> int:
    now, batch_id = schema.now(), schema.new_id(connection, schema.batches)
    labels = incoming.labels[places].tolist()
    kind = "test" if is_test else "imported"
    values = {"kind": kind, "labels": labels, "created_at": now}
    schema.insert(connection, schema.batches, id=batch_id, **values, **of_batch)
    for start in range(0, len(places), CHUNK):
        rows = [
            {
                "batch_id": batch_id,
                "position": start + number,
                "label": int(incoming.labels[place]),
                "strokes": json.loads(incoming.strokes[place]),
                "digit": incoming.images[place].tobytes(),
                "seconds": float(incoming.seconds[place]),
                "created_at": incoming.moments[place] or now,
            }
            for number, place in enumerate(places[start : start + CHUNK])
        ]
        connection.execute(schema.drawings.insert(), rows)
    schema.mark_changed(connection, [batch_id])
    return batch_id


def _from_chunk(chunk: DigitChunk) -> Incoming:
    n = len(chunk)
    names = {name: name and check_written_name(name) for name in {*chunk.writers}}
    return Incoming(
        images=chunk.images,
        labels=chunk.labels,
        test=np.full(n, chunk.split == "test"),
        strokes=tuple(
            msgspec.json.encode([stroke.tolist() for stroke in drawn]) for drawn in chunk.strokes or [()] * n
        ),
        writers=tuple(names[name] for name in chunk.writers) or ("",) * n,
        seconds=np.zeros(n) if chunk.seconds is None else np.nan_to_num(chunk.seconds),
        moments=tuple(map(_moment, chunk.moments)) or ("",) * n,
        twice=0,
    )


def _pictures(connection: sa.Connection, by: Person, after: int) -> dict[bytes, int]:
    """Return the label of each picture among the drawings newer than `after`; of a pupil among the pupil's own."""
    table, batches = schema.drawings.c, schema.batches.c
    query = sa.select(table.digit, table.label).where(table.deleted_at.is_(None), table.id > after)
    if not by.may_do_everything:
        query = query.where(table.batch_id.in_(sa.select(batches.id).where(batches.writer_id == by.id)))
    rows = connection.execute(query.execution_options(yield_per=CHUNK))  # not the connection: it goes on to write
    return {_picture(row.digit): row.label for row in rows}


def _picture(digit: bytes) -> bytes:
    return hashlib.blake2b(digit, digest_size=16).digest()


def _moment(text: str) -> str:
    """Return a moment as the tables hold it; "" where a file tells none that can be read."""
    try:
        moment = datetime.fromisoformat(text.strip().removesuffix(" UTC"))
        utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return utc.isoformat(timespec="milliseconds")
