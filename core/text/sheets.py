"""The sheets of an uploaded table, from Excel or CSV, as rows of texts, with all that a person does not see at once.

The content says what a file is, not its name. A file in another format is refused by the name of that format.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from core.errors import Invalid
from core.text import names
from core.text.cells import clean, read_cell
from core.text.sheet_parts import MOST_FAULTS, Package, SheetParts
from core.text.uploaded_tables import LONGEST_CELL, Bounds, measured

SAVE_AS: Final = "请在表格软件中打开，另存为“Excel工作簿（.xlsx）”后再上传。"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_NAMED_AT_MOST: Final = 5
_LOOKED_AT: Final = 20
_MOST_ROUNDED: Final = 100_000
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
_SEPARATORS: Final = ",;\t"
_WIDE_COMMA: Final = "，"
_SAYS_SEPARATOR: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``rows`` holds the empty ones as well, so that rows can be counted; it is read once.

    Cells are named by row from 1 and column from 0. ``merged`` are ranges (first row, first column, last row, last
    column); ``stored`` are the numbers behind rounded texts; ``faults`` says what is wrong with cells without a value.
    """

    name: str
    rows: Iterable[list[str]]
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    stored: Mapping[tuple[int, int], str] = field(default_factory=dict)
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)
    is_hidden: bool = False
    refusal: Invalid | None = None
    """Why this sheet cannot be read, should it be the one that is wanted."""


def read_sheets(content: bytes, bounds: Bounds) -> Iterator[Sheet]:
    """Every sheet of an Excel file (.xlsx), or the one table of a CSV in UTF-8, UTF-16 or GB18030.

    A hidden sheet comes without its rows: nobody who looks at the file sees them.
    Raises Invalid, saying what to do, for what is no such table, or is too large.
    """
    if len(content) > bounds.bytes:
        bounds.refuse("too_large", f"文件超过{bounds.bytes // 1048576}MB。请只保留一张表，或分成几个文件。")
    _refuse_other_formats(content, bounds)
    return _from_excel(content, bounds) if content.startswith(b"PK") else iter([_from_csv(content, bounds)])


def _from_excel(content: bytes, bounds: Bounds) -> Iterator[Sheet]:
    left = 2 * bounds.rows * bounds.columns
    try:
        archive = measured(content, bounds)
        book, package = CalamineWorkbook.from_filelike(archive), Package(archive)
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        if all(sheet.visible != SheetVisibleEnum.Visible for sheet in sheets):
            raise ValueError("no sheet can be seen")
        for place, known in enumerate(book.sheets_metadata):
            if known.typ != SheetTypeEnum.WorkSheet:
                continue
            if known.visible != SheetVisibleEnum.Visible:
                yield Sheet(known.name, (), is_hidden=True)
                continue
            sheet = book.get_sheet_by_name(known.name)
            left -= sheet.total_height * sheet.total_width
            if left < 0:
                bounds.refuse("sheets_too_large", "工作表太多、太大。请只保留要导入的一张工作表，重新保存后上传。")
            yield _sheet(sheet, package.parts(place), bounds)
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid(
            f"{bounds.code}_unreadable",
            "文件已损坏或加了密码，无法读取。请在表格软件中打开、另存为“.xlsx”后再上传。",
            fields={"file": "无法读取"},
        ) from error


def _sheet(sheet: CalamineSheet, parts: SheetParts, bounds: Bounds) -> Sheet:
    rows: list[list[str]] = []
    stored: dict[tuple[int, int], str] = {}
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        texts = []
        for at, value in enumerate(row):
            cell = read_cell(value)
            texts.append(cell.text)
            if cell.stored and len(stored) < _MOST_ROUNDED:
                stored[number, at] = cell.stored
        rows.append(texts)
    hidden = sorted(row for row in parts.hidden_rows if row <= len(rows) and any(rows[row - 1]))
    return Sheet(
        name=sheet.name,
        rows=rows,
        hidden_columns=frozenset(parts.hidden_columns),
        merged=tuple((first[0] + 1, first[1], last[0] + 1, last[1]) for first, last in sheet.merged_cell_ranges or ()),
        stored=stored,
        faults=parts.faults,
        refusal=_refusal(hidden, parts, bounds),
    )


def _refusal(hidden: list[int], parts: SheetParts, bounds: Bounds) -> Invalid | None:
    if hidden:
        return _hidden(hidden, bounds)
    if len(parts.faults) <= MOST_FAULTS:
        return None
    text = f"表中有很多公式没有保存计算结果，或者是公式错误。{SAVE_AS}"
    return Invalid(f"{bounds.code}_without_values", text, at="file")


def _hidden(rows: list[int], bounds: Bounds) -> Invalid:
    named = "、".join(str(at) for at in rows[:_NAMED_AT_MOST]) + ("等" if len(rows) > _NAMED_AT_MOST else "")
    text = f"表中第{named}行被隐藏或筛选掉了，看表的人看不到。请取消隐藏和筛选后重新上传。"
    return Invalid(f"{bounds.code}_hidden_rows", text, at="file")


def _refuse_other_formats(content: bytes, bounds: Bounds) -> None:
    """Refuse what is no table of ours by the name of its format, with the way to one."""
    if content.startswith(_OLD_OFFICE):
        _refuse_old_office(content, bounds)
    if content.startswith(b"PK"):
        _refuse_other_archives(content, bounds)
    if b"%PDF-" in content[:1024]:
        bounds.refuse("is_pdf", "这是PDF文件，不是表格。请上传原来的Excel（.xlsx）或CSV文件。")
    if content.startswith(_PICTURES):
        bounds.refuse("is_picture", "这是图片，无法识别其中的表格。请上传原来的Excel（.xlsx）或CSV文件。")
    head = content[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(b"<") and b"schemas-microsoft-com:office:spreadsheet" in head:
        bounds.refuse("is_xml_table", f"这是“XML表格2003”格式的文件。{SAVE_AS}")
    if head.startswith(b"<") and (b"<html" in head or b"<table" in head or head.startswith(b"<!doctype")):
        bounds.refuse("is_web_page", f"这是网页格式的表格（有些系统导出的“.xls”其实是网页）。{SAVE_AS}")


def _refuse_old_office(content: bytes, bounds: Bounds) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        bounds.refuse("locked", "文件设有打开密码，无法读取。请在表格软件中取消密码、重新保存后上传。")
    if "WordDocument".encode("utf-16-le") in content:
        bounds.refuse("is_word", f"这是Word文档，不是表格。请把其中的表格复制到表格软件中。{SAVE_AS}")
    bounds.refuse("old_excel", f"这是旧版Excel（.xls）或WPS（.et）文件。{SAVE_AS}")


def _refuse_other_archives(content: bytes, bounds: Bounds) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = {name.lower() for name in package.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError):
        # The measuring says what is wrong with it.
        return
    if "content.xml" in names:
        bounds.refuse("is_ods", f"这是OpenDocument（.ods）文件。{SAVE_AS}")
    if "xl/workbook.bin" in names:
        bounds.refuse("is_xlsb", f"这是二进制Excel（.xlsb）文件。{SAVE_AS}")
    if "word/document.xml" in names:
        bounds.refuse("is_word", f"这是Word文档，不是表格。请把其中的表格复制到表格软件中。{SAVE_AS}")
    if names and not any(name.startswith("xl/") for name in names):
        bounds.refuse("is_archive", "这是压缩包，不是表格。请解压后上传其中的Excel（.xlsx）或CSV文件。")


def _from_csv(content: bytes, bounds: Bounds) -> Sheet:
    text = _decoded(content, bounds)
    separator, text = _separator(text)
    return Sheet("", _csv_rows(text, separator, bounds))


def _csv_rows(text: str, separator: str, bounds: Bounds) -> Iterator[list[str]]:
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            if any(len(cell) > LONGEST_CELL for cell in row):
                bounds.refuse_long_cell()
            yield [clean(cell.replace("\r\n", "\n").replace("\r", "\n")) for cell in row]
    except csv.Error as error:
        if "field limit" in str(error):
            bounds.refuse_long_cell()
        raise Invalid(
            f"{bounds.code}_unreadable",
            "CSV文件的引号或分隔不完整，无法读取。请在表格软件中重新导出。",
            fields={"file": "无法读取"},
        ) from error


def _separator(text: str) -> tuple[str, str]:
    """The sign between cells, and the text; where its first line names the sign, that line is empty in the text."""
    if said := _SAYS_SEPARATOR.match(text):
        return said[1], text[said.end(1) :]
    head = "\n".join(text[:65536].splitlines()[:_LOOKED_AT])
    best = max(_SEPARATORS, key=head.count)
    return (best if best in head or _WIDE_COMMA not in head else _WIDE_COMMA), text


def _decoded(content: bytes, bounds: Bounds) -> str:
    """UTF-8 where it is, since almost no text in another encoding is also UTF-8; else what table software writes."""
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\0" in content[:4096]:
        # A text in UTF-16 without its mark: separators and digits have their empty byte last, or first.
        is_little = content[1:4096:2].count(0) > content[:4096:2].count(0)
        encodings = ("utf-16-le" if is_little else "utf-16-be",)
    for encoding in encodings:
        try:
            decoded = content.decode(encoding)
            return decoded.translate(names.GB18030_2022) if encoding == "gb18030" else decoded
        except UnicodeDecodeError:
            continue
    return bounds.refuse("unreadable", "无法识别这个文件。请上传Excel（.xlsx）文件，或UTF-8、GB18030编码的CSV文件。")
