"""The trades of a season: those of the province's file, until the center loads a list from a table.

Lists are kept version by version, and the latest one holds (``docs/decisions/0036-trades-are-data.md``). A trade that
somebody has applied for stays when a later list leaves it out: it is not open any more, and its name is still known.
Source: 2024 notice §1(2), the whole catalogue (豫人社办〔2022〕93号).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, cast, column, func, select, table, union
from sqlalchemy.dialects.postgresql import JSONB, insert

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.refusals import in_words
from core.db.session import ProvinceSession, ScopedSession
from core.plugin_api import Grade
from core.seasons.models import SeasonTrade, TradeList
from core.seasons.queries import check_takes_in, season
from core.tenancy.catalogue import Catalogue
from core.tenancy.config.office import SeasonTable, Trade

_AT_ONCE: Final = 1000
_MOST_HELD: Final = 8
_held: dict[UUID, SeasonTable] = {}
"""Seasons with the lists that this process has read; a list never changes."""

# Applications belong to a capability that comes after this one and imports it.
_applications = table("applications", column("year"), column("trade"), column("form", JSONB))


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new list changes: trades added, renamed, closed because it leaves them out, and left out for good."""

    added: tuple[Trade, ...]
    renamed: tuple[tuple[Trade, str], ...]
    kept_closed: tuple[Trade, ...]
    left_out: tuple[Trade, ...]


def season_in_force(session: ScopedSession, catalogue: Catalogue, year: int) -> SeasonTable:
    """A year's assessment as the file opens it, with the trades that hold now. NotFound where there is none."""
    of_file = catalogue.season(year)
    latest = select(TradeList.id).where(TradeList.year == year).order_by(TradeList.version.desc()).limit(1)
    found = session.scalar(latest)
    if found is None:
        return of_file
    if found not in _held:
        if len(_held) >= _MOST_HELD:
            _held.clear()
        listed = session.get_one(TradeList, found)
        _held[found] = of_file.model_copy(update={"trades": tuple(_trade(row) for row in listed.trades)})
    return _held[found]


def trades_in_force(session: ScopedSession, catalogue: Catalogue, year: int) -> tuple[Trade, ...]:
    """The trades of a year that hold now, those that are not open any more included."""
    return season_in_force(session, catalogue, year).trades


def lists(session: ScopedSession, year: int) -> Sequence[TradeList]:
    """Every list that was loaded for a year, the latest first."""
    return session.scalars(select(TradeList).where(TradeList.year == year).order_by(TradeList.version.desc())).all()


def changes(session: ProvinceSession, catalogue: Catalogue, year: int, wanted: Collection[Trade]) -> Changes:
    """What a list would change, before anything is written."""
    present = {trade.code: trade for trade in trades_in_force(session, catalogue, year)}
    used, codes = _in_use(session, year), {trade.code for trade in wanted}
    gone = [trade for code, trade in present.items() if code not in codes]
    return Changes(
        added=tuple(trade for trade in wanted if trade.code not in present),
        renamed=tuple(
            (trade, present[trade.code].name)
            for trade in wanted
            if trade.code in present and present[trade.code].name != trade.name
        ),
        kept_closed=tuple(trade for trade in gone if trade.code in used),
        left_out=tuple(trade for trade in gone if trade.code not in used),
    )


def load_list(
    session: ProvinceSession, catalogue: Catalogue, year: int, wanted: Sequence[Trade], *, source: str
) -> TradeList:
    """Let a list hold from now on. ``source`` names its paper or file. Conflict in a season that has ended."""
    season(session, year)
    check_takes_in(session, year)
    one_at_a_time(session, f"trade-list:{year}")
    changed = changes(session, catalogue, year, wanted)
    closed = [trade.model_copy(update={"grades": ()}) for trade in changed.kept_closed]
    trades = [*wanted, *closed]
    rows = [
        {"code": trade.code, "name": trade.name, "grades": [int(grade) for grade in trade.grades]} for trade in trades
    ]
    before = session.scalar(select(func.max(TradeList.version)).where(TradeList.year == year)) or 0
    made = TradeList(
        id=new_id(),
        year=year,
        version=before + 1,
        trades=rows,
        source=source,
        digest=audit.digest_of(rows).hex(),
        made_at=session.now,
        made_by=session.actor.account_id,
        made_by_name=session.actor.name,
    )
    session.add(made)
    with in_words():
        session.flush()
    _follow(session, year, catalogue.season(year), trades)
    audit.record(
        session,
        "trades.loaded",
        office_id=catalogue.province.code,
        subject_type="trade_list",
        subject_id=made.id,
        payload={
            "year": year,
            "version": made.version,
            "digest": made.digest,
            "trades": len(wanted),
            "added": len(changed.added),
            "closed": len(changed.kept_closed),
        },
    )
    return made


def _follow(session: ProvinceSession, year: int, of_file: SeasonTable, trades: Sequence[Trade]) -> None:
    """Open and close the trades of every grade. None is deleted: cases, panels and sittings name them."""
    rows: list[Mapping[str, Any]] = [
        {"year": year, "grade": int(grade), "trade": trade.code, "name": trade.name, "is_open": grade in trade.grades}
        for trade in trades
        for grade in of_file.grades
    ]
    of_year = SeasonTrade.__table__.c
    session.execute(
        SeasonTrade.__table__.update().where(of_year.year == year, of_year.is_open).values(is_open=False)  # type: ignore[attr-defined]
    )
    for begin in range(0, len(rows), _AT_ONCE):
        made = insert(SeasonTrade).values(rows[begin : begin + _AT_ONCE])
        session.execute(
            made.on_conflict_do_update(
                index_elements=["year", "grade", "trade"],
                set_={"name": made.excluded.name, "is_open": made.excluded.is_open},
            )
        )


def _in_use(session: ProvinceSession, year: int) -> frozenset[str]:
    """The trades that applications of a year name, as wished for or as held."""
    of_year = _applications.c.year == year
    held = cast(_applications.c.form["current_trade"].astext, Text)
    named = union(
        select(_applications.c.trade.label("trade")).where(of_year),
        select(cast(_applications.c.form["trade"].astext, Text)).where(of_year),
        select(held).where(of_year),
    )
    return frozenset(trade for trade in session.scalars(named) if trade)


def _trade(row: Mapping[str, Any]) -> Trade:
    return Trade(code=row["code"], name=row["name"], grades=tuple(Grade(grade) for grade in row["grades"]))
