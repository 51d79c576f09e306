"""Those who log in: found by issuer and subject, of which a hash is kept."""

import json
from dataclasses import replace

import pytest

from digitlab.storage import classroom, logins
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.logins import Login
from digitlab.storage.people import OWNER, NotAllowedError
from digitlab.storage.writers import read_writers
from tests.storage.pads import everything

ANA = Login("https://login.school.example", "account-17", teacher=False)


def test_a_login_brings_back_and_only_a_hash_of_it_is_kept(store):
    assert logins.find_person(store, ANA) is None
    person = logins.join(store, " Ana ", ANA)
    assert (person.name, person.role) == ("Ana", "pupil")
    assert logins.find_person(store, ANA) == person
    kept = everything(store)
    assert ANA.subject not in kept
    assert "school.example" not in kept


@pytest.mark.parametrize(
    ("issuer", "subject"),
    [
        ("https://other.example", "account-17"),
        ("https://login.school.example", "account-1"),
        ("https://login.school.example", "Account-17"),
        ("https://login.school.exampleaccount-17", ""),
    ],
)
def test_another_account_is_another_person(store, issuer, subject):
    logins.join(store, "Ana", ANA)
    assert logins.find_person(store, Login(issuer, subject, teacher=False)) is None


def test_what_a_login_is_made_of_is_nobodys_personal_link(store):
    """Issuer and subject are no secret; the class may go on with codes."""
    logins.join(store, "Ana", ANA)
    known = [ANA.issuer, ANA.subject]
    for token in (*known, "".join(known), "\n".join(known), json.dumps(known), str(known)):
        assert classroom.find_person(store, token) is None


def test_who_is_a_teacher_is_said_at_each_login(store):
    person = logins.join(store, "Ana", ANA)
    assert logins.find_person(store, replace(ANA, teacher=True)) == replace(person, role="teacher")
    assert [member.teacher for member in classroom.read_members(store)] == [True]
    assert logins.find_person(store, ANA) == person
    assert [member.teacher for member in classroom.read_members(store)] == [False]
    before = store.version()
    logins.find_person(store, ANA)
    assert store.version() == before, "a visit stores nothing"


def test_one_account_has_one_name(store):
    logins.join(store, "Ana", ANA)
    with pytest.raises(ValueError, match="one who has a name"):
        logins.join(store, "Bo", ANA)
    with pytest.raises(ValueError, match="one that is taken"):
        logins.join(store, "ana", replace(ANA, subject="account-18"))
    assert list(read_writers(store).values()) == ["Ana"]


def test_a_frozen_class_lets_no_pupil_in(store):
    classroom.set_settings(store, ClassSettings(frozen=True, names_hidden=False), OWNER)
    with pytest.raises(NotAllowedError, match="nobody joins now"):
        logins.join(store, "Ana", ANA)
    assert logins.join(store, "Lee", replace(ANA, teacher=True)).role == "teacher"
    assert list(read_writers(store).values()) == ["Lee"]


def test_at_the_end_of_a_class_no_login_of_a_pupil_is_known(store):
    logins.join(store, "Ana", ANA)
    teacher = logins.join(store, "Lee", replace(ANA, subject="t", teacher=True))
    classroom.end_class(store, teacher)
    assert logins.find_person(store, ANA) is None
    assert logins.find_person(store, replace(ANA, subject="t", teacher=True)) == teacher
