"""Making a visit, on the telephone: arrival, what is found, and the end of the visit. Source: 2024 notice §4(4)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import OfficeSession
from core.errors import Conflict, Forbidden, Invalid
from core.messages.service import Recipient, notify
from core.responsibility.models import Patrol, PatrolFinding, PatrolVisit
from core.responsibility.patrols.kinds import FindingKind, FindingState, PatrolState, Severity, VisitState
from core.responsibility.patrols.queries import is_member, members_of, patrol_of, tell_visit, visit_of
from core.responsibility.patrols.service import lock_patrol
from core.seasons.queries import check_not_ended
from core.tenancy.models import Office
from core.text import dates
from core.text.form_texts import checked_text, required_text


@dataclass(frozen=True, slots=True)
class FindingForm:
    """What was found, and ordered on the spot; ``client_id`` is the telephone's, so that it goes in once."""

    kind: FindingKind
    severity: Severity
    facts: str
    ordered: str
    answer_by: date
    client_id: UUID


def arrive(session: OfficeSession, visit_id: UUID, at: datetime) -> PatrolVisit:
    """Note the arrival at a place; a second member's note changes nothing.

    Invalid for a time ahead or before the planned day: another day is planned by a supervisor.
    """
    visit, _ = _to_make(session, visit_id)
    check_not_ended(session, visit.year)
    if visit.state in {VisitState.ARRIVED, VisitState.DONE}:
        return visit
    if visit.state == VisitState.MISSED:
        raise Conflict("patrol_visit_called_off", "该巡视点已取消巡视。需要巡视的，请监管人员重新安排。")
    if at > session.now:
        raise Invalid("patrol_arrival_ahead", "到达时间不能晚于现在。请改正。", at="at")
    if at.astimezone(SHANGHAI).date() < visit.day:
        message = f"该巡视点安排在{dates.short_day(visit.day)}，还没有到。提前巡视的，请监管人员先改日期。"
        raise Invalid("patrol_arrival_early", message, at="at")
    visit.state, visit.arrived_at = VisitState.ARRIVED.value, at
    visit.arrived_by, visit.arrived_by_name = session.actor.account_id, session.actor.name
    session.flush()
    audit.record_on(session, visit, "patrol.arrived")
    return visit


def record_finding(session: OfficeSession, visit_id: UUID, form: FindingForm) -> PatrolFinding:
    """Record what was found at a place, and tell its office; sent twice, it is written once.

    Invalid without facts, or for a day of the answer that is over. Conflict before the arrival.
    """
    visit, patrol = _to_make(session, visit_id)
    there = session.scalar(select(PatrolFinding).where(PatrolFinding.client_id == form.client_id))
    if there is not None:
        return there
    check_not_ended(session, visit.year)
    if visit.arrived_at is None:
        raise Conflict("patrol_not_arrived", "请先登记到达，再记录问题。")
    facts = required_text(form.facts, "请写明发现了什么问题。", field="facts")
    ordered = checked_text(form.ordered, field="ordered")
    if form.answer_by < session.now.astimezone(SHANGHAI).date():
        raise Invalid("patrol_answer_day", "整改期限不能早于今天。请改正。", at="answer_by")
    finding = PatrolFinding(
        id=new_id(),
        office_id=visit.office_id,
        visit_id=visit.id,
        to_office_id=visit.to_office_id,
        year=visit.year,
        client_id=form.client_id,
        kind=form.kind.value,
        severity=form.severity.value,
        facts=facts,
        ordered=ordered,
        answer_by=form.answer_by,
        state=FindingState.OPEN.value,
        found_at=session.now,
        found_by=session.actor.account_id,
        found_by_name=session.actor.name,
    )
    session.add(finding)
    session.flush()
    audit.record_on(session, finding, "patrol.found")
    _tell(session, patrol, finding)
    return finding


def finish_visit(session: OfficeSession, visit_id: UUID, remarks: str) -> PatrolVisit:
    """End the visit of a place with what was seen there, also where nothing was found wrong."""
    visit, _ = _to_make(session, visit_id)
    if visit.state == VisitState.DONE:
        raise Conflict("patrol_visit_done", "该巡视点已经巡视完毕。请刷新页面。")
    if visit.state != VisitState.ARRIVED:
        raise Conflict("patrol_not_arrived", "请先登记到达，再结束巡视。")
    visit.remarks = required_text(remarks, "请填写巡视情况；没有发现问题的，也请写明检查了什么。", field="remarks")
    visit.state, visit.ended_at, visit.ended_by = VisitState.DONE.value, session.now, session.actor.account_id
    session.flush()
    audit.record_on(session, visit, "patrol.visit_done")
    return visit


def _to_make(session: OfficeSession, visit_id: UUID) -> tuple[PatrolVisit, Patrol]:
    """The visit and its patrol, for one of its members. Conflict once the patrol is over."""
    visit = visit_of(session, visit_id)
    if visit.office_id != session.office_id:
        raise Forbidden("patrol_of_another_office", "该巡视由其他机构进行，只能查看。")
    lock_patrol(session, visit.patrol_id)
    session.refresh(visit)
    patrol = patrol_of(session, visit.patrol_id)
    session.refresh(patrol)
    if not is_member(session, members_of(session, [patrol.id])[patrol.id]):
        raise Forbidden("not_on_the_patrol", "只有本次巡视的人员可以登记。请监管人员把您加入巡视人员。")
    if patrol.state != PatrolState.PLANNED:
        raise Conflict("patrol_over", f"该巡视{PatrolState(patrol.state).label}，只能查看。")
    return visit, patrol


def _tell(session: OfficeSession, patrol: Patrol, finding: PatrolFinding) -> None:
    told = tell_visit(session, finding.visit_id)
    who = session.get_one(Office, patrol.office_id).short_name
    kind, severity = FindingKind(finding.kind).label, Severity(finding.severity).label
    notify(
        session,
        Recipient(office_id=finding.to_office_id),
        event_key=f"patrol_finding:{finding.id}",
        office_id=finding.office_id,
        kind="patrol_finding",
        title=f"巡视发现问题：{told.place_name}",
        body=f"{who}巡视{told.place_name}，发现问题：{kind}（{severity}）。请在{dates.day(finding.answer_by)}24时前整改，"
        "并填报整改情况。",
    )
