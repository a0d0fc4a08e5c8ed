"""The changes of an applicant since the return, and since an earlier season: answers before and after, and papers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.applications.models import Application, Submission
from core.applications.queries import ReaderSession
from core.documents.models import Document
from core.documents.queries import current_documents


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
    return _papers_since(session, application, application.round - 1)


def still_open(session: ReaderSession, application: Application, items: Iterable[str]) -> frozenset[str]:
    """Those of the items that a return asks for which the applicant has neither changed nor supplied so far."""
    if application.round < 1:
        return frozenset()
    wanted = select(Submission.form).where(
        Submission.application_id == application.id, Submission.round == application.round
    )
    changed = {change.item for change in changed_answers(session.scalar(wanted) or {}, application.form)}
    return frozenset(items) - changed - _papers_since(session, application, application.round)


def _papers_since(session: ReaderSession, application: Application, round_: int) -> frozenset[str]:
    received = select(Submission.received_at).where(
        Submission.application_id == application.id, Submission.round == round_
    )
    since = received.scalar_subquery()
    wanted = select(Document.material).where(
        Document.application_id == application.id, Document.superseded_at.is_(None), Document.uploaded_at > since
    )
    return frozenset(session.scalars(wanted))


@dataclass(frozen=True, slots=True)
class EarlierSeason:
    """What the same person stated in an earlier season: the answers that differ now, and which papers are the same."""

    application: Application
    answers: Mapping[str, Any]
    """The earlier answer of each item that differs; None where there was none."""
    papers: Mapping[str, bool]
    """For each material of both seasons, whether its file is the same, by its digest."""


def since_last_season(
    session: ReaderSession, application: Application, papers: Iterable[Document]
) -> EarlierSeason | None:
    """The differences from the person's last submitted application of an earlier season; None where there is none.

    ``papers`` are the current ones of the application.

    The policies decide: an office compares with cases that it has had itself. What has been erased is not compared.
    """
    wanted = select(Application).where(
        Application.person_id == application.person_id,
        Application.year < application.year,
        Application.round > 0,
        Application.erased_at.is_(None),
    )
    earlier = session.scalar(wanted.order_by(Application.year.desc(), Application.id.desc()).limit(1))
    if earlier is None:
        return None
    before = {paper.material: paper.sha256 for paper in current_documents(session, earlier.id)}
    return EarlierSeason(
        earlier,
        {change.item: change.before for change in changed_answers(earlier.form, application.form)},
        {paper.material: paper.sha256 == before[paper.material] for paper in papers if paper.material in before},
    )
