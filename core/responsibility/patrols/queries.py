"""Patrols as pages, programs and papers show them: places to visit, those who may go, lists, one with everything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from core.clock import SHANGHAI, end_of
from core.db.session import OfficeSession, ScopedSession
from core.domain.permissions import Permission
from core.errors import NotFound
from core.responsibility.models import Patrol, PatrolFinding, PatrolMember, PatrolReply, PatrolVisit
from core.responsibility.patrols.kinds import FindingState, PatrolState, VisitState
from core.responsibility.staff_queries import staff_below
from core.scheduling.models.sites import ExamSite
from core.scheduling.models.training import TrainingCourse
from core.tenancy.models import Office

ANSWERS = frozenset({Permission.RUN_OFFICE, Permission.SCHEDULE})
"""Who answers a finding for the office of the place: its officers, and those who arrange its exams."""


@dataclass(frozen=True, slots=True)
class PatrolPlace:
    """A place that a patrol may visit, and the days on which it is in use: an exam site, or a course on site."""

    office_id: str
    office_name: str
    name: str
    first: date
    last: date
    site_id: UUID | None = None
    course_id: UUID | None = None

    @property
    def key(self) -> str:
        """The place as a choice of a form."""
        return f"site:{self.site_id}" if self.site_id else f"course:{self.course_id}"


@dataclass(frozen=True, slots=True)
class VisitTold:
    """A visit with the names of its place, and what was found there."""

    visit: PatrolVisit
    place_name: str
    address: str
    office_name: str
    findings: Sequence[PatrolFinding] = ()


@dataclass(frozen=True, slots=True)
class PatrolTold:
    """A patrol with its members, of whom some may no longer hold a role at the office, and its visits."""

    patrol: Patrol
    office_name: str
    members: Sequence[PatrolMember]
    visits: Sequence[VisitTold]

    @property
    def findings(self) -> list[PatrolFinding]:
        """Everything that was found."""
        return [finding for told in self.visits for finding in told.findings]

    @property
    def unfinished(self) -> list[str]:
        """Why the patrol cannot be ended yet, in words; empty where it can."""
        to_visit = [told.place_name for told in self.visits if told.visit.state in _UNDER_WAY]
        open_ = sum(finding.state in _UNSETTLED for finding in self.findings)
        why = [f"还没有巡视完：{'、'.join(to_visit)}"] if to_visit else []
        return why + ([f"还有{open_}个问题没有办结"] if open_ else [])


@dataclass(frozen=True, slots=True)
class FindingTold:
    """A finding with its visit, the offices, and every line about it."""

    finding: PatrolFinding
    visit: VisitTold
    office_name: str
    replies: Sequence[PatrolReply] = ()


_UNDER_WAY = (VisitState.PLANNED, VisitState.ARRIVED)
_UNSETTLED = (FindingState.OPEN, FindingState.ANSWERED)


def places(session: OfficeSession, year: int) -> list[PatrolPlace]:
    """The sites and courses of a year, of the office itself and of those below it, by office and name."""
    below = Office.id.startswith(f"{session.office_id}/", autoescape=True) & ~Office.practice
    here = or_(Office.id == session.office_id, below)
    sites = (
        select(ExamSite, Office.short_name)
        .join(Office, Office.id == ExamSite.office_id)
        .where(here, ExamSite.year == year, ExamSite.closed_at.is_(None))
    )
    courses = (
        select(TrainingCourse, Office.short_name)
        .join(Office, Office.id == TrainingCourse.office_id)
        .where(here, TrainingCourse.year == year, TrainingCourse.cancelled_at.is_(None))
        .where(TrainingCourse.mode == "place")
    )
    found = [
        PatrolPlace(site.office_id, name, site.name, site.opens_on, site.closes_on, site_id=site.id)
        for site, name in session.execute(sites)
    ]
    found += [
        PatrolPlace(
            course.office_id,
            name,
            f"{course.title}（{course.place}）",
            _day(course.starts_at),
            _day(course.ends_at),
            course_id=course.id,
        )
        for course, name in session.execute(courses)
    ]
    return sorted(found, key=lambda place: (place.office_id, place.name, place.key))


def colleagues(session: OfficeSession) -> dict[UUID, str]:
    """Account → name of the staff of the office who may be sent, by name; nobody for those who send nobody."""
    return {one.account_id: one.name for one in staff_below(session) if one.office_id == session.office_id}


def patrol_of(session: ScopedSession, patrol_id: UUID) -> Patrol:
    """One patrol; NotFound where the session may not see it."""
    found = session.get(Patrol, patrol_id)
    if found is None:
        raise NotFound("patrol_unknown", "没有找到该巡视，请从“巡视”中选择。")
    return found


def visit_of(session: ScopedSession, visit_id: UUID) -> PatrolVisit:
    """One visit; NotFound where the session may not see it."""
    found = session.get(PatrolVisit, visit_id)
    if found is None:
        raise NotFound("patrol_visit_unknown", "没有找到该巡视点，请从“巡视”中选择。")
    return found


def finding_of(session: ScopedSession, finding_id: UUID) -> PatrolFinding:
    """One finding; NotFound where the session may not see it."""
    found = session.get(PatrolFinding, finding_id)
    if found is None:
        raise NotFound("patrol_finding_unknown", "没有找到该巡视问题，请从“巡视”中选择。")
    return found


def members_of(session: ScopedSession, patrol_ids: Collection[UUID]) -> dict[UUID, list[PatrolMember]]:
    """Patrol → its members now, by name."""
    wanted = select(PatrolMember).where(PatrolMember.patrol_id.in_(patrol_ids), PatrolMember.removed_at.is_(None))
    found: dict[UUID, list[PatrolMember]] = {patrol_id: [] for patrol_id in patrol_ids}
    for member in session.scalars(wanted.order_by(PatrolMember.name, PatrolMember.id)):
        found[member.patrol_id].append(member)
    return found


def is_member(session: ScopedSession, members: Collection[PatrolMember]) -> bool:
    """Whether the actor, or the colleague whom they stand in for, is one of them."""
    return bool({member.account_id for member in members} & {session.actor.account_id, session.actor.on_behalf_of})


def patrols_of(session: ScopedSession, year: int) -> list[PatrolTold]:
    """The patrols of a year that the session sees, those under way first, then the latest; four statements.

    Those of offices of made-up people are seen there alone.
    """
    own = Patrol.office_id == session.settings()["kaowu.office_id"]
    wanted = select(Patrol, Office.short_name).join(Office, Office.id == Patrol.office_id)
    wanted = wanted.where(Patrol.year == year, own | ~Office.practice)
    ordered = wanted.order_by(Patrol.state != PatrolState.PLANNED, Patrol.planned_at.desc(), Patrol.id.desc())
    return _told(session, [(row[0], row[1]) for row in session.execute(ordered)])


def tell(session: ScopedSession, patrol_id: UUID) -> PatrolTold:
    """One patrol with everything; NotFound where the session may not see it."""
    patrol = patrol_of(session, patrol_id)
    (told,) = _told(session, [(patrol, session.get_one(Office, patrol.office_id).short_name)])
    return told


def tell_visit(session: ScopedSession, visit_id: UUID) -> VisitTold:
    """One visit with what was found there."""
    visit = visit_of(session, visit_id)
    (told,) = _visits(session, _visits_wanted().where(PatrolVisit.id == visit.id))
    return told


def findings_to_answer(session: OfficeSession, year: int) -> list[FindingTold]:
    """What patrols have found at the places of the office, what waits for an answer first."""
    return _findings(session, and_(PatrolFinding.to_office_id == session.office_id, PatrolFinding.year == year))


def tell_finding(session: ScopedSession, finding_id: UUID) -> FindingTold:
    """One finding with every line about it."""
    finding = finding_of(session, finding_id)
    (told,) = _findings(session, PatrolFinding.id == finding.id)
    return told


def is_overdue(finding: PatrolFinding, now: datetime) -> bool:
    """Whether the day for putting it in order is over, and nobody has answered."""
    return finding.state == FindingState.OPEN and now >= end_of(finding.answer_by)


def _told(session: ScopedSession, found: Sequence[tuple[Patrol, str]]) -> list[PatrolTold]:
    ids = [patrol.id for patrol, _ in found]
    members = members_of(session, ids)
    visits: dict[UUID, list[VisitTold]] = {patrol_id: [] for patrol_id in ids}
    for told in _visits(session, _visits_wanted().where(PatrolVisit.patrol_id.in_(ids))):
        visits[told.visit.patrol_id].append(told)
    return [PatrolTold(patrol, name, members[patrol.id], visits[patrol.id]) for patrol, name in found]


def _visits_wanted() -> Select[PatrolVisit, str, str, str, str, str]:
    return (
        select(
            PatrolVisit, Office.short_name, ExamSite.name, ExamSite.address, TrainingCourse.title, TrainingCourse.place
        )
        .join(Office, Office.id == PatrolVisit.to_office_id)
        .outerjoin(ExamSite, ExamSite.id == PatrolVisit.site_id)
        .outerjoin(TrainingCourse, TrainingCourse.id == PatrolVisit.course_id)
        .order_by(PatrolVisit.day, PatrolVisit.id)
    )


def _visits(session: ScopedSession, wanted: Select[PatrolVisit, str, str, str, str, str]) -> list[VisitTold]:
    rows = session.execute(wanted).all()
    found: dict[UUID, list[PatrolFinding]] = {row[0].id: [] for row in rows}
    of_them = select(PatrolFinding).where(PatrolFinding.visit_id.in_(list(found)))
    for finding in session.scalars(of_them.order_by(PatrolFinding.found_at, PatrolFinding.id)):
        found[finding.visit_id].append(finding)
    return [
        VisitTold(visit, site or title, address or place, office, found[visit.id])
        for visit, office, site, address, title, place in rows
    ]


def _findings(session: ScopedSession, which: ColumnElement[bool]) -> list[FindingTold]:
    wanted = (
        select(PatrolFinding, Office.short_name)
        .join(Office, Office.id == PatrolFinding.office_id)
        .where(which)
        .order_by(PatrolFinding.state != FindingState.OPEN, PatrolFinding.answer_by, PatrolFinding.id)
    )
    rows = session.execute(wanted).all()
    visits = {
        told.visit.id: told
        for told in _visits(session, _visits_wanted().where(PatrolVisit.id.in_([row[0].visit_id for row in rows])))
    }
    lines = replies_of(session, [row[0].id for row in rows])
    return [FindingTold(finding, visits[finding.visit_id], name, lines[finding.id]) for finding, name in rows]


def replies_of(session: ScopedSession, finding_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PatrolReply]]:
    """Finding → the lines about it, in their order."""
    found: dict[UUID, list[PatrolReply]] = {finding_id: [] for finding_id in finding_ids}
    wanted = select(PatrolReply).where(PatrolReply.finding_id.in_(finding_ids))
    for reply in session.scalars(wanted.order_by(PatrolReply.at, PatrolReply.id)):
        found[reply.finding_id].append(reply)
    return found


def work_of_members(office_id: str, accounts: Collection[UUID], today: date) -> Select[int]:
    """The year of each visit that a member has to make today, or should have made before."""
    mine = select(PatrolMember.patrol_id).where(
        PatrolMember.account_id.in_(accounts), PatrolMember.office_id == office_id, PatrolMember.removed_at.is_(None)
    )
    return select(PatrolVisit.year).where(
        PatrolVisit.office_id == office_id,
        PatrolVisit.patrol_id.in_(mine),
        PatrolVisit.state.in_(_UNDER_WAY),
        PatrolVisit.day <= today,
    )


def findings_open_at(office_id: str) -> Select[int]:
    """The year of each finding that the office of the place has to put in order."""
    here = PatrolFinding.to_office_id == office_id
    return select(PatrolFinding.year).where(here, PatrolFinding.state == FindingState.OPEN)


def work_of_supervisors(office_id: str) -> list[Select[int]]:
    """The year of each finding that was answered, and of each patrol that waits for its end alone."""
    answered = select(PatrolFinding.year).where(
        PatrolFinding.office_id == office_id, PatrolFinding.state == FindingState.ANSWERED
    )
    visits = select(PatrolVisit.id).where(PatrolVisit.patrol_id == Patrol.id)
    unsettled = (
        select(PatrolFinding.id)
        .join(PatrolVisit, PatrolVisit.id == PatrolFinding.visit_id)
        .where(PatrolVisit.patrol_id == Patrol.id, PatrolFinding.state.in_(_UNSETTLED))
    )
    made = select(Patrol.year).where(
        Patrol.office_id == office_id,
        Patrol.state == PatrolState.PLANNED,
        ~visits.where(PatrolVisit.state.in_(_UNDER_WAY)).exists(),
        ~unsettled.exists(),
    )
    return [answered, made]


def next_number(session: OfficeSession, year: int) -> int:
    """The number of the office's next patrol of a year."""
    wanted = select(func.max(Patrol.number)).where(Patrol.office_id == session.office_id, Patrol.year == year)
    return (session.scalar(wanted) or 0) + 1


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
