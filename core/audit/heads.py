"""Heads of batches: their content, and their export, with which the database is compared later.

A head covers its batch and, through the head before it, the whole record of its office until then. An exported head
shows later that the record was rewritten or cut, without trust in the database or the key.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from core.audit.models import RecordBatch
from core.audit.service import digest_of
from core.clock import SHANGHAI, end_of, start_of
from core.db.session import ScopedSession
from core.errors import ConfigurationError
from core.security.signatures import is_signed

_DAYS_MADE_UP = 7


@dataclass(frozen=True, slots=True)
class Head:
    """The content of a batch's signature. ``key`` is the public key that signs it, as hex."""

    office: str
    number: int
    previous: bytes
    root: bytes
    size: int
    sealed_at: datetime
    key: str

    def digest(self) -> bytes:
        """The digest of the head: SHA-256 over its content."""
        return digest_of(self.plain())

    def plain(self) -> dict[str, object]:
        """The head as JSON, digests as hex."""
        return {
            "office": self.office,
            "number": self.number,
            "previous": self.previous.hex(),
            "root": self.root.hex(),
            "size": self.size,
            "sealed_at": self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "key": self.key,
        }

    def line(self, signature: bytes) -> str:
        """One line of an export: JSON with the head and its signature."""
        return json.dumps({**self.plain(), "head": self.digest().hex(), "signature": signature.hex()})


@dataclass(frozen=True, slots=True)
class ExportedHead:
    """One line of an export, read back: the head of a batch on the day of the export."""

    office: str
    number: int
    root: bytes
    head: bytes


def first_previous(office: str) -> bytes:
    """The digest before the first batch of an office; it differs for each office."""
    return digest_of({"record of": office})


def head_of(batch: RecordBatch) -> Head:
    """The head as the batch's own columns make it."""
    return Head(batch.office_id, batch.number, batch.previous, batch.root, batch.size, batch.sealed_at, batch.key)


def latest_head(session: ScopedSession, office: str) -> tuple[int, bytes] | None:
    """The number and head of an office's newest batch, for a receipt; None where nothing is sealed yet."""
    newest = select(RecordBatch.number, RecordBatch.head).where(RecordBatch.office_id == office)
    found = session.execute(newest.order_by(RecordBatch.number.desc()).limit(1)).first()
    return None if found is None else (found.number, found.head)


def export_heads(
    session: ScopedSession, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[str]:
    """A line for each batch that was sealed from ``since`` on and before ``until``, in the order of offices."""
    wanted = select(RecordBatch).order_by(RecordBatch.office_id, RecordBatch.number)
    if since is not None:
        wanted = wanted.where(RecordBatch.sealed_at >= since)
    if until is not None:
        wanted = wanted.where(RecordBatch.sealed_at < until)
    for batch in session.scalars(wanted.execution_options(yield_per=1000)):
        yield head_of(batch).line(batch.signature)


def write_missing_days(session: ScopedSession, folder: Path) -> list[Path]:
    """Write a file for each of the last seven days that has none yet; return those that were written.

    A day's file is complete when it is written, since nothing is sealed with a past date; it is never written twice.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    today = session.now.astimezone(SHANGHAI).date()
    written = []
    for back in range(_DAYS_MADE_UP, 0, -1):
        day = today - timedelta(days=back)
        file = folder / f"heads-{day:%Y-%m-%d}.jsonl"
        if not file.exists():
            unfinished = file.with_suffix(".part")
            lines = export_heads(session, since=start_of(day), until=end_of(day))
            unfinished.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            unfinished.rename(file)
            written.append(file)
    return written


def read_heads(lines: Iterable[str], *, name: str) -> list[ExportedHead]:
    """The heads of an export of ``name``; ConfigurationError with the line that is malformed or was altered."""
    return [_read(line, f"{name}, line {number}") for number, line in enumerate(lines, start=1) if line.strip()]


def _read(line: str, place: str) -> ExportedHead:
    try:
        said = json.loads(line)
        head = Head(
            office=said["office"],
            number=said["number"],
            previous=bytes.fromhex(said["previous"]),
            root=bytes.fromhex(said["root"]),
            size=said["size"],
            sealed_at=datetime.fromisoformat(said["sealed_at"]),
            key=said["key"],
        )
        claimed, signature = bytes.fromhex(said["head"]), bytes.fromhex(said["signature"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{place}: no line of an export of heads ({error!r}).") from error
    if head.digest() != claimed or not is_signed(head.key, claimed, signature):
        raise ConfigurationError(f"{place}: was altered after the export: its digest or signature does not hold.")
    return ExportedHead(head.office, head.number, head.root, claimed)
