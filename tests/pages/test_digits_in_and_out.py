"""Digits leave from My digits as a file, and come in by one: looked at before anything is stored."""

import io
import zipfile

import numpy as np
import pytest

from digitlab import mnist
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import read_drawing_rows, save_drawing
from digitlab.storage.people import VISITOR
from digitlab.storage.writers import add_writer
from digitlab.ui import who
from tests.formats.a_photo import as_file, photographed, written
from tests.helpers import has_key, texts


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@pytest.fixture
def drawn(store):
    batch_id = start_batch(store, add_writer(store, "Ana"), "full", [3, 4], 0)
    for place in range(2):
        digit = np.full((28, 28), 9 * place, np.uint8)
        save_drawing(store, (batch_id, place), [np.array([[0.0, 0], [5, 9]])], digit, 1.5)


def upload(at, name, content):
    at.file_uploader[0].upload(name, content, "application/octet-stream")
    return at.run()


def test_digits_come_in_after_a_look_at_them(visit, store):
    """EMNIST's way: on the side, as its files are."""
    images, labels = (array[:60] for array in mnist.load_test())
    at = upload(visit("my_digits"), "set.npz", npz(x_train=images.transpose(0, 2, 1), y_train=labels))
    assert not at.exception
    assert "as EMNIST is distributed" in at.warning[0].value
    assert "60 digits: 60 new" in texts(at)
    assert read_batches(store) == []
    at.text_input(key="bring_writer").set_value("NIST").run()
    at.button(key="bring_store").click().run()
    assert not at.exception
    assert "Stored: 60 digits" in texts(at)
    (batch,) = read_batches(store)
    assert (batch.kind, batch.writer, batch.drawn, batch.seconds) == ("imported", "NIST", 60, 0.0)
    assert not has_key(at, "bring_store")  # the field is empty again


def test_what_is_there_is_not_stored_twice_and_tests_may_be_left_out(visit, store):
    images, labels = (array[:30] for array in mnist.load_test())
    file = npz(x_train=images[:20], y_train=labels[:20], x_test=images[20:], y_test=labels[20:])
    at = upload(visit("my_digits"), "set.npz", file)
    at.toggle(key="bring_test").set_value(False).run()
    at.button(key="bring_store").click().run()
    assert [(batch.kind, batch.drawn) for batch in read_batches(store)] == [("imported", 20)]
    at = upload(visit("my_digits"), "set.npz", file)
    assert "10 new, 10 of them to test with; 20 there already" in texts(at)


def photo(labels):
    return as_file(photographed(written(labels, columns=3)), "JPEG", quality=85)


def test_digits_of_a_photo_come_in_with_the_guesses(visit, store):
    at = upload(visit("my_digits"), "page.jpg", photo([3, 1, 4]))
    assert not at.exception
    assert "3 digits found" in texts(at)
    table = at.dataframe[-1].value if at.dataframe else at.get("data_editor")[0].value
    assert table["label"].tolist() == ["3", "1", "4"]
    assert read_batches(store) == []
    at.text_input(key="photos_writer").set_value("Ana").run()
    at.toggle(key="photos_test").set_value(True).run()
    at.button(key="photos_store").click().run()
    assert not at.exception
    (batch,) = read_batches(store)
    assert (batch.kind, batch.writer, batch.labels) == ("test", "Ana", (3, 1, 4))
    assert "Stored: 3 digits to test with" in texts(at)


def test_a_photo_without_digits_says_what_to_do(visit):
    at = upload(visit("my_digits"), "paper.png", as_file(np.full((90, 90), 220, np.uint8)))
    assert not at.exception
    assert "darker pen" in at.error[0].value


def test_a_model_reads_a_photo(visit):
    at = visit("dense")
    at.file_uploader[0].upload("page.jpg", photo([7, 2]), "image/jpeg")
    at.run()
    assert not at.exception
    assert "7 (" in at.markdown[-1].value
    assert "2 (" in at.markdown[-1].value
    at.file_uploader[0].upload("page.jpg", b"nothing", "image/jpeg")
    at.run()
    assert "save it as PNG or JPEG" in at.warning[-1].value


def test_a_file_that_cannot_be_read_says_what_to_do(visit, store):
    at = upload(visit("my_digits"), "set.npz", npz(arr_0=np.zeros(3)))
    assert not at.exception
    assert "np.savez" in at.error[0].value
    assert not has_key(at, "bring_store")


def test_digits_are_offered_as_a_file(visit, drawn):
    at = visit("my_digits")
    assert not at.exception
    assert "The 2 drawings shown above as one zip" in texts(at)
    at.session_state["my_digits"] = ["4"]
    at.run()
    assert "The 1 drawings" in texts(at)
    at.segmented_control(key="my_show").set_value("deleted").run()
    assert not has_key(at, "take_button")


def test_the_file_that_is_written(store, drawn):
    from digitlab.storage.found_drawings import Wanted
    from digitlab.storage.people import OWNER
    from digitlab.ui.formats import take_out

    content = take_out._write(store, Wanted(labels=(4,)), None, OWNER, format_name="png", licence="cc-by-4.0")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["train/4/000000.png", "README.md"]


def test_a_visitor_of_a_class_takes_nothing_and_brings_nothing(visit, drawn, monkeypatch):
    monkeypatch.setenv("DIGITLAB_CLASS_CODE", "owl-12-moon")
    assert who.class_code()
    at = visit("my_digits")
    assert not at.exception
    assert "Join the class" in texts(at)
    assert not has_key(at, "take_button")
    assert not at.get("file_uploader")
    assert VISITOR.role == "visitor"


def test_a_digit_that_came_as_a_picture_has_nothing_to_replay(visit, store):
    from tests.helpers import choose_rows

    images, labels = (array[:5] for array in mnist.load_test())
    at = upload(visit("my_digits"), "set.npz", npz(x_train=images, y_train=labels))
    at.button(key="bring_store").click().run()
    choose_rows(at, "my_table", [0])
    assert not at.exception
    assert not at.error
    assert "came as a picture" in texts(at)
    assert len(read_drawing_rows(store)) == 5
