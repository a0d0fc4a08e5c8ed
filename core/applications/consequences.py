"""What a move brings about beyond its case, and what bars it: tickets, lists, certificates of later capabilities.

PostgreSQL does both, with the move itself (the triggers ``take_along`` and ``guard_issued``), so that no verb can
forget them. Here they are put on the record and into words.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from core.applications.models import Application, Move
from core.audit.service import digest_of, record
from core.db.session import CaseSession
from core.domain.workflow import ACTION_LABELS, ADMITTED, Action, State
from core.errors import Conflict

_BARRED_BY = text("SELECT bars_move(:application, :action)")
_HARMLESS = frozenset(
    {
        *(Action.SUBMIT, Action.RESUBMIT, Action.APPROVE, Action.CONFIRM, Action.SUPPLEMENT, Action.CLEAR),
        Action.EXPIRE,
    }
)
"""These take nothing away that was issued: they lead onwards, or end what was never passed on."""
_STANDS = {
    "certificate": "该申请已经发证",
    "listed": "该申请已列入合格人员公示名单",
    "published": "该申请的考核结果已经公布",
}
_VOID_BY = text("SELECT plan_id, number FROM tickets_void_by(:move)")


def check_nothing_stands(session: CaseSession, application: Application, action: Action, end: State) -> None:
    """Conflict, saying what to do instead, where a move would go behind results or a certificate that stand.

    Whoever is on a list that is or was out, or has a certificate, is disqualified by a final case of sanctions that
    takes the certificate along, and by nothing else; and once results are published, no review begins again.
    """
    if end in ADMITTED or action in _HARMLESS:
        return
    bar = barred_by(session, application.id, action)
    if bar == "publishing":
        raise Conflict("busy", "所在批次的考核结果正在公布，本次没有保存。请稍后刷新页面再办理。")
    if bar is not None:
        raise Conflict(
            "outcome_stands",
            f"{_STANDS[bar]}，不能“{ACTION_LABELS[action]}”。发现不符合条件或弄虚作假的，请作为违规案件立案，"
            "由生效的处理决定取消资格并撤销证书；成绩有误的，请办理成绩更正。",
        )


def barred_by(session: CaseSession, application_id: UUID, action: Action) -> str | None:
    """What stands in the way of a move: ``certificate``, ``listed``, ``published``; ``publishing`` while it happens."""
    found: str | None = session.scalar(_BARRED_BY, {"application": application_id, "action": action.value})
    return found


def taken_along(session: CaseSession, application: Application, made: Move) -> str:
    """What a move took along, on the record, and as its applicant is told of it; empty where there was nothing."""
    if State(made.from_state) not in ADMITTED or State(made.to_state) in ADMITTED:
        return ""
    numbers = []
    for plan_id, number in session.execute(_VOID_BY, {"move": made.id}):
        numbers.append(number)
        record(
            session,
            "tickets.voided",
            office_id=application.office_id,
            subject_type="plan",
            subject_id=plan_id,
            payload={"tickets": 1, "digest": digest_of([number]).hex(), "by": made.id},
        )
    return f"准考证（{'、'.join(numbers)}）同时作废，请勿再使用；尚未开考的座位已取消。" if numbers else ""
