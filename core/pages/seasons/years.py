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
from core.seasons.models import SeasonAct
from core.seasons.phases import FOLLOWS, Phase, begins
from core.seasons.queries import lives, season, standing
from core.tenancy.queries import offices
from core.web.dependencies import OfOffice, OfProvince
from core.web.guards import CENTER, OFFICERS, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

YearInPath = Annotated[int, PathParameter(ge=1990, le=2200, description="年度")]
_TONES: Final = {Phase.PREPARING: "plain", Phase.OPEN: "done", Phase.CLOSING: "waits", Phase.CLOSED: "plain"}
_WAYS: Final[Mapping[Unfinished, tuple[str, frozenset[Any]]]] = MappingProxyType(
    {
        Unfinished.AT_UNIT: ("/supervision/cases", SUPERVISORS),
        Unfinished.RETURNED: ("/supervision/cases", SUPERVISORS),
        Unfinished.AT_OFFICE: ("/desk", OFFICERS),
        Unfinished.PROVISIONAL: ("/desk?state=provisional", OFFICERS),
        Unfinished.APPEAL: ("/supervision/appeals", SUPERVISORS),
        Unfinished.INQUIRY: ("/inquiries", OFFICERS),
        Unfinished.SAMPLE: ("/delegations", OFFICERS),
        Unfinished.ORIGINAL: ("/onsite", OFFICERS),
        Unfinished.NO_RESULT: ("/marks", SUPERVISORS),
        Unfinished.MARKS: ("/marks", SUPERVISORS),
        Unfinished.CHECK: ("/marks/checks", SUPERVISORS),
        Unfinished.CORRECTION: ("/marks/corrections", SUPERVISORS),
        Unfinished.PANEL: ("/panels", SUPERVISORS),
        Unfinished.NOT_LISTED: ("/awards", OFFICERS),
        Unfinished.LIST: ("/awards", OFFICERS),
        Unfinished.OBJECTION: ("/awards", OFFICERS),
        Unfinished.STRIKING: ("/awards/strikings", OFFICERS),
        Unfinished.NO_CERTIFICATE: ("/awards", OFFICERS),
        Unfinished.SANCTION: ("/sanctions", OFFICERS),
        Unfinished.SUSPENDED: ("/sanctions", OFFICERS),
        Unfinished.NOT_ARCHIVED: ("/awards", OFFICERS),
        Unfinished.PATROL: ("/patrols", OFFICERS),
        Unfinished.PATROL_FINDING: ("/patrols", OFFICERS),
        Unfinished.ACCOUNTABILITY: ("/accountability", SUPERVISORS),
    }
)
"""The page on which an officer finds matters of a kind, and who may open it. Schedulers decide on accommodations."""


@page("/season/years", roles=CENTER, province=True)
def years_page(request: AnyRequest, session: OfProvince) -> Response[str]:
    """Every year with its phase, and how much of it is unfinished."""
    lines = [(life, sum(left.count for left in unfinished(session, life.season.year))) for life in lives(session)]
    return render(request, session, "seasons/years.html", lines=lines, tones=_TONES)


@page("/season/years/{year:int}", roles=CENTER, province=True)
def year_page(request: AnyRequest, session: OfProvince, year: YearInPath) -> Response[str]:
    """One year: what is unfinished where, the acts so far, and the next one."""
    return _year(request, session, year)


@table_file("/season/years/{year:int}/export", roles=CENTER, province=True)
def export_unfinished(session: ProvinceSession, table: TableAsked) -> Sheet:
    """What is unfinished as an Excel file, a line for each office and kind."""
    year = season(session, int(table.path["year"])).year
    names = {office.id: office.name for office in offices(session)}
    rows = [(names[left.office_id], left.kind.label, left.count) for left in unfinished(session, year)]
    return Sheet(f"{year}年度未办结事项", ("机构", "事项", "数量"), rows)


@form("/season/years/{year:int}/acts", roles=CENTER, province=True)
def enter_phase(request: AnyRequest, session: OfProvince, *, year: YearInPath, data: Sent) -> Response[Any]:
    """Let the year enter its next phase, now or from a day."""
    with attempt(request, session) as tried:
        phase = fields.one_of(Phase, data, "phase")
        effective = None
        if fields.text(data, "effective"):
            day = fields.day(data, "effective")
            effective = None if day == session.now.astimezone(SHANGHAI).date() else start_of(day)
        acts.enter_phase(session, year, phase, effective=effective, reason=fields.text(data, "reason"))
        return see(f"/season/years/{year}")
    return _year(request, session, year, tried=tried, given=data)


@form("/season/years/{year:int}/acts/{season_act_id:uuid}/confirm", roles=CENTER, province=True)
def confirm_close(
    request: AnyRequest, session: OfProvince, *, year: YearInPath, season_act_id: FromPath[UUID]
) -> Response[Any]:
    """Confirm, as the second officer, that the year is closed."""
    with attempt(request, session) as tried:
        acts.confirm_close(session, season_act_id)
        return see(f"/season/years/{year}")
    return _year(request, session, year, tried=tried)


@form("/season/years/{year:int}/acts/{season_act_id:uuid}/cancel", roles=CENTER, province=True)
def cancel_act(
    request: AnyRequest, session: OfProvince, *, year: YearInPath, season_act_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Take back an act that has not begun."""
    with attempt(request, session) as tried:
        acts.cancel_act(session, season_act_id, reason=fields.text(data, "reason"))
        return see(f"/season/years/{year}")
    return _year(request, session, year, tried=tried, given=data)


@page("/season/unfinished", roles=OFFICERS)
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
        over=carried_over(session) if stands.phase in {Phase.CLOSING, Phase.CLOSED} else (),
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
