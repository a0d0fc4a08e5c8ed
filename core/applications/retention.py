"""Erasing applications that came to nothing, once their time is over. Cases, moves, figures and the record stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select, update

from core.applications.models import Application, Deferral, FindingRecord, FindingSettlement, Move, Submission
from core.applications.workflow import State
from core.audit import service as audit
from core.db.retention import ERASED, ERASED_TAIL
from core.db.session import KeeperSession
from core.documents.retention import erase_papers
from core.documents.storage import DocumentStorage

_SAID_OF_A_PERSON: Final[Mapping[Any, Mapping[str, object]]] = {
    Submission.__table__: {"form": {}, "facts": {}},
    FindingRecord.__table__: {"text": ERASED, "missing": ""},
    FindingSettlement.__table__: {"reason": ERASED},
    Deferral.__table__: {"commitment": ERASED},
}


def drafts_due(before: datetime) -> Select[UUID]:
    """Drafts that were never submitted: begun before, and withdrawn or expired."""
    over = Application.state.in_([State.WITHDRAWN, State.EXPIRED])
    return _kept().where(Application.round == 0, over, Application.created_at < before)


def closed_due(before: datetime) -> Select[UUID]:
    """Submitted applications that were withdrawn, expired or rejected, by the last move of their life."""
    over = Application.state.in_([State.WITHDRAWN, State.EXPIRED, State.REJECTED])
    last = select(func.max(Move.at)).where(Move.application_id == Application.id).scalar_subquery()
    return _kept().where(Application.round > 0, over, last < before)


def erase_applications(session: KeeperSession, application_ids: Sequence[UUID], *, store: DocumentStorage) -> None:
    """Replace what these applications say of a person, and remove their papers; each case's story tells of it.

    What rules found keeps its rule and verdict, so that figures count the same; a verdict cannot be reached again.
    """
    erase_papers(session, application_ids, store)
    ours = Application.id.in_(application_ids)
    gone = {"form": {}, "person_name": ERASED, "id_tail": ERASED_TAIL, "erased_at": session.now}
    session.execute(update(Application).where(ours).values(gone))
    for table, values in _SAID_OF_A_PERSON.items():
        session.execute(update(table).where(table.c.application_id.in_(application_ids)).values(values))
    of = select(Application.id, Application.handler_office_id).where(ours)
    for application_id, office_id in session.execute(of):
        audit.record(session, "case.erased", office_id=office_id, subject_type="application", subject_id=application_id)


def _kept() -> Select[UUID]:
    return select(Application.id).where(Application.erased_at.is_(None)).order_by(Application.id)
