"""The page that says which scope reaches which table, made from the policies that the database holds."""

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, text

from core.cli.docs import docs
from core.cli.docs_policies import policies_page
from core.db import isolation
from core.db.database import Databases


def _page(connection: Connection) -> str:
    return policies_page(isolation.tables(connection), isolation.policies(connection))


def _row(page: str, table: str) -> list[str]:
    (line,) = [line for line in page.splitlines() if line.startswith(f"| `{table}` |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_a_table_says_who_reaches_it_by_which_command(connection: Connection) -> None:
    page = _page(connection)
    assert _row(page, "bans") == [
        "person, office, province, auditor, keeper, functions",
        "office, as `sanction_cases`, as `applications`, province",
        "province",
        "",
    ]
    assert _row(page, "passwords") == ["signin", "office, signin, as `accounts`", "", "signin"]
    assert _row(page, "sittings")[0] == "every scope, province, auditor, functions"
    assert _row(page, "paper_parts")[1] == "office, system"
    assert _row(page, "documents")[0].endswith(", but for `evidence`")


def test_every_table_is_there_once_and_an_open_one_with_its_reason(connection: Connection) -> None:
    page = _page(connection)
    for table in isolation.tables(connection):
        row = _row(page, table)
        assert row == [isolation.OPEN_TABLES[table]] if table in isolation.OPEN_TABLES else any(row)


def test_the_page_is_of_the_database_and_not_of_the_files(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("DROP POLICY bans_province_update ON bans"))
        connection.execute(text("CREATE POLICY loose ON bans FOR DELETE TO kaowu_app USING (true)"))
        connection.execute(text("CREATE TABLE forgotten (id uuid)"))
        page = _page(connection)
        transaction.rollback()
    assert _row(page, "bans")[2:] == ["", "everybody"]
    assert _row(page, "forgotten") == ["**No reason is given.**"]


def test_the_command_prints_the_page(
    databases: Databases, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAOWU_DATABASE_URL", databases.app_url)
    printed = CliRunner().invoke(docs, ["policies"])
    assert printed.exit_code == 0, printed.output
    assert printed.output == _page(connection)
