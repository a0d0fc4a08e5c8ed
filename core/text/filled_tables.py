"""A table that people fill in and send back: its columns, the empty file, its filled rows, and the faults of a row."""

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import xlsxwriter

from core.text.uploaded_tables import Bounds, read_grid

_HEADER_WITHIN: Final = 10
_WIDE: Final = 8
EXAMPLE: Final = "示例"
"""Stands in the column ``ROW_MARK`` of the example's row, which is never imported."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the code of its answer, its title, what is to be written, whether it must be there, other titles."""

    code: str
    title: str
    note: str = ""
    required: bool = False
    synonyms: tuple[str, ...] = ()

    @property
    def help(self) -> str:
        """The note, which begins with whether the column is required."""
        return f"{'必填。' if self.required else ''}{self.note}"


ROW_MARK: Final = Column("row_mark", "序号", f"写不写都可以。写着“{EXAMPLE}”的行不会导入。")
"""The first column of a table with an example; it holds no answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is filled in: its number as the table software shows it, and its texts by column."""

    number: int
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of a row; ``about`` is the name or number in the row, by which a person finds it."""

    row: int
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A table that was read: the codes of its columns, its filled rows, and the titles that mean nothing here."""

    codes: tuple[str, ...]
    rows: list[Row]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table, with at most ``bounds.rows`` filled rows.

    The first row with all columns of one of ``headers`` is the header; it stands within the first ten rows. The last
    three fields are the messages of refusals; ``too_many`` may name the count of all rows.
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

        ``check`` refuses columns that do not go together; ``more`` are the codes of further titles. Raises Invalid,
        saying what to do, for a file that is no such table, is too large, or has no filled row.
        """
        meanings = {title: column.code for column in self.columns for title in (column.title, *column.synonyms)}
        grid = enumerate(read_grid(content, self.bounds), start=1)
        columns, ignored = self._header(grid, meanings | dict(more or {}))
        if check is not None:
            check(list(columns.values()))
        filled, most = _filled(grid, columns), self.bounds.rows
        rows = list(islice(filled, most + 1))
        if not rows:
            self.bounds.refuse("nobody", self.nobody)
        if len(rows) > most:
            # The rest is read only where the message counts it.
            count = len(rows) + sum(1 for _ in filled) if "{count}" in self.too_many else 0
            self.bounds.refuse("too_many", self.too_many.format(most=most, count=count))
        return Filled(tuple(columns.values()), rows, ignored)

    def template(
        self, name: str, *, choices: Mapping[str, Sequence[str]] | None = None, example: Mapping[str, str] | None = None
    ) -> bytes:
        """An Excel file with the columns of the table, their notes, lists of ``choices`` and one example.

        Every cell is text, so that long numbers keep their last digits. A wide table keeps its first two columns in
        sight and is printed in landscape; its required columns stand out by colour.
        """
        file, wide = io.BytesIO(), len(self.columns) > _WIDE
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            sheet, lists = book.add_worksheet(name), book.add_worksheet("可选项") if choices else None
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
                        "source": f"='可选项'!${letter}$2:${letter}${len(known) + 1}",
                        "error_title": "不在可选范围内",
                        "error_message": "请从下拉列表中选择。",
                    }
                    sheet.data_validation(1, at, self.bounds.rows, at, listed)
            sheet.freeze_panes(1, 2 if wide else 0)
            if wide:
                sheet.set_landscape()
                sheet.repeat_rows(0)
        return file.getvalue()

    def _header(
        self, grid: Iterable[tuple[int, list[str]]], meanings: Mapping[str, str]
    ) -> tuple[dict[int, str], tuple[str, ...]]:
        """The columns of the header row by their place, and its other titles."""
        for _, texts in islice(grid, _HEADER_WITHIN):
            titles = [text.strip("*＊ \n").split("（", 1)[0] for text in texts]
            found = {at: meanings[title] for at, title in enumerate(titles) if title in meanings}
            if any(codes <= set(found.values()) for codes in self.headers):
                return found, tuple(titles[at] for at, text in enumerate(texts) if text and at not in found)
        return self.bounds.refuse("no_header", self.no_header)


def _filled(grid: Iterable[tuple[int, list[str]]], columns: Mapping[int, str]) -> Iterator[Row]:
    for number, texts in grid:
        cells = {code: texts[at] for at, code in columns.items() if at < len(texts) and texts[at]}
        if cells.pop(ROW_MARK.code, "") != EXAMPLE and cells:
            yield Row(number, cells)
