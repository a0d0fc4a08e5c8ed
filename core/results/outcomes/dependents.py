"""What rests on an outcome: the line of a list that is out, and the certificate.

A line whose candidate no longer passes is struck at once. A certificate is revoked for good, so it waits until the
corrected mark can no longer be checked: the office is asked to revoke it then (``waits_for_remedy``).
"""

from sqlalchemy import select

from core.audit.dependents import Change, follows, reached
from core.db.session import OfficeSession, ScopedSession
from core.domain.consequences import Effect, Fact, Issued
from core.messages.service import Recipient, notify
from core.results.awards.striking import strike_line
from core.results.models.awards import Certificate, Publication, PublicationEntry
from core.results.models.marks import Outcome


@follows(Fact.RESULT)
def strike_lines(session: ScopedSession, change: Change) -> None:
    """Strike the lines of those who no longer pass from every list that is out; a closed list stays as it was."""
    assert isinstance(session, OfficeSession)  # noqa: S101 - an office alone changes a result
    wanted = (
        select(PublicationEntry, Outcome.correction_id)
        .join(Publication, Publication.id == PublicationEntry.publication_id)
        .join(Outcome, Outcome.application_id == PublicationEntry.application_id)
        .where(
            PublicationEntry.application_id.in_(change.applications),
            PublicationEntry.struck_at.is_(None),
            PublicationEntry.released_at.is_(None),
            Publication.state == "published",
            Outcome.passed.is_(False),
        )
        .with_for_update(of=PublicationEntry)
    )
    for entry, correction_id in session.execute(wanted).all():
        strike_line(session, entry, reason=change.reason, correction_id=correction_id)
        reached(session, Issued.LIST_LINE, Effect.VOID)


@follows(Fact.RESULT)
def ask_to_revoke(session: ScopedSession, change: Change) -> None:
    """Ask the office to revoke the certificates of those who no longer pass."""
    wanted = (
        select(Certificate, Outcome.correction_id)
        .join(Outcome, Outcome.application_id == Certificate.application_id)
        .where(
            Certificate.application_id.in_(change.applications),
            Certificate.revoked_at.is_(None),
            Outcome.passed.is_(False),
        )
    )
    for certificate, correction_id in session.execute(wanted).all():
        notify(
            session,
            Recipient(office_id=certificate.office_id),
            event_key=f"certificate.to_revoke:{certificate.id}:{correction_id}",
            office_id=certificate.office_id,
            kind="certificate_to_revoke",
            title=f"证书{certificate.number}待撤销",
            body=f"{change.reason}，持证人不再合格。撤销后不能恢复，请在复查期限届满、复查办结后办理撤销。",
            application_id=certificate.application_id,
        )
        reached(session, Issued.CERTIFICATE, Effect.ASK)
