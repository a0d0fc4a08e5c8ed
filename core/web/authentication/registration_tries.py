"""Registering and resetting a lost password, for the API and for pages: codes that go out and their tries are counted.

A code is counted with its sending, after everything else was checked. A try of a code is committed before it is looked
at, so that a refusal, which undoes the rest, leaves the count; a right code gets its try back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from litestar import Request

from core.db.session import SignInSession
from core.errors import KaowuError
from core.identity.registration import phone_codes, reset, service as registration
from core.identity.registration.phone_codes import Purpose, SentCode
from core.identity.registration.service import Registered
from core.identity.sign_in.attempts import Sender
from core.identity.sign_in.sessions import IssuedSession
from core.platform import Platform
from core.web.authentication import cookies
from core.web.authentication.sign_in import origin, signing_in
from core.web.rates import counted_address

_Request = Request[Any, Any, Any]


def begin(request: _Request, platform: Platform, *, id_number: str, name: str, phone: str, password: str) -> SentCode:
    """Send a code to the mobile number of the registration. Raises Invalid naming the field, and TooMany."""
    with signing_in(request, platform) as session:
        return registration.begin(
            session,
            id_number=id_number,
            name=name,
            phone=phone,
            password=password,
            sender=sender_of(request),
            door=platform.door,
        )


def send_again(request: _Request, platform: Platform, code_id: UUID) -> SentCode:
    """Send another code for a registration that was filled in."""
    with signing_in(request, platform) as session:
        return registration.send_again(session, code_id, sender=sender_of(request), door=platform.door)


def phone_tail(request: _Request, platform: Platform, code_id: UUID) -> str:
    """The last four digits of the number of a registration that waits for its code; else nothing."""
    with signing_in(request, platform) as session:
        return registration.phone_tail(session, code_id, door=platform.door)


def send_reset_again(request: _Request, platform: Platform, code_id: UUID) -> SentCode:
    """Send another code for a reset; the same is done where there is no account."""
    with signing_in(request, platform) as session:
        return reset.send_again(session, code_id, sender=sender_of(request), door=platform.door)


def sender_of(request: _Request) -> Sender:
    """Who asks for a code: the address, and the browser by the cookie that binds its forms."""
    return Sender(counted_address(request), cookies.read_cookie(request, cookies.VISIT) or "")


def confirm(request: _Request, platform: Platform, code_id: UUID, *, code: str) -> tuple[Registered, IssuedSession]:
    """Open the account by the code, and sign the applicant in."""
    with _counted_try(request, platform, code_id, Purpose.REGISTRATION) as session:
        return registration.confirm(session, code_id, code, origin=origin(request), door=platform.door)


def begin_reset(request: _Request, platform: Platform, id_number: str) -> SentCode:
    """Send a code to the mobile number of an applicant's account; the same is done where there is none."""
    with signing_in(request, platform) as session:
        return reset.begin(session, id_number, sender=sender_of(request), door=platform.door)


def confirm_reset(request: _Request, platform: Platform, code_id: UUID, *, code: str, new: str) -> None:
    """Set a new password by the code. Every session of the account ends."""
    with _counted_try(request, platform, code_id, Purpose.RESET) as session:
        reset.confirm(session, code_id, code, new=new, door=platform.door)


@contextmanager
def _counted_try(request: _Request, platform: Platform, code_id: UUID, purpose: Purpose) -> Iterator[SignInSession]:
    """A transaction in which a code is given back. A refusal of something else, such as the password, costs no try."""
    with signing_in(request, platform) as session:
        phone_codes.count_try(session, code_id, purpose)
    try:
        with signing_in(request, platform) as session:
            yield session
    except KaowuError as refusal:
        if refusal.code != phone_codes.REFUSED:
            with signing_in(request, platform) as session:
                phone_codes.give_back_try(session, code_id)
        raise
