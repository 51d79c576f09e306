"""A class whose members log in at a provider: what the pages do with what it says, which AppTest lets a test say."""

import logging

import pytest

from digitlab.storage import classroom
from digitlab.storage.batches import read_batches
from digitlab.storage.writers import read_writers
from tests.helpers import draw, has_key, human_strokes, texts
from tests.pages.conftest import APP

ISSUER = "https://login.school.example"
NOBODY = {"is_logged_in": False}


@pytest.fixture(autouse=True)
def names(monkeypatch):
    monkeypatch.setenv("DIGITLAB_TEACHERS", "lee@school.example, Kim@School.example")
    monkeypatch.setenv("DIGITLAB_CLASS_CODE", "owl-12")
    monkeypatch.setenv("DIGITLAB_TEACHER_CODE", "eagle-99")


def account(subject, email="", *, verified=True, issuer=ISSUER):
    """What a provider says of an account, as Streamlit hands it on."""
    return {"is_logged_in": True, "iss": issuer, "sub": subject, "email": email, "email_verified": verified}


@pytest.fixture
def visit_as(visit):
    """Open a page as an account: `visit_as(account("17"), "draw_one")`."""

    def open_page(user, page="home", **link):
        at = visit(page, user=user, **link)
        assert not at.exception
        return at

    return open_page


def join(at, name):
    at.text_input(key="who_name").set_value(name)
    next(button for button in at.button if button.label == "Join").click().run()
    assert not at.exception
    return at


def test_whoever_has_not_logged_in_looks_and_changes_nothing(visit_as, store):
    _, token = classroom.join(store, "Ana")
    _, teachers = classroom.join(store, "Lee", teacher=True)
    before = store.version()
    for link in ({}, {"me": token}, {"me": teachers, "code": "eagle-99"}):
        at = visit_as(NOBODY, "draw_one", **link)
        assert at.button(key="who_login").label == "Log in"
        assert not has_key(at, "who_code"), "no code is asked for"
        assert not at.get("bidi_component")
        assert "for the teacher" in texts(visit_as(NOBODY, "class", **link))
    assert store.version() == before


def test_at_the_first_login_one_takes_a_name_and_comes_back_under_it(visit_as, store):
    classroom.join(store, "Bo")
    at = visit_as(account("17"), "draw_one")
    assert not has_key(at, "who_code")
    assert "that is taken" in join(at, "bo").error[0].value
    join(at, "Ana")
    assert "You are **Ana**." in texts(at)
    assert not at.code, "no personal link: the login is one"
    draw(at, "one", human_strokes()[0])
    at.button(key="one-button-save").click().run()
    assert [(batch.writer, batch.drawn) for batch in read_batches(store)] == [("Ana", 1)]
    assert "## Draw a 1" in texts(visit_as(account("17"), "draw_one"))
    for other in (account("18"), account("17", issuer="https://other.example")):
        assert "for the first time" in texts(visit_as(other, "draw_one"))
    assert sorted(read_writers(store).values()) == ["Ana", "Bo"]


def test_logging_out(visit_as, store):
    at = join(visit_as(account("17")), "Ana")
    before = store.version()
    at.button(key="who_logout").click().run()
    assert has_key(at, "who_login")
    assert "You are" not in texts(at)
    assert store.version() == before


@pytest.mark.parametrize(
    ("email", "verified", "teacher"),
    [
        ("lee@school.example", True, True),
        ("LEE@SCHOOL.EXAMPLE", True, True),
        ("kim@school.example", True, True),
        ("lee@school.example", False, False),
        ("lee@school.example", "true", False),
        ("lee@school.example", None, False),
        ("lee@school.example.org", True, False),
        ("\N{KELVIN SIGN}im@school.example", True, False),
        ("bo@school.example", True, False),
        (None, True, False),
    ],
)
def test_the_teachers_are_those_whose_address_the_provider_has_verified(visit_as, email, verified, teacher):
    at = visit_as(account("1", email, verified=verified), "class")
    join(at, "Lee")
    assert has_key(at, "class_freeze") == teacher
    assert bool(at.session_state["who_teacher"]) == teacher


def test_who_is_named_no_more_is_a_teacher_no_more(visit_as, store, monkeypatch):
    lee = account("1", "lee@school.example")
    join(visit_as(lee), "Lee")
    assert has_key(visit_as(lee, "class"), "class_freeze")
    monkeypatch.setenv("DIGITLAB_TEACHERS", "kim@school.example")
    assert not has_key(visit_as(lee, "class"), "class_freeze")
    assert "You are **Lee**." in texts(visit_as(lee))


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (account("17", "ana@school.example"), True),
        (account("17", "ana@school.example", verified=False), False),
        (account("17", "ana@sub.school.example"), False),
        (account("17", "eve@evil.example"), False),
        (account("17", "eve@home.example"), True),
        (account("17", "lee@school.example"), True),
    ],
)
def test_where_pupils_are_named_nobody_else_comes_in(visit_as, store, monkeypatch, who, may):
    monkeypatch.setenv("DIGITLAB_PUPILS", "@school.example eve@home.example")
    at = visit_as(who, "draw_one")
    assert has_key(at, "who_name") == may
    assert has_key(at, "who_logout"), "another account may be taken"
    if not may:
        assert "not one of this class" in texts(at)
        assert store.version() == 0


def test_the_page_of_the_class_offers_no_codes(visit_as, store):
    at = visit_as(account("1", "lee@school.example"), "class")
    join(at, "Lee")
    classroom.join(store, "Ana")
    at.run()
    assert "owl-12" not in [code.value for code in at.code]
    assert has_key(at, "class_person")
    assert not has_key(at, "class_renew"), "a new link would cut the login off"


def test_where_login_is_not_set_up_nobody_comes_in(visit_as, caplog):
    """Such as secrets that cannot be read: Streamlit says nothing of a login then."""
    at = visit_as({}, "draw_one")
    assert not at.get("bidi_component")
    with caplog.at_level(logging.WARNING, "digitlab"):
        at.button(key="who_login").click().run()
    assert "not set up" in at.error[0].value
    assert "WARNING  digitlab.ui.login" in caplog.text


def test_without_it_codes_are_asked_for(visit_as, monkeypatch):
    monkeypatch.delenv("DIGITLAB_TEACHERS")
    assert has_key(visit_as({}), "who_code")
    assert has_key(visit_as(NOBODY), "who_login"), "the secrets alone switch it on"


def test_nothing_of_an_account_is_logged(visit_as, caplog):
    with caplog.at_level(logging.DEBUG):
        join(visit_as(account("subject-17", "ana@school.example")), "Zoe Secret")
    assert not [word for word in ("subject-17", "ana@school", "Zoe") if word in caplog.text]


def test_whether_it_is_a_class_is_not_asked_by_its_code():
    """With a login there may be none: what is for a class alone, or for one's own machine, asks `is_class`."""
    ui = APP.parent / "digitlab/ui"
    asking = {path.name for path in ui.rglob("*.py") if "class_code()" in path.read_text()}
    assert asking == {"who.py", "entrance.py"}
