"""The orders and filters of the desk's queue: pages in each order, and a case among those of its list."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text, update

from core.applications.models import Application
from core.clock import last_day
from core.errors import Invalid
from core.organizations.models import Unit
from core.reviews import claims, service
from core.reviews.lists.orders import Order
from core.reviews.queue import Asked, Claimed, Found, Papers, neighbours, next_case, queue
from tests.cases import CITY, OTHER_CITY, YEAR, Case, Season, uncertain

BOTH_WAYS = [(order, falling) for order in Order for falling in (False, True)]
SIX = (
    {"initials": "csj", "grade": 4, "trade": "LS-1", "unit_name": "测试乙单位", "round": 1},
    {"initials": "csa", "grade": 5, "trade": "LS-2", "unit_name": "测试甲单位", "round": 2},
    {"initials": "csj", "grade": 3, "trade": "LS-1", "unit_name": "测试甲单位", "round": 1},
    {"initials": "csb", "grade": 4, "trade": "LS-3", "unit_name": "测试丙单位", "round": 3},
    {"initials": "zz", "grade": 4, "trade": "LS-1", "unit_name": "测试甲单位", "round": 1, "due_at": None},
    {"initials": "aa", "grade": 5, "trade": "LS-2", "unit_name": "测试乙单位", "round": 1, "due_at": None},
)


class Statement(str):
    """A statement as it is sent, and the values for its parameters."""

    given: Any


@contextmanager
def statements(season: Season) -> Iterator[list[Statement]]:
    """The statements that the block sends."""
    made: list[Statement] = []

    def listen(*given: Any) -> None:
        made.append(Statement(given[2]))
        made[-1].given = given[3]

    event.listen(season.connection, "before_cursor_execute", listen)
    yield made
    event.remove(season.connection, "before_cursor_execute", listen)


def listed(season: Season, asked: Asked, *, size: int = 50) -> list[UUID]:
    """The cases of a queue, page after page."""
    found: list[UUID] = []
    with season.as_office(CITY) as session:
        after: str | None = None
        while True:
            page = queue(session, YEAR, asked, after=after, size=size)
            found += [row.id for row in page.rows]
            if (after := page.after) is None:
                return found


def change(season: Season, case: Case, **values: object) -> None:
    with season.as_office(CITY) as session:
        session.execute(update(Application).where(Application.id == case.id).values(**values))


@pytest.fixture
def six(season: Season) -> Sequence[Case]:
    """Six cases with values of their own, two of them without a date."""
    cases = [season.at_office() for _ in SIX]
    for case, values in zip(cases, SIX, strict=True):
        change(season, case, **values)
    return cases


def test_each_order_goes_through_all_cases_page_after_page(season: Season, six: Sequence[Case]) -> None:
    for order, falling in BOTH_WAYS:
        asked = Asked(order=order, falling=falling)
        whole = listed(season, asked)
        assert listed(season, asked, size=1) == listed(season, asked, size=4) == whole, order
        assert sorted(whole) == sorted(case.id for case in six), order
        assert whole == listed(season, Asked(order=order, falling=not falling))[::-1], order
    with season.as_office(CITY) as session:
        grades = [row.grade for row in queue(session, YEAR, Asked(order=Order.GRADE)).rows]
        names = [row.sorted_by for row in queue(session, YEAR, Asked(order=Order.NAME, falling=True)).rows]
        dues = [row.due_at for row in queue(session, YEAR, Asked()).rows]
    assert grades == [3, 4, 4, 4, 5, 5]
    assert names == ["zz", "csj", "csj", "csb", "csa", "aa"]
    assert dues[-2:] == [None, None]


@pytest.mark.usefixtures("six")
def test_the_key_of_one_order_is_refused_by_another(season: Season) -> None:
    with season.as_office(CITY) as session:
        keys = {order: queue(session, YEAR, Asked(order=order), size=1).after for order in Order}
        for order in Order:
            for other, key in keys.items():
                if other is not order:
                    with pytest.raises(Invalid, match="回到第一页"):
                        queue(session, YEAR, Asked(order=order), after=key)


def test_a_case_knows_its_place_in_the_list_it_was_opened_from(season: Season, six: Sequence[Case]) -> None:
    for order, falling in BOTH_WAYS:
        asked = Asked(order=order, falling=falling)
        whole = listed(season, asked)
        for place, case_id in enumerate(whole):
            with season.as_office(CITY) as session, statements(season) as made:
                case = session.get_one(Application, case_id)
                made.clear()
                found = neighbours(session, asked, case)
            assert len(made) == 1
            assert (found.position, found.total) == (place + 1, len(six)), order
            assert found.previous == (whole[place - 1] if place else None), order
            assert found.next == (whole[place + 1] if place + 1 < len(whole) else None), order


@pytest.mark.usefixtures("six")
def test_a_decided_case_has_no_place_and_keeps_its_neighbours(season: Season) -> None:
    asked = Asked(order=Order.NAME)
    before, case_id, behind, *_ = listed(season, asked)
    with season.as_office(CITY) as session:
        service.reject(session, case_id, offices=season.offices, reason="测试理由")
    with season.as_office(CITY) as session:
        found = neighbours(session, asked, session.get_one(Application, case_id))
        assert (found.position, found.total, found.previous, found.next) == (None, 5, before, behind)
        assert next_case(session, YEAR, asked, beside=before) == behind


def test_each_filter_keeps_its_cases_alone(season: Season, six: Sequence[Case]) -> None:
    first, second, third, *_ = six
    due = season.look(first).due_at
    assert due is not None
    change(season, second, due_at=due - timedelta(days=3))
    asking = season.at_office(filled=uncertain())
    with season.as_office(CITY) as session:
        claims.claim(session, first.id)
    with season.as_office(CITY, "second") as session:
        claims.claim(session, third.id)
    case = season.look(first)
    found = {
        "trade": listed(season, Asked(trade="LS-2")),
        "grade": listed(season, Asked(grade=3)),
        "unit": listed(season, Asked(unit_id=case.unit_id)),
        "returned": listed(season, Asked(returned=True)),
        "due by": listed(season, Asked(due_by=last_day(due - timedelta(days=3)))),
        "asks": listed(season, Asked(found=Found.ASKS)),
        "nothing": listed(season, Asked(found=Found.NOTHING)),
        "mine": listed(season, Asked(claimed=Claimed.MINE)),
        "colleagues": listed(season, Asked(claimed=Claimed.COLLEAGUES)),
        "nobody": listed(season, Asked(claimed=Claimed.NOBODY)),
        "papers": listed(season, Asked(papers=Papers.MISSING)),
    }
    assert sorted(found["trade"]) == sorted(case.id for case in (second, six[5]))
    assert found["grade"] == [third.id]
    assert found["unit"] == [first.id]
    assert sorted(found["returned"]) == sorted(case.id for case in (second, six[3]))
    assert found["due by"] == [second.id]
    assert asking.id in found["asks"]
    assert asking.id not in found["nothing"]
    assert sorted(found["asks"] + found["nothing"]) == sorted(listed(season, Asked()))
    assert found["papers"] == []
    assert found["mine"] == [first.id]
    assert found["colleagues"] == [third.id]
    assert sorted(found["nobody"]) == sorted(case.id for case in (second, *six[3:], asking))
    season.now = due
    assert first.id in listed(season, Asked(overdue=True))
    assert six[4].id not in listed(season, Asked(overdue=True))


def test_a_part_of_a_name_or_unit_finds_a_case_and_another_offices_does_not(
    season: Season, six: Sequence[Case]
) -> None:
    first, second, *_ = six
    change(season, first, person_name="欧阳测试", unit_name="测试乙单位")
    change(season, second, person_name="测试欧", initials="cso zso")
    unit = season.look(first).unit_id
    with season.as_office(CITY) as session:
        name = session.get_one(Unit, unit).name
    assert listed(season, Asked(text="阳测")) == [first.id]
    assert listed(season, Asked(text="测阳")) == []
    assert listed(season, Asked(text="欧")) == [first.id], "one sign begins a name: as a part it would find too many"
    assert listed(season, Asked(text="zs")) == [second.id]
    assert listed(season, Asked(text=name[3:-1])) == [first.id]
    with season.as_office(OTHER_CITY) as session:
        assert queue(session, YEAR, Asked(text="阳测")).rows == []


def test_each_order_is_read_from_its_index_and_not_sorted(season: Season) -> None:
    for order, falling in BOTH_WAYS:
        with season.as_office(CITY) as session, statements(season) as made:
            session.connection()
            made.clear()
            queue(session, YEAR, Asked(order=order, falling=falling))
            (asked,) = made
            # So few cases would be read and sorted: what is asked is whether the index could serve.
            for method in ("seqscan", "bitmapscan", "sort"):
                session.execute(text(f"SET LOCAL enable_{method} = off"))
            plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {asked}", asked.given).scalars())
        assert f"ix_applications_by_{order.value}" in plan, plan
        assert "Sort" not in plan, plan


def test_the_last_day_of_a_filter_ends_at_midnight(season: Season, six: Sequence[Case]) -> None:
    case = season.look(six[0])
    assert case.due_at is not None
    assert six[0].id in listed(season, Asked(due_by=last_day(case.due_at)))
    assert six[0].id not in listed(season, Asked(due_by=last_day(case.due_at) - timedelta(days=1)))
