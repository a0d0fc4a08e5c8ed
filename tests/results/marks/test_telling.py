"""Candidates are told of their marks once, with the confirmation or with the list, and each period runs from there."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from core.errors import Conflict, NotFound
from core.messages.models import Notice
from core.results.awards import announcing, publication
from core.results.corrections.score_checks import Ground, ask_for_check
from core.results.corrections.service import Corrected, ask_for_correction, grant_correction
from core.results.marks.service import confirm_import, withdraw_import
from core.results.models.corrections import MarkCorrection
from core.results.models.marks import Mark, Outcome
from core.tenancy.config.results import ResultsTable
from tests.cases import CITY, YEAR, Case, at
from tests.db import refusals
from tests.results.conftest import Office
from tests.results.marks.test_absences import FULL, Held

WITH_LIST = ResultsTable(marks_told="published")
PASSED, FAILED = ("80", "70", "60"), ("50", "70", "60")


def _take_in(office: Office, rows: Sequence[Sequence[str]], rules: ResultsTable = WITH_LIST) -> UUID:
    made = office.propose(office.table(rows))
    with office.at_work("乙") as session:
        confirm_import(session, made.id, digest=made.digest, rules=rules)
    return made.id


def _told(office: Office, case: Case) -> list[tuple[str, str]]:
    with office.season.as_person(case.person) as session:
        wanted = select(Notice.title, Notice.body).order_by(Notice.created_at, Notice.id)
        kinds = Notice.kind.in_(("marks_known", "marks_withdrawn", "results_published", "mark_corrected"))
        return [(row.title, row.body) for row in session.execute(wanted.where(kinds))]


def _seen(office: Office, case: Case) -> list[Mark]:
    with office.season.as_person(case.person) as session:
        return list(session.scalars(select(Mark)))


def _check(office: Office, case: Case) -> UUID:
    with office.season.as_person(case.person) as session:
        reason = "与估分相差较大"
        return ask_for_check(session, case.id, "岗位技能", ground=Ground.OWN_RESULT, reason=reason, rules=WITH_LIST).id


def _publish(office: Office) -> None:
    awards = office.season.offices.config(CITY).awards
    with office.at_work("supervisor") as session:
        made = publication.draft_list(session, YEAR, grades=[5], awards=awards)  # type: ignore[list-item]
        publication.publish(session, made.id)


def test_the_message_of_the_confirmation_names_the_last_day_and_no_mark(office: Office) -> None:
    case = office.candidate()
    _take_in(office, [[office.reference(case), *PASSED]], ResultsTable())
    ((title, body),) = _told(office, case)
    assert title == "成绩已公布"
    assert "请在2024年10月23日24时前在该页申请复查" in body
    assert not {"80", "70", "60"} & set(body.replace("、", " ").split())
    assert {mark.told_at for mark in _seen(office, case)} == {at(10, 8)}


def test_marks_told_with_the_list_are_the_offices_alone_until_it_is_out(office: Office) -> None:
    winner, loser = office.candidate(), office.candidate()
    _take_in(office, [[office.reference(winner), *PASSED], [office.reference(loser), *FAILED]])
    office.work_out()
    assert _told(office, loser) == []
    assert _seen(office, loser) == []
    with office.season.as_unit(loser.unit) as unit:
        assert unit.scalars(select(Mark)).all() == []
    with pytest.raises(NotFound, match="还没有公布成绩"):
        _check(office, loser)
    office.season.now = at(11, 4)
    _publish(office)
    for case, words in ((winner, "您的考核结果为合格"), (loser, "您的考核结果已公布。")):
        ((title, body),) = _told(office, case)
        assert title == "考核结果已公布"
        assert body.startswith(words)
        assert "申请的期限，请登录后在“成绩”中查看" in body
        assert {mark.told_at for mark in _seen(office, case)} == {at(11, 4)}
    office.season.now = at(11, 19, 23, 59, 59)
    _check(office, loser)
    office.season.now = at(11, 20, 0)
    with pytest.raises(Conflict, match="期限已于2024年11月19日24时届满"):
        _check(office, winner)


def test_a_withdrawn_table_that_nobody_knew_is_told_to_nobody(office: Office) -> None:
    case = office.candidate()
    import_id = _take_in(office, [[office.reference(case), *PASSED]])
    with office.at_work("supervisor") as session:
        withdraw_import(session, import_id, reason="列错位")
    assert _told(office, case) == []


def test_a_correction_before_the_telling_opens_no_period_of_its_own(office: Office) -> None:
    case, other = office.candidate(), office.candidate()
    _take_in(office, [[office.reference(case), *FAILED], [office.reference(other), *PASSED]])
    with office.at_work() as session:
        asked = ask_for_correction(session, case.id, "岗位技能", Corrected(Decimal(55)), reason="漏计", evidence="记录")
        asked_id = asked.id
    with office.at_work("supervisor") as session:
        grant_correction(session, asked_id, offices=office.season.offices)
        assert session.get_one(MarkCorrection, asked_id).check_until is None
    assert _told(office, case) == []
    office.work_out()
    _publish(office)
    assert [title for title, _ in _told(office, case)] == ["考核结果已公布"]
    _check(office, case)


def test_those_who_failed_are_told_where_nobody_is_left_to_be_listed(office: Office) -> None:
    loser = office.candidate()
    _take_in(office, [[office.reference(loser), *FAILED]])
    office.work_out()
    with office.at_work("supervisor") as session:
        assert announcing.not_announced(session, YEAR) == 1
        assert announcing.announce_rest(session, YEAR) == 1
        assert announcing.not_announced(session, YEAR) == 0
        with pytest.raises(Conflict, match="没有未公布的考核结果"):
            announcing.announce_rest(session, YEAR)
    assert [title for title, _ in _told(office, loser)] == ["考核结果已公布"]
    assert len(_seen(office, loser)) == 3


def test_a_list_goes_before_the_results_of_those_who_failed(office: Office) -> None:
    winner, loser = office.candidate(), office.candidate()
    _take_in(office, [[office.reference(winner), *PASSED], [office.reference(loser), *FAILED]])
    office.work_out()
    with office.at_work("supervisor") as session, pytest.raises(Conflict, match="先公示合格人员名单"):
        announcing.announce_rest(session, YEAR)
    _publish(office)
    with office.at_work("supervisor") as session:
        assert announcing.not_announced(session, YEAR) == 0


def test_an_absence_by_the_list_is_told_once(office: Office) -> None:
    missed, came = office.candidate(), office.candidate()
    Held(office, [came], [missed])
    office.take_in([[office.reference(came), *FULL]])
    office.work_out()
    ((title, body),) = _told(office, missed)
    assert (title, "岗位技能、职业能力、职业道德的成绩已公布" in body) == ("成绩已公布", True)
    office.work_out()
    assert len(_told(office, missed)) == 1


def test_postgresql_lets_a_mark_be_told_once_and_with_the_outcome_alone(office: Office) -> None:
    case = office.candidate()
    _take_in(office, [[office.reference(case), *PASSED]])
    office.work_out()
    with office.at_work("supervisor") as session:
        assert refusals.refused(session, "UPDATE marks SET told_at = :at", at=session.now) == "KW022"
        session.execute(update(Outcome).values(published_at=session.now))
        more = "UPDATE marks SET told_at = :at, mark = 100"
        assert refusals.refused(session, more, at=session.now) == "KW022"
        session.execute(text("UPDATE marks SET told_at = :at"), {"at": session.now})
        assert refusals.refused(session, "UPDATE marks SET told_at = NULL") == "KW022"
