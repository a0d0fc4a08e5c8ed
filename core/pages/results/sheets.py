"""A member's own sheets by pages: what is judged, the points, and stepping back; made for a phone."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications import form_steps
from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.pages.applications.own_application import choices
from core.pages.season import season_asked
from core.platform import Platform
from core.results.evaluation import scoring
from core.results.evaluation.material import MATERIAL_ITEMS
from core.results.evaluation.scoring_rules import Criterion
from core.seasons.queries import trades_of
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAMINERS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

SHEET_STATES = {
    "open": ("待评分", "waits"),
    "submitted": ("已提交", "done"),
    "excused": ("已回避", "stopped"),
    "void": ("已作废", "stopped"),
}


@page("/sheets", roles=EXAMINERS)
def sheets_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """My sheets."""
    year = season_asked(request, session).year
    sheets, trades = scoring.own_sheets(session, year), dict(trades_of(session, year))
    return render(request, session, "results/sheets.html", sheets=sheets, states=SHEET_STATES, trades=trades)


@page("/sheets/{sheet_id:uuid}", roles=EXAMINERS)
def sheet_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, sheet_id: FromPath[UUID]
) -> Response[str]:
    """One of my sheets, with what is judged."""
    return _sheet(request, session, platform, sheet_id)


@form("/sheets/{sheet_id:uuid}/submit", roles=EXAMINERS)
def submit_sheet(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, sheet_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Hand my sheet in for good."""
    with attempt(request, session) as tried:
        criteria = scoring.own_sheet(session, sheet_id).criteria
        scoring.submit_sheet(session, sheet_id, _scores(criteria, data))
        return see("/sheets")
    return _sheet(request, session, platform, sheet_id, tried=tried, given=data)


@form("/sheets/{sheet_id:uuid}/excuse", roles=EXAMINERS)
def excuse_sheet(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, sheet_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Step back from a candidate."""
    with attempt(request, session) as tried:
        scoring.excuse_sheet(session, sheet_id, reason=str(data.get("reason") or ""))
        return see("/sheets")
    return _sheet(request, session, platform, sheet_id, tried=tried, given=data)


def _sheet(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    sheet_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    sheet = scoring.own_sheet(session, sheet_id)
    return render(
        request,
        session,
        "results/sheet.html",
        of_year=sheet.year,
        tried=tried,
        sheet=sheet,
        trades=dict(trades_of(session, sheet.year)),
        material=_material(session, platform, sheet),
        state=SHEET_STATES[sheet.state],
        given=Fields(given or {}),
    )


def _material(session: OfficeSession, platform: Platform, sheet: scoring.SheetView) -> list[tuple[str, str]]:
    """What is judged, as pairs of label and text."""
    known = {**choices(session, platform, sheet.year), "awards": platform.rules[sheet.year].award_names}
    return [
        (form_steps.ITEM_LABELS[item], form_steps.written(item, sheet.material[item], known))
        for item in MATERIAL_ITEMS
        if item in sheet.material
    ]


def _scores(criteria: Sequence[Criterion], data: Mapping[str, Any]) -> dict[str, Decimal]:
    """The points beside each criterion; a text that is no number is left out, and so refused as missing."""
    written = {criterion.code: str(data.get(criterion.code) or "").strip() for criterion in criteria}
    found = {}
    for code, text in written.items():
        with suppress(InvalidOperation):
            found[code] = Decimal(text)
    return found
