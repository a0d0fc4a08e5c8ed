"""Erasing personal data around an exam once its time is over; the exam itself and its figures stay."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.documents.retention import erase_documents
from core.documents.storage import DocumentStorage
from core.scheduling.models.accommodations import AccommodationRequest
from core.scheduling.models.emergencies import Emergency, EmergencyEntry
from core.scheduling.models.exam_day import CustodyEntry, CustodyHandover, Incident
from core.scheduling.models.invigilation import Invigilator
from core.scheduling.models.openings import OpeningAlarm, SiteOpening
from core.scheduling.models.tickets import AdmissionTicket, PaperPart


def accommodations_due(before: datetime) -> Select[UUID]:
    """Requests decided before this time, or asked before it and never decided."""
    over = func.coalesce(AccommodationRequest.decided_at, AccommodationRequest.asked_at) < before
    wanted = select(AccommodationRequest.id).where(over, AccommodationRequest.reason != ERASED)
    return wanted.order_by(AccommodationRequest.id)


def erase_accommodations(session: KeeperSession, request_ids: Sequence[UUID], *, store: DocumentStorage) -> None:
    """Remove the evidence and replace reason and decision; what was granted stays."""
    ours = AccommodationRequest.id.in_(request_ids)
    erase_documents(session, session.scalars(select(AccommodationRequest.document_id).where(ours)).all(), store)
    session.execute(update(AccommodationRequest).where(ours).values(reason=ERASED, decision=ERASED))


def invigilators_due(before: datetime) -> Select[UUID]:
    """Invigilators added to a register before this time."""
    wanted = select(Invigilator.id).where(Invigilator.added_at < before, Invigilator.name != ERASED)
    return wanted.order_by(Invigilator.id)


def erase_invigilators(session: KeeperSession, invigilator_ids: Sequence[UUID]) -> None:
    """Replace name and unit; the duties themselves stay."""
    ours = Invigilator.id.in_(invigilator_ids)
    session.execute(update(Invigilator).where(ours).values(name=ERASED, unit_name=ERASED))


def keepers_due(before: datetime) -> Select[UUID]:
    """Entries of safe-keeping that ended before this time."""
    wanted = select(CustodyEntry.id).where(CustodyEntry.ended_at < before, CustodyEntry.keeper != ERASED)
    return wanted.order_by(CustodyEntry.id)


def erase_keepers(session: KeeperSession, entry_ids: Sequence[UUID]) -> None:
    """Replace the keepers' names; title, place and end of the entry stay."""
    session.execute(update(CustodyEntry).where(CustodyEntry.id.in_(entry_ids)).values(keeper=ERASED))
    handovers = update(CustodyHandover).where(CustodyHandover.entry_id.in_(entry_ids))
    session.execute(handovers.values(from_keeper=ERASED, to_keeper=ERASED))


def incidents_due(before: datetime) -> Select[UUID]:
    """Incidents that happened before this time."""
    return select(Incident.id).where(Incident.happened_at < before, Incident.facts != ERASED).order_by(Incident.id)


def erase_incidents(session: KeeperSession, incident_ids: Sequence[UUID]) -> None:
    """Replace the texts; kind and class of the incident stay."""
    gone = {"facts": ERASED, "evidence": "", "measures": "", "reported_name": ERASED}
    session.execute(update(Incident).where(Incident.id.in_(incident_ids)).values(gone))


def emergencies_due(before: datetime) -> Select[UUID]:
    """Emergencies that happened before this time."""
    wanted = select(Emergency.id).where(Emergency.happened_at < before, Emergency.facts != ERASED)
    return wanted.order_by(Emergency.id)


def erase_emergencies(session: KeeperSession, emergency_ids: Sequence[UUID]) -> None:
    """Replace texts and names; kind, place and the times of all lines stay."""
    gone = {"facts": ERASED, "measures": "", "reported_name": ERASED}
    session.execute(update(Emergency).where(Emergency.id.in_(emergency_ids)).values(gone))
    lines = update(EmergencyEntry).where(EmergencyEntry.emergency_id.in_(emergency_ids))
    session.execute(lines.values(text=ERASED, by_name=ERASED))


def openings_due(before: datetime) -> Select[UUID]:
    """Notes of the opening of sites that were made before this time."""
    wanted = select(SiteOpening.id).where(SiteOpening.noted_at < before, SiteOpening.noted_name != ERASED)
    return wanted.order_by(SiteOpening.id)


def erase_openings(session: KeeperSession, opening_ids: Sequence[UUID]) -> None:
    """Replace names and remarks; which step was noted when stays."""
    gone = {"remark": ERASED, "noted_name": ERASED}
    session.execute(update(SiteOpening).where(SiteOpening.id.in_(opening_ids)).values(gone))


def alarms_due(before: datetime) -> Select[UUID]:
    """Alarms that were settled before this time."""
    wanted = select(OpeningAlarm.id).where(OpeningAlarm.settled_at < before, OpeningAlarm.settled_name != ERASED)
    return wanted.order_by(OpeningAlarm.id)


def erase_alarms(session: KeeperSession, alarm_ids: Sequence[UUID]) -> None:
    """Replace name and reason; when a site rang, and how that ended, stays."""
    gone = {"reason": ERASED, "settled_name": ERASED}
    session.execute(update(OpeningAlarm).where(OpeningAlarm.id.in_(alarm_ids)).values(gone))


def paper_parts_due(before: datetime) -> Select[UUID]:
    """Papers made before this time: they can be made again."""
    return select(PaperPart.id).where(PaperPart.made_at < before).order_by(PaperPart.id)


def forget_paper_parts(session: KeeperSession, part_ids: Sequence[UUID]) -> None:
    """Remove the papers; their requests and downloads stay on the record."""
    session.execute(delete(PaperPart).where(PaperPart.id.in_(part_ids)))


def forget_grounds(session: KeeperSession, application_ids: Sequence[UUID]) -> None:
    """Remove what the tickets of erased cases told: digests of short values can be guessed."""
    ours = AdmissionTicket.application_id.in_(application_ids)
    session.execute(update(AdmissionTicket).where(ours).values(grounds=None))
