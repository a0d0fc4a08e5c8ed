"""Signing in and looking after one's own account over JSON: password, second factor, sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import Provide
from litestar.params import FromPath, JSONBody

from core.identity.sign_in import service as sign_in, sessions, totp
from core.identity.sign_in.sessions import Awaited, IssuedSession
from core.web.authentication import cookies
from core.web.authentication.csrf import token_for
from core.web.authentication.sign_in import TheAccount, by_password, carrying, provide_own_account
from core.web.dependencies import ThePlatform
from core.web.rates import SIGN_IN
from core.web.routes import declared_in, on_own_account, write_publicly
from core.web.schemas import Input, Line, Output, Secret

AnyRequest = Request[Any, Any, Any]


class SignInIn(Input):
    """The login, or an applicant's identity number, and the password."""

    name: Line
    password: Secret


class CodeIn(Input, published="sign_in_api_CodeIn"):
    """What the authenticator app shows, or a recovery code where one is let in."""

    code: Secret


class PasswordIn(Input):
    """The password that holds, to make sure who is asking."""

    password: Secret


class NewPasswordIn(Input, published="sign_in_api_NewPasswordIn"):
    """The password that holds, and the one that shall."""

    password: Secret
    new_password: Secret


class RoleIn(Input):
    """Which of one's roles, by the id of its grant."""

    grant_id: UUID


class SessionOut(Output):
    """The session that the cookie stands for. ``awaits`` is what must be done before anything else is let through."""

    id: UUID
    account_id: UUID
    awaits: Awaited | None
    expires_at: datetime


class CurrentSessionOut(SessionOut):
    """The same, and what a browser that speaks JSON sends in ``X-CSRF-Token`` with each change."""

    form_token: str


class SessionLineOut(Output):
    """A session of one's account that is open."""

    id: UUID
    current: bool
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    device: str


class EnrolmentOut(Output):
    """What the authenticator app needs: the secret as text, and as the address that a QR code holds."""

    secret: str
    uri: str


class RecoveryOut(Output):
    """Codes for the day on which the phone is lost, each good once, shown this once."""

    recovery_codes: list[str]


@write_publicly("/sign-in", rate=SIGN_IN)
def sign_in_by_password(request: AnyRequest, platform: ThePlatform, data: JSONBody[SignInIn]) -> Response[SessionOut]:
    """Sign in. The answer's cookie is the session; a session that this browser had before ends."""
    issued = by_password(request, platform, name=data.name, password=data.password.get_secret_value())
    return _answer(request, issued)


@on_own_account(post, "/sign-in/second-factor", awaited=[Awaited.SECOND_FACTOR])
def pass_second_factor(own: TheAccount, data: JSONBody[CodeIn]) -> Response[SessionOut]:
    """Give the code of the authenticator app, or a recovery code, and go on with a new token."""
    own.count_code()
    issued = sign_in.pass_second_factor(own.session, own.mine, data.code.get_secret_value(), door=own.door)
    return _answer(own.request, issued)


@on_own_account(post, "/sign-out", awaited=Awaited)
def sign_out(own: TheAccount) -> Response[None]:
    """End the session, and take the cookie away."""
    sessions.end_session(own.session, own.mine.account_id, own.mine.session_id)
    gone = cookies.make_cookie(own.request, cookies.SESSION, "", max_age=0)
    return Response(None, cookies=[gone], headers=cookies.NOTHING_STAYS)


@on_own_account(get, "/session", awaited=Awaited)
def show_session(own: TheAccount) -> CurrentSessionOut:
    """The session behind the cookie, and what it has to do first."""
    current = sessions.one_session(own.session, own.mine.session_id)
    return CurrentSessionOut.of(current, form_token=token_for(own.request))


@on_own_account(post, "/session/role")
def switch_role(own: TheAccount, data: JSONBody[RoleIn]) -> Response[SessionOut]:
    """Act in another of one's roles from now on; the session gets a new token."""
    return _answer(own.request, sessions.switch_role(own.session, own.mine.session_id, data.grant_id))


@on_own_account(get, "/sessions")
def list_sessions(own: TheAccount) -> list[SessionLineOut]:
    """Where one is signed in, the newest first."""
    rows = sessions.open_sessions(own.session, own.mine.account_id, lifetimes=own.door.lifetimes)
    return [SessionLineOut.of(row, current=row.id == own.mine.session_id) for row in rows]


@on_own_account(post, "/sessions/{session_id:uuid}/end")
def end_session(own: TheAccount, session_id: FromPath[UUID]) -> None:
    """End one of one's sessions."""
    sessions.end_session(own.session, own.mine.account_id, session_id)


@on_own_account(post, "/sessions/end-others")
def end_other_sessions(own: TheAccount) -> None:
    """End every session of one's account but this one."""
    sessions.end_sessions(own.session, own.mine.account_id, but=own.mine.session_id)


@on_own_account(post, "/password", awaited=[Awaited.PASSWORD_CHANGE])
def change_password(own: TheAccount, data: JSONBody[NewPasswordIn]) -> Response[SessionOut]:
    """Choose another password; every other session of the account ends, and this one goes on with a new token."""
    current, new = data.password.get_secret_value(), data.new_password.get_secret_value()
    own.prove_password(current)
    return _answer(own.request, sign_in.change_password(own.session, own.mine, current=current, new=new, door=own.door))


@on_own_account(post, "/second-factor", awaited=[Awaited.ENROLMENT])
def begin_enrolment(own: TheAccount, data: JSONBody[PasswordIn]) -> EnrolmentOut:
    """Get a secret for the authenticator app; it counts once a first code has been given back."""
    own.prove_password(data.password.get_secret_value())
    return EnrolmentOut.model_validate(totp.begin_enrolment(own.session, own.mine.account_id, keys=own.platform.keys))


@on_own_account(post, "/second-factor/confirm", awaited=[Awaited.ENROLMENT])
def confirm_enrolment(own: TheAccount, data: JSONBody[CodeIn]) -> Response[RecoveryOut]:
    """Give back a first code: the app counts from now on. The answer holds the recovery codes."""
    own.count_code()
    issued, codes = sign_in.enrol(own.session, own.mine, data.code.get_secret_value(), door=own.door)
    return carrying(own.request, RecoveryOut(recovery_codes=list(codes)), issued)


@on_own_account(post, "/second-factor/recovery-codes")
def renew_recovery_codes(own: TheAccount, data: JSONBody[PasswordIn]) -> RecoveryOut:
    """Get ten fresh recovery codes; those before are worth nothing from now on."""
    own.prove_password(data.password.get_secret_value())
    codes = totp.renew_recovery_codes(own.session, own.mine.account_id)
    return RecoveryOut(recovery_codes=list(codes))


@on_own_account(post, "/second-factor/remove")
def give_up_second_factor(own: TheAccount, data: JSONBody[PasswordIn]) -> Response[SessionOut]:
    """Sign in without a second factor from now on, where no office demands one."""
    password = data.password.get_secret_value()
    own.prove_password(password)
    return _answer(own.request, sign_in.give_up_second_factor(own.session, own.mine, password=password, door=own.door))


def _answer(request: AnyRequest, issued: IssuedSession) -> Response[SessionOut]:
    return carrying(request, SessionOut.model_validate(issued), issued)


router = Router(
    "/", route_handlers=declared_in(__name__), dependencies={"own": Provide(provide_own_account)}, tags=["登录"]
)
