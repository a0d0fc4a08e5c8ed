"""A list of trades that the center loads holds at once; nothing that a case names is lost."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from core.applications import trades
from core.applications.queries import trades_to_choose
from core.errors import Conflict, Invalid
from core.plugin_api import Grade
from core.seasons import queries
from core.seasons.models import SeasonTrade, TradeList
from core.seasons.phases import Phase, Standing
from core.seasons.queries import trades_of, trades_open
from core.seasons.trade_lists import changes, lists, load_list, season_in_force, trades_in_force
from core.tenancy.config.office import Trade
from tests.cases import CITY, YEAR, Season, answers

NEW = (Trade(code="LS-9", name="测试新工"), Trade(code="LS-2", name="机动车驾驶员", grades=(Grade.FIVE,)))


def test_without_a_list_the_trades_of_the_file_hold(season: Season) -> None:
    catalogue = season.offices.catalogue
    with season.as_office(CITY) as session:
        assert season_in_force(session, catalogue, YEAR) is catalogue.season(YEAR)
        assert lists(session, YEAR) == []


def test_a_list_holds_at_once_and_keeps_the_names_of_trades_in_use(season: Season) -> None:
    catalogue = season.offices.catalogue
    used = str(answers()["trade"])
    season.draft()
    with season.as_province() as session:
        found = changes(session, catalogue, YEAR, NEW)
        assert [trade.code for trade in found.added] == ["LS-9"]
        assert [(trade.code, before) for trade, before in found.renamed] == [("LS-2", "汽车驾驶员")]
        assert used in {trade.code for trade in found.kept_closed}
        assert used not in {trade.code for trade in found.left_out}
        made = load_list(session, catalogue, YEAR, NEW, source="测试文号")
        assert (made.version, made.source) == (1, "测试文号")
    with season.as_office(CITY) as session:
        known = {trade.code: trade for trade in trades_in_force(session, catalogue, YEAR)}
        assert known.keys() == {"LS-9", "LS-2", used}
        assert known[used].grades == ()
        assert trades.code_of("csxg", known.values()) == "LS-9"
        assert [opened.trade for opened in trades_open(session, YEAR, Grade.FIVE)] == ["LS-2", "LS-9"]
        assert [opened.trade for opened in trades_open(session, YEAR, Grade.FOUR)] == ["LS-9"]
        assert dict(trades_of(session, YEAR))["LS-2"] == "机动车驾驶员"
        assert used in dict(trades_of(session, YEAR))
    with season.as_province() as session:
        load_list(session, catalogue, YEAR, catalogue.season(YEAR).trades, source="再次载入")
        assert [made.version for made in lists(session, YEAR)] == [2, 1]
        reopened = {trade.code: trade for trade in trades_in_force(session, catalogue, YEAR)}
        assert reopened[used].grades


def test_a_draft_with_a_closed_trade_is_told_so_when_it_is_submitted(season: Season) -> None:
    case = season.draft()
    with season.as_province() as session:
        load_list(session, season.offices.catalogue, YEAR, NEW, source="测试文号")
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert "工种" in refused.value.detail


def test_nobody_but_the_center_loads_a_list_and_nobody_changes_one(season: Season) -> None:
    catalogue = season.offices.catalogue
    with pytest.raises(DBAPIError, match="permission denied"), season.as_office(CITY) as session:
        load_list(session, catalogue, YEAR, NEW, source="测试文号")  # type: ignore[arg-type]
    for statement in (update(TradeList).values(source="改过"), delete(SeasonTrade)):
        with pytest.raises(DBAPIError, match="permission denied"), season.as_province() as session:
            session.execute(statement)


def test_a_season_that_has_ended_keeps_its_list(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "standing", lambda *_: Standing(Phase.CLOSED, None))
    with season.as_province() as session, pytest.raises(Conflict, match="已结束"):
        load_list(session, season.offices.catalogue, YEAR, NEW, source="测试文号")


def test_no_trade_is_deleted(season: Season) -> None:
    with season.as_province() as session:
        before = {
            (row.grade, row.trade) for row in session.scalars(select(SeasonTrade).where(SeasonTrade.year == YEAR))
        }
        load_list(session, season.offices.catalogue, YEAR, NEW, source="测试文号")
        after = {(row.grade, row.trade) for row in session.scalars(select(SeasonTrade).where(SeasonTrade.year == YEAR))}
        assert before <= after
        assert session.scalars(select(TradeList)).one().version == 1


def test_of_a_catalogue_of_thousands_an_office_chooses_among_the_trades_of_its_cases(season: Season) -> None:
    season.at_office()
    used = str(answers()["trade"])
    listed = [(f"T-{at}", f"测试工种{at}") for at in range(3000)] + [(used, "保管工")]
    with season.as_office(CITY) as session:
        assert trades_to_choose(session, YEAR, listed, ["T-7"]) == [("T-7", "测试工种7"), (used, "保管工")]
        assert trades_to_choose(session, YEAR, listed[:60]) == listed[:60]
