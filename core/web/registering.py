"""Registering and resetting a lost password, for the API and for pages: each try is counted, whatever comes of it.

What is counted is committed first, so that a refusal, which undoes all else, leaves the count.
"""

from typing import Any
from uuid import UUID

from litestar import Request

from core.identity import attempts, phone_codes, registration, reset, sign_in
from core.identity.mobile import parse_mobile
from core.identity.phone_codes import Purpose, SentCode
from core.identity.registration import Registered
from core.identity.sessions import IssuedSession
from core.platform import Platform
from core.web.sign_in import origin, signing_in

_Request = Request[Any, Any, Any]


def begin(request: _Request, platform: Platform, *, id_number: str, name: str, phone: str, password: str) -> SentCode:
    """Send a code to the mobile number of whoever registers. Raises Invalid naming the field, and TooMany."""
    mobile = parse_mobile(phone, field="phone")
    with signing_in(request, platform) as session:
        attempts.reserve(session, attempts.subject("phone", mobile, attempts.BY_PHONE, keys=platform.keys))
    with signing_in(request, platform) as session:
        return registration.begin(
            session, id_number=id_number, name=name, phone=mobile, password=password, door=platform.door
        )


def confirm(request: _Request, platform: Platform, code_id: UUID, *, code: str) -> tuple[Registered, IssuedSession]:
    """Make the account for whoever gives the code back, and sign them in."""
    with signing_in(request, platform) as session:
        phone_codes.count_try(session, code_id, Purpose.REGISTRATION)
    with signing_in(request, platform) as session:
        return registration.confirm(session, code_id, code, origin=origin(request), door=platform.door)


def begin_reset(request: _Request, platform: Platform, id_number: str) -> SentCode:
    """Send a code to the mobile number of an applicant's account; the same is done where there is none."""
    with signing_in(request, platform) as session:
        one = sign_in.written(session, id_number)
        attempts.reserve(session, attempts.subject("reset", one, attempts.BY_PHONE, keys=platform.keys))
    with signing_in(request, platform) as session:
        return reset.begin(session, id_number, door=platform.door)


def confirm_reset(request: _Request, platform: Platform, code_id: UUID, *, code: str, new: str) -> None:
    """Let a new password hold for whoever gives the code back. Every session of the account ends."""
    with signing_in(request, platform) as session:
        phone_codes.count_try(session, code_id, Purpose.RESET)
    with signing_in(request, platform) as session:
        reset.confirm(session, code_id, code, new=new, door=platform.door)
