"""The table of a unit's people against the dates of the season: who owes the next step, and until when."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from core.domain.workflow import State
from core.errors import Invalid
from core.messages.models import Notice, OutboxMessage
from core.plugin_api import Grade
from core.reviews.owed import reminders, table
from core.reviews.owed.reminders import Sent
from core.reviews.owed.table import Asked, Debtor, Order
from core.reviews.owed.wording import left, step
from tests.cases import CITY, YEAR, Case, Season, answers, at


def listed(season: Season, case: Case, asked: Asked) -> list[str]:
    with season.as_unit(case.unit) as session:
        return [row.person_name for row in table.people_owing(session, YEAR, asked).rows]


def owed(season: Season, case: Case) -> tuple[str, datetime | None]:
    with season.as_unit(case.unit) as session:
        (row,) = table.rows_of(session, YEAR, Asked(), [case.id])
        return row.owes, row.until


def test_the_next_step_has_a_debtor_and_the_date_of_the_season(season: Season) -> None:
    case = season.draft(department=True)
    assert owed(season, case) == (Debtor.PERSON, at(4, 6, 0))
    season.submit(case)
    who, until = owed(season, case)
    assert until is not None
    assert (who, until <= at(4, 4, 0)) == (Debtor.UNIT, True)
    season.approve_at_unit(case)
    assert owed(season, case)[0] == Debtor.DEPARTMENT


def test_a_unit_that_reviews_late_is_past_the_third_of_april_and_not_of_its_working_days(season: Season) -> None:
    season.now = at(4, 3)
    case = season.submitted()
    assert owed(season, case) == (Debtor.UNIT, at(4, 4, 0))
    season.now = at(4, 4)
    with season.as_unit(case.unit) as session:
        assert table.counts(session, YEAR) == ({Debtor.UNIT: 1}, 1)
    assert len(listed(season, case, Asked(overdue=True))) == 1
    assert listed(season, case, Asked(owes=Debtor.PERSON)) == []


def test_the_dates_of_the_season_say_how_many_are_not_past_them(season: Season) -> None:
    case = season.submitted()
    season.draft(unit=case.unit)
    with season.as_unit(case.unit) as session:
        found = [(date.closes, date.left, date.differs) for date in table.season_dates(session, YEAR)]
    assert found == [(at(4, 4, 0), 2, False), (at(4, 6, 0), 1, False), (at(4, 16, 0), 2, False)]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("falling", [False, True])
def test_each_column_sorts_and_its_pages_hold_everybody_once(season: Season, order: Order, *, falling: bool) -> None:
    case = season.draft()
    for grade in (Grade.FOUR, Grade.THREE):
        season.draft(unit=case.unit, filled=answers(grade))
    asked, after, pages = Asked(order=order, falling=falling), None, []
    with season.as_unit(case.unit) as session:
        whole = [row.id for row in table.people_owing(session, YEAR, asked).rows]
        for _ in range(3):
            page = table.people_owing(session, YEAR, asked, after=after, size=1)
            pages += [row.id for row in page.rows]
            after = page.after
        ranks = [row.grade for row in table.people_owing(session, YEAR, asked).rows]
    assert (pages, after, len(set(whole))) == (whole, None, 3)
    assert order is not Order.GRADE or ranks == sorted(ranks, reverse=falling)


@pytest.mark.parametrize("key", ["", "x", "WzEsIjAwIl0=", "WyIyMDI0IiwgIjAwIl0="])
def test_a_key_that_no_page_gave_is_refused(season: Season, key: str) -> None:
    case = season.draft()
    for order in (Order.UNTIL, Order.GRADE):
        with season.as_unit(case.unit) as session, pytest.raises(Invalid):
            table.people_owing(session, YEAR, Asked(order=order), after=key)


def test_people_without_a_number_are_found(season: Season) -> None:
    case = season.draft()
    with season.as_unit(case.unit) as session:
        rows = table.rows_of(session, YEAR, Asked(unreachable=True))
        assert table.without_number(session, rows) == {case.person.person_id}


@pytest.mark.parametrize(
    ("now", "said"),
    [(at(4, 2), "还有1天"), (at(4, 3), "今天截止"), (at(4, 4, 0), "已过1天"), (at(4, 6, 12), "已过3天")],
)
def test_days_are_counted_to_the_last_day(now: datetime, said: str) -> None:
    assert left(at(4, 4, 0), now) == said


def test_a_step_names_what_is_lacking() -> None:
    assert step(State.DRAFT, applying=True, lacking="本人提交") == "核对后提交"
    assert step(State.DRAFT, applying=True, lacking="学历") == "填好后提交（还缺学历）"
    assert step(State.RETURNED, applying=True, lacking="照片") == "改正后重新提交（照片）"
    assert step(State.ONSITE_CONFIRMATION, applying=True, lacking="") == "集中报送现场确认的材料"
    assert step(State.QUALIFIED, applying=False, lacking="") == "—"


def remind(season: Season, unit_id: UUID, *below: UUID, ids: list[UUID] | None = None) -> Sent:
    with season.as_unit(unit_id, *below) as session:
        return reminders.remind(session, YEAR, reminders.planned(session, YEAR, {}, ids))


def told(season: Season) -> list[tuple[str, str]]:
    with season.as_system(CITY) as session:
        wanted = select(Notice).where(Notice.kind == reminders.KIND).order_by(Notice.id)
        return [("person" if row.person_id else "unit", row.body) for row in session.scalars(wanted)]


def test_a_person_is_reminded_once_a_day_and_told_what_and_until_when(season: Season) -> None:
    case = season.draft()
    assert remind(season, case.unit) == Sent(1, 0, 0)
    assert remind(season, case.unit) == Sent(0, 0, 1)
    ((who, body),) = told(season)
    assert who == "person"
    assert "核对后提交" in body
    assert "请于2024年4月5日前办理" in body
    season.now = at(3, 26)
    assert remind(season, case.unit, ids=[case.id]) == Sent(1, 0, 0)
    with season.as_unit(case.unit) as session:
        assert reminders.last_reminders(session, [case.id]) == {case.id: at(3, 26)}
    with season.as_system(CITY) as session:
        sent = session.scalars(select(OutboxMessage.person_id).where(OutboxMessage.kind == reminders.KIND)).all()
    assert sent == [case.person.person_id] * 2


def test_unit_and_department_together_remind_a_person_once(season: Season) -> None:
    case = season.draft(department=True)
    assert case.department is not None
    assert remind(season, case.department, case.unit) == Sent(1, 0, 0)
    assert remind(season, case.unit) == Sent(0, 0, 1)
    assert len(told(season)) == 1


def test_a_department_reminds_its_unit_once_for_all_its_cases(season: Season) -> None:
    case = season.submitted(department=True)
    season.submit(season.draft(unit=case.unit))
    assert case.department is not None
    with season.as_unit(case.unit) as session, pytest.raises(Invalid):
        reminders.remind(session, YEAR, reminders.planned(session, YEAR, {}))
    assert remind(season, case.department, case.unit) == Sent(0, 1, 0)
    assert remind(season, case.department, case.unit) == Sent(0, 0, 1)
    ((who, body),) = told(season)
    assert who == "unit"
    assert "2份申报" in body


def test_nobody_is_sent_to_a_registration_that_has_closed(season: Season) -> None:
    case = season.draft()
    season.now = at(4, 6, 1)
    with season.as_unit(case.unit) as session:
        assert reminders.planned(session, YEAR, {}) == []
        with pytest.raises(Invalid):
            reminders.remind(session, YEAR, [])


def test_another_unit_reads_no_reminder_and_writes_none(season: Season) -> None:
    case, other = season.draft(), season.draft()
    remind(season, case.unit)
    with season.as_unit(other.unit) as session:
        assert reminders.last_reminders(session, [case.id]) == {}
        assert reminders.planned(session, YEAR, {}, [case.id]) == []
