"""Background jobs run in a scope too: whatever a worker asks of our tables, it has said for whom before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event

from core import worker
from core.applications.rules.document import RuleDocument
from core.db.database import Databases
from core.platform import Platform
from core.tenancy.offices import Offices
from tests.cases import YEAR, Season, at, platform_at


@pytest.fixture
def platform(
    linshui_database: Databases, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path
) -> Iterator[Platform]:
    engine = create_engine(linshui_database.app_url)
    yield platform_at(at(12, 1), linshui_database, engine, offices=linshui_offices, folder=tmp_path)
    engine.dispose()


def test_every_transaction_of_a_worker_says_first_for_whom_it_works(platform: Platform) -> None:
    with platform.engine.connect() as connection, connection.begin():
        Season(connection, platform.offices, platform.rules[YEAR], platform.documents).draft()
    begun: list[tuple[str, object]] = []
    first: set[int] = set()

    @event.listens_for(platform.engine, "begin")
    def _begins(connection: Connection) -> None:
        first.add(id(connection.connection.dbapi_connection))

    @event.listens_for(platform.engine, "before_cursor_execute")
    def _asks(connection: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if id(connection.connection.dbapi_connection) in first:
            first.discard(id(connection.connection.dbapi_connection))
            begun.append((statement, parameters))

    worker.run(platform, once=True)
    assert len(begun) >= len([office for office in platform.offices.catalogue.offices() if office.parent])
    for statement, parameters in begun:
        assert statement.startswith("SELECT set_config("), statement
        said = dict(zip(parameters[::2], parameters[1::2], strict=True))  # type: ignore[index]
        assert said["kaowu.scope"] in {"system", "auditor"}, said
        assert said["kaowu.scope"] != "system" or said["kaowu.office_id"]
