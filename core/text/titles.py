"""Pure: titles of columns as offices write them, and what they mean.

姓　名, 成绩(分), 身份证号：, *1.姓名 and a title broken over two lines are the same as the plain one.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.text.cells import on_one_line

_NOTE: Final = re.compile(r"[(\[【〔〈<{]([^)\]】〕〉>}]*)([)\]】〕〉>}]|$)")
_NUMBERED: Final = re.compile(r"^\d{1,2}[.、](?=\D)")
_NO_WORD: Final = re.compile(r"[\W_]")


@dataclass(frozen=True, slots=True)
class Header:
    """The titles of a table: its rows by number from 1, the columns by their place, and the titles left over."""

    rows: tuple[int, ...]
    columns: Mapping[int, str]
    written: Mapping[int, str]
    ignored: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Titles:
    """What titles mean: the usual ones, and those that the caller adds for this table."""

    usual: Mapping[str, str]
    more: Mapping[str, str]

    @classmethod
    def of(cls, usual: Mapping[str, str], more: Mapping[str, str]) -> "Titles":
        """The meanings by titles as anybody may write them."""
        return cls(
            {_plain(title): code for title, code in usual.items()},
            {_plain(title): code for title, code in more.items()},
        )

    def meaning(self, title: str) -> str | None:
        """The code of a title; None for one that means nothing here."""
        text = _NUMBERED.sub("", unicodedata.normalize("NFKC", title).strip())
        notes = [_plain(note[1]) for note in _NOTE.finditer(text)]
        known = {**self.usual, **self.more}
        for key in (_plain(text), *(note for note in notes if note in self.more), _plain(_NOTE.sub("", text))):
            if key and key in known:
                return known[key]
        return None


def find_header(
    rows: Sequence[Sequence[str]], titles: Titles, headers: Collection[frozenset[str]], *, within: int
) -> Header | None:
    """The first row, or two rows with titles over titles, that has all columns of one of ``headers``.

    It begins ``within`` so many rows.
    """

    def is_one(header: Header | None) -> bool:
        return header is not None and any(codes <= set(header.columns.values()) for codes in headers)

    for at, row in enumerate(rows[:within]):
        below = rows[at + 1] if at + 1 < len(rows) else ()
        single, double = _of_one(at, row, titles), _of_two(at, row, below, titles)
        if is_one(single):
            return double or single
        if is_one(double) and not is_one(_of_one(at + 1, below, titles)):
            return double
    return None


def _of_one(at: int, row: Sequence[str], titles: Titles) -> Header:
    return _header((at + 1,), {place: (text,) for place, text in enumerate(row) if text}, titles)


def _of_two(at: int, upper: Sequence[str], lower: Sequence[str], titles: Titles) -> Header | None:
    """Titles over several columns, with the columns' own below them; None where the lower row holds none.

    A title over several columns stands in the first of them. What stands below a title that means something, and is
    no title itself, is the first filled row.
    """
    written: dict[int, tuple[str, ...]] = {}
    above, has_titles = "", False
    for place in range(max(len(upper), len(lower))):
        over = upper[place] if place < len(upper) else ""
        under = lower[place] if place < len(lower) else ""
        above = over or above
        joined = titles.meaning(above + under) is not None
        if under and (joined or titles.meaning(under) is not None):
            written[place], has_titles = ((above, under) if joined else (under,)), True
        elif under and over and titles.meaning(over) is not None:
            return None
        elif over or under:
            written[place] = (under or over,)
    return _header((at + 1, at + 2), written, titles) if has_titles else None


def _header(rows: tuple[int, ...], written: Mapping[int, tuple[str, ...]], titles: Titles) -> Header:
    found = {place: titles.meaning("".join(lines)) for place, lines in written.items()}
    said = {place: on_one_line("/".join(lines)) for place, lines in written.items()}
    columns = {place: code for place, code in found.items() if code is not None}
    ignored = tuple((place, said[place]) for place, code in found.items() if code is None)
    return Header(rows, columns, {place: said[place] for place in columns}, ignored)


def _plain(text: str) -> str:
    """A text without blanks, line breaks and signs, in half width and one case."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()
