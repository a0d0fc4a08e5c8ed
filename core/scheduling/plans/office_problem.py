"""An office's exam as a problem of allocation, read from the database in a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from core.applications.models import Application
from core.applications.queries import are_candidates
from core.db.session import OfficeSession, ScopedSession
from core.plugin_api import Apart, Grade, SeatingPolicy, SittingView, WindowKind
from core.scheduling.allocation.problem import Candidate, Placement, Problem, Room, SeatNeed, Sitting as SittingValue
from core.scheduling.models.accommodations import AccommodationRequest
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite, SitePreference
from core.scheduling.models.sittings import Sitting, SittingRoom
from core.seasons.models import SeasonSubject
from core.tenancy.config.seating import SeatingTable

EXAMS = (WindowKind.COMPUTER_EXAM, WindowKind.LEVEL_ONE_THEORY)
"""The exams with seating plans."""


def grades_of(exam: WindowKind) -> tuple[int, ...]:
    """The grades that sit an exam. Source: 2024 notice §3(5)."""
    if exam is WindowKind.LEVEL_ONE_THEORY:
        return (int(Grade.ONE),)
    return tuple(int(grade) for grade in Grade if grade is not Grade.ONE)


def sittings_for(session: ScopedSession, office_id: str, year: int, exam: WindowKind) -> Sequence[Sitting]:
    """The sittings of an exam that are not cancelled, in the order of their times."""
    wanted = select(Sitting).where(Sitting.office_id == office_id, Sitting.year == year)
    found = session.scalars(wanted.where(Sitting.cancelled_at.is_(None)).order_by(Sitting.starts_at, Sitting.id))
    return [sitting for sitting in found if set(sitting.grades) & set(grades_of(exam))]


def view_of(sitting: Sitting, standard: SeatingPolicy) -> SittingView:
    """A sitting as plugins see it."""
    return SittingView(
        sitting_id=str(sitting.id),
        office=sitting.office_id,
        year=sitting.year,
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        subjects=frozenset(sitting.subjects),
        grades=frozenset(sitting.grades),
        trades=frozenset(sitting.trades),
        standard=standard,
    )


def policy_of(plan: Plan, sitting_id: UUID) -> SeatingPolicy:
    """The policy by which the rooms of a sitting were filled in a plan."""
    kept = plan.sittings[str(sitting_id)]
    return SeatingPolicy(kept["reserve_percent"], Apart(kept["apart"]), kept["invigilators"])


def problem_of(session: OfficeSession, plan: Plan, *, seating: SeatingTable) -> Problem:
    """The current problem of a plan: qualified candidates, granted accommodations, usable rooms."""
    exam = WindowKind(plan.exam)
    held = [
        sitting
        for sitting in sittings_for(session, plan.office_id, plan.year, exam)
        if str(sitting.id) in plan.sittings
    ]
    rooms = _rooms(session, [sitting.id for sitting in held])
    long = _long(session, rooms, minutes=seating.extra_minutes)
    return Problem(
        candidates=tuple(_candidates(session, plan.office_id, plan.year, grades_of(exam))),
        rooms=tuple({room.key: room for _, room, _ in rooms}.values()),
        sittings=tuple(
            SittingValue(
                key=str(sitting.id),
                starts=sitting.starts_at,
                ends=sitting.ends_at,
                subjects=frozenset(sitting.subjects),
                grades=frozenset(sitting.grades),
                rooms=tuple(room.key for sitting_id, room, _ in rooms if sitting_id == sitting.id),
                trades=frozenset(sitting.trades),
                by_trade=sitting.by_trade,
                long_rooms=long[sitting.id],
                policy=policy_of(plan, sitting.id),
                closed=sitting.starts_at <= session.now,
            )
            for sitting in held
        ),
        subjects=_subjects(session, plan.year, grades_of(exam)),
        travel=_travel(session, plan.office_id),
    )


def placements_of(session: ScopedSession, plan_id: UUID) -> list[Placement]:
    """The seats of a plan, also of a superseded one, without the seats of candidates who left the exam."""
    wanted = select(Seat.application_id, Seat.sitting_id, Seat.room_id, Seat.seat)
    rows = session.execute(wanted.where(*seats_kept(plan_id)))
    return [Placement(str(who), str(sitting), str(room), seat) for who, sitting, room, seat in rows]


def seats_kept(plan_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """The condition for a plan's seats without those that were freed when their candidates left the exam."""
    return Seat.plan_id == plan_id, Seat.voided_by_move.is_(None)


def granted_needs(session: ScopedSession, office_id: str, year: int) -> Mapping[UUID, frozenset[SeatNeed]]:
    """Application → granted accommodations; the latest decision holds."""
    wanted = select(AccommodationRequest).where(
        AccommodationRequest.office_id == office_id,
        AccommodationRequest.year == year,
        AccommodationRequest.state != "asked",
    )
    decided = session.scalars(wanted.order_by(AccommodationRequest.decided_at, AccommodationRequest.id))
    return {request.application_id: frozenset(map(SeatNeed, request.granted)) for request in decided}


def _candidates(session: ScopedSession, office_id: str, year: int, grades: Sequence[int]) -> Iterable[Candidate]:
    needs = granted_needs(session, office_id, year)
    wanted = select(
        Application.id, Application.local_office_id, Application.unit_id, Application.grade, Application.trade
    ).where(are_candidates(office_id, year, grades))
    for who, county, unit, grade, trade in session.execute(wanted.order_by(Application.id)):
        assert grade is not None and trade is not None  # noqa: PT018, S101 - the database holds it of all submitted
        yield Candidate(str(who), county, str(unit), grade, trade, needs.get(who, frozenset()))


def _rooms(session: ScopedSession, sitting_ids: Sequence[UUID]) -> list[tuple[UUID, Room, datetime]]:
    """(sitting, room, end) for every room that a sitting can use."""
    wanted = (
        select(SittingRoom.sitting_id, SittingRoom.ends_at, ExamRoom)
        .join(ExamRoom, ExamRoom.id == SittingRoom.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(SittingRoom.sitting_id.in_(sitting_ids), SittingRoom.withdrawn_at.is_(None))
        # A sitting that has begun keeps its rooms, even where the site was closed since.
        .where(or_(SittingRoom.starts_at <= session.now, ExamRoom.retired_at.is_(None) & ExamSite.closed_at.is_(None)))
        .order_by(SittingRoom.sitting_id, ExamRoom.number)
    )
    return [(sitting_id, room_value(room), ends_at) for sitting_id, ends_at, room in session.execute(wanted)]


def room_value(room: ExamRoom) -> Room:
    """A room as the allocation knows it."""
    return Room(str(room.id), str(room.site_id), room.places, room.reserve_machines, room.accessible)


def _long(
    session: ScopedSession, rooms: Sequence[tuple[UUID, Room, datetime]], *, minutes: int
) -> Mapping[UUID, frozenset[str]]:
    """Sitting → its rooms that stay free for this many minutes afterwards."""
    keys = {UUID(room.key) for _, room, _ in rooms}
    wanted = select(SittingRoom.room_id, SittingRoom.starts_at).where(SittingRoom.room_id.in_(keys))
    begins: dict[str, list[datetime]] = defaultdict(list)
    for room_id, starts_at in session.execute(wanted.where(SittingRoom.withdrawn_at.is_(None))):
        begins[str(room_id)].append(starts_at)
    found: dict[UUID, set[str]] = defaultdict(set)
    for sitting_id, room, ends_at in rooms:
        if not any(ends_at <= other < ends_at + timedelta(minutes=minutes) for other in begins[room.key]):
            found[sitting_id].add(room.key)
    return defaultdict(frozenset, {key: frozenset(value) for key, value in found.items()})


def _subjects(session: ScopedSession, year: int, grades: Sequence[int]) -> Mapping[int, frozenset[str]]:
    wanted = select(SeasonSubject.grade, SeasonSubject.subject).where(SeasonSubject.year == year)
    found: dict[int, set[str]] = {grade: set() for grade in grades}
    for grade, subject in session.execute(wanted.where(SeasonSubject.grade.in_(grades))):
        found[grade].add(subject)
    return {grade: frozenset(names) for grade, names in found.items()}


def _travel(session: ScopedSession, office_id: str) -> Mapping[tuple[str, str], int]:
    wanted = select(SitePreference.local_office_id, SitePreference.site_id, SitePreference.cost)
    rows = session.execute(wanted.where(SitePreference.office_id == office_id))
    return {(county, str(site)): cost for county, site, cost in rows}
