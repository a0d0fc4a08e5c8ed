"""Pages of offices and plugins: which offices are open, their settings with file and line, the health of plugins."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.clock import SHANGHAI, end_of
from core.db.session import OfficeSession, ScopedSession
from core.delegation.queries import delegations
from core.domain.calendar import KIND_NAMES
from core.errors import NotFound
from core.hooks.calls import HookHealth
from core.pages.delegation.delegations import MODE_LABELS, names_of_trades, scope_words
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import DelegationMode, OfficeCode
from core.seasons import queries as seasons
from core.tenancy import queries
from core.tenancy.config.sources import Fault
from core.tenancy.models import Office
from core.text import filters
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import AUDITORS, OFFICE_STAFF, OPERATORS
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page
from core.web.schemas import DayAsked

LOOKERS = OFFICE_STAFF | AUDITORS | OPERATORS
LEVELS = {"province": "省级", "city": "市级", "county": "县（市）级"}
_TABLES = {
    "office": "机构",
    "plugins": "规则程序",
    "plugin": "规则程序的设置",
    "review": "审核",
    "eligibility": "申报条件",
    "documents": "材料",
    "messages": "通知",
    "retention": "保存期限",
    "supervision": "监管",
    "policy": "对下级的规定",
    "awards": "公示与证书",
    "sanctions": "违规处理",
    "filings": "备案",
    "season": "年度",
    "calendar": "日程",
    "delegation": "委托与下放",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One office in the list: open or closed and why, with the failures of its plugins in this process."""

    id: str
    name: str
    level: str
    areas: str
    plugins: int
    failures: int
    broken: bool
    faults: tuple[Fault, ...]


@page("/offices", roles=LOOKERS, province=True)
def offices_page(
    request: AnyRequest, session: AnySession, platform: ThePlatform, as_of: DayAsked = None
) -> Response[str]:
    """Every office that the reader may see, open or closed, today or on another day."""
    areas = queries.area_codes(session, as_of or session.now.astimezone(SHANGHAI).date())
    closed = closed_offices(platform)
    lines = [
        _line(office, platform, areas.get(office.id, []), closed.get(office.id, ()))
        for office in queries.offices(session)
        if _in_sight(session, office.id)
    ]
    return render(request, session, "tenancy/offices.html", lines=lines, as_of=as_of, day=_day(as_of))


@page("/offices/{code:path}", roles=LOOKERS, province=True)
def office_page(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    *,
    code: FromPath[str],
    as_of: DayAsked = None,
    table: Annotated[str, QueryParameter(max_length=40, description="只看这一类设置。")] = "",
) -> Response[str]:
    """One office with its settings (file and line of each), plugins, calendar and delegations."""
    office = session.get(Office, code.strip("/"))
    if office is None or not _in_sight(session, office.id):
        raise NotFound("office_unknown", "没有这个考核管理机构，或您无权查看。请从机构列表中重新选择。")
    faults = closed_offices(platform).get(office.id, ())
    at = session.now if as_of is None else end_of(as_of)
    return render(
        request,
        session,
        "tenancy/office.html",
        office=office,
        level=LEVELS[office.level],
        faults=faults,
        as_of=as_of,
        day=_day(as_of),
        areas=queries.area_codes(session, at.astimezone(SHANGHAI).date() if as_of is None else as_of).get(
            office.id, []
        ),
        settings=[] if faults else _settings(platform, office.id, table),
        chips=_chips(office.id, as_of, table),
        hooks=None if faults else platform.offices.hooks(office.id),
        failures=queries.plugin_failures(session, office.id),
        windows=_windows(request, session, office.id, as_of),
        delegations=[
            (
                names[delegation.from_office_id],
                names[delegation.to_office_id],
                MODE_LABELS[DelegationMode(delegation.mode)],
                scope_words(delegation, trades),
            )
            for names in [{office.id: office.name for office in queries.offices(session)}]
            for trades in [names_of_trades(session)]
            for delegation in delegations(session, office_id=office.id, at=at)
        ],
    )


def _line(office: Office, platform: Platform, areas: list[str], faults: tuple[Fault, ...]) -> Line:
    health: tuple[HookHealth, ...] = () if faults else platform.offices.hooks(office.id).health()
    return Line(
        id=office.id,
        name=office.name,
        level=LEVELS[office.level],
        areas="、".join(areas),
        plugins=0 if faults else len(platform.offices.hooks(office.id).versions()),
        failures=sum(hook.failures for hook in health),
        broken=any(hook.open for hook in health),
        faults=faults,
    )


def closed_offices(platform: Platform) -> dict[str, tuple[Fault, ...]]:
    """Every closed office with the faults of its files or plugins."""
    by_files = [(office.code, office.faults) for office in platform.offices.catalogue.closed()]
    return dict([*by_files, *platform.offices.registry.closed.items()])


def _in_sight(session: ScopedSession, code: str) -> bool:
    """Whether the reader may see an office: its own, those above and below; the center, auditors and operators all."""
    if not isinstance(session, OfficeSession):
        return True
    own = session.office_id
    return f"{code}/".startswith(f"{own}/") or f"{own}/".startswith(f"{code}/")


def _settings(platform: Platform, code: str, table: str) -> list[tuple[str, str, str]]:
    """Every effective value, and the file and line that set it."""
    found = platform.offices.catalogue.explain(OfficeCode(code))
    return [
        (setting.key, _written(setting.value), "系统默认" if setting.line is None else f"{setting.file}:{setting.line}")
        for setting in found
        if not table or setting.key.split(".", 1)[0] == table
    ]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(_written(inner) for inner in value) or "无"
    if isinstance(value, dict):
        return "，".join(f"{name}={_written(inner)}" for name, inner in value.items())
    return str(value)


def _chips(code: str, as_of: date | None, table: str) -> list[tuple[str, str, bool]]:
    kept = "" if as_of is None else f"&as_of={as_of.isoformat()}"
    everything = f"/offices/{code}" + (f"?{kept[1:]}" if kept else "")
    chips = [("全部", everything, not table)]
    return chips + [(label, f"/offices/{code}?table={name}{kept}", table == name) for name, label in _TABLES.items()]


def _windows(request: AnyRequest, session: ScopedSession, code: str, as_of: date | None) -> list[tuple[str, str, str]]:
    """The dates in force on the day, by the versions made and the receipts given until then."""
    if seasons.latest_season(session) is None:
        return []
    season = season_asked(request, session)
    if as_of is None:
        calendar = seasons.calendar_now(session, code, season.year)
    else:
        calendar = seasons.calendar_as_of(session, code, season.year, end_of(as_of))
    return [
        (KIND_NAMES[window.kind], filters.grades(window.grades), filters.span(window)) for window in calendar.windows
    ]


def _day(as_of: date | None) -> str:
    return "" if as_of is None else as_of.isoformat()
