"""What becomes of a finding: its office answers what it did (整改), the patrolling office closes it or asks again.

Source: 2024 notice §4(4). At a place of the patrolling office itself two persons are needed as well: whoever answered
does not close.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.clock import SHANGHAI, end_of
from core.db.base import new_id
from core.db.session import OfficeSession, SystemSession
from core.errors import Conflict, Forbidden, Invalid
from core.messages.deadlines import reminder_due
from core.messages.service import Recipient, notify
from core.responsibility.models import PatrolFinding, PatrolMember, PatrolReply
from core.responsibility.patrols.kinds import FindingState, ReplyKind
from core.responsibility.patrols.queries import (
    ANSWERS,
    finding_of,
    is_member,
    is_overdue,
    members_of,
    replies_of,
    tell_visit,
    visit_of,
)
from core.responsibility.patrols.service import lock_patrol, must_supervise
from core.seasons.queries import is_ended
from core.tenancy.offices import Offices
from core.text import dates
from core.text.form_texts import required_text


def answer_finding(session: OfficeSession, finding_id: UUID, text: str, client_id: UUID) -> PatrolFinding:
    """Say what the office of the place did about a finding; the patrolling office is told. Sent twice, written once."""
    finding = _locked(session, finding_id)
    if _written(session, finding, client_id):
        return finding
    if finding.to_office_id != session.office_id or not ANSWERS & session.actor.may_change:
        raise Forbidden("patrol_answer_elsewhere", "整改情况由考点（培训点）所属机构的经办或考务人员填报。")
    if is_member(session, _members(session, finding)):
        raise Forbidden("patrol_own_finding", "巡视人员不能填报自己巡视的整改情况，请由另一人填报。")
    if finding.state != FindingState.OPEN:
        raise Conflict("patrol_finding_answered", f"该问题{FindingState(finding.state).label}。请刷新页面。")
    words = required_text(text, "请写明怎样整改、结果如何。", field="text")
    _add(session, finding, ReplyKind.ANSWER, words, client_id=client_id)
    finding.state = FindingState.ANSWERED.value
    session.flush()
    audit.record_on(session, finding, "patrol.answered")
    _tell(session, finding, finding.office_id, "patrol_answered", title="巡视问题已报整改", ending="请打开复核。")
    return finding


def ask_again(
    session: OfficeSession, finding_id: UUID, text: str, client_id: UUID, *, answer_by: date
) -> PatrolFinding:
    """Ask for more, until another day; the office of the place is told what. Conflict before it has answered."""
    finding = _to_review(session, finding_id)
    if _written(session, finding, client_id):
        return finding
    if finding.state != FindingState.ANSWERED:
        raise Conflict("patrol_finding_unanswered", f"该问题{FindingState(finding.state).label}。请刷新页面。")
    words = required_text(text, "请写明还要怎样整改，对方将看到。", field="text")
    if answer_by < session.now.astimezone(SHANGHAI).date():
        raise Invalid("patrol_answer_day", "整改期限不能早于今天。请改正。", at="answer_by")
    _check_second(session, finding)
    _add(session, finding, ReplyKind.AGAIN, words, client_id=client_id)
    finding.state, finding.answer_by = FindingState.OPEN.value, answer_by
    session.flush()
    audit.record_on(session, finding, "patrol.asked_again", until=answer_by.isoformat())
    ending = f"要求：{words}。请在{dates.day(answer_by)}24时前再次填报。"
    _tell(session, finding, finding.to_office_id, "patrol_asked_again", title="巡视问题须继续整改", ending=ending)
    return finding


def close_finding(session: OfficeSession, finding_id: UUID, text: str, client_id: UUID) -> PatrolFinding:
    """Close a finding that was put in order, with what was checked. Conflict before its office has answered."""
    finding = _to_review(session, finding_id)
    if _written(session, finding, client_id):
        return finding
    if finding.state != FindingState.ANSWERED:
        raise Conflict("patrol_finding_unanswered", f"该问题{FindingState(finding.state).label}。请刷新页面。")
    _check_second(session, finding)
    words = required_text(text, "请写明怎样复核、结论如何。", field="text")
    return _settle(session, finding, ReplyKind.CLOSED, words, client_id=client_id)


def withdraw_finding(session: OfficeSession, finding_id: UUID, text: str, client_id: UUID) -> PatrolFinding:
    """Withdraw a finding that was none, with the reason; the office of the place is told."""
    finding = _to_review(session, finding_id)
    if _written(session, finding, client_id):
        return finding
    if finding.state not in {FindingState.OPEN, FindingState.ANSWERED}:
        raise Conflict("patrol_finding_settled", f"该问题{FindingState(finding.state).label}。请刷新页面。")
    _check_second(session, finding)
    words = required_text(text, "请写明撤销的理由。", field="text")
    return _settle(session, finding, ReplyKind.WITHDRAWN, words, client_id=client_id)


def remind_of_findings(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Remind an office of findings that are due soon; once one is overdue, tell the patrolling office as well."""
    if is_ended(session, year):
        return
    wanted = select(PatrolFinding).where(
        PatrolFinding.to_office_id == session.office_id,
        PatrolFinding.year == year,
        PatrolFinding.state == FindingState.OPEN.value,
    )
    days = offices.config(session.office_id).messages.reminder_days
    for finding in session.scalars(wanted):
        due = end_of(finding.answer_by)
        if is_overdue(finding, session.now):
            for office in sorted({finding.to_office_id, finding.office_id}):
                _remind(session, finding, office, "overdue", title="巡视问题整改逾期")
        elif (reached := reminder_due(due, session.now, days)) is not None:
            _remind(session, finding, finding.to_office_id, str(reached), title="巡视问题整改即将到期")


def _remind(session: SystemSession, finding: PatrolFinding, office_id: str, when: str, *, title: str) -> None:
    place, day = tell_visit(session, finding.visit_id).place_name, dates.day(finding.answer_by)
    notify(
        session,
        Recipient(office_id=office_id),
        event_key=f"reminder.patrol_finding:{finding.id}:{finding.answer_by}:{when}",
        office_id=finding.office_id,
        kind="reminder.patrol_finding",
        title=title,
        body=f"{place}的巡视问题须在{day}24时前整改并填报，目前尚未填报。",
    )


def _settle(
    session: OfficeSession, finding: PatrolFinding, kind: ReplyKind, words: str, *, client_id: UUID
) -> PatrolFinding:
    _add(session, finding, kind, words, client_id=client_id)
    finding.state, finding.closed_at = kind.value, session.now
    session.flush()
    audit.record_on(session, finding, f"patrol.finding_{kind.value}")
    label = FindingState(finding.state).label
    _tell(
        session,
        finding,
        finding.to_office_id,
        "patrol_finding_settled",
        title=f"巡视问题{label}",
        ending=f"{kind.label}：{words}",
    )
    return finding


def _to_review(session: OfficeSession, finding_id: UUID) -> PatrolFinding:
    must_supervise(session)
    finding = _locked(session, finding_id)
    if finding.office_id != session.office_id:
        raise Forbidden("patrol_of_another_office", "该巡视由其他机构进行，只能查看。")
    return finding


def _locked(session: OfficeSession, finding_id: UUID) -> PatrolFinding:
    finding = finding_of(session, finding_id)
    lock_patrol(session, visit_of(session, finding.visit_id).patrol_id)
    session.refresh(finding)
    return finding


def _members(session: OfficeSession, finding: PatrolFinding) -> list[PatrolMember]:
    patrol_id = visit_of(session, finding.visit_id).patrol_id
    return members_of(session, [patrol_id])[patrol_id]


def _check_second(session: OfficeSession, finding: PatrolFinding) -> None:
    answers = [reply for reply in replies_of(session, [finding.id])[finding.id] if reply.kind == ReplyKind.ANSWER]
    if answers and answers[-1].by in {session.actor.account_id, session.actor.on_behalf_of}:
        raise Forbidden("second_officer_needed", "整改情况由填报人以外的另一名监管人员复核。请由同事办理。")


def _written(session: OfficeSession, finding: PatrolFinding, client_id: UUID) -> bool:
    wanted = select(PatrolReply.id).where(PatrolReply.client_id == client_id, PatrolReply.finding_id == finding.id)
    return session.scalar(wanted) is not None


def _add(session: OfficeSession, finding: PatrolFinding, kind: ReplyKind, words: str, *, client_id: UUID) -> None:
    session.add(
        PatrolReply(
            id=new_id(),
            finding_id=finding.id,
            by_office_id=session.office_id,
            kind=kind.value,
            text=words,
            late=kind is ReplyKind.ANSWER and session.now >= end_of(finding.answer_by),
            client_id=client_id,
            at=session.now,
            by=session.actor.account_id,
            by_name=session.actor.name,
        )
    )
    session.flush()


def _tell(
    session: OfficeSession, finding: PatrolFinding, office_id: str, kind: str, *, title: str, ending: str
) -> None:
    place = tell_visit(session, finding.visit_id).place_name
    count = len(replies_of(session, [finding.id])[finding.id])
    notify(
        session,
        Recipient(office_id=office_id),
        event_key=f"{kind}:{finding.id}:{count}",
        office_id=finding.office_id,
        kind=kind,
        title=title,
        body=f"{place}的巡视问题：{title}。{ending}",
    )
