"""Pure: the filings that an office owes, and how each stands.

Source: 2024 notice §3(3) (汇总上报) and last paragraph of §3 (备案). A duty is overdue only where its time has passed
and no version filed for it waits at the center or has its receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.plugin_api import FilingDue, FilingKind, OfficeCode
from core.text.labels import Labelled


class FilingState(StrEnum):
    """Where one version of a filing stands: it moves once, from filed to one of the others."""

    FILED = "filed"
    RECEIVED = "received"
    RETURNED = "returned"


class DutyStatus(Labelled):
    """How an office stands with one thing that it owes the center."""

    NOT_DUE_YET = "not_due_yet", "未到期"
    DUE = "due", "待报送"
    FILED = "filed", "已报送，待省中心接收"
    RECEIVED = "received", "已备案"
    RETURNED = "returned", "已退回，待重新报送"
    OVERDUE = "overdue", "逾期未报"


KIND_LABELS: dict[FilingKind, str] = {
    FilingKind.EXAM_DATES: "考试时间备案",
    FilingKind.REGISTRATION_SUMMARY: "报名信息汇总上报",
}

STATUS_LABELS: Mapping[DutyStatus, str] = {status: status.label for status in DutyStatus}

SOON = timedelta(days=7)
"""How long before its end a duty counts as due, so that it is shown to the office."""


@dataclass(frozen=True, slots=True)
class FiledVersion:
    """One version of a filing as duties need it. A returned version is to be filed again until ``correct_by``."""

    id: UUID
    office: OfficeCode
    kind: FilingKind
    version: int
    state: FilingState
    filed_at: datetime
    late: bool
    decided_at: datetime | None = None
    receipt_number: str | None = None
    correct_by: datetime | None = None

    def as_at(self, moment: datetime) -> FiledVersion | None:
        """The version as it stood at ``moment``; None where it had not been filed."""
        if self.filed_at > moment:
            return None
        if self.decided_at is not None and self.decided_at > moment:
            return replace(self, state=FilingState.FILED, decided_at=None, receipt_number=None, correct_by=None)
        return self


@dataclass(frozen=True, slots=True)
class Duty:
    """One filing that an office owes, its due date and standing. ``filing`` is the latest version, if there is one.

    ``due`` is the correction date where a version was returned and the original date leaves no time for another.
    """

    office: OfficeCode
    kind: FilingKind
    title: str
    source: str
    due: datetime
    status: DutyStatus
    filing: FiledVersion | None


def duties(office: OfficeCode, dues: Iterable[FilingDue], filed: Sequence[FiledVersion], *, at: datetime) -> list[Duty]:
    """The duties of ``office`` as they stood at ``at``, the earliest first. Filings of other offices are ignored."""
    known = [then for version in filed if version.office == office and (then := version.as_at(at)) is not None]
    return sorted(
        (_duty(office, due, [version for version in known if version.kind is due.kind], at) for due in dues),
        key=lambda duty: (duty.due, duty.kind),
    )


def effective_due(due: datetime, versions: Sequence[FiledVersion]) -> datetime:
    """The due date of the next version: ``due``, or the correction date of a returned latest version if later."""
    latest = _latest(versions)
    if latest is None or latest.correct_by is None:
        return due
    return max(due, latest.correct_by)


def _duty(office: OfficeCode, due: FilingDue, versions: Sequence[FiledVersion], at: datetime) -> Duty:
    until = effective_due(due.due, versions)
    return Duty(
        office=office,
        kind=due.kind,
        title=due.title,
        source=due.source,
        due=until,
        status=_status(until, versions, at),
        filing=_latest(versions),
    )


def _status(until: datetime, versions: Sequence[FiledVersion], at: datetime) -> DutyStatus:
    latest = _latest(versions)
    if latest is None:
        if at >= until:
            return DutyStatus.OVERDUE
        return DutyStatus.DUE if until - at <= SOON else DutyStatus.NOT_DUE_YET
    if latest.state is not FilingState.RETURNED:
        return DutyStatus(latest.state.value)
    met = any(version.state is FilingState.RECEIVED for version in versions)
    return DutyStatus.OVERDUE if at >= until and not met else DutyStatus.RETURNED


def _latest(versions: Sequence[FiledVersion]) -> FiledVersion | None:
    return max(versions, key=lambda version: version.version, default=None)
