"""The schema's history: one line of revisions, forwards and back, ending where the models and the verbs are."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, NullPool, create_engine, inspect, select, text

from core.applications.models import Transition
from core.applications.workflow import transitions
from core.db import isolation, migrate
from core.db.base import Base
from core.db.database import Databases
from core.settings import ROOT


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Leave out the tables of the job queue, which come with its own schema."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate"))


def test_there_is_one_line_of_revisions_with_one_end() -> None:
    script = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
    assert script.get_heads() == [migrate.newest()]
    assert all(not revision.is_merge_point for revision in script.walk_revisions())


def test_a_database_can_go_back_to_nothing_and_forwards_again(fresh_database: Databases) -> None:
    owner = create_engine(fresh_database.owner_url, poolclass=NullPool)
    before = _shape(owner)
    migrate.downgrade(fresh_database.owner_url, "base")
    assert inspect(owner).get_table_names() == ["alembic_version"]
    assert migrate.current(fresh_database.owner_url) is None
    migrate.upgrade(fresh_database.owner_url)
    assert migrate.current(fresh_database.owner_url) == migrate.newest()
    assert _shape(owner) == before


def test_the_models_are_the_migrated_schema(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        options = {"compare_type": True, "include_object": _ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_the_database_knows_exactly_the_moves_of_the_table_of_verbs(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        rows = connection.execute(select(Transition.action, Transition.from_state, Transition.to_state)).all()
    assert sorted(map(tuple, rows)) == sorted(transitions())


def _shape(owner: Engine) -> dict[str, list[tuple[object, ...]]]:
    """What a database consists of that a migration could leave behind or forget."""
    catalogue = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY 1, 2",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "policies": "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2",
        "functions": "SELECT proname, proowner::regrole::text, prosecdef, proacl::text FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "grants": "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema = 'public' ORDER BY 1, 2, 3",
    }
    with owner.connect() as connection:
        assert isolation.unprotected_tables(connection) == []
        return {name: [tuple(row) for row in connection.execute(text(query))] for name, query in catalogue.items()}
