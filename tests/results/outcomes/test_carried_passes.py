"""A pass in another city in an earlier year counts, and neither office sees the other's rows."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.session import Role
from core.documents.storage import DocumentStore
from core.results.models.marks import Mark, Outcome
from core.results.outcomes.service import WorkedOut
from core.settings import ROOT
from core.tenancy.catalogue import load_catalogue
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from tests.cases import CITY, OTHER_CITY, RULES, YEAR, Case, Season, at
from tests.isolation.walk import as_superuser
from tests.results.conftest import SUBJECTS, Office

ASKED = text("SELECT application_id, year, subject, mark FROM earlier_passes(:year, :years, 60)")
MOVED = text(
    "UPDATE applications SET year = :year, person_id = :person, grade = :grade, trade = :trade, state = 'qualified' "
    "WHERE id = :id"
)
MARKED = text(
    "INSERT INTO marks (application_id, subject, office_id, year, mark, status, import_id, known_at) VALUES "
    "(:id, :subject, :office, :year, cast(:mark AS numeric), :status, gen_random_uuid(), now())"
)


@pytest.fixture
def office(database_server: EmbeddedServer, _linshui_databases: Databases, tmp_path: Path) -> Iterator[Office]:
    """The city's office in a province in which a pass counts for two years; earlier years can be put in."""
    folder = tmp_path / "offices"
    shutil.copytree(ROOT / "tests" / "offices", folder)
    with (folder / "linshui" / "province.toml").open("a", encoding="utf-8") as file:
        file.write("\n[results]\ncarry_over_years = 2\n")
    catalogue = load_catalogue(folder)
    offices = Offices(catalogue, build_hooks(catalogue))
    name = create_engine(_linshui_databases.app_url).url.database
    assert name is not None
    engine = create_engine(database_server.address(SUPERUSER, name))
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))
        season = Season(connection, offices, RULES, DocumentStore(tmp_path / "documents"))
        season.now = at(10, 8)
        yield Office(season)
        transaction.rollback()
    engine.dispose()


def elsewhere(office: Office, case: Case, marks: Mapping[str, int | None], **changed: Any) -> Case:
    """Marks of the same person in the other city, of last year and the same grade and trade unless ``changed``."""
    season, now = office.season, office.season.look(case)
    season.now = at(3, 25)
    before = season.at_office(OTHER_CITY)
    season.now = at(10, 8)
    moved = {"id": before.id, "year": YEAR - 1, "person": case.person.person_id, "grade": now.grade, "trade": now.trade}
    moved |= changed
    with as_superuser(season.connection) as connection:
        connection.execute(MOVED, moved)
        for subject, mark in marks.items():
            status = "absent" if mark is None else "scored"
            row = {"id": before.id, "subject": subject, "office": OTHER_CITY, "year": moved["year"]}
            connection.execute(MARKED, row | {"mark": mark, "status": status})
    return before


def told(office: Office, name: str = "甲") -> list[tuple[str, int]]:
    with office.at_work(name) as session:
        return sorted((row.subject, row.year) for row in session.execute(ASKED, {"year": YEAR, "years": 2}))


def test_a_subject_passed_in_another_city_last_year_is_carried_over(office: Office) -> None:
    case = office.candidate()
    elsewhere(office, case, {SUBJECTS[0]: 88, SUBJECTS[1]: 59})
    office.take_in([[office.reference(case), "缺考", "70", "60"]])
    assert office.work_out() == WorkedOut(passed=1, failed=0, kept=0)
    with office.at_work() as session:
        basis = session.get_one(Outcome, case.id).basis["marks"]
    assert basis[0] == {"subject": SUBJECTS[0], "mark": "88.0", "status": "scored", "from": YEAR - 1}
    assert [mark["from"] for mark in basis[1:]] == [None, None]


def test_neither_office_sees_the_others_rows(office: Office) -> None:
    case = office.candidate()
    before = elsewhere(office, case, {SUBJECTS[0]: 88, SUBJECTS[1]: 59, SUBJECTS[2]: None})
    assert told(office) == [(SUBJECTS[0], YEAR - 1)]
    marks = select(Mark.application_id)
    with office.at_work() as session:
        assert session.scalars(marks).all() == []
    with office.season.as_office(OTHER_CITY) as session:
        assert set(session.scalars(marks)) == {before.id}
        assert session.execute(ASKED, {"year": YEAR, "years": 2}).all() == []


@pytest.mark.parametrize(
    "changed",
    [{"year": YEAR - 3}, {"grade": 4}, {"trade": "LS-2"}],
    ids=["too long ago", "another grade", "another trade"],
)
def test_a_pass_of_too_long_ago_or_in_another_subject_does_not_count(office: Office, changed: dict[str, Any]) -> None:
    case = office.candidate()
    elsewhere(office, case, {SUBJECTS[0]: 88}, **changed)
    assert told(office) == []


def test_an_office_learns_nothing_about_people_who_are_no_candidates(office: Office) -> None:
    pending, other = office.undecided(), office.candidate()
    elsewhere(office, pending, {SUBJECTS[0]: 88})
    assert told(office) == []
    with office.season.as_person(other.person) as session:
        assert session.execute(ASKED, {"year": YEAR, "years": 2}).all() == []
    with office.season.as_unit(pending.unit) as session:
        assert session.execute(ASKED, {"year": YEAR, "years": 2}).all() == []


def test_a_candidate_disqualified_in_that_year_carries_nothing_over(office: Office) -> None:
    case = office.candidate()
    before = elsewhere(office, case, {SUBJECTS[0]: 88})
    with as_superuser(office.season.connection) as connection:
        connection.execute(text("UPDATE applications SET state = 'disqualified' WHERE id = :id"), {"id": before.id})
    assert told(office) == []


def test_a_role_that_neither_examines_nor_supervises_learns_nothing(office: Office) -> None:
    case = office.candidate()
    elsewhere(office, case, {SUBJECTS[0]: 88})
    assert told(office) == [(SUBJECTS[0], YEAR - 1)]
    with office.season.as_office(CITY, "desk") as session:
        assert session.actor.role is Role.CITY_REVIEWER
        assert session.execute(ASKED, {"year": YEAR, "years": 2}).all() == []
    assert told(office, "supervisor") == [(SUBJECTS[0], YEAR - 1)]
