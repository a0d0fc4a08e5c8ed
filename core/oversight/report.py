"""An office's report of its season: the standard figures, its late entries and filings, and what its plugins add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from core.audit.service import digest_of
from core.db.session import ScopedSession
from core.oversight import queries
from core.plugin_api import OfficeCode, ReportSection
from core.seasons import queries as seasons


@dataclass(frozen=True, slots=True)
class LateEntryLine:
    """A late entry as the report shows it: the permission and its reason, never the person."""

    id: UUID
    reason: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class FilingLine:
    """One version of a filing, as the report shows it; ``receipt_number`` is None until it is received."""

    kind: str
    version: int
    state: str
    late: bool
    receipt_number: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The report as it stood at ``made_at``; ``digest`` is the SHA-256 of its figures and sections and is printed."""

    office: OfficeCode
    year: int
    made_at: datetime
    figures: Mapping[str, int]
    sections: tuple[ReportSection, ...]
    late_entries: tuple[LateEntryLine, ...]
    filings: tuple[FilingLine, ...]
    digest: str


def report(session: ScopedSession, office_id: str, year: int, *, sections: Sequence[ReportSection]) -> Report:
    """Put the report together. ``sections`` are the answers of the office's hooks to ``standard_figures``."""
    figures = queries.standard_figures(session, office_id, year)
    printed = {"figures": dict(figures), "sections": {section.code: dict(section.figures) for section in sections}}
    return Report(
        office=OfficeCode(office_id),
        year=year,
        made_at=session.now,
        figures=MappingProxyType(dict(figures)),
        sections=tuple(sections),
        late_entries=tuple(
            LateEntryLine(entry.id, entry.reason, entry.approved_at)
            for entry in seasons.late_entries(session, office_id, year)
        ),
        filings=tuple(
            FilingLine(filing.kind, filing.version, filing.state, filing.late, filing.receipt_number)
            for filing in queries.filings(session, year, office_id=office_id)
        ),
        digest=digest_of(printed).hex(),
    )
