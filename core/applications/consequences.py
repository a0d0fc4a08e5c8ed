"""Consequences of a move beyond its case, and bars to a move: tickets, lists, certificates of later capabilities.

PostgreSQL does both, with the move itself (the triggers ``take_along`` and ``guard_issued``), so that no verb can
forget them. This module records them and explains them to people.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from core.applications.models import Application, Move
from core.audit.dependents import reached
from core.audit.service import digest_of, record
from core.db.session import CaseSession, ScopedSession
from core.domain.consequences import Effect, Issued
from core.domain.workflow import ACTION_LABELS, ADMITTED, LIVE, Action, By, State, allowed_actions
from core.errors import Conflict, Forbidden

_BARRED_BY = text("SELECT bars_move(:application, :action)")
_UNDO_BARRED_BY = text("SELECT undo_bar(:application, :account, :now)")
_HARMLESS = frozenset(
    {*(Action.SUBMIT, Action.RESUBMIT, Action.APPROVE, Action.CONFIRM, Action.SUPPLEMENT, Action.CLEAR), Action.EXPIRE}
)
"""Actions that take nothing away that was issued: they lead onwards, or end a case that no office has passed."""
_BEGIN_AGAIN = frozenset({Action.REOPEN, Action.UNDO})
"""Actions that make an application live again that was not."""
_STANDS = {
    "certificate": "该申请已经发证",
    "listed": "该申请已列入合格人员公示名单",
    "published": "该申请的考核结果已经公布",
}
_CASE_BESIDE = text("SELECT case_beside(:application)")
_SUSPENDED = text("SELECT suspended(:application)")
_VOID_BY = text("SELECT plan_id, number FROM tickets_void_by(:move)")


def check_nothing_stands(session: CaseSession, application: Application, action: Action, end: State) -> None:
    """Conflict, with what to do instead, where results or a certificate stand against a move.

    Nobody is disqualified without a final sanction case, which revokes the certificate of a person on a published list
    too. Once results are published, no review begins again.
    """
    if action in _BEGIN_AGAIN and State(application.state) not in LIVE:
        _check_no_case_beside(session, application)
    if end in ADMITTED or action in _HARMLESS:
        return
    bar = barred_by(session, application.id, action)
    if bar == "publishing":
        raise Conflict("busy", "所在批次的考核结果正在公布，本次没有保存。请稍后刷新页面再办理。")
    if bar == "undecided":
        raise Conflict(
            "decision_needed",
            "取消资格只能由生效的违规处理决定执行。请先立案，当事人陈述申辩后由另一人作出处理决定；"
            "须立即停止参加考核的，请在立案的同时暂停其考核。",
        )
    if bar is not None:
        raise Conflict(
            "outcome_stands",
            f"{_STANDS[bar]}，不能“{ACTION_LABELS[action]}”。发现弄虚作假的，请作为违规案件立案，由生效的处理决定取消资格"
            "并撤销证书；发现审查有误、当事人没有过错的，请以“审查有误”立案；成绩有误的，请办理成绩更正。",
        )


def _check_no_case_beside(session: CaseSession, application: Application) -> None:
    """Refuse where a case of sanctions about another application of the season holds against this one.

    Nobody gets round a case by a second application, neither by submitting it (``case_of_season``) nor by a review that
    begins again.
    """
    said = session.scalar(_CASE_BESIDE, {"application": application.id})
    if said == "disqualified":
        raise Forbidden("season_disqualified", "生效的处理决定已取消申报人本年度的申报资格，这份申请不能重新审查。")
    if said is not None:
        raise Conflict(
            "season_under_case",
            "申报人本年度的另一份申请有案件尚未办结，办结前不能重新审查这一份。请待案件办结后再办理，或向省中心了解情况。",
        )


def barred_by(session: ScopedSession, application_id: UUID, action: Action) -> str | None:
    """The bar to a move: ``certificate``, ``listed``, ``published``; ``publishing`` while this is under way.

    ``undecided`` is the bar to a disqualification that no final decision orders.
    """
    found: str | None = session.scalar(_BARRED_BY, {"application": application_id, "action": action.value})
    return found


def undo_barred_by(session: CaseSession, application: Application) -> str | None:
    """The bar to taking the last decision back: ``no_decision``, ``another``, ``late``, ``elsewhere``, ``acted_on``."""
    asked = {"application": application.id, "account": session.actor.account_id, "now": session.now}
    found: str | None = session.scalar(_UNDO_BARRED_BY, asked)
    return found


def open_actions(session: CaseSession, application: Application, held: Collection[By]) -> tuple[Action, ...]:
    """The actions that the actor may take now: without those of a decision alone, and those that would be refused."""
    allowed = allowed_actions(State(application.state), held)
    refused = {Action.DISQUALIFY}
    beside = {"application": application.id}
    if Action.REOPEN in allowed and (
        barred_by(session, application.id, Action.REOPEN) is not None
        or session.scalar(_CASE_BESIDE, beside) is not None
    ):
        refused.add(Action.REOPEN)
    if Action.UNDO in allowed and undo_barred_by(session, application) is not None:
        refused.add(Action.UNDO)
    return tuple(action for action in allowed if action not in refused)


def is_suspended(session: ScopedSession, application_id: UUID) -> bool:
    """Whether a suspension keeps the candidate out of the exam now."""
    return bool(session.scalar(_SUSPENDED, {"application": application_id}))


def taken_along(session: CaseSession, application: Application, made: Move) -> str:
    """Record the tickets that a move voided; returns the text for the applicant, empty where there were none."""
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
    reached(session, Issued.TICKET, Effect.VOID, len(numbers))
    return f"准考证（{'、'.join(numbers)}）同时作废，请勿再使用；尚未开考的座位已取消。" if numbers else ""
