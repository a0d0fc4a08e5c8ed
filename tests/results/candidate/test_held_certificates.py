"""The certificates of earlier years beside an application: offered once, compared always, shown to its own alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.documents.storage import DocumentStore
from core.plugin_api import Grade
from core.results.candidate.held_certificates import Held, compared, held_certificates, offered
from tests.cases import CITY, OTHER_CITY, RULES, YEAR, Season, at
from tests.isolation.walk import as_superuser
from tests.results.awards.awarded import certified

TRADES = {"LS-1": "测试工种", "LS-2": "测试别的工种"}


def _held(grade: Grade = Grade.FOUR, *, number: str = "N1", trade: str = "LS-1", revoked: bool = False) -> Held:
    return Held(number, grade, trade, 2022, at(12, 1).replace(year=2022), "测试考核办", revoked)


def _form(grade: int | None = 4, trade: str | None = "LS-1", year: int | None = 2022) -> dict[str, Any]:
    return {"current_grade": grade, "current_trade": trade, "current_grade_year": year}


@pytest.mark.parametrize(
    ("form", "held", "differs", "words"),
    [
        (_form(), [_held()], False, "一致"),
        (_form(year=2019), [_held()], True, "取得年份"),
        (_form(None, None, None), [_held()], True, "没有填写证书"),
        (_form(5), [_held()], True, "低于系统所发"),
        (_form(), [_held(revoked=True)], True, "已撤销"),
        (_form(3), [_held()], False, "不是本系统所发"),
        (_form(trade="LS-2"), [_held()], False, "请核对原件"),
    ],
)
def test_answers_are_compared_with_what_was_issued(
    form: dict[str, Any], held: list[Held], differs: bool, words: str
) -> None:
    found = compared(held, form, TRADES)
    assert found is not None
    assert (found.differs, words in found.text) == (differs, True)


def test_nothing_is_said_where_nothing_was_issued() -> None:
    assert compared([], _form(), TRADES) is None
    assert compared([_held(revoked=True)], _form(None, None, None), TRADES) is None
    assert compared([_held(revoked=True)], _form(3), TRADES) is None


def test_the_highest_certificate_in_force_is_offered_to_an_empty_form() -> None:
    held = [_held(Grade.THREE, number="R", revoked=True), _held(Grade.FOUR), _held(Grade.FIVE, number="N2")]
    found = offered(held, {})
    assert found is not None
    assert found.answers == {"current_grade": 4, "current_grade_year": 2022, "current_trade": "LS-1"}
    assert offered(held, _form(5)) is None
    assert offered([], {}) is None


@pytest.fixture
def past(
    season: Season, database_server: EmbeddedServer, _linshui_databases: Databases, tmp_path: Path
) -> Iterator[Season]:
    """The season on a connection on which cases can be moved into an earlier year."""
    name = create_engine(_linshui_databases.app_url).url.database
    assert name is not None
    engine = create_engine(database_server.address(SUPERUSER, name))
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))
        yield Season(connection, season.offices, RULES, DocumentStore(tmp_path / "documents"))
        transaction.rollback()
    engine.dispose()


def test_person_unit_and_office_of_the_new_application_read_what_another_office_issued(past: Season) -> None:
    before, paper = certified(past)
    with as_superuser(past.connection) as connection:
        for table, key in (("applications", before.id), ("certificates", paper.id)):
            connection.execute(text(f"UPDATE {table} SET year = :year WHERE id = :id"), {"year": YEAR - 1, "id": key})  # noqa: S608 - ours
    past.now = at(3, 25)
    case = past.at_office(OTHER_CITY, person=before.person)
    with past.as_person(before.person) as session:
        (found,) = held_certificates(session, case.id)
        assert (found.number, found.grade, found.trade, found.revoked) == (paper.number, Grade.FIVE, "LS-1", False)
    with past.as_unit(case.unit) as unit:
        assert [held.number for held in held_certificates(unit, case.id)] == [paper.number]
    with past.as_office(OTHER_CITY) as session:
        assert [held.number for held in held_certificates(session, case.id)] == [paper.number]
    with past.as_office(CITY) as elsewhere:
        assert held_certificates(elsewhere, case.id) == []
    with past.as_person(past.add_person()) as stranger:
        assert held_certificates(stranger, case.id) == []
