"""Whether the record and the tables agree: every row with its digest, and moves, settled findings, filings besides.

The tables belong to higher capabilities, so that they are named here by their columns alone.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.audit.facts import fact_faults
from core.audit.service import digest_of
from core.audit.verification import RecordFault
from core.db.session import AuditorSession

MOVE = (
    *("id", "application_id", "version", "round", "action", "from_state", "to_state", "capacity", "office_id"),
    *("acting_office_id", "delegation_id", "account_id", "role", "on_behalf_of", "late", "at"),
)
"""The columns that a move's digest covers: all but the actor's name and the reason, which may be erased."""

_MOVES = text(
    "SELECT m.*, a.office_id AS owner, e.id AS entry, e.kind, e.subject_id, e.payload ->> 'digest' AS recorded, "
    "e.payload ->> 'reason' AS recorded_reason FROM moves m JOIN applications a ON a.id = m.application_id "
    "LEFT JOIN record_entries e ON e.subject_type = 'application' AND e.payload ->> 'move' = m.id::text "
    # Other entries name a move as well: an appeal says against which it is.
    "AND e.kind LIKE 'application.%' "
    "ORDER BY a.office_id, m.id"
)
_MANY = 2_000

# The message about a row, and the query that finds such rows (office, subject, entry); a sound database has none.
_STRAYS = {
    "says that a move was made, which is not there": (
        "SELECT e.office_id, e.subject_id AS about, e.id AS entry FROM record_entries e "
        "WHERE e.subject_type = 'application' AND e.kind LIKE 'application.%' AND e.payload ->> 'move' IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM moves m WHERE m.id::text = e.payload ->> 'move')"
    ),
    "is in a state that is not that of its last move": (
        "SELECT a.office_id, a.id AS about, NULL::uuid AS entry FROM applications a LEFT JOIN moves m "
        "ON m.application_id = a.id AND m.version = a.version "
        "WHERE a.state <> coalesce(m.to_state, 'draft') OR (m.id IS NULL) <> (a.version = 0)"
    ),
    "is in the charge of an office to which the record knows no transfer": (
        "SELECT h.owner_office_id AS office_id, h.application_id AS about, NULL::uuid AS entry FROM case_handlers h "
        "WHERE h.reason <> 'created' AND NOT EXISTS (SELECT FROM record_entries e WHERE e.kind = 'case.transferred' "
        "AND e.subject_type = 'application' AND e.subject_id = h.application_id::text "
        "AND e.payload ->> 'to' = h.office_id AND e.at = h.\"from\")"
    ),
    "is a settled finding without an entry": (
        "SELECT s.office_id, s.id AS about, NULL::uuid AS entry FROM finding_settlements s WHERE NOT EXISTS "
        "(SELECT FROM record_entries e WHERE e.kind = 'finding.settled' AND e.subject_type = 'application' "
        "AND e.subject_id = s.application_id::text AND e.account_id = s.account_id "
        "AND e.payload ->> 'settlement' = s.id::text AND (e.payload ->> 'satisfied')::boolean = s.satisfied)"
    ),
    "says that a finding was settled, which is not there": (
        "SELECT e.office_id, e.subject_id AS about, e.id AS entry FROM record_entries e "
        "WHERE e.kind = 'finding.settled' AND NOT EXISTS "
        "(SELECT FROM finding_settlements s WHERE s.id::text = e.payload ->> 'settlement')"
    ),
    "is a filing whose state is not on the record": (
        "SELECT f.office_id, f.id AS about, NULL::uuid AS entry FROM filings f WHERE NOT EXISTS "
        "(SELECT FROM record_entries e WHERE e.subject_type = 'filing' AND e.subject_id = f.id::text "
        "AND e.kind = 'filing.' || f.state AND e.payload ->> 'digest' = f.digest)"
    ),
    "is a panel whose seed is not the one that it was committed to": (
        "SELECT p.office_id, p.id AS about, NULL::uuid AS entry FROM evaluation_panels p JOIN panel_draws d "
        "ON d.panel_id = p.id WHERE p.commitment <> encode(sha256(convert_to(d.seed, 'UTF8')), 'hex')"
    ),
    "is a filing whose receipt names a head that is not there": (
        "SELECT f.office_id, f.id AS about, NULL::uuid AS entry FROM filings f WHERE f.record_head IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM record_batches b WHERE b.office_id = f.office_id "
        "AND b.number = f.record_batch AND b.head = f.record_head)"
    ),
}


def move_digest(move: Any) -> str:
    """The digest of a move, for its entry's payload."""
    return digest_of({name: _plain(getattr(move, name)) for name in MOVE}).hex()


def reason_digest(act_id: UUID, reason: str) -> str:
    """The digest of a reason, bound to what it is the reason for: once erased, it leaves the rest verifiable."""
    return digest_of([act_id, reason]).hex()


def disagreements(session: AuditorSession) -> Iterator[RecordFault]:
    """Each place where an act or a row and the record differ, moves first."""
    for move in session.execute(_MOVES.execution_options(yield_per=_MANY)):
        fault = _fault_of_move(move)
        if fault is not None:
            yield RecordFault(
                move.owner, f"move {move.id} of application {move.application_id} {fault}", None, move.entry
            )
    for message, query in _STRAYS.items():
        for row in session.execute(text(query)):
            yield RecordFault(row.office_id, f"{row.about} {message}", None, row.entry)
    yield from fact_faults(session)


def _fault_of_move(move: Any) -> str | None:
    if move.entry is None:
        return "has no entry"
    if (move.kind, move.subject_id) != (f"application.{move.action}", str(move.application_id)):
        return "is not the one that its entry is about"
    if move.recorded != move_digest(move):
        return "was changed: it is not what its entry has the digest of"
    if move.reason and move.recorded_reason != reason_digest(move.id, move.reason):
        return "gives another reason than it did"
    return None


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
