"""A unit's table of people, from Excel or CSV: the columns, and how a file becomes rows of texts.

What a file may be is bounded before anything reads it: its size, what it unpacks to, and how far its cells reach.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NoReturn

from python_calamine import CalamineError, CalamineWorkbook

from core.applications.steps import ITEM_LABELS
from core.errors import Invalid

MOST_ROWS: Final = 1000
MOST_BYTES: Final = 2 * 1024 * 1024
MOST_UNPACKED: Final = 30 * 1024 * 1024
_MOST_COLUMNS: Final = 100
_LONGEST_ROW: Final = 7
_HEADER_WITHIN: Final = 10
EXAMPLE: Final = "示例"
"""What stands in the first column of the example's row, which is never imported."""

_CELL: Final = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br\s*=\s*["']\s*([A-Za-z]+)([0-9]+)""")
_IMPRECISE: Final = 10**15
LOST_DIGITS: Final = "号码被表格软件存成了数字，末几位已经丢失。请把这一列设为“文本”后重新填写。"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the code of its answer, its title, what is to be written, and whether it must be there."""

    code: str
    title: str
    note: str
    required: bool = False


COLUMNS: Final = (
    Column("name", "姓名", "与居民身份证一致。", required=True),
    Column("id_number", "身份证号码", "18位，整列设为文本格式。", required=True),
    Column("phone", "手机号码", "选填，用于接收通知。"),
    Column("staff_category", ITEM_LABELS["staff_category"], "从下拉列表中选择。", required=True),
    Column("first_job_year", ITEM_LABELS["first_job_year"], "四位数年份，例如2010，以人事档案为准。", required=True),
    Column("regularised_on", ITEM_LABELS["regularised_on"], "申报五级的填写，例如2011-07-01。"),
    Column("education", ITEM_LABELS["education"], "从下拉列表中选择。", required=True),
    Column("current_grade", ITEM_LABELS["current_grade"], "没有等级证书的留空。"),
    Column("current_grade_year", ITEM_LABELS["current_grade_year"], "四位数年份，以证书为准。"),
    Column("current_trade", ITEM_LABELS["current_trade"], "从下拉列表中选择。"),
    Column("grade", ITEM_LABELS["grade"], "从下拉列表中选择。", required=True),
    Column("path", ITEM_LABELS["path"], "从下拉列表中选择。", required=True),
    Column("trade", ITEM_LABELS["trade"], "从下拉列表中选择。", required=True),
)
MARK: Final = "序号"
_CODES: Final = {one.title: one.code for one in COLUMNS} | {MARK: "mark"}
TITLES: Final[Mapping[str, str]] = {one.code: one.title for one in COLUMNS}


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is filled in: its number as the table software shows it, and its texts by column."""

    number: int
    cells: Mapping[str, str] = field(repr=False)


def read_rows(content: bytes) -> list[Row]:
    """The filled rows of a file, without header and example.

    Excel (.xlsx) or CSV in UTF-8, UTF-16 or GB18030, recognised by the content. Raises Invalid, saying what to do, for
    what is no such table, is too large, lacks a column, or holds nobody.
    """
    if len(content) > MOST_BYTES:
        _refuse("too_large", f"文件超过{MOST_BYTES // 1048576}MB。请只保留名单一张表，或分成几个文件。")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        _refuse("old_excel", "这是旧版Excel（.xls）文件。请在表格软件中另存为“.xlsx”或CSV后再上传。")
    grid = _from_excel(content) if content.startswith(b"PK") else _from_csv(content)
    rows = list(_filled(grid))
    if not rows:
        _refuse("nobody", "表中没有人员。请从模板的示例行下面开始填写。")
    if len(rows) > MOST_ROWS:
        _refuse("too_many", f"一次最多导入{MOST_ROWS}人，这张表有{len(rows)}人。请分成几个文件。")
    return rows


def _filled(grid: Iterable[Sequence[str]]) -> Iterator[Row]:
    columns: dict[int, str] | None = None
    for number, texts in enumerate(grid, start=1):
        if columns is None:
            columns = _header(texts)
            if columns is None and number == _HEADER_WITHIN:
                break
            continue
        cells = {code: texts[at] for at, code in columns.items() if at < len(texts) and texts[at]}
        if cells.keys() - {"mark"} and cells.pop("mark", "") != EXAMPLE:
            yield Row(number, cells)
    if columns is None:
        _refuse("no_header", "没有找到标题行。请使用本页的模板填写，不要改动标题。")


def _header(texts: Sequence[str]) -> dict[int, str] | None:
    """The columns of a header row by their place; None for a row that is none, Invalid where one is missing."""
    titles = {at: text.strip("*＊ \n").split("（", 1)[0] for at, text in enumerate(texts)}
    found = {at: _CODES[title] for at, title in titles.items() if title in _CODES}
    if not {"name", "id_number"} & set(found.values()):
        return None
    lacking = [one.title for one in COLUMNS if one.required and one.code not in found.values()]
    if lacking:
        _refuse("columns_missing", f"表中缺少这些列：{'、'.join(lacking)}。请使用本页的模板填写，不要改动标题。")
    return found


def _from_excel(content: bytes) -> Iterator[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(measured(content))
        sheet = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid(
            "roster_unreadable",
            "文件已损坏或加了密码，无法读取。请在表格软件中打开、另存为“.xlsx”后再上传。",
            fields={"file": "无法读取"},
        ) from error
    for row in sheet:
        yield [_text(cell) for cell in row]


def measured(content: bytes) -> io.BytesIO:
    """The archive again, of what was measured: one that says less of itself than it holds would unpack without end.

    Refuses what unpacks to too much, or whose cells reach so far that no memory would hold them.
    """
    left, measured = MOST_UNPACKED, io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(measured, "w") as copy:
            for entry in package.infolist():
                left -= entry.file_size
                if left < 0:
                    _refuse("unpacks_too_large", "文件解开后过大。请只保留名单一张表，不要带图片，重新保存后上传。")
                inner = package.read(entry)
                # Which of them is the sheet, the archive says itself, wherever it likes.
                _check_reach(inner)
                copy.writestr(entry.filename, inner)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        _refuse("unreadable", "文件已损坏或加了密码，无法读取。请在表格软件中打开、另存为“.xlsx”后再上传。")
    measured.seek(0)
    return measured


def _check_reach(sheet: bytes) -> None:
    for letters, digits in _CELL.findall(sheet):
        column = 0
        for letter in letters.upper()[:4]:
            column = column * 26 + letter - 64
        if column > _MOST_COLUMNS or len(digits) > _LONGEST_ROW or int(digits) > MOST_ROWS * 10:
            _refuse("reaches_too_far", "表中有内容写在很远的单元格。请删除名单以外的行和列后重新保存。")


def _from_csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [_clean(cell) for cell in row]
    except csv.Error as error:
        raise Invalid(
            "roster_unreadable",
            "CSV文件的引号或分隔不完整，无法读取。请在表格软件中重新导出。",
            fields={"file": "无法读取"},
        ) from error


def _decoded(content: bytes) -> str:
    """UTF-8 where it is, since almost no text in another encoding is also UTF-8; else what table software writes."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _refuse("unreadable", "无法识别这个文件。请上传Excel（.xlsx）文件，或UTF-8、GB18030编码的CSV文件。")


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return LOST_DIGITS if cell >= _IMPRECISE else str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else _clean(str(cell))


def _clean(text: str) -> str:
    """Without blanks at the ends and the marks that nobody sees."""
    return "".join(one for one in text if unicodedata.category(one)[0] != "C").strip()


def _refuse(code: str, message: str) -> NoReturn:
    raise Invalid(f"roster_{code}", message, fields={"file": message})
