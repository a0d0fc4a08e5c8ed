"""Every table that leaves as an Excel file: titled, filtered, fit for printing, in words, with its maker; one kit."""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Final

import pytest
from litestar.handlers import HTTPRouteHandler
from python_calamine import CalamineWorkbook

from core.pages.table_export import TABLES
from core.seasons.models import CalendarVersion
from core.settings import ROOT
from core.web.page.excel import HEADING_ROWS, MEDIA_TYPE
from core.web.routes import ROLES
from tests.browser.exams import arrange_exams
from tests.browser.town import Town
from tests.callers import Web
from tests.cases import CITY, YEAR
from tests.pages.scheduling.test_exam_pages import Pages

EXPORTS: Final = {
    "/bans/export": ("center", "/bans/export"),
    "/board/export": ("center", "/board/export"),
    "/board/export/{code:path}": ("center", f"/board/export/{CITY}"),
    "/board/filings/export": ("center", "/board/filings/export"),
    "/certificates/ledger/export": ("city", "/certificates/ledger/export"),
    "/delegations/export": ("supervisor", "/delegations/export"),
    "/desk/export": ("city", "/desk/export"),
    "/filings/export": ("supervisor", "/filings/export"),
    "/board/results/export": ("center", "/board/results/export"),
    "/marks/results/export": ("supervisor", "/marks/results/export"),
    "/marks/template": ("first_marker", "/marks/template"),
    "/marks/results/figures": ("supervisor", "/marks/results/figures"),
    "/patrols/export": ("supervisor", "/patrols/export"),
    "/plans/{plan_id:uuid}/movers/export": ("scheduler", "/plans/{first_plan}/movers/export"),
    "/record/export": ("auditor", "/record/export"),
    "/relations/export": ("supervisor", "/relations/export"),
    "/responsible/export": ("supervisor", "/responsible/export"),
    "/season/calendar/export": ("supervisor", "/season/calendar/export"),
    "/season/years/{year:int}/export": ("center", f"/season/years/{YEAR}/export"),
    "/staff/export": ("supervisor", "/staff/export"),
    "/supervision/cases/export": ("center", "/supervision/cases/export"),
    "/unit/deadlines/export": ("manager_of_at_office", "/unit/deadlines/export"),
    "/unit/results/table": ("manager_of_at_office", "/unit/results/table"),
    "/unit/rosters/{roster_id:uuid}/excel": ("manager_of_candidate", "/unit/rosters/{roster}/excel"),
}
"""Who asks for each export, and at which address. A new export must be entered here."""
_CODES: Final = frozenset({"编号", "登录名", "对象编号"})
"""The columns that are for looking something up."""


def routes(web: Web) -> Iterator[HTTPRouteHandler]:
    """The routes that export a table, found by their declaration."""
    for route in web.client.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.paths & TABLES.keys() and "GET" in handler.http_methods:
                assert handler.opt[ROLES]
                yield handler


def test_every_export_is_made_by_the_kit_and_fit_for_printing(web_alone: Web) -> None:
    web, town = web_alone, Town("", web_alone)
    found = {path for handler in routes(web) for path in handler.paths}
    assert found == EXPORTS.keys()
    values = {**arrange_exams(town), "roster": _roster(town)}
    faults: list[str] = []
    for who, address in EXPORTS.values():
        answer = Pages(web, town.person(who)).fetch(address.format(**values))
        assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE), (address, answer.text[:300])
        faults += [f"{address}: {fault}" for fault in _faults(answer.content)]
    assert faults == []


def _faults(content: bytes) -> Iterator[str]:
    yield from _faults_of_texts(content)
    with zipfile.ZipFile(BytesIO(content)) as parts:
        page, whole = (parts.read(name).decode() for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"))
    pane, footer = f'ySplit="{HEADING_ROWS}"', "共 &amp;N 页"
    for wanted in ("<autoFilter ", pane, 'paperSize="9"', 'fitToPage="1"', footer):
        if wanted not in page:
            yield f"lacks {wanted}"
    for wanted in ("_xlnm.Print_Titles", "_xlnm._FilterDatabase", "_xlnm.Print_Area"):
        if wanted not in whole:
            yield f"lacks {wanted}"


def _faults_of_texts(content: bytes) -> Iterator[str]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    rows = book.get_sheet_by_index(0).to_python()
    title, source, headings = (rows[line] for line in range(HEADING_ROWS))
    if not title[0] or len(headings) < 2:
        yield "no title or no columns"
    if not re.search(r"\d{4}年\d+月\d+日 \d\d:\d\d由.+ .+导出", str(source[0])):
        yield f"does not say from what, when and by whom: {source[0]}"
    for row in rows[HEADING_ROWS:]:
        for heading, cell in zip(headings, row, strict=True):
            text = str(cell)
            if re.search(r"\.toml|LS-\d|linshui|\bhook\b|\bact\b", text) and heading not in {
                "编号",
                "登录名",
                "对象编号",
            }:
                yield f"{heading} is no word: {text}"
            if heading in {"期限", "终止"} and isinstance(cell, datetime) and cell.strftime("%H%M") == "0000":
                yield f"{heading} at midnight: {text}"


def _roster(town: Town) -> str:
    made = town.case("candidate").manager.post("/rosters", {"kind": "passed", "year": YEAR})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_no_file_but_the_kit_writes_a_workbook_for_a_page() -> None:
    writers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "core").rglob("*.py")
        if re.search(r"xlsxwriter|openpyxl", path.read_text(encoding="utf-8"))
    }
    assert writers == {"core/web/page/excel.py", "core/text/filled_tables.py"}


@pytest.mark.parametrize("source", ["tenants/henan/luoyang/tenant.toml", "测试文号"])
def test_a_calendar_of_a_file_rests_on_the_notice_and_not_on_the_file(source: str) -> None:
    ground = CalendarVersion(source=source).ground("测试通知")
    assert ground == ("测试通知（随平台配置载入）" if source.endswith(".toml") else source)
