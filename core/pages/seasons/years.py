"""The life of a year: where each year stands, what is unfinished in which office, and the acts of the province."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, PathParameter

from core.clock import SHANGHAI, start_of
from core.db.session import Actor, OfficeSession, ProvinceSession
from core.oversight.years import acts
from core.oversight.years.carried_over import carried_over
from core.oversight.years.unfinished import Left, Unfinished, by_office, unfinished
from core.pages.table_export import Sheet, TableAsked, table_file
from core.platform import Platform
from core.seasons.models import SeasonAct
from core.seasons.phases import FOLLOWS, Phase, begins
from core.seasons.queries import lives, season, standing
from core.tenancy.queries import offices
from core.web.dependencies import OfOffice, OfProvince, ThePlatform
from core.web.guards import CENTER, EXAM_WATCHERS, OFFICE_STAFF, OFFICERS, PLANNING, PROPOSERS, REVIEWERS, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

YearInPath = Annotated[int, PathParameter(ge=1990, le=2200, description="年度")]
_TONES: Final = {Phase.PREPARING: "plain", Phase.OPEN: "done", Phase.CLOSING: "waits", Phase.CLOSED: "plain"}
_WAYS: Final[Mapping[Unfinished, tuple[str, frozenset[Any]]]] = MappingProxyType(
    {
        Unfinished.AT_UNIT: ("/supervision/cases", SUPERVISORS),
        Unfinished.RETURNED: ("/supervision/cases", SUPERVISORS),
        Unfinished.AT_OFFICE: ("/desk", REVIEWERS),
        Unfinished.PROVISIONAL: ("/desk?state=provisional", REVIEWERS),
        Unfinished.APPEAL: ("/supervision/appeals", SUPERVISORS),
        Unfinished.INQUIRY: ("/inquiries", REVIEWERS),
        Unfinished.SAMPLE: ("/delegations", OFFICERS),
        Unfinished.ORIGINAL: ("/onsite", REVIEWERS),
        Unfinished.ACCOMMODATION: ("/accommodations", PLANNING),
        Unfinished.NO_RESULT: ("/marks", EXAM_WATCHERS),
        Unfinished.MARKS: ("/marks", EXAM_WATCHERS),
        Unfinished.CHECK: ("/marks/checks", EXAM_WATCHERS),
        Unfinished.CORRECTION: ("/marks/corrections", EXAM_WATCHERS),
        Unfinished.PANEL: ("/panels", EXAM_WATCHERS),
        Unfinished.NOT_LISTED: ("/awards", PROPOSERS),
        Unfinished.NOT_TOLD: ("/marks", SUPERVISORS),
        Unfinished.LIST: ("/awards", PROPOSERS),
        Unfinished.OBJECTION: ("/awards", PROPOSERS),
        Unfinished.STRIKING: ("/awards/strikings", OFFICERS),
        Unfinished.NO_CERTIFICATE: ("/awards", PROPOSERS),
        Unfinished.SANCTION: ("/sanctions", PROPOSERS),
        Unfinished.SUSPENDED: ("/sanctions", PROPOSERS),
        Unfinished.NOT_RECEIVED: ("/certificates/ledger", PROPOSERS),
        Unfinished.NOT_ARCHIVED: ("/archive", SUPERVISORS),
        Unfinished.NOT_HANDED_OVER: ("/archive/handovers", PROPOSERS),
        Unfinished.NOT_FILED: ("/archive/handovers", PROPOSERS),
        Unfinished.FILING: ("/board/filings", CENTER),
        Unfinished.PATROL: ("/patrols", OFFICE_STAFF),
        Unfinished.PATROL_FINDING: ("/patrols", OFFICE_STAFF),
        Unfinished.ACCOUNTABILITY: ("/accountability", OFFICE_STAFF),
    }
)
"""The page on which matters of a kind are worked off, and the permissions that open it."""


@page("/season/years", roles=CENTER, province=True)
def years_page(request: AnyRequest, session: OfProvince) -> Response[str]:
    """Every year with its phase, and how much of it is unfinished."""
    lines = [(life, sum(left.count for left in unfinished(session, life.season.year))) for life in lives(session)]
    return render(request, session, "seasons/years.html", lines=lines, tones=_TONES)


@page("/season/years/{year:int}", roles=CENTER, province=True)
def year_page(request: AnyRequest, session: OfProvince, platform: ThePlatform, year: YearInPath) -> Response[str]:
    """One year: what is unfinished where, the acts so far, and the next one."""
    return _year(request, session, platform, year)


@table_file("/season/years/{year:int}/export", roles=CENTER, province=True)
def export_unfinished(session: ProvinceSession, table: TableAsked) -> Sheet:
    """What is unfinished as an Excel file, a line for each office and kind."""
    year = season(session, int(table.path["year"])).year
    names = {office.id: office.name for office in offices(session)}
    rows = [(names[left.office_id], left.kind.label, left.count) for left in unfinished(session, year)]
    return Sheet(f"{year}年度未办结事项", ("机构", "事项", "数量"), rows)


@form("/season/years/{year:int}/acts", roles=CENTER, province=True)
def enter_phase(
    request: AnyRequest, session: OfProvince, platform: ThePlatform, *, year: YearInPath, data: Sent
) -> Response[Any]:
    """Let the year enter its next phase, now or from a day."""
    with attempt(request, session) as tried:
        phase = fields.one_of(Phase, data, "phase")
        effective = None
        if fields.text(data, "effective"):
            day = fields.day(data, "effective")
            effective = None if day == session.now.astimezone(SHANGHAI).date() else start_of(day)
        acts.enter_phase(session, year, phase, effective=effective, reason=fields.text(data, "reason"))
        return see(f"/season/years/{year}")
    return _year(request, session, platform, year, tried=tried, given=data)


@form("/season/years/{year:int}/acts/{season_act_id:uuid}/confirm", roles=CENTER, province=True)
def confirm_close(
    request: AnyRequest, session: OfProvince, platform: ThePlatform, *, year: YearInPath, season_act_id: FromPath[UUID]
) -> Response[Any]:
    """Confirm, as the second officer, that the year is closed."""
    with attempt(request, session) as tried:
        acts.confirm_close(session, season_act_id)
        return see(f"/season/years/{year}")
    return _year(request, session, platform, year, tried=tried)


@form("/season/years/{year:int}/acts/{season_act_id:uuid}/cancel", roles=CENTER, province=True)
def cancel_act(
    request: AnyRequest,
    session: OfProvince,
    platform: ThePlatform,
    *,
    year: YearInPath,
    season_act_id: FromPath[UUID],
    data: Sent,
) -> Response[Any]:
    """Take back an act that has not begun."""
    with attempt(request, session) as tried:
        acts.cancel_act(session, season_act_id, reason=fields.text(data, "reason"))
        return see(f"/season/years/{year}")
    return _year(request, session, platform, year, tried=tried, given=data)


@page("/season/unfinished", roles=OFFICE_STAFF)
def unfinished_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """What the office itself has left, year by year, each kind with the way to it."""
    found = [
        (life, [(left, way_to(left, life.season.year, session.actor)) for left in _own(session, life.season.year)])
        for life in lives(session)
        if life.standing.phase is not Phase.PREPARING
    ]
    return render(request, session, "seasons/unfinished.html", years=found, tones=_TONES)


def way_to(left: Left, year: int, actor: Actor) -> str:
    """The address at which an officer works off matters of a kind; empty where others of the office do."""
    address, roles = _WAYS.get(left.kind, ("", frozenset()))
    if not address or not roles & actor.permissions:
        return ""
    return f"{address}{'&' if '?' in address else '?'}year={year}"


def _own(session: OfficeSession, year: int) -> list[Left]:
    return [left for left in unfinished(session, year) if left.office_id == session.office_id]


def _year(
    request: AnyRequest,
    session: ProvinceSession,
    platform: Platform,
    year: int,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    found = season(session, year)
    stands = standing(session, year)
    left = unfinished(session, year)
    waiting = acts.pending(session, year)
    names = {office.id: office.name for office in offices(session)}
    return render(
        request,
        session,
        "seasons/year.html",
        tried=tried,
        given=given or {},
        season=found,
        standing=stands,
        tone=_TONES[stands.phase],
        lines=[(names[office], lines, sum(line.count for line in lines)) for office, lines in by_office(left).items()],
        total=sum(line.count for line in left),
        waiting=waiting,
        wanted=None if waiting is None else Phase(waiting.phase),
        own=waiting is not None and waiting.made_by == session.actor.account_id,
        following=() if waiting is not None else FOLLOWS[stands.phase],
        acts=[(act, *_act_words(act, session)) for act in acts.acts_of(session, year)],
        closes=Phase.CLOSED,
        over=carried_over(
            session, carry_over_years=platform.offices.catalogue.province.config.results.carry_over_years
        ),
    )


def _act_words(act: SeasonAct, session: ProvinceSession) -> tuple[str, str, str]:
    """An act's phase, and its state in words and tone."""
    label = Phase(act.phase).label
    if act.cancelled_at is not None:
        return label, "已撤回", "plain"
    moment = begins(act)
    if moment is None:
        return label, "待第二人核准", "waits"
    return (label, "已生效", "done") if moment <= session.now else (label, "未到生效日", "waits")
