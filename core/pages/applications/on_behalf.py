"""Applications begun by a unit for its people: singly, by a table, or by an invitation to register.

A unit fills in a draft, and may upload its papers. The person reads it, declares it to be true and submits it. A unit
may also correct and supply a returned application; the person submits it again.
Source: 2024 notice §2(3).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody
from markupsafe import Markup
from sqlalchemy import select

from core.applications import form_steps, queries, service
from core.applications.forms import ApplicationDraft
from core.applications.models import Application
from core.applications.roster import importing
from core.applications.roster.importing import Import, Vocabulary
from core.applications.roster.table import COLUMNS, MOST_BYTES, MOST_ROWS, read_table, template
from core.applications.service import Named
from core.db.session import UnitSession
from core.domain.workflow import State
from core.errors import Invalid, NotFound
from core.organizations.models import Unit
from core.pages.applications.form import keep_paper, keep_step, show_papers, show_step
from core.pages.applications.own_application import choices
from core.pages.sealed_tables import packed_rows, seal, unpacked_rows, unseal
from core.pages.season import season_asked
from core.platform import Platform
from core.printing import qr_codes
from core.seasons.trade_lists import trades_in_force
from core.text.filled_tables import Filled, Row
from core.text.understood import Changed
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.page.downloads import attached
from core.web.page.excel import MEDIA_TYPE
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form, form_with_file, look, page

_LISTS = {
    "staff_category": "categories",
    "education": "educations",
    "current_grade": "grades",
    "current_trade": "trades",
    "grade": "grades",
    "path": "paths",
    "trade": "trades",
}


@page("/unit/people/new", roles=UNITS)
def new_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """The form for the person's name and numbers."""
    return render(
        request,
        session,
        "applications/new_person.html",
        units=_units(session),
        given=form_steps.Fields(),
        year=season_asked(request, session).year,
    )


@form("/unit/people/new", roles=UNITS)
def begin(request: AnyRequest, session: OfUnit, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Open a draft for one of the unit's people."""
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        named = Named(
            str(data.get("name") or ""), str(data.get("id_number") or ""), str(data.get("phone") or "") or None
        )
        unit_id, empty = _chosen_unit(session, data), ApplicationDraft()
        made = service.open_draft_for(session, named, year=year, unit_id=unit_id, draft=empty, keys=platform.keys)
        return see(f"/unit/people/{made.id}/form/person")
    return render(
        request,
        session,
        "applications/new_person.html",
        tried=tried,
        units=_units(session),
        given=form_steps.Fields(data),
        year=year,
    )


@page("/unit/people/{application_id:uuid}/form/{code:str}", roles=UNITS)
def step_page(
    request: AnyRequest, session: OfUnit, platform: ThePlatform, *, application_id: FromPath[UUID], code: FromPath[str]
) -> Response[str]:
    """One page of the form, on behalf of a person."""
    application = _editable(session, application_id)
    return show_step(request, session, platform, application, this=form_steps.step(code))


@form("/unit/people/{application_id:uuid}/form/{code:str}", roles=UNITS)
def save_step(
    request: AnyRequest,
    session: OfUnit,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    code: FromPath[str],
    data: Sent,
) -> Response[Any]:
    """Save the page; the last one leads to the case, with the next steps of the person."""
    application, this = queries.application(session, application_id), form_steps.step(code)
    following = form_steps.after(code, application.unlocked_items)
    theirs = following != form_steps.CHECK
    onward = f"/unit/people/{application_id}/{following}" if theirs else f"/unit/cases/{application_id}"
    return keep_step(
        request, session, platform, application, this=this, data=data, onward=onward, check=_check_editable
    )


@page("/unit/people/{application_id:uuid}/papers", roles=UNITS)
def papers_page(
    request: AnyRequest, session: OfUnit, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """The papers of a draft, or of a returned application with what the reviewer asked for."""
    return show_papers(request, session, platform, _editable(session, application_id))


@form_with_file("/unit/people/{application_id:uuid}/papers", roles=UNITS)
def upload_paper(
    request: AnyRequest,
    session: OfUnit,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Upload a paper on behalf of a person, who is told."""
    application, material = _editable(session, application_id), str(data.get("material") or "")
    with attempt(request, session) as tried, chosen_file(data) as file:
        keep_paper(session, platform, application, material=material, file=file, adds="adds" in data)
        return see(f"/unit/people/{application_id}/papers#paper-{material}")
    return show_papers(request, session, platform, application, tried=tried, material=material, adds="adds" in data)


@page("/unit/invite", roles=UNITS)
def invite_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """The invitation to register and apply, with a QR code."""
    address = f"{request.base_url}register"
    return render(
        request,
        session,
        "applications/invite.html",
        address=address,
        code=Markup(qr_codes.svg(address)),  # noqa: S704 - made here
        unit=session.get_one(Unit, session.unit_id).name,
        year=season_asked(request, session).year,
    )


@page("/unit/import", roles=UNITS)
def import_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """The page for the upload of the table."""
    return _show_import(request, session)


@form_with_file("/unit/import", roles=UNITS)
def import_table(
    request: AnyRequest, session: OfUnit, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[str]:
    """Show how the table is read, and its faults; nothing is kept yet."""
    made, filled, sealed, unit_id = None, None, "", session.unit_id
    with attempt(request, session) as tried, chosen_file(data) as file:
        unit_id = _chosen_unit(session, data)
        filled = read_table(file.file.read(MOST_BYTES + 1))
        year = season_asked(request, session).year
        made = _import(session, platform, filled.rows, unit_id, year=year, keep=False)
        known = {"unit": str(unit_id), "rows": packed_rows(filled.rows)}
        sealed = seal(session, platform.keys, "roster", known)
    return _show_import(request, session, tried=tried, made=made, filled=filled, sealed=sealed, unit_id=unit_id)


@form("/unit/import/good", roles=UNITS)
def import_good_rows(request: AnyRequest, session: OfUnit, platform: ThePlatform, data: Sent) -> Response[str]:
    """Take in the rows without errors of the table that was shown."""
    made = None
    with attempt(request, session) as tried:
        known = unseal(session, platform.keys, "roster", str(data.get("table") or ""))
        rows, unit_id = unpacked_rows(known["rows"]), UUID(known["unit"])
        year = season_asked(request, session).year
        made = _import(session, platform, rows, unit_id, year=year, keep=True)
    return _show_import(request, session, tried=tried, made=made)


@look("/unit/import/template", roles=UNITS)
def template_file(request: AnyRequest, session: OfUnit, platform: ThePlatform) -> Response[bytes]:
    """The table to fill in, with the choices of this season."""
    year = season_asked(request, session).year
    return attached(template(_choices(session, platform, year)), f"{year}年度申报人员名单模板.xlsx", MEDIA_TYPE)


def _show_import(
    request: AnyRequest,
    session: UnitSession,
    *,
    tried: Attempt | None = None,
    made: Import | None = None,
    filled: Filled | None = None,
    sealed: str = "",
    unit_id: UUID | None = None,
) -> Response[str]:
    season_asked(request, session)
    return render(
        request,
        session,
        "applications/import.html",
        tried=tried,
        made=made,
        read=None if filled is None else filled.understood,
        changed=[] if made is None else _changed(made),
        sealed=sealed,
        units=_units(session),
        unit_id=unit_id,
        columns=COLUMNS,
        most_rows=MOST_ROWS,
        most_megabytes=MOST_BYTES // 1048576,
    )


def _import(
    session: UnitSession, platform: Platform, rows: Sequence[Row], unit_id: UUID, *, year: int, keep: bool
) -> Import:
    return importing.import_rows(
        session,
        rows,
        unit_id=unit_id,
        year=year,
        vocabulary=_vocabulary(session, platform, year),
        keys=platform.keys,
        good_only=keep,
        keep=keep,
    )


def _changed(made: Import) -> list[Changed]:
    """The dates that were read otherwise than they are written."""
    return [
        Changed(f"第{outcome.number}行", title, written, read)
        for outcome in made.outcomes
        for title, written, read in outcome.changed
    ]


def _choices(session: UnitSession, platform: Platform, year: int) -> dict[str, list[str]]:
    known = choices(session, platform, year)
    return {code: [str(choice[1]) for choice in known[name]] for code, name in _LISTS.items()}


def _vocabulary(session: UnitSession, platform: Platform, year: int) -> Vocabulary:
    """The values of columns with choices: the text of a choice; a trade by its code or name."""
    known = choices(session, platform, year)
    texts = {
        code: {str(choice[1]): choice[0] for choice in known[name]} for code, name in _LISTS.items() if name != "trades"
    }
    return Vocabulary(texts, trades_in_force(session, platform.offices.catalogue, year))


def _units(session: UnitSession) -> list[tuple[str, str]]:
    """The units for which the actor may enter people, the actor's own first."""
    wanted = select(Unit).where(Unit.id.in_(session.unit_ids), Unit.ended_at.is_(None))
    found = session.scalars(wanted.order_by(Unit.id != session.unit_id, Unit.name))
    return [(str(unit.id), unit.name) for unit in found]


def _chosen_unit(session: UnitSession, sent: Mapping[str, Any]) -> UUID:
    """The unit that was chosen, or the actor's own where there is no choice; Invalid for one that is not theirs."""
    chosen = str(sent.get("unit_id") or session.unit_id)
    if chosen not in {str(unit_id) for unit_id in session.unit_ids}:
        raise Invalid("unit_missing", "请选择本单位或下属单位。", at="unit_id")
    return UUID(chosen)


def _editable(session: UnitSession, application_id: UUID) -> Application:
    application = queries.application(session, application_id)
    _check_editable(application)
    return application


def _check_editable(application: Application) -> None:
    """A draft, or a returned application, of which only what was found faulty or missing can be changed."""
    if application.state not in {State.DRAFT, State.RETURNED}:
        raise NotFound("not_a_draft", "申报已经提交，不能代为填写。需要更正的，请在审核时退回修改。")
