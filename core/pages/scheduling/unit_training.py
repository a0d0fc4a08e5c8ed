"""Pages of training for a unit: courses, enrolment of several people at once, attendance, certificates."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import UnitSession
from core.pages.season import season_asked
from core.plugin_api import Grade
from core.scheduling.training import enrolment_by_unit, service as training
from core.scheduling.training.pdf import attendance_pdf
from core.scheduling.training.service import MODE_NAMES
from core.seasons.queries import trades_of
from core.web.dependencies import OfUnit
from core.web.guards import UNITS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@page("/unit/training", roles=UNITS)
def courses_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """The courses open to the unit's people."""
    year = season_asked(request, session).year
    courses = enrolment_by_unit.courses_for(session, year)
    return render(request, session, "scheduling/unit_training.html", courses=courses, modes=MODE_NAMES, year=year)


@page("/unit/training/{course_id:uuid}", roles=UNITS)
def course_page(request: AnyRequest, session: OfUnit, course_id: FromPath[UUID]) -> Response[str]:
    """One course: the unit's people who fit, and those who are enrolled."""
    return _course(request, session, course_id)


@form("/unit/training/{course_id:uuid}", roles=UNITS)
def enrol(request: AnyRequest, session: OfUnit, course_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Enrol the ticked people."""
    with attempt(request, session) as tried:
        enrolment_by_unit.enrol_people(session, course_id, fields.identifiers(data, "people"))
        return see(f"/unit/training/{course_id}")
    return _course(request, session, course_id, tried=tried, given=data)


@form("/unit/training/{course_id:uuid}/leave", roles=UNITS)
def leave(request: AnyRequest, session: OfUnit, course_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Take a person out of a course before it begins."""
    with attempt(request, session) as tried:
        enrolment_by_unit.leave_course(session, course_id, fields.identifier(data, "application_id"))
        return see(f"/unit/training/{course_id}")
    return _course(request, session, course_id, tried=tried)


@look("/unit/training/certificates/{enrolment_id:uuid}/pdf", roles=UNITS)
def print_certificate(session: OfUnit, enrolment_id: FromPath[UUID]) -> Response[bytes]:
    """The certificate of attendance of one of the unit's people as a PDF."""
    return printed(attendance_pdf(session, enrolment_id))


def _course(
    request: AnyRequest,
    session: UnitSession,
    course_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    course = enrolment_by_unit.course_for(session, course_id)
    people = enrolment_by_unit.people_for(session, course)
    taken = training.places_taken(session, course.id)
    names = dict(trades_of(session, course.year))
    return render(
        request,
        session,
        "scheduling/unit_course.html",
        of_year=course.year,
        tried=tried,
        chosen=fields.ticked(given, "people"),
        course=course,
        mode=MODE_NAMES[course.mode],  # type: ignore[index]
        free=[case for case, enrolment in people if enrolment is None],
        enrolled=[(case, enrolment) for case, enrolment in people if enrolment is not None],
        left=None if course.places is None else max(0, course.places - taken),
        several_units=len({case.unit_id for case, _ in people}) > 1,
        grades={int(grade): grade.label for grade in Grade},
        trade_names=names,
        named_grades="、".join(grade.label for grade in sorted(Grade, reverse=True) if int(grade) in course.grades),
        named_trades="、".join(names.get(code, code) for code in course.trades) or "全部",
    )
