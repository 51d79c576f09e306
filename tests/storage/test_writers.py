import pytest

from digitlab.storage import classroom
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.people import NotAllowedError
from digitlab.storage.versions import batches_version
from digitlab.storage.writers import add_writer, give_batches, read_writers
from tests.storage.samples import DIGIT, STROKES


def test_the_same_name_is_the_same_writer(store):
    ana = add_writer(store, "Ana")
    assert add_writer(store, "  Ana ") == ana
    bo = add_writer(store, "Bo")
    assert read_writers(store) == {ana: "Ana", bo: "Bo"}
    assert list(read_writers(store).values()) == ["Ana", "Bo"]
    assert add_writer(store, "Ünï😀" + 76 * "x") in read_writers(store)


@pytest.mark.parametrize("name", ["", "   ", 81 * "x"])
def test_names_that_are_refused(store, name):
    with pytest.raises(ValueError, match=f"1 to 80 characters. Received: {len(name.strip())} characters"):
        add_writer(store, name)
    assert store.version() == 0


def test_what_was_drawn_before_a_name_was_given_goes_along(store):
    you, ana = add_writer(store, "you"), add_writer(store, "Ana")
    mine, other = (start_batch(store, you, "one", range(10), 0) for _ in range(2))
    save_drawing(store, (mine, 0), STROKES, DIGIT, 1.0)
    before = batches_version(store, [mine])
    give_batches(store, [mine], " Ana ")
    assert {batch.id: batch.writer for batch in read_batches(store)} == {mine: "Ana", other: "you"}
    assert [(batch.id, batch.drawn) for batch in read_batches(store, ana)] == [(mine, 1)]
    assert batches_version(store, [mine]) != before
    give_batches(store, [mine, other], "Bo")
    assert {batch.writer for batch in read_batches(store)} == {"Bo"}


def test_a_name_that_cannot_be_kept_leaves_the_drawings_where_they_are(store):
    batch_id = start_batch(store, add_writer(store, "you"), "one", range(10), 0)
    with pytest.raises(ValueError, match="Received: the character"):
        give_batches(store, [batch_id], "a\0b")
    assert [batch.writer for batch in read_batches(store)] == ["you"]


def test_nobody_takes_what_is_anothers(store):
    ana, bo = (classroom.join(store, name)[0] for name in ("Ana", "Bo"))
    batch_id = start_batch(store, ana.id, "one", range(10), 0)
    with pytest.raises(NotAllowedError):
        give_batches(store, [batch_id], "Bo", by=bo)
    with pytest.raises(NotAllowedError):
        give_batches(store, [batch_id], "Bo", by=ana)
    assert [batch.writer for batch in read_batches(store)] == ["Ana"]
