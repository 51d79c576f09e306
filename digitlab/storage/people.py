"""Who may change what. Whoever writes says who they are, and it is checked in the transaction that writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from digitlab.storage import schema

Role = Literal["owner", "teacher", "pupil", "visitor"]


class NotAllowedError(ValueError):
    """Somebody wants to change what is not theirs; the message says what they may do."""


@dataclass(frozen=True)
class Person:
    """Whoever uses the pages.

    Attributes:
        id: Of the writer in the store; None of the owner of a machine, who may draw under any name, and of a visitor.
        name: For the reader.
        role: The `owner` of a machine and a `teacher` may change everything, a `pupil` what is theirs, a `visitor` who
            has not joined the class nothing.
    """

    id: int | None
    name: str
    role: Role

    @property
    def may_do_everything(self) -> bool:
        """Whether no drawing, run or job is out of reach."""
        return self.role in ("owner", "teacher")


OWNER = Person(None, "you", "owner")
VISITOR = Person(None, "", "visitor")


def check_joined(connection: sa.Connection, by: Person) -> None:
    """Check that somebody may write at all, in the caller's transaction.

    Raises:
        NotAllowedError: If they have not joined the class, or the class is frozen.
    """
    if by.may_do_everything:
        return
    if by.role == "visitor":
        raise NotAllowedError(
            "Expected somebody who has joined the class. Received: a visitor. Join on the first page."
        )
    if connection.execute(sa.select(schema.meta.c.frozen)).scalar_one():
        raise NotAllowedError("Your teacher has frozen the class: everything can be looked at, nothing is changed now.")


def check_teacher(by: Person) -> None:
    """Check that somebody may look after the class.

    Raises:
        NotAllowedError: If `by` is not the teacher.
    """
    if not by.may_do_everything:
        raise NotAllowedError("Expected the teacher. Received: somebody else. Nothing was changed.")


def check_writers(connection: sa.Connection, by: Person, writer_ids: Iterable[int | None]) -> None:
    """Check that somebody may change what belongs to these writers, in the caller's transaction.

    Raises:
        NotAllowedError: If something of it is another one's, or they may not write at all.
    """
    check_joined(connection, by)
    if not by.may_do_everything and any(writer_id != by.id for writer_id in writer_ids):
        raise NotAllowedError(
            "Expected something of your own to change. Received: another person's. Nothing was changed."
        )


def check_batches(connection: sa.Connection, by: Person, batches: sa.ColumnElement[bool]) -> None:
    """Check that somebody may draw in the batches for which a condition holds; see `check_writers`."""
    if not by.may_do_everything:
        writers = sa.select(schema.batches.c.writer_id).where(batches).distinct()
        check_writers(connection, by, connection.execute(writers).scalars())


def check_drawings(connection: sa.Connection, by: Person, drawings: sa.ColumnElement[bool]) -> None:
    """Check that somebody may change the drawings for which a condition holds; see `check_writers`."""
    if not by.may_do_everything:
        check_batches(connection, by, schema.batches.c.id.in_(sa.select(schema.drawings.c.batch_id).where(drawings)))
