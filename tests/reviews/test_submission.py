"""Submitting: the window to the second, late entries, refusals, and the pinned values."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from core.applications import service as applications
from core.applications.forms import ApplicationDraft
from core.applications.models import Application, FindingRecord, Submission
from core.applications.queries import submission
from core.applications.rules.document import RuleDocument
from core.db.database import Databases
from core.db.session import SignInSession
from core.documents.storage import DocumentStore
from core.domain.workflow import State
from core.errors import Conflict, Forbidden, Invalid
from core.plugin_api import Finding, Grade, OfficeCode, Severity
from core.reviews import service as reviews
from core.reviews.decisions.items import each_item
from core.reviews.submission import judge_again
from core.sanctions.service import confirm_ban, take_over_ban
from core.seasons.service import let_in_late
from core.tenancy.offices import Offices
from tests.cases import CITY, COUNTY, OTHER_CITY, YEAR, Case, Season, answers, at, unfiled
from tests.sanctioned import disqualified

OPENS, CLOSES = at(3, 21, 0), at(4, 6, 0)
"""Registration in the invented province: 21 March to 5 April, 24:00. Source: 2024 notice §3(2)."""
TICK = timedelta(microseconds=1)
WAITS = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


def drafted(season: Season, office: OfficeCode = CITY, filled: dict[str, Any] | None = None) -> Case:
    """A draft that was written before anything opened."""
    season.now = at(3, 20)
    return season.draft(office, filled)


@pytest.mark.parametrize("moment", [OPENS, OPENS + TICK, at(4, 5, 23, 59, 59), CLOSES - TICK])
def test_what_is_received_inside_the_window_is_taken(season: Season, moment: datetime) -> None:
    case = drafted(season)
    season.now = moment
    assert season.submit(case) is State.UNIT_REVIEW
    assert season.look(case).submitted_at == moment


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (OPENS - TICK, "网上报名尚未开始，将于2024年3月21日 00:00开始"),
        (CLOSES, "网上报名已于2024年4月5日24:00截止"),
        (CLOSES + TICK, "网上报名已于2024年4月5日24:00截止"),
    ],
)
def test_what_is_received_outside_is_refused_with_the_date(season: Season, moment: datetime, words: str) -> None:
    case = drafted(season)
    season.now = moment
    with pytest.raises(Conflict) as refused:
        season.submit(case)
    assert refused.value.code == "outside_window"
    assert refused.value.detail.startswith(words)
    assert season.look(case).state == State.DRAFT


@pytest.mark.parametrize(
    ("grade", "opens", "closes"), [(Grade.FIVE, at(3, 21, 0), at(4, 2, 0)), (Grade.ONE, at(3, 27, 0), at(4, 6, 0))]
)
def test_a_city_may_open_another_window_for_one_grade(
    season: Season, grade: Grade, opens: datetime, closes: datetime
) -> None:
    case = drafted(season, OTHER_CITY, answers(grade))
    for outside in (opens - TICK, closes):
        season.now = outside
        with pytest.raises(Conflict, match="网上报名"):
            season.submit(case)
    season.now = closes - TICK
    assert season.submit(case) is State.UNIT_REVIEW


@pytest.mark.parametrize("day", [4, 5])
def test_submissions_of_the_last_two_days_are_reviewed_and_marked_late(season: Season, day: int) -> None:
    # The units' date, 3 April, lies before registration closes; both are the notice's own. Source: 2024 notice §3(2).
    case = drafted(season)
    season.now = at(4, day, 23)
    season.submit(case)
    season.now = at(4, 8)
    assert season.approve_at_unit(case) is State.QUALIFICATION_REVIEW
    assert season.approve_at_office(case) is State.QUALIFIED
    assert [(move.action, move.from_state, move.late) for move in season.story(case)] == [
        ("submit", "draft", False),
        ("approve", "unit_review", True),
        ("approve", "qualification_review", False),
    ]


@pytest.mark.parametrize(("moment", "late"), [(at(4, 4, 0) - TICK, False), (at(4, 4, 0), True)])
def test_the_units_due_date_ends_at_midnight(season: Season, moment: datetime, late: bool) -> None:
    case = drafted(season)
    season.now = at(4, 3, 8)
    season.submit(case)
    season.now = moment
    season.approve_at_unit(case)
    assert season.story(case)[-1].late is late


def test_no_due_date_lies_after_the_end_of_qualification_review(season: Season) -> None:
    case = season.at_office()
    assert season.look(case).due_at == at(4, 2, 0)
    season.now = at(4, 5, 20)
    late = season.submitted()
    season.now = at(4, 12)
    season.approve_at_unit(late)
    assert season.look(late).due_at == at(4, 16, 0)


def let_in(season: Season, case: Case, office: OfficeCode = CITY) -> None:
    assert case.person.person_id is not None
    with season.as_office(office) as session:
        let_in_late(
            session,
            year=YEAR,
            person_id=case.person.person_id,
            reason="住院期间未能申报",
            opens=at(4, 7, 8),
            closes=at(4, 9, 0),
        )


def test_who_is_let_in_late_may_submit_in_their_own_window_once(season: Season) -> None:
    case = drafted(season)
    season.now = at(4, 6, 9)
    let_in(season, case)
    for outside in (at(4, 7, 8) - TICK, at(4, 9, 0)):
        season.now = outside
        with pytest.raises(Conflict, match="网上报名已于"):
            season.submit(case)
    season.now = at(4, 9, 0) - TICK
    assert season.submit(case) is State.UNIT_REVIEW
    assert [move.late for move in season.story(case)] == [True]
    with season.as_person(case.person) as session:
        assert submission(session, case.id, 1).late_entry_id is not None
        applications.withdraw(session, case.id)
    again = season.draft(person=case.person)
    with pytest.raises(Conflict) as refused:
        season.submit(again)
    assert refused.value.code == "outside_window"


def test_a_returned_case_may_be_corrected_until_qualification_review_ends(season: Season) -> None:
    cases = [returned(season), returned(season)]
    season.now = at(4, 16, 0) - TICK
    assert season.submit(cases[0]) is State.UNIT_REVIEW
    season.now = at(4, 16, 0)
    with pytest.raises(Conflict) as refused:
        season.submit(cases[1])
    assert refused.value.code == "correction_over"
    assert "2024年4月15日24:00" in refused.value.detail


def returned(season: Season) -> Case:
    season.now = at(3, 25)
    case = season.submitted()
    items = [reviews.ItemVerdict("education", faulty=True, reason_code="unreadable")]
    with season.as_unit(case.unit) as session:
        reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请更正", items=each_item(session, case.id, but=items)
        )
    return case


@pytest.mark.parametrize("office", [CITY, OTHER_CITY])
def test_a_ban_holds_in_every_office(season: Season, office: OfficeCode) -> None:
    case = season.draft(office)
    assert case.person.person_id is not None
    with season.as_province() as session:
        begins = season.now.replace(year=2022)
        number = "测试处〔2022〕1号"
        ban = take_over_ban(session, person_id=case.person.person_id, reason="测试", instrument=number, begins=begins)
    with season.as_province("second") as session:
        confirm_ban(session, ban.id)
    season.now = season.now - TICK
    with pytest.raises(Forbidden) as refused:
        season.submit(case)
    assert refused.value.code == "banned"
    season.now = season.now + TICK
    assert season.submit(case) is State.UNIT_REVIEW


def test_a_second_application_of_the_year_is_refused_and_names_the_first(season: Season) -> None:
    first = season.submitted()
    second = season.draft(OTHER_CITY, person=first.person)
    with pytest.raises(Conflict) as refused:
        season.submit(second)
    assert refused.value.code == "second_application"
    assert f"{season.look(first).reference}（待单位审核）" in refused.value.detail
    with season.as_person(first.person) as session:
        applications.withdraw(session, first.id)
    assert season.submit(second) is State.UNIT_REVIEW


def test_there_is_no_second_try_after_being_disqualified(season: Season) -> None:
    first = season.at_office()
    disqualified(season, first)
    second = season.draft(person=first.person)
    with pytest.raises(Conflict, match="取消资格"):
        season.submit(second)


def test_of_two_submissions_at_once_one_lives_and_the_other_is_told(
    linshui_database: Databases, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path
) -> None:
    # The second passes the service's own look while the first has not committed; then the unique index lets it wait.
    engine = create_engine(linshui_database.app_url)
    with engine.connect() as one, engine.connect() as two, engine.connect() as watcher, ThreadPoolExecutor(1) as pool:
        quick, slow = (Season(each, *linshui_offices, DocumentStore(tmp_path)) for each in (one, two))
        first = quick.draft()
        second = quick.draft(person=first.person)
        one.begin()
        quick.submit(first)
        waiting = pool.submit(slow.submit, second)
        deadline = time.monotonic() + 30
        while not watcher.scalar(WAITS) and not waiting.done() and time.monotonic() < deadline:
            watcher.rollback()
        assert not waiting.done()
        one.commit()
        with pytest.raises(Conflict) as refused:
            waiting.result(30)
        assert refused.value.code == "second_application"
        assert (quick.look(first).state, quick.look(second).state) == ("unit_review", "draft")
    engine.dispose()


def test_an_incomplete_form_is_refused_field_by_field(season: Season) -> None:
    case = season.draft(filled=answers(education=None, declared_true=False))
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert refused.value.code == "form_incomplete"
    assert set(refused.value.fields) == {"education", "declared_true"}


def test_a_condition_that_is_not_met_refuses_with_its_source_and_nothing_is_kept(season: Season) -> None:
    case = season.draft(filled=answers(trade="LS-9"))
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert refused.value.code == "not_eligible"
    assert "依据：" in refused.value.detail
    with season.as_person(case.person) as session:
        assert session.scalars(select(Submission)).all() == []
        assert session.scalars(select(FindingRecord)).all() == []


def test_a_trade_of_no_list_is_refused_and_a_name_is_submitted_as_its_code(season: Season) -> None:
    case = season.draft(filled=answers(Grade.FOUR, current_trade="司机"))
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert (refused.value.code, set(refused.value.fields)) == ("trade_unknown", {"current_trade"})
    named = season.draft(filled=answers(Grade.FOUR, trade="保管工", current_trade="保管工"))
    assert season.submit(named) is State.UNIT_REVIEW
    seen = season.look(named)
    assert (seen.trade, seen.form["trade"], seen.form["current_trade"]) == ("LS-1", "LS-1", "LS-1")


def test_a_missing_paper_of_a_presumed_list_is_refused_by_name(season: Season) -> None:
    case = season.draft()
    with season.as_person(case.person) as session:
        session.execute(text("UPDATE documents SET superseded_at = :now WHERE material = 'photo'"), {"now": season.now})
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert (refused.value.code, set(refused.value.fields)) == ("paper_missing", {"photo"})
    assert season.look(case).state == State.DRAFT


def test_a_case_goes_to_the_county_that_took_review_over_and_to_the_city_elsewhere(season: Season) -> None:
    offices = {office: season.look(season.submitted(office)) for office in (CITY, COUNTY, OTHER_CITY)}
    stages = ("qualification_review", "onsite_confirmation")
    assert {office: (case.office_id, case.handler_office_id, case.desks) for office, case in offices.items()} == {
        CITY: (CITY, CITY, dict.fromkeys(stages, CITY)),
        COUNTY: (CITY, COUNTY, dict.fromkeys(stages, COUNTY)),
        OTHER_CITY: (OTHER_CITY, OTHER_CITY, dict.fromkeys(stages, OTHER_CITY)),
    }
    assert {office: case.onsite_needed for office, case in offices.items()} == {
        CITY: False,
        COUNTY: False,
        OTHER_CITY: True,
    }


def test_a_submission_is_pinned_to_its_form_rules_and_plugins(season: Season) -> None:
    case = season.submitted(COUNTY, unfiled())
    with season.as_person(case.person) as session:
        pinned = submission(session, case.id, 1)
    assert (pinned.rule_document, pinned.rule_version, pinned.received_at) == (
        season.rules.name,
        season.rules.version,
        season.now,
    )
    assert pinned.form == ApplicationDraft.model_validate(unfiled()).model_dump(mode="json", exclude_none=True)
    assert pinned.plugin_versions == {"plugins": list(season.offices.hooks(COUNTY).versions())}
    assert [requirement["code"] for requirement in pinned.requirements if requirement["deferrable"]] == [
        "annual_assessments"
    ]


@pytest.mark.parametrize("grade", [Grade.FIVE, Grade.FOUR, Grade.THREE, Grade.TWO])
def test_judged_again_a_case_has_the_same_findings(season: Season, grade: Grade) -> None:
    case = season.submitted(filled=answers(grade))
    with season.as_person(case.person) as session:
        again = judge_again(submission(session, case.id, 1), season.rules)
        kept = session.scalars(select(FindingRecord).order_by(FindingRecord.position)).all()
    assert [
        Finding(finding.rule, finding.source, Severity(finding.severity), finding.text, finding.missing)
        for finding in kept
    ] == list(again)
    assert kept


def test_each_round_is_kept_beside_the_one_before(season: Season) -> None:
    case = returned(season)
    season.save(case, answers(education=4))
    season.submit(case)
    with season.as_person(case.person) as session:
        rounds = session.scalars(select(Submission).order_by(Submission.round)).all()
    assert [(submission.round, submission.form["education"]) for submission in rounds] == [
        (1, ApplicationDraft.model_validate(answers()).model_dump(mode="json")["education"]),
        (2, 4),
    ]


def test_a_draft_says_nothing_to_who_has_not_signed_in(season: Season) -> None:
    season.draft()
    with season.signing_in() as session:
        assert isinstance(session, SignInSession)
        assert session.scalars(select(Application)).all() == []
