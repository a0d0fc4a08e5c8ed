"""Hooks of Schemathesis: ids that exist, so that requests reach the rows behind them.

Three of four ids that it makes up are replaced by one that there is; which, follows from the invented one, so that a
case can be repeated. Versions are small, as those of young rows are.
"""

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import schemathesis
from schemathesis import Case, HookContext, Response

IDS_FILE = "KAOWU_FUZZ_IDS"


def _known() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(os.environ[IDS_FILE]).read_text())
    return found


_KNOWN = _known() if IDS_FILE in os.environ else {}
_ALL = sorted({known_id for ids in _KNOWN.values() for known_id in ids})


@schemathesis.hook
def before_call(context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:  # noqa: ARG001 - Schemathesis' own
    """Put ids that exist into address and body."""
    if isinstance(case.path_parameters, dict):
        case.path_parameters = {name: _real(name, value) for name, value in case.path_parameters.items()}
    if isinstance(case.body, dict):
        case.body = _real("", case.body)


@schemathesis.deserializer("image/png", "image/jpeg", "application/pdf")
def read_paper(_context: object, response: Response) -> str:
    """An uploaded paper is described as binary; as such every sequence of bytes is one."""
    return response.content.decode("latin-1")


def _real(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _real(key, part) for key, part in value.items()}
    if isinstance(value, list):
        return [_real(name, part) for part in value]
    if name == "version" and isinstance(value, int) and not isinstance(value, bool):
        return value % 8
    made_up = _uuid(value)
    if made_up is None or made_up.int % 4 == 0 or not _ALL:
        return value
    known = _KNOWN.get(name.removesuffix("_id") + "s") or _ALL
    return known[made_up.int // 4 % len(known)]


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
