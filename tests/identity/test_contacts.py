"""How people are told: an address is theirs once they have given back the code that went to it."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from core.db.session import SystemSession, system_actor
from core.errors import Conflict, Invalid
from core.identity import contacts
from core.identity.contacts import addresses_of
from core.identity.models import Contact
from core.messages.models import OutboxMessage
from core.plugin_api import Channel
from core.security.keys import Place
from tests import factories
from tests.factories import CITY, KEYS, NOW, PROVINCE
from tests.phone_codes import wrong

EMAIL = "jia0001@example.invalid"
MOBILE = "13800000000"


def ask(connection: Connection, person: UUID, *, email: str = EMAIL, now: datetime = NOW) -> str:
    """Have a code sent, and read it out of the outbox as its gateway would."""
    with factories.person_session(connection, person, now=now) as session:
        contacts.ask_for_email(session, email, keys=KEYS)
        session.commit()
    with SystemSession(connection, actor=system_actor(PROVINCE), now=now) as session:
        message = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert message is not None
        assert message.address is not None
        assert message.values is not None
        assert KEYS.decrypt(message.address, Place("outbox", "address", message.id)).decode() == email.strip()
        return str(json.loads(KEYS.decrypt(message.values, Place("outbox", "values", message.id)))["code"])


def give(connection: Connection, person: UUID, code: str, *, now: datetime = NOW) -> bool:
    with factories.person_session(connection, person, now=now) as session:
        taken = contacts.confirm_email(session, code, keys=KEYS)
        session.commit()
        return taken


def ways(connection: Connection, person: UUID) -> list[tuple[Channel, str]]:
    with factories.person_session(connection, person) as session:
        return list(addresses_of(session, person, keys=KEYS).items())


def test_an_address_counts_once_its_code_was_given_back(province: Connection) -> None:
    person = factories.make_person(province)
    code = ask(province, person)
    assert ways(province, person) == [(Channel.SMS, MOBILE)]
    assert give(province, person, f" {code} ")
    assert ways(province, person) == [(Channel.SMS, MOBILE), (Channel.EMAIL, EMAIL)]
    assert not give(province, person, code)


def test_a_person_who_prefers_e_mail_is_notified_by_it_first(province: Connection) -> None:
    person = factories.make_person(province)
    with factories.person_session(province, person) as session, pytest.raises(Conflict) as refused:
        contacts.prefer(session, Channel.EMAIL)
    assert refused.value.code == "no_email"
    assert give(province, person, ask(province, person))
    with factories.person_session(province, person) as session:
        contacts.prefer(session, Channel.EMAIL)
        session.commit()
    assert ways(province, person) == [(Channel.EMAIL, EMAIL), (Channel.SMS, MOBILE)]


def test_a_code_has_five_tries_and_ten_minutes(province: Connection) -> None:
    person = factories.make_person(province)
    code = ask(province, person)
    assert [give(province, person, wrong(code)) for _ in range(contacts.TRIES)] == [False] * contacts.TRIES
    assert not give(province, person, code)
    later = NOW + timedelta(minutes=2)
    code = ask(province, person, now=later)
    assert not give(province, person, code, now=later + contacts.LIFETIME)
    assert give(province, person, code, now=later + contacts.LIFETIME - timedelta(seconds=1))


def test_codes_are_not_sent_one_upon_the_other(province: Connection) -> None:
    person = factories.make_person(province)
    ask(province, person)
    with factories.person_session(province, person) as session, pytest.raises(Conflict) as refused:
        contacts.ask_for_email(session, EMAIL, keys=KEYS)
    assert refused.value.code == "code_too_soon"


@pytest.mark.parametrize(
    "email", ["", "jia", "jia@", "@example.invalid", "a b@example.invalid", "甲@example.invalid", "a@b\nBcc: c@d.e"]
)
def test_what_is_no_address_is_refused(province: Connection, email: str) -> None:
    person = factories.make_person(province)
    with factories.person_session(province, person) as session, pytest.raises(Invalid) as refused:
        contacts.ask_for_email(session, email, keys=KEYS)
    assert refused.value.code == "email_invalid"


def test_a_contact_is_its_persons_alone(province: Connection) -> None:
    person, other = factories.make_person(province, 1), factories.make_person(province, 2)
    assert give(province, person, ask(province, person))
    for session in (
        factories.person_session(province, other),
        factories.office_session(province, CITY),
        factories.signin_session(province),
        SystemSession(province, actor=system_actor(CITY), now=NOW),
    ):
        with session:
            assert session.scalars(select(Contact)).all() == []
