"""Taking a lost second factor away: one officer proposes with a reason, a second one, not the owner, decides.

One officer alone could otherwise take over a colleague's account: a new password and no factor. The owner is told at
once, and ends the proposal by signing in with the factor. An office with nobody else to decide is helped by the office
above; the center's only officer by ``kaowu accounts remove-second-factor``. The database holds the same.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.refusals import in_words
from core.db.session import OfficeSession, ScopedSession
from core.domain.permissions import OFFICE_ROLES, POSTS, UNIT_ROLES, Permission, Role
from core.errors import Conflict, Forbidden, NotFound
from core.identity.models import Account, FactorRemoval, RoleGrant
from core.identity.registration.reset import in_care
from core.identity.roles import holds, place_of
from core.identity.sign_in import sessions, totp
from core.messages.service import Recipient, notify
from core.text import dates
from core.text.form_texts import required_text

LIFETIME: Final = timedelta(days=3)
"""So long a proposal waits for the second officer."""


class RemovalGround(StrEnum):
    """Why a second factor is to be taken away."""

    PHONE_LOST = "phone_lost"
    PHONE_CHANGED = "phone_changed"
    APP_FAILS = "app_fails"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The ground as pages show it."""
        return _LABELS[self]


_LABELS: Final = {
    RemovalGround.PHONE_LOST: "手机丢失或损坏",
    RemovalGround.PHONE_CHANGED: "更换手机，原验证器没有迁移",
    RemovalGround.APP_FAILS: "验证器无法使用",
    RemovalGround.OTHER: "其他",
}


def propose(session: OfficeSession, account_id: UUID, *, ground: RemovalGround, reason: str) -> FactorRemoval:
    """Propose to take an account's second factor away; the owner is told.

    Forbidden for one's own account or a colleague's whose deputy one is, and without the permission; NotFound for an
    account that the office has not issued; Invalid without a reason; Conflict without a second factor, while another
    proposal waits, or where nobody here or above could decide.
    """
    account = in_care(session, account_id)
    if session.actor.on_behalf_of == account_id:
        raise Forbidden("own_account", "代办人不能停用被代办人的动态验证码。请由其他人员或上级机构办理。")
    why = required_text(reason, "请写明停用的原因，以及怎样核实了本人身份。")
    one_at_a_time(session, f"factor-removal:{account_id}")
    if not totp.is_enrolled(session, account_id):
        raise Conflict("no_second_factor", "该账号没有启用动态验证码。")
    _let_expire(session, account_id)
    place = place_of(session, account)
    alone = not _somebody_else_decides(session, account)
    if alone and "/" not in session.office_id:
        raise Conflict(
            "nobody_decides", "省中心没有另一名可以核准的人员。请系统运维人员在服务器上用命令办理，并写明核实情况。"
        )
    proposed = FactorRemoval(
        id=new_id(),
        office_id=session.office_id,
        account_id=account_id,
        account_name=account.name,
        unit_id=place.unit_id,
        told_office_id=place.office_id,
        for_superior=alone,
        ground=ground.value,
        reason=why,
        state="proposed",
        proposed_at=session.now,
        proposed_by=session.actor.account_id,
        proposed_on_behalf=session.actor.on_behalf_of,
        proposed_by_name=session.actor.name,
        expires_at=session.now + LIFETIME,
    )
    session.add(proposed)
    with in_words():
        session.flush()
    audit.record_on(session, proposed, "second_factor.removal_proposed")
    body = (
        f"{proposed.proposed_by_name}提出停用“{account.name}”的动态验证码（{ground.label}），待另一人核准。"
        "如非本人要求，请用动态验证码或备用码登录一次，申请随即作废，并告知机构负责人。"
    )
    _tell(session, proposed, "factor_removal_proposed", title="有人提出停用动态验证码", body=body)
    if alone:
        superior = session.office_id.rpartition("/")[0]
        body = f"下级机构没有另一名可以核准的人员。请核实后在“停用动态验证码”页面决定，{_until(proposed)}。"
        title = f"待核准：停用“{account.name}”的动态验证码"
        _notify(session, proposed, Recipient(office_id=superior), "factor_removal_waits", title=title, body=body)
    return proposed


def grant(session: OfficeSession, removal_id: UUID) -> FactorRemoval:
    """Agree as the second officer: the factor is gone, every session of the account ends, and the owner is told.

    Forbidden for the proposer, the owner, their deputies, and without the permission. Conflict where it is settled or
    expired, or the factor is gone already.
    """
    removal = _to_decide(session, removal_id)
    _settle(session, removal, "granted")
    totp.take_away(session, removal.account_id)
    sessions.end_sessions(session, removal.account_id)
    audit.record_on(session, removal, "second_factor.removal_granted", proposed_by=str(removal.proposed_by))
    body = (
        f"由{removal.proposed_by_name}提出、{session.actor.name}核准，“{removal.account_name}”的动态验证码已停用，"
        "原有登录均已退出。请用密码登录后重新启用。如非本人要求，请立即联系机构负责人。"
    )
    _tell(session, removal, "factor_removed", title="动态验证码已停用", body=body)
    return removal


def refuse(session: OfficeSession, removal_id: UUID, *, remark: str) -> FactorRemoval:
    """Leave the factor in place, with the reason. Raises as ``grant`` does, and Invalid without a reason."""
    removal = _to_decide(session, removal_id)
    removal.remark = required_text(remark, "请写明不同意的理由。", field="remark")
    _settle(session, removal, "refused")
    audit.record_on(session, removal, "second_factor.removal_refused", proposed_by=str(removal.proposed_by))
    body = f"{session.actor.name}没有同意停用“{removal.account_name}”的动态验证码。理由：{removal.remark}"
    title = "没有同意停用动态验证码"
    _notify(session, removal, Recipient(office_id=removal.office_id), "factor_removal_refused", title=title, body=body)
    return removal


def withdraw(session: OfficeSession, removal_id: UUID) -> FactorRemoval:
    """Take one's own proposal back. Forbidden for anybody else, Conflict where it is settled."""
    removal = _open(session, removal_id)
    if removal.proposed_by != session.actor.account_id:
        raise Forbidden("not_proposer", "只有提出人能撤回。不同意停用的，请选择“不同意”。")
    _settle(session, removal, "withdrawn")
    audit.record_on(session, removal, "second_factor.removal_withdrawn")
    return removal


def account_in_care(session: OfficeSession, account_id: UUID) -> Account:
    """The account that a proposal would be about. Raises as ``propose`` does."""
    return in_care(session, account_id)


def removals(session: OfficeSession) -> Sequence[FactorRemoval]:
    """The proposals that the actor sees: of the office and of those below, the latest first."""
    return session.scalars(
        select(FactorRemoval).order_by(FactorRemoval.proposed_at.desc(), FactorRemoval.id.desc()).limit(_SHOWN)
    ).all()


def open_removal(session: ScopedSession, account_id: UUID) -> FactorRemoval | None:
    """The proposal about an account that waits for a second officer."""
    waits = (FactorRemoval.state == "proposed") & (FactorRemoval.expires_at > session.now)
    return session.scalar(select(FactorRemoval).where(FactorRemoval.account_id == account_id, waits))


def may_decide(session: OfficeSession, removal: FactorRemoval) -> bool:
    """Whether the actor is offered the decision: a second person, while the proposal waits."""
    theirs = {session.actor.account_id, session.actor.on_behalf_of}
    others = not theirs & {removal.proposed_by, removal.proposed_on_behalf or removal.proposed_by, removal.account_id}
    return is_open(removal, session) and others and _has_permission(session, removal)


def is_open(removal: FactorRemoval, session: ScopedSession) -> bool:
    """Whether a proposal waits for a second officer."""
    return removal.state == "proposed" and session.now < removal.expires_at


_SHOWN: Final = 200


def _to_decide(session: OfficeSession, removal_id: UUID) -> FactorRemoval:
    removal = _open(session, removal_id)
    if removal.account_id in {session.actor.account_id, session.actor.on_behalf_of}:
        raise Forbidden("own_account", "不能决定停用本人的动态验证码。请由其他人员或上级机构办理。")
    if removal.proposed_by in {session.actor.account_id, session.actor.on_behalf_of}:
        raise Forbidden(
            "second_person", "提出人不能核准自己提出的停用。请由另一人办理；本机构没有其他人的，请联系上级机构。"
        )
    if not _has_permission(session, removal):
        raise Forbidden("not_staffing", "您的角色不能管理该账号。请由本机构监管人员或上级机构办理。")
    return removal


def _has_permission(session: OfficeSession, removal: FactorRemoval) -> bool:
    """Staffers of the office or above; for a manager's account also officers who run the office."""
    may = session.actor.may_change
    in_unit = removal.unit_id is not None and removal.office_id == session.office_id
    return Permission.STAFF in may or (in_unit and Permission.RUN_OFFICE in may)


def _open(session: OfficeSession, removal_id: UUID) -> FactorRemoval:
    removal = session.get(FactorRemoval, removal_id)
    if removal is None:
        raise NotFound("removal_unknown", "没有找到这项申请，请刷新页面查看。")
    one_at_a_time(session, f"factor-removal:{removal.account_id}")
    session.refresh(removal)
    if not is_open(removal, session):
        raise Conflict("removal_settled", "这项申请已经办理、作废或过期，不能再办理。仍需停用的，请重新提出。")
    return removal


def _settle(session: OfficeSession, removal: FactorRemoval, state: str) -> None:
    removal.state, removal.decided_at = state, session.now
    removal.decided_by, removal.decided_by_name = session.actor.account_id, session.actor.name
    with in_words():
        session.flush()


def _let_expire(session: OfficeSession, account_id: UUID) -> None:
    """Settle a proposal that has run out; Conflict for one that still waits."""
    removal = session.scalar(
        select(FactorRemoval).where(FactorRemoval.account_id == account_id, FactorRemoval.state == "proposed")
    )
    if removal is None:
        return
    if is_open(removal, session):
        message = f"该账号已有一项停用申请待核准，{_until(removal)}。请在“停用动态验证码”页面办理。"
        raise Conflict("removal_waits", message)
    removal.state = "expired"
    session.flush()


def _somebody_else_decides(session: OfficeSession, account: Account) -> bool:
    """Whether somebody in the office may decide besides the proposer and the owner."""
    held = set(session.scalars(select(RoleGrant.role).where(RoleGrant.account_id == account.id)))
    needed = Permission.RUN_OFFICE if held and held <= UNIT_ROLES else Permission.STAFF
    fitting = [role.value for role in OFFICE_ROLES if needed in POSTS[Role(role)].may]
    known = {session.actor.account_id, session.actor.on_behalf_of, account.id} - {None}
    others = (
        select(RoleGrant.id)
        .join(Account, Account.id == RoleGrant.account_id, isouter=True)
        .where(RoleGrant.office_id == session.office_id, RoleGrant.role.in_(fitting))
        .where(RoleGrant.account_id.not_in(known), holds(session.now))
    )
    return bool(session.scalar(select(others.exists())))


def _until(removal: FactorRemoval) -> str:
    return f"{dates.minute(removal.expires_at)}前有效"


def _tell(session: OfficeSession, removal: FactorRemoval, kind: str, *, title: str, body: str) -> None:
    """Tell the owner's place."""
    told = (
        Recipient(unit_id=removal.unit_id)
        if removal.unit_id
        else Recipient(office_id=removal.told_office_id or removal.office_id)
    )
    _notify(session, removal, told, kind, title=title, body=body)


def _notify(
    session: OfficeSession, removal: FactorRemoval, recipient: Recipient, kind: str, *, title: str, body: str
) -> None:
    notify(
        session,
        recipient,
        event_key=f"{kind}:{removal.id}",
        office_id=removal.office_id,
        kind=kind,
        title=title,
        body=body,
    )
