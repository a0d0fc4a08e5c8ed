"""The retention of a class of personal data: how due rows are found, and how their values are replaced.

A row that figures or the record count stays, and its values become ``ERASED``. An erased row is not due again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select

from core.db.session import KeeperSession

ERASED: Final = "（已按保存期限删除）"
ERASED_TAIL: Final = "****"


@dataclass(frozen=True, slots=True)
class Term:
    """One class of personal data. ``due`` selects the ids of rows due before a moment; ``erase`` takes some."""

    name: str
    due: Callable[[datetime], Select[Any]]
    erase: Callable[[KeeperSession, Sequence[Any]], None]
