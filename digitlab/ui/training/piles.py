"""Sorted pictures: whether drawings can sort them, and the piles, which a person confirms or calls otherwise."""

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digitlab.digits import CLASS_NAMES, Images, enlarge
from digitlab.drawing import training_warnings
from digitlab.drawing.clock import in_words, looking_seconds
from digitlab.drawing.pictures import montage
from digitlab.learning.model_files import ModelError
from digitlab.learning.unlabelled import experiment, pile_files
from digitlab.run import Run, Sorting
from digitlab.storage.store import default_url
from digitlab.ui import resources, state, who
from digitlab.ui.training import job_progress
from digitlab.ui.training.choose import Data

TAG = experiment.METHOD  # of the jobs, and prefix of the widget keys
_NAMES = {digit: name for digit, name in enumerate(CLASS_NAMES)} | {pile_files.LEFT_OUT: "leave out"}


def can_sort(data: Data) -> bool:
    """Say what is wrong with drawings to sort by, and return whether they can sort; get ready for it if so."""
    if not data.batch_ids:
        return False
    drawn = resources.overview(data.batch_ids)
    missing = [str(digit) for digit, count in enumerate(drawn.counts) if not count]
    if missing:
        st.warning(
            f"There is no drawing of {', '.join(missing)} among these {data.drawings}. Pictures can only be "
            "sorted by drawings of all ten digits: draw the missing ones too.",
            icon=":material/rule:",
        )
        return False
    for warning in training_warnings.warnings(drawn.counts, drawn.copies):
        st.warning(warning, icon=":material/rule:")
    resources.find_alike_pictures()
    return True


def show(run: Run, test_batch_ids: tuple[int, ...]) -> None:
    """Show the piles of a run, and let a person who has not yet done so say what is in each.

    Args:
        run: With a `sorting`.
        test_batch_ids: To test on after that.
    """
    if run.sorting is None:
        return
    st.subheader("The ten piles", anchor=False)
    try:
        pictures = resources.piles(run.id)
    except ModelError as error:
        st.error(str(error), icon=":material/error:")
        return
    if run.sorting.confirmed:
        st.markdown(
            f"You looked at the piles for **{in_words(run.sorting.seconds)}**, which counts as your work, and called "
            f"them what they are called here. {run.sorting.pictures:,} pictures were trained on."
        )
    else:
        st.markdown(
            "**Does each pile show the digit it is called?** Sorting goes well or badly wrong: for about one person in "
            "ten two piles are swapped, and the network then reads about 80\N{NO-BREAK SPACE}% of MNIST "
            "instead of 97. You see it at a "
            "glance: the pile that is called 9 is full of 7s. Then give both piles their right names."
        )
    st.caption(
        f"{pile_files.TYPICAL + pile_files.DOUBTFUL} pictures of each pile. The last {pile_files.DOUBTFUL} are those "
        "that fit least: some of them may be wrong."
    )
    names = tuple(_show_pile(run, run.sorting, pile, pictures[pile]) for pile in range(len(pictures)))
    if not run.sorting.confirmed:
        _offer_training(run, names, test_batch_ids)


def place_of_result(run: Run) -> DeltaGenerator:
    """Return where to show what a run reached: folded up until the piles were looked at, for it would tell of them."""
    if run.sorting is None or run.sorting.confirmed:
        return st.container()
    return st.expander(
        "What the network reads now. Look at the piles first: MNIST's labels would tell you whether they are right"
    )


def _show_pile(run: Run, sorting: Sorting, pile: int, pictures: Images) -> int:
    """Show a pile, and return what it is called now."""
    left, right = st.columns([1, 5], vertical_alignment="center")
    name = pile
    with left:
        if sorting.confirmed or not len(pictures):
            st.markdown(f"**{pile}**")
        else:
            name = st.selectbox(
                f"{sorting.sizes[pile]:,} pictures called",
                list(_NAMES),
                index=pile,
                format_func=_NAMES.__getitem__,
                key=f"{TAG}_{run.id}_{pile}",
                on_change=_note_click,
                args=(run.id,),
            )
    with right:
        if len(pictures):
            picture = enlarge(montage(pictures, pile_files.TYPICAL + pile_files.DOUBTFUL), 3)
            st.image(picture, alt=f"Pictures of the pile that is called {pile}")
        else:
            st.info(f"Nothing is in the pile that is called {pile}: its pictures are in other piles.")
    return name


def _offer_training(run: Run, names: tuple[int, ...], test_batch_ids: tuple[int, ...]) -> None:
    """Show what the names would mean, and the button that trains on the piles as they are called now."""
    with st.container():
        for sentence in pile_files.describe_names(names):
            st.warning(sentence, icon=":material/rule:")
    moments = state.moments(_desk(run.id))
    job_progress.start_button(
        TAG,
        "They are right: train again" if names == tuple(range(len(names))) else "Train again with these names",
        experiment.confirm,
        experiment.ConfirmExperiment(
            run_id=run.id,
            names=names,
            seconds=looking_seconds([*moments, time.time()]),
            database_url=default_url(),
            test_batch_ids=test_batch_ids,
            owner_id=who.person().id,
        ),
        key=f"{TAG}_confirm",
    )
    st.caption(
        "Looking is work of yours: from the moment the piles are shown to this button it is added to the time of your "
        "drawings, at most a minute between two clicks. The run before it stays as it is."
    )


def _note_click(run_id: str) -> None:
    state.moments(_desk(run_id)).append(time.time())


def _desk(run_id: str) -> str:
    return f"{TAG}_{run_id}"
