"""`python -m digitlab` as it is typed: the examples of docs/command_line.md, exit codes, and what machines read."""

import gzip
import io
import json
import shlex
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from digitlab import __version__, mnist
from digitlab.__main__ import app
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.formats.a_photo import photographed, written
from tests.helpers import a_run, add_run

ROOT = Path(__file__).parents[1]
EXAMPLES = [
    shlex.split(line)[3:]
    for line in (ROOT / "docs" / "command_line.md").read_text().splitlines()
    if line.startswith("    python -m digitlab ")
]


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run it in a folder and with a database of its own: `call("backup", file)` -> exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", f"sqlite:///{tmp_path / 'digitlab.db'}")

    def run(*arguments):
        done = CliRunner().invoke(app, list(map(str, arguments)), prog_name="python -m digitlab")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.fixture
def store(call, tmp_path):
    opened = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    yield opened
    opened.close()


def write_set(path, n=80, start=0):
    """An NPZ of MNIST's test digits."""
    images, labels = (array[start : start + n] for array in mnist.load_test())
    half = n * 3 // 4
    np.savez(path, x_train=images[:half], y_train=labels[:half], x_test=images[half:], y_test=labels[half:])


def test_all_commands_have_an_example():
    named = {command.name for command in app.registered_commands}
    assert named == {example[0] for example in EXAMPLES}


@pytest.mark.slow
def test_the_examples_of_the_documentation(call, store, tmp_path):
    write_set(tmp_path / "my-digits.npz", 120)
    with zipfile.ZipFile(tmp_path / "my-digits.zip", "w") as archive:
        archive.write(tmp_path / "my-digits.npz", "digits.npz")
    photo = photographed(written([3, 1, 4], columns=3))
    Image.fromarray(photo).save(tmp_path / "photo.jpg", quality=80)
    write_emnist(tmp_path / "emnist")
    said = {}
    for example in EXAMPLES:
        code, out, errors = call(*example)
        assert code == 0, (example, errors)
        said.setdefault(" ".join(example[:2]), []).append(out)
    (only_told, stored), (there,) = said["import my-digits.zip"], said["info"]
    assert only_told == "120 digits: 120 new, 30 of them to test with. Nothing was stored.\n"
    assert "Stored: 90 to train on, 30 to test with." in stored
    assert "Ana: 90 imported, 30 test" in there
    assert "photo.jpg: 3 (" in said["predict photo.jpg"][0]
    assert json.loads(said["evaluate ana.zip"][0])["tests"]["files"]["n"] == 120
    assert json.loads(said["export sevens.zip"][0])["format"] == "png"
    (run,) = read_runs(store)
    assert (run.human_seconds, run.settings.epochs, run.train.imported) == (0.0, 1, 90)
    assert run.name == "90 imported digits by Ana"
    assert b"<html" in (tmp_path / "report.html").read_bytes()[:200]
    images = gzip.decompress((tmp_path / "emnist-upright" / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    assert images == mnist.load_test()[0][:200].tobytes()


def write_emnist(folder):
    """Digits as EMNIST is distributed: on the side, in a mirror."""
    folder.mkdir()
    images, labels = (array[:200] for array in mnist.load_test())
    lying = np.ascontiguousarray(images.transpose(0, 2, 1))
    for name, array in (("images-idx3", lying), ("labels-idx1", labels)):
        header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
        (folder / f"emnist-digits-test-{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))


def test_a_backup_and_its_return(call, store, tmp_path):
    file = tmp_path / "monday.db"
    batch_id = start_batch(store, add_writer(store, "Ana"), "full", [3], 0)
    save_drawing(store, (batch_id, 0), [np.zeros((2, 2))], np.zeros((28, 28), np.uint8), 1.0)
    add_run(store, a_run("full-1", "full"))
    store.close()
    code, said, _ = call("backup", file)
    assert (code, said) == (0, f"Written to {file}: 1 drawings, 1 runs, 1 models.\n")
    code, _, complaint = call("restore", file)
    assert code == 1
    assert "--force" in complaint
    code, said, _ = call("restore", "--force", file)
    assert (code, said) == (0, f"Restored from {file}: 1 drawings, 1 runs, 1 models.\n")


def test_a_class_moves_into_another_database(call, store, tmp_path):
    source, target = (f"sqlite:///{tmp_path / name}" for name in ("digitlab.db", "new.db"))
    add_writer(store, "Ana")
    add_run(store, a_run("full-1", "full"))
    code, said, _ = call("copy-database", source, target)
    assert code == 0
    assert f"Copied from {source} to {target}: 0 drawings, 1 runs, 2 files of models, 4 rows in all." in said
    code, said, complaint = call("copy-database", source, target)
    assert (code, said) == (1, "")
    assert "Expected an empty database" in complaint
    other = f"sqlite:///{tmp_path / 'third.db'}"
    assert json.loads(call("copy-database", source, other, "--json")[1]) == {
        "from": source, "to": other, "drawings": 0, "runs": 1, "model_files": 2, "rows": 4,
    }  # fmt: skip


def test_as_a_program_it_says_what_there_is():
    done = subprocess.run([sys.executable, "-m", "digitlab"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    for command in (
        "export",
        "import",
        "info",
        "train",
        "evaluate",
        "predict",
        "report",
        "backup",
        "restore",
        "copy-database",
    ):
        assert f"  {command} " in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_told_and_stands_in_one_place(call):
    assert call("--version") == (0, f"DigitLab {__version__}\n", "")
    assert [path.name for path in (ROOT / "digitlab").rglob("*.py") if f'"{__version__}"' in path.read_text()] == [
        "__init__.py"
    ]


def test_help_explains_every_option(call):
    for command in app.registered_commands:
        code, said, _ = call(command.name, "--help")
        assert code == 0
        assert command.callback.__doc__.splitlines()[0][:40] in said
        options = [line for line in said.splitlines() if line.startswith("  --") and "--help" not in line]
        assert options


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nonsense"], 2, "No such command"),
        (["export"], 2, "Missing argument"),
        (["export", "a.zip"], 3, "There are no such digits. Draw some"),
        (["export", "a.zip", "--writer", "Bo"], 3, "nobody called Bo"),
        (["train"], 3, "--on mnist"),
        (["train", "--on", "cats"], 1, "--on to be one of"),
        (["import", "nowhere.zip"], 1, "not there"),
        (["predict", "nowhere.png"], 1, "a file that is there"),
        (["evaluate", "--model", "nobody"], 1, "nobody"),
        (["restore", "nowhere.db"], 1, "not there"),
    ],
)
def test_exit_codes_and_what_to_do(call, arguments, code, message):
    found, said, complaint = call(*arguments)
    assert found == code
    assert message in complaint
    assert not said


def test_import_tells_machines_what_it_did_and_stores_nothing_twice(call, store, tmp_path):
    write_set(tmp_path / "set.npz")
    code, said, _ = call("import", "set.npz", "--writer", "NIST", "--json")
    assert code == 0
    assert json.loads(said) == {
        "digits": 80, "there": 0, "twice": 0, "lying": "upright", "stood_up": False,
        "train": 60, "test": 20, "batch_ids": [1, 2],
    }  # fmt: skip
    _, said, _ = call("import", "set.npz", "--json")
    assert {key: json.loads(said)[key] for key in ("there", "train", "test")} == {"there": 80, "train": 0, "test": 0}
    assert {(batch.kind, batch.writer, batch.drawn) for batch in read_batches(store)} == {
        ("imported", "NIST", 60),
        ("test", "NIST", 20),
    }
    _, said, _ = call("info", "--json")
    assert json.loads(said)["writers"] == [
        {"writer": "NIST", "digits": {"imported": 60, "test": 20}, "human_seconds": 0}
    ]


def test_a_file_that_is_there_is_not_overwritten(call, store, tmp_path):
    write_set(tmp_path / "set.npz")
    call("import", "set.npz", "--no-test")
    (tmp_path / "mine.zip").write_bytes(b"precious")
    code, _, complaint = call("export", "mine.zip")
    assert (code, "another name" in complaint) == (1, True)
    assert (tmp_path / "mine.zip").read_bytes() == b"precious"
    assert call("export", "mine.zip", "--format", "bmp")[0] == 1
    assert call("export", "new.zip", "--format", "bmp")[0] == 1
    assert not list(tmp_path.glob("new*"))
    assert len(read_batches(store)) == 1


def test_what_leaves_one_machine_arrives_on_another(call, store, tmp_path, monkeypatch):
    write_set(tmp_path / "set.npz")
    call("import", "set.npz", "--writer", "Zoë")
    assert call("export", "all.zip", "--format", "parquet")[0] == 0
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    _, said, _ = call("import", "all.zip", "--json")
    assert (json.loads(said)["train"], json.loads(said)["test"]) == (60, 20)
    assert "Zoë: 60 imported, 20 test" in call("info")[1]


def test_evaluate_reads_a_set_that_lies_on_its_side_upright(call, tmp_path):
    write_emnist(tmp_path / "emnist")
    _, said, _ = call("evaluate", "emnist", "--json")
    assert json.loads(said)["tests"]["files"]["accuracy"] > 0.95


def test_predict_tells_where_each_digit_is(call, tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(photographed(written([7, 2], columns=2))).save(buffer, "PNG")
    (tmp_path / "two.png").write_bytes(buffer.getvalue())
    _, said, _ = call("predict", "two.png", "--json")
    (picture,) = json.loads(said)["pictures"]
    assert [digit["label"] for digit in picture["digits"]] == [7, 2]
    left, _, right, _ = picture["digits"][1]["box"]
    assert 150 <= left < right <= 300
