"""A table of invigilators, from Excel, CSV or pasted: all of it is taken in, or what is wrong is said row by row."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import xlsxwriter

from core.db.session import OfficeSession
from core.scheduling.invigilation.register import InvigilatorForm, add_invigilators, numbers_of, units_named
from core.text.uploaded_tables import Bounds, read_grid

MOST_ROWS: Final = 2000
BOUNDS: Final = Bounds("invigilators", MOST_ROWS)
COLUMNS: Final[Mapping[str, str]] = {
    "编号": "选填。没有编号的留空，按J001、J002……自动编号。",
    "姓名": "必填。",
    "所在单位": "必填。单位名称与本平台一致的，自动回避本单位考生。",
    "回避单位": "选填。其他须回避的单位，名称与本平台一致，用顿号隔开。",
}
_CODES: Final = {"编号": "number", "姓名": "name", "所在单位": "unit", "单位": "unit", "回避单位": "avoids"}
_HEADER_WITHIN: Final = 10
_BETWEEN: Final = re.compile(r"[、,，;；\n]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is filled in: its number in the table, and its texts by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be taken in, and all that is wrong with it."""

    line: int
    name: str
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a table: how many were put on the register, none where a row is ``refused``."""

    added: int
    refused: Sequence[Refused]


def read_table(content: bytes) -> list[Row]:
    """The filled rows of a file, or of what was pasted, without the header.

    Invalid, saying what to do, for what is no such table, is too large, or holds nobody.
    """
    rows = list(_filled(read_grid(content, BOUNDS)))
    if not rows:
        BOUNDS.refuse("nobody", "表中没有人员。请在标题行下面一人一行填写。")
    if len(rows) > MOST_ROWS:
        BOUNDS.refuse("too_many", f"一次最多导入{MOST_ROWS}人，这张表有{len(rows)}人。请分成几次。")
    return rows


def import_invigilators(session: OfficeSession, year: int, rows: Sequence[Row]) -> Imported:
    """Put everybody of a table on the register of a year, or nobody where a row is wrong."""
    known = numbers_of(session, year)
    units = units_named(session, [name for row in rows for name in _names(row)])
    seen: set[str] = set()
    forms, refused = [], []
    for row in rows:
        faults = list(_faults(row, known, seen, units))
        seen.add(row.cells.get("number", ""))
        if faults:
            refused.append(Refused(row.line, row.cells.get("name", ""), faults))
        else:
            forms.append(form_of(row.cells, units))
    if refused:
        return Imported(0, refused)
    return Imported(len(add_invigilators(session, year, forms)), ())


def form_of(cells: Mapping[str, str], units: Mapping[str, UUID]) -> InvigilatorForm:
    """What a row writes down of somebody; ``units`` are those that are known by their names."""
    unit = cells.get("unit", "")
    avoids = tuple(units[name] for name in split_names(cells.get("avoids", "")))
    return InvigilatorForm(cells.get("number", ""), cells.get("name", ""), unit, units.get(unit), avoids)


def split_names(text: str) -> list[str]:
    """The names in a text that lists several, each once."""
    return list(dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if part.strip()))


def template() -> bytes:
    """An empty table with the titles and what is to be written below each."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("监考人员")
        text = book.add_format({"num_format": "@"})
        title = book.add_format({"bold": True, "bg_color": "#E9EDF2", "border": 1})
        sheet.set_column(0, len(COLUMNS) - 1, 24, text)
        for at, (name, note) in enumerate(COLUMNS.items()):
            sheet.write(0, at, name, title)
            sheet.write_comment(0, at, note)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def _filled(grid: Iterable[Sequence[str]]) -> Iterator[Row]:
    columns: dict[int, str] | None = None
    for line, texts in enumerate(grid, start=1):
        if columns is None:
            titles = {at: text.strip("*＊ ").split("（", 1)[0] for at, text in enumerate(texts)}
            found = {at: _CODES[title] for at, title in titles.items() if title in _CODES}
            columns = found if {"name", "unit"} <= set(found.values()) else None
            if columns is None and line == _HEADER_WITHIN:
                break
            continue
        cells = {code: texts[at] for at, code in columns.items() if at < len(texts) and texts[at]}
        if cells:
            yield Row(line, cells)
    if columns is None:
        BOUNDS.refuse("no_header", "没有找到标题行。第一行须写明“姓名”“所在单位”，可以另有“编号”“回避单位”。")


def _names(row: Row) -> list[str]:
    return [row.cells.get("unit", ""), *split_names(row.cells.get("avoids", ""))]


def _faults(row: Row, known: frozenset[str], seen: set[str], units: Mapping[str, UUID]) -> Iterator[str]:
    number = row.cells.get("number", "")
    if number in known:
        yield f"编号{number}已经登记"
    elif number and number in seen:
        yield f"编号{number}在表中重复"
    for code, title in (("name", "姓名"), ("unit", "所在单位")):
        if not row.cells.get(code):
            yield f"缺少{title}"
    unknown = [name for name in split_names(row.cells.get("avoids", "")) if name not in units]
    if unknown:
        yield f"没有叫“{'、'.join(unknown)}”的单位，回避单位须与本平台的单位名称一致"
