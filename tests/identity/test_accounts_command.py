"""`kaowu accounts`: the operator lists accounts and makes tokens."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, create_engine

from core.cli import main
from core.clock import system_clock
from core.db.database import Databases
from core.db.session import ANONYMOUS, Role, SignInSession
from core.identity.service import resolve_token
from tests import factories
from tests.factories import CITY


@pytest.fixture
def engine(fresh_database: Databases, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A committed account, in the database that the settings name."""
    monkeypatch.setenv("KAOWU_DATABASE_URL", fresh_database.app_url)
    owner, app = create_engine(fresh_database.owner_url), create_engine(fresh_database.app_url)
    factories.load_province(owner)
    owner.dispose()
    with app.connect() as connection, connection.begin():
        _make(connection)
    app.dispose()
    return app


def _make(connection: Connection) -> None:
    factories.make_account(connection, "linjiang.online", role=Role.CITY_REVIEWER, office_id=CITY)


def _accounts(*words: str) -> Result:
    return CliRunner().invoke(main, ["accounts", *words], env={"COLUMNS": "120"})


@pytest.mark.usefixtures("engine")
def test_the_list_shows_each_account_with_its_role_and_place() -> None:
    result = _accounts("list")
    assert result.exit_code == 0
    [line] = [line for line in result.output.splitlines() if "linjiang.online" in line]
    assert all(text in line for text in ("测试账号", "city_reviewer", CITY, "open"))


def test_a_token_signs_in_as_the_account_that_it_was_made_for(engine: Engine) -> None:
    result = _accounts("token", "linjiang.online")
    assert result.exit_code == 0
    with SignInSession(engine, actor=ANONYMOUS, now=system_clock()) as session:
        [actor] = resolve_token(session, result.output.strip())
    engine.dispose()
    assert (actor.role, actor.office_id) == (Role.CITY_REVIEWER, CITY)


@pytest.mark.usefixtures("engine")
def test_an_unknown_name_is_refused_with_the_command_that_helps() -> None:
    result = _accounts("token", "nobody")
    assert result.exit_code == 1
    assert "kaowu accounts list" in result.output
