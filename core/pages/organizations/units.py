"""Pages of a unit: the names of its units in their window, and the manager of its registration (the annex form).

Source: 2024 notice §3(1) and its annex.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody
from sqlalchemy import select

from core.clock import SHANGHAI
from core.db.session import UnitSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.errors import Forbidden
from core.organizations import directory, managers, names, service
from core.organizations.managers import ManagerDetails
from core.organizations.models import ManagerForm, Unit
from core.organizations.queries import is_department, visible_unit
from core.pages.offered_files import digest_of, offered_file
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import WindowKind
from core.printing.pdf import PrintedPaper, pdf
from core.reviews import unit_people
from core.seasons.queries import calendar_now
from core.security.keys import Place
from core.tenancy.models import Office
from core.text.filters import day
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, look, page

_FIELDS = ("name", "sex", "department", "post", "office_phone", "mobile")
_SEXES = {"male": "男", "female": "女"}
_HEADING = ("河南省机关事业单位工勤技能岗位等级", "考核网上报名管理人员信息登记表")
_STATES = {
    "filed": ("已报送，待受理", "waits"),
    "accepted": ("已受理", "done"),
    "returned": ("已退回", "stopped"),
    "superseded": ("已更换", "plain"),
}


@page("/unit/units", roles=UNITS)
def units_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """My unit and those below it: their names, and the progress of their people."""
    return _show_units(request, session)


@form("/unit/units", roles=UNITS)
def add_unit(request: AnyRequest, session: OfUnit, data: Sent) -> Response[Any]:
    """Add a unit below mine; a name that is there may only be corrected in its window."""
    mine = visible_unit(session, session.unit_id)
    with attempt(request, session) as tried:
        service.register_unit(
            session,
            name=str(data.get("name") or ""),
            affiliation=mine.affiliation,
            office_id=mine.office_id,
            local_office_id=mine.local_office_id,
            area_code=mine.area_code,
            parent_id=mine.id,
        )
        return see("/unit/units")
    return _show_units(request, session, tried=tried, given=str(data.get("name") or ""))


@form("/unit/units/{unit_id:uuid}/name", roles=UNITS)
def correct_name(request: AnyRequest, session: OfUnit, unit_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Correct a name while the window is open."""
    with attempt(request, session) as tried:
        window = calendar_now(
            session, visible_unit(session, unit_id).local_office_id, season_asked(request, session).year
        )
        window_open = window.window(WindowKind.UNIT_NAMES)
        names.correct_name(session, unit_id, name=str(data.get("name") or ""), window=window_open)
        return see("/unit/units")
    return _show_units(request, session, tried=tried)


@page("/unit/manager", roles=UNITS)
def manager_page(request: AnyRequest, session: OfUnit, platform: ThePlatform) -> Response[str]:
    """The manager of the registration, and the annex form for a change."""
    return _show_manager(request, session, platform, given={})


@form_with_file("/unit/manager", roles=UNITS)
def file_form(
    request: AnyRequest, session: OfUnit, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """File the annex form with the stamped scan; the paper goes to the office."""
    with attempt(request, session) as tried, offered_file(data, "annex") as scan:
        filed = managers.file_manager_form(
            session, session.unit_id, details=_details(data), keys=platform.keys, stamped_scan_sha256=digest_of(scan)
        )
        attach(session, Subject.MANAGER_FORM, filed.id, scan, keeping=platform.keeping)
        return see("/unit/manager")
    return _show_manager(request, session, platform, tried=tried, given=data)


@form("/unit/manager/print", roles=UNITS)
def print_form(request: AnyRequest, session: OfUnit, platform: ThePlatform, data: Sent) -> Response[Any]:
    """The annex as the notice has it, filled in, to be stamped; nothing is kept yet."""
    with attempt(request, session) as tried:
        details = managers.checked(_details(data))
        return _printed(visible_unit(session, session.unit_id).name, details, day(session.now.astimezone(SHANGHAI)))
    return _show_manager(request, session, platform, tried=tried, given=data)


@look("/unit/manager/{form_id:uuid}/pdf", roles=UNITS)
def filed_form(session: OfUnit, platform: ThePlatform, form_id: FromPath[UUID]) -> Response[bytes]:
    """A form of the unit's own as it was filed."""
    found = session.get(ManagerForm, form_id)
    if found is None or found.unit_id != session.unit_id:
        raise Forbidden("form_of_another", "只能打印本单位的登记表。")
    return _printed(visible_unit(session, found.unit_id).name, _details_of(found, platform), day(found.filed_at))


def _printed(unit: str, details: ManagerDetails, on: str) -> Response[bytes]:
    title = "".join(_HEADING)
    data = {
        "title": title,
        "heading": _HEADING,
        "footer": "考务工作通知附件",
        "digest": "",
        "code": "",
        "unit": unit,
        "day": on,
        **{name: getattr(details, name) for name in _FIELDS},
        "sex": _SEXES[details.sex],
    }
    return printed(PrintedPaper(pdf("manager_form", data), f"{title}.pdf"))


def _details(data: dict[str, Any]) -> ManagerDetails:
    return ManagerDetails(**_given(data))


def _show_manager(
    request: AnyRequest,
    session: UnitSession,
    platform: Platform,
    *,
    given: dict[str, Any],
    tried: Attempt | None = None,
) -> Response[str]:
    unit = visible_unit(session, session.unit_id)
    filed = [row for row in directory.manager_forms(session).rows if row.unit_id == unit.id]
    returned = filed[-1] if filed and filed[-1].state == "returned" and not given else None
    return render(
        request,
        session,
        "organizations/manager.html",
        tried=tried,
        unit=unit,
        office=session.get_one(Office, unit.local_office_id).name,
        filed=list(reversed(filed)),
        states=_STATES,
        scans=files_of(session, Subject.MANAGER_FORM, [row.id for row in filed]),
        limits=limits_of(platform.offices.config(unit.local_office_id)),
        sexes=list(_SEXES.items()),
        given=_given(given) if returned is None else asdict(_details_of(returned, platform)),
        faults={} if returned is None else returned.faults,
        fault_labels=managers.RETURNABLE,
    )


def _given(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(given.get(name) or "") for name in _FIELDS}


def _details_of(found: ManagerForm, platform: Platform) -> ManagerDetails:
    """The fields of a form of the unit's own, with the number in full; none of the number once it is erased."""
    place = Place("manager_forms", "mobile", found.id)
    mobile = platform.keys.decrypt(found.mobile, place).decode() if found.mobile else ""
    return ManagerDetails(**{name: getattr(found, name) for name in _FIELDS[:-1]}, mobile=mobile)


def _show_units(
    request: AnyRequest, session: UnitSession, *, tried: Attempt | None = None, given: str = ""
) -> Response[str]:
    year = season_asked(request, session).year
    wanted = select(Unit).where(Unit.id.in_(session.unit_ids), Unit.ended_at.is_(None))
    units = session.scalars(wanted.order_by(Unit.id != session.unit_id, Unit.name)).all()
    mine = visible_unit(session, session.unit_id)
    window = calendar_now(session, mine.local_office_id, year).window(WindowKind.UNIT_NAMES)
    return render(
        request,
        session,
        "organizations/units.html",
        tried=tried,
        units=units,
        mine=mine,
        counts=unit_people.counts_by_unit(session, year),
        nobody=unit_people.UnitCount(),
        managed=_managed(session),
        states=_STATES,
        window=window,
        open=window is not None and window.contains(session.now),
        department=is_department(session, mine.id),
        given=given,
    )


def _managed(session: UnitSession) -> dict[UUID, str]:
    """Who manages each unit's registration, by name."""
    forms = directory.manager_forms(session, state="accepted").rows
    return {row.unit_id: row.name for row in forms}
