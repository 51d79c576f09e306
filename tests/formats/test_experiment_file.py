"""A whole experiment as one file: exact there and back, bounded, and nothing of a file that is not sound is stored."""

import gzip
import hashlib
import io
import json
import pickle
import re
import struct
import tempfile
import time
import tracemalloc
import zipfile
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats.experiment import read as reading
from digitlab.formats.experiment.apart import Apart
from digitlab.formats.experiment.checks import check_model
from digitlab.formats.experiment.manifest import Manifest, signed, write_manifest
from digitlab.formats.experiment.preview import preview
from digitlab.formats.experiment.read import is_experiment, read_experiment
from digitlab.formats.experiment.write import write_experiment
from digitlab.formats.parts import FormatError, part_of_bytes
from digitlab.formats.read_files import parts_of_path, read_digits
from digitlab.learning.model_files import ModelError
from digitlab.storage import classroom
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import delete_drawings, save_drawing
from digitlab.storage.experiment import coming, leaving
from digitlab.storage.experiment.coming import store_experiment
from digitlab.storage.names import check_writer_name
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.formats.any_digits import names, strokes_of_digit
from tests.helpers import a_run, add_run, human_strokes, reference_files
from tests.storage.moved import CLASS, tables
from tests.storage.people import fill


@pytest.fixture
def stores(tmp_path):
    opened = [Store(f"sqlite:///{tmp_path / name}.db") for name in ("mine", "theirs")]
    yield opened
    for each in opened:
        each.close()


def written(store, **more):
    file = io.BytesIO()
    write_experiment(file, store, **more)
    return file.getvalue()


def read(content, name="a.digitlab.zip"):
    return read_experiment(part_of_bytes(name, content))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The content of a file with something of every kind in it, and models that are some."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('good') / 'good.db'}")
    person, batch_id = fill(store, "Ana")
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM model_files")
        connection.exec_driver_sql("DELETE FROM runs")
    run = replace(a_run("full-1", "full", name="40 drawings by Ana", batch_ids=(batch_id,)), owner_id=person.id)
    add_run(store, run, reference_files())
    content = written(store)
    store.close()
    return content


# There and back


def is_a_name(name):
    try:
        return check_writer_name(name) == name
    except ValueError:
        return False


@st.composite
def sittings(draw):
    """Names, and of each the labels, drawings (strokes, seconds, put aside or not) of a sitting."""
    people = draw(st.lists(names.filter(is_a_name), max_size=3, unique_by=str.casefold))
    drawing = st.tuples(strokes_of_digit(), st.floats(0, 1e6), st.booleans())
    some = st.lists(drawing, max_size=3)
    return [(name, draw(st.sampled_from(["one", "full", "test", "imported"])), draw(some)) for name in people]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sittings())
def test_there_and_back_is_exact_and_twice_is_once(people):
    """Any names, strokes and times; also nobody, and sittings without a drawing."""
    with tempfile.TemporaryDirectory(prefix="experiment-") as folder:
        mine, theirs = (Store(f"sqlite:///{folder}/{name}.db") for name in ("mine", "theirs"))
        for name, kind, drawn in people:
            batch_id = start_batch(mine, add_writer(mine, name), kind, [place % 10 for place in range(5)], 7)
            for place, (strokes, seconds, aside) in enumerate(drawn):
                drawing_id = save_drawing(mine, (batch_id, place), strokes, strokes_to_digit(strokes), seconds)
                if aside:
                    delete_drawings(mine, [drawing_id])
        file, contents = read(written(mine))
        store_experiment(theirs, file, contents)
        assert tables(mine, *CLASS) == tables(theirs, *CLASS)
        before = tables(theirs)
        assert not preview(theirs, file, contents).is_new
        store_experiment(theirs, file, contents)
        assert tables(theirs) == before
        mine.close()
        theirs.close()


def renumbered(content):
    """The same with the sheets called 0, 1 ...: they have other numbers in another database."""
    found = list(dict.fromkeys(re.findall(rb'"(?:id|sheet|sheet_id)":(\d{9,})', content)))
    for number, sheet in enumerate(found):
        content = re.sub(rb"(?<=:)" + sheet + rb"\b", b"%d" % (number + 1), content)
    return content


def test_everything_of_an_experiment_is_in_the_file(stores, good):
    _, theirs = stores
    file, contents = read(good)
    found = preview(theirs, file, contents)
    assert found.summary() == "1 person; 2 drawings (1 of them deleted): 2 new; 1 run: 1 new."
    assert [(each.name, each.drawings, each.new, each.becomes) for each in found.people] == [("Ana", 1, 1, "Ana")]
    store_experiment(theirs, file, contents)
    rows = tables(theirs)
    assert all(rows.values())
    assert [row["kind"] for row in rows["model_files"]] == ["keras", "tflite"]
    assert rows["model_files"][0]["content"] == reference_files().keras
    again = written(theirs)
    with zipfile.ZipFile(io.BytesIO(good)) as one, zipfile.ZipFile(io.BytesIO(again)) as two:
        for name in one.namelist():
            if name not in ("manifest.json", "README.md"):
                assert renumbered(one.read(name)) == renumbered(two.read(name)), name


def test_links_logins_and_teachers_are_never_in_it(stores):
    mine, _ = stores
    secrets = []
    for name, teacher in (("Ana", False), ("Ms Lee", True)):
        _, token = classroom.join(mine, name, teacher=teacher)
        secrets += [token, hashlib.sha256(token.encode()).hexdigest()]
    with zipfile.ZipFile(io.BytesIO(written(mine))) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Ms Lee" in everything
    assert not [secret for secret in secrets if secret.encode() in everything]
    assert b"token" not in everything
    assert b"teacher" not in everything


def test_the_readme_shows_names_as_they_are(stores):
    mine, _ = stores
    add_writer(mine, "[x](http://a) | <b>")
    with zipfile.ZipFile(io.BytesIO(written(mine))) as archive:
        assert r"\[x\]\(http\://a\) \| \<b\>" in archive.read("README.md").decode()


def test_what_is_an_experiment_is_told_by_name_or_by_what_is_in_it(good):
    assert is_experiment([part_of_bytes("a.digitlab.zip", b"x")])
    assert is_experiment([part_of_bytes("renamed.zip", good)])
    assert not is_experiment([part_of_bytes("digits.zip", zipped({"train.csv": b"label"}))])
    assert not is_experiment([part_of_bytes("a.npz", good)])
    assert not is_experiment([part_of_bytes("a.zip", good[:-100])])
    assert not is_experiment([part_of_bytes("a.zip", good)] * 2)
    with pytest.raises(FormatError, match="Bring it in by itself"):
        list(read_digits([part_of_bytes("a.digitlab.zip", good)] * 2))


@pytest.mark.slow  # every allocation is followed
def test_writing_and_reading_hold_some_rows_at_a_time(stores, monkeypatch):
    """6 MB of strokes."""
    monkeypatch.setattr(leaving, "_AT_ONCE", 10)
    monkeypatch.setattr(coming, "_ROWS_AT_ONCE", 10)
    mine, theirs = stores
    n = 300
    batch_id = start_batch(mine, add_writer(mine, "Ana"), "full", [3] * n, 0)
    row = json.dumps([np.random.default_rng(0).normal(100, 50, (250, 4)).tolist()])
    with mine.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO drawings (batch_id, position, label, strokes, digit, seconds, marks, created_at) "
            f"VALUES ({batch_id}, ?, 3, ?, ?, 1.0, '[]', '2026-11-26T10:00:00.000+00:00')",
            [(place, row, bytes(784)) for place in range(n)],
        )
    with tempfile.TemporaryFile() as file:
        tracemalloc.start()
        write_experiment(file, mine)
        wrote = tracemalloc.get_traced_memory()[1]
        file.seek(0)
        content = file.read()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        opened, contents = read(content)
        store_experiment(theirs, opened, contents)
        took = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
    assert wrote < 3_000_000
    assert took < 4_000_000


# Damaged, foreign, hostile


class Evil:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('a file was run')",))


def zipped(files, packing=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unzipped(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(content, change, *, sign=True, packing=zipfile.ZIP_STORED):
    """A file with other files in it; if `sign`, its manifest says so, as whoever means harm would write it."""
    files = unzipped(content)
    change(files)
    if sign:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = [
            entry | {"bytes": len(files[entry["name"]]), "sha256": hashlib.sha256(files[entry["name"]]).hexdigest()}
            for entry in manifest["files"]
            if entry["name"] in files
        ]
        resign(files, manifest)
    return zipped(files, packing)


def resign(files, manifest):
    files["manifest.json"] = write_manifest(signed(msgspec.convert(manifest, Manifest)))


def in_row(name, /, **values):
    """Change the first row of a file."""

    def change(files):
        first, *others = files[name].splitlines()
        files[name] = b"\n".join([json.dumps(json.loads(first) | values).encode(), *others, b""])

    return change


def in_card(**values):
    def change(files):
        (line,) = files["runs.ndjson"].splitlines()
        row = json.loads(line)
        row["card"] |= values
        files["runs.ndjson"] = json.dumps(row).encode() + b"\n"

    return change


def in_test(**values):
    def change(files):
        (line,) = files["runs.ndjson"].splitlines()
        row = json.loads(line)
        row["card"]["tests"]["mnist"] |= values
        files["runs.ndjson"] = json.dumps(row).encode() + b"\n"

    return change


def put(name, content):
    return lambda files: files.update({name: content})


def in_manifest(**values):
    def change(files):
        manifest = json.loads(files["manifest.json"]) | values
        files["manifest.json"] = json.dumps(manifest).encode()

    return change


def keras_with(**config):
    """A .keras file whose first layer is another one."""
    files = unzipped(reference_files().keras)
    described = json.loads(files["config.json"])
    described["config"]["layers"][0] |= config
    return zipped(files | {"config.json": json.dumps(described).encode()})


def keras_that_says_it_is_large():
    """A .keras file whose weights are 250 MB, by what the zip says; nobody unpacks them to find out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in unzipped(reference_files().keras).items():
            archive.writestr(name, content)
        archive.getinfo("model.weights.h5").file_size = 250_000_000
    return buffer.getvalue()


def piles_that_are_a_pickle(files):
    """In the place of the .tflite file."""
    del files["models/full-1.tflite"]
    files["models/full-1.npz"] = PICKLED.getvalue()
    files["manifest.json"] = files["manifest.json"].replace(b"full-1.tflite", b"full-1.npz")


def wrong_rows(files):
    manifest = json.loads(files["manifest.json"])
    manifest["files"][2]["rows"] = 3
    resign(files, manifest)


def too_many_rows(files):
    manifest = json.loads(files["manifest.json"])
    manifest["files"][2]["rows"] = 3_000_000_000
    resign(files, manifest)


LAMBDA = {"module": "keras.layers", "class_name": "Lambda", "config": {"function": "x"}}
PICKLED = io.BytesIO()
np.savez(PICKLED, places=np.array([Evil()], object), digits=np.zeros(1, np.uint8))
LONG = b'{"batch": 1, "strokes": [' + b"1," * 2_500_000 + b"1]}\n"

SIGNED = {
    "a person who is nobody": (in_row("batches.ndjson", person=99), "batch 1 of somebody who is not in it"),
    "a batch that is none": (in_row("drawings.ndjson", batch=99), "drawing 1 of a prompt that is not in it"),
    "a sheet that is none": (in_row("events.ndjson", sheet=99), "event 1 of a sheet that is not in it"),
    "an owner who is nobody": (in_row("runs.ndjson", person=99), "of what is not in it"),
    "a model of no run": (lambda files: files.update({"runs.ndjson": b""}), "manifest says"),
    "a name with NUL": (in_row("people.ndjson", name="a\0b"), "U\\+0000"),
    "a name that turns the text": (in_row("people.ndjson", name="\u202eanA"), "U\\+202E"),
    "a run's name with NUL": (in_row("runs.ndjson", name="a\0b"), "U\\+0000"),
    "half a character": (put("people.ndjson", b'{"id":1,"name":"\\ud800"}\n'), "Line 1 of people.ndjson"),
    "an id that is too large": (in_row("people.ndjson", id=2**40), "Line 1 of people.ndjson"),
    "an id that is a text": (in_row("people.ndjson", id="1; DROP TABLE writers"), "Line 1 of people.ndjson"),
    "a kind of batch": (in_row("batches.ndjson", kind="mine"), "Line 1 of batches.ndjson"),
    "a label of 10": (in_row("drawings.ndjson", label=10), "Line 1 of drawings.ndjson"),
    "a digit of other size": (in_row("drawings.ndjson", digit="AAAA"), "Line 1 of drawings.ndjson"),
    "strokes that are text": (in_row("drawings.ndjson", strokes="x"), "drawing 1: "),
    "strokes with infinity": (put("drawings.ndjson", b'{"batch":1,"strokes":[[[1e999,1],[2,2]]]}\n'), "Line 1"),
    "a stroke of one column": (in_row("drawings.ndjson", strokes=[[[1.0], [2.0]]]), "drawing 1: "),
    "marks with Markdown": (in_row("drawings.ndjson", marks=["[x](http://a)"]), "Line 1 of drawings.ndjson"),
    "negative seconds": (in_row("drawings.ndjson", seconds=-5.0), "Line 1 of drawings.ndjson"),
    "a day that is none": (in_row("batches.ndjson", created_at="2026-13-99"), "Line 1 of batches.ndjson"),
    "a time without a zone": (in_row("batches.ndjson", created_at="2026-11-26T10:00:00"), "not in UTC"),
    "an event that is none": (in_row("events.ndjson", event={"n": 1, "type": "eval", "at": 0}), "event 1: "),
    "deep brackets": (put("drawings.ndjson", b"[" * 100_000 + b"\n"), "Line 1 of drawings.ndjson"),
    "deep strokes": (in_row("drawings.ndjson", strokes=0), "drawing 1: "),
    "an endless line": (put("drawings.ndjson", LONG), "lines of at most"),
    "no JSON": (put("people.ndjson", b"Ana\n"), "Line 1 of people.ndjson"),
    "another method": (in_card(method="magic"), "the method 'magic'"),
    "settings beyond bounds": (in_card(settings={"epochs": 10**9}), "epochs between"),
    "a card of another run": (in_card(id="full-2"), "the card of"),
    "a start that is a path": (in_card(start_from="../../etc"), "a start from"),
    "all right of none": (in_test(n=0), "odd counts"),
    "more than all right": (in_test(correct=5000), "odd counts"),
    "an accuracy that is made up": (in_test(accuracy=0.999), "its counts do not give"),
    "no confusion": (in_test(confusion=[]), "confusion"),
    "a mistake that is nowhere": (
        in_test(mistakes=[{"index": 10**6, "label": 1, "prediction": 2, "probability": 0.5}]),
        "odd mistake",
    ),
    "keras with a program": (put("models/full-1.keras", keras_with(**LAMBDA)), "a Lambda layer"),
    "tflite that is none": (put("models/full-1.tflite", b"no network"), "full-1 as a .tflite file"),
    "piles that are a pickle": (piles_that_are_a_pickle, "full-1 as a .npz file"),
}  # fmt: skip

MODELS = {
    "a model that is none": ("tflite", b"no network", ""),
    "a model of other size": ("tflite", reference_files().tflite[:5000], ""),
    "keras that is none": ("keras", b"PK", ""),
    "keras without a network": ("keras", zipped({"a": b"b"}), "a zip with no model"),
    "keras of another kind": ("keras", reference_files().tflite, "of another kind"),
    "keras with a program": ("keras", keras_with(**LAMBDA), "a Lambda layer"),
    "keras of another package": ("keras", keras_with(module="os"), "code of its own"),
    "a bomb": ("keras", keras_that_says_it_is_large(), "unpacked. Received: .*250 MB"),
    "piles that are a pickle": ("npz", PICKLED.getvalue(), ""),
}

UNSIGNED = {
    "nothing": (lambda content: b"", "cut off or damaged"),
    "cut off": (lambda content: content[: len(content) // 2], "cut off or damaged"),
    "changed in the middle": (lambda content: content[:900] + bytes(60) + content[960:], "damaged|changed"),
    "a foreign zip": (lambda content: zipped({"a.docx": b"x"}), "without manifest.json"),
    "digits": (lambda content: zipped({"train.csv": b"label"}), "without manifest.json.*name it .zip"),
    "a path outside": (lambda content: zipped(unzipped(content) | {"../../evil": b"x"}), "outside itself"),
    "a file too many": (lambda content: zipped(unzipped(content) | {"more": b"x"}), "Expected the files that"),
    "a file too few": (
        lambda content: changed(content, lambda files: files.pop("events.ndjson"), sign=False),
        "Expected the files that",
    ),
    "a row changed": (
        lambda content: changed(content, in_row("people.ndjson", name="Eva"), sign=False),
        "bytes in people.ndjson",
    ),
    "a row exchanged": (
        lambda content: changed(content, put("people.ndjson", b'{"id":1,"name":"Eva"}\n'), sign=False),
        "changed after it was written",
    ),
    "a model changed": (
        lambda content: changed(content, put("models/full-1.tflite", reference_files().keras[:437_000]), sign=False),
        "bytes in models/full-1.tflite",
    ),
    "a manifest changed": (
        lambda content: changed(content, in_manifest(written_at="2020-01-01"), sign=False),
        "manifest of a.digitlab.zip was changed",
    ),
    "a hash changed": (
        lambda content: changed(content, in_manifest(sha256="0" * 64), sign=False),
        "manifest of .* was changed",
    ),
    "a newer version": (lambda content: changed(content, in_manifest(version=2), sign=False), "newer DigitLab. Update"),
    "an older version": (
        lambda content: changed(content, in_manifest(version=0), sign=False),
        "no DigitLab has written",
    ),
    "another format": (lambda content: changed(content, in_manifest(format="other"), sign=False), "says 'other'"),
    "no manifest": (lambda content: changed(content, put("manifest.json", b"{"), sign=False), "manifest of .* damaged"),
    "a manifest of brackets": (
        lambda content: changed(content, put("manifest.json", b"[" * 100_000), sign=False),
        "manifest of .* damaged",
    ),
    "wrong counts": (lambda content: changed(content, wrong_rows, sign=False), "Expected 3 rows in drawings.ndjson"),
    "counts beyond bounds": (lambda content: changed(content, too_many_rows, sign=False), "at most 200,000 rows"),
    "a pickle": (lambda content: pickle.dumps(Evil()), "cut off or damaged"),
    "gzip": (gzip.compress, "cut off or damaged"),
}  # fmt: skip


def refused(content, message):
    """Nothing of it can be stored: to read it no database is needed."""
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(ValueError, match=f"(?s){message}"):
            read(content)
        took, (_, most) = time.process_time() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40_000_000
    assert took < 10


@pytest.mark.parametrize("case", SIGNED)
def test_a_file_that_is_made_to_do_harm_is_refused(good, case):
    change, message = SIGNED[case]
    refused(changed(good, change), message)


@pytest.mark.parametrize("case", UNSIGNED)
def test_a_file_that_is_damaged_or_another_is_refused(good, case):
    change, message = UNSIGNED[case]
    refused(change(good), message)


@pytest.fixture(scope="module")
def apart():
    """The process that opens models, one for all that are none, as for those of one experiment."""
    with Apart() as process:
        yield process


@pytest.mark.parametrize("case", MODELS)
def test_a_model_that_is_none_is_refused(apart, case):
    kind, content, message = MODELS[case]
    with pytest.raises(FormatError, match=f"(?s)the model of the run full-1 as a .{kind} file. Received: .*{message}"):
        check_model(content, kind, a_run("full-1"), apart)


ITS_FILE = {"kind": "keras", "version": "0123", "reads": "0 to 1", "gives": "logits", "tried": {"0 to 1": 0.9}}


@pytest.mark.parametrize("odd", [{"reads": "0 to 9"}, {"gives": "words"}, {"tried": {"0 to 1": 7}}, {"kind": "../x"}])
def test_a_model_that_was_brought_in_is_not_asked_in_odd_ways(good, odd):
    refused(changed(good, in_card(brought_in={**ITS_FILE, **odd})), "an odd model|in an odd way")


def test_a_model_that_was_brought_in_is_asked_as_it_can_be(good):
    file, _ = read(changed(good, in_card(brought_in=ITS_FILE)))
    assert file.read_model("full-1", "tflite") == reference_files().tflite


def test_a_zip_bomb_is_refused(good, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 20_000_000)
    bomb = changed(good, put("events.ndjson", bytes(30_000_000)), packing=zipfile.ZIP_DEFLATED)
    refused(bomb, "made to do harm")


def test_a_zip_that_lies_about_sizes_is_refused(good):
    """It says that a file has 100 bytes where many more follow."""
    content = bytearray(changed(good, put("people.ndjson", b" " * 10_000_000), packing=zipfile.ZIP_DEFLATED))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(mark) + place
        content[start : start + 4] = struct.pack("<I", 100)
    refused(bytes(content), "bytes in people.ndjson|damaged")


@pytest.mark.slow  # three processes one after the other
def test_a_model_that_takes_all_memory_ends_the_process_that_opens_it_alone():
    with Apart() as apart:
        apart.open_model(reference_files().tflite, "tflite")
        first = apart._process
        first.kill()
        with pytest.raises(ModelError, match="GB of memory, or is damaged"):
            apart.open_model(reference_files().tflite, "tflite")
        apart.open_model(reference_files().tflite, "tflite")
        assert apart._process.pid != first.pid
        for content in (b"", b"no network", reference_files().tflite[:-5000]):
            with pytest.raises(ModelError):
                apart.open_model(content, "tflite")
        last = apart._process
    assert last.poll() is not None


def test_a_file_twice_in_it_is_refused(good):
    buffer = io.BytesIO(good)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("people.ndjson", b"")
    refused(buffer.getvalue(), "each once")


def test_odd_names_come_in_as_they_are(stores):
    mine, theirs = stores
    odd = ["**Ana**", "<b>Ana</b>", "ענת", "Ana \N{GRINNING FACE}", "'; DROP TABLE writers; --"]
    for name in odd:
        add_writer(mine, name)
    store_experiment(theirs, *read(written(mine)))
    assert sorted(row["name"] for row in tables(theirs)["writers"]) == sorted(odd)


def test_a_file_that_is_exchanged_after_the_look_leaves_nothing(stores, good, tmp_path):
    _, theirs = stores
    path = tmp_path / "a.digitlab.zip"
    path.write_bytes(good)
    (part,) = parts_of_path(path)
    file, contents = read_experiment(part)
    other = part_of_bytes("b", changed(good, in_row("drawings.ndjson", seconds=9.0)))
    found = {each.name: each for each in reading.unpack([replace(other, name="b.zip")])}
    exchanged = replace(file, parts=file.parts | {"drawings.ndjson": found["drawings.ndjson"]})
    with pytest.raises(FormatError, match="drawings.ndjson"):
        store_experiment(theirs, exchanged, contents)
    assert not any(tables(theirs).values())


def test_human_strokes_come_back_to_the_last_digit(stores):
    mine, theirs = stores
    batch_id = start_batch(mine, add_writer(mine, "Ana"), "one", range(10), 0)
    for label, drawn in human_strokes().items():
        strokes = [np.array(stroke, float) / 3 for stroke in drawn]
        save_drawing(mine, (batch_id, label), strokes, strokes_to_digit(strokes), 1 / 3)
    store_experiment(theirs, *read(written(mine)))
    assert tables(mine)["drawings"] == tables(theirs)["drawings"]
