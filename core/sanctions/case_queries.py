"""Reading sanction cases: an office reads its own and those it proposed, a person their own, the center all."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from core.applications.models import Application
from core.db.session import OfficeSession, PersonSession, ProvinceSession, ScopedSession
from core.errors import NotFound
from core.sanctions.models import SanctionCase, SanctionEvidence, SanctionPaper, SanctionStep
from core.sanctions.procedure import CaseAction

PartySession = PersonSession | OfficeSession | ProvinceSession
_NEWEST: Final = 100


def cases(session: PartySession, year: int | None = None) -> Sequence[SanctionCase]:
    """The cases that the session may read, of applications of a year or of all, the newest first, at most a hundred."""
    wanted = select(SanctionCase)
    if year is not None or isinstance(session, PersonSession):
        wanted = wanted.join(Application, Application.id == SanctionCase.application_id)
    if year is not None:
        wanted = wanted.where(Application.year == year)
    if isinstance(session, PersonSession):
        wanted = wanted.where(Application.person_id == session.person_id)
    elif isinstance(session, OfficeSession):
        wanted = wanted.where(
            or_(SanctionCase.office_id == session.office_id, SanctionCase.opened_by_office_id == session.office_id)
        )
    return session.scalars(wanted.order_by(SanctionCase.id.desc()).limit(_NEWEST)).all()


def case(session: PartySession, case_id: UUID) -> SanctionCase:
    """One case that the session may read."""
    found = session.get(SanctionCase, case_id)
    if found is None:
        raise NotFound("sanction_unknown", "没有找到这件案件。请从案件列表进入。")
    return found


def steps(session: PartySession, case_id: UUID) -> Sequence[SanctionStep]:
    """The steps of a case, in their order."""
    wanted = select(SanctionStep).where(SanctionStep.case_id == case_id)
    return session.scalars(wanted.order_by(SanctionStep.version)).all()


def taken(session: ScopedSession, case_id: UUID) -> frozenset[CaseAction]:
    """The actions that were taken in a case."""
    wanted = select(SanctionStep.action).where(SanctionStep.case_id == case_id)
    return frozenset(CaseAction(action) for action in session.scalars(wanted))


def papers(session: PartySession, case_id: UUID) -> Sequence[SanctionPaper]:
    """The papers of a case, the notice first."""
    wanted = select(SanctionPaper).where(SanctionPaper.case_id == case_id)
    return session.scalars(wanted.order_by(SanctionPaper.issued_at, SanctionPaper.paper.desc())).all()


def evidence(session: PartySession, case_id: UUID) -> Sequence[SanctionEvidence]:
    """The evidence of a case, in the order in which it was added."""
    wanted = select(SanctionEvidence).where(SanctionEvidence.case_id == case_id)
    return session.scalars(wanted.order_by(SanctionEvidence.id)).all()
