"""What the time of a kind of personal data means: which rows it is over for, and how their values are replaced.

Rows stay where figures or the record count them; their values give way to ``ERASED``. What is erased once is not due
again.
"""

from __future__ import annotations

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
    """One class of personal data. ``due`` selects the keys of rows due before a moment; ``erase`` takes some."""

    name: str
    due: Callable[[datetime], Select[Any]]
    erase: Callable[[KeeperSession, Sequence[Any]], None]
