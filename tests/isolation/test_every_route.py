"""The matrix: every route, pages and files included, as everybody, against rows of everybody. Leaks: none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from litestar.testing import TestClient
from sqlalchemy import Connection, create_engine, text

from core.applications.rules.document import RuleDocument
from core.clock import SettableClock
from core.db.base import Base
from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.documents.storage import DocumentStore
from core.platform import Platform
from core.settings import Settings
from core.tenancy.offices import Offices
from core.text.form_texts import LONGEST
from tests.cases import KEYS, PAPER_KEYS, RECORD_KEYS, YEAR, Season, pdf_certificates
from tests.isolation import forms, rows, walk
from tests.isolation.direct import keep_plans
from tests.isolation.walk import CASES, PERSONAL, READS, Walk
from tests.serving import client_of


@dataclass
class Ground:
    """What the walks of this file share: one connection with everybody's rows, and the application on it."""

    connection: Connection
    client: TestClient  # type: ignore[type-arg]
    begin: Callable[[], Walk]


@contextmanager
def _savepoint(connection: Connection) -> Iterator[Connection]:
    with connection.begin_nested():
        yield connection


@pytest.fixture(scope="module")
def ground(
    database_server: EmbeddedServer,
    _linshui_databases: Databases,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("walk")
    name = create_engine(_linshui_databases.app_url).url.database
    assert name is not None
    engine = create_engine(database_server.address(SUPERUSER, name))
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))
        keep_plans(connection)
        # What asks the engine for a transaction of its own gets a savepoint of this one.
        connection.begin = lambda: _savepoint(connection)  # type: ignore[method-assign, assignment, return-value]
        store = DocumentStore(folder / "documents")
        season = Season(connection, *linshui_offices, store)
        made = walk.cases(season)
        callers = walk.callers(season, made)
        with walk.as_superuser(connection):
            ids = rows.add_rows(connection, made)
        platform = Platform(
            settings=Settings.load(data_dir=folder, keys_dir=pdf_certificates()),
            databases=_linshui_databases,
            engine=connection,  # type: ignore[arg-type]
            offices=linshui_offices[0],
            rules={YEAR: linshui_offices[1]},
            keys=KEYS,
            record_keys=RECORD_KEYS,
            paper_keys=PAPER_KEYS,
            documents=store,
            clock=SettableClock(season.now),
        )
        with client_of(platform) as client:
            yield Ground(connection, client, lambda: Walk(client, connection, callers, ids))
        transaction.rollback()
    engine.dispose()


def test_everybody_in_the_table_of_readers_walks(ground: Ground) -> None:
    assert ground.begin().callers.keys() == READS.keys()


@pytest.mark.parametrize("who", READS)
def test_every_route_shows_everybody_what_is_theirs_and_nothing_else(
    ground: Ground, who: str, record_property: Callable[[str, object], None]
) -> None:
    walked = ground.begin()
    walked.everything([who])
    counted = {"routes": len(walked.routes), "cases": len(CASES), "requests": walked.requests}
    record_property("matrix", counted | {"leaks": len(walked.leaks)})
    assert not walked.leaks, "\n".join(map(str, sorted(walked.leaks)))
    assert not walked.broken, "\n".join(map(str, sorted(walked.broken)))
    # Nothing was hidden from its own people: what could leak was there to be seen.
    assert walked.seen[who] == READS[who]


def test_no_form_takes_a_text_that_is_too_long(ground: Ground) -> None:
    walked, taken, sent = ground.begin(), {}, 0
    for path, handler in forms.forms_of(ground.client.app):
        if "data" not in handler.parsed_fn_signature.parameters:
            continue
        sent += 1
        status, page = forms.send(walked, path, handler, reason="长" * (LONGEST + 1))
        if status != 422 or f"最多{LONGEST}字" not in page:
            taken[path] = status
    assert sent > 120
    assert taken == {}


def test_the_page_of_every_form_can_be_reloaded_under_its_address(ground: Ground) -> None:
    walked = ground.begin()
    shown = forms.addresses_of_forms(walked)
    assert len(shown) > 60
    assert {
        (who, address): (page, status)
        for (who, address), page in shown.items()
        if (status := forms.reload(walked, who, address)) >= 400
    } == {}


@contextmanager
def broken(connection: Connection, fault: str) -> Iterator[None]:
    """A protection taken away, for a while."""
    kept = connection.begin_nested()
    with walk.as_superuser(connection):
        connection.execute(text(fault))
    yield
    kept.rollback()


@pytest.mark.parametrize(
    ("fault", "below"),
    [
        ("ALTER TABLE applications DISABLE ROW LEVEL SECURITY", "/api/v1/applications/{application_id:uuid}/story"),
        ("ALTER TABLE accounts DISABLE ROW LEVEL SECURITY", "/api/v1/accounts"),
    ],
)
def test_the_same_walk_finds_a_table_without_row_level_security(ground: Ground, fault: str, below: str) -> None:
    walked = ground.begin()
    with broken(ground.connection, fault):
        walked.everything(READS, only=below)
    assert walked.leaks != set()


def test_a_new_route_whose_address_the_walk_does_not_know_is_noticed() -> None:
    with pytest.raises(KeyError, match="invented_id"):
        walk.fill("/api/v1/inventions/{invented_id:uuid}", {"application_id": walk.row_id("applications", "draft")})
    with pytest.raises(KeyError, match="invented"):
        walk.fill("/api/v1/inventions/{invented:str}", {})


def test_what_is_marked_is_there() -> None:
    assert all(set(columns) <= set(Base.metadata.tables[table].columns.keys()) for table, columns in PERSONAL.items())
