"""What differs from the same person's application of an earlier season, at the desk of an office that had it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, text

from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.session import Role
from core.documents.queries import current_documents
from core.documents.storage import DocumentStore
from core.plugin_api import OfficeCode
from core.reviews.changes import EarlierSeason, since_last_season
from tests.callers import Flow, Web
from tests.cases import CITY, OTHER_CITY, RULES, YEAR, Case, Season, answers, linshui_offices
from tests.isolation.walk import as_superuser

_A_YEAR_BEFORE = text("UPDATE applications SET year = year - 1, person_id = :person WHERE id = :id")


@pytest.fixture
def superuser_season(
    database_server: EmbeddedServer, _linshui_databases: Databases, tmp_path: Path
) -> Iterator[Season]:
    """The season on a connection on which rows of an earlier year can be made."""
    name = create_engine(_linshui_databases.app_url).url.database
    assert name is not None
    engine = create_engine(database_server.address(SUPERUSER, name))
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))
        yield Season(connection, linshui_offices()[0], RULES, DocumentStore(tmp_path / "documents"))
        transaction.rollback()
    engine.dispose()


def a_year_before(season: Season, case: Case, office: OfficeCode = CITY) -> Case:
    """An application of the same person in the year before, with a degree, and another photo."""
    before = season.at_office(office, answers(education=3))
    with as_superuser(season.connection) as connection:
        connection.execute(_A_YEAR_BEFORE, {"person": case.person.person_id, "id": before.id})
        other = {"id": before.id, "digest": "ab" * 32}
        wanted = "UPDATE documents SET sha256 = :digest WHERE application_id = :id AND material = 'photo'"
        connection.execute(text(wanted), other)
    return before


def compared(season: Season, case: Case, office: OfficeCode = CITY) -> EarlierSeason | None:
    with season.as_office(office) as session:
        return since_last_season(session, season.look_in(session, case), current_documents(session, case.id))


def test_answers_that_differ_and_papers_by_digest_are_compared(superuser_season: Season) -> None:
    case = superuser_season.at_office(filled=answers(education=2))
    before = a_year_before(superuser_season, case)
    found = compared(superuser_season, case)
    assert found is not None
    assert found.application.id == before.id
    assert dict(found.answers) == {"education": 3}
    assert found.papers["photo"] is False
    assert found.papers["identity_card"] is True


def test_an_office_compares_with_no_case_that_it_may_not_see(superuser_season: Season) -> None:
    case = superuser_season.at_office()
    a_year_before(superuser_season, case, OTHER_CITY)
    assert compared(superuser_season, case) is None


def test_a_first_application_and_an_erased_one_are_compared_with_nothing(superuser_season: Season) -> None:
    case = superuser_season.at_office()
    assert compared(superuser_season, case) is None
    before = a_year_before(superuser_season, case)
    with as_superuser(superuser_season.connection) as connection:
        connection.execute(text("UPDATE applications SET erased_at = now() WHERE id = :id"), {"id": before.id})
    assert compared(superuser_season, case) is None


def test_the_page_of_a_case_marks_what_differs(web: Web, database_server: EmbeddedServer) -> None:
    officer = web.staff(Role.CITY_REVIEWER, CITY)
    flow, before = _at_office(web, answers(education=2)), _at_office(web, answers(education=3))
    plain = web.look(officer, f"/desk/cases/{flow.id}").text
    assert "≠" not in plain
    assert "last-season" not in plain
    with _superuser(web, database_server) as connection:
        person = connection.scalar(text("SELECT person_id FROM applications WHERE id = :id"), {"id": flow.id})
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(_A_YEAR_BEFORE, {"person": person, "id": UUID(before.id)})
    page = web.look(officer, f"/desk/cases/{flow.id}").text
    (row,) = re.findall(r"<li[^>]*><dl><dt>学历.*?</li>", page, re.DOTALL)
    assert f"与{YEAR - 1}年不同" in row
    assert f"{YEAR - 1}年：" in row
    assert f'href="/desk/cases/{before.id}"' in page
    assert f"与{YEAR - 1}年相同" in page.partition('id="papers"')[2]


def _at_office(web: Web, filled: dict[str, object]) -> Flow:
    unit_id, applicant = web.unit(), web.applicant()
    flow = Flow(web, f"/applications/{web.draft(applicant, unit_id, filled)['id']}", applicant, applicant)
    assert applicant.post(f"{flow.path}/submit", {}).status_code == 200
    flow.manager = web.staff(Role.UNIT_MANAGER, unit_id=unit_id)
    flow.at_office()
    return flow


@contextmanager
def _superuser(web: Web, server: EmbeddedServer) -> Iterator[Connection]:
    name = web.platform.engine.url.database
    assert name is not None
    engine = create_engine(server.address(SUPERUSER, name), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
