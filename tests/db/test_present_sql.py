"""The texts that hold now: each function, view and policy in one file, and the database as the files say."""

import re
import shutil
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from core.audit.facts import covered_tables
from core.db import migrate, present_sql
from core.db.database import Databases
from core.db.session import ANONYMOUS, PublicSession
from core.errors import ConfigurationError
from tests.db.catalogue import shape
from tests.factories import NOW

_POLICY = re.compile(r"^CREATE POLICY (\w+) ON (\w+)", re.MULTILINE)
_TRIGGER = re.compile(r"^CREATE TRIGGER (\w+)\s[^;]*?\sON (\w+)\s[^;]*EXECUTE FUNCTION (\w+)\(", re.MULTILINE)
_MADE = re.compile(r"^CREATE (?:FUNCTION|VIEW) (\w+)", re.MULTILINE)
_TOUCHED = re.compile(r"^(?:ALTER TABLE (\w+)|GRANT [^;]*? ON (?!SEQUENCE)(\w+) TO)", re.MULTILINE)
FILES = list(present_sql.files())


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _of(kind: str) -> dict[str, str]:
    return {file.stem: file.read_text() for file in FILES if file.parent.name == kind}


@pytest.fixture
def owner(fresh_database: Databases) -> Engine:
    return create_engine(fresh_database.owner_url, poolclass=NullPool)


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files, which a test may change as a new version of the program would."""
    copy = Path(shutil.copytree(present_sql.FOLDER, tmp_path / "sql"))
    monkeypatch.setattr(present_sql, "FOLDER", copy)
    return copy


def _shape(owner: Engine) -> dict[str, list[tuple[object, ...]]]:
    with owner.connect() as connection:
        return shape(connection)


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_file_holds_what_its_name_says(file: Path) -> None:
    written = file.read_text()
    if file.parent.name == "policies":
        assert {table for _, table in _POLICY.findall(written)} <= {file.stem}
        assert {table or granted for table, granted in _TOUCHED.findall(written)} == {file.stem}
        assert _MADE.findall(written) == []
    else:
        assert written.startswith("-- "), "says what it is for"
        assert _MADE.findall(written) == [file.stem]
        assert {function for *_, function in _TRIGGER.findall(written)} <= {file.stem}
        assert len(_TRIGGER.findall(written)) == len(re.findall(r"^CREATE TRIGGER", written, re.MULTILINE))


def test_every_table_has_its_file_and_every_file_its_table(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        assert set(tables) == set(_of("policies"))


def test_the_database_holds_the_texts_of_the_files_and_no_others(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        found = shape(connection)
        assert present_sql.are_loaded(connection)
    of_the_queue = "procrastinate_"
    written = "\n".join(_of("policies").values())
    assert sorted((str(row[1]), str(row[0])) for row in found["policies"]) == sorted(_POLICY.findall(written))
    functions = [str(row[0]) for row in found["functions"] if not str(row[0]).startswith(of_the_queue)]
    assert functions == sorted(_of("functions"))
    assert [row[0] for row in found["views"]] == sorted(_of("views"))
    triggers = [(name, table) for table, name, *_ in found["triggers"] if not str(name).startswith(of_the_queue)]
    made = [(name, table) for name, table, _ in _TRIGGER.findall("\n".join(_of("functions").values()))]
    # The file of note_facts makes its triggers on every covered table.
    made += [(name, table.name) for table in covered_tables() for name in ("note_changed", "note_come", "note_gone")]
    assert sorted(triggers) == sorted(made)


def test_every_function_is_sound_where_all_tables_are(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("GRANT CREATE ON SCHEMA public TO kaowu_transfer"))
        connection.execute(text("SET LOCAL check_function_bodies = on"))
        for name, owner_of_it, definition in shape(connection)["functions"]:
            if str(name) in _of("functions"):
                connection.execute(text(f"SET LOCAL ROLE {owner_of_it}"))
                connection.connection.cursor().execute(str(definition))
                connection.execute(text("RESET ROLE"))
        transaction.rollback()


def test_who_asks_is_told_by_every_session(connection: Connection) -> None:
    told = PublicSession(connection, actor=ANONYMOUS, now=NOW).settings()
    asked = {setting for meaning in present_sql.WORDS.values() for setting in re.findall(r"kaowu\.\w+", meaning)}
    assert asked == {setting for setting in told if setting.startswith("kaowu.")}


def test_a_text_that_changed_is_loaded_without_a_revision(
    fresh_database: Databases, owner: Engine, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _shape(owner)
    bans = texts / "policies" / "bans.sql"
    bans.write_text(bans.read_text().replace("CREATE POLICY bans_select", "CREATE POLICY bans_seen"))
    (texts / "functions" / "loses_certificate.sql").unlink()
    migrate.upgrade(fresh_database.owner_url)
    after = _shape(owner)
    assert {row[1] for row in after["policies"]} - {row[1] for row in before["policies"]} == {"bans_seen"}
    assert {row[0] for row in before["functions"]} - {row[0] for row in after["functions"]} == {"loses_certificate"}
    monkeypatch.undo()
    migrate.upgrade(fresh_database.owner_url)
    assert _shape(owner) == before


def test_texts_that_are_there_are_left_alone(fresh_database: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present_sql, "take_away", lambda _connection: pytest.fail("they are there"))
    migrate.upgrade(fresh_database.owner_url)


def test_commands_of_alembic_that_only_look_take_nothing_away(fresh_database: Databases, owner: Engine) -> None:
    before = _shape(owner)
    command.current(migrate._config(fresh_database.owner_url))
    assert _shape(owner) == before


def test_a_text_that_is_refused_is_named_and_nothing_has_changed(
    fresh_database: Databases, owner: Engine, texts: Path
) -> None:
    before = _shape(owner)
    bans = texts / "policies" / "bans.sql"
    bans.write_text(bans.read_text().replace("{office}", "{ofice}"))
    with pytest.raises(ConfigurationError, match=r"sql/policies/bans\.sql: syntax error"):
        migrate.upgrade(fresh_database.owner_url)
    assert _shape(owner) == before
