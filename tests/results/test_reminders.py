"""The office is told some working days before it owes an answer, once, and not of what it has answered."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core.messages.models import Notice
from core.results.awards import list_queries, objections
from core.results.awards.objections import Objector
from core.results.corrections import score_checks
from core.results.corrections.score_checks import Ground
from core.results.reminders import remind_of_answers
from core.tenancy.config.results import ResultsTable
from tests.cases import CITY, KEYS, OTHER_CITY, YEAR, Season, at
from tests.results.awards.awarded import passed, proposed, published
from tests.results.conftest import Office


def reminded(season: Season, *moments: datetime) -> list[tuple[str, str | None, str]]:
    """Kind, office and text of every reminder that these rounds of the worker have left."""
    for season.now in moments:
        for code in (CITY, OTHER_CITY):
            with season.as_system(code) as session:
                remind_of_answers(session, year=YEAR, offices=season.offices)
    with season.as_system(CITY) as session:
        wanted = select(Notice).where(Notice.kind.startswith("reminder.")).order_by(Notice.id)
        return [(row.kind, row.recipient_office_id, row.body) for row in session.scalars(wanted)]


def test_a_score_check_is_told_two_working_days_before_its_answer_is_due(office: Office) -> None:
    case, season = office.candidate(), office.season
    office.take_in([[office.reference(case), "59", "70", "60"]])
    with season.as_person(case.person) as session:
        asked = score_checks.ask_for_check(
            session, case.id, "岗位技能", ground=Ground.OWN_RESULT, reason="请核对", rules=ResultsTable()
        )
    # Asked on Tuesday the 8th; Saturday the 12th is worked, so that the seventh working day is the 16th.
    assert asked.due_at == at(10, 17, 0)
    assert reminded(season, at(10, 13), at(10, 13, 23)) == []
    text = f"{office.reference(case)}申请复查岗位技能，尚未答复，须于2024年10月16日前答复本人和单位。"
    assert reminded(season, at(10, 14, 8), at(10, 14, 9), at(10, 16, 20)) == [("reminder.score_check", CITY, text)]


def test_an_answered_or_overdue_check_is_not_reminded_of(office: Office) -> None:
    answered, late = office.candidate(), office.candidate()
    season = office.season
    office.take_in([[office.reference(case), "59", "70", "60"] for case in (answered, late)])
    for case in (answered, late):
        with season.as_person(case.person) as session:
            made = score_checks.ask_for_check(
                session, case.id, "岗位技能", ground=Ground.OWN_RESULT, reason="请核对", rules=ResultsTable()
            )
        if case is answered:
            with office.at_work() as session:
                score_checks.dismiss_check(session, made.id, answer="无误")
    assert reminded(season, at(10, 17, 0), at(10, 18)) == []
    assert len(reminded(season, at(10, 16))) == 1


def test_an_objection_is_told_before_the_list_closes(season: Season) -> None:
    passed(season)
    listed = published(season)
    with season.as_public() as session:
        receipt = objections.object_to(
            session, listed.id, grounds="不在岗", objector=Objector("测试来信人", "19900000000"), keys=KEYS, position=1
        )
    assert listed.ends_at == at(10, 15, 0)
    assert reminded(season, at(10, 10)) == []
    [(kind, office, body)] = reminded(season, at(10, 11), at(10, 14))
    assert (kind, office) == ("reminder.objection", CITY)
    assert f"编号{receipt}" in body
    assert "2024年10月14日期满" in body
    assert "19900000000" not in body


def test_a_decided_objection_is_not_told(season: Season) -> None:
    passed(season)
    listed = published(season)
    with season.as_public() as session:
        objector = Objector("测试来信人", "19900000000")
        objections.object_to(session, listed.id, grounds="不在岗", objector=objector, keys=KEYS, position=1)
    with season.as_office(CITY, "supervisor") as session:
        [found] = list_queries.objections_of(session, listed)
        objections.dismiss(session, found.id, reason="查无此事", keys=KEYS)
    assert reminded(season, at(10, 14)) == []


def test_the_office_is_told_once_the_time_to_speak_is_over(season: Season) -> None:
    passed(season)
    made = proposed(season, published(season).id)
    assert made.heard_until is not None
    assert reminded(season, made.heard_until - timedelta(minutes=1)) == []
    [(kind, office, _)] = reminded(season, made.heard_until, made.heard_until + timedelta(days=1))
    assert (kind, office) == ("reminder.striking", CITY)
