"""The exams of the simulated season: sites and sittings, seats, tickets, a site that drops out, and the day itself.

Each city-level office, and the center for its own units, goes through the same days; some take a turn of their own.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from core.applications.models import Application
from core.applications.queries import are_candidates
from core.clock import SHANGHAI
from core.domain.workflow import State
from core.plugin_api import Grade, OfficeCode, OfficeLevel, WindowKind
from core.scheduling.exam_day import door, door_lists
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.notes import Note
from core.scheduling.models.plans import Plan
from core.scheduling.plans import service as plans
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.scheduling.tickets import service as tickets
from core.scheduling.training import service as training
from core.scheduling.training.service import CourseForm, Mode
from core.seasons.queries import calendar_now, subjects_by_grade
from core.simulate.world import SimulationError, World

DROPS_OUT = frozenset({"henan/nanyang", "henan/kaifeng"})
"""Offices where a site drops out three days before the exam, as it happened in Henan in August 2022."""
TRIES_WRONG = "henan/luoyang"
"""The office where sites and sittings are tried in ways that must be refused."""

_MACHINES, _RESERVE = 30, 2
_EXAMS = (WindowKind.COMPUTER_EXAM, WindowKind.LEVEL_ONE_THEORY)
_ABSENT_EVERY = 29


def plan_exams(world: World, offices: Sequence[OfficeCode]) -> None:
    """Put the exams of these offices on the agenda; each has its first day in its own window."""
    for number, office in enumerate(offices):
        minutes = timedelta(minutes=number)
        world.at(world.day(4, 25, 9) + minutes, partial(_train, world, office))
        world.at(world.day(6, 8, 9) + minutes, partial(_set_up, world, office))


def examined(world: World, office: OfficeCode, *grades: Grade) -> int:
    """The number of an office's candidates in these grades."""
    with world.office(office, "scheduler") as session:
        wanted = select(func.count()).where(are_candidates(office, world.year, grades))
        return session.execute(wanted).scalar_one()


def _train(world: World, office: OfficeCode) -> None:
    """One course, for the candidates first by name; all of them come."""
    with world.office(office, "scheduler") as session:
        window = calendar_now(session, office, world.year).window(WindowKind.TRAINING, Grade.FIVE)
        if window is None or window.opens is None:
            return
        starts = max(window.opens, world.day(5, 6)) + timedelta(hours=9)
        form = CourseForm(
            "模拟岗前培训", Mode.PLACE, "模拟培训中心", starts, starts + timedelta(hours=8), frozenset({Grade.FIVE})
        )
        course_id = training.set_course(session, world.year, form).id
        wanted = select(Application.id).where(
            Application.office_id == office, Application.state == State.QUALIFIED, Application.grade == Grade.FIVE
        )
        enrolled = list(session.scalars(wanted.order_by(Application.person_name).limit(3)))
        training.enrol(session, course_id, enrolled)

    def attend() -> None:
        with world.office(office, "scheduler") as session:
            training.mark_attendance(session, course_id, dict.fromkeys(enrolled, True))

    if enrolled:
        world.at(starts + timedelta(hours=9), attend)


def _set_up(world: World, office: OfficeCode) -> None:
    """Two sites that are signed for, a sitting for each exam, and a plan for each that has candidates."""
    people = examined(world, office, *Grade)
    if not people:
        return
    here, beside = (register_site(world, office, number, people) for number in (1, 2))
    if office == TRIES_WRONG:
        _try_wrong(world, office, here)
    for site in (here, beside):
        with world.office(office, "scheduler") as session:
            for item in SiteItem:
                sites.sign_off(session, site, item, passed=True)
    for exam in _EXAMS:
        if examined(world, office, *_grades(exam)):
            _set_sitting(world, office, exam, [here, beside])
            world.at(world.day(6, 10, 9), partial(_publish, world, office, exam))
    if office in DROPS_OUT:
        opens = _exam_begins(world, office, WindowKind.COMPUTER_EXAM)
        world.at(opens - timedelta(days=3), partial(_drop_out, world, office, beside))


def register_site(world: World, office: OfficeCode, number: int, people: int, *, month: int = 6) -> UUID:
    """A site that would do for everybody, so that the other can drop out; it is open from ``month`` on."""
    rooms = [
        RoomForm(f"第{room}考场", _MACHINES, _RESERVE, accessible=room == 1)
        for room in range(1, people // (_MACHINES - _RESERVE) + 2)
    ]
    opens, closes = world.day(month, 1).date(), world.day(9, 30).date()
    form = SiteForm(f"M{number:02d}", f"模拟考点{number}", f"模拟路{number}号", opens, closes)
    with world.office(office, "scheduler") as session:
        return sites.register_site(session, world.year, form, rooms).id


def _set_sitting(world: World, office: OfficeCode, exam: WindowKind, site_ids: Sequence[UUID]) -> None:
    begins = _exam_begins(world, office, exam)
    grades = _grades(exam)
    with world.office(office, "scheduler") as session:
        subjects = tuple(subjects_by_grade(session, world.year)[int(grades[0])])
        form = SittingForm(begins, begins + timedelta(minutes=50 * len(subjects)), subjects, frozenset(grades))
        rooms = [room.id for room in sites.rooms_of(session, site_ids)]
        made = sittings.set_sitting(session, world.year, form, rooms)
        world.at(form.starts_at - timedelta(minutes=10), partial(_arrive, world, office, made.id))
        world.at(form.ends_at + timedelta(minutes=5), partial(_end, world, office, made.id))


def _publish(world: World, office: OfficeCode, exam: WindowKind) -> None:
    """Draw up a plan with a seed of the season's, look at it, publish it, and issue the tickets."""
    offices = world.platform.offices
    with world.office(office, "scheduler") as session:
        plan = plans.draw_up(session, world.year, exam, offices=offices, seed=_seed(office, exam))
        check_ready(plan)
        plans.publish(session, plan.id, offices=offices)
        tickets.issue_tickets(session, plan.id, rules=offices.config(office).tickets)


def _drop_out(world: World, office: OfficeCode, site_id: UUID) -> None:
    """A site drops out: only the candidates with seats there are moved, and get new tickets."""
    offices, reason = world.platform.offices, "考点供电故障，停用该考点"
    with world.office(office, "scheduler") as session:
        sites.close_site(session, site_id, reason=reason)
        for exam in _EXAMS:
            if plans.published_plan(session, office, world.year, exam) is None:
                continue
            plan = plans.plan_anew(session, world.year, exam, offices=offices, reason=reason, seed=_seed(office, exam))
            check_ready(plan)
            plans.publish(session, plan.id, offices=offices)
            tickets.issue_tickets(session, plan.id, rules=offices.config(office).tickets, reason=reason)


def check_ready(plan: Plan) -> None:
    """Check that every candidate has a seat; raises SimulationError otherwise."""
    if plan.step != "ready":
        raise SimulationError(f"not everybody could be seated: {plan.shortages}")


def _arrive(world: World, office: OfficeCode, sitting_id: UUID) -> None:
    """Nearly all candidates come; the phones at the door send what they have scanned, one note twice."""
    with world.office(office, "examiner") as session:
        people = door.expected(session, sitting_id)
        notes = [
            Note(uuid.uuid5(sitting_id, person.number), person.number, sitting_id, world.clock())
            for person in people
            if not is_absent(person.person_name)
        ]
        door.note_arrivals(session, notes)
        door.note_arrivals(session, notes[:1])


def _end(world: World, office: OfficeCode, sitting_id: UUID) -> None:
    with world.office(office, "examiner") as session:
        door_lists.close_attendance(session, sitting_id, reason="模拟：该考场考生均未到场")
        form = IncidentForm(
            IncidentKind.EQUIPMENT,
            "一台机器死机，换用备用机",
            world.clock(),
            uuid.uuid5(sitting_id, "incident"),
            sitting_id,
        )
        door.report_incident(session, world.year, form)


def is_absent(person_name: str) -> bool:
    """Whether an invented person misses the exam; by their number, which is the same in every run of a seed."""
    return int(person_name[-6:]) % _ABSENT_EVERY == 11


def _try_wrong(world: World, office: OfficeCode, site_id: UUID) -> None:
    """A sitting at a site that nobody has signed for, one outside the window, and one in a room that is taken."""
    # Of a few candidates all may be of grade one; then no room is taken for the computer exam.
    exam = next(exam for exam in _EXAMS if examined(world, office, *_grades(exam)))
    grades, begins = _grades(exam), _exam_begins(world, office, exam)

    def attempt(starts: datetime) -> None:
        with world.office(office, "scheduler") as session:
            subjects = tuple(subjects_by_grade(session, world.year)[int(grades[0])])
            form = SittingForm(starts, starts + timedelta(hours=1), subjects, frozenset(grades[:1]))
            sittings.set_sitting(session, world.year, form, [room.id for room in sites.rooms_of(session, [site_id])])

    world.refused("site_not_usable", partial(attempt, begins))
    world.refused("outside_exam_window", partial(attempt, world.day(12, 20, 9)))
    world.at(world.day(6, 9), lambda: world.refused("room_taken", partial(attempt, begins)))


def _exam_begins(world: World, office: OfficeCode, exam: WindowKind) -> datetime:
    """The morning of an office's first day of exams, from late June on; for theory of grade one the afternoon."""
    with world.office(office, "scheduler") as session:
        window = calendar_now(session, office, world.year).window(exam, _grades(exam)[0])
    assert window is not None and window.opens is not None  # noqa: PT018, S101
    day = max(window.opens, world.day(6, 20)).astimezone(SHANGHAI)
    return day.replace(hour=9 if exam is WindowKind.COMPUTER_EXAM else 15, minute=0)


def _grades(exam: WindowKind) -> tuple[Grade, ...]:
    if exam is WindowKind.LEVEL_ONE_THEORY:
        return (Grade.ONE,)
    return tuple(grade for grade in Grade if grade is not Grade.ONE)


def _seed(office: OfficeCode, exam: WindowKind) -> int:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{office}/{exam}").int % plans.SEEDS


def owners(world: World, cities: frozenset[OfficeCode]) -> list[OfficeCode]:
    """The offices that examine: every city of this part, and the center for its own units."""
    levels = (OfficeLevel.PROVINCE, OfficeLevel.CITY)
    return [office for level in levels for office in world.codes(level) if office in cities]
