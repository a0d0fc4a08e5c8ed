"""Any table of a page as an Excel file: the same rows and texts, ready for printing, and a sheet about its source.

The file holds what the page shows: personal data stays masked. Texts are written as texts, so that none becomes a
formula; moments are Beijing time. Rows are written one by one and never held: a hundred thousand need no more memory
than a thousand.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Final
from urllib.parse import quote

from litestar.response import Stream
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from core.clock import SHANGHAI, start_of
from core.errors import Invalid
from core.text.filters import end, minute


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a half-open span in a cell: midnight is shown as 24:00 of the day before, and sorts as its end."""

    closes: datetime | None


Value = str | int | float | datetime | Deadline | None
MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 1_000_000
"""A sheet of Excel ends soon after."""
HEADING_ROWS: Final = 3
"""The rows above the first one: the title, the line about the source, and the headings of the columns."""
_WIDEST = 40
_NARROWEST = 8
_MEASURED = 200
"""So many rows decide the width of a column."""
_UPRIGHT = 6
"""A table with more columns is printed across the sheet."""
_A4: Final = 9
_CHUNK: Final = 64 * 1024
_FOOTER: Final = 60
"""The characters of a footer's text: Excel reads 255 of the whole footer, marks included."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table for export. ``title`` names sheet and file, ``filters`` describes the filters of its rows.

    ``rows`` are gone through once, so that they may come from a cursor.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]
    filters: str = ""


class TableFile(Stream):
    """The answer of every route that exports a table; ``rows`` is the number that was written."""

    def __init__(self, file: IO[bytes], *, name: str, rows: int) -> None:
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "no-store",
        }
        super().__init__(_chunks(file), media_type=MEDIA_TYPE, headers=headers)
        self.rows = rows


def workbook(sheet: Sheet, *, made_at: datetime, made_by: str) -> TableFile:
    """The table as a file to be saved."""
    # The file is closed, and with that removed, by the one who reads it to its end.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    rows = write_workbook(file, sheet, made_at=made_at, made_by=made_by)
    return TableFile(file, name=file_name(sheet.title, made_at), rows=rows)


def file_name(title: str, made_at: datetime) -> str:
    """The name under which a table is saved."""
    return f"{title}-{made_at.astimezone(SHANGHAI):%Y%m%d-%H%M}.xlsx"


def write_workbook(file: IO[bytes], sheet: Sheet, *, made_at: datetime, made_by: str) -> int:
    """Write the table into an open file, and return the number of its rows; Invalid for more than MOST_ROWS."""
    with Workbook(file, {"constant_memory": True}) as book:
        rows = _Table(book, sheet, f"{minute(made_at)}由{made_by}导出").write()
        about = book.add_worksheet("说明")
        term = book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1, "border_color": "#D5DBE3"})
        lines = [
            ("内容", sheet.title),
            ("筛选条件", sheet.filters or "无"),
            ("行数", str(rows)),
            ("导出时间", minute(made_at)),
            ("导出人", made_by),
            ("注意", "导出后的数据不再更新；导出行为已记入办理记录。请按个人信息保护要求保管。"),
        ]
        for line, (name, text) in enumerate(lines):
            about.write_string(line, 0, name, term)
            about.write_string(line, 1, text)
        about.set_column(0, 0, 12)
        about.set_column(1, 1, 70)
        about.set_paper(_A4)
        about.fit_to_pages(1, 0)
    return rows


class _Table:
    """The sheet of the table itself: title, source, headings, rows, and how it is printed."""

    def __init__(self, book: Workbook, sheet: Sheet, source: str) -> None:
        self._sheet, self._source = sheet, source
        self._page: Worksheet = book.add_worksheet(sheet.title[:31])
        self._title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self._about = book.add_format({"font_color": "#444444", "text_wrap": True, "valign": "vcenter"})
        line = {"border": 1, "border_color": "#D5DBE3", "valign": "vcenter"}
        self._heading = book.add_format({**line, "bold": True, "bg_color": "#EEF1F5", "text_wrap": True})
        self._text = book.add_format({**line, "text_wrap": True})
        self._moment = book.add_format({**line, "num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._midnight = book.add_format({**line, "num_format": 'yyyy-mm-dd "24:00"', "align": "left"})

    def write(self) -> int:
        """Write everything; the number of rows."""
        widths = [_places(title) for title in self._sheet.columns]
        self._head()
        count = 0
        for count, row in enumerate(self._sheet.rows, start=1):
            if count > MOST_ROWS:
                raise Invalid("too_many_rows", f"一份表格最多{MOST_ROWS}行，请先用筛选缩小范围再导出。")
            line = HEADING_ROWS - 1 + count
            for column, value in enumerate(row):
                self._cell(line, column, value)
                if count <= _MEASURED:
                    widths[column] = max(widths[column], _places(_shown(value)))
        for column, width in enumerate(widths):
            self._page.set_column(column, column, min(max(width + 2, _NARROWEST), _WIDEST))
        last = len(self._sheet.columns) - 1
        self._page.freeze_panes(HEADING_ROWS, 1)
        self._page.autofilter(HEADING_ROWS - 1, 0, HEADING_ROWS - 1 + count, last)
        self._page.print_area(0, 0, HEADING_ROWS - 1 + count, last)
        self._print()
        return count

    def _head(self) -> None:
        last = len(self._sheet.columns) - 1
        about = f"{self._sheet.filters or '全部'}　{self._source}"
        for line, text, form in ((0, self._sheet.title, self._title), (1, about, self._about)):
            if last:
                self._page.merge_range(line, 0, line, last, text, form)
            else:
                self._page.write_string(line, 0, text, form)
            self._page.set_row(line, 28 if line == 0 else 30)
        for column, title in enumerate(self._sheet.columns):
            self._page.write_string(HEADING_ROWS - 1, column, title, self._heading)

    def _cell(self, line: int, column: int, value: Value) -> None:
        if isinstance(value, Deadline):
            if value.closes is None:
                self._page.write_blank(line, column, None, self._text)
                return
            local = value.closes.astimezone(SHANGHAI)
            midnight = local == start_of(local.date())
            # The last second of the day: so that it sorts after every moment of its day.
            shown = local - timedelta(seconds=1) if midnight else local
            form = self._midnight if midnight else self._moment
            self._page.write_datetime(line, column, shown.replace(tzinfo=None), form)
        elif isinstance(value, datetime):
            self._page.write_datetime(line, column, value.astimezone(SHANGHAI).replace(tzinfo=None), self._moment)
        elif value is None:
            self._page.write_blank(line, column, None, self._text)
        elif isinstance(value, str):
            self._page.write_string(line, column, value, self._text)
        else:
            self._page.write_number(line, column, value, self._text)

    def _print(self) -> None:
        page = self._page
        page.set_paper(_A4)
        if len(self._sheet.columns) > _UPRIGHT:
            page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEADING_ROWS - 1)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        left, right = (text[:_FOOTER].replace("&", "&&") for text in (self._sheet.title, self._source))
        page.set_footer(f"&L&8{left}&C&8第 &P 页 共 &N 页&R&8{right}")


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _shown(value: Value) -> str:
    """The text of a cell, for its width."""
    if isinstance(value, Deadline):
        return "" if value.closes is None else f"2000年{end(value.closes)}"
    return minute(value) if isinstance(value, datetime) else str(value or "")


def _places(text: str) -> int:
    """The width of a text: a Chinese character takes two places."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
