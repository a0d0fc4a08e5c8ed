"""The rows of an office's season, table by table, as CSV and JSON with a JSON Schema.

Which rows belong to a season follows from the tables themselves: those with an office and a year, and those that hang
on them by a foreign key. A table is packed or stands in ``LEFT_OUT`` with its reason; a test finds one that is neither.
"""

import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Select,
    Table,
    Uuid,
    and_,
    or_,
    select,
)

from core.clock import SHANGHAI
from core.db.base import Base
from core.db.sealed import LookupHash, Sealed
from core.db.session import SystemSession
from core.documents.attachment_subjects import THINGS

_BATCH: Final = 1000
_ACCOUNTS: Final = "accounts and their security: of no season, and nobody's business but their owner's"
_MESSAGES: Final = "what was sent to people: each follows from an act that is packed"
_WORKING: Final = "a working file or an aid at the desk; nothing was decided by it"
_NO_SEASON: Final = "of no season: it goes on, and its acts stand on the record"
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("accounts", "acting_grants", "allowances", "api_tokens", "browser_sessions", "factor_removals"), _ACCOUNTS
        ),
        **dict.fromkeys(
            ("failed_attempts", "passwords", "phone_codes", "role_grants", "second_factors", "contacts"), _ACCOUNTS
        ),
        "persons": "personal data, encrypted: names and last digits stand with each application",
        **dict.fromkeys(("notices", "outbox"), _MESSAGES),
        **dict.fromkeys(
            ("assignment_rules", "bulk_runs", "bulk_run_cases", "case_claims", "case_counts", "desk_views"), _WORKING
        ),
        **dict.fromkeys(("idempotency_keys", "paper_jobs", "paper_parts", "pending_handovers"), _WORKING),
        **dict.fromkeys(("reviewer_duties", "table_exports", "unit_differences"), _WORKING),
        **dict.fromkeys(("declared_relations", "delegations", "manager_forms", "office_areas", "offices"), _NO_SEASON),
        **dict.fromkeys(("plugin_failures", "reveals", "unit_acts", "unit_names", "units"), _NO_SEASON),
        **dict.fromkeys(
            ("record_entries", "record_batches", "record_seals", "record_facts", "key_fingerprints"),
            "the record of all offices: it is verified as a whole by `kaowu audit verify`",
        ),
        "transitions": "the table of acts of this version: it stands in the documentation",
    }
)
"""Tables of which an archive holds nothing, each with the reason."""
WHOLE: Final = frozenset({"rule_texts"})
"""Tables that belong to every season as they are: the rules that judged."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A table of the season: its rows, and the columns that are told."""

    table: Table
    rows: Select[Any]
    columns: Sequence[Column[Any]]

    @property
    def name(self) -> str:
        """The name of its files."""
        return self.table.name


def packed(office_id: str, year: int) -> list[Packed]:
    """Every table of which the archive of an office's season holds rows, in the order of their names."""
    made = []
    for name, table in sorted(Base.metadata.tables.items()):
        if name in LEFT_OUT:
            continue
        told = [column for column in table.columns if not isinstance(column.type, Sealed | LookupHash)]
        keys = list(table.primary_key.columns)
        made.append(Packed(table, _of_season(table, told, office_id, year).order_by(*keys), told))
    return made


def unreachable() -> list[str]:
    """Tables that are neither left out nor lead to an office's season by foreign keys."""
    return [
        name
        for name, table in Base.metadata.tables.items()
        if name not in LEFT_OUT and name not in WHOLE and not _has_season(table) and not _way_up(table)
    ]


def _has_season(table: Table) -> bool:
    return "year" in table.columns


@cache
def _way_up(table: Table) -> tuple[ForeignKeyConstraint, ...]:
    """The shortest way by foreign keys to a table with an office and a year; that by the application before others."""
    queue: deque[tuple[Table, tuple[ForeignKeyConstraint, ...]]] = deque([(table, ())])
    seen = {table.name}
    while queue:
        here, way = queue.popleft()
        if way and {"office_id", "year"} <= set(here.columns.keys()):
            return way
        for key in sorted(here.foreign_key_constraints, key=_preference):
            above = key.referred_table
            if above.name not in seen and above.name not in LEFT_OUT:
                seen.add(above.name)
                queue.append((above, (*way, key)))
    return ()


def _preference(key: ForeignKeyConstraint) -> tuple[bool, bool, str]:
    columns = [element.parent for element in key.elements]
    optional = any(bool(column.nullable) for column in columns)
    return optional, key.referred_table.name != "applications", columns[0].name


def _of_season(table: Table, told: Sequence[Column[Any]], office_id: str, year: int) -> Select[Any]:
    wanted: Select[Any] = select(*told)
    if table.name in WHOLE:
        return wanted
    if table.name == "attachments":
        return wanted.where(table.c.office_id == office_id, _of_things(table, office_id, year))
    if "office_id" in table.columns:
        wanted = wanted.where(table.c.office_id == office_id)
    if "year" in table.columns:
        return wanted.where(table.c.year == year)
    below: Any = table
    last = table
    for key in _way_up(table):
        above = key.referred_table
        on = and_(*(element.parent == element.column for element in key.elements))
        below, last = below.join(above, on), above
    return wanted.select_from(below).where(last.c.office_id == office_id, last.c.year == year)


def _of_things(table: Table, office_id: str, year: int) -> ColumnElement[bool]:
    """The condition for files of things of the season: of each kind of thing that has one."""
    kinds = []
    for subject, thing in THINGS.items():
        above = Base.metadata.tables[thing.table]
        if above.name not in LEFT_OUT:
            ids = _of_season(above, [above.c.id], office_id, year)
            kinds.append(and_(table.c.subject_type == subject.value, table.c.subject_id.in_(ids)))
    return or_(*kinds)


def write(session: SystemSession, of: Packed, to_csv: Path, to_json: Path) -> int:
    """Write the rows of a table to both files, batch by batch; the number of rows."""
    count = 0
    names = [column.name for column in of.columns]
    with to_csv.open("w", encoding="utf-8-sig", newline="") as table, to_json.open("w", encoding="utf-8") as objects:
        writer = csv.writer(table)
        writer.writerow(names)
        objects.write("[")
        for row in _rows(session, of):
            values = [_plain(value) for value in row]
            writer.writerow([_cell(value) for value in values])
            objects.write(",\n" if count else "\n")
            json.dump(dict(zip(names, values, strict=True)), objects, ensure_ascii=False)
            count += 1
        objects.write("\n]\n")
    return count


def _rows(session: SystemSession, of: Packed) -> Iterator[Any]:
    found = session.execute(of.rows, execution_options={"yield_per": _BATCH})
    for part in found.partitions():
        yield from part


def _plain(value: Any) -> Any:
    """A value as JSON has it: moments with their offset, numbers exact as text, bytes in hex."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _cell(value: Any) -> Any:
    """A value as a table has it. A text that a spreadsheet would take for a formula is kept from being one."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return "" if value is None else value


def schema(tables: Sequence[Packed]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the JSON files: one definition for each table, by its name."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Kaowu: the archive of a season",
        "$defs": {of.name: _definition(of) for of in tables},
    }


def _definition(of: Packed) -> dict[str, Any]:
    return {
        "description": _purpose(of.table),
        "type": "array",
        "items": {
            "type": "object",
            "properties": {column.name: _kind(column) for column in of.columns},
            "required": [column.name for column in of.columns],
            "additionalProperties": False,
        },
    }


def _purpose(table: Table) -> str:
    models = (mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    return next(((model.__doc__ or "").strip().splitlines()[0] for model in models), "")


def _kind(column: Column[Any]) -> dict[str, Any]:
    match column.type:
        case Boolean():
            told: dict[str, Any] = {"type": "boolean"}
        case Integer():
            told = {"type": "integer"}
        case DateTime():
            told = {"type": "string", "format": "date-time"}
        case Date():
            told = {"type": "string", "format": "date"}
        case Uuid():
            told = {"type": "string", "format": "uuid"}
        case LargeBinary():
            told = {"type": "string", "contentEncoding": "base16"}
        case other if other.__class__.__name__ in {"JSONB", "JSON"}:
            told = {"type": ["object", "array", "string", "number", "boolean", "null"]}
        case other if other.__class__.__name__ == "ARRAY":
            told = {"type": "array"}
        case _:
            told = {"type": "string"}
    if column.nullable and isinstance(told["type"], str):
        told["type"] = [told["type"], "null"]
    return told
