"""A PostgreSQL server of the tests' own: on loopback, on a free port, in a temporary folder; with passwords."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

NAME = "digitlab"
_QUICK = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=100",
    "shared_buffers=32MB",
    "max_wal_size=64MB",
)


class NoServerError(RuntimeError):
    """There is no PostgreSQL on this machine; the message says how to get one."""


def find_programs() -> Path:
    """Folder of PostgreSQL's programs: that of `initdb`, or where Debian puts those of the newest version."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        raise NoServerError("no PostgreSQL is installed (Debian: apt-get install postgresql)")
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise NoServerError("psycopg is missing (pip install -r requirements-postgresql.txt)") from error
    return folders[-1]


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="digitlab-postgresql-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))


@contextmanager
def run_server() -> Iterator[sa.URL]:
    """Run a server; give the address of the database that every server has.

    PostgreSQL does not run as root: then it runs as Debian's user `postgres`.
    """
    programs = find_programs()
    whose = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder, password = _new_folder(), secrets.token_urlsafe(12)
    (folder / "password").write_text(password)
    for path in (folder, folder / "password"):
        if whose:
            shutil.chown(path, "postgres", "postgres")
    try:
        make = [programs / "initdb", "-D", folder / "data", "-U", NAME, "--pwfile", folder / "password"]
        make += ["-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        subprocess.run(make, **whose, cwd="/", check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        start = [programs / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        start += [word for setting in _QUICK for word in ("-c", setting)]
        with (folder / "log").open("w") as log, subprocess.Popen(start, **whose, cwd="/", stderr=log) as server:
            try:
                address = sa.URL.create("postgresql+psycopg", NAME, password, "127.0.0.1", port, "postgres")
                _wait(address, server)
                yield address
            finally:
                server.send_signal(2)  # SIGINT: end at once, in order
                with suppress(subprocess.TimeoutExpired):
                    server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: sa.URL, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while True:
        try:
            execute(address, "SELECT 1")
        except sa.exc.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def execute(address: sa.URL, statements: str) -> None:
    """Run statements, or one that must not be in a transaction, such as CREATE DATABASE."""
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statements)
    engine.dispose()


@contextmanager
def new_database(server: sa.URL) -> Iterator[str]:
    """Make an empty database on a server and give its address; it is deleted with whoever is still connected."""
    name = f"test_{secrets.token_hex(6)}"
    execute(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")
