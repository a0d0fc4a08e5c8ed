"""Emergencies as pages, programs and papers show them: in a list, and one with all its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from core.applications.models import Application
from core.db.session import ScopedSession
from core.errors import NotFound
from core.scheduling.emergencies.kinds import EmergencyKind, EntryKind, Severity
from core.scheduling.models.emergencies import Emergency, EmergencyEntry, EmergencyPerson
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.tenancy.models import Office


@dataclass(frozen=True, slots=True)
class Listed:
    """An emergency with the names of its place; ``received`` says which offices have received it, and when."""

    emergency: Emergency
    office_name: str
    site_name: str
    received: Mapping[str, EmergencyEntry]

    @property
    def kind(self) -> EmergencyKind:
        """Its kind."""
        return EmergencyKind(self.emergency.kind)

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return Severity(self.emergency.severity)


@dataclass(frozen=True, slots=True)
class Concerned:
    """A candidate whom an emergency concerns; the name is empty where the session does not see the case."""

    application_id: UUID
    number: str
    person_name: str
    id_tail: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line after the first report, with the name of the office that wrote it."""

    kind: EntryKind
    office_name: str
    text: str
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class Told:
    """One emergency with everything about it."""

    listed: Listed
    room_name: str
    sitting: Sitting | None
    people: Sequence[Concerned]
    lines: Sequence[Line]


def emergencies_of(session: ScopedSession, year: int, *, open_only: bool = False) -> list[Listed]:
    """The emergencies of a year that the session sees, the open ones first, then the latest."""
    wanted = _listed().where(Emergency.year == year)
    if open_only:
        wanted = wanted.where(Emergency.state != "closed")
    wanted = wanted.order_by(Emergency.state == "closed", Emergency.reported_at.desc(), Emergency.id.desc())
    rows = session.execute(wanted).all()
    received = received_by(session, [row[0].id for row in rows])
    return [Listed(found, office, site or "", received.get(found.id, {})) for found, office, site in rows]


def open_by_place(session: ScopedSession, sitting_ids: Sequence[UUID]) -> list[tuple[UUID, UUID | None, UUID]]:
    """(sitting, site, emergency) of the emergencies in these sittings that are not closed."""
    wanted = select(Emergency.sitting_id, Emergency.site_id, Emergency.id).where(
        Emergency.sitting_id.in_(sitting_ids), Emergency.state != "closed"
    )
    return [(sitting, site, found) for sitting, site, found in session.execute(wanted) if sitting is not None]


def tell(session: ScopedSession, emergency_id: UUID) -> Told:
    """Everything about an emergency that the session sees; NotFound for others."""
    found = visible_emergency(session, emergency_id)
    [(_, office, site)] = session.execute(_listed().where(Emergency.id == emergency_id)).all()
    received = received_by(session, [found.id]).get(found.id, {})
    room = None if found.room_id is None else session.get(ExamRoom, found.room_id)
    sitting = None if found.sitting_id is None else session.get(Sitting, found.sitting_id)
    people = session.execute(
        select(EmergencyPerson.application_id, EmergencyPerson.number, Application.person_name, Application.id_tail)
        .outerjoin(Application, Application.id == EmergencyPerson.application_id)
        .where(EmergencyPerson.emergency_id == found.id)
        .order_by(EmergencyPerson.number)
    )
    lines = session.execute(
        select(EmergencyEntry, Office.short_name)
        .join(Office, Office.id == EmergencyEntry.by_office_id)
        .where(EmergencyEntry.emergency_id == found.id)
        .order_by(EmergencyEntry.at, EmergencyEntry.id)
    )
    return Told(
        Listed(found, office, site or "", received),
        "" if room is None else room.name,
        sitting,
        [Concerned(case, number, name or "", tail or "") for case, number, name, tail in people],
        [Line(EntryKind(line.kind), by, line.text, line.at, line.by_name) for line, by in lines],
    )


def received_by(session: ScopedSession, emergency_ids: Sequence[UUID]) -> dict[UUID, dict[str, EmergencyEntry]]:
    """The receipts of emergencies: emergency → office → its receipt."""
    wanted = select(EmergencyEntry).where(
        EmergencyEntry.emergency_id.in_(emergency_ids), EmergencyEntry.kind == EntryKind.RECEIVED.value
    )
    found: dict[UUID, dict[str, EmergencyEntry]] = {}
    for entry in session.scalars(wanted.order_by(EmergencyEntry.id)):
        found.setdefault(entry.emergency_id, {})[entry.by_office_id] = entry
    return found


def visible_emergency(session: ScopedSession, emergency_id: UUID) -> Emergency:
    """An emergency that the session sees, as it stands now; NotFound for others."""
    wanted = select(Emergency).where(Emergency.id == emergency_id).execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFound("emergency_not_found", "没有找到该事件，或者它不属于本机构。请从“突发事件”重新打开。")
    return found


def _listed() -> Select[Emergency, str, str | None]:
    wanted = select(Emergency, Office.short_name, ExamSite.name)
    return wanted.join(Office, Office.id == Emergency.office_id).outerjoin(ExamSite, ExamSite.id == Emergency.site_id)
