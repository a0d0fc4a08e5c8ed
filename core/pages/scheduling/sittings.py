"""Pages of sittings for an office: setting them, changing rooms and times, cancelling."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import select

from core.applications.queries import trades_to_choose
from core.clock import SHANGHAI
from core.db.session import OfficeSession
from core.errors import Invalid
from core.pages.scheduling.confirmation import to_confirm
from core.pages.season import season_asked
from core.scheduling.access import may_schedule
from core.scheduling.sites import service as sites
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.scheduling.sittings.view import sitting_view
from core.seasons.models import SeasonSubject
from core.seasons.queries import trades_of
from core.text import dates
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.form_fields import GRADE_CHOICES
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/exams/sittings", roles=OFFICE_STAFF)
def sittings_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The sittings of the office, and the form for a new one."""
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
        sittings.set_sitting(session, season_asked(request, session).year, written, rooms)
        return see("/exams/sittings")
    return _sittings(request, session, tried=tried, given=data)


@page("/exams/sittings/{sitting_id:uuid}", roles=OFFICE_STAFF)
def sitting_page(request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID]) -> Response[str]:
    """One sitting: its rooms and their candidates, further usable rooms, its times."""
    return _sitting(request, session, sitting_id)


@form("/exams/sittings/{sitting_id:uuid}/rooms", roles=SCHEDULERS)
def use_rooms(request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Add rooms to a sitting."""
    with attempt(request, session) as tried:
        rooms = fields.identifiers(data, "more")
        if not rooms:
            raise Invalid("rooms_missing", "请选择要增加的考场。", fields={"more": "请选择"})
        sittings.use_rooms(session, sitting_id, rooms)
        return see(f"/exams/sittings/{sitting_id}#rooms")
    return _sitting(request, session, sitting_id, tried=tried, given=data)


@form("/exams/sittings/{sitting_id:uuid}/rooms/withdraw", roles=SCHEDULERS)
def withdraw_rooms(request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Withdraw rooms from a sitting; refused where candidates have seats there, unless the office confirms it."""
    with attempt(request, session) as tried:
        rooms, reason = fields.identifiers(data, "rooms"), fields.text(data, "reason")
        unseating = fields.text(data, "unseating") == "true"
        act = partial(sittings.withdraw_rooms, session, sitting_id, rooms, reason=reason, unseating=unseating)
        back = f"/exams/sittings/{sitting_id}"
        if asked := to_confirm(
            request, session, data, act=act, title="撤出考场", about=_named(session, sitting_id), back=back
        ):
            return asked
        act()
        return see(f"/exams/sittings/{sitting_id}#rooms")
    return _sitting(request, session, sitting_id, tried=tried, given=data)


@form("/exams/sittings/{sitting_id:uuid}/move", roles=SCHEDULERS)
def move_sitting(request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Move a sitting to another time."""
    with attempt(request, session) as tried:
        begins, ends = fields.moment(data, "starts_at"), fields.moment(data, "ends_at")
        act = partial(sittings.move_sitting, session, sitting_id, starts_at=begins, ends_at=ends)
        back = f"/exams/sittings/{sitting_id}"
        about = f"{_named(session, sitting_id)} → {dates.minute(begins)}—{dates.clock(ends)}"
        if asked := to_confirm(request, session, data, act=act, title="调整场次时间", about=about, back=back):
            return asked
        act()
        return see(back)
    return _sitting(request, session, sitting_id, tried=tried, given=data)


@form("/exams/sittings/{sitting_id:uuid}/cancel", roles=SCHEDULERS)
def cancel_sitting(request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Cancel a sitting."""
    with attempt(request, session) as tried:
        act = partial(sittings.cancel_sitting, session, sitting_id, reason=fields.text(data, "reason"))
        back = f"/exams/sittings/{sitting_id}"
        if asked := to_confirm(
            request, session, data, act=act, title="取消场次", about=_named(session, sitting_id), back=back
        ):
            return asked
        act()
        return see(back)
    return _sitting(request, session, sitting_id, tried=tried, given=data)


def _sitting(
    request: AnyRequest,
    session: OfficeSession,
    sitting_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    sitting = sittings.own_sitting(session, sitting_id)
    return render(
        request,
        session,
        "scheduling/sitting.html",
        of_year=sitting.year,
        tried=tried,
        given=given or {},
        chosen=fields.ticked(given, "rooms", "more"),
        sitting=sitting,
        view=sitting_view(session, sitting),
        warnings=sittings.warnings_of(sitting),
        grades=GRADE_CHOICES,
        named_trades="、".join(name for code, name in trades_of(session, sitting.year) if code in sitting.trades),
        may_change=may_schedule(session),
        local=_local,
    )


def _sittings(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    found = sittings.sittings_of(session, session.office_id, year)
    used = sittings.rooms_in_use(session, [sitting.id for sitting in found])
    usable = [
        site for site in sites.sites_for(session, session.office_id, year) if site.ready_at and not site.closed_at
    ]
    return render(
        request,
        session,
        "scheduling/sittings.html",
        tried=tried,
        given=given or {},
        chosen=fields.ticked(given, "grades", "subjects", "trades", "rooms"),
        may_change=may_schedule(session),
        sittings=found,
        warnings={sitting.id: sittings.warnings_of(sitting) for sitting in found},
        seats={sitting.id: sum(room.seats for room in used if room.sitting_id == sitting.id) for sitting in found},
        counted={sitting.id: sum(room.sitting_id == sitting.id for room in used) for sitting in found},
        sites=usable,
        rooms=sites.rooms_of(session, [site.id for site in usable]),
        subjects=[(subject, subject) for subject in _subjects(session, year)],
        trades=trades_to_choose(session, year, trades_of(session, year), fields.several(given or {}, "trades")),
        grades=GRADE_CHOICES,
        local=_local,
    )


def _subjects(session: OfficeSession, year: int) -> list[str]:
    wanted = select(SeasonSubject.subject).where(SeasonSubject.year == year)
    return list(dict.fromkeys(session.scalars(wanted.order_by(SeasonSubject.grade.desc(), SeasonSubject.position))))


def _local(moment: Any) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def _named(session: OfficeSession, sitting_id: UUID) -> str:
    sitting = sittings.own_sitting(session, sitting_id)
    return f"{dates.minute(sitting.starts_at)}—{dates.clock(sitting.ends_at)}，{'、'.join(sitting.subjects)}"
