"""Handing over what is archived (档案移交), by page: packages to an archive, people's papers to their units' files."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.clock import SHANGHAI
from core.db.session import OfficeSession, UnitSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.domain.permissions import Permission
from core.errors import Invalid, NotFound
from core.pages.results.ledger import chosen_ids
from core.pages.season import season_asked
from core.printing.pdf import PrintedPaper
from core.results.archive import handover, handover_queries
from core.results.archive.handover_pdf import archive_list_pdf, unit_list_pdf
from core.results.archive.handover_states import HandoverState
from core.results.models.awards import ArchivePackage
from core.web.dependencies import OfOffice, OfUnit, ThePlatform
from core.web.guards import OFFICERS, SUPERVISORS, UNITS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

READERS = SUPERVISORS | OFFICERS
TONES: Final[Mapping[HandoverState, str]] = {
    HandoverState.HANDED_OVER: "waits",
    HandoverState.RECEIVED: "done",
    HandoverState.RETURNED: "stopped",
    HandoverState.WITHDRAWN: "plain",
}


@page("/archive/handovers", roles=READERS)
def handovers_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """What waits to be handed over of the year, and the lists of what was."""
    return _office_list(request, session)


@form("/archive/handovers", roles=SUPERVISORS)
def hand_to_archive(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Hand a package to an archive."""
    with attempt(request, session) as tried:
        packages = chosen_ids(data, "package")
        if len(packages) != 1:
            raise Invalid("package_missing", "请选择一份归档材料。", at="package")
        made = handover.hand_to_archive(
            session,
            packages[0],
            receiving_body=str(data.get("receiving_body") or ""),
            contents=str(data.get("contents") or ""),
        )
        return see(f"/archive/handovers/{made.id}")
    return _office_list(request, session, tried=tried, given=data)


@form("/archive/handovers/units", roles=OFFICERS)
def hand_to_units(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Hand each chosen unit the papers of its people."""
    with attempt(request, session) as tried:
        made = handover.hand_to_units(session, season_asked(request, session).year, chosen_ids(data, "unit"))
        return see(f"/archive/handovers/{made[0].id}" if len(made) == 1 else "/archive/handovers#lists")
    return _office_list(request, session, tried=tried, given=data)


@page("/archive/handovers/{handover_id:uuid}", roles=READERS)
def handover_page(request: AnyRequest, session: OfOffice, handover_id: FromPath[UUID]) -> Response[str]:
    """One list: what is on it, who has it, and what is to be noted."""
    return _one(request, session, handover_id)


@look("/archive/handovers/{handover_id:uuid}/pdf", roles=READERS)
def print_list(session: OfOffice, platform: ThePlatform, handover_id: FromPath[UUID]) -> Response[bytes]:
    """The list, to be signed by both sides."""
    return _printed(session, handover_id, platform.paper_keys.current)


@form("/archive/handovers/{handover_id:uuid}/{step:str}", roles=READERS)
def take_step(
    request: AnyRequest, session: OfOffice, *, handover_id: FromPath[UUID], step: FromPath[str], data: Sent
) -> Response[Any]:
    """Note a receipt that was signed on paper, take a noted one back, or withdraw the list."""
    reason = str(data.get("reason") or "")
    with attempt(request, session) as tried:
        match step:
            case "received":
                _note_receipt(session, handover_id, data)
            case "withdraw":
                handover.withdraw(session, handover_id, reason=reason)
            case "reopen":
                handover.take_receipt_back(session, handover_id, reason=reason)
            case _:
                raise NotFound("no_such_step", "没有这项操作。请从移交清单页面办理。")
        return see(f"/archive/handovers/{handover_id}")
    return _one(request, session, handover_id, tried=tried, given=data)


@page("/unit/archive", roles=UNITS)
def lists_of_unit_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """The lists that were handed over to my units."""
    year = season_asked(request, session).year
    return render(
        request,
        session,
        "results/unit_handovers.html",
        year=year,
        lines=handover_queries.handovers(session, year),
        states=_states(),
    )


@page("/unit/archive/{handover_id:uuid}", roles=UNITS)
def list_of_unit_page(request: AnyRequest, session: OfUnit, handover_id: FromPath[UUID]) -> Response[str]:
    """One list, and what is to be said of it."""
    return _one(request, session, handover_id)


@look("/unit/archive/{handover_id:uuid}/pdf", roles=UNITS)
def print_list_of_unit(session: OfUnit, platform: ThePlatform, handover_id: FromPath[UUID]) -> Response[bytes]:
    """The list, to be signed by both sides."""
    return _printed(session, handover_id, platform.paper_keys.current)


@form("/unit/archive/{handover_id:uuid}/{step:str}", roles=UNITS)
def answer(
    request: AnyRequest, session: OfUnit, *, handover_id: FromPath[UUID], step: FromPath[str], data: Sent
) -> Response[Any]:
    """Say that my unit has what is on the list, or give it back with the reason."""
    with attempt(request, session) as tried:
        match step:
            case "received":
                _note_receipt(session, handover_id, data)
            case "return":
                handover.return_to_office(session, handover_id, reason=str(data.get("reason") or ""))
            case _:
                raise NotFound("no_such_step", "没有这项操作。请从移交清单页面办理。")
        return see(f"/unit/archive/{handover_id}")
    return _one(request, session, handover_id, tried=tried, given=data)


def _note_receipt(session: OfficeSession | UnitSession, handover_id: UUID, data: Mapping[str, Any]) -> None:
    try:
        received_on = date.fromisoformat(str(data.get("received_on") or ""))
    except ValueError:
        raise Invalid("received_on_unreadable", "请填写接收日期。", at="received_on") from None
    handover.note_receipt(session, handover_id, receiver=str(data.get("receiver") or ""), received_on=received_on)


def _printed(session: OfficeSession | UnitSession, handover_id: UUID, public_key: str) -> Response[bytes]:
    found = handover_queries.handover(session, handover_id)
    if found.package_id is None or isinstance(session, UnitSession):
        paper = unit_list_pdf(session, found, handover_queries.entries(session, handover_id))
    else:
        package = session.get_one(ArchivePackage, found.package_id)
        paper = archive_list_pdf(session, found, package, public_key=public_key)
    return printed(PrintedPaper(paper, f"移交清单-{found.year}-第{found.serial}号.pdf"))


def _office_list(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: Mapping[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    may = session.actor.may_change
    return render(
        request,
        session,
        "results/handovers.html",
        tried=tried,
        year=year,
        packages=handover_queries.packages_to_hand(session, year),
        units=handover_queries.units_to_hand(session, year),
        lines=handover_queries.handovers(session, year),
        states=_states(),
        given=Fields(given or {}),
        supervises=Permission.SUPERVISE in may,
        runs=Permission.RUN_OFFICE in may,
    )


def _one(
    request: AnyRequest,
    session: OfficeSession | UnitSession,
    handover_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    found = handover_queries.handover(session, handover_id)
    by_unit = isinstance(session, UnitSession)
    may = session.actor.may_change
    return render(
        request,
        session,
        "results/handover.html",
        of_year=found.year,
        tried=tried,
        handover=found,
        package=None if by_unit or found.package_id is None else session.get_one(ArchivePackage, found.package_id),
        entries=handover_queries.entries(session, handover_id),
        state=_states()[found.state],
        by_unit=by_unit,
        acts=by_unit or bool(may & READERS),
        address=f"{'/unit/archive' if by_unit else '/archive/handovers'}/{found.id}",
        files=files_of(session, Subject.HANDOVER, [found.id])[found.id],
        today=session.now.astimezone(SHANGHAI).date().isoformat(),
        handed_on=found.handed_at.astimezone(SHANGHAI).date().isoformat(),
        given=Fields(given or {}),
    )


def _states() -> dict[str, tuple[str, str]]:
    return {state.value: (state.label, TONES[state]) for state in HandoverState}
