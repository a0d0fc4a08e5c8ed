"""The schema's history: one line of revisions, forwards and back, ending where the models and the verbs are."""

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, select

from core.applications.models import Transition
from core.db import isolation, migrate
from core.db.base import Base
from core.db.database import Databases
from core.domain.workflow import transitions
from core.settings import ROOT
from tests.db.catalogue import shape


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Leave out the tables of the job queue, which come with its own schema."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate"))


def test_there_is_one_line_of_revisions_with_one_end() -> None:
    script = ScriptDirectory.from_config(_config())
    assert script.get_heads() == [migrate.newest()]
    assert all(not revision.is_merge_point for revision in script.walk_revisions())


def test_a_database_can_go_back_to_nothing_and_forwards_again(fresh_database: Databases) -> None:
    owner = create_engine(fresh_database.owner_url, poolclass=NullPool)
    with owner.connect() as connection:
        before = shape(connection)
    migrate.downgrade(fresh_database.owner_url, "base")
    assert inspect(owner).get_table_names() == ["alembic_version"]
    assert migrate.current(fresh_database.owner_url) is None
    migrate.upgrade(fresh_database.owner_url)
    assert migrate.current(fresh_database.owner_url) == migrate.newest()
    with owner.connect() as connection:
        assert isolation.unprotected_tables(connection) == []
        assert shape(connection) == before


def test_every_revision_goes_back_and_forwards_by_itself(fresh_database: Databases) -> None:
    revisions = [revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()]
    owner = create_engine(fresh_database.owner_url, poolclass=NullPool)
    tables = {migrate.newest(): sorted(inspect(owner).get_table_names())}
    for earlier in revisions[1:]:
        migrate.downgrade(fresh_database.owner_url, earlier)
        tables[earlier] = sorted(inspect(owner).get_table_names())
        with owner.connect() as connection:
            _assert_closed(connection)
    migrate.downgrade(fresh_database.owner_url, "base")
    for revision in reversed(revisions):
        migrate.upgrade(fresh_database.owner_url, revision)
        assert sorted(inspect(owner).get_table_names()) == tables[revision]
    with owner.connect() as connection:
        assert isolation.unprotected_tables(connection) == []


def _assert_closed(connection: Connection) -> None:
    """Between revisions there are no policies or functions of ours, and requests have no right to anything."""
    found = shape(connection)
    assert found["policies"] == found["views"] == []
    assert [row for row in found["functions"] + found["triggers"] if "procrastinate" not in str(row)] == []
    assert {row[2] for row in found["rights"]} <= {"kaowu_owner"}


def _config() -> Config:
    return Config(toml_file=ROOT / "pyproject.toml")


def test_the_models_are_the_migrated_schema(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        options = {"compare_type": True, "include_object": _ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_the_database_knows_exactly_the_moves_of_the_table_of_verbs(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        rows = connection.execute(select(Transition.action, Transition.from_state, Transition.to_state)).all()
    assert sorted(map(tuple, rows)) == sorted(transitions())
