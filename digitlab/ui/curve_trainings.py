"""Start the trainings of a learning curve: by themselves when a batch is finished, or by a click."""

from collections.abc import Iterable
from threading import Lock

import streamlit as st

from digitlab.curve import training, writer_curves
from digitlab.curve.forecast import MIN_DRAWINGS
from digitlab.curve.points import Curve
from digitlab.curve.writer_curves import WriterCurves
from digitlab.storage import classroom
from digitlab.storage.batches import Batch, read_batches
from digitlab.storage.people import NotAllowedError
from digitlab.storage.store import default_url
from digitlab.ui import resources, who


def begin_after(batch: Batch) -> bool:
    """Start the trainings of the learning curve of whose batch this is, if it is finished and the visitor's own.

    They give way to all other jobs. Of the same drawings they are started once: not in a second window, and not again
    after they were stopped. What is trained already is not trained again.

    Args:
        batch: As stored.

    Returns:
        Whether they were started now.
    """
    person = who.person()
    if batch.drawn < len(batch.labels) or not (person.role == "owner" or person.id == batch.writer_id):
        return False
    store = resources.store()
    try:
        classroom.check_may_begin(store, who.person())
    except NotAllowedError:  # nobody asked for it: nothing to say
        return False
    batches = read_batches(store)
    drawn = writer_curves.drawings_by_writer(batches).get(batch.writer, 0)
    if drawn < MIN_DRAWINGS:
        return False
    curves = writer_curves.plan_curves(batches, batch.writer, default_url())
    with _one_at_a_time():
        if resources.jobs().all(curves.job_tag):
            return False
        missing = writer_curves.missing_of_mine(store, curves)
        _submit(curves, missing, gives_way=True)
    return bool(missing)


def begin(curves: WriterCurves, missing: Iterable[tuple[Curve, int]]) -> None:
    """Start what is missing of curves because somebody asked for it.

    Raises:
        NotAllowedError: If the visitor may not begin anything now.
    """
    classroom.check_may_begin(resources.store(), who.person())
    with _one_at_a_time():
        if all(job.over for job in resources.jobs().all(curves.job_tag)):
            _submit(curves, missing, gives_way=False)


def stop(curves: WriterCurves) -> None:
    """Stop those trainings of curves that are the visitor's; what is trained is kept."""
    own = [job for job in resources.jobs().all(curves.job_tag) if not job.over and who.owns(job)]
    for job in reversed(own):  # the waiting ones first, or the next would begin
        resources.jobs().stop(job.id, by=job.owner)


def _submit(curves: WriterCurves, missing: Iterable[tuple[Curve, int]], *, gives_way: bool) -> None:
    for curve, n in missing:
        resources.jobs().submit(
            training.train_size, curve, n, tag=curves.job_tag, owner=who.job_owner(), gives_way=gives_way
        )


@st.cache_resource(show_spinner=False)
def _one_at_a_time() -> Lock:
    return Lock()
