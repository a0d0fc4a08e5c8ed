"""Every page and export that lists things of a season shows those of the season in its address, and no others."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from sqlalchemy import Connection, create_engine, text

from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.documents.storage import DocumentStore
from core.web.routes import WAY_BACK
from tests.cases import CITY, YEAR, Season, platform_at
from tests.conftest import clone
from tests.factories import RULES
from tests.isolation import rows, walk
from tests.isolation.direct import keep_plans
from tests.isolation.walk import Caller
from tests.reading import pages_of
from tests.serving import client_of
from tests.two_seasons import LATER, NEXT, load_two_seasons, two_seasons, with_rules_of_both

READERS = (
    *("applicant", "unit manager", "county reviewer", "city reviewer", "city supervisor", "scheduler", "examiner"),
    *("provincial officer", "provincial auditor"),
)
QUERIES = {"/exams/candidates": "&q=测试", "/exams/day": f"&day={YEAR}-03-25", "/board/exams": f"&day={YEAR}-03-25"}
"""What has to be asked for besides, so that there is something to show."""
SAME_IN_EVERY_SEASON = {
    **dict.fromkeys(("/conditions", "/papers", "/notice", "/questions", "/contacts"), "public, of the present"),
    **dict.fromkeys(("/verify/form",), "of one paper"),
    **dict.fromkeys(("/published/objections",), "of one objection"),
    **dict.fromkeys(
        ("/", "/help", "/privacy", "/verify", "/verify/pdf-ca.pem", "/verify/ticket", "/published"),
        "public, of the present",
    ),
    **dict.fromkeys(("/calendar", f"/calendar/{CITY}", "/eligibility", "/my/start"), "for those who apply now"),
    **dict.fromkeys(("/register", "/reset", "/sign-in", "/sign-in/code", "/home", "/alive"), "before the work"),
    **dict.fromkeys(("/account", "/account/password", "/account/second-factor", "/notices"), "of an account"),
    **dict.fromkeys(("/my/contact",), "of a person"),
    **dict.fromkeys(
        (
            "/season/years",
            "/season/unfinished",
            "/acting",
            "/staff",
            "/staff/export",
            "/staff/second-factors",
            "/unit/manager",
            "/manager-forms",
            "/offices",
        ),
        "who works where",
    ),
    **dict.fromkeys(("/units", "/units/new", "/units/alike", "/units/acts", "/supervision/units"), "of all years"),
    **dict.fromkeys(("/delegations", "/delegations/export", "/delegations/new"), "hold until they end"),
    **dict.fromkeys(("/relations", "/relations/export"), "hold until they end"),
    **dict.fromkeys(
        (
            "/record",
            "/record/export",
            "/record/seals",
            "/attachments",
            "/reveals",
            "/bans",
            "/bans/new",
            "/bans/export",
        ),
        "by moment, all years",
    ),
    **dict.fromkeys(("/operations", "/operations/outbox"), "of the machine"),
    **dict.fromkeys(
        ("/certificates/own", "/sanctions/own", "/my/identity", "/my/inquiries"), "one person's, of all years"
    ),
    **dict.fromkeys(
        ("/identity", "/certificates/reissues", "/supervision/appeals", "/inquiries"), "requests, answered in any year"
    ),
    **dict.fromkeys(("/desk/runs", "/exports"), "an officer's last ones"),
    **dict.fromkeys(("/exams/day/shell", "/exams/day/worker.js"), "of a door without a list"),
    **dict.fromkeys(("/sanctions/new", "/suspensions/new"), "of one application"),
}
"""Addresses that list nothing of a season, with the reason. A new address belongs here or takes its year."""
WITHOUT_ROWS = {
    # The dates of both seasons differ by the year alone, which is checked below.
    f"/offices/{CITY}",
    "/exams/invigilators/template",
    "/season/trades/template",
    "/unit/import/template",
    "/unit/invite",
    # Figures alone, and a table of marks that are still to come.
    *("/board/results", "/board/results/export", "/marks/results/figures", "/marks/template"),
    # Nobody of the first season owes anything that is open, and the second has only begun.
    "/unit/reminders",
}
"""What carries the season in its words alone."""
TOLD_BY_WORDS = {
    *("/board", "/board/export", f"/board/export/{CITY}", "/board/exams", "/exams/sites/distances"),
    *("/season/calendar", "/season/calendar/export", "/season/trades", "/unit/units"),
    *("/exams/invigilators/import", "/unit/import", "/unit/people/new"),
    "/unit/posts",
    *("/workload", "/exams/emergencies/new", "/accountability/new", "/archive"),
}
"""Figures, dates, and forms that an ended season does not offer: their words differ between the seasons."""
OF_ALL_YEARS = {"/my", "/unit/identity", "/accountability/new"}
"""Below those of the season stand others: an applicant's applications, a unit's corrections of names, staff."""
OF_ACCOUNTS = ("/staff/", "/register/", "/reset/", "/manager-forms/", "/bans/")
"""Pages about one thing that is of no season."""
WITHOUT_YEAR = ("/static/", "/schema", "/role", "/sign-out")
"""Addresses that are the same in every season."""
STILL_DONE = (
    r"/(role|sign-out|account|notices|attachments|manager-forms|my/contact|archive)",
    r"/(supervision/)?units/",
    r"/onsite/(find|batches/)",
    r"/desk/(bulk/|cases/|undo|views)",
    r"/unit/(approve|undo|cases/|archive/)",
    r"/my/applications/[^/]+/(form/|check|papers|withdraw|supplement|results/check)",
    r"/unit/people/[^/]+/(form/|papers)",
    r"/(my/|unit/)?identity",
    r"/unit/people/[^/]+/identity",
    r"/supervision/(cases|appeals)/",
    r"/(my/)?inquiries",
    r"/sanctions/",
    r"/cases/[^/]+/number",
    r"/bans",
    r"/certificates/",
    r"/awards",
    r"/marks/(checks|corrections|imports/)",
    r"/(panels/[^/]+/|sheets/|relations)",
    r"/(samples/|delegations/[^/]+/sample)",
    r"/filings/[^/]+/receive",
    r"/exams/(emergencies|alarms)/",
    r"/patrols/findings/",
    r"/emergency/[^/]+/receive",
    r"/exams/custody/[^/]+/(hand-over|end)",
    r"/my/start/copy/",
)
"""The forms of an ended season: reviews of reopened cases, remedies, and what was begun in time; and a new application
of the present season with the answers of an earlier one."""
Texts = dict[tuple[str, str], tuple[str, str]]


@dataclass
class Ground:
    """The application in the second season, and rows of everybody in the first."""

    client: TestClient  # type: ignore[type-arg]
    callers: Mapping[str, Caller]
    signs: frozenset[str]
    things: tuple[str, ...]
    """The addresses of pages about one thing of the first season."""

    def ask(self, who: str, address: str) -> tuple[int, str]:
        """The status of an answer and its text; that of a table's cells in a workbook, of the pages in a PDF."""
        answer = self.client.get(address, headers=self.callers[who].browser, follow_redirects=False)
        self.client.cookies.clear()
        if answer.status_code == 303 and not answer.headers["location"].startswith("/sign-in"):
            return self.ask(who, answer.headers["location"])
        if answer.content.startswith(b"%PDF"):
            return answer.status_code, "".join(pages_of(answer.content))
        if not answer.content.startswith(b"PK"):
            return answer.status_code, answer.text
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return answer.status_code, " ".join(
                book.read(name).decode() for name in book.namelist() if _CELLS.search(name)
            )

    def shows(self, body: str) -> bool:
        """Whether a row of the first season is shown."""
        return any(sign in body for sign in self.signs)


_CELLS = re.compile(r"worksheets|sharedStrings")
_AT_WORK = (
    "UPDATE evaluation_sheets SET account_id = (SELECT account_id FROM role_grants g WHERE role = 'examiner'"
    " AND g.office_id = evaluation_sheets.office_id ORDER BY valid_from DESC LIMIT 1)",
    "UPDATE plans SET state = 'published', published_at = now()"
    " WHERE id IN (SELECT DISTINCT ON (office_id) id FROM plans ORDER BY office_id, id)",
    "UPDATE seats SET published_at = now(),"
    " sitting_id = (SELECT id FROM sittings s WHERE s.office_id = seats.office_id LIMIT 1),"
    " room_id = (SELECT id FROM exam_rooms r WHERE r.office_id = seats.office_id LIMIT 1)"
    " WHERE plan_id IN (SELECT id FROM plans WHERE state = 'published')",
    "INSERT INTO site_offices (site_id, served_office_id, office_id, opened_at, opened_by)"
    " SELECT id, office_id, office_id, registered_at, registered_by FROM exam_sites",
)
"""Sheets of the examiner who asks, seats that are out, and sites that their own offices use."""


@contextmanager
def _savepoint(connection: Connection) -> Iterator[Connection]:
    with connection.begin_nested():
        yield connection


@pytest.fixture(scope="module")
def ground(
    database_server: EmbeddedServer, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    folder, offices = tmp_path_factory.mktemp("apart"), two_seasons()
    with clone(database_server, f"kaowu_apart_{worker_id}") as databases:
        load_two_seasons(databases, offices)
        name = create_engine(databases.app_url).url.database
        assert name is not None
        engine = create_engine(database_server.address(SUPERUSER, name))
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))
            keep_plans(connection)
            # What asks the engine for a transaction of its own gets a savepoint of this one.
            connection.begin = lambda: _savepoint(connection)  # type: ignore[method-assign, assignment, return-value]
            season = Season(connection, offices, RULES, DocumentStore(folder / "documents"))
            made = walk.cases(season)
            with walk.as_superuser(connection):
                ids = rows.add_rows(connection, made)
                signs = _signs(connection)
            season.now = LATER
            callers = walk.callers(season, made)
            with walk.as_superuser(connection):
                for change in _AT_WORK:
                    connection.execute(text(change))
            platform = platform_at(LATER, databases, connection, offices=(offices, RULES), folder=folder)  # type: ignore[arg-type]
            with client_of(with_rules_of_both(platform)) as client:
                yield Ground(client, callers, signs, _things(client, ids["submitted"]))
            transaction.rollback()
        engine.dispose()


def _signs(connection: Connection) -> frozenset[str]:
    """The id of every row of the season, and the number of every case: a page shows one of them with a row."""
    found = set(connection.execute(text("SELECT reference FROM applications")).scalars())
    of_season = connection.execute(
        text(
            "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.columns i"
            " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND c.column_name = 'year'"
            " AND i.column_name = 'id' AND i.data_type = 'uuid' AND c.table_name <> 'calendar_versions'"
        )
    ).scalars()
    for table in [*of_season, "score_checks", "mark_corrections", "sanction_cases", "evaluation_sheets", "paper_parts"]:
        found |= {str(row_id) for row_id in connection.execute(text(f"SELECT id FROM {table}")).scalars()}  # noqa: S608
    return frozenset(found | {walk.mark(name) for name in walk.CASES})


def _addresses(client: TestClient) -> list[str]:  # type: ignore[type-arg]
    """Every address of a page or file for browsers that names no single thing."""
    return sorted(
        re.sub(r"/?\{code:path\}", f"/{CITY}", route.path)
        for route in client.app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith(("/api/", *walk.FOR_NOBODY_IN_PARTICULAR))
        if not re.search(r"\{\w+:(uuid|str|int)\}", route.path)
        if any(_is_read(handler) for handler in route.route_handlers)
    )


def _things(client: TestClient, ids: Mapping[str, UUID]) -> tuple[str, ...]:  # type: ignore[type-arg]
    return tuple(
        walk.fill(route.path, ids)
        for route in client.app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith(("/api/", *walk.FOR_NOBODY_IN_PARTICULAR))
        if re.search(r"\{\w+:uuid\}", route.path)
        and not route.path.startswith(("/staff/", "/acting", "/register", "/reset"))
        if any(_is_read(handler) and handler.opt.get("page") is True for handler in route.route_handlers)
    )


def _is_read(handler: HTTPRouteHandler) -> bool:
    return "GET" in handler.http_methods and not handler.opt.get(WAY_BACK)


def _read(ground: Ground) -> Texts:
    """Address and reader → the texts of the first season and of the second, for what takes its season from there."""
    found = {}
    for address in _addresses(ground.client):
        query = QUERIES.get(address, "")
        for who in READERS:
            status, body = ground.ask(who, f"{address}?year=1999{query}")
            if status == 404 and "没有1999年度" in body:
                then, now = (ground.ask(who, f"{address}?year={year}{query}") for year in (YEAR, NEXT))
                assert (then[0], now[0]) == (200, 200), (who, address)
                found[address, who] = then[1], now[1]
    return found


@pytest.fixture(scope="module")
def texts(ground: Ground) -> Texts:
    return _read(ground)


def _words(body: str) -> str:
    """The words of a page without the years and what differs in each answer."""
    content = body.partition("<main")[2] or body
    return re.sub(rf"<[^>]*>|{YEAR}|{NEXT}|\s", "", content)


def test_every_list_is_of_the_season_in_its_address_or_of_all(texts: Texts, ground: Ground) -> None:
    by_season = {address for address, _ in texts}
    assert set(_addresses(ground.client)) - by_season == set(SAME_IN_EVERY_SEASON)
    assert not by_season & set(SAME_IN_EVERY_SEASON)


def test_a_list_shows_the_rows_of_its_season_and_none_of_another(texts: Texts, ground: Ground) -> None:
    by_season = {address for address, _ in texts}
    showed = {address for (address, _), (then, _) in texts.items() if ground.shows(then)}
    assert by_season - showed == TOLD_BY_WORDS | WITHOUT_ROWS
    told = {address for (address, _), (then, now) in texts.items() if _words(then) != _words(now)}
    assert TOLD_BY_WORDS - told == set()
    dates = texts[f"/offices/{CITY}", "city reviewer"]
    assert dates[0].count(f"{YEAR}年") > dates[1].count(f"{YEAR}年")
    strange = [key for key, (_, now) in texts.items() if ground.shows(now) and key[0] not in OF_ALL_YEARS]
    assert strange == []


def test_a_list_without_a_year_shows_the_current_season(texts: Texts, ground: Ground) -> None:
    seen = {}
    for (address, who), (_, now) in texts.items():
        if address not in seen:
            query = QUERIES.get(address, "").replace("&", "?")
            seen[address] = _words(ground.ask(who, address + query)[1]) == _words(now)
    assert [address for address, same in seen.items() if not same] == []


@pytest.mark.parametrize("year", ["1999x", "24", "٢٠٢٤"])
def test_what_is_no_year_is_refused_with_a_way_out(ground: Ground, year: str) -> None:
    status, body = ground.ask("city reviewer", f"/desk?year={year}")
    assert status == 422
    assert "地址中的年度无法识别。请从页面上方的年度切换中选择。" in body


def test_links_and_forms_of_an_older_season_keep_its_year(texts: Texts) -> None:
    lost = set()
    for (address, _), (then, _) in texts.items():
        for link in re.findall(r'(?:href|action|hx-get)="(/[^"]*)"', then):
            if f"year={YEAR}" not in link and f"year={NEXT}" not in link and not link.startswith(WITHOUT_YEAR):
                lost.add((address, link))
        for form in re.findall(r'<form[^>]*method="get"[^>]*>.{80}', then, re.DOTALL):
            if f'name="year" value="{YEAR}"' not in form:
                lost.add((address, form))
    assert lost == set()


def test_an_ended_season_says_so_on_each_of_its_pages(texts: Texts) -> None:
    banner = f"{YEAR}年度（已结束，只能查看）"
    pages = {key: pair for key, pair in texts.items() if "<main" in pair[0]}
    assert [key for key, (then, now) in pages.items() if banner not in then or "已结束，只能查看" in now] == []


def test_an_ended_season_offers_only_what_brings_open_things_to_their_end(texts: Texts, ground: Ground) -> None:
    bodies = [(address, then) for (address, _), (then, _) in texts.items()]
    bodies += [(address, ground.ask(who, address)[1]) for address in ground.things for who in READERS]
    offered = {
        (address, form.partition("?")[0])
        for address, body in bodies
        for form in re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', body)
        if not any(re.match(allowed, form) for allowed in STILL_DONE)
    }
    assert offered == set()
