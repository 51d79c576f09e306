"""Up to schema version 7 models lay in a folder: they are taken in when their database is opened, and none is lost."""

import gzip
from pathlib import Path

import pytest

from digitlab.storage.models import read_model_file
from digitlab.storage.old_models import old_folder
from digitlab.storage.runs import delete_runs, read_runs
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store
from tests.storage.pads import counts

KINDS = ("keras", "tflite", "npz")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of an earlier version, with the model of one of its two networks."""
    place = tmp_path / "models"
    place.mkdir()
    for ending in (*KINDS, "json"):
        (place / f"full-1.{ending}").write_text(f"{ending} of full-1")
        (place / f"reference.{ending}").write_text("comes with the project")
        (place / f"stranger.{ending}").write_text("of another database")
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(place))
    return place


@pytest.fixture
def old(tmp_path):
    """The address of a database of an earlier version."""
    path = tmp_path / "digitlab.db"
    path.write_bytes(gzip.decompress((Path(__file__).parent / "before.db.gz").read_bytes()))
    return f"sqlite:///{path}"


def missing(store):
    return {run.id for run in read_runs(store) if run.model_missing}


def test_the_models_that_are_there_are_taken_in_and_the_others_marked(old, folder):
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    store = Store(old)
    assert [read_model_file(store, "full-1", kind) for kind in KINDS] == [
        f"{kind} of full-1".encode() for kind in KINDS
    ]
    assert missing(store) == {"dense-1"}
    assert counts(store)["model_files"] == 3
    store.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files, "no file is touched"


def test_once_is_enough(old, folder):
    Store(old).close()
    for path in folder.iterdir():
        path.write_text("changed")
    store = Store(old)
    assert read_model_file(store, "full-1", "tflite") == b"tflite of full-1"
    assert missing(store) == {"dense-1"}
    store.close()


def test_a_folder_that_is_named_later_is_still_found(old, folder, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(folder / "nowhere"))
    store = Store(old)
    assert missing(store) == {"dense-1", "full-1"}
    store.close()
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(folder))
    store = Store(old)
    assert missing(store) == {"dense-1"}
    store.close()


def test_a_file_that_cannot_be_read_leaves_all_as_it_was(old, folder, monkeypatch):
    """Nothing is upgraded in part: the next opening does it all."""
    read = Path.read_bytes

    def broken(path):
        if path.name == "full-1.tflite":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", broken)
    with pytest.raises(StoreError, match="full-1.tflite"):
        Store(old)
    monkeypatch.undo()
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(folder))
    store = Store(old)
    assert missing(store) == {"dense-1"}
    store.close()


def test_no_other_file_is_read_or_deleted_whatever_a_run_is_called(old, folder):
    (folder.parent / "secret.keras").write_text("not a model")
    store = Store(old)
    with store.write() as connection:
        for number, run_id in enumerate(["../secret", str(folder.parent / "secret"), "reference"]):
            connection.exec_driver_sql(
                "INSERT INTO runs (id, name, created_at, card, sources_erased) VALUES (?, ?, '', '{}', 0)",
                (run_id, f"run {number}"),
            )
    store.close()
    store = Store(old)
    assert counts(store)["model_files"] == 3
    delete_runs(store, ["../secret", str(folder.parent / "secret"), "reference"])
    store.close()
    assert (folder.parent / "secret.keras").exists()
    assert (folder / "reference.keras").exists()


def test_a_deleted_run_takes_the_files_of_the_earlier_version_with_it(old, folder):
    store = Store(old)
    delete_runs(store, ["full-1"])
    store.close()
    assert not list(folder.glob("full-1.*"))
    assert len(list(folder.glob("stranger.*"))) == 4


def test_without_a_word_it_is_the_folder_of_the_project(monkeypatch):
    monkeypatch.delenv("DIGITLAB_MODELS_DIR")
    assert (old_folder() / "reference.keras").is_file()
