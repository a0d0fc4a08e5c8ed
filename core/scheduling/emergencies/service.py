"""Reporting an emergency, continuing reports, receipts, instructions, and the closing.

Each line is told at once to the office, the offices above it and the center. Notices say that something waits, and
nothing of people: what happened is read on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession, ProvinceSession, ScopedSession, SystemSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.scheduling.access import must_answer_for_exams, must_be_on_site
from core.scheduling.emergencies.kinds import EmergencyKind, EntryKind, Severity
from core.scheduling.emergencies.queries import received_by, visible_emergency
from core.scheduling.exam_day import door
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.opening_alarms import offices_above
from core.scheduling.models.emergencies import Emergency, EmergencyEntry, EmergencyPerson
from core.scheduling.models.exam_day import Incident
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.tickets import AdmissionTicket
from core.seasons.queries import check_not_ended
from core.tenancy.models import Office
from core.text import dates

MOST_PEOPLE = 200
"""The most candidates that one report names; of a whole room or site the report says so instead."""
_OF_THE_SITE = frozenset({EntryKind.UPDATE, EntryKind.FINAL})


@dataclass(frozen=True, slots=True)
class EmergencyForm:
    """The first report (初报) of an emergency; ``numbers`` are ticket numbers of the candidates concerned."""

    kind: EmergencyKind
    severity: Severity
    facts: str
    happened_at: datetime
    client_id: UUID
    measures: str = ""
    sitting_id: UUID | None = None
    site_id: UUID | None = None
    room_id: UUID | None = None
    numbers: tuple[str, ...] = ()


def report_emergency(session: OfficeSession, year: int, form: EmergencyForm) -> Emergency:
    """Report an emergency to the office, the offices above it and the center; sent twice, it is written once.

    It stands among the incidents of the exam as well, where its pictures are kept. Invalid without facts or for a time
    ahead, NotFound for a sitting, site, room or ticket that is not the office's.
    """
    must_be_on_site(session)
    check_not_ended(session, year)
    one_at_a_time(session, f"emergency/{form.client_id}")
    there = session.scalar(
        select(Emergency)
        .join(Incident, Incident.id == Emergency.incident_id)
        .where(Incident.client_id == form.client_id)
    )
    if there is not None:
        return there
    site_id = _place(session, form)
    people = _people(session, form.numbers)
    told = IncidentForm(
        IncidentKind.EMERGENCY,
        form.facts,
        form.happened_at,
        form.client_id,
        sitting_id=form.sitting_id,
        site_id=site_id,
        measures=form.measures,
    )
    incident = door.report_incident(session, year, told)
    made = Emergency(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        incident_id=incident.id,
        kind=form.kind.value,
        severity=form.severity.value,
        sitting_id=form.sitting_id,
        site_id=site_id,
        room_id=form.room_id,
        state="open",
        happened_at=form.happened_at,
        facts=incident.facts,
        measures=incident.measures,
        reported_at=session.now,
        reported_by=session.actor.account_id,
        reported_name=session.actor.name,
    )
    session.add(made)
    session.flush()
    if people:
        of_it = {"emergency_id": made.id, "office_id": made.office_id}
        rows = [{**of_it, "application_id": case, "number": number} for case, number in people]
        session.execute(insert(EmergencyPerson), rows)
    audit.record_on(session, made, "emergency.reported", severity=made.severity, people=len(people))
    title = f"突发事件：{form.kind.label}"
    _tell(
        session,
        made,
        "reported",
        offices_above(session, made.office_id),
        title=title,
        ending="请立即打开查看，并点“已收到”。",
    )
    return made


def add_report(session: OfficeSession, emergency_id: UUID, kind: EntryKind, text: str, *, client_id: UUID) -> Emergency:
    """Add a continuing report (续报), or the last one (终报), which concludes the emergency.

    Conflict once it is concluded: a new instruction opens it again.
    """
    must_be_on_site(session)
    if kind not in _OF_THE_SITE:
        raise Invalid("emergency_entry", "这里只能提交续报或终报。请刷新页面后重试。")
    emergency = _locked(session, emergency_id)
    if emergency.office_id != session.office_id:
        raise Forbidden("emergency_elsewhere", "续报、终报由事发考点所属机构的考务人员提交。")
    if _written(session, client_id):
        return emergency
    if emergency.state != "open":
        raise Conflict(
            "emergency_concluded", "该事件已经终报。有新情况的，请联系省中心或本机构负责人，另有指示后可以再报。"
        )
    entry = _add(session, emergency, kind, text, client_id=client_id)
    if kind is EntryKind.FINAL:
        emergency.state = "concluded"
        session.flush()
    audit.record_on(session, emergency, "emergency.continued", entry=kind.value)
    above = [office for office in offices_above(session, emergency.office_id) if office != emergency.office_id]
    _tell(
        session,
        emergency,
        entry.id,
        above or [emergency.office_id],
        title=f"突发事件{kind.label}",
        ending="请打开查看。",
    )
    return emergency


def acknowledge(session: OfficeSession | ProvinceSession, emergency_id: UUID) -> Emergency:
    """Say that the actor's office has received the report (已收到); a repetition changes nothing.

    Conflict for the officer who reported it, and for one that is closed.
    """
    must_answer_for_exams(session)
    emergency = _locked(session, emergency_id)
    if session.actor.account_id == emergency.reported_by:
        raise Conflict("emergency_own_report", "报告人不能确认自己的报告，请由本机构另一人确认。")
    if session.office_id in received_by(session, [emergency.id]).get(emergency.id, {}):
        return emergency
    _check_not_closed(emergency)
    _add(session, emergency, EntryKind.RECEIVED, "", client_id=new_id())
    audit.record_on(session, emergency, "emergency.received", by=session.office_id)
    return emergency


def instruct(session: OfficeSession | ProvinceSession, emergency_id: UUID, text: str, client_id: UUID) -> Emergency:
    """Give an instruction (指示) to those on site; an emergency that was concluded is open again."""
    must_answer_for_exams(session)
    emergency = _locked(session, emergency_id)
    if _written(session, client_id):
        return emergency
    _check_not_closed(emergency)
    entry = _add(session, emergency, EntryKind.INSTRUCTION, text, client_id=client_id)
    emergency.state = "open"
    session.flush()
    audit.record_on(session, emergency, "emergency.instructed", by=session.office_id)
    others = [office for office in offices_above(session, emergency.office_id) if office != session.office_id]
    readers = others or [emergency.office_id]
    _tell(session, emergency, entry.id, readers, title="突发事件有新的指示", ending="请立即打开查看，并按指示处置。")
    return emergency


def close_emergency(
    session: OfficeSession | ProvinceSession, emergency_id: UUID, text: str, client_id: UUID
) -> Emergency:
    """Close an emergency with a summary (办结小结). Conflict before its last report."""
    must_answer_for_exams(session)
    emergency = _locked(session, emergency_id)
    if _written(session, client_id):
        return emergency
    _check_not_closed(emergency)
    if emergency.state != "concluded":
        raise Conflict("emergency_not_concluded", "考点还没有终报，不能办结。请先由考务人员提交终报。")
    entry = _add(session, emergency, EntryKind.CLOSING, text, client_id=client_id)
    emergency.state, emergency.closed_at = "closed", session.now
    session.flush()
    audit.record_on(session, emergency, "emergency.closed", by=session.office_id)
    others = [office for office in offices_above(session, emergency.office_id) if office != session.office_id]
    _tell(session, emergency, entry.id, others, title="突发事件已办结", ending="办结小结请打开查看。")
    return emergency


def remind_unreceived(session: SystemSession, year: int, *, minutes: int) -> None:
    """Tell the offices above once more that have not said within ``minutes`` that they received a report."""
    late = session.now - timedelta(minutes=minutes)
    wanted = select(Emergency).where(
        Emergency.office_id == session.office_id,
        Emergency.year == year,
        Emergency.state == "open",
        Emergency.reported_at <= late,
    )
    found = session.scalars(wanted).all()
    received = received_by(session, [emergency.id for emergency in found])
    for emergency in found:
        above = [office for office in offices_above(session, emergency.office_id) if office != emergency.office_id]
        silent = [office for office in above if office not in received.get(emergency.id, {})]
        title = f"突发事件超过{minutes}分钟没有确认"
        _tell(session, emergency, "unreceived", silent, title=title, ending="请立即打开查看，并点“已收到”。")


def _locked(session: ScopedSession, emergency_id: UUID) -> Emergency:
    one_at_a_time(session, f"emergency/{emergency_id}")
    return visible_emergency(session, emergency_id)


def _check_not_closed(emergency: Emergency) -> None:
    if emergency.state == "closed":
        raise Conflict("emergency_closed", "该事件已经办结，只能查看。")


def _written(session: ScopedSession, client_id: UUID) -> bool:
    return session.scalar(select(EmergencyEntry.id).where(EmergencyEntry.client_id == client_id)) is not None


def _add(
    session: OfficeSession | ProvinceSession, emergency: Emergency, kind: EntryKind, text: str, *, client_id: UUID
) -> EmergencyEntry:
    if kind is not EntryKind.RECEIVED and not text.strip():
        raise Invalid("text_required", f"请填写{kind.label}的内容。", at="text")
    entry = EmergencyEntry(
        id=new_id(),
        office_id=emergency.office_id,
        emergency_id=emergency.id,
        kind=kind.value,
        by_office_id=session.office_id,
        text=text.strip(),
        client_id=client_id,
        at=session.now,
        by=session.actor.account_id,
        by_name=session.actor.name,
    )
    session.add(entry)
    session.flush()
    return entry


def _place(session: OfficeSession, form: EmergencyForm) -> UUID | None:
    """The site of a report: the room's where it names one."""
    if form.room_id is not None:
        room = session.get(ExamRoom, form.room_id)
        if room is None or (form.site_id is not None and room.site_id != form.site_id):
            raise NotFound("room_not_found", "所选考场不在该考点。请重新选择。")
        return room.site_id
    if form.site_id is not None and session.get(ExamSite, form.site_id) is None:
        raise NotFound("site_not_found", "没有找到该考点。请重新选择。")
    return form.site_id


def _people(session: OfficeSession, numbers: Sequence[str]) -> list[tuple[UUID, str]]:
    """The candidates of ticket numbers, each once; also by a void ticket."""
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) > MOST_PEOPLE:
        message = f"最多填写{MOST_PEOPLE}个准考证号。涉及整个考场、考点的，在经过中写明即可。"
        raise Invalid("emergency_people", message, at="numbers")
    rows = session.execute(
        select(AdmissionTicket.number, AdmissionTicket.application_id).where(
            AdmissionTicket.number.in_(wanted), AdmissionTicket.office_id == session.office_id
        )
    )
    known = {row.number: row.application_id for row in rows}
    strange = [number for number in wanted if number not in known]
    if strange:
        message = f"没有这些准考证号，或者不属于本机构：{'、'.join(strange[:5])}。请核对。"
        raise Invalid("ticket_not_found", message, at="numbers")
    by_case = {known[number]: number for number in wanted}
    return list(by_case.items())


def _tell(
    session: ScopedSession, emergency: Emergency, what: UUID | str, readers: Sequence[str], *, title: str, ending: str
) -> None:
    office = session.get_one(Office, emergency.office_id)
    site = None if emergency.site_id is None else session.get(ExamSite, emergency.site_id)
    where = office.short_name + ("" if site is None else site.name)
    label, severity = EmergencyKind(emergency.kind).label, Severity(emergency.severity).label
    when = dates.minute(emergency.happened_at)
    for reader in readers:
        notify(
            session,
            Recipient(office_id=reader),
            event_key=f"emergency:{emergency.id}:{what}",
            office_id=emergency.office_id,
            kind="emergency",
            title=title,
            body=f"{where}，{when}，{label}（{severity}）。{ending}",
        )
