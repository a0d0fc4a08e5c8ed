"""Pure: the tables and columns whose rows the record does not keep digests of, each with its reason.

Everything that is not named here is covered: a trigger on its table notes a digest of each row (``note_facts.sql``),
the sealer puts the digests on the record, and ``kaowu audit verify`` compares. So a new table or column is covered from
its first day, and leaving one out takes a line with a reason, which ``kaowu audit coverage`` prints.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_RECORD: Final = "It is the record itself, which its seals and signatures hold."
_ACCOUNTS: Final = "A secret of one account, which no auditor reads; each change of it is an entry of the record."
_PASSING: Final = "It counts or bars for minutes or hours, and goes by itself."
_SHOWN: Final = "What was sent or told; the act that it tells of is covered."
_WORKING: Final = "A working aid, a progress or a file that can be made again; nothing is decided by it."
_SEALED: Final = "Encrypted and bound to its row: an altered value does not open. A change of keys seals it again."
_HASHED: Final = "A keyed hash of the sealed value beside it, from which a change of keys computes it again."
_FREE: Final = "What somebody is writing; what counts is pinned when it is handed in, and covered there."
_SCANNED: Final = "What a scanner says of a file, whenever it looks; the file's own digest is covered."
_PROGRESS: Final = "How far background work has come."

TABLES_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("record_entries", "record_batches", "record_seals", "record_facts"), _RECORD),
        "key_fingerprints": "Each start compares the keys with it.",
        "alembic_version": "The schema's revision, which each start compares.",
        "transitions": "The table of verbs of this version, which stands in the program.",
        **dict.fromkeys(("passwords", "second_factors", "api_tokens", "contacts"), _ACCOUNTS),
        **dict.fromkeys(
            ("allowances", "browser_sessions", "failed_attempts", "idempotency_keys", "phone_codes"), _PASSING
        ),
        **dict.fromkeys(("notices", "outbox", "reminders"), _SHOWN),
        **dict.fromkeys(("bulk_runs", "bulk_run_cases", "case_claims", "desk_views", "pending_handovers"), _WORKING),
        **dict.fromkeys(
            ("archive_packages", "paper_jobs", "paper_parts", "table_exports", "plugin_failures"), _WORKING
        ),
        "panel_draws": "The panel, which is covered, has the commitment; a told seed is compared with it.",
        "case_counts": "Sums that triggers write; `kaowu simulate` and the tests count them again from the moves.",
        **dict.fromkeys(
            (*("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers"), "procrastinate_workers"),
            "The job queue of a library: names of tasks and ids.",
        ),
    }
)
"""The tables of which no row is covered."""

COLUMNS_LEFT_OUT: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "applications": {"form": _FREE, "unlocked_items": _FREE},
        "attachments": {"sealed_key": _SEALED, "scan_verdict": _SCANNED, "scanned_at": _SCANNED},
        "documents": {"sealed_key": _SEALED, "scan_verdict": _SCANNED, "scanned_at": _SCANNED},
        "identity_corrections": {"was": _SEALED, "becomes": _SEALED},
        "manager_forms": {"mobile": _SEALED},
        "objections": {"contact": _SEALED, "asked_by_hash": _HASHED},
        "persons": {"id_hash": _HASHED, "id_number": _SEALED, "phone": _SEALED},
        "plans": {"step": _PROGRESS, "done": _PROGRESS},
    }
)
"""The columns that are not covered in tables that are."""

_FILES: Final = "Loaded from the offices' files at a start, which are public and compared with these rows."
WITHOUT_ENTRY: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("offices", "office_areas", "seasons", "season_subjects", "season_trades"), _FILES),
        "rule_texts": "Kept at a start, under the digest of the text.",
    }
)
"""The covered tables whose rows may change in a transaction that leaves no entry."""

ROWS_LEFT_OUT: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"applications": {"state": "draft"}})
"""Rows that nobody has handed in yet: those whose columns have these values, until they have others."""


def tables_word() -> str:
    """The tables as an array of SQL."""
    return "ARRAY[" + ", ".join(f"'{name}'" for name in sorted(TABLES_LEFT_OUT)) + "]"


def columns_word() -> str:
    """The columns as a text of JSON in SQL."""
    return _json({table: sorted(columns) for table, columns in sorted(COLUMNS_LEFT_OUT.items())})


def rows_word() -> str:
    """The rows as a text of JSON in SQL."""
    return _json({table: dict(values) for table, values in sorted(ROWS_LEFT_OUT.items())})


def _json(value: object) -> str:
    return f"'{json.dumps(value)}'::jsonb"
