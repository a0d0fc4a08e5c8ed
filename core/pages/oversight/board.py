"""The provincial center's board: every office as a tile that opens into its counties, and all filings."""

from typing import Annotated, Any, TypeAlias
from urllib.parse import urlencode

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.db.session import AuditorSession, ProvinceSession
from core.delegation.queries import delegations
from core.errors import NotFound
from core.oversight import queries
from core.oversight.board import MEASURE_LABELS, MEASURE_MEANINGS, WORDS, Measure, Monitored, level_of, tiles
from core.oversight.decisions import by_officer
from core.oversight.filings_due import KIND_LABELS, STATUS_LABELS, Duty, DutyStatus
from core.pages.oversight.season_work import STATE_WORDS, filing_sheet, open_plans, status_words
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.platform import Platform
from core.plugin_api import OfficeLevel
from core.responsibility.queries import leaderless
from core.scheduling.plans.health import published_plans
from core.seasons import queries as seasons
from core.tenancy.models import Office
from core.tenancy.queries import offices
from core.web.dependencies import OfMonitor, ThePlatform
from core.web.guards import AUDITORS, CENTER
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page

WATCHERS = CENTER | AUDITORS
MonitorSession: TypeAlias = ProvinceSession | AuditorSession
MeasureAsked = Annotated[Measure, QueryParameter(description="看板按什么着色。")]
_TILE = (100, 84)
"""Width and height of a tile in the drawing's own units, the gap included."""


@page("/board", roles=WATCHERS, province=True)
def board_page(
    request: AnyRequest,
    session: OfMonitor,
    platform: ThePlatform,
    *,
    by: MeasureAsked = Measure.PROGRESS,
    compared: Annotated[bool, QueryParameter(description="是否逐张核对准考证和考务资料。")] = False,
) -> Response[str]:
    """The whole province at a glance, coloured by the chosen measure.

    Tickets and papers are compared with the published plans in a second request, which the page sends by itself.
    """
    year = season_asked(request, session).year
    found = queries.monitor(session, year)
    drawn = tiles(found, _places(platform), _short_names(platform), by)
    duties = _duties(session, platform, year)
    return render(
        request,
        session,
        "oversight/board.html",
        measure=by,
        measures=[(label, f"/board?by={measure.value}", measure is by) for measure, label in MEASURE_LABELS.items()],
        meaning=MEASURE_MEANINGS[by],
        words=WORDS,
        tiles=[(tile, tile.column * _TILE[0], tile.row * _TILE[1]) for tile in drawn],
        size=(
            max((tile.column + 1 for tile in drawn), default=1) * _TILE[0],
            max((tile.row + 1 for tile in drawn), default=1) * _TILE[1],
        ),
        offices=found,
        level=lambda monitored: level_of(monitored, by),
        series=_series(found, _short_names(platform)),
        waiting=len(_waiting(session, year)),
        off=_off(duties),
        plans=[
            (_short_names(platform).get(office, office), office, plan)
            for office, listed in open_plans(session, year, whole=compared).items()
            for plan in listed
            if plan.grave
        ],
        compared=compared,
        comparable=bool(published_plans(session, year)),
        leaderless=leaderless(session, year),
        silent=sorted(queries.dues_each(platform.offices, year, at=session.now)[1]),
        outside=seasons.offices_outside(session, year),
        status=status_words,
    )


@table_file("/board/export", roles=WATCHERS, province=True)
def export_board(session: MonitorSession, table: TableAsked) -> Sheet:
    """The figures of every office as an Excel file."""
    year = table.season(session).year
    return _sheet(f"{year}年度各机构办理情况", queries.monitor(session, year))


@page("/board/offices/{code:path}", roles=WATCHERS, province=True)
def office_page(request: AnyRequest, session: OfMonitor, platform: ThePlatform, code: FromPath[str]) -> Response[str]:
    """One office opened into its counties: by place, by desk, with its duties and delegations."""
    office = _office(session, code)
    year = season_asked(request, session).year
    duties = [duty for duty in _duties(session, platform, year) if duty.office == office.id]
    return render(
        request,
        session,
        "oversight/board_office.html",
        office=office,
        places=queries.monitor_places(session, office.id, year),
        desks=queries.monitor_desks(session, office.id, year),
        officers=by_officer(session, year, owner=office.id),
        duties=duties,
        plans=open_plans(session, year, office_id=office.id).get(office.id, []),
        status=status_words,
        filed=list(reversed(queries.filings(session, year, office_id=office.id))),
        words=STATE_WORDS,
        kinds=KIND_LABELS,
        outside=[
            outside
            for outside in seasons.offices_outside(session, year)
            if f"{outside.office}/".startswith(f"{office.id}/")
        ],
        delegations=delegations(session, office_id=office.id, at=session.now),
        names={office.id: office.name for office in offices(session)},
    )


@table_file("/board/export/{code:path}", roles=WATCHERS, province=True)
def export_office(session: MonitorSession, table: TableAsked) -> Sheet:
    """The figures of one office's counties as an Excel file."""
    office = _office(session, table.path["code"])
    year = table.season(session).year
    return _sheet(f"{year}年度{office.short_name}办理情况", queries.monitor_desks(session, office.id, year))


@page("/board/filings", roles=WATCHERS, province=True)
def filings_page(
    request: AnyRequest,
    session: OfMonitor,
    platform: ThePlatform,
    status: Annotated[str, QueryParameter(max_length=20, description="只看这一状态。")] = "",
) -> Response[str]:
    """The filings that wait for receipt or return, and the standing of every office's duties."""
    year = season_asked(request, session).year
    duties = _duties(session, platform, year)
    counted = {standing: sum(duty.status is standing for duty in duties) for standing in DutyStatus}
    chips = [(f"全部 {len(duties)}", "/board/filings", not status)]
    chips += [
        (
            f"{STATUS_LABELS[standing]} {count}",
            f"/board/filings?{urlencode({'status': standing.value})}",
            status == standing.value,
        )
        for standing, count in counted.items()
        if count
    ]
    return render(
        request,
        session,
        "oversight/board_filings.html",
        waiting=_waiting(session, year),
        duties=[duty for duty in duties if not status or duty.status.value == status],
        chips=chips,
        status=status_words,
        kinds=KIND_LABELS,
        names={office.id: office.name for office in offices(session)},
    )


@table_file("/board/filings/export", roles=WATCHERS, province=True)
def export_filings(session: MonitorSession, table: TableAsked) -> Sheet:
    """Every version that offices have filed as an Excel file."""
    year = table.season(session).year
    return filing_sheet(session, queries.filings(session, year), year)


def _office(session: OfMonitor, code: str) -> Office:
    found = session.get(Office, code.strip("/"))
    if found is None or found.level == OfficeLevel.COUNTY:
        raise NotFound("office_unknown", "没有这个市级考核管理机构。请从全省看板中重新选择。")
    return found


def _places(platform: Platform) -> dict[str, tuple[int, int]]:
    """Where each office's tile lies: ``office.tile`` of its own file."""
    tiles_of = {office.code: office.config.office.tile for office in platform.offices.catalogue.offices()}
    return {code: tile for code, tile in tiles_of.items() if tile is not None}


def _short_names(platform: Platform) -> dict[str, str]:
    return {office.code: office.short_name for office in platform.offices.catalogue.offices()}


def _duties(session: ProvinceSession | AuditorSession, platform: Platform, year: int) -> list[Duty]:
    owed, _ = queries.dues_each(platform.offices, year, at=session.now)
    return [duty for duties in queries.duties_by_office(session, year, owed).values() for duty in duties]


def _waiting(session: ProvinceSession | AuditorSession, year: int) -> list[Any]:
    return sorted(
        (filing for filing in queries.filings(session, year) if filing.state == "filed"),
        key=lambda filing: (filing.filed_at, filing.id),
    )


def _off(duties: list[Duty]) -> list[Duty]:
    return [duty for duty in duties if duty.status in {DutyStatus.OVERDUE, DutyStatus.RETURNED}]


def _series(found: list[Monitored], names: dict[str, str]) -> dict[str, list[Any]]:
    """The series of the chart: for each office the cases done, waiting, and overdue."""
    return {
        "names": [names.get(office.office, office.name) for office in found],
        "done": [office.decided for office in found],
        "units": [office.at_units for office in found],
        "waiting": [office.backlog - office.overdue for office in found],
        "overdue": [office.overdue for office in found],
    }


def _sheet(title: str, found: list[Monitored]) -> Sheet:
    columns = (
        "机构",
        "已提交",
        "单位待审核",
        "待审查",
        "超时",
        "审查决定",
        "退回",
        "不通过",
        "重新审查",
        "退回率",
        "不通过率",
    )
    rows = [
        (
            *(
                office.name,
                office.total,
                office.at_units,
                office.backlog,
                office.overdue,
                office.decisions,
                office.returned,
                office.rejected,
                office.overturned,
            ),
            *(round(office.return_rate, 4), round(office.reject_rate, 4)),
        )
        for office in found
    ]
    return Sheet(title, columns, rows)
