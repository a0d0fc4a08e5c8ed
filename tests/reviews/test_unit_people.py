"""A unit's people: states, missing items, and the cases that wait for each reviewer."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import event

from core.applications import service as applications
from core.applications.forms import ApplicationDraft
from core.applications.initials import initials
from core.applications.service import Applicant
from core.db.session import Role
from core.domain.workflow import State
from core.reviews import service, unit_people
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.unit_people import Asked, UnitCount
from tests.cases import YEAR, Case, Season, answers, unfiled

EVERYBODY = Asked()
NAMES = {"identity_card": "身份证", "photo": "照片", "annual_assessments": "年度考核结果"}


def names_of(season: Season, unit_id: UUID, asked: Asked = EVERYBODY) -> list[str]:
    with season.as_unit(unit_id) as session:
        return [row.person_name for row in unit_people.people(session, YEAR, asked).rows]


def test_a_unit_finds_its_people_by_name_initials_reference_and_last_four_digits(season: Season) -> None:
    case, other = season.submitted(), season.submitted()
    found = season.look(case)
    for wanted in (found.person_name, initials(found.person_name)[:3].upper(), found.reference, found.id_tail):
        assert names_of(season, case.unit, Asked(text=wanted)) == [found.person_name], wanted
    assert names_of(season, case.unit, Asked(text="没有的人")) == []
    assert names_of(season, other.unit) == [season.look(other).person_name]


def test_what_waits_is_what_the_actor_may_decide(season: Season) -> None:
    case = season.submitted(department=True)
    assert case.department is not None
    with season.as_unit(case.unit) as session:
        assert (unit_people.waiting(session, YEAR), unit_people.next_case(session, YEAR)) == (1, case.id)
        assert unit_people.next_case(session, YEAR, beside=case.id) is None
    with season.as_unit(case.department, case.unit) as session:
        assert (unit_people.waiting(session, YEAR), unit_people.next_case(session, YEAR)) == (0, None)
        assert [row.id for row in unit_people.people(session, YEAR, Asked()).rows] == [case.id]
    season.approve_at_unit(case)
    with season.as_unit(case.department, case.unit) as session:
        assert unit_people.next_case(session, YEAR) == case.id
    manager = season.reviewer(case.department, role=Role.UNIT_MANAGER)
    with season.as_unit(case.department, case.unit, actor=manager) as session:
        assert unit_people.next_case(session, YEAR) is None


def test_a_list_says_what_each_still_lacks(season: Season) -> None:
    case = season.submitted(filled=unfiled())
    with season.as_unit(case.unit) as session:
        rows = unit_people.people(session, YEAR, Asked()).rows
        lacking = unit_people.missing(session, rows, NAMES)[case.id]
    assert lacking != ""
    with season.as_unit(case.unit) as session:
        items = [ItemVerdict(item, faulty=True, reason_code="unclear") for item in ("first_job_year", "photo")]
        service.return_for_correction(
            session, case.id, offices=season.offices, reason="请更正", items=each_item(session, case.id, but=items)
        )
        rows = unit_people.people(session, YEAR, Asked(State.RETURNED)).rows
        said = unit_people.missing(session, rows, NAMES)[case.id]
    assert said.startswith("参加工作年份、照片")


def test_a_draft_lacks_its_answers_and_then_that_the_person_submits_it(season: Season) -> None:
    unit_id = season.add_unit()
    for filled in ({"grade": 5}, answers()):
        person = season.add_person()
        assert person.person_id is not None
        who = Applicant(person.person_id, person.name, "0000")
        with season.as_unit(unit_id) as session:
            draft = ApplicationDraft.model_validate(filled)
            applications.open_draft(session, who, year=YEAR, unit_id=unit_id, draft=draft)
    with season.as_unit(unit_id) as session:
        said = unit_people.missing(session, unit_people.people(session, YEAR, Asked()).rows, NAMES)
        assert unit_people.counts(session, YEAR) == {State.DRAFT: 2}
        assert unit_people.counts_by_unit(session, YEAR) == {unit_id: UnitCount(2, 0, 2, 0)}
    assert sorted(said.values()) == ["本人提交", "申报途径、申报工种、人员类别、参加工作年份、学历"]


def test_a_long_list_takes_as_many_statements_as_a_short_one(season: Season) -> None:
    first = season.submitted()

    def statements() -> int:
        with counted(season) as made, season.as_unit(first.unit) as session:
            unit_people.missing(session, unit_people.people(session, YEAR, Asked()).rows, NAMES)
        return len(made)

    short = statements()
    for _ in range(2):
        another_of(season, first)
    assert statements() == short


@contextmanager
def counted(season: Season) -> Iterator[list[str]]:
    made: list[str] = []
    listen = lambda *given: made.append(given[2])  # noqa: E731 - the event's signature
    event.listen(season.connection, "before_cursor_execute", listen)
    yield made
    event.remove(season.connection, "before_cursor_execute", listen)


def another_of(season: Season, case: Case) -> None:
    person = season.add_person()
    assert person.person_id is not None
    with season.as_unit(case.unit) as session:
        who = Applicant(person.person_id, person.name, "0000")
        draft = ApplicationDraft.model_validate(answers())
        applications.open_draft(session, who, year=YEAR, unit_id=case.unit, draft=draft)
