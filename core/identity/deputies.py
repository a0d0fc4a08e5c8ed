"""Deputies: acting in the role of a colleague on leave, for some days and with some of its permissions.

The colleague, or a staffer of the office, arranges it. A deputy works in the same office or unit and is not on leave in
these days, so that there are no loops and no chains. A deputy never has more permissions than the colleague's own role,
and none once that role ends. Each act of a deputy is shown as "A for B". The database holds the same (`guard_acting`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from core.clock import last_day
from core.db.base import new_id
from core.db.session import ScopedSession
from core.domain.permissions import PERMISSION_LABELS, POSTS, ROLE_LABELS, UNIT_ROLES, Permission, Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import ActingGrant, RoleGrant
from core.identity.roles import enter, recording_office
from core.messages.service import Recipient, notify
from core.text import dates
from core.text.form_texts import required_text

# SQLSTATE codes of the database's refusals.
_CHAIN, _NO_COLLEAGUE = "KW006", "KW007"


@dataclass(frozen=True, slots=True)
class Leave:
    """The span (half-open), the permissions (None: the whole role), and the reason."""

    valid_from: datetime
    valid_until: datetime
    reason: str
    permissions: Collection[Permission] | None = None


def arrange(session: ScopedSession, grant_id: UUID, *, deputy_login: str, leave: Leave) -> ActingGrant:
    """Let a colleague act in the role ``grant_id`` while its holder is on leave.

    Forbidden for an actor who neither holds the role nor staffs its office, or who is a deputy; Invalid for dates or
    permissions that do not fit the role, or a deputy who works elsewhere; Conflict where either of the two is a deputy,
    or on leave, in these days already.
    """
    grant = _own_or_staffed(session, grant_id)
    may = _within_role(Role(grant.role), leave.permissions)
    _check_leave(session, leave)
    deputy = session.execute(
        select(func.colleague(grant_id, deputy_login.strip(), session.now).table_valued("id", "name"))
    ).first()
    if deputy is None or deputy.id is None:
        raise _not_a_colleague()
    if deputy.id == session.actor.account_id:
        raise Forbidden("acting_to_self", "不能指定自己代办他人的工作。请由其本人或上级机构指定。")
    made = ActingGrant(
        id=new_id(),
        grant_id=grant_id,
        absent_name=_name_of(session, grant),
        deputy_id=deputy.id,
        deputy_name=deputy.name,
        permissions=sorted(may),
        reason=leave.reason.strip(),
        valid_from=leave.valid_from,
        valid_until=leave.valid_until,
        made_by=session.actor.account_id,
        made_at=session.now,
    )
    _insert(session, made)
    _record(session, "acting.arranged", made, grant)
    span = f"{dates.day(made.valid_from)}起，至{dates.day(last_day(made.valid_until))}止"
    _tell(session, made, grant, "arranged", f"{made.deputy_name}将代{made.absent_name}办理", span)
    return made


def end(session: ScopedSession, acting_id: UUID) -> ActingGrant:
    """End an arrangement now: the colleague is back. Conflict where it has ended."""
    made = session.get(ActingGrant, acting_id)
    if made is None:
        raise NotFound("acting_not_found", "没有找到这项代办安排。请核对后重试。")
    grant = _own_or_staffed(session, made.grant_id)
    if min(made.ended_at or made.valid_until, made.valid_until) <= session.now:
        raise Conflict("acting_ended", "这项代办安排已经结束，无需重复办理。")
    made.ended_at, made.ended_by = session.now, session.actor.account_id
    session.flush()
    _record(session, "acting.ended", made, grant)
    span = f"自{dates.minute(session.now)}起不再代办。"
    _tell(session, made, grant, "ended", f"{made.deputy_name}代{made.absent_name}办理已结束", span)
    return made


def arrangements(session: ScopedSession) -> Sequence[ActingGrant]:
    """The arrangements that the session sees: the actor's own, and those of the office. The latest first."""
    return session.scalars(select(ActingGrant).order_by(ActingGrant.valid_from.desc(), ActingGrant.id)).all()


def _own_or_staffed(session: ScopedSession, grant_id: UUID) -> RoleGrant:
    grant = session.get(RoleGrant, grant_id)
    if grant is None:
        raise NotFound("grant_not_found", "没有找到这个角色。请核对后重试。")
    actor = session.actor
    place, own = f"{grant.office_id or ''}/", f"{actor.office_id}/"
    staffs = Permission.STAFF in actor.may_change and actor.office_id is not None and place.startswith(own)
    if actor.on_behalf_of is not None or not (grant.account_id == actor.account_id or staffs):
        raise Forbidden(
            "acting_not_yours", "代办只能由本人或其机构负责账号管理的人员安排，代办人不能再转托他人。请由其办理。"
        )
    return grant


def _within_role(role: Role, wanted: Collection[Permission] | None) -> frozenset[Permission]:
    may = POSTS[role].may
    asked = may if wanted is None else frozenset(wanted)
    beyond = asked - may
    if beyond or not asked:
        named = "、".join(PERMISSION_LABELS[permission] for permission in sorted(beyond)) or "空的代办范围"
        message = f"“{ROLE_LABELS[role]}”没有{named}的权限，代办不能超出本人的角色。请改正代办范围。"
        raise Invalid("acting_too_wide", message, at="permissions")
    return asked


def _check_leave(session: ScopedSession, leave: Leave) -> None:
    if leave.valid_until <= max(leave.valid_from, session.now):
        raise Invalid("acting_dates", "代办的终止时间应晚于起始时间和现在。请改正日期。", at="valid_until")
    required_text(leave.reason, "请写明代办的原因，例如休假、出差。")


def _name_of(session: ScopedSession, grant: RoleGrant) -> str:
    return session.scalar(select(func.holder_of(grant.id))) or ""


def _insert(session: ScopedSession, made: ActingGrant) -> None:
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except DBAPIError as error:
        code = getattr(error.orig, "sqlstate", None)
        if code == _CHAIN:
            raise Conflict(
                "acting_chain",
                "两人之中有人在这段时间内已请人代办或正代他人办理，不能再作安排。请错开日期或另选代办人。",
            ) from None
        if code == _NO_COLLEAGUE:
            raise _not_a_colleague() from None
        raise


def _not_a_colleague() -> Invalid:
    message = "代办人应是同一机构或单位的另一名在岗人员。请核对其登录名。"
    return Invalid("acting_no_colleague", message, at="deputy_login")


def _tell(  # noqa: PLR0917 - an arrangement, its role, and what is said
    session: ScopedSession, made: ActingGrant, grant: RoleGrant, event: str, title: str, body: str
) -> None:
    """Tell the place of the role, where the colleague and the deputy read it: nobody is acted for unknowingly."""
    in_unit = Role(grant.role) in UNIT_ROLES
    notify(
        session,
        Recipient(unit_id=grant.unit_id) if in_unit else Recipient(office_id=grant.office_id),
        event_key=f"acting.{event}:{made.id}",
        office_id=grant.office_id or recording_office(session),
        kind=f"acting_{event}",
        title=title,
        body=body,
    )


def _record(session: ScopedSession, kind: str, made: ActingGrant, grant: RoleGrant) -> None:
    payload = {
        "acting": str(made.id),
        "grant": str(grant.id),
        "deputy": str(made.deputy_id),
        "permissions": list(made.permissions),
        "from": made.valid_from.isoformat(),
        "until": (made.ended_at or made.valid_until).isoformat(),
    }
    enter(session, kind, "account", grant.account_id, **payload)
