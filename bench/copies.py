"""How the rows of an application, and what belongs to it, become those of its ``n``-th copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNIT_OF: Final = 12
"""So many copies of an application stay in one unit, and in one sitting."""
_SOME: Final = 4
"""Every so many-th copy has notices, and entries in the record: else these alone would be eleven million rows."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A table with the columns that differ in a copy, as SQL over the row ``o`` and the number ``n``."""

    table: str
    changed: Mapping[str, str]
    every: int = 1
    """It is copied once for so many copies of an application."""
    which: str = "true"

    def number_of(self, copies: int) -> int:
        """How many copies of each row there are for so many of an application."""
        return copies // self.every


def _one(column: str) -> str:
    """The id of a copy, with the moment of the original's (an id of version 7 begins with it)."""
    return f"(left(o.{column}::text, 18) || right(md5(o.{column}::text || 'c' || n)::uuid::text, 18))::uuid"


def _shared(column: str) -> str:
    """The id of what ``UNIT_OF`` copies share; the first of them share the original."""
    return f"CASE WHEN n < {UNIT_OF} THEN o.{column} ELSE md5(o.{column}::text || 's' || n / {UNIT_OF})::uuid END"


def _its_own(column: str) -> str:
    return f"md5(o.{column}::text || 's' || n)::uuid"


def _number(column: str) -> str:
    """Six digits by which a copy is told from others: the same wherever its id is known."""
    return f"lpad((hashtext(o.{column}::text || 'c' || n) & 1048575)::text, 7, '0')"


_CASE = {"application_id": _one("application_id")}
_DAYS = f"n / {UNIT_OF} % 60 * interval '1 minute'"

COPIES: Final[tuple[Copied, ...]] = (
    Copied("units", {"id": _its_own("id"), "parent_id": _its_own("parent_id"), "name": "o.name || n"}, every=UNIT_OF),
    Copied(
        "persons",
        {
            "id": _one("id"),
            "id_hash": "sha256((o.id::text || n)::bytea)",
            "id_tail": "lpad((n * 7 % 10000)::text, 4, '0')",
            "name": f"left(o.name, 3) || {_number('id')}",
        },
    ),
    Copied(
        "applications",
        {
            "id": _one("id"),
            "person_id": _one("person_id"),
            "reference": "o.reference || lpad(n::text, 5, '0')",
            "person_name": f"left(o.person_name, 3) || {_number('person_id')}",
            "id_tail": "lpad((n * 7 % 10000)::text, 4, '0')",
            "initials": f"left(o.initials, 3) || {_number('person_id')}",
            "unit_id": _shared("unit_id"),
            "department_id": _shared("department_id"),
            "unit_name": f"CASE WHEN n < {UNIT_OF} THEN o.unit_name ELSE o.unit_name || n / {UNIT_OF} END",
            "due_at": "o.due_at + n * interval '1 second'",
        },
    ),
    Copied("submissions", {"id": _one("id"), **_CASE}),
    Copied("moves", {"id": _one("id"), **_CASE, "at": "o.at + n * interval '1 second'"}),
    Copied("case_handlers", {"id": _one("id"), **_CASE}),
    Copied("sittings", {"id": _its_own("id"), "starts_at": f"o.starts_at + {_DAYS}"}, every=UNIT_OF),
    Copied(
        "seats",
        {"id": _one("id"), **_CASE, "sitting_id": _shared("sitting_id"), "seat": f"o.seat + 100 * (n % {UNIT_OF})"},
    ),
    Copied("admission_tickets", {"id": _one("id"), **_CASE, "number": "o.number || lpad(n::text, 5, '0')"}),
    Copied("attendances", {**_CASE, "sitting_id": _shared("sitting_id"), "client_id": _one("client_id")}),
    Copied("marks", dict(_CASE)),
    Copied("outcomes", dict(_CASE)),
    Copied("publication_entries", {**_CASE, "position": "o.position + 1000 * n"}),
    Copied(
        "certificates",
        {
            "id": _one("id"),
            **_CASE,
            "number": "o.number || lpad(n::text, 5, '0')",
            "verification": "sha256((o.id::text || n)::bytea)",
        },
    ),
    Copied(
        "notices",
        {"id": _one("id"), **_CASE, "person_id": _one("person_id")},
        every=_SOME,
        which="o.person_id IS NOT NULL",
    ),
    Copied(
        "record_entries",
        {"id": _one("id"), "subject_id": f"{_one('subject_id')}::text"},
        every=_SOME,
        which="o.subject_type = 'application'",
    ),
)
"""Every table that lists read, what is named before what names it."""

SITTINGS_OF_PLANS: Final = """
    UPDATE plans p SET sittings = (
        SELECT jsonb_object_agg(CASE WHEN n = 0 THEN key ELSE md5(key || 's' || n)::uuid::text END, value)
        FROM jsonb_each(p.sittings), generate_series(0, %(last)s::int) n)
    WHERE p.sittings <> '{}'
"""
"""Plans keep for each sitting by which policy it was filled."""
LIST_OUT: Final = """
    UPDATE publications SET state = 'published', closed_at = NULL, published_at = '2025-04-01', ends_at = '2025-04-09'
    WHERE id = (SELECT publication_id FROM publication_entries GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
"""
"""The longest list is before the public once more."""
FIGURES: Final = """
    INSERT INTO case_counts (
        office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, n, summed
    )
    SELECT office_id, local_office_id, handler_office_id, year, state, grade, round > 0, false, count(*), true
    FROM applications GROUP BY 1, 2, 3, 4, 5, 6, 7
    UNION ALL
    SELECT a.office_id, a.local_office_id, answers_for(m.id), a.year, m.action, NULL::bigint,
        m.acting_office_id IS NOT NULL, true, count(*), true
    FROM moves m JOIN applications a ON a.id = m.application_id
    WHERE m.action IN ('approve', 'confirm', 'return', 'reject', 'reopen') GROUP BY 1, 2, 3, 4, 5, 7
"""
"""The figures, counted: the triggers that keep them were off."""
