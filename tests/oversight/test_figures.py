"""The figures of the season: reports, summaries and the center's board, equal to counting the cases one by one."""

from collections import Counter
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from core.applications.models import Application
from core.audit.service import digest_of
from core.domain.workflow import Action, State
from core.errors import Invalid, NotFound
from core.oversight import queries, service
from core.oversight.queries import Monitored
from core.oversight.report import report
from core.plugin_api import Grade, ReportSection
from core.seasons import queries as seasons, service as season
from tests.linshui import HEYUAN, LINSHUI, QINGHE, YEAR, YUNSHAN, Linshui, at


@pytest.fixture
def cases(linshui: Linshui) -> list[UUID]:
    """Qinghe has five cases, one of Heyuan's and one overdue; Yunshan has one, and a draft that counts nowhere."""
    town, county, other = (
        linshui.add_unit(QINGHE, at(3, 18)),
        linshui.add_unit(QINGHE, at(3, 18), local=HEYUAN),
        linshui.add_unit(YUNSHAN, at(3, 18)),
    )
    made = [
        linshui.add_case(1, town, Grade.FIVE, at(3, 22), due=at(4, 10, 0)),
        linshui.add_case(2, town, Grade.FIVE, at(3, 22), due=at(3, 29, 0)),
        linshui.add_case(3, town, Grade.THREE, at(3, 23)),
        linshui.add_case(4, town, Grade.TWO, at(3, 24)),
        linshui.add_case(5, county, Grade.ONE, at(3, 25), due=at(4, 10, 0)),
        linshui.add_case(6, other, Grade.FIVE, at(3, 25), due=at(4, 10, 0)),
    ]
    linshui.add_draft(7, other, Grade.FOUR, at(3, 25))
    linshui.decide(made[0], QINGHE, Action.APPROVE, at(3, 28))
    linshui.decide(made[2], QINGHE, Action.RETURN, at(3, 28))
    linshui.decide(made[3], QINGHE, Action.REJECT, at(3, 28))
    return made


def test_standard_figures_equal_a_direct_count(linshui: Linshui, cases: list[UUID]) -> None:
    with linshui.office(QINGHE, at(4, 1)) as session:
        figures = queries.standard_figures(session, QINGHE, YEAR)
        rows = session.scalars(select(Application).where(Application.office_id == QINGHE)).all()
    states, grades = Counter(row.state for row in rows), Counter(row.grade for row in rows)
    assert len(rows) == len(cases) - 1
    assert figures == {
        "submitted": 5,
        "in_review": 3,
        "provisional": 0,
        "qualified": 1,
        "rejected": 1,
        "delegated": 0,
        **{f"state_{state}": states[state] for state in State},
        **{f"grade_{grade}": grades[grade] for grade in (1, 2, 3, 4, 5)},
    }


@pytest.mark.usefixtures("cases")
def test_a_county_counts_only_what_it_has_in_hand(linshui: Linshui) -> None:
    with linshui.center(at(4, 1)) as session:
        assert queries.standard_figures(session, HEYUAN, YEAR)["submitted"] == 0
        with pytest.raises(NotFound):
            queries.standard_figures(session, "linshui/nowhere", YEAR)


@pytest.mark.usefixtures("cases")
def test_the_center_sees_every_office_those_without_a_case_included(linshui: Linshui) -> None:
    with linshui.center(at(4, 1)) as session:
        board = queries.monitor(session, YEAR)
    assert board == [
        Monitored(LINSHUI, "临水省考核中心"),
        Monitored(
            QINGHE, "清河市考核办", total=5, backlog=2, overdue=1, decisions=3, returned=1, rejected=1, overturned=0
        ),
        Monitored(YUNSHAN, "云山市考核办", total=1, backlog=1),
    ]
    assert [(office.return_rate, office.reject_rate) for office in board] == [(0.0, 0.0), (1 / 3, 1 / 3), (0.0, 0.0)]


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize(("moment", "overdue"), [(at(4, 9, 23), 1), (at(4, 10, 0), 2)])
def test_a_case_is_overdue_from_its_last_moment_on(linshui: Linshui, moment: datetime, overdue: int) -> None:
    with linshui.center(moment) as session:
        assert [office.overdue for office in queries.monitor(session, YEAR) if office.office == QINGHE] == [overdue]


def test_a_case_reopened_by_the_center_counts_as_overturned(linshui: Linshui, cases: list[UUID]) -> None:
    linshui.reopen(cases[3], at(4, 2))
    with linshui.center(at(4, 3)) as session:
        (qinghe,) = (office for office in queries.monitor(session, YEAR) if office.office == QINGHE)
    assert (qinghe.overturned, qinghe.rejected, qinghe.backlog) == (1, 1, 3)


@pytest.mark.usefixtures("cases")
def test_a_city_sees_its_counties_by_place_and_by_desk(linshui: Linshui) -> None:
    with linshui.office(QINGHE, at(4, 1)) as session:
        places = {place.office: (place.total, place.backlog) for place in queries.monitor_places(session, QINGHE, YEAR)}
        desks = {desk.office: (desk.total, desk.backlog) for desk in queries.monitor_desks(session, QINGHE, YEAR)}
    assert places == {QINGHE: (4, 1), HEYUAN: (1, 1)}
    assert desks == {QINGHE: (5, 2), HEYUAN: (0, 0)}


@pytest.mark.usefixtures("cases")
def test_a_summary_holds_the_counted_figures_and_late_entries_without_a_name(linshui: Linshui) -> None:
    person_id = linshui.add_person(9, at(4, 7))
    with linshui.office(QINGHE, at(4, 7)) as session:
        entry = season.let_in_late(
            session, year=YEAR, person_id=person_id, reason="住院", opens=at(4, 8), closes=at(4, 9)
        )
    with linshui.office(QINGHE, at(4, 15)) as session:
        figures = queries.standard_figures(session, QINGHE, YEAR)
        entries = seasons.late_entries(session, QINGHE, YEAR)
        with pytest.raises(Invalid) as wrong:
            service.file_registration_summary(session, YEAR, {**figures, "submitted": 6}, entries, due=None)
        with pytest.raises(Invalid) as silent:
            service.file_registration_summary(session, YEAR, figures, [], due=None)
        filed = service.file_registration_summary(session, YEAR, figures, entries, due=at(4, 16, 0))
    assert (wrong.value.code, silent.value.code) == ("figures_differ", "late_entries_differ")
    assert filed.content["figures"] == figures
    (line,) = filed.content["late_entries"]
    assert (line["id"], line["reason"]) == (str(entry.id), "住院")
    assert "测试甲" not in str(filed.content)
    assert str(person_id) not in str(filed.content)
    assert (filed.late, filed.digest) == (False, digest_of(filed.content).hex())


@pytest.mark.usefixtures("cases")
def test_a_report_holds_figures_sections_late_entries_and_filings(linshui: Linshui) -> None:
    section = ReportSection("qinghe.county", "河源市承接情况", {"cases": 1})
    with linshui.office(QINGHE, at(4, 15)) as session:
        figures = queries.standard_figures(session, QINGHE, YEAR)
        service.file_registration_summary(session, YEAR, figures, [], due=at(4, 15, 0))
        made = report(session, QINGHE, YEAR, sections=[section])
    assert (made.office, made.year, made.made_at, made.figures) == (QINGHE, YEAR, at(4, 15), figures)
    assert (made.sections, made.late_entries) == ((section,), ())
    assert [
        (filing.kind, filing.version, filing.state, filing.late, filing.receipt_number) for filing in made.filings
    ] == [("registration_summary", 1, "filed", True, None)]
    assert made.digest == digest_of({"figures": dict(figures), "sections": {"qinghe.county": {"cases": 1}}}).hex()
