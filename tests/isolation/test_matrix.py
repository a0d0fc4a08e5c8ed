"""Every role sees the cases that the table gives it and no others, and the check would notice a missing policy."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from core.applications.rules.document import RuleDocument
from core.db import isolation
from core.db.base import Base
from core.db.database import Databases
from core.documents.storage import DocumentStore
from core.identity.models import Person
from core.tenancy.offices import Offices
from tests.cases import Season
from tests.isolation import matrix


def test_every_role_sees_the_cases_of_the_table_and_no_others(season: Season) -> None:
    assert matrix.visible(season, matrix.cases_of_every_kind(season)) == matrix.EXPECTED


def test_what_belongs_to_a_case_is_shown_only_with_it(season: Season) -> None:
    assert matrix.strays(season, matrix.cases_of_every_kind(season)) == set()


def test_every_role_sees_the_people_of_its_cases_and_no_others(season: Season) -> None:
    made = matrix.cases_of_every_kind(season)
    for role, opening in matrix.openings(season, made).items():
        with opening() as session:
            seen = set(session.scalars(select(Person.id)))
        assert seen == {made[name].person.person_id for name in matrix.EXPECTED[role]}, role


@pytest.mark.parametrize(
    ("fault", "seen_by_all"),
    [
        ("ALTER TABLE applications DISABLE ROW LEVEL SECURITY", {"draft", "elsewhere", "delegated"}),
        (
            "DROP POLICY applications_select ON applications; "
            "CREATE POLICY applications_select ON applications FOR SELECT TO kaowu_app USING (true)",
            {"draft", "elsewhere", "delegated"},
        ),
        (
            "DROP POLICY applications_select ON applications; "
            "CREATE POLICY applications_select ON applications FOR SELECT TO kaowu_app USING (state <> 'draft')",
            {"elsewhere", "delegated"},
        ),
    ],
    ids=["no row-level security", "a policy that shows all", "a policy that hides drafts alone"],
)
def test_the_same_check_finds_a_policy_that_does_not_hold(
    linshui_database: Databases,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path: Path,
    fault: str,
    seen_by_all: set[str],
) -> None:
    app, owner = create_engine(linshui_database.app_url), create_engine(linshui_database.owner_url)
    with app.connect() as connection:
        season = Season(connection, *linshui_offices, DocumentStore(tmp_path))
        made = matrix.cases_of_every_kind(season)
        connection.commit()
        with owner.begin() as broken:
            broken.execute(text(fault))
        seen = matrix.visible(season, made)
        connection.rollback()
    app.dispose()
    owner.dispose()
    assert seen != matrix.EXPECTED
    assert seen["public"] >= seen_by_all
    assert seen["county"] >= seen_by_all


def test_the_catalogue_check_names_a_table_that_lost_its_protection(fresh_database: Databases) -> None:
    owner = create_engine(fresh_database.owner_url)
    with owner.connect() as connection:
        assert isolation.unprotected_tables(connection) == []
        connection.execute(text("ALTER TABLE moves NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text("DROP POLICY outbox_select ON outbox"))
        connection.execute(text("CREATE TABLE forgotten (id int)"))
        for policy in connection.execute(text("SELECT policyname FROM pg_policies WHERE tablename = 'rosters'")).all():
            connection.execute(text(f"DROP POLICY {policy.policyname} ON rosters"))
        assert isolation.unprotected_tables(connection) == ["forgotten", "moves", "rosters"]
    owner.dispose()


def test_every_table_of_the_models_is_protected_or_open_for_a_reason(fresh_database: Databases) -> None:
    owner = create_engine(fresh_database.owner_url)
    with owner.connect() as connection:
        forced = set(
            connection.scalars(
                text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity")
            )
        )
    owner.dispose()
    assert forced == set(Base.metadata.tables) - set(isolation.OPEN_TABLES)
    assert all(reason.endswith(".") and len(reason.split()) > 3 for reason in isolation.OPEN_TABLES.values())
