"""Registering as an applicant and resetting a lost password by pages: each in two steps, with a code by telephone."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from litestar.response import Redirect

from core.clock import SHANGHAI
from core.db.session import OfficeSession, ScopedSession, system_actor
from core.domain import identity_number
from core.errors import Invalid
from core.identity.registration import service as registration
from core.identity.registration.phone_codes import event_key
from core.messages import outbox
from core.platform import Platform
from core.web.authentication import cookies, registration_tries
from core.web.dependencies import AnySession, ThePlatform
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.rates import REGISTRATION
from core.web.routes import form, page


@page("/register")
def register_page(request: AnyRequest, session: AnySession) -> Response[str]:
    """Real name, identity number, mobile number, and a password."""
    return render(request, session, "identity/register.html", given={})


@form("/register", rate=REGISTRATION)
def register(request: AnyRequest, session: AnySession, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Send a code to the mobile number."""
    with attempt(request, session) as tried:
        filled_in = {name: str(data.get(name) or "") for name in ("id_number", "name", "phone", "password")}
        if data.get("password") != data.get("again"):
            raise _differs()
        return see(f"/register/{registration_tries.begin(request, platform, **filled_in).id}")
    return render(request, session, "identity/register.html", tried=tried, given=data)


@form("/register/id-number")
def check_number(request: AnyRequest, session: AnySession, data: Sent) -> Response[str]:
    """Check the identity number as it is left. Nothing is kept of it."""
    faults = {identity_number.FIELD: ""}
    try:
        identity_number.parse(str(data.get(identity_number.FIELD) or ""), today=session.now.astimezone(SHANGHAI).date())
    except Invalid as fault:
        faults = dict(fault.fields)
    return render(request, session, "identity/checked.html", faults=faults)


@form("/register/password")
def check_password(request: AnyRequest, session: AnySession, data: Sent) -> Response[str]:
    """Check the password as it is left, before the rest is sent. Nothing is kept of it."""
    faults = {"password": ""}
    try:
        registration.checked_password(str(data.get("password") or ""))
    except Invalid as fault:
        faults = dict(fault.fields)
    return render(request, session, "identity/checked.html", faults=faults)


@page("/register/{code_id:uuid}")
def register_code_page(
    request: AnyRequest, session: AnySession, platform: ThePlatform, code_id: FromPath[UUID]
) -> Response[str]:
    """The code that came by telephone."""
    return _register_code(request, session, platform, code_id)


@form("/register/{code_id:uuid}/again", rate=REGISTRATION)
def send_again(
    request: AnyRequest, session: AnySession, platform: ThePlatform, code_id: FromPath[UUID]
) -> Response[Any]:
    """Send another code; what was filled in stays."""
    with attempt(request, session) as tried:
        return see(f"/register/{registration_tries.send_again(request, platform, code_id).id}?again=1")
    return _register_code(request, session, platform, code_id, tried=tried)


@form("/register/{code_id:uuid}", rate=REGISTRATION)
def confirm_registration(
    request: AnyRequest, session: AnySession, platform: ThePlatform, *, code_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Make the account, and sign in."""
    with attempt(request, session) as tried:
        _, issued = registration_tries.confirm(request, platform, code_id, code=str(data.get("code") or ""))
        cookie = cookies.make_cookie(request, cookies.SESSION, issued.token)
        return Redirect("/home", status_code=303, cookies=[cookie])
    return _register_code(request, session, platform, code_id, tried=tried)


@page("/reset")
def reset_page(request: AnyRequest, session: AnySession) -> Response[str]:
    """The identity number of the account whose password is lost."""
    return render(request, session, "identity/reset.html", id_number="")


@form("/reset", rate=REGISTRATION)
def begin_reset(request: AnyRequest, session: AnySession, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Send a code to the mobile number of the account; the page that follows is the same where there is none."""
    id_number = str(data.get("id_number") or "")
    with attempt(request, session) as tried:
        return see(f"/reset/{registration_tries.begin_reset(request, platform, id_number).id}")
    return render(request, session, "identity/reset.html", tried=tried, id_number=id_number)


@page("/reset/{code_id:uuid}")
def reset_code_page(
    request: AnyRequest, session: AnySession, platform: ThePlatform, code_id: FromPath[UUID]
) -> Response[str]:
    """The code, and another password."""
    return _reset_code(request, session, platform, code_id)


@form("/reset/{code_id:uuid}/again", rate=REGISTRATION)
def send_reset_again(
    request: AnyRequest, session: AnySession, platform: ThePlatform, code_id: FromPath[UUID]
) -> Response[Any]:
    """Send another code to the same mobile number."""
    with attempt(request, session) as tried:
        return see(f"/reset/{registration_tries.send_reset_again(request, platform, code_id).id}?again=1")
    return _reset_code(request, session, platform, code_id, tried=tried)


@form("/reset/{code_id:uuid}", rate=REGISTRATION)
def confirm_reset(
    request: AnyRequest, session: AnySession, platform: ThePlatform, *, code_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Set the new password."""
    code = str(data.get("code") or "")
    with attempt(request, session) as tried:
        new = str(data.get("new_password") or "")
        if new != data.get("again"):
            raise _differs()
        registration_tries.confirm_reset(request, platform, code_id, code=code, new=new)
        return see("/sign-in?reset=1")
    return _reset_code(request, session, platform, code_id, code=code, tried=tried)


def _register_code(
    request: AnyRequest, session: ScopedSession, platform: Platform, code_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    return render(
        request,
        session,
        "identity/register_code.html",
        tried=tried,
        code_id=code_id,
        tail=registration_tries.phone_tail(request, platform, code_id),
        demo_code=_demo_code(session, platform, code_id),
    )


def _reset_code(
    request: AnyRequest,
    session: ScopedSession,
    platform: Platform,
    code_id: UUID,
    *,
    code: str = "",
    tried: Attempt | None = None,
) -> Response[str]:
    return render(
        request,
        session,
        "identity/reset_code.html",
        tried=tried,
        code_id=code_id,
        code=code,
        demo_code=_demo_code(session, platform, code_id),
    )


def _demo_code(session: ScopedSession, platform: Platform, code_id: UUID) -> str | None:
    """The code itself, in a demonstration alone: it sends no messages, and a newcomer would wait for one."""
    if platform.demo is None:
        return None
    province = system_actor(platform.offices.catalogue.province.code)
    with OfficeSession(platform.engine, actor=province, now=session.now) as shown:
        return outbox.code_shown(shown, event_key(code_id), platform.keys)


def _differs() -> Invalid:
    return Invalid("password_differs", "两次输入的密码不同。请重新输入。", at="again")
