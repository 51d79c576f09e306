"""An address may hold a password: nothing that is told of it does."""

import logging

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from digitlab.__main__ import app
from digitlab.storage.addresses import shown, without_secrets
from digitlab.storage.backup import back_up, restore
from digitlab.storage.copying import copy_database
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store
from digitlab.storage.writers import read_writers

SECRET = "s3cr3t"
ADDRESSES = [
    "postgresql+psycopg://ana:s3cr3t@127.0.0.1:1/digits",
    "postgresql://ana:s3cr3t@127.0.0.1:1/digits",
    "postgresql+psycopg://ana:%73%33cr3t@127.0.0.1:1/digits",
    "postgresql+psycopg://ana:x@s3cr3t@127.0.0.1:1/digits",
    "postgresql+psycopg://ana:x/s3cr3t@127.0.0.1:1/digits",
    "postgresql+psycopg://ana:x:s3cr3t@127.0.0.1:1/digits",
    "postgresql+psycopg://ana@127.0.0.1:1/digits?password=s3cr3t",
    "postgresql+psycopg://127.0.0.1:1/digits?user=ana&sslpassword=s3cr3t&connect_timeout=1",
    "postgresql+psycopg://ana:s3cr3t@127.0.0.1:port/digits",
    "postgresql+nodriver://ana:s3cr3t@127.0.0.1/digits",
    "mysql://ana:s3cr3t@127.0.0.1/digits",
    "nosuchdialect://ana:s3cr3t@127.0.0.1/digits",
    "ana:s3cr3t@127.0.0.1/digits",
    "://ana:s3cr3t@127.0.0.1/digits",
    "postgresql//ana:s3cr3t",
    "ana:s3cr3t",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_message_and_no_log_tells_a_password(address, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    good = f"sqlite:///{tmp_path / 'good.db'}"
    Store(good).close()
    for use in (
        lambda: Store(address),
        lambda: back_up(address, tmp_path / "b.db"),
        lambda: restore(tmp_path / "good.db", address),
        lambda: copy_database(address, good),
        lambda: copy_database(good, address),
    ):
        with pytest.raises(StoreError) as error:
            use()
        assert SECRET not in str(error.value)
        assert SECRET not in _chain(error.value)
    done = CliRunner().invoke(app, ["copy-database", address, good])
    assert done.exit_code == 1
    assert SECRET not in done.output + done.stderr + caplog.text


def _chain(error):
    """What a traceback would show of an error and of what led to it."""
    told = ""
    while error is not None:
        told += f"{error!r}\n"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        (
            "postgresql+psycopg://ana:s3cr3t@school:5432/digits?sslmode=require",
            "postgresql+psycopg://school:5432/digits",
        ),
        ("postgresql+psycopg:///digits?host=/run/postgresql", "postgresql+psycopg:///digits"),
        ("sqlite:////home/ana@school/digits.db", "sqlite:////home/ana@school/digits.db"),
        ("sqlite://", "sqlite://"),
        ("digits.db", "digits.db"),
        ("ana:s3cr3t", "that was given"),
    ],
)
def test_the_rest_of_an_address_is_shown(address, seen):
    assert shown(address) == seen


def test_what_a_database_says_is_one_line_without_secrets():
    said = 'connection to "ret" failed\n\tfor password "p@ret" or p%40ret'
    told = without_secrets(said, "postgresql://ana:p%40ret@host/digits")
    assert told == 'connection to "ret" failed for password "***" or ***'


@pytest.mark.slow
def test_a_wrong_password_is_told_without_it(postgresql):
    wrong = postgresql.set(password=f"{SECRET}-wrong").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="cannot be opened.*password authentication failed") as error:
        Store(wrong)
    assert SECRET not in str(error.value) + _chain(error.value)


@pytest.mark.slow
def test_a_server_that_is_gone_is_told_without_the_password(postgresql_url):
    store, password = Store(postgresql_url), sa.make_url(postgresql_url).password
    store._engine.dispose()
    store._engine = sa.create_engine(sa.make_url(postgresql_url).set(port=1))
    with pytest.raises(StoreError, match="cannot be read.*refused") as error:
        read_writers(store)
    with pytest.raises(StoreError, match="cannot be written to.*refused") as second, store.write():
        pass
    assert password not in f"{error.value} {second.value}"
    store.close()
