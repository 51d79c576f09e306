import hashlib
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from digitlab.storage import opening, schema
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings, save_drawing
from digitlab.storage.schema import SCHEMA_VERSION, StoreError
from digitlab.storage.store import Store
from digitlab.storage.writers import read_writers
from tests.databases import real_upgrade, repeat_upgrade
from tests.storage.samples import DIGIT, STROKES

ROOT = Path(__file__).parents[2]
NOTE = "op.add_column('runs', sa.Column('note', sa.String(20), server_default='none'))"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request):
    """The address of a database without any table."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "new_postgresql_url")


@pytest.fixture(autouse=True)
def upgrades_are_real(monkeypatch):
    """Not repeated from those of another test."""
    monkeypatch.setattr(opening, "upgrade", real_upgrade)


@pytest.mark.parametrize("attempt", range(3))
def test_many_open_a_new_database_at_once(url, attempt):
    together, outcomes = threading.Barrier(6), []

    def open_it():
        together.wait()
        try:
            opened = Store(url)
            outcomes.append(opened.version())
            opened.close()
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == 6 * [0]


@pytest.fixture
def add_step(tmp_path, monkeypatch):
    """Add a step after the last one, which does what the text says: `add_step("op.execute('...')")`."""

    def add(text):
        folder = tmp_path / "migrations"
        shutil.copytree(ROOT / "digitlab/storage/migrations", folder)
        lines = ["import sqlalchemy as sa", "from alembic import op", f"revision = 'v{SCHEMA_VERSION + 1}'"]
        lines += [f"down_revision = 'v{SCHEMA_VERSION}'", "def upgrade():", f"    {text}"]
        lines += [f"    op.execute('UPDATE digitlab_meta SET schema_version = {SCHEMA_VERSION + 1}')"]
        (folder / "versions/later.py").write_text("\n".join(lines))
        monkeypatch.setattr(opening, "_scripts", lambda: ScriptDirectory(folder))
        monkeypatch.setattr(opening, "SCHEMA_VERSION", SCHEMA_VERSION + 1)

    return add


def columns(url, table):
    engine = sa.create_engine(url)
    names = {column["name"] for column in sa.inspect(engine).get_columns(table)}
    engine.dispose()
    return names


def change(url, *statements):
    """Change a database behind DigitLab's back; return what is in it, see `state`."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    if url.startswith("sqlite"):
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    return state(url)


def state(url):
    """All that is in a database: of SQLite the hash of its file, else its tables, columns, indexes and rows."""
    if url.startswith("sqlite"):
        return file_hash(url.removeprefix("sqlite:///"))
    engine, found = sa.create_engine(url, poolclass=sa.NullPool), sa.MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        return repr(
            [
                (
                    table.name,
                    [(column.name, str(column.type)) for column in table.columns],
                    sorted(str(index.name) for index in table.indexes),
                    connection.execute(sa.select(table)).all(),
                )
                for table in found.sorted_tables
            ]
        )


def file_hash(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_the_steps_lead_to_the_tables_of_today(store):
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == f"v{SCHEMA_VERSION}" == opening._scripts().get_current_head()
        assert connection.execute(sa.select(schema.meta)).all() == [(SCHEMA_VERSION, 0, False, False, 0, False)]


def test_the_databases_of_other_tests_are_made_of_the_same_statements(tmp_path, monkeypatch):
    def made(name):
        Store(f"sqlite:///{tmp_path / name}").close()
        with closing(sqlite3.connect(tmp_path / name)) as database:
            return list(database.iterdump())

    real = made("real.db")
    monkeypatch.setattr(opening, "upgrade", repeat_upgrade)
    assert [made("noted.db"), made("repeated.db")] == [real, real]


@pytest.mark.slow
def test_a_database_that_is_lent_on_is_as_a_new_one(postgresql_url, new_postgresql_url):
    Store(new_postgresql_url).close()
    assert state(postgresql_url) == state(new_postgresql_url)


def test_a_step_keeps_what_is_there_and_runs_once(store, url, batch_id, add_step):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    before = store.version()
    store.close()
    add_step(NOTE)
    for _ in range(2):
        again = Store(url)
        assert (again.version(), len(read_drawings(again, [batch_id]))) == (before, 1)
        again.close()
    assert "note" in columns(url, "runs")


def test_an_empty_database_gets_every_step(url, add_step):
    add_step(NOTE)
    Store(url).close()
    assert "note" in columns(url, "runs")


def test_a_step_that_fails_is_undone_as_a_whole(store, url, batch_id, add_step, monkeypatch):
    store.close()
    add_step(f"{NOTE}; op.execute('SELECT no_such_column FROM runs')")
    with pytest.raises(StoreError, match="cannot be opened: .*no_such_column"):
        Store(url)
    monkeypatch.undo()
    again = Store(url)
    assert [batch.id for batch in read_batches(again)] == [batch_id]
    again.close()
    assert "note" not in columns(url, "runs")


def test_a_database_of_the_first_version_gets_every_later_step(store, url, batch_id):
    store.close()
    later = [
        "DROP TABLE model_files",
        "DROP TABLE curve_points",
        "DROP TABLE forecasts",
        "DROP INDEX drawings_of_batch",
    ]
    later += ["DROP INDEX marked_drawings", "DROP TABLE predictions", "ALTER TABLE batches DROP COLUMN version"]
    later += ["DROP INDEX ix_writers_token_hash", "ALTER TABLE runs DROP COLUMN owner_id"]
    later += ["ALTER TABLE runs DROP COLUMN sources_erased"]
    later += [f"ALTER TABLE writers DROP COLUMN {name}" for name in ("token_hash", "teacher")]
    later += [
        f"ALTER TABLE digitlab_meta DROP COLUMN {name}"
        for name in ("frozen", "names_hidden", "last_id", "drawings_hidden")
    ]
    change(url, *later, "DROP TABLE alembic_version", "UPDATE digitlab_meta SET schema_version = 1")
    again = Store(url)
    assert read_writers(again) == {1: "Ana"}
    with again.read() as connection:
        assert connection.execute(sa.select(schema.curve_points)).all() == []
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    again.close()


def test_a_newer_database_is_refused(url, add_step, monkeypatch):
    add_step(NOTE)
    Store(url).close()
    monkeypatch.undo()
    before = change(url)
    message = rf"schema version {SCHEMA_VERSION} or older. Received: version {SCHEMA_VERSION + 1}.*Update DigitLab"
    with pytest.raises(StoreError, match=message):
        Store(url)
    assert change(url) == before


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DROP TABLE alembic_version", "at the revision v9. Received: \\[\\]"),
        ("DELETE FROM alembic_version", "at the revision v9. Received: \\[\\]"),
        ("UPDATE alembic_version SET version_num = 'f00'", "at the revision v9. Received: \\['f00'\\]"),
        ("UPDATE digitlab_meta SET schema_version = 2", "at the revision v2. Received: \\['v9'\\]"),
        ("DELETE FROM digitlab_meta", "cannot be opened: No row was found"),
    ],
)
def test_a_database_that_was_upgraded_in_part_is_refused_and_left_as_it_was(store, url, statement, message):
    store.close()
    before = change(url, statement)
    with pytest.raises(StoreError, match=message):
        Store(url)
    assert state(url) == before


def test_a_step_that_was_done_but_not_noted_is_refused_and_nothing_is_changed(store, url):
    store.close()
    before = change(url, "DROP TABLE alembic_version", "UPDATE digitlab_meta SET schema_version = 1")
    with pytest.raises(StoreError, match="cannot be opened: .*curve_points.* already exists"):
        Store(url)
    assert state(url) == before


def test_a_database_of_today_is_opened_without_alembic(store, url):
    store.close()
    program = (
        "import sys; from digitlab.storage.store import Store; Store(sys.argv[1]); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, url], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path, journal):
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA journal_mode = {journal}")
    other.execute("CREATE TABLE photos (name)")
    other.execute("INSERT INTO photos VALUES ('cat')")
    other.commit()
    other.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(StoreError, match=r"tables \['photos'\].*Point DIGITLAB_DATABASE_URL elsewhere"):
        Store(f"sqlite:///{path}")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    if journal == "DELETE":
        assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_database_is_refused_by_name(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("Buy milk.\n" * 200)
    for path in (text, tmp_path, tmp_path / "missing" / "digitlab.db"):
        with pytest.raises(StoreError, match="cannot be opened.*Check DIGITLAB_DATABASE_URL") as error:
            Store(f"sqlite:///{path}")
        assert str(path) in str(error.value)
    assert text.read_text() == "Buy milk.\n" * 200


@pytest.mark.parametrize("bad", ["digits.db", "", "nosuchdialect:///x"])
def test_addresses_that_are_none(bad):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(bad)


def test_a_password_is_never_told():
    with pytest.raises(StoreError) as error:
        Store("nosuchdialect://ana:secret@host/digits")
    assert "secret" not in str(error.value)
    assert "host/digits" in str(error.value)
