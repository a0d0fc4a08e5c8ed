"""Erasing applications that ended without a qualification, and people without any other, after their time.

Cases, moves, figures and the record stay.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Select, Uuid, column, func, select, table as sql_table, update

from core.applications.models import (
    Application,
    DeclaredRelation,
    Deferral,
    FindingRecord,
    FindingSettlement,
    Move,
    Submission,
)
from core.audit import service as audit
from core.db.retention import ERASED, ERASED_TAIL
from core.db.session import KeeperSession
from core.documents.retention import erase_papers
from core.documents.storage import DocumentStorage
from core.domain.workflow import State
from core.identity.models import Account, Contact, Person

# Bans come later than applications in the list of capabilities; a few columns of theirs are all that is needed.
_bans = sql_table(
    "bans",
    column("person_id", Uuid),
    column("ends", DateTime(timezone=True)),
    column("lifted_at", DateTime(timezone=True)),
)
_NO_DAY: Final = date(1, 1, 1)
_SAID_OF_A_PERSON: Final[Mapping[Any, Mapping[str, object]]] = {
    Submission.__table__: {"form": {}, "facts": {}},
    FindingRecord.__table__: {"text": ERASED, "missing": ""},
    FindingSettlement.__table__: {"reason": ERASED},
    Deferral.__table__: {"commitment": ERASED},
}


def drafts_due(before: datetime) -> Select[UUID]:
    """Drafts that were never submitted, begun before the moment, and withdrawn or expired since."""
    over = Application.state.in_([State.WITHDRAWN, State.EXPIRED])
    return _kept().where(Application.round == 0, over, Application.created_at < before)


def closed_due(before: datetime) -> Select[UUID]:
    """Submitted applications that were withdrawn, expired or rejected, by the last move of their life."""
    over = Application.state.in_([State.WITHDRAWN, State.EXPIRED, State.REJECTED])
    last = select(func.max(Move.at)).where(Move.application_id == Application.id).scalar_subquery()
    return _kept().where(Application.round > 0, over, last < before)


def erase_applications(session: KeeperSession, application_ids: Sequence[UUID], *, store: DocumentStorage) -> None:
    """Erase the personal data of these applications, and their papers; each case's record has an entry of it.

    Findings keep their rule and severity, so that figures stay the same; the cases cannot be judged again.
    """
    erase_papers(session, application_ids, store)
    ours = Application.id.in_(application_ids)
    gone = {"form": {}, "person_name": ERASED, "initials": "", "id_tail": ERASED_TAIL, "erased_at": session.now}
    session.execute(update(Application).where(ours).values(gone))
    for table, values in _SAID_OF_A_PERSON.items():
        session.execute(update(table).where(table.c.application_id.in_(application_ids)).values(values))
    of = select(Application.id, Application.handler_office_id).where(ours)
    for application_id, office_id in session.execute(of):
        audit.record(session, "case.erased", office_id=office_id, subject_type="application", subject_id=application_id)


def persons_due(before: datetime) -> Select[UUID]:
    """People without a kept case, registered before the moment, and without a ban that ran since.

    The key of their identity number is erased too: a person who comes back registers again.
    """
    kept = select(Application.id).where(Application.person_id == Person.id, Application.erased_at.is_(None))
    runs = _bans.c.lifted_at.is_(None) & (_bans.c.ends > before)
    banned = select(_bans.c.person_id).where(_bans.c.person_id == Person.id, runs)
    return (
        select(Person.id)
        .where(Person.created_at < before, Person.name != ERASED, ~kept.exists(), ~banned.exists())
        .order_by(Person.id)
    )


def erase_persons(session: KeeperSession, person_ids: Sequence[UUID]) -> None:
    """Erase these people's names, numbers and contacts, and close their accounts; the moves of their cases stay."""
    for person_id in person_ids:
        gone = {"id_hash": secrets.token_bytes(32), "id_number": b"", "phone": None, "id_tail": ERASED_TAIL}
        named = {"name": ERASED, "birth_date": _NO_DAY}
        session.execute(update(Person).where(Person.id == person_id).values(gone | named))
    reached = {"email": None, "pending_email": None, "code_hash": None}
    session.execute(update(Contact).where(Contact.id.in_(person_ids)).values(reached))
    theirs = Account.person_id.in_(person_ids)
    session.execute(
        update(Account).where(theirs).values(name=ERASED, ended_at=func.coalesce(Account.ended_at, session.now))
    )


def _kept() -> Select[UUID]:
    return select(Application.id).where(Application.erased_at.is_(None)).order_by(Application.id)


def relations_due(before: datetime) -> Select[UUID]:
    """Declared relations that ended before the moment."""
    ended = (DeclaredRelation.ended_at < before) & (DeclaredRelation.about != ERASED)
    return select(DeclaredRelation.id).where(ended).order_by(DeclaredRelation.id)


def erase_relations(session: KeeperSession, relation_ids: Sequence[UUID]) -> None:
    """Replace whom they were about, the note and the reason; kind, accounts and moments stay."""
    gone = {"about": ERASED, "note": "", "account_name": ERASED, "ended_reason": ERASED}
    session.execute(update(DeclaredRelation).where(DeclaredRelation.id.in_(relation_ids)).values(gone))
