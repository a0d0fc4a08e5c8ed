"""The changes of an applicant since the return: answers before and after, and replaced papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.applications.models import Application, Submission
from core.applications.queries import ReaderSession
from core.documents.models import Document


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that differs from the round before; None for an empty one."""

    item: str
    before: Any
    now: Any


def changed_answers(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The answers that differ, by their names."""
    return [
        Change(item, before.get(item), now.get(item))
        for item in sorted({*before, *now})
        if before.get(item) != now.get(item)
    ]


def since_the_return(session: ReaderSession, application: Application) -> list[Change]:
    """The answers that differ between the present submission and the one before; none in a first round."""
    if application.round < 2:
        return []
    wanted = select(Submission.form).where(
        Submission.application_id == application.id, Submission.round == application.round - 1
    )
    return changed_answers(session.scalar(wanted) or {}, application.form)


def replaced_papers(session: ReaderSession, application: Application) -> frozenset[str]:
    """The materials that were uploaded or replaced since the submission of the round before."""
    if application.round < 2:
        return frozenset()
    received = select(Submission.received_at).where(
        Submission.application_id == application.id, Submission.round == application.round - 1
    )
    since = session.scalar(received)
    wanted = select(Document.material).where(
        Document.application_id == application.id, Document.superseded_at.is_(None), Document.uploaded_at > since
    )
    return frozenset(session.scalars(wanted))
