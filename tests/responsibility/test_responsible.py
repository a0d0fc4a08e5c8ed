"""Responsible persons: with effect from a day, nothing lost, and who is missing."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db.base import new_id
from core.db.retention import ERASED
from core.db.session import Actor, KeeperSession, OfficeSession, Role
from core.errors import Conflict, Forbidden, Invalid
from core.plugin_api import OfficeCode
from core.responsibility import queries, ranks
from core.responsibility.models import ResponsiblePerson
from core.responsibility.ranks import Rank
from core.responsibility.retention import erase_responsible, responsible_due
from core.responsibility.service import name_responsible
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, Season, at


def name(
    session: OfficeSession, called: str, from_day: date, rank: Rank = Rank.FIRST, telephone: str = "0371-00000000"
) -> ResponsiblePerson:
    return name_responsible(session, YEAR, rank, name=called, post="测试局长", telephone=telephone, from_day=from_day)


def named(season: Season, office: OfficeCode, called: str, from_day: date, rank: Rank = Rank.FIRST) -> None:
    with season.as_office(office) as session:
        name(session, called, from_day, rank)


def held(season: Season, on: date) -> dict[Rank, str]:
    with season.as_office(CITY) as session:
        return {rank: entry.name for rank, entry in queries.responsible_for(session, CITY, YEAR, on=on).items()}


def test_a_change_holds_from_its_day_and_the_earlier_person_is_kept(season: Season) -> None:
    named(season, CITY, "测试甲", date(YEAR, 1, 1))
    named(season, CITY, "测试乙", date(YEAR, 6, 1))
    assert held(season, date(YEAR, 5, 31)) == {Rank.FIRST: "测试甲"}
    assert held(season, date(YEAR, 6, 1)) == {Rank.FIRST: "测试乙"}
    assert held(season, date(YEAR - 1, 12, 31)) == {}
    with season.as_office(CITY) as session:
        found = queries.entries(session, CITY, YEAR)
        assert [entry.name for entry in found] == ["测试甲", "测试乙"]
        assert [entry.name for entry in ranks.to_come(found, queries.today(session))] == ["测试乙"]


def test_an_entry_for_the_same_day_corrects_and_an_earlier_day_is_refused(season: Season) -> None:
    named(season, CITY, "测试甲", date(YEAR, 2, 1))
    named(season, CITY, "测试乙", date(YEAR, 2, 1))
    assert held(season, date(YEAR, 2, 1)) == {Rank.FIRST: "测试乙"}
    with season.as_office(CITY) as session, pytest.raises(Conflict, match="不能早于"):
        name(session, "测试丙", date(YEAR, 1, 31))
    # Another rank has days of its own.
    named(season, CITY, "测试丙", date(YEAR, 1, 31), Rank.MAIN)


def test_what_cannot_be_is_refused_at_its_field(season: Season) -> None:
    with season.as_office(CITY) as session:
        with pytest.raises(Invalid) as refused:
            name(session, "测试甲", date(YEAR, 1, 1), telephone="请打办公室")
        assert "telephone" in refused.value.fields
        with pytest.raises(Invalid) as refused:
            name(session, "测试甲", date(YEAR + 5, 1, 1))
        assert "from_day" in refused.value.fields
    arranger = Actor(new_id(), "测试编排员", Role.SCHEDULER, office_id=CITY)
    with season.as_office(CITY, actor=arranger) as session, pytest.raises(Forbidden):
        name(session, "测试甲", date(YEAR, 1, 1))


def test_missing_ranks_are_listed_for_places_and_not_for_the_center(season: Season) -> None:
    named(season, CITY, "测试甲", date(YEAR, 1, 1))
    named(season, CITY, "测试乙", date(YEAR, 1, 1), Rank.DIRECT)
    with season.as_office(PROVINCE) as session:
        found = {place.office.id: place for place in queries.responsible_below(session, YEAR, below=PROVINCE)}
    assert found[CITY].missing == [Rank.MAIN]
    assert found[OTHER_CITY].missing == list(Rank)
    assert found[PROVINCE].missing == []
    with season.as_province() as session:
        without = {office.id for office in queries.leaderless(session, YEAR)}
    assert CITY not in without
    assert {OTHER_CITY, COUNTY} <= without


def test_an_office_sees_itself_and_those_below_and_names_only_its_own(season: Season) -> None:
    for office in (CITY, COUNTY, OTHER_CITY):
        named(season, office, "测试甲", date(YEAR, 1, 1))
    seen = {}
    for office in (PROVINCE, CITY, COUNTY):
        with season.as_office(office) as session:
            seen[office] = {row.office_id for row in session.query(ResponsiblePerson)}
    assert seen == {PROVINCE: {CITY, COUNTY, OTHER_CITY}, CITY: {CITY, COUNTY}, COUNTY: {COUNTY}}
    with season.as_office(CITY) as session, pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE responsible_persons SET name = '测试丁'"))


def test_names_go_after_their_time_and_the_post_stays(season: Season) -> None:
    named(season, CITY, "测试甲", date(YEAR, 1, 1))
    with KeeperSession(season.connection, now=season.now) as session, session.begin():
        assert session.scalars(responsible_due(at(12, 31))).all() == []
        due = session.scalars(responsible_due(at(12, 31).replace(year=YEAR + 1))).all()
        assert len(due) == 1
        erase_responsible(session, due)
        assert session.scalars(responsible_due(at(12, 31).replace(year=YEAR + 1))).all() == []
    with season.as_office(CITY) as session:
        (entry,) = queries.entries(session, CITY, YEAR)
        assert (entry.name, entry.telephone, entry.post) == (ERASED, "", "测试局长")
