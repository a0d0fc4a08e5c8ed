"""Pure: days, months and years as offices and personnel files write them.

2011-07-01, 2011/7/1, 2011.7.1, 2011年7月1日, 20110701, 2011-7, 2011年7月, 201107, 2011, 2011年; in full width as well.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

_DASHES: Final = str.maketrans({"—": "-", "–": "-", "−": "-", "‐": "-", "。": ".", "·": ".", "、": ".", "\\": "/"})
_YEAR: Final = re.compile(r"(\d{4})年?")
_MONTH: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})月?|(\d{4})(\d{2})")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_TIME: Final = re.compile(r"[T ]*0{1,2}:00(:00)?(\.0+)?Z?$")
_CUT_OFF: Final = re.compile(r"\d{4}\.1")


@dataclass(frozen=True, slots=True)
class Written:
    """A date as far as it is written; ``day`` and ``month`` may be missing."""

    year: int
    month: int | None = None
    day: int | None = None
    is_doubtful: bool = False
    """1990.1 may be what table software left of 1990.10."""

    @property
    def first_day(self) -> date:
        """The day, or the first one of the month or year."""
        return date(self.year, self.month or 1, self.day or 1)


def read_date(text: str) -> Written | None:
    """The date in a text; None for a text that is none, or a day that there is not."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    plain = re.sub(r"\s", "", _TIME.sub("", plain))
    for shape in (_DAY, _MONTH, _YEAR):
        if found := shape.fullmatch(plain):
            year, month, day = (*(int(group) for group in found.groups() if group is not None), None, None)[:3]
            written = Written(int(year or 0), month, day, is_doubtful=bool(_CUT_OFF.fullmatch(plain)))
            return written if _exists(written) else None
    return None


def _exists(written: Written) -> bool:
    try:
        return 1900 <= written.first_day.year <= 2200
    except ValueError:
        return False
