"""`python -m digitlab` as it is typed: the examples of docs/command_line.md, exit codes, and what machines read."""

import gzip
import io
import json
import re
import shlex
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from digitlab import __version__, mnist
from digitlab.__main__ import app
from digitlab.commands.files import new_file
from digitlab.formats.parts import FormatError
from digitlab.learning import model_files
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import read_drawing_rows, save_drawing
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.formats.a_photo import photographed, written
from tests.formats.a_sheet import ana, fill, fill_like_ana, photograph
from tests.helpers import a_run, add_run, human_strokes, reference_files
from tests.storage.pads import everything

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
    filled = fill_like_ana(replace(ana(), writer="Bo"))
    (tmp_path / "filled-sheet.jpg").write_bytes(photograph(filled.paper, turn=5, quality=70, longest=1600))
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
    assert "sheet.pdf: sheet " in said["sheet sheet.pdf"][0]
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert said["import filled-sheet.jpg"][0].endswith("Stored: 100.\n")
    assert "photo.jpg: 3 (" in said["predict photo.jpg"][0]
    assert json.loads(said["evaluate ana.zip"][0])["tests"]["files"]["n"] == 120
    assert json.loads(said["export sevens.zip"][0])["format"] == "png"
    run, theirs = read_runs(store)
    assert (theirs.name, theirs.brought_in.kind) == ("A model of others", "tflite")
    assert "It is given pixels as 0 to 255: so it reads 9" in said["import-model reference.zip"][0]
    assert json.loads(said["export-model reference"][1])["format"] == "tflite-int8"
    assert b"startLivePad" in (tmp_path / "reference.html").read_bytes()
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
        "sheet",
        "export-model",
        "import-model",
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
        (["export", "a.digitlab.zip"], 3, "nothing to take along"),
        (["export", "a.digitlab.zip", "--writer", "Bo"], 1, "as a whole"),
        (["import", "nowhere.digitlab.zip"], 1, "not there"),
        (["import", ".", "--format", "png"], 1, "found out"),
        (["import", "nowhere.digitlab.zip", "--name", "Ana"], 1, "not there"),
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


def drawn(store, name, seed=0):
    batch_id = start_batch(store, add_writer(store, name), "full", [3, 1], seed)
    save_drawing(store, (batch_id, 0), [np.array([[0.0, 0], [9, 7]])], np.full((28, 28), seed, np.uint8), 90.0)
    return batch_id


def test_a_whole_experiment_goes_to_another_machine(call, store, tmp_path, monkeypatch):
    batch_id = drawn(store, "Ana")
    add_run(store, a_run("full-1", "full", batch_ids=(batch_id,)), reference_files())
    code, said, _ = call("export", "mine.digitlab.zip", "--json")
    assert code == 0
    written = json.loads(said)
    assert {key: written[key] for key in ("people", "drawings", "runs", "model_files")} == {
        "people": 1, "drawings": 1, "runs": 1, "model_files": 2,
    }  # fmt: skip
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    code, said, _ = call("import", "mine.digitlab.zip", "--dry-run")
    assert (code, said) == (0, "1 person; 1 drawing: 1 new; 1 run: 1 new. Nothing was stored.\n")
    assert "0 digits, 0 runs" in call("info")[1]
    (tmp_path / "renamed.zip").write_bytes((tmp_path / "mine.digitlab.zip").read_bytes())
    code, said, _ = call("import", "renamed.zip", "--json")
    told = json.loads(said)
    assert (code, told["sha256"]) == (0, written["sha256"])
    assert told["people"] == [{"name": "Ana", "drawings": 1, "new": 1, "becomes": "Ana"}]
    assert told["stored"] == {
        "people": 1, "batches": 1, "drawings": 1, "aside": 0, "sheets": 0, "runs": 1, "points": 0,
    }  # fmt: skip
    assert "Ana: 1 full; 1.5 min of drawing" in call("info")[1]
    code, said, _ = call("import", "--format", "experiment", "mine.digitlab.zip")
    assert "1 drawing: 0 new, 1 here already" in said
    assert "Stored: 0 people, 0 drawings, 0 runs." in said


def test_an_experiment_with_a_name_that_is_taken_asks(call, store, tmp_path, monkeypatch):
    drawn(store, "Ana")
    call("export", "mine.zip", "--format", "experiment")
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    drawn(other, "Ana", seed=1)
    code, said, complaint = call("import", "mine.zip")
    assert (code, said) == (1, "")
    assert '--name "Ana=Ana (2)"' in complaint
    assert '--name "Ana=Ana (2)"' in call("import", "mine.zip", "--dry-run")[1]
    assert call("import", "mine.zip", "--name", "Ana")[0] == 1
    assert call("import", "mine.zip", "--name", "Ana=Ana (2)")[0] == 0
    assert sorted(batch.writer for batch in read_batches(other)) == ["Ana", "Ana (2)"]
    other.close()


def test_a_sheet_is_written_and_a_photo_of_it_comes_in_once(call, store, tmp_path):
    code, said, _ = call("sheet", "new.pdf", "--writer", "Zoë", "--paper", "letter", "--cells", "200", "--json")
    told = json.loads(said)
    assert (code, told["writer"], told["paper"], told["cells"]) == (0, "Zoë", "letter", 200)
    assert call("sheet", "new.pdf", "--writer", "Bo")[0] == 1
    assert call("sheet", "other.pdf", "--writer", "Bo", "--paper", "a3")[0] == 1
    assert not (tmp_path / "other.pdf").exists()
    drawings = [human_strokes()[label] for label in ana().labels]
    drawings[6] = None
    photo = photograph(fill(ana(), drawings).paper, quality=80, longest=1300, share=0.95)
    (tmp_path / "mine.jpg").write_bytes(photo)
    code, said, _ = call("import", "mine.jpg", "--writer", "Bo", "--dry-run", "--json")
    (sheet,) = json.loads(said)["sheets"]
    assert (sheet["sheet"], sheet["digits"], sheet["stored"], sheet["there"]) == (1234567, 99, 0, False)
    assert sheet["writer"] == "Bo"
    assert sheet["doubts"][0] == {"cell": 7, "doubt": "empty", "kept": False}
    code, said, _ = call("import", "mine.jpg", "--minutes", "5", "--test-with")
    assert "sheet 1234567 of Ana, 99 digits, 100 cells. Left out: cell 7 (empty)." in said
    assert said.endswith("Stored: 99.\n")
    (batch,) = read_batches(store)
    assert (batch.kind, batch.writer, batch.drawn, round(batch.seconds)) == ("test", "Ana", 99, 300)
    assert "--again stores another" in call("import", "mine.jpg")[1]
    assert "Stored: 0." in call("import", "mine.jpg", "--again")[1]
    assert len(read_drawing_rows(store)) == 99


def test_a_picture_without_a_sheet_is_refused_by_import(call, tmp_path):
    Image.fromarray(photographed(written([7, 2], columns=2))).save(tmp_path / "two.png")
    for arguments, complaint in (
        (["two.png"], "marks are not seen"),
        (["nowhere.png"], "a file that is there"),
        (["two.png", "--minutes", "-1"], "minutes from 0"),
    ):
        code, said, errors = call("import", *arguments)
        assert (code, said) == (1, "")
        assert complaint in errors


@pytest.mark.parametrize(
    ("file", "options", "refused"),
    [
        ("set.npz", ["--minutes", "5", "--again"], "no --minutes and no --again: what is brought in is a set"),
        ("set.npz", ["--test-with"], "no --test-with"),
        ("set.npz", ["--name", "Ana=Bo"], "no --name"),
        ("two.png", ["--no-test"], "no --no-test: what is brought in is photos of sheets"),
        ("two.png", ["--no-upright"], "no --no-upright"),
        ("all.digitlab.zip", ["--writer", "Ana"], "no --writer: what is brought in is an experiment"),
        ("all.digitlab.zip", ["--minutes", "5"], "no --minutes"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused_and_nothing_is_stored(call, store, file, options, refused):
    write_set(Path("set.npz"))
    Image.fromarray(photographed(written([7, 2], columns=2))).save("two.png")
    if file.endswith(".digitlab.zip"):
        add_writer(store, "Ana")
        add_run(store, a_run("dense-1", "dense"), reference_files())
        assert call("export", file)[0] == 0
    before = everything(store)
    code, said, complaint = call("import", file, *options)
    assert (code, said) == (1, "")
    assert refused in complaint
    assert everything(store) == before


def test_evaluate_reads_a_set_that_lies_on_its_side_upright(call, tmp_path):
    write_emnist(tmp_path / "emnist")
    _, said, _ = call("evaluate", "emnist", "--json")
    assert json.loads(said)["tests"]["files"]["accuracy"] > 0.95


def test_upright_leaves_a_folder_alone_that_holds_one_of_its_files(call, tmp_path):
    write_emnist(tmp_path / "emnist")
    there = tmp_path / "new" / "t10k-labels-idx1-ubyte.gz"
    there.parent.mkdir()
    there.write_bytes(b"precious")
    code, said, complaint = call("upright", "emnist", "new")
    assert (code, said) == (1, "")
    assert "Name a new folder" in complaint
    assert list(there.parent.iterdir()) == [there]
    assert there.read_bytes() == b"precious"


def test_a_file_is_written_as_a_whole_or_not_at_all_and_never_over_another(tmp_path):
    theirs, file, other = (tmp_path / name for name in ("report.html.part", "report.html", "other.html"))
    theirs.write_bytes(b"precious")
    with pytest.raises(OSError, match="disk is full"), new_file(file) as opened:
        opened.write(b"half")
        raise OSError("the disk is full")
    assert list(tmp_path.iterdir()) == [theirs]
    with pytest.raises(FormatError, match="is there already"), new_file(file) as opened:
        opened.write(b"mine")
        file.write_bytes(b"of another command")
    with new_file(other) as opened:
        opened.write(b"whole")
        assert not other.exists()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "report.html.part": b"precious",
        "report.html": b"of another command",
        "other.html": b"whole",
    }
    assert other.stat().st_mode == file.stat().st_mode, "others may read it as any file"


def test_predict_tells_where_each_digit_is(call, tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(photographed(written([7, 2], columns=2))).save(buffer, "PNG")
    (tmp_path / "two.png").write_bytes(buffer.getvalue())
    _, said, _ = call("predict", "two.png", "--json")
    (picture,) = json.loads(said)["pictures"]
    assert [digit["label"] for digit in picture["digits"]] == [7, 2]
    left, _, right, _ = picture["digits"][1]["box"]
    assert 150 <= left < right <= 300
    _, said, _ = call("predict", "two.png")
    sure = r"\((over )?[\d.]+\N{NO-BREAK SPACE}%\)"  # as on the pages: never 100 % of what is not quite that
    assert re.fullmatch(rf"two.png: 7 {sure}, 2 {sure}\n", said)


@pytest.mark.slow
def test_a_model_leaves_and_another_comes_in(call, store, tmp_path):
    code, said, _ = call("export-model", "reference", "mine.html", "--format", "html", "--json")
    assert code == 0
    assert json.loads(said) == {
        "file": "mine.html", "run": "reference", "format": "html", "bytes": (tmp_path / "mine.html").stat().st_size,
    }  # fmt: skip
    tflite = model_files.load_tflite(model_files.REFERENCE)
    (tmp_path / "theirs.tflite").write_bytes(tflite)
    code, said, _ = call("import-model", "theirs.tflite", "--json")
    assert code == 0
    assert json.loads(said)["tests"]["mnist"]["correct"] == model_files.load_card("reference").tests["mnist"].correct
    (run,) = read_runs(store)
    assert (run.name, run.id) == ("theirs", json.loads(said)["run"])
    assert "theirs" in call("info")[1]
    _, said, _ = call("evaluate", "--model", run.id, "--json")
    assert json.loads(said)["tests"]["mnist"]["n"] == 10_000
    code, _, complaint = call("export-model", run.id, "theirs.html", "--format", "html")
    assert (code, "Only a network that was trained here" in complaint) == (1, True)
    assert call("export-model", run.id, "theirs.zip")[0] == 1
    assert sorted(path.name for path in tmp_path.glob("theirs*")) == ["theirs.tflite"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export-model", "reference", "a.zip", "--format", "pickle"], "--format to be one of html, keras"),
        (["export-model", "reference", "a.keras"], "a name that ends with .zip for keras"),
        (["export-model", "reference", "there.html", "--format", "html"], "there already"),
        (["export-model", "nobody", "a.zip"], "nobody is missing"),
        (["import-model", "nowhere.keras"], "a file that is there"),
        (["import-model", "there.html"], "is no model. Expected a .keras or a .tflite"),
    ],
)
def test_models_that_cannot_leave_or_come_in(call, store, tmp_path, arguments, message):
    (tmp_path / "there.html").write_text("precious")
    code, said, complaint = call(*arguments)
    assert (code, said) == (1, "")
    assert message in complaint
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("digitlab.db")] == ["there.html"]
    assert read_runs(store) == []
