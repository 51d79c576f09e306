"""Whose drawings somebody may look at."""

import pytest

from digitlab.storage import classroom
from digitlab.storage.batches import start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.digit_export import find_outgoing
from digitlab.storage.drawings import save_drawing
from digitlab.storage.found_drawings import Wanted, count_wanted
from digitlab.storage.people import OWNER, VISITOR
from digitlab.storage.seen_drawings import are_hidden, narrow, seen_batches, seen_drawings
from tests.storage.samples import DIGIT, STROKES


@pytest.fixture
def people(store):
    return [classroom.join(store, name, teacher=name == "Lee")[0] for name in ("Ana", "Bo", "Lee")]


@pytest.fixture
def drawn(store, people):
    """A batch and its drawing of Ana's and of Bo's: `{name: (batch id, drawing id)}`."""
    found = {}
    for person in people[:2]:
        batch_id = start_batch(store, person.id, "one", range(10), 0, by=person)
        found[person.name] = batch_id, save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0, by=person)
    return found


@pytest.fixture
def hide(store, people):
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=False, drawings_hidden=True), people[2])


def seen(store, drawn, by):
    """Who is seen, found by each of the ways in which a page or a file asks."""
    batches, drawings = ({name: ids[place] for name, ids in drawn.items()} for place in (0, 1))
    ways = [
        {name for name, each in batches.items() if each in seen_batches(store, list(batches.values()), by)},
        {name for name, each in drawings.items() if each in seen_drawings(store, list(drawings.values()), by)},
        {name for name in drawn if count_wanted(store, narrow(store, Wanted(writer=name), by))},
        {name for name, each in batches.items() if count_wanted(store, narrow(store, Wanted(batch_id=each), by))},
    ]
    if by.role != "visitor":
        ways.append(set(find_outgoing(store, by=by).writers))
    assert all(way == ways[0] for way in ways), ways
    return ways[0]


def test_all_are_seen_where_nothing_is_hidden(store, drawn, people):
    for by in (*people, VISITOR, OWNER):
        assert not are_hidden(store, by)
        assert seen(store, drawn, by) == {"Ana", "Bo"}


@pytest.mark.usefixtures("hide")
def test_a_pupil_sees_their_own_where_drawings_are_hidden(store, drawn, people):
    ana, bo, lee = people
    assert seen(store, drawn, ana) == {"Ana"}
    assert seen(store, drawn, bo) == {"Bo"}
    assert seen(store, drawn, VISITOR) == set()
    for by in (lee, OWNER):
        assert seen(store, drawn, by) == {"Ana", "Bo"}


@pytest.mark.usefixtures("hide")
def test_ids_that_somebody_asks_for_by_hand_are_not_taken_along(store, drawn, people):
    ids = [drawing_id for _, drawing_id in drawn.values()]
    assert find_outgoing(store, drawing_ids=ids, by=people[0]).ids.tolist() == [drawn["Ana"][1]]
