"""A class: who has joined it, by which personal link they come back, and what the teacher has set."""

import hashlib
import re
import secrets
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.names import DEMO_WRITER, check_writer_name
from digitlab.storage.people import NotAllowedError, Person, check_joined, check_teacher
from digitlab.storage.store import Store

_FROZEN = "Your teacher has frozen the class: nobody joins now. Come back when it goes on."
_HIDDEN = re.compile(r"writer \d+")  # what a pupil sees in place of a name that is hidden; nobody is called so


@dataclass(frozen=True)
class ClassSettings:
    """What the teacher has set.

    Attributes:
        frozen: Pupils change nothing.
        names_hidden: Pupils do not see the names of others.
        drawings_hidden: Pupils do not see the drawings of others; see `seen_drawings`.
    """

    frozen: bool
    names_hidden: bool
    drawings_hidden: bool = False


@dataclass(frozen=True)
class Member:
    """A person of the class: id and name, and how many digits are kept of them."""

    id: int
    name: str
    teacher: bool
    digits: int


def join(store: Store, name: str, *, teacher: bool = False) -> tuple[Person, str]:
    """Take a name that is free; whoever calls this has checked the code of the class.

    Returns:
        The person, and the token of their personal link. Only a hash of it is kept: it cannot be shown again.

    Raises:
        ValueError: If the name is taken, empty, too long, or cannot be shown.
        NotAllowedError: If it is a pupil, and the class is frozen.
    """
    token = secrets.token_urlsafe(24)
    return take_name(store, name, _hash(token), teacher=teacher), token


def take_name(store: Store, name: str, token_hash: str, *, teacher: bool) -> Person:
    """Add somebody who is found again by a hash: that of their link, or of their login.

    Raises:
        ValueError: If the name is taken, empty, too long or cannot be shown, or if the hash is somebody's already.
        NotAllowedError: If it is a pupil, and the class is frozen.
    """
    name = check_writer_name(name)
    if _HIDDEN.fullmatch(name.casefold()):
        raise ValueError(
            "Expected a name of your own. Received: one that stands for a hidden name. Choose another one."
        )
    table = schema.writers
    with store.write() as connection:
        if not teacher and connection.execute(sa.select(schema.meta.c.frozen)).scalar_one():
            raise NotAllowedError(_FROZEN)
        if connection.execute(sa.select(table.c.id).where(table.c.token_hash == token_hash)).first():
            raise ValueError("Expected somebody without a name. Received: one who has a name. Load the page anew.")
        known = connection.execute(sa.select(table.c.name)).scalars()
        if name.casefold() in {each.casefold() for each in known}:
            raise ValueError("Expected a name that nobody has taken. Received: one that is taken. Choose another one.")
        new = schema.new_id(connection, table)
        writer_id = schema.insert(connection, table, id=new, name=name, token_hash=token_hash, teacher=teacher)
    return Person(writer_id, name, "teacher" if teacher else "pupil")


def find_person(store: Store, token: str) -> Person | None:
    """Return whose personal link holds this token; None if it is nobody's."""
    table = schema.writers.c
    query = sa.select(table.id, table.name, table.teacher).where(table.token_hash == _hash(token))
    with store.read() as connection:
        row = connection.execute(query).one_or_none()
    return row and Person(row.id, row.name, "teacher" if row.teacher else "pupil")


def renew_link(store: Store, writer_id: int, by: Person) -> str:
    """Give a person a new personal link, for one that is lost; return its token. The old one leads nowhere.

    Raises:
        NotAllowedError: If `by` is not the teacher.
    """
    check_teacher(by)
    token = secrets.token_urlsafe(24)
    with store.write() as connection:
        connection.execute(
            schema.writers.update().where(schema.writers.c.id == writer_id).values(token_hash=_hash(token))
        )
    return token


def read_settings(store: Store) -> ClassSettings:
    """Return what the teacher has set."""
    with store.read() as connection:
        meta = schema.meta.c
        row = connection.execute(sa.select(meta.frozen, meta.names_hidden, meta.drawings_hidden)).one()
    return ClassSettings(row.frozen, row.names_hidden, row.drawings_hidden)


def set_settings(store: Store, settings: ClassSettings, by: Person) -> None:
    """Freeze the class, or hide the names or the drawings of others.

    Raises:
        NotAllowedError: If `by` is not the teacher.
    """
    check_teacher(by)
    with store.write() as connection:
        connection.execute(schema.meta.update().values(asdict(settings)))


def check_may_begin(store: Store, by: Person) -> None:
    """Check that somebody may begin something that writes later on, such as a training.

    Raises:
        NotAllowedError: If they have not joined the class, or the class is frozen.
    """
    with store.read() as connection:
        check_joined(connection, by)


def end_class(store: Store, by: Person) -> None:
    """End the class: the personal links of all pupils lead nowhere, and it is frozen, so that nobody joins.

    Raises:
        NotAllowedError: If `by` is not the teacher.
    """
    check_teacher(by)
    with store.write() as connection:
        connection.execute(schema.writers.update().where(~schema.writers.c.teacher).values(token_hash=None))
        connection.execute(schema.meta.update().values(frozen=True))


def read_hidden_names(store: Store, by: Person) -> dict[str, str]:
    """Return what somebody sees in place of the names that are hidden from them: `{"Bo": "writer 7"}`."""
    if by.may_do_everything or not read_settings(store).names_hidden:
        return {}
    with store.read() as connection:
        rows = connection.execute(sa.select(schema.writers.c.id, schema.writers.c.name)).all()
    return {row.name: f"writer {row.id}" for row in rows if row.id != by.id and row.name != DEMO_WRITER}


def read_members(store: Store) -> list[Member]:
    """Return everybody who draws here, by name, with the number of their digits."""
    writers, batches, drawings = schema.writers, schema.batches, schema.drawings
    alive = sa.case((drawings.c.deleted_at.is_(None), drawings.c.id))
    query = (
        sa.select(writers.c.id, writers.c.name, writers.c.teacher, sa.func.count(alive).label("digits"))
        .outerjoin(batches, batches.c.writer_id == writers.c.id)
        .outerjoin(drawings, drawings.c.batch_id == batches.c.id)
        .group_by(writers.c.id)
        .order_by(writers.c.name)
    )
    with store.read() as connection:
        return [Member(row.id, row.name, row.teacher, row.digits) for row in connection.execute(query)]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
