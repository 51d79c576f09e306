"""One person's result, large and alone, to be read from the last row: their digits, time, accuracies, mistakes."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison.kinds import KIND_TITLES
from digitlab.comparison.method_results import method_results
from digitlab.comparison.speaking import speaker
from digitlab.digits import enlarge
from digitlab.drawing import pictures
from digitlab.drawing.clock import in_words
from digitlab.learning.model_files import ModelError
from digitlab.learning.telling_mistakes import TellingMistake, telling_mistakes
from digitlab.look import percent
from digitlab.run import Help, Run
from digitlab.storage import classroom
from digitlab.storage.batches import Batch
from digitlab.storage.store import default_url
from digitlab.ui import resources
from digitlab.ui.plain import in_plain

_PARAMETER = "project"  # of a link to a second window: the number of the person
_KINDS: tuple[Help, ...] = ("alone", "unlabelled", "mnist")
_MISTAKES = 3
_STYLE = """<style>
[data-testid="stSidebar"], [data-testid="stHeader"] { display: none; }
.st-key-class_projected h1 { font-size: clamp(2.5rem, 6vw, 7rem); line-height: 1.1; padding: 0; }
.st-key-class_projected img { max-height: 34vh; object-fit: contain; object-position: left; }
.st-key-class_projected p { font-size: clamp(1.2rem, 2.2vw, 2.4rem); }
</style>"""


def link(home: str, writer_id: int) -> str:
    """Return the address that shows somebody alone; only a teacher is shown it.

    Example:
        >>> link("http://10.0.0.7:8501/", 7)
        'http://10.0.0.7:8501/class?project=7'
    """
    return f"{home}class?{_PARAMETER}={writer_id}"


def is_asked() -> bool:
    """Return whether the link asks for one person."""
    return _PARAMETER in st.query_params


def show() -> None:
    """Show the person of the link. Whoever calls this has checked that a teacher looks."""
    members = {str(member.id): member for member in classroom.read_members(resources.store())}
    member = members.get(st.query_params[_PARAMETER])
    if member is None:
        st.info("There is nobody like that in the class. Choose a person on the page Class.")
        return
    batches = [batch for batch in resources.batches() if batch.writer_id == member.id]
    hidden = classroom.read_settings(resources.store()).names_hidden
    st.html(_STYLE)
    with st.container(key="class_projected"):
        title = st.container()
        if hidden and not st.toggle("Show the name", key="class_name_shown"):
            title.markdown(f"# writer {member.id}")
        else:
            title.markdown(f"# {in_plain(member.name)}")
        _show_digits(batches)
        _show_figures(batches, [run for run in resources.runs() if run.owner_id == member.id])


def _show_digits(batches: Sequence[Batch]) -> None:
    drawn = [batch for batch in batches if batch.drawn]
    ones = [batch for batch in drawn if batch.kind == "one"]
    if not drawn:
        st.markdown("Nothing drawn yet.")
        return
    digits = resources.overview((ones[-1].id,) if ones else tuple(batch.id for batch in drawn)).first.images
    st.image(enlarge(pictures.montage(digits, len(digits)), 4), width="stretch", alt="A drawing of each digit")


def _show_figures(batches: Sequence[Batch], runs: Sequence[Run]) -> None:
    results = method_results(runs)
    spoken = {kind: result for kind in _KINDS if (result := speaker(results, kind))}
    places = st.columns(1 + max(1, len(spoken)))
    with places[0]:
        st.markdown(f"# {in_words(sum(batch.seconds for batch in batches))}")
        st.markdown(f"drawing {sum(batch.drawn for batch in batches)} digits")
    for place, (kind, result) in zip(places[1:], spoken.items(), strict=False):
        with place:
            st.markdown(f"# {percent(result.tests['mnist'].accuracy)}")
            st.markdown(f"of MNIST, {KIND_TITLES[kind]}")
    if not spoken:
        places[1].markdown("No network of theirs reads better than a guess yet.")
        return
    kind, first = next(iter(spoken.items()))
    with st.container():
        try:
            _show_mistakes(_mistakes(default_url(), first.id), KIND_TITLES[kind])
        except ModelError as error:
            st.error(str(error), icon=":material/error:")


def _show_mistakes(mistakes: Sequence[TellingMistake], kind: str) -> None:
    if not mistakes:
        return
    st.markdown(f"What the network ({kind}) takes for something else:")
    x_test, _ = resources.test_digits()
    for place, each in zip(st.columns(_MISTAKES), mistakes, strict=False):
        label, prediction = each.mistake.label, each.mistake.prediction
        place.image(
            enlarge(x_test[each.mistake.index], 8), width="stretch", alt=f"A {label} that is taken for a {prediction}"
        )
        place.markdown(f"**{label}, taken for {prediction}**: so are {each.count:,} of {each.of:,}")


@st.cache_resource(show_spinner=False, max_entries=100)
def _mistakes(url: str, run_id: str) -> tuple[TellingMistake, ...]:
    x_test, y_test = resources.test_digits()
    return telling_mistakes(y_test, resources.predictor(run_id).predict(x_test), _MISTAKES)
