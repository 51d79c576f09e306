"""What an experiment that comes in has in common with the database, and what is to be stored of it.

Nothing there is changed by it, with one exception: a sheet in hand that has only gone on since is taken as it is now.

What is the same is said in `same`. So the same person is whoever has the same sittings, whatever the name is there;
somebody of the same name with none of them may be another person: whoever brings the experiment in says which.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.experiment.contents import Contents
from digitlab.storage.experiment.rows import ForecastRow, PointRow
from digitlab.storage.experiment.same import (
    BatchThere,
    DrawnThere,
    RunThere,
    SameSheet,
    find_candidates,
    find_missing,
    match_batches,
    match_runs,
    match_sheets,
    read_drawn,
)
from digitlab.storage.names import DEMO_WRITER
from digitlab.storage.people import Person


class Fate(Enum):
    """What becomes of a drawing that comes in."""

    NEW = "stored"
    THERE = "there already"
    ASIDE = "put aside: its prompt has another drawing here"


@dataclass(frozen=True)
class Plan:
    """What is there already, and what becomes of the rest.

    Attributes:
        batches: From the number of a batch to that of the same one there.
        people: From the number of a person to that of the same one there.
        taken: People whose name somebody else has there, and about whom nothing was said.
        names: Under which name each of the others will be added.
        drawings: What becomes of each, in the order of `Contents.drawings`.
        differ: Drawings that are there with another label, or put aside on one side alone: they stay as they are.
        sheets: From the number of a sheet to the same one there.
        runs: From the id of a run to that of the same one there.
        used_run_ids: Ids of runs to come that another run has there.
        points: Keys of the points of learning curves to store; of a pupil none: no key says whose figures they are.
        forecasts: The same of forecasts.
    """

    batches: Mapping[int, int]
    people: Mapping[int, int]
    taken: tuple[int, ...]
    names: Mapping[int, str]
    drawings: Sequence[Fate]
    differ: int
    sheets: Mapping[int, SameSheet]
    runs: Mapping[str, str]
    used_run_ids: Collection[str]
    points: frozenset[tuple[str | int, ...]]
    forecasts: frozenset[tuple[str | int, ...]]

    def is_empty(self, contents: Contents) -> bool:
        """Return whether there is nothing to store of these contents, which it was made for."""
        all_there = all(
            len(same) == len(coming)
            for same, coming in (
                (self.batches, contents.batches),
                (self.sheets, contents.sheets),
                (self.runs, contents.runs),
            )
        )
        goes_on = any(sheet.goes_on is not None for sheet in self.sheets.values())
        drawn = self.drawings.count(Fate.THERE) < len(self.drawings)
        return all_there and not (goes_on or drawn or self.names or self.taken or self.points or self.forecasts)


def make_plan(connection: sa.Connection, contents: Contents, by: Person, said: Mapping[str, str] | None = None) -> Plan:
    """Compare an experiment with the database.

    Args:
        connection: To read with.
        contents: Of the experiment.
        by: Whoever brings it in. What a pupil brings in becomes the pupil's, and is compared with that alone.
        said: Under which names to store people whose names are taken; their own name: they are the same person.
    """
    own, said = None if by.may_do_everything else by.id, said or {}
    own_name = {by.name} if own is not None else set()
    called = {
        person.id: {name.casefold() for name in {person.name, said.get(person.name, person.name), *own_name}}
        for person in contents.people.values()
    }
    candidates = find_candidates(connection, contents, own)
    drawn = read_drawn(connection, {there.id for each in candidates.values() for there in each})
    same = match_batches(contents, candidates, drawn, called)
    runs, used = match_runs(connection, contents, own)
    fates, differ = _decide(contents, {batch: drawn[there.id] for batch, there in same.items()})
    if own is None:
        people, taken, names = _match_people(connection, contents, said, *_tell_people(contents, same, runs))
    else:
        people, taken, names = dict.fromkeys(contents.people, own), (), {}
    return Plan(
        batches={batch: there.id for batch, there in same.items()},
        people=people,
        taken=taken,
        names=names,
        drawings=fates,
        differ=differ,
        sheets=match_sheets(connection, contents, {batch: there.id for batch, there in same.items()}),
        runs={run_id: there.id for run_id, there in runs.items()},
        used_run_ids=used,
        points=frozenset() if own else find_missing(connection, PointRow, contents.points),
        forecasts=frozenset() if own else find_missing(connection, ForecastRow, contents.forecasts),
    )


def _decide(contents: Contents, drawn: Mapping[int, DrawnThere]) -> tuple[list[Fate], int]:
    """Return what becomes of each drawing, and how many of those that are there differ."""
    fates, differ = [], 0
    for key in contents.drawings:
        there = drawn.get(key.batch)
        found = there and there.find(key)
        if found:
            fates.append(Fate.THERE)
            differ += found != (key.label, key.living)
        elif there and key.living and key.position in there.living:
            fates.append(Fate.ASIDE)
        else:
            fates.append(Fate.NEW)
    return fates, differ


def _tell_people(
    contents: Contents, same: Mapping[int, BatchThere], runs: Mapping[str, RunThere]
) -> tuple[dict[int, Counter[int]], set[int]]:
    """Return of each person who has how many of the same things there, and of whom something is to be stored."""
    holders: dict[int, Counter[int]] = {person: Counter() for person in contents.people}
    to_come: set[int] = set()
    for batch in contents.batches.values():
        if batch.id in same:
            holders[batch.person][same[batch.id].writer_id] += 1
        else:
            to_come.add(batch.person)
    for run in contents.runs:
        owner = runs[run.id].owner_id if run.id in runs else None
        if run.person is not None and owner is not None:
            holders[run.person][owner] += 1
        elif run.person is not None and run.id not in runs:
            to_come.add(run.person)
    return holders, to_come


def _match_people(
    connection: sa.Connection,
    contents: Contents,
    said: Mapping[str, str],
    holders: Mapping[int, Counter[int]],
    to_come: Collection[int],
) -> tuple[dict[int, int], tuple[int, ...], dict[int, str]]:
    """Return who is who there, whose names are taken, and under which names the others will be added."""
    writers = connection.execute(sa.select(schema.writers.c.id, schema.writers.c.name)).all()
    exactly, nearly = ({fold(row.name): row.id for row in writers} for fold in (str, str.casefold))
    people: dict[int, int] = {}
    taken, names = [], {}
    for person in contents.people.values():
        wanted = said.get(person.name, person.name)
        known = exactly.get(wanted) or nearly.get(wanted.casefold())
        if holders[person.id]:
            people[person.id] = holders[person.id].most_common(1)[0][0]
        elif known is None:
            names[person.id] = wanted
        elif person.name in said or person.name == DEMO_WRITER or person.id not in to_come:
            people[person.id] = known
        else:
            taken.append(person.id)
    return people, tuple(taken), names
