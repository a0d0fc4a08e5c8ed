"""The staff of an office by pages: accounts and their roles with dates, and who acts for whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.clock import end_of, start_of
from core.db.session import OfficeSession, ScopedSession
from core.domain.permissions import POSTS, ROLE_LABELS, Holding, Permission, Role
from core.errors import Invalid, NotFound
from core.identity import deputies, factor_removals, queries, roles, service
from core.identity.deputies import Leave
from core.identity.registration import reset
from core.identity.sign_in import passwords
from core.pages.table_export import Sheet, TableAsked, table_file
from core.plugin_api import OfficeLevel
from core.tenancy.queries import offices
from core.web.dependencies import AnySession, OfOffice, ThePlatform
from core.web.guards import OFFICE_STAFF, STAFFERS, UNITS
from core.web.page.form_dates import day_of
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

COLLEAGUES = OFFICE_STAFF | STAFFERS | UNITS


@page("/staff", roles=STAFFERS)
def staff_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Everybody who works for the office or below, in which roles, and opening an account."""
    return _staff(request, session)


@table_file("/staff/export", roles=STAFFERS)
def export_staff(session: OfficeSession, _table: TableAsked) -> Sheet:
    """The staff as an Excel file."""
    names = _names(session)
    rows = [
        (
            line.name,
            line.login,
            "" if line.role is None else ROLE_LABELS[line.role],
            names.get(line.office_id or "", ""),
        )
        for line in queries.account_lines(session)
        if line.ended_at is None and line.unit_id is None
    ]
    return Sheet("机构人员", ("姓名", "登录名", "角色", "所在机构"), rows)


@form("/staff", roles=STAFFERS)
def issue_account(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Open an account. The first password is shown on the page that answers, and never again."""
    with attempt(request, session) as tried:
        begins, ends = _span(session, data)
        account = service.issue_account(
            session,
            login=str(data.get("login") or ""),
            name=str(data.get("name") or ""),
            role=_role(data),
            office_id=str(data.get("office_id") or ""),
            valid_from=begins,
            valid_until=ends,
        )
        password = passwords.give_initial_password(session, account.id, hasher=platform.door.hasher)
    if tried.refusal is None:
        return _account(request, session, account.id, password=password)
    return _staff(request, session, tried=tried, given=data)


@page("/staff/{account_id:uuid}", roles=STAFFERS)
def account_page(request: AnyRequest, session: OfOffice, account_id: FromPath[UUID]) -> Response[str]:
    """One account: its roles, and what can be done with it."""
    return _account(request, session, account_id)


@form("/staff/{account_id:uuid}/roles", roles=STAFFERS)
def grant_role(request: AnyRequest, session: OfOffice, account_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Give an account one more role, from a day until another."""
    with attempt(request, session) as tried:
        begins, ends = _span(session, data)
        office_id = str(data.get("office_id") or "")
        roles.grant_role(
            session, account_id, role=_role(data), valid_from=begins, valid_until=ends, office_id=office_id
        )
        return see(f"/staff/{account_id}")
    return _account(request, session, account_id, tried=tried, given=data)


@form("/staff/{account_id:uuid}/roles/{grant_id:uuid}/end", roles=STAFFERS)
def end_role(
    request: AnyRequest, session: OfOffice, *, account_id: FromPath[UUID], grant_id: FromPath[UUID]
) -> Response[Any]:
    """End a role; it works no more from the next request on."""
    with attempt(request, session) as tried:
        roles.end_role(session, grant_id)
        return see(f"/staff/{account_id}")
    return _account(request, session, account_id, tried=tried)


@form("/staff/{account_id:uuid}/do/{act:str}", roles=STAFFERS)
def look_after(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, account_id: FromPath[UUID], act: FromPath[str]
) -> Response[Any]:
    """A new first password, unlocking, signing out everywhere, or closing for good."""
    password = ""
    with attempt(request, session) as tried:
        if act == "new-password":
            password = reset.give_new_password(session, account_id, hasher=platform.door.hasher)
        elif act == "unlock":
            reset.unlock(session, account_id)
        elif act == "end-sessions":
            reset.end_sessions(session, account_id)
        elif act == "end":
            service.end_account(session, account_id)
        else:
            raise NotFound("no_such_action", "没有这个操作，请使用页面上的按钮。")
    if tried.refusal is None and act == "end":
        return see("/staff")
    return _account(request, session, account_id, tried=tried, password=password, done=act)


@page("/acting", roles=COLLEAGUES)
def acting_page(request: AnyRequest, session: AnySession) -> Response[str]:
    """Who acts for whom, and asking a colleague to."""
    return _acting(request, session)


@form("/acting", roles=COLLEAGUES)
def arrange_acting(request: AnyRequest, session: AnySession, data: Sent) -> Response[Any]:
    """Let a colleague act in one's own role, or in one of the office that one staffs."""
    with attempt(request, session) as tried:
        begins, ends = day_of(data, "valid_from"), day_of(data, "valid_until")
        if begins is None or ends is None:
            missing = "valid_from" if begins is None else "valid_until"
            raise Invalid("dates_missing", "请填写代办的起止日期。", at=missing)
        leave = Leave(max(start_of(begins), session.now), end_of(ends), str(data.get("reason") or ""))
        deputies.arrange(session, _grant(data), deputy_login=str(data.get("deputy_login") or ""), leave=leave)
        return see("/acting")
    return _acting(request, session, tried=tried, given=data)


@form("/acting/{acting_id:uuid}/end", roles=COLLEAGUES)
def end_acting(request: AnyRequest, session: AnySession, acting_id: FromPath[UUID]) -> Response[Any]:
    """The colleague is here again."""
    with attempt(request, session) as tried:
        deputies.end(session, acting_id)
        return see("/acting")
    return _acting(request, session, tried=tried)


def _staff(request: AnyRequest, session: OfficeSession, *, tried: Any = None, given: Any = None) -> Response[str]:
    found = [line for line in queries.account_lines(session) if line.unit_id is None]
    return render(
        request,
        session,
        "identity/staff.html",
        tried=tried,
        lines=[line for line in found if line.ended_at is None],
        labels=ROLE_LABELS,
        names=_names(session),
        removals_waiting=sum(
            factor_removals.may_decide(session, removal) for removal in factor_removals.removals(session)
        ),
        **_choices(session),
        given=Fields(given or {}),
    )


def _account(
    request: AnyRequest,
    session: OfficeSession,
    account_id: UUID,
    *,
    tried: Any = None,
    given: Any = None,
    password: str = "",
    done: str = "",
) -> Response[str]:
    lines = [line for line in queries.account_lines(session) if line.account_id == account_id]
    if not lines:
        raise NotFound("account_not_found", "没有找到由本机构管理的这个账号。请核对后重试。")
    return render(
        request,
        session,
        "identity/staff_account.html",
        tried=tried,
        account=lines[0],
        held=[line for line in lines if line.role is not None],
        labels=ROLE_LABELS,
        names=_names(session),
        password=password,
        done=done,
        own=account_id == session.actor.account_id,
        removal=factor_removals.open_removal(session, account_id),
        **_choices(session),
        given=Fields(given or {}),
    )


def _acting(request: AnyRequest, session: ScopedSession, *, tried: Any = None, given: Any = None) -> Response[str]:
    return render(
        request,
        session,
        "identity/deputies.html",
        tried=tried,
        lines=deputies.arrangements(session),
        grants=_grants(session),
        may_arrange=session.actor.on_behalf_of is None,
        given=Fields(given or {}),
    )


def _grants(session: ScopedSession) -> list[tuple[str, str]]:
    """The roles for which somebody may be asked to act: one's own, and those of the office that one staffs."""
    own = session.actor.grant_id
    mine = [] if own is None else [(str(own), f"本人：{ROLE_LABELS[session.actor.role]}")]
    if Permission.STAFF not in session.actor.may_change:
        return mine
    others = [
        (str(line.grant_id), f"{line.name}：{ROLE_LABELS[line.role]}")
        for line in queries.account_lines(session)
        if line.role is not None and line.grant_id is not None and line.grant_id != own and line.ended_at is None
    ]
    return mine + others


def _choices(session: OfficeSession) -> dict[str, Any]:
    """The offices, of this one and below, and the roles that are held in offices."""
    below = [office for office in offices(session) if f"{office.id}/".startswith(f"{session.office_id}/")]
    levels = {OfficeLevel(office.level) for office in below}
    held = [role for role, post in POSTS.items() if post.held is Holding.OFFICE and post.levels & levels]
    return {
        "below": [(office.id, office.name) for office in below],
        "posts": [(role.value, ROLE_LABELS[role]) for role in held],
    }


def _names(session: ScopedSession) -> dict[str, str]:
    return {office.id: office.name for office in offices(session)}


def _role(data: dict[str, Any]) -> Role:
    try:
        return Role(str(data.get("role")))
    except ValueError:
        raise Invalid("role_missing", "请选择角色。", at="role") from None


def _grant(data: dict[str, Any]) -> UUID:
    try:
        return UUID(str(data.get("grant_id")))
    except ValueError:
        raise Invalid("grant_missing", "请选择由谁的角色代办。", at="grant_id") from None


def _span(session: ScopedSession, data: dict[str, Any]) -> tuple[datetime, datetime | None]:
    """From when until when; nothing means from now, for good."""
    begins, ends = day_of(data, "valid_from"), day_of(data, "valid_until")
    return session.now if begins is None else start_of(begins), None if ends is None else end_of(ends)
