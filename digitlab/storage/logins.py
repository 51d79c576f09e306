"""Who logs in at a provider of logins: found by a hash, in the column that holds those of personal links too."""

import hashlib
import json
from dataclasses import dataclass

import sqlalchemy as sa

from digitlab.storage import classroom, schema
from digitlab.storage.people import Person
from digitlab.storage.store import Store


@dataclass(frozen=True)
class Login:
    """Whom a provider has let in, and what the server's settings say of the account.

    Attributes:
        issuer: Address of the provider.
        subject: What the provider calls the account; it never calls another one so.
        teacher: Whether the account is a teacher's, today.
    """

    issuer: str
    subject: str
    teacher: bool


def find_person(store: Store, login: Login) -> Person | None:
    """Return whose login this is; None if they have no name yet. Who is a teacher no more, or is one now, is noted."""
    table = schema.writers
    with store.read() as connection:
        query = sa.select(table.c.id, table.c.name, table.c.teacher).where(table.c.token_hash == _hash(login))
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.teacher != login.teacher:
        with store.write() as connection:
            connection.execute(table.update().where(table.c.id == row.id).values(teacher=login.teacher))
    return Person(row.id, row.name, "teacher" if login.teacher else "pupil")


def join(store: Store, name: str, login: Login) -> Person:
    """Take a name that is free, at the first login. Of the account only the hash is kept, no address and no name.

    Raises:
        ValueError: If the name is taken, empty, too long or cannot be shown, or the account has a name already.
        NotAllowedError: If it is a pupil, and the class is frozen.
    """
    return classroom.take_name(store, name, _hash(login), teacher=login.teacher)


def _hash(login: Login) -> str:
    # Another function than that of links: issuer and subject are no secret, and must never do as somebody's token.
    known = json.dumps([login.issuer, login.subject]).encode()
    return hashlib.blake2b(known, digest_size=32, person=b"login").hexdigest()
