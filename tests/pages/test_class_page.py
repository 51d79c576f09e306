"""The page of the teacher, and what it does to the pages of the pupils."""

import io
import re

import numpy as np
import pytest
import segno
import sqlalchemy as sa
from PIL import Image

from digitlab.learning import model_files
from digitlab.look import percent
from digitlab.run import TrainedOn
from digitlab.storage import classroom, demo, schema
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.drawings import save_drawing
from digitlab.storage.models import read_model_file
from digitlab.storage.runs import read_runs
from digitlab.storage.writers import read_writers
from digitlab.ui import resources
from digitlab.ui.classroom.entrance import qr_code
from tests.helpers import a_run, add_run, choose_rows, draw, has_key, human_strokes, texts, until
from tests.pages.conftest import APP
from tests.storage.samples import DIGIT, STROKES

PAGES = sorted(path.stem for path in (APP.parent / "pages").glob("*.py") if path.stem != "class")  # for the teacher
TABS = ("Methods", "Who reads whom", "Two runs", "Learning curve", "Report")


@pytest.fixture(autouse=True)
def codes(monkeypatch):
    monkeypatch.setenv("DIGITLAB_CLASS_CODE", "owl 12")
    monkeypatch.setenv("DIGITLAB_TEACHER_CODE", "eagle-99")


@pytest.fixture
def members(store):
    """Persons by name, and their tokens; Zebulon and Yolanda have drawn all digits and trained."""
    found = {name: classroom.join(store, name, teacher=name == "Lee") for name in ("Zebulon", "Yolanda", "Lee")}
    for number, name in enumerate(("Zebulon", "Yolanda")):
        person = found[name][0]
        for kind in ("full", "test"):
            batch_id = start_batch(store, person.id, kind, range(10), 0, by=person)
            for place in range(10):
                save_drawing(store, (batch_id, place), STROKES, DIGIT, 1.0, by=person)
        run = a_run(f"full-{number}", "full", name=f"10 drawings by {name}", right=0.8 + number / 10, drawings=10)
        object.__setattr__(run, "owner_id", person.id)
        object.__setattr__(run, "train", TrainedOn("drawings", 10, "0" * 16, (2 * number + 1,)))
        add_run(store, run)
    return found


@pytest.fixture
def teacher(visit, members):
    return visit("class", me=members["Lee"][1])


def shown(at):
    """All that a page sends to the browser, tables and charts too."""

    def walk(node):
        yield str(getattr(node, "proto", ""))
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    return "\n".join(walk(at._tree))


def look_at_all_pages(visit, token):
    for name in PAGES:
        at = visit(name, me=token)
        assert not at.exception
        yield name, shown(at)
    for tab in TABS:
        at = visit("compare", me=token, compare_tab=tab)
        assert not at.exception
        yield tab, shown(at)


@pytest.mark.parametrize("name", ["Zebulon", None])
def test_whoever_is_not_the_teacher_sees_nothing_of_it(visit, store, members, name):
    before = store.version()
    at = visit("class", me=members[name][1] if name else "wrong")
    assert "for the teacher" in texts(at)
    assert not any((button.key or "").startswith("class") for button in at.button)
    assert "owl 12" not in shown(at)
    assert "drawings" not in texts(at)
    assert store.version() == before


def test_without_a_class_it_says_how_one_begins(visit, monkeypatch):
    monkeypatch.delenv("DIGITLAB_CLASS_CODE")
    assert "DIGITLAB_TEACHER_CODE" in texts(visit("class"))


def test_the_menu_shows_it_to_a_teacher_alone(visit, members):
    assert visit("home", me=members["Lee"][1]).session_state["who_teacher"]
    at = visit("home", me=members["Zebulon"][1])
    assert "who_teacher" not in at.session_state or not at.session_state["who_teacher"]


def test_the_entrance(teacher):
    address, code = (element.value for element in teacher.code if "?me=" not in element.value)
    assert (address[-1], code) == ("/", "owl 12")
    assert "me" not in teacher.query_params, "it may be projected"


def test_the_qr_code_holds_what_it_is_given():
    address = "http://10.0.0.7:8501/?code=owl%2012"
    picture = np.asarray(Image.open(io.BytesIO(qr_code(address))).convert("L"))
    modules = picture[4::8, 4::8] == 0  # the middle of each
    assert picture[: 4 * 8].min() > 0, "the quiet zone"
    assert (modules[4:-4, 4:-4] == np.array(segno.make_qr(address, error="m").matrix, bool)).all()
    assert modules.shape == (len(segno.make_qr(address, error="m").matrix) + 8,) * 2


def test_the_wall(visit, store, teacher, members):
    assert "**Zebulon**" in texts(teacher)
    assert "20 drawings; newest network: 80.0\N{NO-BREAK SPACE}% of MNIST" in texts(teacher)
    assert "20 drawings; newest network: 90.0\N{NO-BREAK SPACE}% of MNIST" in texts(teacher)
    assert "**Lee**" not in texts(teacher), "who teaches and draws nothing"
    person = members["Zebulon"][0]
    batch_id = start_batch(store, person.id, "full", range(10), 0, by=person)
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0, by=person)
    classroom.join(store, "**Xena**")
    assert "21 drawings" in texts(teacher.run())
    assert "**\\*\\*Xena\\*\\***" in texts(teacher)
    assert "Nothing drawn yet." in texts(teacher)


def test_freezing(visit, store, teacher, members):
    teacher.button(key="class_freeze").click().run()
    assert classroom.read_settings(store).frozen
    assert "The class is frozen" in texts(teacher)
    at = visit("draw_one", me=members["Zebulon"][1])
    draw(at, "one", human_strokes()[0])
    at.button(key="one-button-save").click().run()
    assert "Your teacher has frozen the class" in at.warning[0].value
    assert {batch.kind for batch in read_batches(store)} == {"full", "test"}
    at = visit("retrain", me=members["Zebulon"][1])
    at.segmented_control(key="retrain_what").set_value("full").run()
    at.button(key="retrain_start").click().run()
    assert "Your teacher has frozen the class" in at.error[0].value
    teacher.button(key="class_freeze").click().run()
    assert not classroom.read_settings(store).frozen


def test_no_page_of_a_pupil_shows_a_hidden_name(visit, store, teacher, members):
    token = members["Zebulon"][1]
    assert {name for name, page in look_at_all_pages(visit, token) if "Yolanda" in page} >= {
        *("my_digits", "retrain", "compare", "Who reads whom", "Two runs", "Learning curve")
    }
    teacher.button(key="class_hide").click().run()
    assert classroom.read_settings(store) == ClassSettings(frozen=False, names_hidden=True)
    hidden = f"writer {members['Yolanda'][0].id}"
    pages = dict(look_at_all_pages(visit, token))
    assert [name for name, page in pages.items() if "Yolanda" in page] == []
    assert all(hidden in pages[name] for name in ("my_digits", "retrain", "compare", "Who reads whom", "Two runs"))
    assert "Zebulon" in pages["my_digits"], "one's own name is not hidden"
    assert "Yolanda" in shown(visit("my_digits", me=members["Lee"][1])), "nor any from the teacher"


def test_my_digits_of_a_hidden_writer(visit, store, members):
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=True), members["Lee"][0])
    at = visit("my_digits", me=members["Zebulon"][1])
    at.selectbox(key="my_writer").set_value(f"writer {members['Yolanda'][0].id}").run()
    assert not at.exception
    assert "No drawing is like that." not in texts(at)
    assert shown(at).count("writer 2") > 10


def draw_otherwise(store, person, digit):
    """Give somebody's drawings another picture and other strokes; all that is counted of them stays."""
    theirs = sa.select(schema.batches.c.id).where(schema.batches.c.writer_id == person.id)
    values = {"digit": digit.tobytes(), "strokes": [[[float(digit[14, 14]), 10.0], [90.0, 90.0]]]}
    with store.write() as connection:
        connection.execute(schema.drawings.update().where(schema.drawings.c.batch_id.in_(theirs)).values(values))
        schema.mark_changed(connection, theirs)


def images_of_pages(visit, token, of, read_as, *, all_pages):
    """The pictures of each page, or only of those that are made of drawings.

    Streamlit names the pictures that it serves by a hash of what they show. Where one chooses a drawing, a batch or a
    cell, that of `of` is chosen, as a link typed by hand would.
    """
    pages = dict(look_at_all_pages(visit, token)) if all_pages else {}
    for tab in ("by_digit", "table"):
        at = visit("my_digits", me=token, my_tab="By digit" if tab == "by_digit" else "Table")
        at.selectbox(key="my_writer").set_value(of.name).run()
        if tab == "table":
            choose_rows(at, "my_table", [0])
        assert not at.exception
        pages[f"my digits of them, {tab}"] = shown(at)
    at = visit("my_digits", me=token, my_tab="By digit")
    pages["my digits of all"] = shown(at)
    at = visit("retrain", me=token, retrain_what="Full batches", retrain_writer=of.name)
    pages["train on theirs"] = shown(at)
    at = visit("inside", me=token, inside_run="10 drawings by Yolanda", inside_tab="Nearest digits")
    assert not at.exception
    pages["nearest digits of their network"] = shown(at)
    at = visit("compare", me=token, compare_tab="Two runs", versus_digits=f"test digits of {of.name}")
    cell = {"label": "2", "prediction": str(read_as)}
    first = at.selectbox(key="versus_first").value
    at.session_state[f"versus_first_{first}_test:{of.name}"] = {"selection": {"cell": [cell]}}
    at.run()
    assert f"**2**, read {'right' if read_as == 2 else f'as {read_as}'}: 1 of 1" in texts(at)
    pages["a cell of two runs"] = shown(at)
    return {name: set(re.findall(r"/media/\w+|data:image/[\w+/;,=]+", page)) for name, page in pages.items()}


@pytest.mark.slow
def test_no_page_of_a_pupil_shows_a_hidden_drawing(visit, store, teacher, members, keep_model):
    """Pictures of Yolanda are other ones from look to look: what no page shows changes no page."""
    zebulon, token = members["Zebulon"]
    for run_id in ("full-0", "full-1"):
        keep_model(run_id)
    read = resources.predictor(model_files.REFERENCE).predict
    black, grey = np.full((28, 28), 255, np.uint8), np.full((28, 28), 99, np.uint8)

    def changed(token, of=members["Yolanda"][0], *, all_pages=False):
        looks = []
        for digit in (black, grey):
            draw_otherwise(store, of, digit)
            looks.append(images_of_pages(visit, token, of, int(read(digit[None]).argmax()), all_pages=all_pages))
        return {name for name in looks[0] if looks[0][name] != looks[1][name]}

    shows = {"my digits of all", "my digits of them, table", "my digits of them, by_digit", "train on theirs"}
    shows |= {"nearest digits of their network", "a cell of two runs"}
    assert changed(token) >= shows
    teacher.button(key="class_hide_drawings").click().run()
    assert "Drawings are hidden" in texts(teacher)
    assert classroom.read_settings(store) == ClassSettings(False, False, drawings_hidden=True)
    assert changed(token, all_pages=True) == set()
    assert changed("nobody's") == set()
    assert changed(members["Lee"][1]) >= shows, "from the teacher nothing is hidden"
    assert changed(token, zebulon) >= shows - {"nearest digits of their network"}, "nor what is one's own"
    assert "20" in shown(visit("my_digits", me=token)), "counts stay"


def test_whoever_reads_drawings_for_a_page_is_known():
    """A new place shows only one's own, or asks `seen_drawings` first; then it belongs in this list."""
    own = {"drawing_desk", "sheet_desk", "first_answer", "choose"}
    asking = {
        "browse",
        "two_runs",
        "findings",
        "resources",
    }  # `look` asks for `findings`
    reading = r"\bread_(images|strokes|strokes_of|digits|digits_of|mean_images|latest_images|in_turn|drawings)\("
    ui = (APP.parent / "digitlab/ui").rglob("*.py")
    assert {path.stem for path in ui if re.search(reading, path.read_text())} == own | asking


def test_a_new_personal_link(visit, store, teacher, members):
    person, old = members["Zebulon"]
    teacher.selectbox(key="class_person").set_value(person.id).run()
    teacher.button(key="class_renew").click().run()
    (new,) = re.findall(r"\?me=(\S+)", "\n".join(code.value for code in teacher.code[3:]))
    assert classroom.find_person(store, old) is None
    assert classroom.find_person(store, new) == person


def test_the_demo_is_nobody_who_comes_back_by_a_link(visit, store, members):
    teacher, token = members["Lee"]
    demo.add_demo(store, teacher)
    at = visit("class", me=token)
    at.selectbox(key="class_person").set_value(demo.find_demo(store)).run()
    assert not at.exception
    assert has_key(at, "class_delete")
    assert not has_key(at, "class_renew")


def test_deleting_everything_of_a_person_is_asked_twice(visit, store, teacher, members, keep_model):
    person = members["Zebulon"][0]
    keep_model("full-0")
    teacher.selectbox(key="class_person").set_value(person.id).run()
    assert teacher.button(key="class_delete").disabled
    assert "Digits: 20. Trainings: 1." in texts(teacher)
    teacher.checkbox(key=f"class_sure_{person.id}").check().run()
    assert not has_key(teacher, "class_yes")
    teacher.button(key="class_delete").click().run()
    teacher.button(key="class_no").click().run()
    assert not has_key(teacher, "class_yes")
    teacher.button(key="class_delete").click().run()
    assert "cannot be taken back" in texts(teacher)
    assert len(read_runs(store)) == 2
    teacher.button(key="class_yes").click().run()
    assert "Everything of Zebulon is deleted." in texts(teacher)
    assert sorted(read_writers(store).values()) == ["Lee", "Yolanda"]
    assert [(batch.writer, batch.drawn) for batch in read_batches(store)] == [("Yolanda", 10)] * 2
    assert [run.id for run in read_runs(store)] == ["full-1"]
    assert read_model_file(store, "full-0", "keras") is None
    assert "Zebulon" not in shown(teacher.run())
    assert "join the class" in texts(visit("draw_one", me=members["Zebulon"][1]))


def test_the_end_of_a_class(visit, store, teacher, members):
    assert teacher.button(key="class_end").disabled
    teacher.checkbox(key="class_end_sure").check().run()
    teacher.button(key="class_end").click().run()
    assert "nobody joins" in texts(teacher)
    at = visit("home", me=members["Zebulon"][1])
    at.text_input(key="who_code").set_value("owl 12")
    at.text_input(key="who_name").set_value("Cem")
    next(button for button in at.button if button.label == "Join").click().run()
    assert "nobody joins now" in at.error[0].value
    assert len(read_writers(store)) == 3


def test_whoever_guesses_waits(visit, store):
    at = visit("home")

    def join(code):
        at.text_input(key="who_code").set_value(code)
        at.text_input(key="who_name").set_value("Mal")
        next(button for button in at.button if button.label == "Join").click().run()
        return at.error[0].value

    assert {join(f"guess {number}") for number in range(3)} == {"That is not the code of this class."}
    assert "Too many wrong codes. Try again in 2 s." in join("owl 12")
    assert read_writers(store) == {}


def test_all_of_us_are_asked_for_and_of_test_batches_none_to_train_on(teacher, members, queue):
    teacher.button(key="class_start").click().run()
    asked = queue.asked("class")
    assert (asked.batch_ids, asked.test_batch_ids) == ((1, 3), (2, 4))
    assert (asked.name, asked.owner_id) == ("All of us, 20 drawings by 2 people", members["Lee"][0].id)


@pytest.mark.slow
def test_all_of_us(store, teacher, members, worker):
    assert "20 drawings by 2 people" in texts(teacher)
    teacher.button(key="class_start").click().run()
    until(teacher, lambda at: "All of us, 20 drawings by 2 people" in texts(at))
    (run,) = [run for run in read_runs(store) if run.owner_id == members["Lee"][0].id]
    assert run.train.batch_ids == (1, 3), "no test batch"
    assert run.tests["own"].n == 20


def test_one_persons_result_is_projected_alone(visit, store, members, keep_model):
    keep_model("full-1")
    (yolanda, token), (_, teachers) = members["Yolanda"], members["Lee"]
    at = visit("class", me=teachers, project=str(yolanda.id))
    assert not at.exception
    assert [each.value for each in at.markdown if each.value.startswith("# ")] == [
        "# Yolanda",
        "# 20 s",
        f"# {percent(0.9)}",
    ]
    assert "of MNIST, drawings alone" in texts(at)
    assert len(re.findall(r"\*\*\d, taken for \d\*\*", texts(at))) == 3
    assert len(at.image) == 4, "the ten digits, and three of MNIST's"
    assert not at.title and not at.code, "neither the page nor a personal link"
    assert "Zebulon" not in shown(at)
    before = store.version()
    for other in (token, "nobody's"):
        at = visit("class", me=other, project=str(yolanda.id))
        assert "for the teacher" in texts(at)
        assert not at.image
    assert "nobody like that" in texts(visit("class", me=teachers, project="99"))
    assert "nobody like that" in texts(visit("class", me=teachers, project="1; DROP TABLE writers"))
    assert store.version() == before


def test_a_hidden_name_is_projected_when_the_teacher_says_so(visit, store, members):
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=True), members["Lee"][0])
    at = visit("class", me=members["Lee"][1], project=str(members["Yolanda"][0].id))
    assert not at.exception
    assert "Yolanda" not in shown(at)
    assert f"# writer {members['Yolanda'][0].id}" in texts(at)
    at.toggle(key="class_name_shown").set_value(True).run()
    assert "# Yolanda" in texts(at)


def test_the_projector_of_somebody_who_has_drawn_nothing(visit, store, members):
    person, _ = classroom.join(store, "Xena")
    at = visit("class", me=members["Lee"][1], project=str(person.id))
    assert not at.exception
    assert "Nothing drawn yet." in texts(at)
    assert "No network" in texts(at)
