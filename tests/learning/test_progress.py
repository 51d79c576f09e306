import json

import pytest

from digitlab.learning.progress import Progress, Stage, State, at_most_every, from_event, state, to_event
from digitlab.run import Epoch

EPOCH = Epoch(1, 0.5, 0.8, 0.6, 0.7, 1.0, 100)
REPORTS = [Stage("Loading"), Stage("Training"), Progress(0.5, 3.0), EPOCH, Progress(1.0, 0.0)]


def test_a_report_travels_as_json_and_arrives_as_it_was():
    assert [from_event(json.loads(json.dumps(to_event(report)))) for report in REPORTS] == REPORTS


def test_the_state_is_the_newest_of_each_and_all_epochs():
    assert state(map(to_event, REPORTS)) == State("Training", Progress(1.0, 0.0), (EPOCH,))
    assert state([]) == State("", None, ())


def test_another_event_is_refused():
    with pytest.raises(ValueError, match="of an epoch. Received: {'weather': 'fine'}"):
        from_event({"weather": "fine"})


def test_calls_in_quick_succession_are_left_out():
    heard = []
    often = at_most_every(60, heard.append)
    for number in range(3):
        often(number)
    assert heard == [0]
