"""Correcting and withdrawing a list: what changes, what stays, what counts no more, and what the public reads of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from core.db.session import Actor, Role
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.results.awards import editions, list_queries, objections, publication, queries
from core.results.awards.objections import Remedy
from core.results.awards.standing import standing_of_pass
from core.results.models.awards import Certificate, Publication, PublicationEntry
from core.results.models.marks import Outcome
from core.sanctions.cases import Measures
from tests.cases import CITY, KEYS, OTHER_CITY, Season, at, new_id
from tests.results.awards.awarded import (
    CLOSING,
    certified,
    closed,
    corrected,
    drafted,
    issue,
    passed,
    published,
    revoked,
    sanctioned,
    struck,
    withdrawn,
)
from tests.results.awards.test_publication import object_to, the_objection


def test_a_corrected_list_says_which_rows_it_adds_removes_and_alters(season: Season) -> None:
    first, second, third = passed(season), passed(season), passed(season)
    listed = published(season)
    late = passed(season)
    struck(season, listed.id, 2)
    with season.connection.begin_nested():
        season.connection.exec_driver_sql(
            "UPDATE applications SET unit_name = '测试更名单位' WHERE id = %s", (third.id,)
        )
    made = corrected(season, listed.id, reason="漏列一人，单位名称有误")
    assert (made.state, made.edition, made.version, made.entry_count) == ("published", 2, 1, 3)
    assert made.changes == {"added": [3], "removed": [2], "altered": [{"position": 2, "fields": ["unit"]}]}
    assert list_queries.changes_in_words(made) == "增列1人（序号3），移出1人（原序号2），更正1行（序号2：单位）"
    with season.as_office(CITY, "supervisor") as session:
        former = session.get_one(Publication, listed.id)
        lines = {line.application_id: line.position for line in queries.lines(session, made.id)}
        known = list_queries.editions_of(session, made)
    assert lines == {first.id: 1, third.id: 2, late.id: 3}
    assert (former.state, former.ended_reason, former.ended_at) == ("corrected", made.edition_reason, season.now)
    assert [edition.digest for edition in known] == [listed.digest, made.digest]
    assert former.digest != made.digest
    told = {}
    for case in (first, second, third, late):
        with season.as_person(case.person) as session:
            kinds = session.scalars(select(Notice.body).where(Notice.kind == "publication_corrected")).all()
            told[case.id] = "".join(kinds)
    assert told[first.id] == told[second.id] == ""
    assert "信息已更正" in told[third.id]
    assert "已增列入名单" in told[late.id]


def test_the_working_days_begin_anew_as_the_province_says(season: Season) -> None:
    passed(season)
    listed = published(season)
    passed(season)
    season.now = at(10, 10)
    made = corrected(season, listed.id, correction_restarts=False)
    assert made.ends_at == CLOSING
    passed(season)
    season.now = at(10, 10)
    again = corrected(season, made.id)
    assert again.edition == 3
    assert again.ends_at == at(10, 17, 0)
    passed(season)
    season.now = at(10, 21)
    last = corrected(season, again.id, correction_restarts=False)
    assert last.ends_at is not None
    assert last.ends_at > season.now


def test_a_correction_that_the_officer_was_not_shown_is_not_made(season: Season) -> None:
    passed(season)
    listed = published(season)
    awards = season.offices.config(CITY).awards
    with season.as_office(CITY, "supervisor") as session:
        seen = editions.difference(session, session.get_one(Publication, listed.id)).digest
        with pytest.raises(Conflict, match="没有需要更正的内容"):
            editions.correct(session, listed.id, reason="无", seen=seen, awards=awards)
    passed(season)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="刚刚又有变化"):
        editions.correct(session, listed.id, reason="漏列", seen=seen, awards=awards)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Invalid, match="更正的原因"):
        editions.correct(session, listed.id, reason=" ", seen=seen, awards=awards)
    with season.as_office(OTHER_CITY, "supervisor") as session, pytest.raises(NotFound):
        editions.correct(session, listed.id, reason="漏列", seen=seen, awards=awards)
    made = corrected(season, listed.id)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="由后一版代替"):
        editions.correct(session, listed.id, reason="再更正", seen=seen, awards=awards)
    assert made.edition == 2


def test_objections_to_a_former_edition_are_answered_before_the_list_closes(season: Season) -> None:
    case, _ = passed(season), passed(season)
    listed = published(season)
    object_to(season, listed, position=1)
    passed(season)
    made = corrected(season, listed.id)
    with pytest.raises(Conflict, match="已经更正"):
        object_to(season, listed)
    raised = the_objection(season)
    season.now = CLOSING + timedelta(days=2)
    with season.as_office(CITY, "supervisor") as session:
        assert list_queries.places_of(session, made, [raised]) == {raised.id: 1}
        with pytest.raises(Conflict, match="还有1件异议未处理"):
            publication.close(session, made.id, notice_number="清河测试〔2024〕18号")
    season.now = at(10, 9)
    struck(season, made.id, 1, objection=raised.id)
    assert the_objection(season).state == "sustained"
    assert closed(season, made.id).state == "closed"
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(PublicationEntry, (made.id, case.id)).struck_reason == "履历不实"


def test_an_upheld_objection_to_the_whole_list_leads_to_its_correction_or_withdrawal(season: Season) -> None:
    passed(season)
    listed = published(season)
    object_to(season, listed, position=None)
    raised = the_objection(season).id
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Invalid, match="请选择更正名单或撤回名单"):
        objections.sustain(session, raised, reason="属实", keys=KEYS)
    season.now = at(10, 9)
    with season.as_office(CITY, "supervisor") as session:
        objections.sustain(session, raised, reason="漏列一人属实", keys=KEYS, remedy=Remedy.CORRECT)
    season.now = CLOSING
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="还没有更正或撤回名单"):
        publication.close(session, listed.id, notice_number="清河测试〔2024〕18号")
    passed(season)
    season.now = CLOSING
    made = corrected(season, listed.id)
    assert made.ends_at is not None
    season.now = made.ends_at
    with season.as_office(CITY, "supervisor") as session:
        assert publication.close(session, made.id, notice_number="清河测试〔2024〕18号").state == "closed"


def test_a_withdrawn_list_counts_for_nothing_and_its_people_are_listed_again(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    object_to(season, listed, position=None)
    withdrawn(season, listed.id)
    assert the_objection(season).state == "lapsed"
    with season.as_person(case.person) as session:
        told = session.scalars(select(Notice.body).where(Notice.kind == "publication_withdrawn")).one()
        assert "合格标准适用有误" in told
        found = standing_of_pass(session, session.get_one(Outcome, case.id))
        assert (found.label, found.why) == ("合格，名单已撤回，待重新公示", "合格标准适用有误")
    with pytest.raises(Conflict, match="已经撤回"):
        object_to(season, listed)
    season.now = CLOSING
    with pytest.raises(Conflict, match="名单已撤回"):
        closed(season, listed.id)
    with pytest.raises(Conflict, match="尚未公布"):
        issue(season, listed.id)
    season.now = at(10, 8)
    again = published(season)
    assert (again.version, again.entry_count) == (2, 1)
    assert issue(season, closed(season, again.id).id).count == 1


def test_a_closed_list_is_withdrawn_only_without_certificates(season: Season) -> None:
    passed(season)
    listed = closed(season)
    assert withdrawn(season, listed.id).closed_at == CLOSING
    again = published(season)
    assert again.ends_at is not None
    season.now = again.ends_at
    with season.as_office(CITY, "supervisor") as session:
        publication.close(session, again.id, notice_number="清河测试〔2024〕19号")
    issue(season, again.id)
    with pytest.raises(Conflict, match="已发证1本，不能撤回"):
        withdrawn(season, again.id)
    # Nor past the service.
    values = {"state": "withdrawn", "ended_at": season.now, "ended_by": new_id(), "ended_reason": "绕过"}
    with pytest.raises(DBAPIError, match="with certificates"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(Publication).where(Publication.id == again.id).values(**values))


def test_what_became_of_a_list_stays_public_as_long_as_the_province_says(season: Season) -> None:
    passed(season)
    listed = published(season, shown_days=30)
    with season.as_public() as session:
        assert list_queries.lists_shown(session) == []
    closed(season, listed.id)
    gone = at(11, 15, 0)
    season.now = gone - timedelta(minutes=1)
    with season.as_public() as session:
        assert [found.id for found in list_queries.lists_shown(session)] == [listed.id]
        assert len(queries.public_lines(session, list_queries.list_shown(session, listed.id))) == 1
    season.now = gone
    with season.as_public() as session:
        assert list_queries.lists_shown(session) == []
        with pytest.raises(NotFound, match="不再公开"):
            list_queries.list_shown(session, listed.id)


def test_a_former_edition_and_a_withdrawn_list_show_no_names(season: Season) -> None:
    passed(season)
    listed = published(season)
    passed(season)
    made = corrected(season, listed.id)
    with season.as_public() as session:
        former = list_queries.list_shown(session, listed.id)
        assert (former.state, list_queries.current_edition(session, former).id) == ("corrected", made.id)
        assert queries.public_lines(session, former) == []
        assert len(queries.public_lines(session, list_queries.list_shown(session, made.id))) == 2
    withdrawn(season, made.id)
    with season.as_public() as session:
        found = list_queries.list_shown(session, listed.id)
        assert list_queries.current_edition(session, found).state == "withdrawn"
        assert queries.public_lines(session, list_queries.current_edition(session, found)) == []


def test_a_draft_is_neither_corrected_nor_withdrawn(season: Season) -> None:
    passed(season)
    made = drafted(season)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Conflict, match="已列入拟公示名单"):
            editions.withdraw(session, made.id, reason="有误", keys=KEYS)
        with pytest.raises(Conflict, match="已列入拟公示名单"):
            editions.correct(session, made.id, reason="有误", seen="", awards=season.offices.config(CITY).awards)


def test_a_correction_leaves_out_who_lost_the_qualification(season: Season) -> None:
    passed(season)
    gone = passed(season)
    listed = published(season)
    sanctioned(season, gone, Measures(disqualifies=True, revokes=True, ban_years=0))
    made = corrected(season, listed.id, reason="一人取消资格")
    assert made.changes == {"added": [], "removed": [2], "altered": []}


def test_nobody_but_a_supervisor_ends_a_list(season: Season) -> None:
    passed(season)
    listed = published(season)
    with season.as_office(CITY) as session, pytest.raises(NotFound):
        editions.withdraw(session, listed.id, reason="有误", keys=KEYS)
    examiner = Actor(new_id(), "测试考评员", Role.EXAMINER, office_id=CITY)
    with season.as_office(CITY, actor=examiner) as session, pytest.raises(NotFound):
        editions.withdraw(session, listed.id, reason="有误", keys=KEYS)


def test_whoever_had_a_certificate_revoked_no_longer_reads_as_passed(season: Season) -> None:
    case, made = certified(season)
    with season.as_person(case.person) as session:
        assert standing_of_pass(session, session.get_one(Outcome, case.id)).label == "合格"
    revoked(season, case)
    with season.as_person(case.person) as session:
        found = standing_of_pass(session, session.get_one(Outcome, case.id))
        assert (found.label, found.tone) == ("证书已撤销", "stopped")
        assert session.get_one(Certificate, made.id).revoked_at == found.since
