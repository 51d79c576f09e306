"""Addresses of databases, and how they are shown: never with a password."""

import re
from pathlib import Path
from urllib.parse import unquote

import sqlalchemy as sa

from digitlab.storage.schema import StoreError

_ONLY_A_FILE = "sqlite"  # an address of this kind has neither a name nor a password


def parse(url: str) -> sa.URL:
    """Return an address in its parts.

    Args:
        url: SQLAlchemy address of an SQLite or PostgreSQL database.

    Raises:
        StoreError: If it is none.
    """
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # what they say may quote a part of a password
        raise StoreError(_refusal(url, "this is no address of a database")) from None
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(_refusal(url, "DigitLab works with SQLite and PostgreSQL"))
    return address


def shown(url: str) -> str:
    """Return an address as it may be shown: without name, password and options.

    Example:
        >>> shown("postgresql+psycopg://ana:secret@school:5432/digits?sslmode=require")
        'postgresql+psycopg://school:5432/digits'
    """
    kind, is_address, rest = url.partition("://")
    if kind == _ONLY_A_FILE:
        return url.partition("?")[0]
    if not is_address:
        return url if re.fullmatch(r"[\w./-]*", url) else "that was given"
    return f"{kind}://{rest.partition('?')[0].rpartition('@')[2]}"


def without_secrets(text: object, url: str) -> str:
    """Return what a database said in one line, without any part of the address that is secret."""
    line = " ".join(str(text).split())
    kind, _, rest = url.partition("://")
    if kind == _ONLY_A_FILE:
        return line
    login, _, options = rest.partition("?")
    _, _, password = login.rpartition("@")[0].partition(":")
    values = [option.partition("=")[2] for option in options.split("&") if "pass" in option.partition("=")[0].lower()]
    for secret in (password, *re.split("[/@:]", password), *values):
        for form in (secret, unquote(secret)):
            line = line.replace(form, "***") if form else line
    return line


def file_of(url: str) -> Path:
    """Return the file of an SQLite database.

    Raises:
        StoreError: If it is not in a file.
    """
    address = parse(url)
    if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
        raise StoreError(f"Expected an SQLite database in a file. Received: {shown(url)}.")
    return Path(address.database)


def _refusal(url: str, why: str) -> str:
    return (
        f"The database {shown(url)} cannot be opened: {why}. Check DIGITLAB_DATABASE_URL: Expected an address such as "
        "sqlite:////home/ana/digits.db or postgresql+psycopg://NAME:PASSWORD@HOST/DATABASE."
    )
