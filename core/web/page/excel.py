"""Any table of a page as an Excel file: the same rows and texts, and a sheet about its source.

The file holds what the page shows: personal data stays masked. Texts are written as texts, so that none becomes a
formula; moments are Beijing time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final
from urllib.parse import quote

from litestar import Response
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.clock import SHANGHAI
from core.text.filters import minute

Value = str | int | float | datetime | None
MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 20_000
"""More than any office has in one state; a file that leaves some out says so."""
_WIDEST = 40
_NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table for export. ``title`` names sheet and file, ``filters`` describes the filters of its rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    filters: str = ""


def workbook(sheet: Sheet, *, made_at: datetime, made_by: str) -> Response[bytes]:
    """The table as a file to be saved."""
    name = quote(f"{sheet.title}-{made_at.astimezone(SHANGHAI):%Y%m%d-%H%M}.xlsx", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(_workbook(sheet, made_at=made_at, made_by=made_by), media_type=MEDIA_TYPE, headers=headers)


def _workbook(sheet: Sheet, *, made_at: datetime, made_by: str) -> bytes:
    written = BytesIO()
    with Workbook(written, {"in_memory": True}) as book:
        heading = book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1, "border_color": "#D5DBE3"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        _write_table(book.add_worksheet(sheet.title[:31]), sheet, heading, moment)
        about = book.add_worksheet("说明")
        lines = [
            ("内容", sheet.title),
            ("筛选条件", sheet.filters or "无"),
            ("行数", str(len(sheet.rows))),
            ("导出时间", minute(made_at)),
            ("导出人", made_by),
            ("注意", "导出后的数据不再更新；导出行为已记入办理记录。请按个人信息保护要求保管。"),
        ]
        for line, (term, text) in enumerate(lines):
            about.write_string(line, 0, term, heading)
            about.write_string(line, 1, text)
        about.set_column(0, 0, 12)
        about.set_column(1, 1, 70)
    return written.getvalue()


def _write_table(page: Worksheet, sheet: Sheet, heading: Format, moment: Format) -> None:
    for column, title in enumerate(sheet.columns):
        page.write_string(0, column, title, heading)
        page.set_column(column, column, _width([title, *(row[column] for row in sheet.rows[:200])]))
    for line, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write(page, line, column, value, moment)
    page.freeze_panes(1, 1)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _write(page: Worksheet, line: int, column: int, value: Value, moment: Format) -> None:  # noqa: PLR0917 - one cell
    if isinstance(value, datetime):
        page.write_datetime(line, column, value.astimezone(SHANGHAI).replace(tzinfo=None), moment)
    elif isinstance(value, str):
        page.write_string(line, column, value)
    elif value is not None:
        page.write_number(line, column, value)


def _width(values: Sequence[Value]) -> int:
    """Wide enough for the texts of a column; a Chinese character takes two places."""
    texts = [minute(value) if isinstance(value, datetime) else str(value or "") for value in values]
    longest = max(sum(2 if ord(sign) > 0x2E7F else 1 for sign in text) for text in texts)
    return min(max(longest + 2, _NARROWEST), _WIDEST)
