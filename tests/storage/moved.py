"""What a database holds, to be compared with another one."""

import sqlalchemy as sa

from digitlab.storage import schema

LEFT_OUT = {"digitlab_meta", "predictions"}  # what a class has set; what is worked out again
CLASS = ("token_hash", "teacher", "version")  # columns of a class, and of the caches of a database


def tables(store, *without):
    """All rows of all tables, each as {column: value}."""
    found = {}
    with store.read() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
                found[table.name] = [{name: row[name] for name in row if name not in without} for row in rows]
    return found


def counted(found):
    """The same with sheets numbered in their order: an id that is made of prompts becomes another one elsewhere."""
    sheets = sorted(found["sheets"], key=lambda row: (row["created_at"], row["id"]))
    numbers = {row["id"]: number for number, row in enumerate(sheets, 1)}
    return found | {
        "sheets": [row | {"id": numbers[row["id"]]} for row in sheets],
        "pen_events": [row | {"sheet_id": numbers[row["sheet_id"]]} for row in found["pen_events"]],
    }
