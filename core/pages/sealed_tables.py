"""A table that was read and is shown before anything of it is kept: its rows wait in the page, sealed.

The server keeps nothing (``docs/decisions/0019-a-table-of-people-is-not-kept.md``); nobody can read or change the rows,
and only the account that sent the table can send them back, within a day.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from core.db.session import ScopedSession
from core.errors import Invalid
from core.security.keys import KeyProvider, Place, opened
from core.text.filled_tables import Row

_LASTS: Final = timedelta(days=1)


def seal(session: ScopedSession, keys: KeyProvider, kind: str, content: Mapping[str, Any]) -> str:
    """What was read of a table of this kind, as the hidden field of a page."""
    known = {"kind": kind, "at": session.now.isoformat(), **content}
    packed = zlib.compress(json.dumps(known, ensure_ascii=False).encode())
    return base64.urlsafe_b64encode(keys.encrypt(packed, _place(session))).decode()


def unseal(session: ScopedSession, keys: KeyProvider, kind: str, sealed: str) -> dict[str, Any]:
    """What ``seal`` was given. Raises Invalid for a page that is too old, or of somebody else."""
    try:
        packed = opened(keys, base64.urlsafe_b64decode(sealed), _place(session))
    except (binascii.Error, ValueError):
        packed = None
    known: dict[str, Any] = {} if packed is None else json.loads(zlib.decompress(packed))
    if known.get("kind") != kind or session.now - datetime.fromisoformat(known["at"]) > _LASTS:
        raise Invalid("table_gone", "表格已过期，请重新上传文件。", fields={"file": "请重新上传"})
    return known


def packed_rows(rows: list[Row]) -> list[list[Any]]:
    """Rows as ``seal`` takes them."""
    return [[row.number, dict(row.cells), dict(row.faults)] for row in rows]


def unpacked_rows(packed: list[list[Any]]) -> list[Row]:
    """The rows that ``packed_rows`` packed."""
    return [Row(number, cells, faults) for number, cells, faults in packed]


def _place(session: ScopedSession) -> Place:
    return Place("table_uploads", "rows", session.actor.account_id)
