"""Three people in a case: who proposes, who decides and who carries out; and the way of an office that has fewer."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.db.session import Role
from core.errors import Conflict, Forbidden
from core.messages.models import Notice
from core.sanctions import cases, steps
from core.sanctions.cases import Measures
from core.sanctions.procedure import CaseAction
from core.sanctions.steps import allowed, barred, open_case
from tests import sanctioned
from tests.cases import CITY, PROVINCE, Season
from tests.results.awards.awarded import passed
from tests.sanctions.test_cases import decided

FINAL = timedelta(days=40)


@pytest.mark.parametrize("who", ["online", "supervisor"])
def test_who_proposed_and_who_decided_do_not_carry_it_out(season: Season, who: str) -> None:
    found = decided(season, passed(season))
    season.now += FINAL
    actor = replace(season.officer(CITY, who), role=Role.CITY_SUPERVISOR)
    with season.as_office(CITY, actor=actor) as session:
        assert "三个不同的人" in barred(session, open_case(session, found), CaseAction.CARRY_OUT)
        with pytest.raises(Forbidden, match="请省中心办理") as refused:
            cases.carry_out(session, found, offices=season.offices)
    assert refused.value.code == "second_person"
    with season.as_office(CITY, "second", actor=_second(season)) as session:
        assert barred(session, open_case(session, found), CaseAction.CARRY_OUT) == ""
        assert cases.carry_out(session, found, offices=season.offices).state == "final"


def test_the_database_asks_for_a_third_person(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    found = decided(season, passed(season))
    season.now += FINAL
    monkeypatch.setattr(steps, "_check_hands", lambda *_: None)
    deputy = replace(_second(season), on_behalf_of=season.officer(CITY, "supervisor").account_id)
    for actor in (season.officer(CITY, "supervisor"), deputy):
        with pytest.raises(DBAPIError) as refused, season.as_office(CITY, actor=actor) as session:
            cases.carry_out(session, found, offices=season.offices)
        assert refused.value.orig.sqlstate == "KW021"  # type: ignore[union-attr]


def test_an_office_without_a_third_person_hands_the_case_up(season: Season) -> None:
    found = decided(season, passed(season))
    with season.as_province() as session:
        before = _waits(session)
    with season.as_office(CITY, "supervisor") as session:
        assert CaseAction.HAND_UP in allowed(session, open_case(session, found))
        cases.hand_up(session, found, words="本市只有一名监管人员")
    with season.as_province() as session:
        assert _waits(session) == before + 1
        assert CaseAction.HAND_UP not in allowed(session, open_case(session, found))
        told = select(Notice.recipient_office_id).where(Notice.kind == "sanction_hand_up")
        assert session.scalars(told).all() == [PROVINCE]
    season.now += FINAL
    sanctioned.carried_out(season, found)
    with season.as_province() as session:
        assert _waits(session) == before


def test_nobody_stands_above_the_center(season: Season) -> None:
    case = season.at_office(PROVINCE)
    with season.as_office(PROVINCE) as session:
        found: UUID = cases.propose(session, case.id, facts="测试线索").id
    with season.as_province("second") as session:
        cases.hear(session, found, words="立案", offices=season.offices)
    with season.as_office(PROVINCE, "second") as session, pytest.raises(Conflict) as refused:
        cases.hand_up(session, found, words="人手不足")
    assert refused.value.code == "nobody_above"


def test_who_proposed_does_not_uphold_on_appeal(season: Season) -> None:
    case = passed(season)
    with season.as_province("second") as session:
        found = cases.propose(session, case.id, facts="测试线索").id
    sanctioned.heard(season, found)
    season.now += timedelta(days=10)
    sanctioned.decided(season, found, Measures())
    with season.as_person(case.person) as session:
        cases.appeal(session, found, words="不服")
    with season.as_province("second") as session, pytest.raises(Forbidden, match="提出线索、作出决定以外"):
        cases.uphold(session, found, words="维持", offices=season.offices)
    with season.as_province() as session:
        assert cases.uphold(session, found, words="维持", offices=season.offices).state == "final"


def _second(season: Season):  # type: ignore[no-untyped-def]
    return replace(season.officer(CITY, "second"), role=Role.CITY_SUPERVISOR)


def _waits(session) -> int:  # type: ignore[no-untyped-def]
    found = session.execute(text("SELECT coalesce(sum(n), 0) FROM center_waits() WHERE kind = 'sanction'"))
    return int(found.scalar_one())
