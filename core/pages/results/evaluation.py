"""The comprehensive review by pages: quotas and panels of the office, and each member's own sheets."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody
from sqlalchemy import select

from core.applications.form_steps import Fields
from core.applications.queries import trades_to_choose
from core.db.session import OfficeSession, Role
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.errors import Invalid
from core.identity.queries import account_by_login, account_lines
from core.organizations.models import Unit
from core.pages.offered_files import offered_if_chosen
from core.pages.results.marks import may
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import Grade
from core.results.evaluation import panels, scoring
from core.results.evaluation.scoring_rules import Criterion
from core.seasons.queries import trades_of, trades_open
from core.text.form_texts import whole_number
from core.text.names import body
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_WATCHERS, EXAMINERS, SUPERVISORS
from core.web.page.form_fields import several
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

PANEL_STATES = {"forming": ("组建中", "plain"), "scoring": ("评分中", "waits"), "closed": ("已结束", "done")}
SHEET_STATES = {"open": ("待评分", "waits"), "submitted": ("已提交", "done"), "excused": ("已回避", "stopped")}


@page("/panels", roles=EXAM_WATCHERS)
def panels_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The office's panels and the quotas of its trades."""
    return _panels(request, session)


@form("/panels", roles=EXAMINERS)
def form_panel(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Form a panel for some trades."""
    with attempt(request, session) as tried:
        sent = data.get("trades") or []
        made = panels.form_panel(
            session,
            year=season_asked(request, session).year,
            name=str(data.get("name") or ""),
            trades=[str(trade) for trade in (sent if isinstance(sent, list) else [sent])],
            offices=platform.offices,
        )
        return see(f"/panels/{made.id}")
    return _panels(request, session, tried=tried, given=data)


@form("/panels/quota", roles=SUPERVISORS)
def set_quota(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Set the quota of a trade."""
    with attempt(request, session) as tried:
        panels.set_quota(
            session,
            year=season_asked(request, session).year,
            trade=str(data.get("trade") or "").split(" ", 1)[0],
            places=_count(data, "places"),
            source=str(data.get("source") or ""),
        )
        return see("/panels#quotas")
    return _panels(request, session, tried=tried, given=data)


@page("/panels/{panel_id:uuid}", roles=EXAM_WATCHERS)
def panel_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]
) -> Response[str]:
    """A panel: its members, its candidates, and its next step."""
    return _panel(request, session, platform, panel_id)


@form("/panels/{panel_id:uuid}/members", roles=EXAMINERS)
def add_member(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, panel_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Add an examiner to the panel."""
    with attempt(request, session) as tried:
        account = account_by_login(session, str(data.get("login") or "").split(" ", 1)[0])
        unit_id = _unit(session, str(data.get("unit") or ""))
        panels.add_member(session, panel_id, account.id, unit_id=unit_id, chairs=data.get("chairs") == "true")
        return see(f"/panels/{panel_id}")
    return _panel(request, session, platform, panel_id, tried=tried, given=data)


@form("/panels/{panel_id:uuid}/members/{account_id:uuid}/remove", roles=EXAMINERS)
def remove_member(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    panel_id: FromPath[UUID],
    account_id: FromPath[UUID],
) -> Response[Any]:
    """Remove a member from the panel."""
    with attempt(request, session) as tried:
        panels.remove_member(session, panel_id, account_id)
        return see(f"/panels/{panel_id}")
    return _panel(request, session, platform, panel_id, tried=tried)


@form("/panels/{panel_id:uuid}/open", roles=EXAMINERS)
def open_panel(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]
) -> Response[Any]:
    """Begin to score."""
    with attempt(request, session) as tried:
        panels.open_panel(session, panel_id, offices=platform.offices)
        return see(f"/panels/{panel_id}")
    return _panel(request, session, platform, panel_id, tried=tried)


@form_with_file("/panels/{panel_id:uuid}/close", roles=EXAMINERS)
def close_panel(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    panel_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Make the scores final, with the minutes and, where it is at hand, a scan of the signed minutes."""
    with attempt(request, session) as tried, offered_if_chosen(data, "minutes") as paper:
        panels.close_panel(session, panel_id, minutes=str(data.get("minutes") or ""), offices=platform.offices)
        if paper is not None:
            attach(session, Subject.PANEL, panel_id, paper, keeping=platform.keeping)
        return see(f"/panels/{panel_id}")
    return _panel(request, session, platform, panel_id, tried=tried, given=data)


@page("/sheets", roles=EXAMINERS)
def sheets_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """My sheets."""
    year = season_asked(request, session).year
    sheets, trades = scoring.own_sheets(session, year), dict(trades_of(session, year))
    return render(request, session, "results/sheets.html", sheets=sheets, states=SHEET_STATES, trades=trades)


@page("/sheets/{sheet_id:uuid}", roles=EXAMINERS)
def sheet_page(request: AnyRequest, session: OfOffice, sheet_id: FromPath[UUID]) -> Response[str]:
    """One of my sheets."""
    return _sheet(request, session, sheet_id)


@form("/sheets/{sheet_id:uuid}/submit", roles=EXAMINERS)
def submit_sheet(request: AnyRequest, session: OfOffice, sheet_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Hand my sheet in for good."""
    with attempt(request, session) as tried:
        criteria = scoring.own_sheet(session, sheet_id).criteria
        scoring.submit_sheet(session, sheet_id, _scores(criteria, data))
        return see("/sheets")
    return _sheet(request, session, sheet_id, tried=tried, given=data)


@form("/sheets/{sheet_id:uuid}/excuse", roles=EXAMINERS)
def excuse_sheet(request: AnyRequest, session: OfOffice, sheet_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Step back from a candidate."""
    with attempt(request, session) as tried:
        scoring.excuse_sheet(session, sheet_id, reason=str(data.get("reason") or ""))
        return see("/sheets")
    return _sheet(request, session, sheet_id, tried=tried, given=data)


def _panels(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: Mapping[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    trades = {code: f"{code} {name}" for code, name in trades_of(session, year)}
    opened = [(opened.trade, trades[opened.trade]) for opened in trades_open(session, year, Grade.ONE)]
    return render(
        request,
        session,
        "results/panels.html",
        tried=tried,
        panels=panels.panels(session, year),
        states=PANEL_STATES,
        quotas=panels.quotas(session, year),
        trades=trades,
        offered=trades_to_choose(session, year, opened, several(given or {}, "trades")),
        given=Fields(given or {}),
        **may(session),
    )


def _panel(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    panel_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    panel = panels.panel(session, panel_id)
    members = panels.members(session, panel_id)
    units = [member.unit_id for member in members if member.unit_id is not None]
    trades = dict(trades_of(session, panel.year))
    return render(
        request,
        session,
        "results/panel.html",
        of_year=panel.year,
        tried=tried,
        panel=panel,
        trades=trades,
        named_trades="、".join(trades.get(trade, trade) for trade in panel.trades),
        state=PANEL_STATES[panel.state],
        criteria=panels.criteria_of(panel),
        members=members,
        units=dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).all()),
        candidates=scoring.panel_candidates(session, panel),
        examiners=_examiners(session),
        files=files_of(session, Subject.PANEL, [panel_id])[panel_id],
        limits=limits_of(platform.offices.config(session.office_id)),
        given=Fields(given or {}),
        **may(session),
    )


def _sheet(
    request: AnyRequest,
    session: OfficeSession,
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
        state=SHEET_STATES[sheet.state],
        given=Fields(given or {}),
    )


def _examiners(session: OfficeSession) -> list[tuple[str, str]]:
    """The office's examiners, by login and name."""
    return [
        (line.login, f"{line.login} {line.name}")
        for line in account_lines(session)
        if line.role is Role.EXAMINER and line.office_id == session.office_id
    ]


def _unit(session: OfficeSession, name: str) -> UUID | None:
    """The unit of that name that the member comes from; None where none was written."""
    written = body(name)
    if not written:
        return None
    found = session.scalar(select(Unit.id).where(Unit.name == written, Unit.ended_at.is_(None)).limit(1))
    if found is None:
        raise Invalid("unit_unknown", "没有这个单位。请填写单位全称；不是本省机关事业单位的留空。", at="unit")
    return found


def _count(data: Mapping[str, Any], name: str) -> int:
    written = whole_number(data.get(name))
    if written is None:
        raise Invalid("number_unreadable", "请填写整数。", at=name)
    return written


def _scores(criteria: Sequence[Criterion], data: Mapping[str, Any]) -> dict[str, Decimal]:
    """The points beside each criterion; a text that is no number is left out, and so refused as missing."""
    written = {criterion.code: str(data.get(criterion.code) or "").strip() for criterion in criteria}
    found = {}
    for code, text in written.items():
        with suppress(InvalidOperation):
            found[code] = Decimal(text)
    return found
