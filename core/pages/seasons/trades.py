"""The trades of a season: what holds, and a new list from a table, shown before it is kept."""

from typing import Annotated, Any, Final

from litestar import Response
from litestar.params import MultipartBody, QueryParameter

from core.db.session import ProvinceSession
from core.errors import Invalid
from core.pages.sealed_tables import seal, unseal
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import Grade
from core.seasons import trade_lists
from core.seasons.queries import check_takes_in
from core.seasons.trade_lists import Changes
from core.seasons.trade_table import BOUNDS, COLUMNS, MOST_ROWS, TABLE, TradeTable, read_trades
from core.tenancy.config.office import Trade
from core.text.form_texts import required_text
from core.web.dependencies import OfProvince, ThePlatform
from core.web.guards import CENTER
from core.web.page.downloads import attached
from core.web.page.excel import MEDIA_TYPE
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form_with_file, look, page

_MOST_SHOWN: Final = 100


@page("/season/trades", roles=CENTER, province=True)
def trades_page(
    request: AnyRequest,
    session: OfProvince,
    platform: ThePlatform,
    named: Annotated[str, QueryParameter(max_length=40, description="工种名称或代码中的几个字。")] = "",
) -> Response[str]:
    """The trades that hold, some of them by a part of their name, and the form for a table."""
    return _trades(request, session, platform, named=named.strip())


@form_with_file("/season/trades", roles=CENTER, province=True)
def read_table(
    request: AnyRequest, session: OfProvince, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[str]:
    """Show how a table is read and what it changes; nothing is kept yet."""
    table, changes, sealed, source = None, None, "", str(data.get("source") or "")
    with attempt(request, session) as tried:
        year = season_asked(request, session).year
        check_takes_in(session, year)
        source = required_text(source, "请写明目录的文号或来源。", field="source")
        with chosen_file(data) as file:
            content = file.file.read(BOUNDS.bytes + 1)
        in_force = trade_lists.season_in_force(session, platform.offices.catalogue, year)
        table = read_trades(content, in_force.trades, tuple(in_force.grades))
        if not table.faults:
            changes = trade_lists.changes(session, platform.offices.catalogue, year, table.trades)
            rows = [[trade.code, trade.name, [int(grade) for grade in trade.grades]] for trade in table.trades]
            sealed = seal(session, platform.keys, "trade", {"year": year, "source": source, "rows": rows})
    return _trades(request, session, platform, tried=tried, table=table, changes=changes, sealed=sealed, source=source)


@form_with_file("/season/trades/keep", roles=CENTER, province=True)
def keep_table(
    request: AnyRequest, session: OfProvince, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Let the list that was shown hold from now on."""
    with attempt(request, session) as tried:
        known = unseal(session, platform.keys, "trade", str(data.get("table") or ""))
        if known["year"] != season_asked(request, session).year:
            raise Invalid("table_gone", "这张表是为另一年度上传的，请重新上传。", at="file")
        wanted = [
            Trade(code=code, name=name, grades=tuple(Grade(grade) for grade in grades))
            for code, name, grades in known["rows"]
        ]
        trade_lists.load_list(session, platform.offices.catalogue, known["year"], wanted, source=str(known["source"]))
        return see("/season/trades")
    return _trades(request, session, platform, tried=tried)


@look("/season/trades/template", roles=CENTER, province=True)
def template_file(request: AnyRequest, session: OfProvince) -> Response[bytes]:
    """The table to fill in."""
    year = season_asked(request, session).year
    return attached(TABLE.template("工种目录"), f"{year}年度工种目录模板.xlsx", MEDIA_TYPE)


def _trades(
    request: AnyRequest,
    session: ProvinceSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    table: TradeTable | None = None,
    changes: Changes | None = None,
    sealed: str = "",
    source: str = "",
    named: str = "",
) -> Response[str]:
    year = season_asked(request, session).year
    trades = trade_lists.trades_in_force(session, platform.offices.catalogue, year)
    found = [trade for trade in trades if named.upper() in f"{trade.code} {trade.name}".upper()]
    return render(
        request,
        session,
        "seasons/trades.html",
        tried=tried,
        count=len(trades),
        found=found[:_MOST_SHOWN],
        more=len(found) - _MOST_SHOWN,
        named=named,
        lists=trade_lists.lists(session, year),
        table=table,
        changes=changes,
        sealed=sealed,
        source=source,
        columns=[(column.title, column.help) for column in COLUMNS],
        most_rows=MOST_ROWS,
        most_megabytes=BOUNDS.bytes // 1048576,
        year=year,
    )
