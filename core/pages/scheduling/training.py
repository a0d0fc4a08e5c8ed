"""Pages of training for an office: courses, enrolments, attendance."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.queries import trades_to_choose
from core.db.session import OfficeSession
from core.pages.season import season_asked
from core.scheduling.access import may_schedule
from core.scheduling.models.training import TrainingCourse
from core.scheduling.training import service as training
from core.scheduling.training.service import MODE_NAMES, CourseForm, Mode
from core.seasons.queries import trades_of
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.form_fields import GRADE_CHOICES
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/exams/training", roles=OFFICE_STAFF)
def training_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The courses of the office, and the form for a new one."""
    return _training(request, session)


@form("/exams/training", roles=SCHEDULERS)
def set_course(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Set up a course."""
    with attempt(request, session) as tried:
        written = CourseForm(
            fields.text(data, "title"),
            fields.one_of(Mode, data, "mode"),
            fields.text(data, "place"),
            fields.moment(data, "starts_at"),
            fields.moment(data, "ends_at"),
            fields.grades(data),
            frozenset(fields.several(data, "trades")),
            fields.number(data, "places", least=1) if fields.text(data, "places") else None,
        )
        made = training.set_course(session, season_asked(request, session).year, written)
        return see(f"/exams/training/{made.id}")
    return _training(request, session, tried=tried, given=data)


@page("/exams/training/{course_id:uuid}", roles=OFFICE_STAFF)
def course_page(request: AnyRequest, session: OfOffice, course_id: FromPath[UUID]) -> Response[str]:
    """A course with its enrolments and attendance."""
    return _course(request, session, course_id)


@form("/exams/training/{course_id:uuid}/attendance", roles=SCHEDULERS)
def mark_attendance(request: AnyRequest, session: OfOffice, course_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Mark attendance for the whole list: yes for ticked candidates, no for the others."""
    with attempt(request, session) as tried:
        came = set(fields.identifiers(data, "came"))
        everybody = [case.id for _, case in training.enrolments_of(session, course_id)]
        training.mark_attendance(session, course_id, {case_id: case_id in came for case_id in everybody})
        return see(f"/exams/training/{course_id}")
    return _course(request, session, course_id, tried=tried)


@form("/exams/training/{course_id:uuid}/cancel", roles=SCHEDULERS)
def cancel_course(request: AnyRequest, session: OfOffice, course_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Cancel a course."""
    with attempt(request, session) as tried:
        training.cancel_course(session, course_id, reason=fields.text(data, "reason"))
        return see(f"/exams/training/{course_id}")
    return _course(request, session, course_id, tried=tried)


def _training(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    courses = training.courses_of(session, session.office_id, year)
    return render(
        request,
        session,
        "scheduling/training.html",
        tried=tried,
        given=given or {},
        chosen=fields.ticked(given, "grades", "trades"),
        may_change=may_schedule(session),
        courses=courses,
        taken={course.id: training.places_taken(session, course.id) for course in courses},
        modes=MODE_NAMES,
        trades=trades_to_choose(session, year, trades_of(session, year), fields.several(given or {}, "trades")),
        grades=GRADE_CHOICES,
    )


def _course(
    request: AnyRequest, session: OfficeSession, course_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    course: TrainingCourse = training.own_course(session, course_id)
    return render(
        request,
        session,
        "scheduling/course.html",
        of_year=course.year,
        tried=tried,
        course=course,
        may_change=may_schedule(session),
        people=training.enrolments_of(session, course_id),
        modes=MODE_NAMES,
        warnings=training.warnings_of(course),
    )
