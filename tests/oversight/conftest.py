"""The invented province, loaded once for these tests; what a test does to it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from core.db.database import Databases
from core.db.embedded import EmbeddedServer
from core.keys import FileKeys, create_keys, load_keys
from tests.conftest import clone
from tests.linshui import Linshui, load_linshui


@pytest.fixture(scope="package")
def loaded_databases(database_server: EmbeddedServer, worker_id: str) -> Iterator[Databases]:
    with clone(database_server, f"kaowu_oversight_{worker_id}") as addresses:
        load_linshui(addresses)
        yield addresses


@pytest.fixture(scope="package")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    folder: Path = tmp_path_factory.mktemp("keys")
    create_keys(folder)
    return load_keys(folder)


@pytest.fixture
def linshui(loaded_databases: Databases, keys: FileKeys) -> Iterator[Linshui]:
    engine = create_engine(loaded_databases.app_url)
    with engine.connect() as connection, connection.begin() as transaction:
        yield Linshui(connection, keys)
        transaction.rollback()
    engine.dispose()
