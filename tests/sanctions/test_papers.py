"""The papers of a case: their numbers, their service, the times that run from it, and the PDFs."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from core.errors import Conflict, Invalid, NotFound
from core.sanctions import cases, papers
from core.sanctions.case_queries import papers as papers_of
from core.sanctions.cases import Measures
from core.sanctions.models import SanctionCase, SanctionPaper
from core.sanctions.paper_kinds import PaperKind, ServiceWay
from core.sanctions.pdf import FORMS_OF, paper_pdf
from core.sanctions.procedure import CaseAction
from core.sanctions.steps import open_case, take
from tests import sanctioned
from tests.cases import CITY, OTHER_CITY, Case, Season, at
from tests.reading import pages_of
from tests.results.awards.awarded import passed
from tests.sanctions.test_cases import FACTS, decided, look, proposed

IN_PERSON = ServiceWay.IN_PERSON


def opened(season: Season, case: Case, number: str = "") -> UUID:
    """A case whose notice has not been served yet."""
    found = proposed(season, case)
    with season.as_office(CITY, "supervisor") as session:
        cases.hear(session, found, words="立案", offices=season.offices, number=number)
    return found


def served(season: Season, found: UUID, way: ServiceWay, day: date) -> None:
    with season.as_office(CITY, "supervisor") as session:
        papers.serve(session, found, way=way, day=day)


def test_no_time_runs_before_the_paper_is_served(season: Season) -> None:
    found = opened(season, passed(season))
    season.now += timedelta(days=60)
    assert look(season, found).hearing_until is None
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as refused:
        cases.decide(session, found, words="属实", measures=Measures(), offices=season.offices)
    assert refused.value.code == "notice_unserved"
    moved = update(SanctionCase).where(SanctionCase.id == found).values(hearing_until=season.now)
    with pytest.raises(DBAPIError, match="only by a step"), season.as_office(CITY, "supervisor") as session:
        session.execute(moved)
    with pytest.raises(DBAPIError, match="service of its paper"), season.as_office(CITY, "supervisor") as session:
        take(session, open_case(session, found), CaseAction.HAND_UP, "测试", hearing_until=season.now)


@pytest.mark.parametrize(
    ("way", "until"),
    [(IN_PERSON, at(10, 15, 0)), (ServiceWay.POST, at(10, 15, 0)), (ServiceWay.PUBLIC_NOTICE, at(11, 15, 0))],
)
def test_the_time_runs_from_the_day_of_service(season: Season, way: ServiceWay, until: object) -> None:
    case = passed(season)
    found = opened(season, case)
    posted, season.now = season.now.date(), season.now + timedelta(days=3)
    served(season, found, way, posted)
    assert look(season, found).hearing_until == until
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as refused:
        papers.serve(session, found, way=way, day=posted)
    assert refused.value.code == "paper_served"


@pytest.mark.parametrize("day", [date(2024, 10, 7), date(2024, 10, 9)])
def test_a_paper_is_served_between_its_making_and_today(season: Season, day: date) -> None:
    found = opened(season, passed(season))
    assert season.now.date() == date(2024, 10, 8)
    with pytest.raises(Invalid) as refused:
        served(season, found, IN_PERSON, day)
    assert (refused.value.code, "day" in (refused.value.fields or {})) == ("service_day", True)
    with pytest.raises(Invalid) as refused:
        served(season, found, ServiceWay.PAGE, date(2024, 10, 8))
    assert refused.value.code == "service_way"


def test_the_person_signs_or_answers_and_the_time_begins(season: Season) -> None:
    signs, answers = passed(season), passed(season)
    first, second = opened(season, signs), opened(season, answers)
    with season.as_person(signs.person) as session:
        papers.receive(session, first)
        with pytest.raises(Conflict):
            papers.receive(session, first)
        with pytest.raises(NotFound):
            papers.receive(session, second)
    with season.as_person(answers.person) as session:
        cases.state(session, second, words="没有此事")
        [paper] = papers_of(session, second)
        assert (paper.way, paper.served_at) == ("page", season.now)
    for found in (first, second):
        assert look(season, found).hearing_until == at(10, 15, 0)


def test_nothing_is_decided_while_the_time_runs_unless_the_person_has_finished(season: Season) -> None:
    case, silent = passed(season), passed(season)
    found, waived = opened(season, case), opened(season, silent)
    with season.as_person(case.person) as session:
        cases.state(session, found, words="没有此事")
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as refused:
        cases.decide(session, found, words="属实", measures=Measures(), offices=season.offices)
    assert (refused.value.code, "期限内不作处理决定" in refused.value.detail) == ("hearing_open", True)
    with season.as_person(case.person) as session:
        cases.state(session, found, words="补充证明", finished=True)
    with season.as_person(silent.person) as session:
        cases.finish(session, waived, words="放弃陈述申辩。")
    for ready in (found, waived):
        with season.as_office(CITY, "supervisor") as session:
            assert (
                cases.decide(session, ready, words="属实", measures=Measures(), offices=season.offices).state
                == "decided"
            )


def test_a_decision_waits_for_its_service_before_it_can_become_final(season: Season) -> None:
    case = passed(season)
    found = opened(season, case)
    served(season, found, IN_PERSON, season.now.date())
    season.now += timedelta(days=10)
    with season.as_office(CITY, "supervisor") as session:
        cases.decide(session, found, words="属实", measures=Measures(), offices=season.offices)
    season.now += timedelta(days=90)
    with season.as_province() as session, pytest.raises(Conflict) as refused:
        cases.carry_out(session, found, offices=season.offices)
    assert refused.value.code == "decision_unserved"
    with season.as_person(case.person) as session:
        cases.appeal(session, found, words="不服")
        assert [paper.way for paper in papers_of(session, found)] == ["in_person", "page"]


def test_a_paper_has_the_number_that_the_office_gives_or_the_next_one(season: Season) -> None:
    first = opened(season, passed(season))
    given = opened(season, passed(season), "清人社告〔2024〕8号")
    with pytest.raises(Invalid) as refused:
        opened(season, passed(season), "清人社告〔2024〕8号")
    assert refused.value.code == "number_taken"
    third = opened(season, passed(season))
    numbers = []
    with season.as_office(CITY, "supervisor") as session:
        numbers = [papers_of(session, found)[0].number for found in (first, given, third)]
    assert numbers[1] == "清人社告〔2024〕8号"
    assert numbers[0].endswith("工考告〔2024〕1号")
    assert numbers[2].endswith("工考告〔2024〕2号")


def test_the_papers_say_what_the_case_says_and_number_their_pages(season: Season) -> None:
    case = passed(season)
    found = decided(season, case)
    said: dict[str, str] = {}
    with season.as_person(case.person) as session:
        sanction = session.get_one(SanctionCase, found)
        for forms in FORMS_OF.values():
            for name, _ in forms:
                paper = paper_pdf(session, sanction, name)
                said[name] = "".join("".join(pages_of(paper.content)).split())
    assert all("第1页共1页" in text and "（盖章）" in text for text in said.values())
    assert FACTS in said["filing"]
    assert "5个工作日内" in said["hearing"]
    assert "未经您书面声明陈述完毕或者放弃" in said["hearing"]
    for words in ("自2024年10月18日起2年内禁止申报", "15个工作日内", "未提出陈述申辩", "学校复函", case.person.name):
        assert words in said["decision"]
    assert "直接送达" in said["receipt-notice"]
    assert "处理决定书" in said["receipt-decision"]


def test_no_paper_is_printed_before_it_is_made_or_for_another_office(season: Season) -> None:
    found = opened(season, passed(season))
    with season.as_office(CITY) as session:
        sanction = session.get_one(SanctionCase, found)
        for name in ("decision", "receipt-decision", "invented"):
            with pytest.raises(NotFound):
                paper_pdf(session, sanction, name)
    with season.as_office(OTHER_CITY) as session:
        assert session.get(SanctionPaper, (found, PaperKind.NOTICE.value)) is None


def test_a_served_paper_is_never_served_again_in_the_database(season: Season) -> None:
    case = passed(season)
    found = proposed(season, case)
    sanctioned.heard(season, found)
    with season.as_office(CITY, "supervisor") as session:
        session.execute(update(SanctionPaper).values(served_at=season.now + timedelta(days=1)))
    with season.as_person(case.person) as session:
        session.execute(update(SanctionPaper).values(way="page", recorded_by=session.actor.account_id))
        [paper] = papers_of(session, found)
        assert (paper.way, paper.served_at) == ("in_person", at(10, 8, 0))
