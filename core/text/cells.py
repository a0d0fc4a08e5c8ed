"""Pure: one cell of an uploaded table as text: as table software shows it, without the traces of how it was kept."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from core.text import names

LOST_DIGITS: Final = "号码被表格软件存成了数字，末几位已经丢失。请把这一列设为“文本”后重新填写。"
_IMPRECISE: Final = 10**15
"""Table software keeps fifteen digits of a number. Source: Excel specifications and limits, number precision."""
_QUOTED: Final = re.compile(r"['’‘＇`](?=[0-9０-９])")
_FORMULA_OF_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?[Ee]\+(\d{1,3})")
_SHORTEST_LOST: Final = 10
"""A number in scientific writing with such an exponent was a number of a person, a telephone or a card."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text; ``stored`` is the number behind it where the text is a rounded one."""

    text: str
    stored: str = ""


def read_cell(value: Any) -> Cell:
    """The text of a cell as table software shows it: 85.30000000000001 is 85.3, a midnight is a day."""
    if isinstance(value, bool):
        return Cell(str(value).upper())
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return Cell(value.date().isoformat())
    return Cell(value.isoformat() if isinstance(value, date) else clean(str(value)))


def clean(text: str) -> str:
    """A text without blanks at the ends, invisible marks, and the signs that say “this is text” to table software.

    Line breaks within stay; characters that this interpreter does not know stay as well, for others to judge.
    """
    seen = "\n".join(map(names.seen, text.split("\n"))).strip()
    if formula := _FORMULA_OF_TEXT.fullmatch(seen):
        seen = formula[1].strip()
    seen = _QUOTED.sub("", seen, count=1) if _QUOTED.match(seen) else seen
    lost = _SCIENTIFIC.fullmatch(seen)
    return LOST_DIGITS if lost and int(lost[2]) >= _SHORTEST_LOST else seen


def on_one_line(text: str) -> str:
    """A text without its line breaks."""
    return text.replace("\n", "")


def column_letter(at: int) -> str:
    """The letters of a column by its place from 0: ``A``, ``Z``, ``AA``."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _number(value: float) -> Cell:
    if value.is_integer():
        return Cell(LOST_DIGITS if abs(value) >= _IMPRECISE else str(int(value)))
    text = format(Decimal(f"{value:.15g}"), "f")
    return Cell(text, "" if float(text) == value else repr(value))
