"""A table that people fill in and send back: its columns, the empty file, its filled rows, and the faults of a row."""

import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Final

import xlsxwriter

from core.errors import Invalid
from core.text.cells import LOST_DIGITS, column_letter, on_one_line
from core.text.sheets import Sheet, read_sheets
from core.text.titles import Header, Titles, find_header
from core.text.understood import Changed, LeftOut, ReadColumn, Understood
from core.text.uploaded_tables import Bounds

_HEADER_WITHIN: Final = 10
_WIDE: Final = 8
_CHOICES: Final = "可选项"
"""The sheet of a template that holds what may be chosen; it is no table of anybody."""
_REMARK: Final = re.compile(
    "(合计|总计|小计|共计|总数|总人数|人数|平均|平均分|平均成绩|最高分|最低分|及格率|合格率|填表|填表人|填报|填报人|制表|制表人|"
    "经办|经办人|审核|审核人|复核|复核人|审批人|负责人|单位负责人|主管领导|分管领导|联系人|联系电话|填报单位|填报日期|填报时间|"
    "填表日期|填表时间|制表单位|制表日期|制表时间|日期|单位意见|单位盖章|盖章|公章|签字|签名|签章|备注|说明|注|附注)"
    r"[(（:：。,，\d].*|(合计|总计|小计|共计|平均|平均分|平均成绩|最高分|最低分|填表人|制表人|审核人|负责人|备注|说明|注)"
)
"""How a row begins that sums up the table or is signed below it."""
EXAMPLE: Final = "示例"
"""Stands in the column ``ROW_MARK`` of the example's row, which is never imported."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the code of its answer, its title, what is to be written, whether it must be there, other titles.

    ``several`` means that a cell may list several things, one a line.
    """

    code: str
    title: str
    note: str = ""
    required: bool = False
    synonyms: tuple[str, ...] = ()
    several: bool = False

    @property
    def help(self) -> str:
        """The note, which begins with whether the column is required."""
        return f"{'必填。' if self.required else ''}{self.note}"


ROW_MARK: Final = Column("row_mark", "序号", f"写不写都可以。写着“{EXAMPLE}”的行不会导入。")
"""The first column of a table with an example; it holds no answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is filled in: its number as the table software shows it, and its texts by column.

    ``faults`` says by column why a cell could not be read; such a cell has no text.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of a row; ``about`` is the name or number in the row, by which a person finds it."""

    row: int
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A table that was read: the codes of its columns, its filled rows, and how it was understood."""

    codes: tuple[str, ...]
    rows: list[Row]
    understood: Understood

    @property
    def ignored(self) -> tuple[str, ...]:
        """The titles that mean nothing here."""
        return self.understood.ignored


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table, with at most ``bounds.rows`` filled rows.

    The first row, or two rows, with all columns of one of ``headers`` are the header, within the first ten rows. The
    last three fields are the messages of refusals; ``too_many`` may name the count of all rows.
    """

    bounds: Bounds
    columns: tuple[Column, ...]
    headers: tuple[frozenset[str], ...]
    no_header: str
    nobody: str
    too_many: str

    def lacking(self, codes: Collection[str]) -> list[Column]:
        """The required columns that are not among these."""
        return [column for column in self.columns if column.required and column.code not in codes]

    def read(
        self,
        content: bytes,
        check: Callable[[Sequence[str]], None] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Filled:
        """Read a file: Excel (.xlsx) or CSV in UTF-8, UTF-16 or GB18030, recognised by the content.

        Of several sheets the one that has such titles and filled rows is read; where several have, the file is refused.
        ``check`` refuses columns that do not go together; ``more`` are the codes of further titles. Raises Invalid,
        saying what to do, for a file that is no such table, is too large, or has no filled row.
        """
        usual = {title: column.code for column in self.columns for title in (column.title, *column.synonyms)}
        titles = Titles.of(usual, more or {})
        found: list[Filled] = []
        refused: list[Invalid] = []
        others: list[str] = []
        for sheet in read_sheets(content, self.bounds):
            if sheet.name == _CHOICES:
                continue
            if sheet.is_hidden:
                others.append(f"“{sheet.name}”：是隐藏的工作表")
                continue
            try:
                found.append(_Reader(self, sheet, titles, check).filled())
            except Invalid as refusal:
                refused.append(refusal)
                others.append(f"“{sheet.name}”：{refusal.detail}")
        if not found:
            raise max(refused, key=self._how_far)
        if len(found) > 1:
            named = "、".join(f"“{filled.understood.sheet}”" for filled in found)
            self.bounds.refuse(
                "several_sheets",
                f"工作表{named}都有可以导入的内容，分不清要导入哪一张。请只保留一张（或合并成一张）后重新上传。",
            )
        return replace(found[0], understood=replace(found[0].understood, others=tuple(others)))

    def _how_far(self, refusal: Invalid) -> int:
        """How far a sheet was read before it was refused: the one that came furthest is meant."""
        begun = ("no_header", "nobody")
        code = refusal.code.removeprefix(f"{self.bounds.code}_")
        return begun.index(code) if code in begun else len(begun)

    def template(
        self, name: str, *, choices: Mapping[str, Sequence[str]] | None = None, example: Mapping[str, str] | None = None
    ) -> bytes:
        """An Excel file with the columns of the table, their notes, lists of ``choices`` and one example.

        Every cell is text, so that long numbers keep their last digits. A wide table keeps its first two columns in
        sight and is printed in landscape; its required columns stand out by colour.
        """
        file, wide = io.BytesIO(), len(self.columns) > _WIDE
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            sheet, lists = book.add_worksheet(name), book.add_worksheet(_CHOICES) if choices else None
            text = book.add_format({"num_format": "@"})
            title, must = (
                book.add_format({"num_format": "@", "bold": True, "bg_color": colour, "border": 1})
                for colour in ("#E9EDF2", "#FFF3D6" if wide else "#E9EDF2")
            )
            grey = book.add_format({"num_format": "@", "italic": True, "font_color": "#5C6878"})
            sheet.set_column(0, len(self.columns) - 1, 16 if wide else 24, text)
            for at, column in enumerate(self.columns):
                sheet.write(0, at, column.title, must if column.required else title)
                sheet.write_comment(0, at, column.help)
                if example:
                    sheet.write(1, at, example.get(column.code, ""), grey)
                known = (choices or {}).get(column.code, ())
                if lists is not None and known:
                    lists.write_column(0, at, [column.title, *known])
                    lists.set_column(at, at, 24)
                    letter = chr(ord("A") + at)
                    listed = {
                        "validate": "list",
                        "source": f"='{_CHOICES}'!${letter}$2:${letter}${len(known) + 1}",
                        "error_title": "不在可选范围内",
                        "error_message": "请从下拉列表中选择。",
                    }
                    sheet.data_validation(1, at, self.bounds.rows, at, listed)
            sheet.freeze_panes(1, 2 if wide else 0)
            if wide:
                sheet.set_landscape()
                sheet.repeat_rows(0)
        return file.getvalue()


class _Reader:
    """Reads one sheet as a table of a kind. Raises Invalid where it is none."""

    def __init__(
        self, table: Table, sheet: Sheet, titles: Titles, check: Callable[[Sequence[str]], None] | None
    ) -> None:
        self._table, self._sheet, self._titles = table, sheet, titles
        self._rows = iter(sheet.rows)
        self._merged: list[str] = []
        self._left: list[LeftOut] = []
        self._changed: list[Changed] = []
        head = list(islice(self._rows, _HEADER_WITHIN + 1))
        header = find_header(head, titles, table.headers, within=_HEADER_WITHIN)
        if header is None:
            table.bounds.refuse("no_header", table.no_header)
        self._header: Header = header
        if sheet.refusal is not None:
            raise sheet.refusal
        codes = [code for code in header.columns.values() if code != ROW_MARK.code]
        self._check_not_twice(codes)
        if check is not None:
            check(codes)
        self._codes = tuple(header.columns.values())
        self._named = {column.code: column for column in table.columns}
        self._rows = chain(head[header.rows[-1] :], self._rows)

    def filled(self) -> Filled:
        """The rows of the sheet, and how they were understood."""
        table, most = self._table, self._table.bounds.rows
        filled = self._filled()
        rows = list(islice(filled, most + 1))
        if not rows:
            table.bounds.refuse("nobody", table.nobody)
        if len(rows) > most:
            # The rest is read only where the message counts it.
            count = len(rows) + sum(1 for _ in filled) if "{count}" in table.too_many else 0
            table.bounds.refuse("too_many", table.too_many.format(most=most, count=count))
        return Filled(self._codes, rows, self._understood(len(rows)))

    def _understood(self, rows: int) -> Understood:
        header, hidden = self._header, self._sheet.hidden_columns
        return Understood(
            sheet=self._sheet.name,
            header=header.rows,
            columns=tuple(
                ReadColumn(column_letter(at), header.written[at], self._title(code), at in hidden)
                for at, code in header.columns.items()
            ),
            rows=rows,
            absent=tuple(
                column.title
                for column in self._table.columns
                if column.code not in self._codes and column.code != ROW_MARK.code
            ),
            ignored=tuple(title for _, title in header.ignored),
            left=tuple(self._left),
            changed=tuple(self._changed),
            merged=tuple(self._merged),
        )

    def _check_not_twice(self, codes: Sequence[str]) -> None:
        twice = [code for code in dict.fromkeys(codes) if codes.count(code) > 1]
        if twice:
            titles = {column.code: column.title for column in self._table.columns}
            named = "、".join(titles.get(code, code) for code in twice)
            self._table.bounds.refuse("columns_twice", f"有两列都是：{named}。请删去一列，或改用另一个标题。")

    def _filled(self) -> Iterator[Row]:
        for number, texts in enumerate(self._spread(), start=self._header.rows[-1] + 1):
            row = self._row(number, texts)
            if row is not None:
                yield row

    def _row(self, number: int, texts: Sequence[str]) -> Row | None:
        cells: dict[str, str] = {}
        faults: dict[str, str] = {}
        for at, code in self._header.columns.items():
            text = self._text(code, texts[at]) if at < len(texts) else ""
            fault = self._sheet.faults.get((number, at))
            if fault is not None or text == LOST_DIGITS:
                where = f"{column_letter(at)}{number}"
                faults[code] = LOST_DIGITS if fault is None else f"单元格{where}{fault}"
            elif text:
                cells[code] = text
        mark = cells.pop(ROW_MARK.code, "")
        if reason := self._reason_to_leave(mark, cells, faults, texts):
            self._leave(number, texts, reason)
            return None
        if not cells and not faults:
            return None
        self._note_rounded(number, cells)
        return Row(number, cells, faults)

    def _reason_to_leave(
        self, mark: str, cells: Mapping[str, str], faults: Mapping[str, str], texts: Sequence[str]
    ) -> str:
        """Why a row is none of the table's own; empty where it is one, or wholly empty."""
        first = next((text for text in texts if text), "")
        if mark == EXAMPLE:
            return "是示例"
        if cells and all(self._titles.meaning(text) == code for code, text in cells.items()):
            return "是重复的标题"
        if _is_remark(first) and self._is_incomplete(cells, faults):
            return "是合计、签名或说明"
        if first and not cells and not faults and first != mark:
            return "在认出的列里没有内容"
        return ""

    def _is_incomplete(self, cells: Mapping[str, str], faults: Mapping[str, str]) -> bool:
        """Whether a row lacks what every row of the table has."""
        there = {code for code, text in cells.items() if not _is_remark(text)} | set(faults)
        needed = {column.code for column in self._table.columns if column.required and column.code in self._codes}
        return bool(needed - there) if needed else not any(codes & there for codes in self._table.headers)

    def _leave(self, number: int, texts: Sequence[str], reason: str) -> None:
        first = next(text for text in texts if text)
        self._left.append(LeftOut(number, on_one_line(first)[:40], reason))

    def _note_rounded(self, number: int, cells: Mapping[str, str]) -> None:
        for at, code in self._header.columns.items():
            if code in cells and (stored := self._sheet.stored.get((number, at))):
                where = f"{column_letter(at)}{number}"
                self._changed.append(Changed(where, self._title(code), stored, cells[code]))

    def _text(self, code: str, text: str) -> str:
        column = self._named.get(code)
        return text if column is not None and column.several else on_one_line(text)

    def _title(self, code: str) -> str:
        column = self._named.get(code)
        return code if column is None else column.title

    def _spread(self) -> Iterator[list[str]]:
        """The rows below the titles, each text of merged cells in every one of them."""
        merged = [area for area in self._sheet.merged if area[0] > self._header.rows[-1]]
        if not merged:
            return self._rows
        rows, top, bounds = list(self._rows), self._header.rows[-1] + 1, self._table.bounds
        cells = letters = 0
        for first_row, first, last_row, last in merged:
            inside = rows[first_row - top : last_row - top + 1]
            text = inside[0][first] if inside and first < len(inside[0]) else ""
            if not text:
                continue
            wide = min(last, len(inside[0]) - 1) - first + 1
            cells, letters = cells + wide * len(inside), letters + wide * len(inside) * len(text)
            if cells > bounds.rows * bounds.columns or letters > bounds.letters:
                bounds.refuse("merged_too_far", "合并单元格太多、太大。请取消合并、只保留表格本身后重新保存。")
            for row in inside:
                row[first : first + wide] = [text] * wide
            if any(at in self._header.columns for at in range(first, first + wide)):
                self._merged.append(f"{column_letter(first)}{first_row}:{column_letter(last)}{last_row}")
        return iter(rows)


def _is_remark(text: str) -> bool:
    return bool(_REMARK.fullmatch("".join(text.split())))
