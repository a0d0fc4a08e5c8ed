"""Writing to the outbox: once for each event and recipient, in the transaction of the cause, nothing in the clear."""

import json

import pytest
from sqlalchemy import Connection, select

from core.db.session import SystemSession, system_actor
from core.domain.message_templates import fill, template_of, unknown_placeholders
from core.messages.models import Notice, OutboxMessage
from core.messages.service import Address, Recipient, notify, send_to_address
from core.plugin_api import Channel, OfficeCode
from core.security.keys import Place
from tests import factories
from tests.factories import CITY, COUNTY, KEYS, NOW, OTHER_CITY, PROVINCE

MOBILE = Address(Channel.SMS, "13800000001")
VALUES = {"code": "135790", "minutes": "10", "purpose": "注册账号"}


def send_code(connection: Connection, *, office_id: OfficeCode | None = None) -> None:
    with factories.signin_session(connection) as session:
        send_to_address(
            session, MOBILE, template="code", values=VALUES, event_key="phone_code:1", keys=KEYS, office_id=office_id
        )
        session.commit()


def outbox_of(connection: Connection, office: OfficeCode) -> list[OutboxMessage]:
    with SystemSession(connection, actor=system_actor(office), now=NOW) as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_a_code_to_a_person_without_an_account_is_sent_for_the_center(province: Connection) -> None:
    send_code(province)
    (message,) = outbox_of(province, PROVINCE)
    assert (message.office_id, message.kind, message.channel, message.state, message.urgent) == (
        PROVINCE,
        "code",
        "sms",
        "queued",
        True,
    )
    assert message.address is not None
    assert message.values is not None
    assert MOBILE.value.encode() not in message.address
    assert VALUES["code"].encode() not in message.values
    assert KEYS.decrypt(message.address, Place("outbox", "address", message.id)).decode() == MOBILE.value
    assert json.loads(KEYS.decrypt(message.values, Place("outbox", "values", message.id))) == VALUES


def test_one_event_sends_one_code(province: Connection) -> None:
    send_code(province)
    send_code(province)
    assert len(outbox_of(province, PROVINCE)) == 1


def test_a_code_is_seen_by_the_office_that_it_speaks_for_and_those_above_it(province: Connection) -> None:
    send_code(province, office_id=COUNTY)
    seen = {office: len(outbox_of(province, office)) for office in (PROVINCE, CITY, COUNTY, OTHER_CITY)}
    assert seen == {PROVINCE: 1, CITY: 1, COUNTY: 1, OTHER_CITY: 0}
    with factories.signin_session(province) as session:
        assert session.scalars(select(OutboxMessage)).all() == []


def test_values_that_do_not_fit_the_text_are_refused(province: Connection) -> None:
    with factories.signin_session(province) as session, pytest.raises(ValueError, match="code takes"):
        send_to_address(session, MOBILE, template="code", values={"code": "1"}, event_key="e", keys=KEYS)


def test_an_address_is_not_shown_where_a_program_is_debugged() -> None:
    assert MOBILE.value not in repr(MOBILE)


def test_a_notice_is_written_once_for_each_event_and_person_with_one_message(province: Connection) -> None:
    persons = [factories.make_person(province, index) for index in (1, 2)]
    with factories.office_session(province, CITY) as session:
        for person_id in (*persons, persons[0]):
            notify(
                session,
                Recipient(person_id=person_id),
                event_key="move:1",
                office_id=CITY,
                kind="application.return",
                title="申请已退回",
                body="请补正。",
            )
        notify(
            session,
            Recipient(office_id=CITY),
            event_key="move:1",
            office_id=CITY,
            kind="delegation",
            title="委托",
            body="",
        )
        session.commit()
    messages = outbox_of(province, CITY)
    assert sorted(str(message.person_id) for message in messages) == sorted(map(str, persons))
    assert {(message.kind, message.channel, message.address, message.values) for message in messages} == {
        ("application.return", None, None, None)
    }
    with SystemSession(province, actor=system_actor(CITY), now=NOW) as session:
        assert len(session.scalars(select(Notice)).all()) == 3


def test_a_text_is_filled_without_reading_its_values_again() -> None:
    assert fill("【{signature}】{title}", {"signature": "省中心", "title": "{code}"}) == "【省中心】{code}"


@pytest.mark.parametrize("text", ["{title.upper}", "{title!r}", "{title:>9}", "{}", "{0}", "{title"])
def test_nothing_but_plain_placeholders_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"placeholder|expected"):
        unknown_placeholders(text, template_of("notice"))


def test_a_placeholder_of_another_text_is_found() -> None:
    assert unknown_placeholders("{title}{code}{office}", template_of("application.return")) == ["code"]
