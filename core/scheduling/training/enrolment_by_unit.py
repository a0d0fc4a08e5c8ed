"""Training for a unit: the courses offered, the people who fit, and enrolment of several people at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from core.applications.models import Application
from core.applications.queries import of_units
from core.db.session import UnitSession
from core.domain.workflow import State
from core.errors import Conflict, Invalid, NotFound
from core.organizations.models import Unit
from core.scheduling.models.training import TrainingCourse, TrainingEnrolment
from core.scheduling.training import service as training


@dataclass(frozen=True, slots=True)
class CourseForUnit:
    """A course as a unit sees it: all places taken, and the unit's own people who are enrolled or came."""

    course: TrainingCourse
    taken: int
    enrolled: int
    came: int


def courses_for(session: UnitSession, year: int) -> list[CourseForUnit]:
    """The courses of every office in charge of the session's units, by their beginning."""
    wanted = select(TrainingCourse).where(TrainingCourse.office_id.in_(_offices(session)), TrainingCourse.year == year)
    courses = session.scalars(wanted.order_by(TrainingCourse.starts_at, TrainingCourse.id)).all()
    counted = _counts(session, [course.id for course in courses])
    return [
        CourseForUnit(course, training.places_taken(session, course.id), *counted.get(course.id, (0, 0)))
        for course in courses
    ]


def course_for(session: UnitSession, course_id: UUID) -> TrainingCourse:
    """One of these courses; NotFound for a course of another office."""
    course = session.get(TrainingCourse, course_id)
    if course is None or course.office_id not in _offices(session):
        raise NotFound("course_not_found", "没有找到该培训班，或者它由其他机构举办。请从“培训”中选择。")
    return course


def people_for(session: UnitSession, course: TrainingCourse) -> Sequence[tuple[Application, TrainingEnrolment | None]]:
    """The units' people who fit a course or are enrolled in it, by unit and name."""
    enrolled = and_(
        TrainingEnrolment.application_id == Application.id,
        TrainingEnrolment.course_id == course.id,
        TrainingEnrolment.withdrawn_at.is_(None),
    )
    fits = [Application.state.in_((State.QUALIFIED, State.PROVISIONAL)), Application.grade.in_(course.grades)]
    if course.trades:
        fits.append(Application.trade.in_(course.trades))
    wanted = (
        select(Application, TrainingEnrolment)
        .outerjoin(TrainingEnrolment, enrolled)
        .where(of_units(session), Application.office_id == course.office_id, Application.year == course.year)
        .where(or_(TrainingEnrolment.id.is_not(None), and_(*fits)))
        .order_by(Application.unit_name, Application.person_name, Application.reference)
    )
    return [(row[0], row[1]) for row in session.execute(wanted)]


def enrol_people(session: UnitSession, course_id: UUID, application_ids: Collection[UUID]) -> int:
    """Enrol several people at once; returns how many were not enrolled yet.

    Invalid where nobody is named; Conflict, and nobody enrolled, where places are short for all of them, and as
    :func:`core.scheduling.training.service.enrol` says.
    """
    course = course_for(session, course_id)
    if not application_ids:
        raise Invalid("nobody_chosen", "请勾选要报名的人员。", at="people")
    rows = training.enrolments_by_course(session, application_ids)
    there = {application_id for course_of, application_id in rows if course_of == course.id}
    more = len(set(application_ids) - there)
    left = None if course.places is None else course.places - training.places_taken(session, course.id)
    if left is not None and more > left:
        raise Conflict("course_full", f"该培训班还剩{max(left, 0)}个名额，勾选了{more}人。请减少人数，或者另选培训班。")
    return training.enrol(session, course_id, application_ids)


def leave_course(session: UnitSession, course_id: UUID, application_id: UUID) -> None:
    """Take one of the units' people out of a course before it begins."""
    training.leave(session, course_for(session, course_id).id, application_id)


def _offices(session: UnitSession) -> frozenset[str]:
    """The offices in charge of the session's units."""
    wanted = select(Unit.office_id).where(Unit.id.in_(list(session.unit_ids))).distinct()
    return frozenset(session.scalars(wanted))


def _counts(session: UnitSession, course_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """Course → the number of the units' people who are enrolled, and who came."""
    came = func.count().filter(TrainingEnrolment.attended.is_(True))
    wanted = (
        select(TrainingEnrolment.course_id, func.count(), came)
        .join(Application, Application.id == TrainingEnrolment.application_id)
        .where(TrainingEnrolment.course_id.in_(course_ids), TrainingEnrolment.withdrawn_at.is_(None), of_units(session))
        .group_by(TrainingEnrolment.course_id)
    )
    return {course_id: (enrolled, present) for course_id, enrolled, present in session.execute(wanted)}
