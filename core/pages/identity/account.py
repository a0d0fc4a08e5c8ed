"""Signing in by pages, and looking after one's own account: password, second factor, sessions, roles."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from markupsafe import Markup

from core.errors import Invalid, TooMany, Unauthenticated
from core.identity.factor_removals import open_removal
from core.identity.sign_in import service as sign_in, sessions, totp
from core.identity.sign_in.sessions import Awaited, IssuedSession
from core.printing import qr_codes as codes
from core.web.authentication import cookies
from core.web.authentication.sign_in import OwnAccount, TheAccount, by_password
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import EVERYBODY
from core.web.page.navigation import home
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.rates import SIGN_IN
from core.web.routes import form, look, page


@page("/sign-in")
def sign_in_page(request: AnyRequest, session: AnySession, to: FromQuery[str] = "") -> Response[Any]:
    """Name and password; a signed-in reader is led on."""
    if request.user is not None:
        return see(_safe(to))
    return render(request, session, "identity/sign_in.html", to=to, name="")


@form("/sign-in", rate=SIGN_IN)
def sign_in_by_password(
    request: AnyRequest, session: AnySession, platform: ThePlatform, *, data: Sent, to: FromQuery[str] = ""
) -> Response[Any]:
    """Sign in, and go on to the requested page."""
    name = str(data.get("name") or "")
    tried = Attempt(request, session)
    try:
        issued = by_password(request, platform, name=name, password=str(data.get("password") or ""))
    except (Unauthenticated, TooMany) as refusal:
        tried.refusal = refusal
        return render(request, session, "identity/sign_in.html", tried=tried, to=to, name=name)
    return with_cookie(request, issued, _safe(to))


@page("/sign-in/code", roles=EVERYBODY, awaited=[Awaited.SECOND_FACTOR])
def code_page(request: AnyRequest, own: TheAccount, to: FromQuery[str] = "") -> Response[str]:
    """The code of the authenticator app, or a recovery code; a proposal to take the app away is told here."""
    return _code(request, own, to)


@form("/sign-in/code", roles=EVERYBODY, awaited=[Awaited.SECOND_FACTOR])
def pass_second_factor(request: AnyRequest, own: TheAccount, data: Sent, to: FromQuery[str] = "") -> Response[Any]:
    """Accept the code, and go on with a new token."""
    with attempt(request, own.session) as tried:
        own.count_code()
        code = str(data.get("code") or "")
        before = totp.recovery_codes_left(own.session, own.mine.account_id) or 0
        issued = sign_in.pass_second_factor(own.session, own.mine, code, door=own.door)
        left = totp.recovery_codes_left(own.session, own.mine.account_id) or 0
        # Whoever has just used one of the last codes is warned before the work begins, and goes on from there.
        warned = left < before and left <= totp.FEW_CODES and issued.awaits is None
        return with_cookie(request, issued, _warning(to) if warned else _safe(to))
    return _code(request, own, to, tried=tried)


@form("/sign-out", roles=EVERYBODY, awaited=Awaited)
def sign_out(request: AnyRequest, own: TheAccount) -> Redirect:
    """End the session."""
    sessions.end_session(own.session, own.mine.account_id, own.mine.session_id)
    gone = cookies.make_cookie(request, cookies.SESSION, "", max_age=0)
    return Redirect("/", status_code=303, cookies=[gone], headers=cookies.NOTHING_STAYS)


@form("/role", roles=EVERYBODY)
def switch_role(request: AnyRequest, own: TheAccount, data: Sent) -> Redirect:
    """Act in another of one's roles from now on."""
    try:
        grant_id = UUID(str(data.get("role") or ""))
    except ValueError:
        raise Invalid("role_unclear", "没有选择角色。请从列表中选择本人担任的角色。") from None
    return with_cookie(request, sessions.switch_role(own.session, own.mine.session_id, grant_id), "/home")


@look("/home", roles=EVERYBODY)
def go_home(request: AnyRequest) -> Redirect:
    """The first page of the role."""
    return see(home(request.user.role))


@look("/alive", roles=EVERYBODY)
def stay_signed_in() -> Response[None]:
    """The reader is still there."""
    return Response(None, status_code=204)


@page("/account", roles=EVERYBODY)
def account_page(request: AnyRequest, own: TheAccount) -> Response[str]:
    """The account, and its open sessions."""
    rows = sessions.open_sessions(own.session, own.mine.account_id, lifetimes=own.door.lifetimes)
    return render(
        request,
        own.session,
        "identity/account.html",
        rows=rows,
        current=own.mine.session_id,
        enrolled=totp.is_enrolled(own.session, own.mine.account_id),
        removal=open_removal(own.session, own.mine.account_id),
        **_codes(own),
    )


@form("/account/sessions/{session_id:uuid}/end", roles=EVERYBODY)
def end_session(own: TheAccount, session_id: FromPath[UUID]) -> Redirect:
    """Sign out elsewhere."""
    sessions.end_session(own.session, own.mine.account_id, session_id)
    return see("/account")


@page("/account/password", roles=EVERYBODY, awaited=[Awaited.PASSWORD_CHANGE])
def password_page(request: AnyRequest, own: TheAccount, to: FromQuery[str] = "") -> Response[str]:
    """Choose another password."""
    return _password(request, own, to)


@form("/account/password", roles=EVERYBODY, awaited=[Awaited.PASSWORD_CHANGE])
def change_password(request: AnyRequest, own: TheAccount, data: Sent, to: FromQuery[str] = "") -> Response[Any]:
    """Change the password; every other session ends."""
    with attempt(request, own.session) as tried:
        new = str(data.get("new_password") or "")
        if new != data.get("again"):
            raise Invalid("password_differs", "两次输入的新密码不同。请重新输入。", at="again")
        current = str(data.get("password") or "")
        own.prove_password(current)
        issued = sign_in.change_password(own.session, own.mine, current=current, new=new, door=own.door)
        return with_cookie(request, issued, _safe(to) if to else "/account")
    return _password(request, own, to, tried=tried)


@page("/account/second-factor", roles=EVERYBODY, awaited=[Awaited.ENROLMENT])
def factor_page(request: AnyRequest, own: TheAccount, to: FromQuery[str] = "") -> Response[str]:
    """Turn the second factor on, or give it up."""
    return _factor(request, own, to)


@form("/account/second-factor", roles=EVERYBODY, awaited=[Awaited.ENROLMENT])
def begin_enrolment(request: AnyRequest, own: TheAccount, data: Sent, to: FromQuery[str] = "") -> Response[Any]:
    """Show the secret as a QR code, after the password has been given again."""
    with attempt(request, own.session) as tried:
        own.prove_password(str(data.get("password") or ""))
        enrolment = totp.begin_enrolment(own.session, own.mine.account_id, keys=own.platform.keys)
        return _factor(request, own, to, secret=enrolment.secret, drawing=_drawing(enrolment.uri))
    return _factor(request, own, to, tried=tried)


@form("/account/second-factor/confirm", roles=EVERYBODY, awaited=[Awaited.ENROLMENT])
def confirm_enrolment(request: AnyRequest, own: TheAccount, data: Sent, to: FromQuery[str] = "") -> Response[Any]:
    """Enable the app by its first code, and show the recovery codes once."""
    with attempt(request, own.session) as tried:
        own.count_code()
        issued, codes = sign_in.enrol(own.session, own.mine, str(data.get("code") or ""), door=own.door)
        answer = render(request, own.session, "identity/recovery.html", codes=codes, to=_safe(to))
        answer.set_cookie(cookies.make_cookie(request, cookies.SESSION, issued.token))
        return answer
    return _factor(request, own, to, tried=tried)


@form("/account/second-factor/codes", roles=EVERYBODY)
def renew_codes(request: AnyRequest, own: TheAccount, data: Sent) -> Response[Any]:
    """Make new recovery codes in place of those before, and show them once."""
    with attempt(request, own.session) as tried:
        own.prove_password(str(data.get("password") or ""))
        codes = totp.renew_recovery_codes(own.session, own.mine.account_id)
        return render(request, own.session, "identity/recovery.html", codes=codes, to="/account", renewed=True)
    return _factor(request, own, "", tried=tried)


@form("/account/second-factor/remove", roles=EVERYBODY)
def give_up_second_factor(request: AnyRequest, own: TheAccount, data: Sent) -> Response[Any]:
    """Sign in without a second factor from now on, where no office demands one."""
    with attempt(request, own.session) as tried:
        password = str(data.get("password") or "")
        own.prove_password(password)
        issued = sign_in.give_up_second_factor(own.session, own.mine, password=password, door=own.door)
        return with_cookie(request, issued, "/account")
    return _factor(request, own, "", tried=tried)


def _code(request: AnyRequest, own: OwnAccount, to: str, *, tried: Attempt | None = None) -> Response[str]:
    removal = open_removal(own.session, own.mine.account_id)
    return render(request, own.session, "identity/code.html", tried=tried, to=to, removal=removal)


def _password(request: AnyRequest, own: OwnAccount, to: str, *, tried: Attempt | None = None) -> Response[str]:
    forced = own.mine.awaits is Awaited.PASSWORD_CHANGE
    return render(request, own.session, "identity/password.html", tried=tried, to=to, forced=forced)


def _factor(
    request: AnyRequest, own: OwnAccount, to: str, *, tried: Attempt | None = None, secret: str = "", drawing: str = ""
) -> Response[str]:
    return render(
        request,
        own.session,
        "identity/second_factor.html",
        tried=tried,
        to=to,
        secret=secret,
        drawing=drawing,
        forced=own.mine.awaits is Awaited.ENROLMENT,
        enrolled=totp.is_enrolled(own.session, own.mine.account_id),
        onward=_safe(to) if to else "",
        **_codes(own),
    )


def _codes(own: OwnAccount) -> dict[str, Any]:
    """The number of recovery codes left, and whether these are few."""
    left = totp.recovery_codes_left(own.session, own.mine.account_id)
    return {"codes_left": left, "few_codes": left is not None and left <= totp.FEW_CODES}


def _warning(to: str) -> str:
    """The page that warns of few recovery codes, with the way on."""
    return f"/account/second-factor?to={quote(_safe(to), safe='')}"


def _drawing(uri: str) -> Markup:
    """The QR code as a drawing without any style of its own."""
    return Markup(codes.svg(uri))  # noqa: S704 - made here


def with_cookie(request: AnyRequest, issued: IssuedSession, to: str) -> Redirect:
    """Lead on, and hand the browser the token of its session."""
    return Redirect(to, status_code=303, cookies=[cookies.make_cookie(request, cookies.SESSION, issued.token)])


def _safe(to: str) -> str:
    """Only an address of our own, so that a link to the sign-in page can lead to no other site."""
    local = to.startswith("/") and not to.startswith(("//", "/\\"))
    return quote(to, safe="/?=&%#:,") if local else "/home"
