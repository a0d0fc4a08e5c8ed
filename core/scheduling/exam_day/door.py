"""The day of the exam: arrivals noted at the door and sent once there is a connection; incidents; progress by site.

Each note carries an id given by the phone, so that a note sent twice is written once. Kaowu delivers no exam questions
and no marking: they stay in the examination system, on its own network.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.session import OfficeSession, ScopedSession
from core.errors import Invalid, NotFound
from core.scheduling.access import must_be_on_site
from core.scheduling.exam_day import void_arrivals
from core.scheduling.exam_day.presence import SENT_LATE
from core.scheduling.models.exam_day import Attendance, CustodyEntry, Incident
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans.room_sheets import attendance_of_seat, live_seats, ticket_of_seat
from core.scheduling.sittings.service import own_sitting
from core.scheduling.void_tickets import VoidTicket, void_by_number
from core.seasons.queries import check_not_ended
from core.text.labels import Labelled

OPENS_BEFORE: Final = timedelta(hours=3)
"""How long before a sitting its door opens."""
_LATEST: Final = timedelta(minutes=5)
"""How far a phone's clock may be ahead of the server's."""


class Way(StrEnum):
    """How somebody was known at the door; ``CLOSE`` for those who were not there when it closed."""

    SCAN = "scan"
    NUMBER = "number"
    LIST = "list"
    CLOSE = "close"


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
class Note:
    """One candidate at the door, as noted by a phone. ``number`` is the ticket's."""

    client_id: UUID
    number: str
    sitting_id: UUID
    noted_at: datetime
    way: Way = Way.SCAN


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """The answer to a note: ``came`` (now), ``known`` (noted before), or ``refused`` with a reason for the officer.

    ``contradicts`` where the ticket was void only after the candidate had come: it is written down for the office.
    """

    client_id: UUID
    outcome: str
    person_name: str = ""
    room_name: str = ""
    seat: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected candidate of a sitting, as phones keep them for the time without a connection."""

    application_id: UUID
    number: str
    person_name: str
    id_tail: str
    site_id: UUID
    site_name: str
    room_id: UUID
    room_name: str
    seat: int
    state: str
    suspended: bool


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
    candidate noted as absent becomes present.
    """
    must_be_on_site(session)
    sittings = {row.id: row for row in session.scalars(_sittings(session, {note.sitting_id for note in notes}))}
    seated = {(sitting_id, who.application_id): who for sitting_id in sittings for who in expected(session, sitting_id)}
    people = {(sitting_id, who.number): who for (sitting_id, _), who in seated.items() if who.number}
    known = _known(session, notes)
    void = void_by_number(session, {note.number for note in notes if (note.sitting_id, note.number) not in people})
    came_in: list[dict[str, object]] = []
    answers, rows, present = [], [], {key for key, candidate in people.items() if candidate.state == "present"}
    for note in notes:
        key = (note.sitting_id, note.number)
        who = people.get(key)
        before = None if key in present else known.get(note.client_id)
        refusal = _refusal(session, note, sittings.get(note.sitting_id), who, before=before)
        gone = void.get(note.number)
        if refusal is None and who is None and gone is not None and note.noted_at < gone.voided_at:
            came_in.append(_contradiction(session, note, gone))
            holder = seated.get((note.sitting_id, gone.application_id))
            if holder is not None and holder.state != "present" and note.client_id not in known:
                rows.append(_row(session, note, holder))
            answers.append(NoteAnswer(note.client_id, "contradicts", gone.person_name, detail=_came_before(gone)))
            continue
        if refusal is not None or who is None:
            detail = refusal or _unexpected(gone)
            answers.append(NoteAnswer(note.client_id, "refused", detail=detail))
            continue
        outcome = "known" if note.client_id in known or key in present else "came"
        known.setdefault(note.client_id, (note.sitting_id, who.application_id))
        if outcome == "came":
            present.add(key)
            rows.append(_row(session, note, who))
        answers.append(NoteAnswer(note.client_id, outcome, who.person_name, who.room_name, who.seat))
    if rows:
        _write(session, rows)
        record_on_sitting(session, "attendance.noted", rows)
    if came_in:
        void_arrivals.keep(session, came_in)
        record_on_sitting(session, "attendance.contradicted", came_in)
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


def _known(session: OfficeSession, notes: Sequence[Note]) -> dict[UUID, tuple[UUID, UUID]]:
    """Id of a note that was written before → its sitting and candidate."""
    wanted = select(Attendance.client_id, Attendance.sitting_id, Attendance.application_id)
    rows = session.execute(wanted.where(Attendance.client_id.in_([note.client_id for note in notes])))
    return {row.client_id: (row.sitting_id, row.application_id) for row in rows}


def _sittings(session: OfficeSession, sitting_ids: Collection[UUID]) -> Select[Sitting]:
    return select(Sitting).where(Sitting.id.in_(sitting_ids), Sitting.office_id == session.office_id)


def _refusal(
    session: OfficeSession,
    note: Note,
    sitting: Sitting | None,
    who: Expected | None,
    *,
    before: tuple[UUID, UUID] | None,
) -> str | None:
    if sitting is None:
        return "没有这个场次，或者它不属于本机构。"
    if sitting.cancelled_at is not None:
        return "该场次已经取消。"
    if not sitting.starts_at - OPENS_BEFORE <= note.noted_at <= sitting.ends_at:
        return "登记时间不在该场次的入场和考试时间内。请核对场次和手机时间。"
    if note.noted_at > session.now + _LATEST:
        return "手机时间快于标准时间。请校准手机时间后重新登记。"
    if session.now > sitting.ends_at + SENT_LATE:
        return "该场次结束已久，不能再补传。请联系考务编排人员。"
    if who is not None and before not in {None, (note.sitting_id, who.application_id)}:
        return "手机给出的登记编号已用于另一名考生，这次没有登记。请刷新页面后重新登记该考生。"
    return None


def _unexpected(void: VoidTicket | None) -> str:
    """Why a candidate is refused whom the sitting does not expect."""
    if void is None:
        return "该准考证号在本场次没有有效座位（可能属于其他场次）。请核对准考证。"
    return void.detail


def _came_before(void: VoidTicket) -> str:
    return f"{void.detail}手机登记在作废之前，已记录在考试日页面：考生如已入场，请立即报告考务负责人处理。"


def _contradiction(session: OfficeSession, note: Note, void: VoidTicket) -> dict[str, object]:
    return {
        "id": new_id(),
        "office_id": session.office_id,
        "sitting_id": note.sitting_id,
        "application_id": void.application_id,
        "number": note.number,
        "voided_at": void.voided_at,
        "client_id": note.client_id,
        "noted_at": note.noted_at,
        "received_at": session.now,
        "noted_by": session.actor.account_id,
    }


def _row(session: OfficeSession, note: Note, who: Expected) -> dict[str, object]:
    return {
        "sitting_id": note.sitting_id,
        "application_id": who.application_id,
        "office_id": session.office_id,
        "room_id": who.room_id,
        "state": "present",
        "way": note.way.value,
        "client_id": note.client_id,
        "noted_at": note.noted_at,
        "received_at": session.now,
        "noted_by": session.actor.account_id,
        "remark": "",
    }


def _write(session: OfficeSession, rows: Sequence[dict[str, object]]) -> None:
    """One row for each candidate and sitting: the first note of an arrival counts, and overrides an absence."""
    added = insert(Attendance)
    changed = ("room_id", "state", "way", "client_id", "noted_at", "received_at", "noted_by", "remark")
    session.execute(
        added.on_conflict_do_update(
            index_elements=["sitting_id", "application_id"],
            set_={name: getattr(added.excluded, name) for name in changed},
            where=Attendance.state == "absent",
        ),
        rows,
    )


def _check(session: OfficeSession, form: IncidentForm) -> None:
    if not form.facts.strip():
        raise Invalid("facts_required", "请写明发生了什么。", fields={"facts": "请填写"})
    if form.happened_at > session.now + _LATEST:
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
