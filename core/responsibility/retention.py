"""Erasing who was responsible for a season, once its time is over; that somebody was stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from core.clock import SHANGHAI
from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.responsibility.models import (
    AccountabilityCase,
    AccountabilityStatement,
    EmergencyPlan,
    Patrol,
    PatrolFinding,
    PatrolMember,
    PatrolReply,
    PatrolVisit,
    ResponsiblePerson,
)


def responsible_due(before: datetime) -> Select[UUID]:
    """Those named for seasons whose year was over before this time."""
    wanted = select(ResponsiblePerson.id).where(
        ResponsiblePerson.year < before.astimezone(SHANGHAI).year, ResponsiblePerson.name != ERASED
    )
    return wanted.order_by(ResponsiblePerson.id)


def erase_responsible(session: KeeperSession, entry_ids: Sequence[UUID]) -> None:
    """Replace names and telephones; rank, post and day stay."""
    those = update(ResponsiblePerson).where(ResponsiblePerson.id.in_(entry_ids))
    session.execute(those.values(name=ERASED, telephone="", entered_by_name=ERASED))


def plans_due(before: datetime) -> Select[UUID]:
    """Emergency plans of seasons whose year was over before this time."""
    over = EmergencyPlan.year < before.astimezone(SHANGHAI).year
    return select(EmergencyPlan.id).where(over, EmergencyPlan.hotline != ERASED).order_by(EmergencyPlan.id)


def erase_plans(session: KeeperSession, plan_ids: Sequence[UUID]) -> None:
    """Replace telephones and contacts, which are people; that there was a plan, and its states, stay."""
    those = update(EmergencyPlan).where(EmergencyPlan.id.in_(plan_ids))
    session.execute(those.values(hotline=ERASED, contacts=[], made_by_name=ERASED, approved_by_name=ERASED))


def patrols_due(before: datetime) -> Select[UUID]:
    """Patrols of seasons whose year was over before this time."""
    over = Patrol.year < before.astimezone(SHANGHAI).year
    return select(Patrol.id).where(over, Patrol.planned_by_name != ERASED).order_by(Patrol.id)


def erase_patrols(session: KeeperSession, patrol_ids: Sequence[UUID]) -> None:
    """Replace the names of those who planned and made patrols, and what they wrote; places and days stay."""
    patrols = update(Patrol).where(Patrol.id.in_(patrol_ids))
    session.execute(patrols.values(planned_by_name=ERASED, ended_by_name=ERASED, purpose=ERASED, summary=ERASED))
    session.execute(update(PatrolMember).where(PatrolMember.patrol_id.in_(patrol_ids)).values(name=ERASED))
    visits = update(PatrolVisit).where(PatrolVisit.patrol_id.in_(patrol_ids))
    session.execute(visits.values(arrived_by_name=ERASED, remarks=ERASED))


def patrol_findings_due(before: datetime) -> Select[UUID]:
    """Findings of patrols of seasons whose year was over before this time."""
    over = PatrolFinding.year < before.astimezone(SHANGHAI).year
    return select(PatrolFinding.id).where(over, PatrolFinding.facts != ERASED).order_by(PatrolFinding.id)


def erase_patrol_findings(session: KeeperSession, finding_ids: Sequence[UUID]) -> None:
    """Replace what was found and answered, which may name people; kind, severity and dates stay."""
    findings = update(PatrolFinding).where(PatrolFinding.id.in_(finding_ids))
    session.execute(findings.values(facts=ERASED, ordered=ERASED, found_by_name=ERASED))
    replies = update(PatrolReply).where(PatrolReply.finding_id.in_(finding_ids))
    session.execute(replies.values(text=ERASED, by_name=ERASED))


def accountability_due(before: datetime) -> Select[UUID]:
    """Cases against staff that are settled, of seasons whose year was over before this time."""
    over = AccountabilityCase.year < before.astimezone(SHANGHAI).year
    settled = AccountabilityCase.state.in_(("served", "cleared", "dropped"))
    wanted = select(AccountabilityCase.id).where(over, settled, AccountabilityCase.name != ERASED)
    return wanted.order_by(AccountabilityCase.id)


def erase_accountability(session: KeeperSession, case_ids: Sequence[UUID]) -> None:
    """Replace who it was and what was said; breach, measures and dates stay."""
    cases = update(AccountabilityCase).where(AccountabilityCase.id.in_(case_ids))
    told = dict.fromkeys(("name", "post", "facts", "opened_by_name", "told_how", "decided_by_name", "reasons"), ERASED)
    session.execute(cases.values(**told, served_how=ERASED))
    said = update(AccountabilityStatement).where(AccountabilityStatement.case_id.in_(case_ids))
    session.execute(said.values(text=ERASED, by_name=ERASED))
