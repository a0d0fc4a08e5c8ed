"""Sites, sittings and training as an office works with them."""

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy import select

from core.clock import SHANGHAI
from core.db.session import OfficeSession
from core.plugin_api import Grade
from core.scheduling import form_fields as fields
from core.scheduling import sites, sittings, training
from core.scheduling.models import TrainingCourse
from core.scheduling.sites import ITEM_NAMES, RoomForm, SiteForm, SiteItem
from core.scheduling.sittings import SittingForm
from core.scheduling.training import MODE_NAMES, CourseForm, Mode
from core.seasons.models import SeasonSubject, SeasonTrade
from core.seasons.queries import current_season
from core.tenancy.models import Office
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, ON_SITE, SCHEDULERS
from core.web.rendering import Attempt, attempt, see
from core.web.rendering import page as show
from core.web.routes import form, page

AnyRequest = Request[Any, Any, Any]
Sent = URLEncodedBody[dict[str, Any]]
_GRADES = tuple((int(one), one.label) for one in sorted(Grade, reverse=True))


@page("/exams/sites", roles=OFFICE_STAFF)
def sites_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The sites that the office keeps or may use, and writing down a new one."""
    return _sites(request, session)


@form("/exams/sites", roles=SCHEDULERS)
def register_site(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Write down a site."""
    with attempt(request, session) as tried:
        year = current_season(session).year
        made = sites.register_site(session, year, _site_form(data, fields.text(data, "code")))
        return see(f"/exams/sites/{made.id}")
    return _sites(request, session, tried=tried, given=data)


@page("/exams/sites/{site_id:uuid}", roles=OFFICE_STAFF)
def site_page(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID]) -> Response[str]:
    """One site of the office: rooms, checklist, whom it serves."""
    return _site(request, session, site_id)


@form("/exams/sites/{site_id:uuid}", roles=SCHEDULERS)
def change_site(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Correct what is written down of a site."""
    with attempt(request, session) as tried:
        sites.change_site(session, site_id, _site_form(data, sites.own_site(session, site_id).code))
        return see(f"/exams/sites/{site_id}")
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/sites/{site_id:uuid}/rooms", roles=SCHEDULERS)
def add_room(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Add a room."""
    with attempt(request, session) as tried:
        room = RoomForm(
            fields.text(data, "name"),
            fields.number(data, "machines", least=1),
            fields.number(data, "reserve_machines"),
            fields.text(data, "accessible") == "true",
        )
        sites.add_rooms(session, site_id, [room])
        return see(f"/exams/sites/{site_id}#rooms")
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/rooms/{room_id:uuid}/retire", roles=SCHEDULERS)
def retire_room(request: AnyRequest, session: OfOffice, room_id: FromPath[UUID]) -> Response[Any]:
    """Use a room no more."""
    with attempt(request, session) as tried:
        return see(f"/exams/sites/{sites.retire_room(session, room_id).site_id}#rooms")
    return _sites(request, session, tried=tried)


@form("/exams/sites/{site_id:uuid}/sign-offs", roles=ON_SITE)
def sign_off(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Sign an item of the checklist, or say what is wrong with it."""
    with attempt(request, session) as tried:
        item = fields.one_of(SiteItem, data, "item")
        passed = fields.text(data, "passed") == "true"
        sites.sign_off(session, site_id, item, passed=passed, remark=fields.text(data, "remark"))
        return see(f"/exams/sites/{site_id}#checklist")
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/sites/{site_id:uuid}/offices", roles=SCHEDULERS)
def serve(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Open a site to another office, or close it to one."""
    with attempt(request, session) as tried:
        act_on = sites.stop_serving if fields.text(data, "stop") else sites.serve_office
        act_on(session, site_id, fields.text(data, "office_id"))
        return see(f"/exams/sites/{site_id}#offices")
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/sites/{site_id:uuid}/close", roles=SCHEDULERS)
def close_site(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Give a site up."""
    with attempt(request, session) as tried:
        sites.close_site(session, site_id, reason=fields.text(data, "reason"))
        return see(f"/exams/sites/{site_id}")
    return _site(request, session, site_id, tried=tried, given=data)


@page("/exams/sittings", roles=OFFICE_STAFF)
def sittings_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The sittings of the office, and setting a new one."""
    return _sittings(request, session)


@form("/exams/sittings", roles=SCHEDULERS)
def set_sitting(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Set a sitting."""
    with attempt(request, session) as tried:
        written = SittingForm(
            fields.moment(data, "starts_at"),
            fields.moment(data, "ends_at"),
            tuple(fields.several(data, "subjects")),
            fields.grades(data),
            frozenset(fields.several(data, "trades")),
            fields.text(data, "by_trade") == "true",
        )
        rooms = fields.identifiers(data, "rooms")
        sittings.set_sitting(session, current_season(session).year, written, rooms)
        return see("/exams/sittings")
    return _sittings(request, session, tried=tried, given=data)


@form("/exams/sittings/{sitting_id:uuid}/move", roles=SCHEDULERS)
def move_sitting(request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Hold a sitting at another time."""
    with attempt(request, session) as tried:
        begins, ends = fields.moment(data, "starts_at"), fields.moment(data, "ends_at")
        sittings.move_sitting(session, sitting_id, starts_at=begins, ends_at=ends)
        return see("/exams/sittings")
    return _sittings(request, session, tried=tried)


@form("/exams/sittings/{sitting_id:uuid}/cancel", roles=SCHEDULERS)
def cancel_sitting(request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Call a sitting off."""
    with attempt(request, session) as tried:
        sittings.cancel_sitting(session, sitting_id, reason=fields.text(data, "reason"))
        return see("/exams/sittings")
    return _sittings(request, session, tried=tried)


@page("/exams/training", roles=OFFICE_STAFF)
def training_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The courses of the office, and setting up a new one."""
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
        made = training.set_course(session, current_season(session).year, written)
        return see(f"/exams/training/{made.id}")
    return _training(request, session, tried=tried, given=data)


@page("/exams/training/{course_id:uuid}", roles=OFFICE_STAFF)
def course_page(request: AnyRequest, session: OfOffice, course_id: FromPath[UUID]) -> Response[str]:
    """A course with those who are enrolled, and who came."""
    return _course(request, session, course_id)


@form("/exams/training/{course_id:uuid}/attendance", roles=SCHEDULERS)
def mark_attendance(request: AnyRequest, session: OfOffice, course_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Write down who came: everybody on the list, those who are ticked with yes."""
    with attempt(request, session) as tried:
        came = set(fields.identifiers(data, "came"))
        everybody = [case.id for _, case in training.enrolments_of(session, course_id)]
        training.mark_attendance(session, course_id, {one: one in came for one in everybody})
        return see(f"/exams/training/{course_id}")
    return _course(request, session, course_id, tried=tried)


@form("/exams/training/{course_id:uuid}/cancel", roles=SCHEDULERS)
def cancel_course(request: AnyRequest, session: OfOffice, course_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Call a course off."""
    with attempt(request, session) as tried:
        training.cancel_course(session, course_id, reason=fields.text(data, "reason"))
        return see(f"/exams/training/{course_id}")
    return _course(request, session, course_id, tried=tried)


def _sites(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    season = current_season(session)
    found = sites.sites_for(session, session.office_id, season.year)
    rooms = sites.rooms_of(session, [one.id for one in found])
    seats = {
        one.id: sum(room.machines - room.reserve_machines for room in rooms if room.site_id == one.id) for one in found
    }
    return show(
        request,
        session,
        "scheduling/sites.html",
        tried=tried,
        given=given or {},
        sites=found,
        seats=seats,
        names=_names(session),
        year=season.year,
    )


def _site(
    request: AnyRequest,
    session: OfficeSession,
    site_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    site = sites.own_site(session, site_id)
    others = select(Office.id, Office.name).where(Office.level != "county", Office.id != site.office_id)
    return show(
        request,
        session,
        "scheduling/site.html",
        tried=tried,
        given=given or {},
        site=site,
        rooms=sites.rooms_of(session, [site_id]),
        checklist=sites.checklist(session, site_id),
        items=ITEM_NAMES,
        served=sites.served_offices(session, site_id),
        offices=[(row.id, row.name) for row in session.execute(others.order_by(Office.id))],
    )


def _sittings(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = current_season(session).year
    found = sittings.sittings_of(session, session.office_id, year)
    used = sittings.rooms_in_use(session, [one.id for one in found])
    usable = [one for one in sites.sites_for(session, session.office_id, year) if one.ready_at and not one.closed_at]
    return show(
        request,
        session,
        "scheduling/sittings.html",
        tried=tried,
        given=given or {},
        sittings=found,
        warnings={one.id: sittings.warnings_of(one) for one in found},
        seats={one.id: sum(room.seats for room in used if room.sitting_id == one.id) for one in found},
        counted={one.id: sum(room.sitting_id == one.id for room in used) for one in found},
        sites=usable,
        rooms=sites.rooms_of(session, [one.id for one in usable]),
        subjects=_subjects(session, year),
        trades=_trades(session, year),
        grades=_GRADES,
        local=_local,
    )


def _training(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = current_season(session).year
    courses = training.courses_of(session, session.office_id, year)
    return show(
        request,
        session,
        "scheduling/training.html",
        tried=tried,
        given=given or {},
        courses=courses,
        taken={one.id: training.places_taken(session, one.id) for one in courses},
        modes=MODE_NAMES,
        trades=_trades(session, year),
        grades=_GRADES,
    )


def _course(
    request: AnyRequest, session: OfficeSession, course_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    course: TrainingCourse = training.own_course(session, course_id)
    return show(
        request,
        session,
        "scheduling/course.html",
        tried=tried,
        course=course,
        people=training.enrolments_of(session, course_id),
        modes=MODE_NAMES,
        warnings=training.warnings_of(course),
    )


def _site_form(data: dict[str, Any], code: str) -> SiteForm:
    return SiteForm(
        code,
        fields.text(data, "name"),
        fields.text(data, "address"),
        fields.day(data, "opens_on"),
        fields.day(data, "closes_on"),
        directions=fields.text(data, "directions"),
    )


def _subjects(session: OfficeSession, year: int) -> list[str]:
    wanted = select(SeasonSubject.subject).where(SeasonSubject.year == year)
    return list(dict.fromkeys(session.scalars(wanted.order_by(SeasonSubject.grade.desc(), SeasonSubject.position))))


def _trades(session: OfficeSession, year: int) -> list[tuple[str, str]]:
    wanted = select(SeasonTrade.trade, SeasonTrade.name).where(SeasonTrade.year == year).distinct()
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(SeasonTrade.trade))]


def _names(session: OfficeSession) -> dict[str, str]:
    return dict(session.execute(select(Office.id, Office.short_name)).all())


def _local(moment: Any) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


PAGES = [
    sites_page,
    register_site,
    site_page,
    change_site,
    add_room,
    retire_room,
    sign_off,
    serve,
    close_site,
    sittings_page,
    set_sitting,
    move_sitting,
    cancel_sitting,
    training_page,
    set_course,
    course_page,
    mark_attendance,
    cancel_course,
]
