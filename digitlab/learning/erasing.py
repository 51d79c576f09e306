"""Erasing a person with the model files of their runs; the cards of others' models are written anew where they told."""

from pathlib import Path

from digitlab.learning import model_files
from digitlab.storage import erasing
from digitlab.storage.erasing import Erased
from digitlab.storage.people import Person
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store


def erase_person(store: Store, writer_id: int, folder: Path, by: Person) -> None:
    """Erase everything that is kept of a person: what is in the database, then the model files of their runs.

    Args:
        store: Where they are kept.
        writer_id: Of the person.
        folder: Of the model files.
        by: Whoever asks for it.

    Raises:
        ValueError: If there is no such person.
        NotAllowedError: If `by` is not the teacher.
    """
    delete_files(store, erasing.erase_person(store, writer_id, by), folder)


def delete_files(store: Store, erased: Erased, folder: Path) -> None:
    """Delete the model files of runs that are gone, and write the cards of those that changed anew.

    Args:
        store: Where the runs were erased.
        erased: What became of runs there.
        folder: Of the model files.
    """
    for run_id in erased.run_ids:
        model_files.delete(run_id, folder)
    for run in read_runs(store):
        if run.id in erased.changed and run.id in model_files.saved(folder):
            model_files.save_card(run, folder)
