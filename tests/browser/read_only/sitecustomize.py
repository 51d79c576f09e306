"""Python runs this at its start where this folder is on its path: a server whose database can be made read-only.

While the file that DIGITLAB_TEST_READ_ONLY names is there, SQLite refuses all writes of this process as it does where a
file or its disk may not be written to. Taking the permission away does not do that: it is asked for when a file is
opened, and root has it always.
"""

import os
import sqlite3
import sqlite3.dbapi2
from pathlib import Path

_flag = Path(os.environ.get("DIGITLAB_TEST_READ_ONLY", "/nowhere"))
_connect = sqlite3.connect


class Connection(sqlite3.Connection):
    def cursor(self, *arguments, **more):
        sqlite3.Cursor(self).execute(f"PRAGMA query_only = {int(_flag.exists())}")
        return super().cursor(*arguments, **more)


def connect(*arguments, **more):
    return _connect(*arguments, **{"factory": Connection, **more})


sqlite3.connect = sqlite3.dbapi2.connect = connect
