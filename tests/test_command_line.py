"""`python -m digitlab` as a teacher types it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.helpers import a_run, add_run

ROOT = Path(__file__).parents[1]


@pytest.fixture
def call(tmp_path):
    """Run it with a database of its own: `call("backup", file)` -> exit code, output, errors."""

    def run(*arguments):
        places = {"DIGITLAB_DATABASE_URL": f"sqlite:///{tmp_path / 'digitlab.db'}"}
        command = [sys.executable, "-m", "digitlab", *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **places}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return run


def test_a_backup_and_its_return(call, tmp_path):
    url, file = f"sqlite:///{tmp_path / 'digitlab.db'}", tmp_path / "monday.db"
    store = Store(url)
    batch_id = start_batch(store, add_writer(store, "Ana"), "full", [3], 0)
    save_drawing(store, (batch_id, 0), [np.zeros((2, 2))], np.zeros((28, 28), np.uint8), 1.0)
    add_run(store, a_run("full-1", "full"))
    store.close()
    code, said, _ = call("backup", file)
    assert (code, said) == (0, f"Written to {file}: 1 drawings, 1 runs, 1 models.\n")
    code, _, complaint = call("restore", file)
    assert code == 1
    assert "--force" in complaint
    assert "Traceback" not in complaint
    code, said, _ = call("restore", "--force", file)
    assert (code, said) == (0, f"Restored from {file}: 1 drawings, 1 runs, 1 models.\n")


def test_without_a_command_it_says_what_there_is(call):
    code, _, complaint = call()
    assert code == 2
    assert "backup,restore,copy-database" in complaint.replace(" ", "")


def test_a_class_moves_into_another_database(call, tmp_path):
    source, target = (f"sqlite:///{tmp_path / name}" for name in ("digitlab.db", "new.db"))
    store = Store(source)
    add_writer(store, "Ana")
    add_run(store, a_run("full-1", "full"))
    store.close()
    code, said, _ = call("copy-database", source, target)
    assert code == 0
    assert f"Copied from {source} to {target}: 0 drawings, 1 runs, 2 files of models, 4 rows in all." in said
    code, said, complaint = call("copy-database", source, target)
    assert (code, said) == (1, "")
    assert "Expected an empty database" in complaint
    assert "Traceback" not in complaint
