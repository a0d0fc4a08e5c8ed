"""Before a hearing or the time for an appeal ends, person and office are reminded of their next step."""

from datetime import datetime

from sqlalchemy import select

from core.messages.models import Notice
from core.sanctions import cases
from core.sanctions.reminders import remind_of_sanctions
from tests.cases import CITY, YEAR, Season, at
from tests.results.awards.awarded import passed
from tests.sanctions.test_cases import decided, heard, look


def reminded(season: Season, *moments: datetime) -> list[tuple[str, str, str]]:
    """Kind, recipient and title of every reminder after these rounds of the worker."""
    for season.now in moments:
        with season.as_system(CITY) as session:
            remind_of_sanctions(session, year=YEAR, offices=season.offices)
    with season.as_system(CITY) as session:
        wanted = select(Notice).where(Notice.kind.startswith("reminder.")).order_by(Notice.id)
        return [
            (row.kind, row.recipient_office_id or ("person" if row.person_id else "unit"), row.title)
            for row in session.scalars(wanted)
        ]


def test_person_and_office_are_told_two_working_days_before_a_hearing_ends(season: Season) -> None:
    case_id = heard(season, passed(season))
    assert look(season, case_id).hearing_until == at(10, 15, 0)
    assert reminded(season, at(10, 10)) == []
    assert reminded(season, at(10, 11), at(10, 11, 15), at(10, 14), at(10, 15)) == [
        ("reminder.hearing", CITY, "陈述申辩期限即将届满"),
        ("reminder.hearing", "person", "您有一份文书的办理期限即将届满"),
    ]


def test_a_person_who_has_spoken_is_not_reminded_but_the_office_is(season: Season) -> None:
    case = passed(season)
    case_id = heard(season, case)
    with season.as_person(case.person) as session:
        cases.state(session, case_id, words="材料属实")
    assert reminded(season, at(10, 14)) == [("reminder.hearing", CITY, "陈述申辩期限即将届满")]


def test_the_person_is_reminded_once_before_the_time_for_an_appeal_ends(season: Season) -> None:
    case = passed(season)
    case_id = decided(season, case)
    until = look(season, case_id).appeal_until
    assert until == at(11, 9, 0)
    told = [
        ("reminder.appeal", CITY, "申诉期限即将届满"),
        ("reminder.appeal", "person", "您有一份文书的办理期限即将届满"),
    ]
    assert reminded(season, at(11, 5)) == []
    assert reminded(season, at(11, 6), at(11, 8), until) == told
    with season.as_province() as session:
        cases.carry_out(session, case_id, offices=season.offices)
    assert reminded(season, at(11, 11)) == told
