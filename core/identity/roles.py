"""Roles held in an office, a department or a unit, from a moment until another: granting, ending, and choosing one.

The permissions of each role stand in ``core/domain/permissions.py``. Every request reads the grants at its own moment,
so that an expired grant has no effect. An office fills posts of its own and of the offices below; its supervisors come
from the office above, and nobody grants anything to themselves. The database's policies say the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from core.audit import service as audit
from core.clock import last_day
from core.db.base import new_id
from core.db.session import Actor, OfficeSession, ProvinceSession, ScopedSession, SignInSession
from core.domain.permissions import POSTS, ROLE_LABELS, UNIT_ROLES, Holding, Permission, Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import Account, RoleGrant
from core.identity.sign_in import asker
from core.messages.service import Recipient
from core.plugin_api import OfficeLevel
from core.tenancy.models import Office
from core.text import dates


def actors_of(session: SignInSession, account_id: UUID) -> tuple[Actor, ...]:
    """One actor for each role that the account holds at the session's moment, in the order in which they began.

    Empty where the account has ended or holds no role now.
    """
    found = asker.find(session, asker.BY_ACCOUNT, account_id=account_id)
    return () if found is None else found.actors


def actor_of(session: SignInSession, account_id: UUID, grant_id: UUID | None) -> Actor | None:
    """The actor of an account in the role of one grant; None where that has ended."""
    return next((actor for actor in actors_of(session, account_id) if actor.grant_id == grant_id), None)


def place_of(session: ScopedSession, account: Account) -> Recipient:
    """The recipient of an account's notices: the applicant, or the unit or office of the first role of staff."""
    if account.person_id is not None:
        return Recipient(person_id=account.person_id)
    grant = session.scalars(
        select(RoleGrant).where(RoleGrant.account_id == account.id).order_by(RoleGrant.valid_from).limit(1)
    ).first()
    if grant is not None and Role(grant.role) in UNIT_ROLES:
        return Recipient(unit_id=grant.unit_id)
    held_in = None if grant is None else grant.office_id
    return Recipient(office_id=held_in or account.issued_by_office_id or recording_office(session))


def holds(now: datetime) -> ColumnElement[bool]:
    """The condition that a grant, and the account that it is for, are in force at ``now``."""
    open_account = Account.ended_at.is_(None) | (Account.ended_at > now)
    not_ended = RoleGrant.valid_until.is_(None) | (RoleGrant.valid_until > now)
    return open_account & (RoleGrant.valid_from <= now) & not_ended


def choose(
    actors: Sequence[Actor], *, role: str | None = None, place: str | None = None, grant_id: UUID | None = None
) -> Actor:
    """The one of ``actors`` with this role, place and grant; None leaves a criterion open.

    Forbidden, code ``role_not_held``, where none fits; Invalid, code ``role_unclear``, where several do. A session of
    pages keeps the ``grant_id`` of the chosen role.
    """
    fitting = [
        actor
        for actor in actors
        if role in {None, actor.role.value}
        and place in {None, actor.office_id, actor.unit_id and str(actor.unit_id)}
        and grant_id in {None, actor.grant_id}
    ]
    if not fitting:
        raise Forbidden("role_not_held", "该账号没有所选的角色，或该角色已到期。请改选本人担任的角色。")
    if len(fitting) > 1:
        held = "、".join(f"{actor.role.value}（{_said(actor)}）" for actor in fitting)
        message = (
            f"该账号有多个角色：{held}。请选择以哪个角色办理；接口调用用请求头X-Kaowu-Role指明角色，"
            "同一角色有多处的再用X-Kaowu-Place指明机构或单位，或用X-Kaowu-Grant指明角色的编号。"
        )
        raise Invalid("role_unclear", message, at="X-Kaowu-Role")
    return fitting[0]


def grant_role(
    session: ScopedSession,
    account_id: UUID,
    *,
    role: Role,
    valid_from: datetime,
    valid_until: datetime | None = None,
    office_id: str | None = None,
    unit_id: UUID | None = None,
) -> RoleGrant:
    """Give an account one more role, held in the office or the unit named, from a moment until another (half-open)."""
    _check_place(role, office_id=office_id, unit_id=unit_id)
    if role is not Role.APPLICANT:
        _check_granter(session, account_id, role, office_id)
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid("grant_dates", "角色的终止时间应晚于起始时间。请改正有效期。", at="valid_until")
    grant = RoleGrant(
        id=new_id(),
        account_id=account_id,
        role=role.value,
        office_id=office_id,
        unit_id=unit_id,
        granted_by_office_id=None if role is Role.APPLICANT else session.actor.office_id,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    session.add(grant)
    session.flush()
    _record(session, "role.granted", grant)
    return grant


def end_role(session: OfficeSession | ProvinceSession, grant_id: UUID) -> RoleGrant:
    """End a role now, for good. It has no effect from the next request on.

    NotFound where the grant is not the office's to end, Conflict where it has ended, Forbidden for one's own.
    """
    grant = session.get(RoleGrant, grant_id)
    if grant is None or not _within(session, grant):
        raise NotFound("grant_not_found", "没有找到由本机构管理的这个角色。请核对后重试。")
    if grant.account_id == session.actor.account_id:
        raise Forbidden("grant_to_self", "不能变更本人的角色。请由本机构其他有权人员或上级机构办理。")
    _check_may(session, Role(grant.role))
    if grant.valid_until is not None and grant.valid_until <= session.now:
        raise Conflict("grant_ended", f"该角色已于{dates.short_day(last_day(grant.valid_until))}终止，无需重复办理。")
    # A role that has not begun never held: its end is its beginning.
    grant.valid_until = max(session.now, grant.valid_from)
    session.flush()
    _record(session, "role.ended", grant)
    return grant


def _said(actor: Actor) -> str:
    behalf = f"，代{actor.on_behalf_of_name}" if actor.on_behalf_of else ""
    return ROLE_LABELS[actor.role] + behalf


def _check_place(role: Role, *, office_id: str | None, unit_id: UUID | None) -> None:
    given = {Holding.OFFICE: office_id is not None, Holding.UNIT: unit_id is not None}
    wanted = POSTS[role].held
    if wanted is Holding.NOBODY or any(present != (place is wanted) for place, present in given.items()):
        raise Invalid("grant_place", "角色与所在机构或单位不符：单位角色须指定单位，机构角色须指定机构。请改正。")


def _check_granter(session: ScopedSession, account_id: UUID, role: Role, office_id: str | None) -> None:
    """Let an office fill its own posts and those of offices below, each with the roles of its level, and no others."""
    if account_id == session.actor.account_id:
        raise Forbidden("grant_to_self", "不能给本人增加角色。请由上级机构办理。")
    _check_may(session, role)
    if office_id is None:
        return
    own = session.actor.office_id
    if own is None or not (office_id == own or office_id.startswith(f"{own}/")):
        raise Forbidden("grant_elsewhere", "只能为本机构及下级机构设置角色。请由该机构或其上级机构办理。")
    level = session.scalar(select(Office.level).where(Office.id == office_id))
    if level not in POSTS[role].levels:
        raise Invalid("grant_level", f"“{ROLE_LABELS[role]}”不是该级机构的角色。请改选与机构层级相符的角色。")
    from_above = office_id != own or level == OfficeLevel.PROVINCE or session.actor.role is Role.SYSTEM
    if Permission.STAFF in POSTS[role].may and not from_above:
        raise Forbidden("grant_from_above", f"“{ROLE_LABELS[role]}”由上级机构设置。请报上级工考管理机构办理。")


def _check_may(session: ScopedSession, role: Role) -> None:
    needed = Permission.RUN_OFFICE if POSTS[role].held is Holding.UNIT else Permission.STAFF
    if needed not in session.actor.may_change:
        raise Forbidden("not_staffing", "您的角色不能设置或终止他人的角色。请由本机构监管人员或上级机构办理。")


def _within(session: OfficeSession | ProvinceSession, grant: RoleGrant) -> bool:
    """Whether the office gave the role, or it is held in the office or below."""
    place = grant.office_id or ""
    return grant.granted_by_office_id == session.office_id or f"{place}/".startswith(f"{session.office_id}/")


def _record(session: ScopedSession, kind: str, grant: RoleGrant) -> None:
    payload = {
        "grant": str(grant.id),
        "role": grant.role,
        "office": grant.office_id,
        "unit": str(grant.unit_id) if grant.unit_id else None,
        "from": grant.valid_from.isoformat(),
        "until": grant.valid_until.isoformat() if grant.valid_until else None,
    }
    enter(session, kind, "account", grant.account_id, **payload)


def enter(session: ScopedSession, kind: str, subject_type: str, subject_id: UUID | str, **payload: Any) -> None:
    """Add an entry to the record of the actor's own office, or of the province for people who register."""
    subject = audit.RecordSubject(recording_office(session), subject_type, subject_id)
    audit.record_on(session, subject, kind, **payload)


def recording_office(session: ScopedSession) -> str:
    """The office on whose record an act stands: the actor's own, or the province for people who register."""
    if session.actor.office_id is not None:
        return session.actor.office_id
    if _PROVINCE_ID not in session.info:
        session.info[_PROVINCE_ID] = session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()
    return str(session.info[_PROVINCE_ID])


_PROVINCE_ID = "kaowu.province_id"
