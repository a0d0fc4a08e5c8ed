"""The role that runs requests cannot become more than it is, and without a scope it sees nothing at all."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from core.clock import SHANGHAI
from core.db import isolation, roles
from core.db.base import Base, new_id
from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.session import (
    ANONYMOUS,
    Actor,
    AuditorSession,
    OfficeSession,
    OperatorSession,
    PersonSession,
    PublicSession,
    Role,
    ScopedSession,
    SignInSession,
    SystemSession,
    UnitSession,
)
from core.db.tables import all_tables
from core.errors import ConfigurationError
from core.plugin_api import OfficeCode

NOW = datetime(2024, 3, 25, 9, tzinfo=SHANGHAI)
PROTECTED = sorted(set(all_tables().tables) - set(isolation.OPEN_TABLES))
NOBODY = Actor(new_id(), "测试陌生人", Role.APPLICANT, OfficeCode("nowhere"), new_id(), new_id())
CREDENTIALS = {"passwords", "second_factors", "browser_sessions", "failed_attempts", "phone_codes"}
"""What nobody reads but somebody who is signing in, and, some of it, the office that issued the account."""
STRANGERS: list[tuple[type[ScopedSession], set[str]]] = [
    (PersonSession, set()),
    (UnitSession, set()),
    (OfficeSession, set()),
    (SystemSession, {"record_facts"}),
    (PublicSession, set()),
    (OperatorSession, {"outbox", "plugin_failures"}),
    (SignInSession, {"accounts", "acting_grants", "api_tokens", "factor_removals", "role_grants", *CREDENTIALS}),
]
"""What somebody sees of other people's rows beyond ``FOR_ALL``, who has none of their own."""
FOR_ALL = {
    *("calendar_versions", "season_acts", "delegations", "unit_names", "units"),
    *("exam_rooms", "exam_sites", "site_offices", "sitting_rooms", "sittings", "training_courses", "publications"),
}
"""What every scope may read: the offices' published dates, the phase of a year, who acts for whom by which paper, the
directory of units, where and when exams and courses are held, and which lists are out; who sits where or stands on them
is another matter."""
VALUES = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "bigint": "1",
    "numeric": "1",
    "boolean": "true",
    "date": "'2024-03-25'",
    "timestamp with time zone": "'2024-03-25 09:00+08'",
    "bytea": "'x'",
    "bytea[]": "'{}'",
    "jsonb": "'{}'",
    "text[]": "'{}'",
    "bigint[]": "'{}'",
}


@pytest.fixture
def filled(fresh_database: Databases, database_server: EmbeddedServer) -> Iterator[Engine]:
    """The running role's engine on a database in which every protected table has a row that could leak.

    Checks and foreign keys are set aside: what is tested is who sees a row, whatever stands in it.
    """
    app = create_engine(fresh_database.app_url)
    name = app.url.database
    assert name is not None
    with database_server.superuser(name) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for table in PROTECTED:
            columns = superuser.execute(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table],
            ).fetchall()
            checks = superuser.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]
            ).fetchall()
            for (check,) in checks:
                superuser.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{check}"'.encode())
            names = ", ".join(f'"{column}"' for column, _ in columns)
            values = ", ".join(VALUES[kind] for _, kind in columns)
            superuser.execute(f"INSERT INTO {table} ({names}) VALUES ({values})".encode())  # noqa: S608
    yield app
    app.dispose()


def seen(connection: Connection) -> set[str]:
    """The protected tables of which a row is visible now."""
    found = set()
    for table in PROTECTED:
        try:
            with connection.begin_nested():
                if connection.scalar(text(f"SELECT count(*) FROM {table}")):  # noqa: S608 - names of our own tables
                    found.add(table)
        except ProgrammingError as error:
            assert "permission denied" in str(error)  # noqa: PT017 - tables that a role may not read at all
    return found


def test_without_a_scope_no_row_of_any_table_is_visible(filled: Engine) -> None:
    with filled.connect() as connection:
        assert seen(connection) == set()


@pytest.mark.parametrize(("scope", "also"), STRANGERS, ids=lambda value: getattr(value, "scope", ""))
def test_who_has_no_row_of_their_own_sees_only_what_is_for_all(
    filled: Engine, scope: type[ScopedSession], also: set[str]
) -> None:
    with filled.connect() as connection, connection.begin(), scope(connection, actor=NOBODY, now=NOW) as session:
        assert seen(session.connection()) == FOR_ALL | also


def test_the_auditor_sees_every_table_but_the_keys_of_others(filled: Engine) -> None:
    # With data in every table, which also shows that the tests above had something to hide.
    with filled.connect() as connection, connection.begin():
        session = AuditorSession(connection, actor=ANONYMOUS, now=NOW)
        # The seed of a panel that scores is nobody's yet.
        hidden = {"api_tokens", "contacts", "idempotency_keys", "panel_draws", "table_exports", *CREDENTIALS}
        assert seen(session.connection()) == set(PROTECTED) - hidden
        session.close()


@pytest.mark.parametrize("command", ["INSERT", "UPDATE", "DELETE"])
def test_an_auditor_writes_nothing_but_what_it_has_read_and_orders_to_read(filled: Engine, command: str) -> None:
    granted = text(
        "SELECT DISTINCT table_name FROM information_schema.column_privileges WHERE grantee = 'kaowu_auditor' "
        "AND privilege_type = :command UNION SELECT table_name FROM information_schema.table_privileges "
        "WHERE grantee = 'kaowu_auditor' AND privilege_type = :command"
    )
    written = text("SELECT tablename FROM pg_policies WHERE 'kaowu_auditor' = ANY (roles) AND cmd IN (:command, 'ALL')")
    with filled.connect() as connection, connection.begin():
        session = AuditorSession(connection, actor=ANONYMOUS, now=NOW)
        allowed = set(session.scalars(written, {"command": command}))
        given = set(session.scalars(granted, {"command": command}))
        changed = {table for table in PROTECTED if _takes(session.connection(), table, command)}
        session.close()
    ordered = {"table_exports"}
    assert allowed == {"INSERT": {"record_entries", *ordered}, "UPDATE": ordered, "DELETE": set()}[command]
    # The job that makes an ordered table is one of the queue's.
    assert given - allowed == ({"procrastinate_jobs", "procrastinate_events"} if command == "INSERT" else set())
    # Entries and orders are refused as well, since they would be in another's name.
    assert changed == set()


def _takes(connection: Connection, table: str, command: str) -> bool:
    """Whether a copy of a row, a change of every row, or its removal goes through."""
    column = f'"{Base.metadata.tables[table].columns.keys()[0]}"'
    statement = {
        "INSERT": f"INSERT INTO {table} SELECT * FROM {table}",  # noqa: S608
        "UPDATE": f"UPDATE {table} SET {column} = {column}",  # noqa: S608
        "DELETE": f"DELETE FROM {table}",  # noqa: S608
    }[command]
    try:
        with connection.begin_nested():
            return connection.execute(text(statement)).rowcount > 0
    except ProgrammingError as error:
        assert "permission denied" in str(error) or "row-level security" in str(error)  # noqa: PT017
        return False


def test_a_scope_ends_with_its_transaction(filled: Engine) -> None:
    with filled.connect() as connection:
        with connection.begin(), PublicSession(connection, actor=ANONYMOUS, now=NOW) as session:
            assert seen(session.connection()) == FOR_ALL
        with connection.begin():
            assert connection.scalar(text("SELECT current_user")) == roles.APP
            assert seen(connection) == set()


def test_a_supervisors_role_without_a_scope_is_gone_after_its_transaction(filled: Engine) -> None:
    with filled.connect() as connection:
        with connection.begin(), AuditorSession(connection, actor=ANONYMOUS, now=NOW) as session:
            assert session.scalar(text("SELECT current_user")) == roles.AUDITOR
        assert connection.scalar(text("SELECT current_user")) == roles.APP


@pytest.mark.parametrize("role", [roles.OWNER, roles.TRANSFER, SUPERUSER])
def test_the_running_role_cannot_become_somebody_who_may_do_more(connection: Connection, role: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied to set role"):
        connection.execute(text(f"SET ROLE {role}"))


def test_the_running_role_has_no_attribute_that_gets_round_the_policies(connection: Connection) -> None:
    wanted = text(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit "
        "FROM pg_roles WHERE rolname = current_user"
    )
    assert tuple(connection.execute(wanted).one()) == (False,) * 6
    owned = text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
    assert connection.scalar(owned) == 0
    isolation.check_running_role(connection)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE applications DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY more ON applications FOR SELECT TO kaowu_app USING (true)",
        "ALTER TABLE applications DISABLE TRIGGER guard_application",
        "SET session_replication_role = replica",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE mine (id int)",
        "TRUNCATE moves",
    ],
)
def test_the_running_role_cannot_take_the_protection_away(connection: Connection, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"):
        connection.execute(text(statement))


def test_start_up_refuses_the_owner_of_the_tables(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection, pytest.raises(ConfigurationError, match="kaowu_owner owns tables"):
        isolation.check_running_role(connection)


def test_start_up_refuses_a_superuser_and_a_role_that_bypasses_policies(
    fresh_database: Databases, database_server: EmbeddedServer
) -> None:
    url = create_engine(fresh_database.app_url).url
    with database_server.superuser() as superuser:
        superuser.execute("CREATE ROLE test_careless LOGIN SUPERUSER BYPASSRLS PASSWORD 'test'")
    careless = create_engine(url.set(username="test_careless", password="test"))
    try:
        with careless.connect() as connection, pytest.raises(ConfigurationError) as refused:
            isolation.check_running_role(connection)
        assert "is a superuser and has BYPASSRLS" in str(refused.value)
    finally:
        careless.dispose()
        with database_server.superuser() as superuser:
            superuser.execute("DROP ROLE test_careless")
