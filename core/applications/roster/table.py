"""A unit's table of people, from Excel or CSV: the columns, and how a file becomes rows of texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from core.applications.form_steps import ITEM_LABELS
from core.text.uploaded_tables import Bounds, read_grid

MOST_ROWS: Final = 1000
BOUNDS: Final = Bounds("roster", MOST_ROWS)
MOST_BYTES: Final = BOUNDS.bytes
_HEADER_WITHIN: Final = 10
EXAMPLE: Final = "示例"
"""What stands in the first column of the example's row, which is never imported."""


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
_CODES: Final = {column.title: column.code for column in COLUMNS} | {MARK: "mark"}
TITLES: Final[Mapping[str, str]] = {column.code: column.title for column in COLUMNS}


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
    rows = list(islice(_filled(read_grid(content, BOUNDS)), MOST_ROWS + 1))
    if not rows:
        BOUNDS.refuse("nobody", "表中没有人员。请从模板的示例行下面开始填写。")
    if len(rows) > MOST_ROWS:
        BOUNDS.refuse("too_many", f"一次最多导入{MOST_ROWS}人，这张表超过了。请分成几个文件。")
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
        BOUNDS.refuse("no_header", "没有找到标题行。请使用本页的模板填写，不要改动标题。")


def _header(texts: Sequence[str]) -> dict[int, str] | None:
    """The columns of a header row by their place; None for a row that is none, Invalid where one is missing."""
    titles = {at: text.strip("*＊ \n").split("（", 1)[0] for at, text in enumerate(texts)}
    found = {at: _CODES[title] for at, title in titles.items() if title in _CODES}
    if not {"name", "id_number"} & set(found.values()):
        return None
    lacking = [column.title for column in COLUMNS if column.required and column.code not in found.values()]
    if lacking:
        BOUNDS.refuse("columns_missing", f"表中缺少这些列：{'、'.join(lacking)}。请使用本页的模板填写，不要改动标题。")
    return found
