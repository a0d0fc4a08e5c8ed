"""Emergency plans: the versions of an office, the one in force, and the offices that lack one.

Source: 2024 notice §4(3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, or_, select

from core.db.session import ScopedSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.errors import NotFound
from core.plugin_api import OfficeCode
from core.responsibility.models import EmergencyPlan
from core.responsibility.plan_content import Difference, Emergency, Occasion, PlanState, differences, due_before
from core.responsibility.ranks import OWED_BY
from core.scheduling.models.sites import ExamSite
from core.seasons.queries import calendar_now, calendars_now
from core.tenancy.models import Office


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """How an office stands with its plan for an occasion: the newest version, when it is due, whether it is lacking."""

    office: Office
    occasion: Occasion
    newest: EmergencyPlan | None
    due: datetime | None
    owed: bool

    @property
    def lacking(self) -> bool:
        """Whether the office owes a plan and has filed none, or none that was not returned."""
        state = None if self.newest is None else self.newest.state
        return self.owed and state not in {PlanState.FILED, PlanState.RECEIVED}


def plan_of(session: ScopedSession, plan_id: UUID) -> EmergencyPlan:
    """One version; NotFound where the session may not see it."""
    found = session.get(EmergencyPlan, plan_id)
    if found is None:
        raise NotFound("no_such_emergency_plan", "没有找到该应急预案，请从列表重新选择。")
    return found


def versions(
    session: ScopedSession, office_id: str, year: int, occasion: Occasion | None = None
) -> Sequence[EmergencyPlan]:
    """The versions of an office's season, the newest first."""
    wanted = select(EmergencyPlan).where(EmergencyPlan.office_id == office_id, EmergencyPlan.year == year)
    if occasion is not None:
        wanted = wanted.where(EmergencyPlan.occasion == occasion.value)
    return session.scalars(wanted.order_by(EmergencyPlan.occasion, EmergencyPlan.version.desc())).all()


def plan_in_force(session: ScopedSession, office_id: str, year: int, occasion: Occasion) -> EmergencyPlan | None:
    """The plan by which an office acts: its newest approved version; one that was returned where there is no other."""
    approved = [plan for plan in versions(session, office_id, year, occasion) if plan.state != PlanState.DRAFTED]
    return next((plan for plan in approved if plan.state != PlanState.RETURNED), approved[0] if approved else None)


def due_of(session: ScopedSession, office_id: str, year: int, occasion: Occasion) -> datetime | None:
    """The moment before which an office's plan is due; None without a date."""
    return due_before(calendar_now(session, office_id, year), occasion)


def standings_below(session: ScopedSession, year: int, *, below: str, itself: bool = False) -> list[PlanStanding]:
    """How the offices below one, and with ``itself`` that one, stand with both plans; a fixed number of statements."""
    which = Office.id.startswith(f"{below}/", autoescape=True)
    wanted = select(Office).where(or_(which, Office.id == below) if itself else which)
    offices = session.scalars(wanted.order_by(Office.id)).all()
    newest: dict[tuple[str, str], EmergencyPlan] = {}
    for plan in session.scalars(
        select(EmergencyPlan).where(EmergencyPlan.year == year).order_by(EmergencyPlan.version)
    ):
        newest[plan.office_id, plan.occasion] = plan
    calendars = calendars_now(session, year)
    return [
        PlanStanding(
            office,
            occasion,
            newest.get((office.id, occasion.value)),
            due_before(calendars[OfficeCode(office.id)], occasion) if OfficeCode(office.id) in calendars else None,
            office.level in OWED_BY and not office.practice,
        )
        for office in offices
        for occasion in Occasion
    ]


def changes(session: ScopedSession, plan: EmergencyPlan) -> list[Difference]:
    """What a version says differently than the one before it; nothing for the first."""
    before = session.scalar(
        select(EmergencyPlan).where(
            EmergencyPlan.office_id == plan.office_id,
            EmergencyPlan.year == plan.year,
            EmergencyPlan.occasion == plan.occasion,
            EmergencyPlan.version == plan.version - 1,
        )
    )
    if before is None:
        return []
    files = files_of(session, Subject.EMERGENCY_PLAN, [before.id, plan.id])
    names = site_names(session, [*before.site_ids, *plan.site_ids])
    said = [
        in_words(one, names)
        | {"file": "、".join(line.file.sha256[:12] for line in files[one.id] if not line.superseded)}
        for one in (before, plan)
    ]
    return differences(*said)


def in_words(plan: EmergencyPlan, sites: Mapping[str, str]) -> dict[str, str]:
    """What a version says, part by part, without its file."""
    return {
        "hotline": plan.hotline,
        "contacts": "；".join(" ".join(map(str, contact)) for contact in plan.contacts),
        "events": "、".join(Emergency(event).label for event in plan.events),
        "sites": "、".join(sites.get(site, site) for site in plan.site_ids) or "全部考点",
    }


def site_names(session: ScopedSession, site_ids: Sequence[str]) -> dict[str, str]:
    """Id → name of sites."""
    wanted = select(ExamSite.id, ExamSite.name).where(ExamSite.id.in_([UUID(site) for site in site_ids]))
    return {str(row.id): row.name for row in session.execute(wanted)}


def sites_of(session: ScopedSession, office_id: str, year: int) -> list[tuple[str, str]]:
    """The sites of an office's season that are open, as choices."""
    wanted = select(ExamSite.id, ExamSite.name).where(
        ExamSite.office_id == office_id, ExamSite.year == year, ExamSite.closed_at.is_(None)
    )
    return [(str(row.id), row.name) for row in session.execute(wanted.order_by(ExamSite.name))]


def plans_waiting(office_id: str, account_id: UUID, current: int | None) -> Select[int]:
    """The year of each plan that waits for an officer: filed with the office, or a colleague's draft of ``current``."""
    filed = and_(EmergencyPlan.to_office_id == office_id, EmergencyPlan.state == PlanState.FILED.value)
    drafted = and_(
        EmergencyPlan.office_id == office_id,
        EmergencyPlan.state == PlanState.DRAFTED.value,
        EmergencyPlan.made_by != account_id,
        EmergencyPlan.year == current,
    )
    return select(EmergencyPlan.year).where(or_(filed, drafted) if current is not None else filed)
