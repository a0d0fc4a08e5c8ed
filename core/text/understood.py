"""Pure: how an uploaded table was read, in words for the person who sent it, before anything of it is kept."""

from dataclasses import dataclass, field
from typing import Final

MOST_TOLD: Final = 50
"""Cells and rows that are listed one by one; of more, the number is told."""


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column that was read: its letter, its title in the file, and what it was taken for."""

    letter: str
    written: str
    title: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that was not read, with its first text and the reason."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell whose text was read otherwise than it stands in the file."""

    cell: str
    title: str
    written: str
    read: str


@dataclass(frozen=True, slots=True)
class Understood:
    """How a table was read: its sheet, the rows of its titles, its columns, and all that was passed over or changed.

    ``absent`` are the titles of known columns that the file does not have, ``ignored`` its titles without a meaning
    here, ``others`` its other sheets with the reason for each, ``merged`` the ranges whose text was taken for every
    row in them.
    """

    sheet: str
    header: tuple[int, ...]
    columns: tuple[ReadColumn, ...]
    rows: int = 0
    absent: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    left: tuple[LeftOut, ...] = ()
    changed: tuple[Changed, ...] = ()
    merged: tuple[str, ...] = ()
    others: tuple[str, ...] = field(default=())

    @property
    def header_rows(self) -> str:
        """The rows of the titles in words."""
        return "第" + "、".join(str(row) for row in self.header) + "行"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each column as it is written, and what it was taken for."""
        return [
            (f"{column.letter}列 {column.written}", f"{column.title}（隐藏列）" if column.is_hidden else column.title)
            for column in self.columns
        ]

    @property
    def hidden(self) -> list[ReadColumn]:
        """The columns that were read although nobody who looks at the file sees them."""
        return [column for column in self.columns if column.is_hidden]
