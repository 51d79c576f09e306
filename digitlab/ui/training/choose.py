"""Choose what to train: the drawings, the model to start from, the kind of network."""

from dataclasses import dataclass

import streamlit as st

from digitlab.comparison.runs import unique_names
from digitlab.digits import enlarge
from digitlab.drawing import training_warnings
from digitlab.learning import model_files, preview
from digitlab.learning.model_files import ModelError
from digitlab.run import Run
from digitlab.settings import NETWORK_NAMES, NETWORKS, Settings
from digitlab.storage import seen_drawings
from digitlab.storage.batches import TRAINING_KINDS
from digitlab.storage.demo import without_demo
from digitlab.ui import hidden_names, query_params, resources, who

WHAT = {
    "one": "One of each digit",
    "full": "Full batches",
    "imported": "Imported digits",
    "all": "All drawings",
}
_EVERYONE = "everyone"


@dataclass(frozen=True)
class Data:
    """Drawings to train on and to test on, and what to call them."""

    name: str
    drawings: int
    batch_ids: tuple[int, ...]
    test_batch_ids: tuple[int, ...]


def data_input(page: str) -> Data:
    """Ask whose and which drawings to train on, and say what that is.

    Args:
        page: Prefix of the widget keys.

    Returns:
        The choice; without batches if there are no such drawings.
    """
    left, right = st.columns(2)
    with left:
        what = query_params.choice(
            st.segmented_control, "Drawings", list(WHAT), key=f"{page}_what", show=WHAT.__getitem__
        )
    batches = [batch for batch in hidden_names.batches() if batch.drawn]
    writers = sorted({batch.writer for batch in batches})
    with right:
        whose = query_params.choice(st.selectbox, "Writer", [_EVERYONE, *writers], key=f"{page}_writer")
    batches = without_demo(batches) if whose == _EVERYONE else [batch for batch in batches if batch.writer == whose]
    chosen = [batch for batch in batches if batch.kind in (TRAINING_KINDS if what == "all" else (what,))]
    if what == "one":  # of each writer the newest: the method is one instance of each digit
        chosen = list({batch.writer: batch for batch in chosen}.values())
    tests = [batch for batch in batches if batch.kind == "test"]
    drawn, tested = (sum(batch.drawn for batch in some) for some in (chosen, tests))
    imported = sum(batch.drawn for batch in chosen if batch.kind == "imported")
    if chosen:
        own = f"and on {tested} own test digits" if tested else "(no own test digits yet: draw a batch to test with)"
        of = f" ({imported} of them imported: no minutes of drawing are counted for these)" if imported else ""
        st.markdown(f"**{drawn} drawings**{of} to train on; tested on MNIST's test set {own}.")
    else:
        st.info("There are no such drawings yet.")
        st.page_link("pages/draw_one.py", label="Draw one of each digit", icon=":material/draw:")
    counts = [f"{drawn - imported} drawings"] if drawn > imported else []
    counts += [f"{imported} imported digits"] if imported else []
    name = f"{WHAT[what]}, {' and '.join(counts) or '0 drawings'}" + ("" if whose == _EVERYONE else f" by {whose}")
    return Data(name, drawn, tuple(batch.id for batch in chosen), tuple(batch.id for batch in tests))


def show_data(data: Data, settings: Settings) -> None:
    """Say what is wrong with the drawings, and show what the network will see of them.

    Args:
        data: As `data_input` returned it.
        settings: Of these it uses copies, variation, forms and seed.
    """
    if not data.batch_ids:
        return
    drawn = resources.overview(data.batch_ids)
    for warning in training_warnings.warnings(drawn.counts, drawn.copies):
        st.warning(warning, icon=":material/rule:")
    with st.expander("What the network will see"):
        seen = seen_drawings.seen_batches(resources.store(), data.batch_ids, who.person())
        if not seen:
            st.info("The teacher has hidden the drawings of others.")
            return
        st.caption("The first of each digit" + (" and, below it, varied copies." if settings.copies else ", as it is."))
        first = resources.overview(seen).first
        st.image(enlarge(preview.picture(first, settings), 2), alt="Digits as the network will see them")


def start_input(page: str) -> Run | None:
    """Ask whether to train from scratch or to start from a model trained on MNIST.

    Returns:
        The run of the model to start from, or None.
    """
    try:
        saved = [model_files.load_card(model_files.REFERENCE)]
    except ModelError as error:
        st.error(str(error))
        saved = []
    trained = [run for run in resources.runs() if run.method == "dense" and not run.model_missing]
    saved += unique_names(hidden_names.named(trained))[::-1]
    by_id = {run.id: run for run in saved}
    scratch = "from scratch"
    start = query_params.choice(
        st.selectbox,
        "Start",
        [scratch, *by_id],
        key=f"{page}_start_from",
        show=lambda run_id: scratch if run_id == scratch else f"from the model: {by_id[run_id].name}",
    )
    return by_id.get(start)


def network_input(page: str, start_from: Run | None) -> str:
    """Ask for the kind of network; it is given where a saved model is trained further."""
    if start_from and start_from.settings:
        return start_from.settings.network
    return query_params.choice(
        st.segmented_control,
        "Network",
        NETWORKS,
        key=f"{page}_network",
        show=NETWORK_NAMES.__getitem__,
    )
