"""Reminders (催办) of a unit to its people, and of a department to its units: shown first, then sent."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response

from core.db.session import UnitSession
from core.errors import Invalid
from core.pages.reviews.desk import MOST_AT_ONCE
from core.pages.season import season_asked
from core.platform import Platform
from core.reviews.owed.reminders import Reminding, Sent as Reminded, planned, remind
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render
from core.web.routes import form, page

_SHOWN = 50


@page("/unit/reminders", roles=UNITS)
def reminders_page(request: AnyRequest, session: OfUnit, platform: ThePlatform) -> Response[str]:
    """Who would be reminded, and by which text: those of ``case`` in the address, without any everybody who owes."""
    ids = _ids(request.query_params.getall("case", []))
    return _show(request, session, _planned(request, session, platform, ids), ids)


@form("/unit/reminders", roles=UNITS)
def send_reminders(request: AnyRequest, session: OfUnit, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Send what was shown, as far as it is still owed."""
    given = data.get("case") or []
    ids = _ids(given if isinstance(given, list) else [given])
    found, reminded = _planned(request, session, platform, ids), None
    with attempt(request, session) as tried:
        reminded = remind(session, season_asked(request, session).year, found)
    return _show(request, session, found, ids, tried=tried, reminded=reminded)


def _planned(request: AnyRequest, session: UnitSession, platform: Platform, ids: list[UUID]) -> list[Reminding]:
    year = season_asked(request, session).year
    names = {material.code: material.name for material in platform.rules[year].materials}
    return planned(session, year, names, ids or None)


def _ids(given: Sequence[str]) -> list[UUID]:
    """The ticked cases; Invalid for too many, and for anything that is no case."""
    if len(given) > MOST_AT_ONCE:
        raise Invalid("too_many_ticked", f"一次最多办理{MOST_AT_ONCE}件，请分批办理。")
    try:
        return [UUID(str(case)) for case in given]
    except ValueError:
        raise Invalid("ticked_unknown", "勾选的内容无法识别，请刷新页面后重新勾选。") from None


def _show(
    request: AnyRequest,
    session: UnitSession,
    found: list[Reminding],
    ids: list[UUID],
    *,
    tried: Attempt | None = None,
    reminded: Reminded | None = None,
) -> Response[str]:
    due = [reminding for reminding in found if not reminding.today]
    return render(
        request,
        session,
        "reviews/reminders.html",
        tried=tried,
        reminded=reminded,
        ids=ids,
        people=[reminding for reminding in due if reminding.person_id],
        units=[reminding for reminding in due if reminding.unit_id],
        before=len(found) - len(due),
        unreachable=[reminding.name for reminding in due if reminding.unreachable],
        rows=due[:_SHOWN],
        more=max(len(due) - _SHOWN, 0),
    )
