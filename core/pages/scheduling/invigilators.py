"""Pages of the register of invigilators: added singly or by a table, corrected, taken off and put back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.db.session import OfficeSession
from core.errors import Invalid
from core.pages.sealed_tables import packed_rows, seal, unpacked_rows, unseal
from core.pages.season import season_asked
from core.scheduling.access import may_schedule
from core.scheduling.invigilation import register as invigilators, table as invigilator_table
from core.scheduling.invigilation.duty_roster import duties_in_force
from core.scheduling.invigilation.register import InvigilatorForm
from core.scheduling.invigilation.table import BOUNDS, COLUMNS, MOST_ROWS, Imported
from core.text.filled_tables import Filled
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import PLANNING, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.downloads import attached
from core.web.page.excel import MEDIA_TYPE
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form, form_with_file, look, page


@page("/exams/invigilators", roles=PLANNING)
def register_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The register of the season with the number of duties, and the form for a new invigilator."""
    return _register(request, session)


@form("/exams/invigilators", roles=SCHEDULERS)
def add_invigilator(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Add an invigilator to the register."""
    with attempt(request, session) as tried:
        invigilators.add_invigilators(session, season_asked(request, session).year, [_form(session, data)])
        return see("/exams/invigilators")
    return _register(request, session, tried=tried, given=data)


@page("/exams/invigilators/import", roles=SCHEDULERS)
def import_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The form for a pasted or uploaded table."""
    return _import(request, session)


@form_with_file("/exams/invigilators/import", roles=SCHEDULERS)
def import_table(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[str]:
    """Show how a table is read, and its faults; nothing is kept yet."""
    made, filled, sealed, pasted = None, None, "", str(data.get("pasted") or "")
    with attempt(request, session) as tried:
        filled = invigilator_table.read_file(pasted.encode() if pasted.strip() else _sent(data))
        year = season_asked(request, session).year
        made = invigilator_table.import_invigilators(session, year, filled.rows, keep=False)
        if not made.faults:
            sealed = seal(session, platform.keys, "invigilator", {"rows": packed_rows(filled.rows)})
    return _import(request, session, tried=tried, made=made, filled=filled, sealed=sealed, pasted=pasted)


@form("/exams/invigilators/import/keep", roles=SCHEDULERS)
def keep_table(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[str]:
    """Import the table that was shown."""
    made = None
    with attempt(request, session) as tried:
        known = unseal(session, platform.keys, "invigilator", str(data.get("table") or ""))
        year = season_asked(request, session).year
        made = invigilator_table.import_invigilators(session, year, unpacked_rows(known["rows"]))
    return _import(request, session, tried=tried, made=made)


@look("/exams/invigilators/template", roles=SCHEDULERS)
def template_file(request: AnyRequest, session: OfOffice) -> Response[bytes]:
    """The table to fill in."""
    name = f"{season_asked(request, session).year}年度监考人员模板.xlsx"
    return attached(invigilator_table.template(), name, MEDIA_TYPE)


@page("/exams/invigilators/{invigilator_id:uuid}", roles=PLANNING)
def invigilator_page(request: AnyRequest, session: OfOffice, invigilator_id: FromPath[UUID]) -> Response[str]:
    """One invigilator: their data and duties."""
    return _invigilator(request, session, invigilator_id)


@form("/exams/invigilators/{invigilator_id:uuid}", roles=SCHEDULERS)
def change_invigilator(
    request: AnyRequest, session: OfOffice, invigilator_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Correct the data of an invigilator."""
    with attempt(request, session) as tried:
        invigilators.change_invigilator(session, invigilator_id, _form(session, data))
        return see(f"/exams/invigilators/{invigilator_id}")
    return _invigilator(request, session, invigilator_id, tried=tried, given=data)


@form("/exams/invigilators/{invigilator_id:uuid}/end", roles=SCHEDULERS)
def end_invigilator(
    request: AnyRequest, session: OfOffice, invigilator_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Take an invigilator off the register, or put them back."""
    with attempt(request, session) as tried:
        back = bool(fields.text(data, "back"))
        act_on = invigilators.reinstate_invigilator if back else invigilators.end_invigilator
        act_on(session, invigilator_id)
        return see(f"/exams/invigilators/{invigilator_id}")
    return _invigilator(request, session, invigilator_id, tried=tried)


def _register(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: Mapping[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    people = invigilators.register_of(session, year)
    return render(
        request,
        session,
        "scheduling/invigilators.html",
        tried=tried,
        given=given or {},
        people=people,
        ended=invigilators.taken_off(session, year),
        avoided=invigilators.names_of_units(session, [unit for person in people for unit in person.avoids]),
        duties=duties_in_force(session, year),
        may_change=may_schedule(session),
        year=year,
    )


def _invigilator(
    request: AnyRequest,
    session: OfficeSession,
    invigilator_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    who = invigilators.own_invigilator(session, invigilator_id)
    return render(
        request,
        session,
        "scheduling/invigilator.html",
        of_year=who.year,
        tried=tried,
        given=given or {},
        who=who,
        avoided="、".join(invigilators.names_of_units(session, who.avoids).values()),
        duties=duties_in_force(session, who.year).get(who.id, ()),
        may_change=may_schedule(session),
    )


def _import(
    request: AnyRequest,
    session: OfficeSession,
    *,
    tried: Attempt | None = None,
    made: Imported | None = None,
    filled: Filled | None = None,
    sealed: str = "",
    pasted: str = "",
) -> Response[str]:
    season_asked(request, session)
    return render(
        request,
        session,
        "scheduling/invigilators_import.html",
        tried=tried,
        made=made,
        read=None if filled is None else filled.understood,
        sealed=sealed,
        pasted="" if made and made.added else pasted,
        columns=[(column.title, column.help) for column in COLUMNS],
        most_rows=MOST_ROWS,
        most_megabytes=BOUNDS.bytes // 1048576,
    )


def _sent(data: Mapping[str, Any]) -> bytes:
    if not getattr(data.get("file"), "filename", ""):
        raise Invalid("table_missing", "请粘贴名单，或者选择文件。", at="pasted")
    with chosen_file(data) as file:
        return file.file.read(BOUNDS.bytes + 1)


def _form(session: OfficeSession, data: Mapping[str, Any]) -> InvigilatorForm:
    cells = {name: fields.text(data, name) for name in ("number", "name", "unit", "avoids")}
    names = [cells["unit"], *invigilator_table.split_names(cells["avoids"])]
    units = invigilators.units_named(session, names)
    unknown = [name for name in names[1:] if name not in units]
    if unknown:
        text = f"没有叫“{'、'.join(unknown)}”的单位。回避单位须与本平台的单位名称一致。"
        raise Invalid("unit_unknown", text, at="avoids")
    return invigilator_table.form_of(cells, units)
