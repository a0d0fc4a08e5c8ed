"""The fixtures of all tests: one PostgreSQL per run, one database per worker, one transaction per test, rolled back.

The server is the embedded one, in a folder of its own that is removed afterwards. ``kaowu`` is migrated once and is
the template; each worker clones it. A test that must commit asks for ``fresh_database``, or for ``linshui_engine``: the
invented province in a database of the test's own.
"""

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings as examples
from sqlalchemy import Connection, Engine, create_engine

from core.applications.rules.document import RuleDocument
from core.db import migrate, roles
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.server.private_files import EXCLUSIVE, locked
from core.documents.storage import DocumentStore
from core.settings import ROOT
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.offices import Offices
from tests import cases, factories

# How fast examples are made says how busy the machine is, and nothing of the code under test.
examples.register_profile("kaowu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("kaowu")

pytest_plugins = ["tests.log_watch", "tests.callers", "tests.linshui", "tests.entrusted"]

_NO_BROWSER = (
    "NO BROWSER WAS FOUND, SO NO PAGE WAS LOOKED AT: the tests of tests/browser did not run. "
    "Install one (Debian: apt-get install chromium-headless-shell), or name it in CHROMIUM, and run them again."
)
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of tempfile is made in it
_ROOM = 4 * 1024**3
"""The temporary files of a run, its databases first, lie in memory where it has so many bytes: a disk's folders cost
half of the time of a database that is made and dropped."""
_FOLDER = pytest.StashKey[str]()
_MIGRATION_SECONDS = 300.0
_TOGETHER = ("tests/simulate/test_season.py", "tests/simulate/test_demo")
"""Tests that share a season (``test_demo`` begins the names of three files): one worker gets them all."""
_BROWSER = "tests/browser/"
"""Tests that share a town and a browser: a file at a time."""
_HALVES = ("tests/browser/test_pages.py", "tests/isolation/test_every_route.py")
"""Files that take so long that two workers share them: the pages of the registry, the roles of the walk."""


def _has_room(memory: Path) -> bool:
    """Whether a folder is there that lies in the memory of this machine, which has plenty of it."""
    meminfo = Path("/proc/meminfo")
    if "TMPDIR" in os.environ or not (os.access(memory, os.W_OK) and meminfo.exists()):
        return False
    available = int(meminfo.read_text().partition("MemAvailable:")[2].split()[0]) * 1024
    return shutil.disk_usage(memory).free > _ROOM and available > 2 * _ROOM


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of this run's server; a worker is told of it by the process that started it."""
    worker_input = getattr(config, "workerinput", None)
    if worker_input is not None:
        config.stash[_FOLDER] = worker_input["database_folder"]
        return
    if _has_room(_MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
    config.stash[_FOLDER] = tempfile.mkdtemp(prefix="kaowu-tests-")
    # A run that is told to end still stops what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of pytest-xdist where the run's server is."""
    node.workerinput["database_folder"] = node.config.stash[_FOLDER]  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Deal tests out one by one, but groups with an expensive fixture to one worker; the largest group first."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if file in _HALVES:
                return f"{file} {crc32(nodeid.encode()) % 2}"
            if file.startswith(_BROWSER):
                return file
            return next((place for place in _TOGETHER if nodeid.startswith(place)), nodeid)

    return Together(config, log)


def find_browser() -> str | None:
    """The browser that the variable CHROMIUM names, or Debian's chromium, first the one without windows.

    A page costs `chromium-headless-shell` a third less processor time than `chromium --headless`.
    """
    return os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make screenshots` say where to."""
    parser.addoption("--screenshots", metavar="FOLDER", help="photograph every page of tests/browser into this folder")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how large the matrix of routes, roles and cases was, and loudly that pages were not looked at."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    walks = [dict(report.user_properties).get("matrix") for report in reports if report.when == "call"]
    if walked := [walk for walk in walks if walk is not None]:
        requests, leaks = (sum(walk[name] for walk in walked) for name in ("requests", "leaks"))
        matrix = f"{walked[0]['routes']} routes x {len(walked)} roles x {walked[0]['cases']} cases"
        terminalreporter.line(f"matrix: {matrix}: {requests} requests, {leaks} leaks")
    if find_browser() is None:
        terminalreporter.section("no browser", red=True, bold=True)
        terminalreporter.line(_NO_BROWSER, red=True, bold=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, even if a worker died before it could, and remove its folder."""
    if hasattr(config, "workerinput") or _FOLDER not in config.stash:
        return
    folder = Path(config.stash[_FOLDER])
    _server(folder).stop()
    shutil.rmtree(folder)


def _server(folder: Path) -> EmbeddedServer:
    # Nobody needs a test's data after a power failure.
    durability = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return EmbeddedServer(data_dir=folder / "data", options=durability)


def _databases(server: EmbeddedServer, name: str) -> Databases:
    app, owner = server.address(roles.APP, name), server.address(roles.OWNER, name)
    return Databases(app.render_as_string(hide_password=False), owner.render_as_string(hide_password=False))


_migrate_once = cache(migrate.upgrade)
engine_of = cache(create_engine)
"""The engine of an address, once for a worker: a new one would compile every statement once more. Dispose of it, since
the database is another's afterwards."""


@contextmanager
def clone(server: EmbeddedServer, name: str, *, template: str = roles.DATABASE) -> Iterator[Databases]:
    """Copy a database, as a rule the migrated one; one at a time, since PostgreSQL wants the template to itself."""
    with locked(server.data_dir / "clone.lock", EXCLUSIVE, within=_MIGRATION_SECONDS):
        _migrate_once(_databases(server, roles.DATABASE).owner_url)
        with server.superuser() as connection:
            connection.execute(roles.create_database_statement(name, template=template))
            connection.execute(roles.connect_statement(name))
    try:
        yield _databases(server, name)
    finally:
        with server.superuser() as connection:
            connection.execute(roles.drop_database_statement(name))


@pytest.fixture(scope="session")
def database_server(pytestconfig: pytest.Config) -> Iterator[EmbeddedServer]:
    """The run's PostgreSQL, shared by all workers; the last to finish stops it."""
    server = _server(Path(pytestconfig.stash[_FOLDER]))
    with server.in_use():
        yield server


@pytest.fixture(scope="session")
def databases(database_server: EmbeddedServer, worker_id: str) -> Iterator[Databases]:
    """The addresses of this worker's database."""
    with clone(database_server, f"kaowu_{worker_id}") as addresses:
        yield addresses


@pytest.fixture
def fresh_database(database_server: EmbeddedServer) -> Iterator[Databases]:
    """A migrated, empty database of the test's own: it may commit, and processes it starts may connect."""
    with clone(database_server, f"kaowu_{uuid.uuid4().hex}") as addresses:
        yield addresses


@pytest.fixture(scope="session")
def app_engine(databases: Databases) -> Iterator[Engine]:
    """An engine as the running role, which row-level security binds."""
    engine = create_engine(databases.app_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def owner_engine(databases: Databases) -> Iterator[Engine]:
    """An engine as the owner of the tables: for looking at the catalogue, not for preparing a test's rows."""
    engine = create_engine(databases.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(app_engine: Engine) -> Iterator[Connection]:
    """A connection of the running role in a transaction that is rolled back after the test.

    Sessions are built on it and join it by savepoints, so that a service under test may be "committed" by its edge.
    """
    with app_engine.connect() as opened, opened.begin() as transaction:
        yield opened
        transaction.rollback()


@pytest.fixture(scope="session")
def _province_loaded(owner_engine: Engine) -> None:
    """The tiny province of ``tests/factories.py``: reference data, committed once for each worker."""
    factories.load_province(owner_engine)


@pytest.fixture
def province(connection: Connection, _province_loaded: None) -> Connection:
    """The connection of the test, in a database in which the tiny province has its offices and its season."""
    return connection


@pytest.fixture(scope="session")
def henan() -> Catalogue:
    """The offices that come with Kaowu."""
    return load_catalogue(ROOT / "tenants")


@pytest.fixture(scope="session")
def linshui_offices() -> tuple[Offices, RuleDocument]:
    """The invented offices of ``tests/offices`` with their plugins, and their season's rule document."""
    return cases.linshui_offices()


@pytest.fixture(scope="session")
def linshui_template(
    database_server: EmbeddedServer, worker_id: str, linshui_offices: tuple[Offices, RuleDocument]
) -> Iterator[str]:
    """The name of a database with the invented province, which nobody enters: the others are copies of it."""
    name = f"kaowu_template_{worker_id}"
    with clone(database_server, name) as addresses:
        cases.load_linshui(addresses, linshui_offices[0])
        yield name


@pytest.fixture(scope="session")
def _linshui_databases(database_server: EmbeddedServer, worker_id: str, linshui_template: str) -> Iterator[Databases]:
    with clone(database_server, f"kaowu_linshui_{worker_id}", template=linshui_template) as addresses:
        yield addresses


@pytest.fixture
def linshui_database(database_server: EmbeddedServer, worker_id: str, linshui_template: str) -> Iterator[Databases]:
    """The invented province in a database of the test's own, as ``fresh_database``."""
    with clone(database_server, f"kaowu_alone_{worker_id}", template=linshui_template) as addresses:
        yield addresses


@pytest.fixture
def linshui_engine(linshui_database: Databases) -> Iterator[Engine]:
    """An engine as the running role on ``linshui_database``."""
    engine = engine_of(linshui_database.app_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def _linshui_engine(_linshui_databases: Databases) -> Iterator[Engine]:
    engine = create_engine(_linshui_databases.app_url)
    yield engine
    engine.dispose()


@pytest.fixture
def season(
    _linshui_engine: Engine, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path
) -> Iterator[cases.Season]:
    """The invented province in its season, on a connection that is rolled back after the test."""
    with _linshui_engine.connect() as opened, opened.begin() as transaction:
        yield cases.Season(opened, *linshui_offices, DocumentStore(tmp_path / "documents"))
        transaction.rollback()
