"""Contacts over HTTP: a wrong code costs a try, although the request that brought it is refused."""

import json

from sqlalchemy import select

from core.db.session import SystemSession, system_actor
from core.identity.contacts import TRIES
from core.messages.models import OutboxMessage
from core.security.keys import Place
from tests.callers import Web
from tests.cases import KEYS, PROVINCE


def sent_code(web: Web) -> str:
    """The code that was sent last."""
    with SystemSession(web.platform.engine, actor=system_actor(PROVINCE), now=web.clock()) as session:
        wanted = select(OutboxMessage).where(OutboxMessage.channel == "email").order_by(OutboxMessage.id.desc())
        message = session.scalars(wanted.limit(1)).one()
        assert message.values is not None
        return str(json.loads(KEYS.decrypt(message.values, Place("outbox", "values", message.id)))["code"])


def test_wrong_codes_use_up_their_tries(web: Web) -> None:
    applicant = web.applicant()
    assert applicant.get("/me/contact").json() == {"prefers": "sms", "has_email": False, "waits_for_code": False}
    asked = applicant.post("/me/contact/email", {"email": "jia0001@example.invalid"})
    assert asked.json() == {"prefers": "sms", "has_email": False, "waits_for_code": True}
    answers = [applicant.post("/me/contact/email/confirm", {"code": "not it"}) for _ in range(TRIES + 1)]
    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(422, "code_refused")}
    too_late = applicant.post("/me/contact/email/confirm", {"code": sent_code(web)})
    assert (too_late.status_code, too_late.json()["error"]) == (422, "code_refused")
    refused = applicant.post("/me/contact/preference", {"channel": "email"})
    assert (refused.status_code, refused.json()["error"]) == (409, "no_email")
