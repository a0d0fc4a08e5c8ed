"""Published lists and certificates follow the facts that they tell (``core/domain/consequences.py``)."""

from sqlalchemy import func, select

from core.applications.models import Application
from core.audit.dependents import Change, follows, reached
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Fact, Issued
from core.results.models.awards import Certificate, Publication, PublicationEntry


@follows(Fact.PERSON)
def ask_to_exchange(session: ScopedSession, change: Change) -> None:
    """A line shows the present name by itself; a certificate that names its holder otherwise stands on the desk.

    Nothing is written: the desk lists what differs (``queries.outdated_papers``).
    """
    ours = Application.id.in_(change.applications)
    lines = (
        select(func.count())
        .select_from(PublicationEntry)
        .join(Publication, Publication.id == PublicationEntry.publication_id)
        .join(Application, Application.id == PublicationEntry.application_id)
        .where(ours, PublicationEntry.struck_at.is_(None), Publication.state == "published")
    )
    reached(session, Issued.LIST_LINE, Effect.REPLACE, session.scalar(lines) or 0)
    papers = (
        select(func.count())
        .select_from(Certificate)
        .join(Application, Application.id == Certificate.application_id)
        .where(ours, Certificate.revoked_at.is_(None), Certificate.superseded_at.is_(None))
        .where((Certificate.holder_name != Application.person_name) | (Certificate.holder_tail != Application.id_tail))
    )
    reached(session, Issued.CERTIFICATE, Effect.ASK, session.scalar(papers) or 0)
