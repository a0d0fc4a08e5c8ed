"""Striking somebody off a list: proposed, heard, decided by a second officer, taken back on its day, restored later."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice, OutboxMessage
from core.results.awards import objections, publication, striking
from core.results.awards.standing import standing_of_pass, strikings_about
from core.results.models.awards import Objection, PublicationEntry, Striking
from core.results.models.marks import Outcome
from tests.cases import CITY, KEYS, OTHER_CITY, Case, Season, at
from tests.results.awards.awarded import closed, corrected, issue, passed, proposed, published, struck, withdrawn
from tests.results.awards.test_publication import SOMEBODY, object_to, the_objection
from tests.sanctioned import disqualified

HEARD = at(10, 12, 0)
"""The end of three working days from Tuesday the 8th."""


def label(season: Season, case: Case) -> str:
    with season.as_person(case.person) as session:
        return standing_of_pass(session, session.get_one(Outcome, case.id)).label


def test_the_person_is_told_and_heard_before_a_second_officer_decides(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    made = proposed(season, listed.id, reason="履历与单位记录不符")
    assert made.heard_until == HEARD
    with season.as_person(case.person) as session:
        told = session.scalars(select(Notice.body).where(Notice.kind == "striking_proposed")).one()
        assert "2024年10月11日前" in told
        assert "履历" not in told
        assert strikings_about(session, case.id)[0].reason == "履历与单位记录不符"
        striking.state(session, made.id, words="单位记录有误")
        striking.state(session, made.id, words="已请单位更正")
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(Striking, made.id).statement == "单位记录有误\n\n已请单位更正"
        with pytest.raises(Conflict, match="期满以前不能决定取消"):
            striking.strike(session, made.id, remark="属实", keys=KEYS)
    season.now = HEARD
    with season.as_person(case.person) as session, pytest.raises(Conflict, match="期限已于"):
        striking.state(session, made.id, words="迟到的意见")
    with season.as_office(CITY) as session, pytest.raises(Forbidden, match="提出人以外"):
        striking.strike(session, made.id, remark="属实", keys=KEYS)
    assert label(season, case) == "合格，公示中"
    with season.as_office(CITY, "supervisor") as session:
        striking.strike(session, made.id, remark="属实", keys=KEYS)
    assert label(season, case) == "已取消公示资格"


def test_the_database_hears_the_person_and_wants_two_officers(season: Season) -> None:
    case = passed(season)
    made = proposed(season, published(season).id)
    granted = update(Striking).where(Striking.id == made.id).values(state="granted", remark="绕过")
    me = season.officer(CITY, "supervisor").account_id
    with pytest.raises(DBAPIError, match="could be heard"), season.as_office(CITY, "supervisor") as session:
        session.execute(granted.values(decided_at=season.now, decided_by=me, decided_by_name="测试"))
    with pytest.raises(DBAPIError, match="states their case"), season.as_person(case.person) as session:
        session.execute(update(Striking).where(Striking.id == made.id).values(remark="改写", stated_at=season.now))
    with pytest.raises(DBAPIError, match="states their case"), season.as_person(case.person) as session:
        session.execute(granted.values(decided_at=season.now, decided_by=session.actor.account_id))


def test_a_list_is_not_closed_while_somebody_waits_for_a_decision(season: Season) -> None:
    passed(season)
    listed = published(season)
    made = proposed(season, listed.id)
    with pytest.raises(Conflict, match="还有1人的取消公示资格尚未决定"):
        closed(season, listed.id)
    with season.as_office(CITY, "supervisor") as session:
        striking.refuse(session, made.id, remark="查无实据", keys=KEYS)
    assert closed(season, listed.id).state == "closed"


def test_the_decider_takes_a_striking_back_on_its_day(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    object_to(season, listed)
    raised = the_objection(season).id
    made = struck(season, listed.id, objection=raised)
    assert the_objection(season).state == "sustained"
    with season.as_office(CITY, "second") as session, pytest.raises(Forbidden, match="只有作出决定的人"):
        striking.undo(session, made.id, keys=KEYS)
    season.now = HEARD + timedelta(hours=23, minutes=59)
    with season.as_office(CITY, "supervisor") as session:
        assert striking.may_be_undone(session, session.get_one(Striking, made.id))
        striking.undo(session, made.id, keys=KEYS)
    assert label(season, case) == "合格，公示中"
    assert the_objection(season).state == "open"
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(Striking, made.id).state == "proposed"
        striking.strike(session, made.id, remark="属实", keys=KEYS)
    assert the_objection(season).state == "sustained"
    season.now += timedelta(days=1)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="当日24时前"):
        striking.undo(session, made.id, keys=KEYS)
    with season.as_operator() as session:
        told = select(func.count()).where(OutboxMessage.kind == "objection_answered")
        assert session.scalar(told) == 3


def test_somebody_who_was_struck_asks_to_come_back_and_stands_on_the_list_again(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    struck(season, listed.id)
    with season.as_person(case.person) as session:
        asked = striking.ask_back(session, case.id, reason="单位已更正记录").id
        with pytest.raises(Conflict, match="等待决定"):
            striking.ask_back(session, case.id, reason="再申请")
    with season.as_office(CITY, "supervisor") as session:
        striking.restore(session, asked, remark="记录已更正")
    assert label(season, case) == "合格，公示中"
    assert issue(season, closed(season, listed.id).id).count == 1


def test_somebody_restored_after_the_list_joins_the_next_one(season: Season) -> None:
    case, _ = passed(season), passed(season)
    listed = published(season)
    struck(season, listed.id)
    closed(season, listed.id)
    with season.as_office(CITY, "supervisor") as session:
        assert not publication.waits_for_list(session, listed.year)
    with season.as_office(CITY) as session:
        asked = striking.propose_back(session, listed.id, 1, reason="新证据").id
    with season.as_office(CITY) as session, pytest.raises(Forbidden, match="提出人以外"):
        striking.restore(session, asked, remark="属实")
    with season.as_office(CITY, "supervisor") as session:
        striking.restore(session, asked, remark="属实")
        assert publication.waits_for_list(session, listed.year)
    again = published(season)
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(PublicationEntry, (again.id, case.id)).position == 1
        with pytest.raises(Conflict, match="没有被取消公示资格"):
            striking.propose_back(session, listed.id, 1, reason="再来")


def test_a_striking_of_a_former_edition_is_decided_on_the_present_one(season: Season) -> None:
    case, _ = passed(season), passed(season)
    listed = published(season)
    made = proposed(season, listed.id)
    passed(season)
    again = corrected(season, listed.id)
    season.now = HEARD
    with season.as_office(CITY, "supervisor") as session:
        striking.strike(session, made.id, remark="属实", keys=KEYS)
        assert session.get_one(PublicationEntry, (again.id, case.id)).struck_at == HEARD
        assert session.get_one(PublicationEntry, (listed.id, case.id)).struck_at is None


def test_a_withdrawn_list_ends_what_was_proposed_about_its_people(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    made = proposed(season, listed.id)
    withdrawn(season, listed.id)
    with season.as_person(case.person) as session:
        found = session.get_one(Striking, made.id)
        assert (found.state, found.remark) == ("lapsed", "名单已撤回：合格标准适用有误")
    season.now = HEARD
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="已经决定"):
        striking.strike(session, made.id, remark="属实", keys=KEYS)
    with season.as_office(CITY) as session, pytest.raises(Conflict, match="不在公示中"):
        striking.propose(session, listed.id, 1, reason="有误", awards=season.offices.config(CITY).awards)


def test_one_proposal_at_a_time_and_only_about_the_person_of_the_objection(season: Season) -> None:
    passed(season), passed(season)
    listed = published(season)
    object_to(season, listed, position=2)
    raised = the_objection(season).id
    with pytest.raises(Invalid, match="不是针对该人员"):
        proposed(season, listed.id, 1, objection=raised)
    made = proposed(season, listed.id, 2, objection=raised)
    with pytest.raises(Conflict, match="等待决定"):
        proposed(season, listed.id, 2)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Conflict, match="须由第二人决定"):
            objections.dismiss(session, raised, reason="查无", keys=KEYS)
        with pytest.raises(Conflict, match="仍在名单中"):
            objections.sustain(session, raised, reason="属实", keys=KEYS)
        striking.refuse(session, made.id, remark="查无实据", keys=KEYS)
    assert (the_objection(season).state, the_objection(season).reason) == ("dismissed", "查无实据")


def test_a_second_objection_to_somebody_who_was_struck_is_upheld_in_writing(season: Season) -> None:
    passed(season)
    listed = published(season)
    object_to(season, listed)
    struck(season, listed.id)
    raised = the_objection(season).id
    with season.as_office(CITY, "supervisor") as session:
        assert objections.sustain(session, raised, reason="已取消公示资格", keys=KEYS).remedy == ""


def test_only_its_office_and_the_person_read_a_proposal(season: Season) -> None:
    case, other = passed(season), passed(season)
    made = proposed(season, published(season).id)
    for look in (
        season.as_public(),
        season.as_person(other.person),
        season.as_unit(case.unit),
        season.as_office(OTHER_CITY, "supervisor"),
    ):
        with look as session:
            assert session.get(Striking, made.id) is None
    with season.as_person(other.person) as session, pytest.raises(NotFound):
        striking.state(session, made.id, words="不是我的")


def test_an_objector_asks_for_the_answer_by_receipt_and_mobile(season: Season) -> None:
    passed(season)
    listed = published(season)
    receipt = object_to(season, listed)
    with season.as_public() as session:
        found = objections.asked(session, receipt=f" {receipt.lower()} ", mobile=SOMEBODY.mobile, keys=KEYS)
        assert found is not None
        assert (found.receipt, found.state, found.position, found.examined) == (receipt, "open", 1, False)
        assert objections.asked(session, receipt=receipt, mobile="13900000000", keys=KEYS) is None
        assert objections.asked(session, receipt="AAAAAAAAAA", mobile=SOMEBODY.mobile, keys=KEYS) is None
        assert session.scalars(select(Objection.id)).all() == []
    made = proposed(season, listed.id, objection=the_objection(season).id)
    with season.as_public() as session:
        found = objections.asked(session, receipt=receipt, mobile=SOMEBODY.mobile, keys=KEYS)
        assert found is not None
        assert found.examined
    season.now = HEARD
    with season.as_office(CITY, "supervisor") as session:
        striking.strike(session, made.id, remark="经核查属实", keys=KEYS)
    with season.as_public() as session:
        found = objections.asked(session, receipt=receipt, mobile=SOMEBODY.mobile, keys=KEYS)
        assert found is not None
        assert (found.state, found.reason, found.decided_at) == ("sustained", "经核查属实", HEARD)


def test_nobody_comes_back_without_the_pass(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    struck(season, listed.id)
    with season.as_office(CITY) as session:
        asked = striking.propose_back(session, listed.id, 1, reason="新证据").id
    disqualified(season, case)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Conflict, match="不能恢复"):
            striking.restore(session, asked, remark="属实")
        assert striking.refuse(session, asked, remark="已取消资格", keys=KEYS).state == "refused"
