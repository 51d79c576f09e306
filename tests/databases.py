"""New databases without waiting: Alembic makes the tables once a process, and its statements are repeated for the next.

All tests have that by `new_databases_are_quick` in conftest.py.
"""

import sqlalchemy as sa

from digitlab.storage import opening, schema
from tests.postgresql import execute

real_upgrade = opening.upgrade
_CHANGES = ("ALTER", "CREATE", "DROP", "INSERT", "UPDATE")
_kept = {}  # statements with their parameters, by kind of database and steps: a test may have steps of its own


def repeat_upgrade(connection, revision):
    """Do what `opening.upgrade` does; of an empty database by the statements with which it made the one before."""
    if revision is not None:
        real_upgrade(connection, revision)
        return
    key = connection.dialect.name, opening._scripts
    if key not in _kept:
        _kept[key] = _note_upgrade(connection)
        return
    for statement, parameters in _kept[key]:
        connection.exec_driver_sql(statement, parameters)


def _note_upgrade(connection):
    changes = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if statement.lstrip().startswith(_CHANGES):
            changes.append((statement, parameters))

    sa.event.listen(connection, "after_cursor_execute", note)
    real_upgrade(connection, None)
    sa.event.remove(connection, "after_cursor_execute", note)
    return changes


def empty_database(address):
    """Empty a PostgreSQL database of DigitLab's, as if it were new; whoever is still connected is cut off."""
    tables = [table.name for table in schema.metadata.sorted_tables]
    statements = [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()",
        f"TRUNCATE {', '.join(tables)} RESTART IDENTITY",
        f"INSERT INTO {schema.meta.name} (schema_version, data_version) VALUES ({schema.SCHEMA_VERSION}, 0)",
    ]
    execute(sa.make_url(address), "; ".join(statements))
