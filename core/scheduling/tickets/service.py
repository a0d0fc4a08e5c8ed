"""Admission tickets (准考证): issued for a published plan, voided where seats change, printed inside the window.

Only qualified candidates get a ticket: the final verdict comes before the exam, so nobody with an open deferral has
one. Source: 2024 notice §2(5); the window and the commitment after the notices of 2022 and 2023.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert

from core.applications.consequences import is_suspended
from core.applications.models import Application
from core.applications.printed_numbers import printed_numbers
from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.rows import own_row
from core.db.session import OfficeSession, PersonSession, ScopedSession
from core.domain.workflow import STATE_LABELS, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Telling, notify_each
from core.printing.fonts import check_printable
from core.scheduling.access import must_schedule
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket, TicketCommitment
from core.scheduling.plans.lost_rooms import seat_is_lost
from core.scheduling.plans.notices import exam_is_over
from core.scheduling.plans.room_sheets import live_seats
from core.scheduling.tickets.replacement import replace_stale
from core.scheduling.void_tickets import newest_void
from core.seasons.queries import check_not_ended
from core.security.keys import KeyProvider
from core.tenancy.config.exams import TicketsTable
from core.text import dates
from core.text.filters import until
from core.text.form_texts import checked_text

# The cases are locked (``FOR SHARE``): an act that takes one out of the exam waits, and then finds its ticket.
_SEATED_CASES = """ARRAY(
    SELECT DISTINCT s.application_id FROM seats s
    WHERE s.plan_id = :plan AND s.published_at IS NOT NULL AND s.voided_at IS NULL)"""
_ISSUE = text(
    f"""
    INSERT INTO admission_tickets
        (id, office_id, application_id, plan_id, number, seats_digest, grounds, issued_at, issued_by)
    SELECT uuidv7(), :office, o.id, :plan,
        :year || :area || lpad(nextval('ticket_numbers')::text, 7, '0'), o.digest, o.grounds, :now, :account
    FROM (
        SELECT a.id, l.digest, l.grounds
        FROM ticket_grounds({_SEATED_CASES}) l JOIN applications a ON a.id = l.application_id
        WHERE a.office_id = :office AND a.state = 'qualified' AND NOT a.deferral_open
            AND NOT EXISTS (SELECT FROM admission_tickets t WHERE t.application_id = a.id AND t.voided_at IS NULL)
            AND (NOT :training OR EXISTS (
                SELECT FROM training_enrolments e
                WHERE e.application_id = a.id AND e.attended AND e.withdrawn_at IS NULL))
        ORDER BY a.unit_id, a.reference
        FOR SHARE OF a
    ) o
    RETURNING id, application_id, number
    """  # noqa: S608 - a part of the text above
)
_DIFFERING = text(
    """
    SELECT t.application_id FROM admission_tickets t
    LEFT JOIN ticket_grounds(:cases) g ON g.application_id = t.application_id
    WHERE t.application_id = ANY (:cases) AND t.voided_at IS NULL AND t.grounds IS DISTINCT FROM g.grounds
    """
).bindparams(bindparam("cases", type_=ARRAY(Uuid)))
_AREA = text(
    "SELECT left(area_code, 4) FROM office_areas WHERE office_id = :office AND valid_from <= :day "
    "AND (valid_until IS NULL OR valid_until > :day) ORDER BY area_code LIMIT 1"
)
_NO_AREA = "0000"


@dataclass(frozen=True, slots=True)
class Issued:
    """The result of issuing tickets; ``held_back`` have a seat and no ticket (not qualified, not trained)."""

    issued: int
    voided: int
    in_force: int
    held_back: int


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One line of a ticket: a sitting and the seat in it."""

    starts_at: datetime
    ends_at: datetime
    subjects: tuple[str, ...]
    site_code: str
    site_name: str
    address: str
    room_name: str
    seat: int
    directions: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Everything that is printed on one ticket, except the photo; ``identity`` is filled in for printing alone."""

    id: UUID
    application_id: UUID
    number: str
    year: int
    person_name: str
    id_tail: str
    unit_name: str
    grade: int
    trade: str
    seats: tuple[SeatLine, ...]
    issued_at: datetime
    identity: str = field(default="", repr=False)


def issue_tickets(session: OfficeSession, plan_id: UUID, *, rules: TicketsTable, reason: str = "座位调整") -> Issued:
    """Replace the tickets of a published plan's exam that no longer hold, and issue the missing ones.

    A ticket whose grounds hold is kept, so this can be repeated at any time. The candidates concerned are told.
    Conflict for a plan that is not published, and where a name cannot be printed.
    """
    must_schedule(session)
    refusal = NotFound("plan_not_found", "没有找到该编排方案，或者它不属于本机构。")
    plan = own_row(session, Plan, plan_id, refusal, locked=True)
    check_not_ended(session, plan.year)
    if plan.state != "published":
        raise Conflict("plan_not_published", "编排方案尚未公布或已被取代，不能签发准考证。请先公布方案。")
    check_printable(printed_of(session, plan_id), what="签发准考证")
    session.flush()
    replaced = replace_stale(session, plans=[plan_id], reason=reason)
    area = session.scalar(_AREA, {"office": session.office_id, "day": session.now.date()}) or _NO_AREA
    values = {
        "plan": plan_id,
        "office": session.office_id,
        "year": str(plan.year),
        "now": session.now,
        "account": session.actor.account_id,
        "area": area,
        "training": rules.training_required,
    }
    made = session.execute(_ISSUE, values).all()
    _record_numbers(session, plan, "tickets.issued", [row.number for row in made])
    _tell(session, plan, {row.application_id for row in made})
    again = sum(bool(ticket.new_number) for ticket in replaced)
    seated = seated_count(session, plan_id)
    in_force = in_force_count(session, plan_id)
    return Issued(len(made) + again, len(replaced), in_force, seated - in_force)


def printed_of(session: ScopedSession, plan_id: UUID) -> dict[str, tuple[str, str]]:
    """What a plan's tickets say of each candidate and may have a rare character: name and unit, by who it is."""
    wanted = select(Application.person_name, Application.unit_name, Application.reference).where(
        Application.id.in_(_seated_in(plan_id))
    )
    return {f"{name}（{reference}）": (name, unit) for name, unit, reference in session.execute(wanted)}


def in_force_count(session: ScopedSession, plan_id: UUID) -> int:
    """The number of candidates with a live seat in a plan who hold a ticket in force."""
    live = select(func.count()).select_from(AdmissionTicket).where(AdmissionTicket.voided_at.is_(None))
    return session.scalar(live.where(AdmissionTicket.application_id.in_(_seated_in(plan_id)))) or 0


def void_ticket(session: OfficeSession, ticket_id: UUID, *, reason: str) -> AdmissionTicket:
    """Void a single ticket; the candidate is told why. Conflict where it is already void."""
    must_schedule(session)
    ticket = own_ticket(session, ticket_id, locked=True)
    if not checked_text(reason):
        raise Invalid("reason_required", "请写明作废原因。", fields={"reason": "请写明作废原因"})
    if ticket.voided_at is not None:
        raise Conflict("ticket_void", "该准考证已经作废。")
    ticket.voided_at, ticket.void_reason = session.now, reason.strip()
    session.flush()
    _record_numbers(session, session.get_one(Plan, ticket.plan_id), "tickets.voided", [ticket.number])
    case = session.get_one(Application, ticket.application_id)
    body = f"您的准考证（{ticket.number}）已作废：{ticket.void_reason}。请勿再使用，并留意新的通知。"
    _tell_each(session, [Telling(case.person_id, case.id, "准考证作废", body)], "ticket_voided", ticket.id)
    return ticket


def seated_count(session: ScopedSession, plan_id: UUID) -> int:
    """The number of candidates with a live seat in a plan, with or without a ticket."""
    seated = select(func.count(func.distinct(Seat.application_id))).where(Seat.plan_id == plan_id, live_seats())
    return session.scalar(seated) or 0


def unsound(session: ScopedSession, application_ids: Collection[UUID]) -> frozenset[UUID]:
    """The applications whose ticket must not be printed: it differs from today's facts, or its room is lost."""
    ids = list(application_ids)
    lost = select(Seat.application_id).where(Seat.application_id.in_(ids), live_seats(), seat_is_lost(session.now))
    return differing(session, ids) | frozenset(session.scalars(lost))


def differing(session: ScopedSession, application_ids: Collection[UUID]) -> frozenset[UUID]:
    """The applications among these whose ticket in force tells something else than today's facts."""
    return frozenset(session.scalars(_DIFFERING, {"cases": list(application_ids)}))


def own_ticket(session: OfficeSession, ticket_id: UUID, *, locked: bool = False) -> AdmissionTicket:
    """A ticket of the session's own office; NotFound for other tickets."""
    refusal = NotFound("ticket_not_found", "没有找到该准考证，或者它不属于本机构。")
    return own_row(session, AdmissionTicket, ticket_id, refusal, locked=locked)


def commit_to_rules(session: PersonSession, application_id: UUID, *, rules: TicketsTable, agreed: bool) -> None:
    """Tick the commitment, once for all tickets of an application. Invalid where it is not ticked."""
    case = _own_case(session, application_id)
    if not agreed:
        raise Invalid("commitment_not_ticked", "请先阅读并勾选考生承诺，再打印准考证。", at="agreed")
    digest = hashlib.sha256(rules.commitment.encode()).hexdigest()
    row = {
        "application_id": application_id,
        "text_digest": digest,
        "committed_at": session.now,
        "committed_by": session.actor.account_id,
    }
    options = {"preserve_rowcount": True}
    added = session.connection().execute(
        insert(TicketCommitment).on_conflict_do_nothing(), row, execution_options=options
    )
    if added.rowcount == 1:
        subject = audit.RecordSubject(case.office_id, "application", application_id)
        audit.record_on(session, subject, "ticket.committed", text=digest)


def ticket_to_print(session: PersonSession, application_id: UUID, *, rules: TicketsTable) -> Ticket:
    """The candidate's ticket for printing; the download is recorded.

    NotFound before a ticket was issued; Conflict, with the cause, where the last one is void, outside the window,
    before the commitment is ticked, while the case is not finally decided (a deferral is open), and for a ticket that
    no longer holds: nothing else is ever printed under its number.
    """
    case = _own_case(session, application_id)
    found = tickets(session, application_ids=[application_id])
    if not found:
        raise _none_in_force(session, case)
    if case.state != State.QUALIFIED or case.deferral_open:
        raise Conflict(
            "not_finally_qualified", "资格审查尚未最终通过（例如容缺材料未补齐），不能打印准考证。请先办结。"
        )
    if session.get(TicketCommitment, application_id) is None:
        raise Conflict("commitment_missing", "请先阅读并勾选考生承诺，再打印准考证。")
    [ticket] = found
    _check_holds(session, application_id)
    opens, closes = rules.window(ticket.seats[0].starts_at)
    if not opens <= session.now < closes:
        span = f"{dates.minute(opens)}至{until(closes)}"
        raise Conflict("outside_ticket_window", f"准考证打印时间为{span}，现在不能打印。如有困难，请联系报名机构。")
    subject = audit.RecordSubject(case.office_id, "application", application_id)
    audit.record_on(session, subject, "ticket.printed", ticket=str(ticket.id))
    return ticket


def tickets(
    session: ScopedSession,
    *,
    application_ids: Collection[UUID] | None = None,
    plan_id: UUID | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[Ticket]:
    """Tickets in force with their seats, by number: of applications, or of a plan after the number ``after``."""
    wanted = (
        select(AdmissionTicket, Application)
        .join(Application, Application.id == AdmissionTicket.application_id)
        .where(AdmissionTicket.voided_at.is_(None), AdmissionTicket.number > after)
        .order_by(AdmissionTicket.number)
        .limit(limit)
    )
    if application_ids is not None:
        wanted = wanted.where(AdmissionTicket.application_id.in_(application_ids))
    if plan_id is not None:
        wanted = wanted.where(AdmissionTicket.application_id.in_(_seated_in(plan_id)))
    rows = session.execute(wanted).all()
    seats = seats_of(session, [case.id for _, case in rows])
    return [
        Ticket(
            id=ticket.id,
            application_id=case.id,
            number=ticket.number,
            year=case.year,
            person_name=case.person_name,
            id_tail=case.id_tail,
            unit_name=case.unit_name,
            grade=case.grade or 0,
            trade=case.trade or "",
            seats=seats.get(case.id, ()),
            issued_at=ticket.issued_at,
        )
        for ticket, case in rows
    ]


def with_numbers(session: ScopedSession, told: Sequence[Ticket], *, keys: KeyProvider) -> list[Ticket]:
    """The tickets with the identity numbers that are printed on them."""
    numbers = printed_numbers(session, {ticket.application_id: ticket.id_tail for ticket in told}, keys=keys)
    return [replace(ticket, identity=numbers[ticket.application_id]) for ticket in told]


def seats_of(session: ScopedSession, application_ids: Collection[UUID]) -> dict[UUID, tuple[SeatLine, ...]]:
    """The live seats of applications, each in the order of its sittings."""
    wanted = (
        select(
            Seat.application_id,
            Sitting.starts_at,
            Sitting.ends_at,
            Sitting.subjects,
            ExamSite.code,
            ExamSite.name,
            ExamSite.address,
            ExamRoom.name.label("room"),
            Seat.seat,
            ExamSite.directions,
        )
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(Seat.application_id.in_(application_ids), live_seats())
        .order_by(Sitting.starts_at, Seat.sitting_id)
    )
    found: dict[UUID, list[SeatLine]] = {}
    for row in session.execute(wanted):
        line = SeatLine(row[1], row[2], tuple(row[3]), *row[4:9], directions=row[9])
        found.setdefault(row[0], []).append(line)
    return {application_id: tuple(lines) for application_id, lines in found.items()}


def code_fields(ticket: Ticket) -> tuple[str, ...]:
    """The fields of a ticket's signed code: enough to check paper and person without a connection."""
    lines = (
        f"{seat.starts_at.astimezone(SHANGHAI):%m%d%H%M} {seat.site_code} {seat.room_name} {seat.seat}"
        for seat in ticket.seats
    )
    return ("ticket", ticket.number, ticket.person_name, ticket.id_tail, ";".join(lines))


def _seated_in(plan_id: UUID) -> Select[UUID]:
    return select(Seat.application_id).where(Seat.plan_id == plan_id, live_seats())


def _own_case(session: PersonSession, application_id: UUID) -> Application:
    case = session.get(Application, application_id)
    if case is None:
        raise NotFound("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。")
    if case.person_id != session.person_id:
        raise Forbidden("not_yours", "准考证由申报人本人承诺和打印。")
    return case


def _none_in_force(session: PersonSession, case: Application) -> NotFound | Conflict:
    """Why there is no ticket to print: none was issued yet, or the last one is void, since when, why, and what next."""
    void = newest_void(session, case.id)
    if void is None or void.voided_at is None:
        return NotFound("no_ticket", "尚未签发准考证。签发后会通知您，请届时再来打印。")
    if case.state != State.QUALIFIED:
        onwards = f"您的申报现为“{STATE_LABELS[State(case.state)]}”，不能参加考试。有疑问的，请联系报名机构。"
    elif exam_is_over(session, case.id):
        onwards = "考试已经结束，不再签发新的准考证。"
    elif is_suspended(session, case.id):
        onwards = "您的考核已被暂停，案件办结前没有有效的准考证。请在“违规案件”中查看理由。"
    else:
        onwards = "新的准考证签发后会通知您，请届时在“培训和考试”中打印。"
    why = (void.void_reason or "").rstrip("。")
    return Conflict(
        "ticket_void",
        f"准考证{void.number}已于{dates.minute(void.voided_at)}作废（{why}），不能打印，也不能凭此入场。{onwards}",
    )


def _check_holds(session: PersonSession, application_id: UUID) -> None:
    lost = select(Seat.id).where(Seat.application_id == application_id, live_seats(), seat_is_lost(session.now))
    if session.scalar(lost.limit(1)) is not None:
        raise Conflict("seat_lost", "您的考场因故不能使用，座位正在重新安排，暂不能打印准考证。安排好后会通知您。")
    if differing(session, [application_id]):
        raise Conflict("ticket_outdated", "考试安排或您的信息有变化，准考证须换发后再打印。请联系报名机构换发。")


def _tell(session: OfficeSession, plan: Plan, made: Collection[UUID]) -> None:
    """Tell the candidates who got their first ticket, or one after theirs was voided."""
    wanted = select(Application.id, Application.person_id).where(Application.id.in_(made)).order_by(Application.id)
    body = "您的准考证已经签发。请在打印时间内阅读考生承诺并打印，考试当天持准考证和身份证原件参加考试。"
    tellings = [Telling(who, case, "可以打印准考证", body) for case, who in session.execute(wanted)]
    _tell_each(session, tellings, "ticket_issued", plan.id)


def _tell_each(session: OfficeSession, tellings: Sequence[Telling], kind: str, about: UUID) -> None:
    # Tickets of one plan can be issued again and again: the time is part of the event's key.
    key = f"{kind}:{about}:{session.now.isoformat()}"
    notify_each(session, tellings, event_key=key, office_id=session.office_id, kind=kind)


def _record_numbers(session: OfficeSession, plan: Plan, kind: str, numbers: Sequence[str]) -> None:
    if numbers:
        digest = audit.digest_of(sorted(numbers)).hex()
        audit.record_on(session, plan, kind, tickets=len(numbers), digest=digest)
