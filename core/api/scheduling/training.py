"""Training as JSON: courses of an office, enrolment, attendance."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.api.scheduling.schemas import Counted, GradeNumber
from core.plugin_api import Grade
from core.scheduling.models.training import TrainingCourse
from core.scheduling.training import service as training
from core.scheduling.training.service import CourseForm, Mode
from core.web.dependencies import OfCase, OfOffice, OfPersonOrUnit
from core.web.guards import APPLICANTS, OFFICE_STAFF, SCHEDULERS, UNITS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Moment, OfficeAsked, Output, Reason, Year, YearAsked


class CourseIn(Input):
    """A course; ``place`` is an address or, online, where to go."""

    year: Year
    title: Line
    mode: Mode
    place: Line
    starts_at: Moment
    ends_at: Moment
    grades: Annotated[list[GradeNumber], Field(min_length=1, max_length=5)]
    trades: tuple[Line, ...] = ()
    places: Annotated[int, Field(ge=1, le=100_000)] | None = None


class CourseOut(Output):
    """A course and how many of its places are taken."""

    id: UUID
    office_id: str
    year: int
    title: str
    mode: Mode
    place: str
    starts_at: datetime
    ends_at: datetime
    grades: list[int]
    trades: list[str]
    places: int | None
    places_taken: int
    cancelled_at: datetime | None
    warnings: list[str]


class People(Input):
    """Applications."""

    application_ids: Annotated[list[UUID], Field(min_length=1, max_length=2000)]


class Came(Input):
    """Whether a candidate came."""

    application_id: UUID
    attended: bool


class AttendanceIn(Input):
    """Who came to a course."""

    people: Annotated[list[Came], Field(min_length=1, max_length=2000)]


@read("/courses", roles=OFFICE_STAFF | APPLICANTS | UNITS)
def list_courses(session: OfCase, year: YearAsked, office: OfficeAsked) -> list[CourseOut]:
    """The courses of an office, which are public."""
    return [_course(session, course) for course in training.courses_of(session, office, year)]


@create("/courses", roles=SCHEDULERS)
def set_course(session: OfOffice, data: JSONBody[CourseIn]) -> CourseOut:
    """Set up a course inside the training window."""
    given = data.model_dump(exclude={"year", "grades", "trades"})
    grades = frozenset(Grade(grade) for grade in data.grades)
    made = training.set_course(session, data.year, CourseForm(**given, grades=grades, trades=frozenset(data.trades)))
    return _course(session, made)


@act("/courses/{course_id:uuid}/cancel", roles=SCHEDULERS)
def cancel_course(session: OfOffice, course_id: FromPath[UUID], data: JSONBody[Reason]) -> CourseOut:
    """Call a course off."""
    return _course(session, training.cancel_course(session, course_id, reason=data.reason))


@act("/courses/{course_id:uuid}/enrol", roles=APPLICANTS | UNITS)
def enrol(session: OfPersonOrUnit, course_id: FromPath[UUID], data: JSONBody[People]) -> Counted:
    """Enrol oneself, or a unit its people."""
    return Counted(count=training.enrol(session, course_id, data.application_ids))


@act("/courses/{course_id:uuid}/leave", roles=APPLICANTS | UNITS)
def leave(session: OfPersonOrUnit, course_id: FromPath[UUID], data: JSONBody[People]) -> Counted:
    """Leave a course before it begins."""
    for application_id in data.application_ids:
        training.leave(session, course_id, application_id)
    return Counted(count=len(data.application_ids))


@act("/courses/{course_id:uuid}/attendance", roles=SCHEDULERS)
def mark_attendance(session: OfOffice, course_id: FromPath[UUID], data: JSONBody[AttendanceIn]) -> Counted:
    """Write down who came."""
    came = {person.application_id: person.attended for person in data.people}
    return Counted(count=training.mark_attendance(session, course_id, came))


def _course(session: OfCase, course: TrainingCourse) -> CourseOut:
    taken, warnings = training.places_taken(session, course.id), training.warnings_of(course)
    return CourseOut.of(course, places_taken=taken, warnings=warnings)


router = Router("/", route_handlers=declared_in(__name__), tags=["培训"])
