"""What a pass is worth now, for its person, their unit and officers: listed, struck off, or its certificate revoked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.db.session import OfficeSession, PersonSession, ProvinceSession, UnitSession
from core.results.awards.list_queries import struck_of
from core.results.models.awards import Certificate, Publication, PublicationEntry, Striking
from core.results.models.marks import Outcome

ReaderSession = PersonSession | UnitSession | OfficeSession | ProvinceSession


@dataclass(frozen=True, slots=True)
class PassStanding:
    """How an outcome stands, in one word with a tone; ``why`` and ``since`` where it no longer counts.

    ``struck``: the person was struck off a list, and may ask to be restored.
    """

    label: str
    tone: str
    why: str = ""
    since: datetime | None = None
    struck: bool = False


def standing_of_pass(session: ReaderSession, outcome: Outcome) -> PassStanding:
    """How somebody's outcome stands now. 合格 is said only while nothing took it back."""
    if outcome.annulled_at is not None:
        return PassStanding("已撤销", "stopped", outcome.annulled_reason, outcome.annulled_at)
    if not outcome.passed:
        return PassStanding("不合格", "stopped")
    revoked = session.scalar(
        select(Certificate).where(
            Certificate.application_id == outcome.application_id, Certificate.revoked_at.is_not(None)
        )
    )
    if revoked is not None:
        return PassStanding("证书已撤销", "stopped", revoked.revoked_reason, revoked.revoked_at)
    listed = _listed(session, outcome.application_id)
    struck = struck_of(session, outcome.application_id)
    if struck is not None and listed is None:
        return PassStanding("已取消公示资格", "stopped", struck.struck_reason, struck.struck_at, struck=True)
    if listed is not None and listed.state == "published":
        return PassStanding("合格，公示中", "waits")
    withdrawn = _withdrawn(session, outcome.application_id) if listed is None else None
    if withdrawn is not None:
        return PassStanding("合格，名单已撤回，待重新公示", "waits", withdrawn.ended_reason, withdrawn.ended_at)
    return PassStanding("合格", "done")


def strikings_about(session: PersonSession | OfficeSession, application_id: UUID) -> list[Striking]:
    """What was proposed and decided about somebody's place on a list, the latest first."""
    wanted = select(Striking).where(Striking.application_id == application_id).order_by(Striking.id.desc())
    return list(session.scalars(wanted))


def _listed(session: ReaderSession, application_id: UUID) -> Publication | None:
    """The list on which somebody stands."""
    return session.scalar(
        select(Publication)
        .join(PublicationEntry, PublicationEntry.publication_id == Publication.id)
        .where(
            PublicationEntry.application_id == application_id,
            PublicationEntry.struck_at.is_(None),
            PublicationEntry.released_at.is_(None),
            Publication.state != "draft",
        )
    )


def _withdrawn(session: ReaderSession, application_id: UUID) -> Publication | None:
    """The withdrawn list on which somebody stood last."""
    wanted = (
        select(Publication)
        .join(PublicationEntry, PublicationEntry.publication_id == Publication.id)
        .where(PublicationEntry.application_id == application_id, Publication.state == "withdrawn")
        .order_by(Publication.ended_at.desc())
    )
    return session.scalars(wanted.limit(1)).first()
