"""What an experiment would bring, told before anything is stored. What the page and the command line do alike."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from digitlab.formats.experiment.read import ExperimentFile
from digitlab.storage.experiment.coming import compare
from digitlab.storage.experiment.contents import Contents
from digitlab.storage.experiment.plan import Fate, Plan
from digitlab.storage.people import OWNER, Person
from digitlab.storage.store import Store
from digitlab.storage.writers import read_writers


@dataclass(frozen=True)
class ComingPerson:
    """Somebody in an experiment.

    Attributes:
        name: There.
        drawings: Of theirs, deleted ones left out.
        new: How many of these are not here yet.
        becomes: Under which name they will be kept here; empty: somebody else has theirs, and a name is needed.
    """

    name: str
    drawings: int
    new: int
    becomes: str


@dataclass(frozen=True)
class Preview:
    """What would be stored.

    Attributes:
        file: The experiment.
        contents: Of it.
        plan: What becomes of it.
        people: Who is in it.
        free_names: For each of those whose name is taken, one that is free.
    """

    file: ExperimentFile
    contents: Contents
    plan: Plan
    people: tuple[ComingPerson, ...]
    free_names: Mapping[str, str]

    @property
    def new_runs(self) -> int:
        """How many runs are not here yet."""
        return len(self.contents.runs) - len(self.plan.runs)

    @property
    def is_new(self) -> bool:
        """Whether there is anything to store."""
        return not self.plan.is_empty(self.contents)

    def summary(self) -> str:
        """Return in a sentence what there is, for a reader."""
        fates, plan = Counter(self.plan.drawings), self.plan
        n_deleted = sum(not key.living for key in self.contents.drawings)
        deleted = f" ({n_deleted:,} of them deleted)" if n_deleted else ""
        drawings = [
            f"{_count(len(plan.drawings), 'drawing', 'drawings')}{deleted}: {fates[Fate.NEW]:,} new",
            f"{fates[Fate.THERE]:,} here already" if fates[Fate.THERE] else "",
            f"{plan.differ:,} of these changed since on one side: yours stay as they are" if plan.differ else "",
            f"{fates[Fate.ASIDE]:,} to the deleted ones, because their prompt has another drawing here"
            if fates[Fate.ASIDE]
            else "",
        ]
        runs = [
            f"{_count(len(self.contents.runs), 'run', 'runs')}: {self.new_runs:,} new",
            f"{len(plan.runs):,} here already" if plan.runs else "",
        ]
        people = _count(len(self.people), "person", "people")
        return "; ".join([people, *(", ".join(filter(None, parts)) for parts in (drawings, runs))]) + "."


def preview(
    store: Store,
    file: ExperimentFile,
    contents: Contents,
    said: Mapping[str, str] | None = None,
    *,
    by: Person = OWNER,
) -> Preview:
    """Say what would be stored.

    Args:
        store: Where to.
        file: As `read.read_experiment` returned it.
        contents: Likewise.
        said: Under which names to store people whose names are taken, see `storage.experiment.coming.compare`.
        by: Whoever brings it in.

    Raises:
        ValueError: As `compare`.
        NotAllowedError: If `by` may not store anything.
    """
    plan = compare(store, contents, said, by=by)
    here = read_writers(store)
    of_batch = {batch.id: batch.person for batch in contents.batches.values()}
    drawn, new = Counter[int](), Counter[int]()
    for key, fate in zip(contents.drawings, plan.drawings, strict=True):
        drawn[of_batch[key.batch]] += key.living
        new[of_batch[key.batch]] += key.living and fate is not Fate.THERE
    people = tuple(
        ComingPerson(
            name=person.name,
            drawings=drawn[person.id],
            new=new[person.id],
            becomes=plan.names.get(person.id) or here.get(plan.people.get(person.id, 0), ""),
        )
        for person in contents.people.values()
    )
    used = {name.casefold() for name in (*here.values(), *(person.name for person in people))}
    free = {contents.people[person].name: _free(contents.people[person].name, used) for person in plan.taken}
    return Preview(file, contents, plan, people, free)


def _free(name: str, used: set[str]) -> str:
    number = 2
    while f"{name[:70]} ({number})".casefold() in used:
        number += 1
    return f"{name[:70]} ({number})"


def _count(n: int, one: str, more: str) -> str:
    return f"{n:,} {one if n == 1 else more}"
