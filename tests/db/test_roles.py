"""The roles of PostgreSQL that the isolation of offices rests on."""

import subprocess
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from core.db import roles
from core.db.database import libpq_url
from core.db.server.embedded import SUPERUSER, EmbeddedServer, postgres_programs


def test_no_role_gets_round_row_level_security(database_server: EmbeddedServer) -> None:
    with database_server.superuser() as connection:
        found = connection.execute(
            "SELECT rolname, rolcanlogin, rolinherit, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR "
            "rolreplication FROM pg_roles WHERE rolname LIKE 'kaowu%' ORDER BY rolname"
        ).fetchall()
    assert found == [
        ("kaowu_app", True, False, False),
        ("kaowu_auditor", False, False, False),
        ("kaowu_keeper", False, False, False),
        ("kaowu_owner", True, True, False),
        ("kaowu_province", False, False, False),
        ("kaowu_transfer", False, False, False),
    ]


def test_a_role_becomes_another_only_where_that_is_granted_and_only_by_saying_so(
    database_server: EmbeddedServer,
) -> None:
    with database_server.superuser() as connection:
        found = connection.execute(
            "SELECT member::regrole::text, roleid::regrole::text, inherit_option, set_option, admin_option "
            "FROM pg_auth_members WHERE member::regrole::text LIKE 'kaowu%' ORDER BY 1, 2"
        ).fetchall()
    assert found == [
        ("kaowu_app", "kaowu_auditor", False, True, False),
        ("kaowu_app", "kaowu_keeper", False, True, False),
        ("kaowu_app", "kaowu_province", False, True, False),
        ("kaowu_owner", "kaowu_transfer", False, True, False),
    ]


@pytest.mark.parametrize("role", [roles.OWNER, roles.TRANSFER, SUPERUSER])
def test_the_running_role_cannot_become(connection: Connection, role: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied to set role"):
        connection.execute(text(f"SET LOCAL ROLE {role}"))


@pytest.mark.parametrize("role", [roles.PROVINCE, roles.AUDITOR, roles.KEEPER])
def test_the_running_role_enters_for_one_transaction(connection: Connection, role: str) -> None:
    connection.execute(text(f"SET LOCAL ROLE {role}"))
    assert connection.scalar(text("SELECT current_user::text")) == role


@pytest.mark.parametrize("statement", ["CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE mine (id int)"])
def test_the_running_role_makes_no_table(connection: Connection, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(statement))


def test_the_running_role_connects_to_no_other_database(app_engine: Engine, database_server: EmbeddedServer) -> None:
    assert app_engine.url.database != roles.DATABASE
    address = database_server.address(roles.APP, "postgres").render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(libpq_url(address))


def test_the_owner_owns_the_database_and_nothing_of_it_is_the_running_roles(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user::text")) == roles.OWNER
        owned = "SELECT count(*) FROM pg_class WHERE relowner = 'kaowu_app'::regrole"
        assert connection.scalar(text(owned)) == 0


def test_the_production_script_makes_the_same_roles_and_can_be_run_again(tmp_path: Path) -> None:
    server = EmbeddedServer(data_dir=tmp_path / "data", options={"fsync": "off"})
    script = tmp_path / "roles.sql"
    script.write_text(roles.production_script())
    with server.in_use():
        superuser = libpq_url(server.address(SUPERUSER, "postgres").render_as_string(hide_password=False))
        with server.superuser() as connection:
            connection.execute(roles.drop_database_statement(roles.DATABASE))
        for owner_password in ("it's one", "it's another"):
            variables = ["-v", f"owner_password={owner_password}", "-v", "app_password=x"]
            subprocess.run(
                [postgres_programs() / "psql", "--quiet", "--no-psqlrc", *variables, "--file", script, superuser],
                check=True,
                capture_output=True,
            )
        address = server.address(roles.OWNER).set(password="it's another").render_as_string(hide_password=False)
        with psycopg.connect(libpq_url(address)) as connection:
            assert connection.execute("SELECT current_user::text").fetchone() == (roles.OWNER,)
        with server.superuser() as connection:
            sorting = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'kaowu'"
            assert connection.execute(sorting).fetchone() == ("b", "C.UTF-8")


def test_a_cloned_database_lets_nobody_else_in(database_server: EmbeddedServer, app_engine: Engine) -> None:
    with database_server.superuser() as connection:
        found = connection.execute(
            "SELECT has_database_privilege('kaowu_province', %(name)s, 'CONNECT'), "
            "has_database_privilege('kaowu_app', %(name)s, 'TEMPORARY')",
            {"name": app_engine.url.database},
        ).fetchone()
    assert found == (False, False)
