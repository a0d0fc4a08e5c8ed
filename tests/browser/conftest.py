"""The invented province served on a port of this machine, people of every role, and a browser to look with."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import create_engine

from core.applications.rules.document import RuleDocument
from core.db.server.embedded import EmbeddedServer
from core.tenancy.offices import Offices
from tests.browser.chromium import AXE, DESKTOP, Watched, new_context, open_browser
from tests.browser.old_browser import OLD
from tests.browser.town import Town
from tests.callers import Web
from tests.cases import at, load_linshui, platform_at
from tests.conftest import clone, find_browser
from tests.serving import application, client_of, served

if find_browser() is None and os.environ.get("CI") != "true":
    # tests/conftest.py says so, loudly, at the end of the run. Under CI=true they run, and fail.
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def town(
    database_server: EmbeddedServer,
    worker_id: str,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    """The province on a day on which people register, served until the run ends."""
    name = f"kaowu_town_{worker_id}"
    with serve_town(database_server, name, linshui_offices, tmp_path_factory.mktemp("town")) as served_town:
        yield served_town


@contextmanager
def serve_town(
    server: EmbeddedServer, name: str, offices: tuple[Offices, RuleDocument], folder: Path
) -> Iterator[Town]:
    """A province with a database of its own, served for the block."""
    with clone(server, name) as databases:
        load_linshui(databases, offices[0])
        engine = create_engine(databases.app_url)
        platform = platform_at(at(3, 25), databases, engine, offices=offices, folder=folder, simulation=True)
        with application(platform) as app, served(app) as (_, port), client_of(platform) as client:
            yield Town(f"http://127.0.0.1:{port}", Web(platform, client, platform.clock))
        engine.dispose()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for the tests of a file. Its event loop must not outlive them: others would find it running."""
    # A machine that does other things as well takes its time.
    expect.set_options(timeout=20_000)
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


Visit = Callable[..., Watched]


@pytest.fixture
def visit(browser: Browser, town: Town) -> Iterator[Visit]:
    """Open a window: ``visit("manager", viewport=PHONE, javascript=False)``. It is closed after the test.

    An ``old`` window lacks what browsers of offices lack; ``OLD_BROWSER=true`` makes all windows of a run old.
    """
    contexts = []

    def open_window(
        who: str | None = None, *, viewport: dict[str, int] | None = None, javascript: bool = True, old: bool = OLD
    ) -> Watched:
        context = new_context(browser, viewport=viewport or DESKTOP, javascript=javascript, old=old)
        contexts.append(context)
        if who is not None:
            context.add_cookies([town.cookie(who)])
        return Watched.open(context, town.address)

    yield open_window
    for context in contexts:
        context.close()


WindowOf = Callable[[str | None], Watched]


@contextmanager
def one_window(
    browser: Browser, town: Town, *, viewport: dict[str, int] = DESKTOP, old: bool = OLD
) -> Iterator[WindowOf]:
    """A window for many pages, handed from person to person: a new one would read its scripts and fonts afresh.

    One page follows another of the same server, so that all are drawn by one process of the browser, which has
    compiled axe-core before. A blank page between them would end that process.
    """
    context = new_context(browser, viewport=viewport, old=old)
    context.add_init_script(AXE)
    window, cookies = Watched.open(context, town.address), {}

    def hand_to(who: str | None) -> Watched:
        context.clear_cookies()
        if who is not None:
            cookies[who] = cookies.get(who) or town.cookie(who)
            context.add_cookies([cookies[who]])
        return window

    yield hand_to
    context.close()


@pytest.fixture(scope="session")
def screenshots(pytestconfig: pytest.Config) -> Path | None:
    """The folder for photographs of every page; None without ``--screenshots``."""
    folder: str | None = pytestconfig.getoption("--screenshots")
    if folder is None:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)
