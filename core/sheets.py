"""A table that somebody uploads, from Excel or CSV, as rows of texts.

What a file may be is bounded before anything reads it: its size, what it unpacks to, and how far its cells reach.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NoReturn

from python_calamine import CalamineError, CalamineWorkbook

from core.errors import Invalid

_LONGEST_ROW: Final = 7
_CELL: Final = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br\s*=\s*["']\s*([A-Za-z]+)([0-9]+)""")
_IMPRECISE: Final = 10**15
LOST_DIGITS: Final = "号码被表格软件存成了数字，末几位已经丢失。请把这一列设为“文本”后重新填写。"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a table may be at the most. ``code`` begins the codes of all that is refused of it."""

    code: str
    rows: int
    bytes: int = 2 * 1024 * 1024
    unpacked: int = 30 * 1024 * 1024
    columns: int = 100

    def refuse(self, code: str, message: str) -> NoReturn:
        """Refuse the file, saying what to do."""
        raise Invalid(f"{self.code}_{code}", message, fields={"file": message})


def read_grid(content: bytes, bounds: Bounds) -> Iterator[list[str]]:
    """Every row of the first sheet as texts, the empty ones included, so that rows can be counted.

    Excel (.xlsx) or CSV in UTF-8, UTF-16 or GB18030, recognised by the content. Raises Invalid, saying what to do, for
    what is no such table or is too large.
    """
    if len(content) > bounds.bytes:
        bounds.refuse("too_large", f"文件超过{bounds.bytes // 1048576}MB。请只保留一张表，或分成几个文件。")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        bounds.refuse("old_excel", "这是旧版Excel（.xls）文件。请在表格软件中另存为“.xlsx”或CSV后再上传。")
    return _from_excel(content, bounds) if content.startswith(b"PK") else _from_csv(content, bounds)


def _from_excel(content: bytes, bounds: Bounds) -> Iterator[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(measured(content, bounds))
        sheet = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid(
            f"{bounds.code}_unreadable",
            "文件已损坏或加了密码，无法读取。请在表格软件中打开、另存为“.xlsx”后再上传。",
            fields={"file": "无法读取"},
        ) from error
    for row in sheet:
        yield [_text(cell) for cell in row]


def measured(content: bytes, bounds: Bounds) -> io.BytesIO:
    """The archive again, of what was measured: one that says less of itself than it holds would unpack without end.

    Refuses what unpacks to too much, or whose cells reach so far that no memory would hold them.
    """
    left, measured = bounds.unpacked, io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(measured, "w") as copy:
            for entry in package.infolist():
                left -= entry.file_size
                if left < 0:
                    bounds.refuse("unpacks_too_large", "文件解开后过大。请只保留一张表，不要带图片，重新保存后上传。")
                inner = package.read(entry)
                # Which of them is the sheet, the archive says itself, wherever it likes.
                _check_reach(inner, bounds)
                copy.writestr(entry.filename, inner)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        bounds.refuse("unreadable", "文件已损坏或加了密码，无法读取。请在表格软件中打开、另存为“.xlsx”后再上传。")
    measured.seek(0)
    return measured


def _check_reach(sheet: bytes, bounds: Bounds) -> None:
    for letters, digits in _CELL.findall(sheet):
        column = 0
        for letter in letters.upper()[:4]:
            column = column * 26 + letter - 64
        if column > bounds.columns or len(digits) > _LONGEST_ROW or int(digits) > bounds.rows * 10:
            bounds.refuse("reaches_too_far", "表中有内容写在很远的单元格。请删除表格以外的行和列后重新保存。")


def _from_csv(content: bytes, bounds: Bounds) -> Iterator[list[str]]:
    text = _decoded(content, bounds)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [_clean(cell) for cell in row]
    except csv.Error as error:
        raise Invalid(
            f"{bounds.code}_unreadable",
            "CSV文件的引号或分隔不完整，无法读取。请在表格软件中重新导出。",
            fields={"file": "无法读取"},
        ) from error


def _decoded(content: bytes, bounds: Bounds) -> str:
    """UTF-8 where it is, since almost no text in another encoding is also UTF-8; else what table software writes."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return bounds.refuse("unreadable", "无法识别这个文件。请上传Excel（.xlsx）文件，或UTF-8、GB18030编码的CSV文件。")


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return LOST_DIGITS if cell >= _IMPRECISE else str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else _clean(str(cell))


def _clean(text: str) -> str:
    """Without blanks at the ends and the marks that nobody sees."""
    return "".join(one for one in text if unicodedata.category(one)[0] != "C").strip()
