"""The outbox over HTTP: the operator sees how messages fare, decides on some, and reads none that is really sent."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core.db.base import new_id
from core.db.session import Role, SystemSession, system_actor
from core.messages.models import OutboxMessage
from core.messages.service import Address, send_to_address
from core.plugin_api import Channel
from core.settings import Settings
from tests.callers import Caller, Web
from tests.cases import CITY, KEYS, PROVINCE
from tests.serving import client_of

NUMBER = "13800000009"


def send_code(web: Web) -> str:
    """A code of the city, of which nobody knows whether it went out."""
    event = f"code:{new_id()}"
    with SystemSession(web.platform.engine, actor=system_actor(CITY), now=web.clock()) as session, session.begin():
        send_to_address(
            session,
            Address(Channel.SMS, NUMBER),
            template="code",
            values={"code": "246802", "minutes": "10", "purpose": "注册账号"},
            event_key=event,
            keys=KEYS,
            office_id=CITY,
        )
        message = session.scalars(select(OutboxMessage).where(OutboxMessage.event_key == event)).one()
        message.state = "unknown"
        session.flush()
        return str(message.id)


def row(operator: Caller, message_id: str) -> dict[str, Any]:
    """The line of one message."""
    answer = operator.get("/outbox")
    assert answer.status_code == 200, answer.text
    (found,) = (message for message in answer.json()["items"] if message["id"] == message_id)
    return dict(found)


@pytest.mark.parametrize(("sends", "shown"), [(True, False), (False, True)])
def test_a_text_is_shown_only_where_nothing_is_really_sent(web: Web, *, sends: bool, shown: bool) -> None:
    settings = Settings.load(data_dir=web.platform.settings.data_dir, send_messages=sends)
    message_id = send_code(web)
    operator = web.staff(Role.OPERATOR, PROVINCE)
    with client_of(replace(web.platform, settings=settings)) as client:
        answer = Caller(client, operator.token).get("/outbox")
    assert (NUMBER in answer.text) is shown
    assert ("246802" in answer.text) is shown
    assert message_id in answer.text


def test_the_operator_settles_one_message_and_has_another_sent_again(web: Web) -> None:
    operator = web.staff(Role.OPERATOR, PROVINCE)
    first, second = send_code(web), send_code(web)
    waiting = {(line["office_id"], line["state"]): line["count"] for line in operator.get("/outbox/counts").json()}
    assert waiting[CITY, "unknown"] >= 2
    assert operator.post(f"/outbox/{first}/taken-as-sent").json()["state"] == "sent"
    assert operator.post(f"/outbox/{second}/send-again").json()["state"] == "queued"
    assert row(operator, first)["ended_at"] is not None
    refused = operator.post(f"/outbox/{first}/send-again")
    assert (refused.status_code, refused.json()["error"]) == (409, "message_not_open")
    only = operator.get("/outbox", in_state="queued").json()["items"]
    assert {line["state"] for line in only} == {"queued"}


def test_a_message_that_there_is_not_is_not_found(web: Web) -> None:
    refused = web.staff(Role.OPERATOR, PROVINCE).post(f"/outbox/{new_id()}/send-again")
    assert (refused.status_code, refused.json()["error"]) == (404, "message_not_found")
