"""Telling candidates of their marks: with the confirmation, or with the published list, as the province says.

A candidate sees a mark, and may have it checked, from the moment of the telling on (``marks.told_at``). No message
carries a mark: it says that marks can be seen, and where.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.applications.models import Application
from core.db.session import OfficeSession
from core.messages.deadlines import in_words
from core.messages.service import Telling, notify_each
from core.results.corrections.periods import check_until
from core.results.models.marks import Mark, MarkImport, MarkImportRow
from core.tenancy.config.results import ResultsTable

_KNOWN: Final = "marks_known"
_WITHDRAWN: Final = "marks_withdrawn"


def told_at_entry(session: OfficeSession, rules: ResultsTable) -> datetime | None:
    """When a mark that is entered now counts as told: now, or None where its candidate waits for the list."""
    return session.now if rules.marks_told == "confirmed" else None


def tell_of_table(session: OfficeSession, made: MarkImport, rules: ResultsTable) -> None:
    """Tell every candidate of a confirmed table; nobody where marks are told with the list."""
    wanted = (
        select(
            MarkImportRow.application_id,
            func.array_agg(aggregate_order_by(MarkImportRow.subject, MarkImportRow.subject)),
        )
        .where(MarkImportRow.import_id == made.id)
        .group_by(MarkImportRow.application_id)
    )
    subjects = {application_id: list(found) for application_id, found in session.execute(wanted)}
    _tell_of_marks(session, subjects, rules, event_key=f"{_KNOWN}:{made.id}")


def tell_of_absences(
    session: OfficeSession, year: int, absent: Collection[tuple[UUID, str]], rules: ResultsTable
) -> None:
    """Tell the candidates who have 缺考 by the door list alone: they may say that they came."""
    subjects: dict[UUID, list[str]] = {}
    for application_id, subject in sorted(absent, key=str):
        subjects.setdefault(application_id, []).append(subject)
    _tell_of_marks(session, subjects, rules, event_key=f"{_KNOWN}:{year}:{session.now.isoformat()}")


def tell_with_list(session: OfficeSession, announced: Collection[UUID]) -> None:
    """Let the candidates whose outcome is being published see the marks that they have not been told of."""
    waiting = Mark.office_id == session.office_id, Mark.application_id.in_(announced), Mark.told_at.is_(None)
    told = update(Mark).where(*waiting).values(told_at=session.now)
    session.execute(told.execution_options(synchronize_session=False))


def tell_of_withdrawal(session: OfficeSession, known: Collection[UUID], *, reason: str, event_key: str) -> None:
    """Tell the candidates who knew their marks that these are taken back."""
    body = f"您已公布的成绩有误，已撤回。{reason}重新公布后请登录查看，申请复查的期限从重新公布之日算起。"
    texts = dict.fromkeys(known, body)
    _tell(session, texts, title="成绩已撤回", kind=_WITHDRAWN, event_key=event_key)


def _tell_of_marks(
    session: OfficeSession, subjects: Mapping[UUID, Sequence[str]], rules: ResultsTable, *, event_key: str
) -> None:
    if told_at_entry(session, rules) is None:
        return
    until = in_words(check_until(session.now, rules.check_days))
    texts = {
        application_id: f"{'、'.join(of_candidate)}的成绩已公布，请登录后在“成绩”中查看。"
        f"对成绩有异议的，请在{until}24时前在该页申请复查，逾期不再受理。"
        for application_id, of_candidate in subjects.items()
    }
    _tell(session, texts, title="成绩已公布", kind=_KNOWN, event_key=event_key)


def _tell(session: OfficeSession, texts: Mapping[UUID, str], *, title: str, kind: str, event_key: str) -> None:
    people = select(Application.id, Application.person_id).where(Application.id.in_(texts))
    tellings = [Telling(row.person_id, row.id, title, texts[row.id]) for row in session.execute(people)]
    notify_each(session, tellings, event_key=event_key, office_id=session.office_id, kind=kind)
