"""The day of the exam: arrivals noted at the door and sent once there is a connection; incidents; progress by site.

Each note carries an id given by the phone, so that a note sent twice is written once. Kaowu delivers no exam questions
and no marking: they stay in the examination system, on its own network.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.session import OfficeSession, ScopedSession
from core.errors import Invalid, NotFound
from core.scheduling.access import must_be_on_site
from core.scheduling.exam_day.at_door import LATEST, AtDoor
from core.scheduling.exam_day.notes import Expected, Note, NoteAnswer
from core.scheduling.models.exam_day import Attendance, CustodyEntry, Incident
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans.room_sheets import attendance_of_seat, live_seats, ticket_of_seat
from core.scheduling.sittings.service import own_sitting
from core.seasons.queries import check_not_ended
from core.text.labels import Labelled


class IncidentKind(Labelled):
    """What can happen at an exam."""

    EQUIPMENT = "equipment", "设备或网络故障"
    DISTURBANCE = "disturbance", "秩序问题"
    EMERGENCY = "emergency", "突发事件"
    CHANGE = "change", "考点或场次变更"
    VIOLATION = "violation", "考生违纪违规"


INCIDENT_NAMES: Mapping[IncidentKind, str] = {kind: kind.label for kind in IncidentKind}
CLASS_NAMES: Mapping[int, str] = {
    1: "一类：该科目成绩无效",
    2: "二类：全部科目成绩无效，并记录违纪",
    3: "三类：情节特别严重，全部科目成绩无效，长期记录",
}
"""Classes of violations after the national rules for professional exams (人社部令第31号); Henan's own are not known."""


@dataclass(frozen=True, slots=True)
class SiteProgress:
    """The progress of a sitting at a site."""

    office_id: str
    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    site_id: UUID
    site_name: str
    expected: int
    present: int
    absent: int
    incidents: int


@dataclass(frozen=True, slots=True)
class IncidentForm:
    """The data of an incident; a violation names the candidate's ticket and the class."""

    kind: IncidentKind
    facts: str
    happened_at: datetime
    client_id: UUID
    sitting_id: UUID | None = None
    site_id: UUID | None = None
    ticket_number: str = ""
    violation_class: int | None = None
    evidence: str = ""
    measures: str = ""
    custody_id: UUID | None = None


def expected(session: OfficeSession, sitting_id: UUID, *, site_id: UUID | None = None) -> list[Expected]:
    """The candidates with a live seat in a sitting of the office, by room and seat, with the note about them."""
    own_sitting(session, sitting_id)
    wanted = (
        select(
            Seat.application_id,
            func.coalesce(AdmissionTicket.number, ""),
            Application.person_name,
            Application.id_tail,
            ExamSite.id,
            ExamSite.name,
            ExamRoom.id,
            ExamRoom.name,
            Seat.seat,
            func.coalesce(Attendance.state, ""),
            func.suspended(Application.id),
        )
        .join(Application, Application.id == Seat.application_id)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .outerjoin(AdmissionTicket, ticket_of_seat())
        .outerjoin(Attendance, attendance_of_seat())
        .where(Seat.office_id == session.office_id, Seat.sitting_id == sitting_id, live_seats())
        .order_by(ExamSite.code, ExamRoom.number, Seat.seat)
    )
    if site_id is not None:
        wanted = wanted.where(ExamSite.id == site_id)
    return [Expected(*list(row)) for row in session.execute(wanted)]


def note_arrivals(session: OfficeSession, notes: Sequence[Note]) -> list[NoteAnswer]:
    """Save the notes that a phone has kept; each is answered by itself, in their order.

    Sent again, a note changes nothing. An arrival noted before its ticket was void is kept as a contradiction, and as
    an arrival where the seat stands. Refused with the cause: a ticket that was void, a number that is no ticket or has
    no seat in the sitting, a cancelled sitting, times outside it, a note's id that belongs to another candidate. A
    candidate noted as absent or turned away becomes present by an arrival, and never the other way round. What another
    officer noted is not saved.
    """
    must_be_on_site(session)
    sittings = {row.id: row for row in session.scalars(_sittings(session, {note.sitting_id for note in notes}))}
    seated = [(sitting_id, who) for sitting_id in sittings for who in expected(session, sitting_id)]
    at_door = AtDoor(session, notes, sittings, seated)
    answers = [at_door.answer(note) for note in notes]
    at_door.write()
    for kind, rows in at_door.recorded():
        record_on_sitting(session, kind, rows)
    return answers


def report_incident(session: OfficeSession, year: int, form: IncidentForm) -> Incident:
    """Save an incident; sent twice, it is written once. A violation names a candidate and has a class.

    Invalid without facts or for a violation that names nobody; NotFound for a ticket, sitting or entry of another
    office.
    """
    must_be_on_site(session)
    check_not_ended(session, year)
    there = session.scalar(select(Incident).where(Incident.client_id == form.client_id))
    if there is not None:
        return there
    _check(session, form)
    incident = Incident(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        sitting_id=form.sitting_id,
        site_id=form.site_id,
        application_id=_candidate(session, form),
        kind=form.kind.value,
        violation_class=form.violation_class,
        facts=form.facts.strip(),
        evidence=form.evidence.strip(),
        measures=form.measures.strip(),
        custody_id=form.custody_id,
        client_id=form.client_id,
        happened_at=form.happened_at,
        reported_at=session.now,
        reported_by=session.actor.account_id,
        reported_name=session.actor.name,
    )
    session.add(incident)
    session.flush()
    audit.record_on(session, incident, "incident.reported")
    return incident


def incidents_of(session: ScopedSession, office_id: str, year: int, *, limit: int = 200) -> Sequence[Incident]:
    """The incidents at an office's exams, the latest first."""
    wanted = select(Incident).where(Incident.office_id == office_id, Incident.year == year)
    return session.scalars(wanted.order_by(Incident.happened_at.desc(), Incident.id.desc()).limit(limit)).all()


def progress(
    session: ScopedSession, year: int, *, since: datetime, until: datetime, office_id: str | None = None
) -> list[SiteProgress]:
    """The progress at each site of the sittings that begin in this time: of one office, or of all visible ones."""
    here = [Sitting.year == year, Sitting.starts_at >= since, Sitting.starts_at < until, Sitting.cancelled_at.is_(None)]
    if office_id is not None:
        here.append(Sitting.office_id == office_id)
    counted = (
        select(
            Sitting.office_id,
            Sitting.id,
            Sitting.starts_at,
            Sitting.ends_at,
            ExamSite.id,
            ExamSite.name,
            func.count(),
            func.count().filter(Attendance.state == "present"),
            func.count().filter(Attendance.state == "absent"),
        )
        .join(Seat, and_(Seat.sitting_id == Sitting.id, live_seats()))
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .outerjoin(Attendance, attendance_of_seat())
        .where(*here)
        .group_by(Sitting.id, ExamSite.id)
        .order_by(Sitting.starts_at, Sitting.office_id, ExamSite.name, Sitting.id)
    )
    rows = session.execute(counted).all()
    told = select(Incident.sitting_id, Incident.site_id).where(Incident.sitting_id.in_({row[1] for row in rows}))
    incidents = Counter((row[0], row[1]) for row in session.execute(told))
    return [SiteProgress(*row, incidents[row[1], row[4]] + incidents[row[1], None]) for row in rows]


def record_on_sitting(session: OfficeSession, kind: str, rows: Sequence[dict[str, object]]) -> None:
    """Record one entry for each sitting, with a digest of the candidates on the list."""
    for sitting_id in sorted({str(row["sitting_id"]) for row in rows}):
        people = sorted(str(row["application_id"]) for row in rows if str(row["sitting_id"]) == sitting_id)
        subject = audit.RecordSubject(session.office_id, "sitting", sitting_id)
        audit.record_on(session, subject, kind, people=len(people), digest=audit.digest_of(people).hex())


def _sittings(session: OfficeSession, sitting_ids: Collection[UUID]) -> Select[Sitting]:
    return select(Sitting).where(Sitting.id.in_(sitting_ids), Sitting.office_id == session.office_id)


def _check(session: OfficeSession, form: IncidentForm) -> None:
    if not form.facts.strip():
        raise Invalid("facts_required", "请写明发生了什么。", fields={"facts": "请填写"})
    if form.happened_at > session.now + LATEST:
        raise Invalid("incident_ahead", "发生时间不能晚于现在。请改正。", fields={"happened_at": "请改正"})
    violation = form.kind is IncidentKind.VIOLATION
    if violation != bool(form.ticket_number) or violation != (form.violation_class in CLASS_NAMES):
        message = "考生违纪违规须填写准考证号和违纪类别；其他情况不填。"
        raise Invalid("violation_is_somebodys", message, at="ticket_number")
    if form.sitting_id is not None:
        own_sitting(session, form.sitting_id)
    if form.custody_id is not None:
        entry = session.get(CustodyEntry, form.custody_id)
        if entry is None or entry.office_id != session.office_id:
            raise NotFound("custody_not_found", "没有找到所填的保管登记。请核对。")


def _candidate(session: OfficeSession, form: IncidentForm) -> UUID | None:
    if not form.ticket_number:
        return None
    found = session.scalar(
        select(AdmissionTicket.application_id).where(
            AdmissionTicket.number == form.ticket_number, AdmissionTicket.office_id == session.office_id
        )
    )
    if found is None:
        message = "没有这个准考证号，或者它不属于本机构。请核对。"
        raise NotFound("ticket_not_found", message)
    return found
