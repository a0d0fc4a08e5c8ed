"""One natural person, once in the whole province."""

import pytest
from sqlalchemy import Connection, select

from core.domain.mobile import parse_mobile
from core.errors import Conflict, Invalid
from core.identity.models import Person
from core.identity.service import claim, claim_person
from core.security.keys import Place
from tests import factories
from tests.factories import KEYS


def test_the_same_number_and_name_are_the_same_person(province: Connection) -> None:
    first = factories.make_person(province, 1)
    assert factories.make_person(province, 1) == first
    assert factories.make_person(province, 2) != first


def test_number_and_phone_are_stored_encrypted_and_bound_to_their_row(province: Connection) -> None:
    person_id = factories.make_person(province, 3)
    with factories.person_session(province, person_id) as session:
        person = session.scalars(select(Person)).one()
    number = factories.id_number(3)
    assert (person.id, person.id_tail, person.sex) == (person_id, number[-4:], "male")
    assert number.encode() not in person.id_number
    assert KEYS.decrypt(person.id_number, Place("persons", "id_number", person_id)) == number.encode()
    assert person.phone is not None
    assert KEYS.decrypt(person.phone, Place("persons", "phone", person_id)) == b"13800000000"


def test_a_number_registered_under_another_name_is_refused_and_the_session_goes_on(province: Connection) -> None:
    registered = factories.make_person(province, 4, name="测试甲0004")
    with factories.signin_session(province) as session:
        with pytest.raises(Conflict, match="另一姓名") as refusal:
            claim_person(session, id_number=factories.id_number(4), name="测试乙0004", phone=None, keys=KEYS)
        again = claim_person(session, id_number=factories.id_number(4), name=" 测试甲0004 ", phone=None, keys=KEYS)
    assert refusal.value.code == "person_name_differs"
    assert "测试甲" not in refusal.value.detail
    assert again == registered


def test_a_registered_name_stays_however_it_is_written_again(province: Connection) -> None:
    factories.make_person(province, 6, name="测试·阿依古丽")
    with factories.signin_session(province) as session:
        found = {
            claim(session, id_number=factories.id_number(6), name=typed, phone=None, keys=KEYS).name
            for typed in (
                "测试·阿依古丽",
                "测试•阿依古丽",
                "测试 . 阿依古丽",
                "测试阿依古丽",
                "\u202a测试．阿依古丽\u202c",
            )
        }
    assert found == {"测试·阿依古丽"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"id_number": "123"}, "identity_number_length"),
        ({"name": "  "}, "name_missing"),
        ({"name": "测试甲\ue863"}, "name_sign"),
        ({"phone": "1234"}, "mobile_invalid"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    province: Connection, changed: dict[str, str], code: str
) -> None:
    given = {"id_number": factories.id_number(5), "name": "测试人0005", "phone": "13800000000"} | changed
    with factories.signin_session(province) as session, pytest.raises(Invalid) as refusal:
        claim_person(session, keys=KEYS, **given)
    assert refusal.value.code == code
    assert refusal.value.fields


@pytest.mark.parametrize("typed", ["13800000000", "138 0000 0000", "138-0000-0000", "＋86 １３８００００００００"])
def test_a_mobile_number_is_read_as_people_type_it(typed: str) -> None:
    assert parse_mobile(typed) == "13800000000"


@pytest.mark.parametrize("typed", ["", "12800000000", "1380000000", "138000000000", "0379-6000000"])
def test_a_mobile_number_that_cannot_be_is_refused_and_its_field_named(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_mobile(typed, field="phone")
    assert set(refusal.value.fields) == {"phone"}
