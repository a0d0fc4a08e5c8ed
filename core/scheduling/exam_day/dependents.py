"""What a suspension, and its end, mean for a candidate's ticket: void at once, and issued again once it is lifted.

PostgreSQL does both (``hold_tickets``, ``give_tickets_back``): a supervisor may neither void nor issue tickets.
"""

from uuid import UUID

from sqlalchemy import exists, func, select, text

from core.applications.consequences import is_suspended
from core.applications.models import Application
from core.audit.dependents import Change, follows, reached
from core.audit.service import digest_of, record
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Fact, Issued
from core.domain.workflow import State
from core.messages.service import Recipient, notify
from core.scheduling.models.plans import Seat
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans.room_sheets import live_seats

_HOLD = text("SELECT plan_id, number FROM hold_tickets(:application, :reason)")
_GIVE_BACK = text("SELECT plan_id, number FROM give_tickets_back(:application)")


@follows(Fact.SUSPENSION)
def hold_or_give_back(session: ScopedSession, change: Change) -> None:
    """Void the tickets of candidates who are suspended now, and issue those again of candidates who no longer are."""
    for application_id in change.applications:
        case = session.get_one(Application, application_id)
        if is_suspended(session, application_id):
            _hold(session, case, change.reason)
        else:
            _give_back(session, case)


def _hold(session: ScopedSession, case: Application, reason: str) -> None:
    for plan_id, number in session.execute(_HOLD, {"application": case.id, "reason": reason}).all():
        _record(session, case, "tickets.voided", plan_id=plan_id, number=number)
        reached(session, Issued.TICKET, Effect.VOID)
    reached(session, Issued.SEAT, Effect.MARK, _seats_to_come(session, case.id))


def _give_back(session: ScopedSession, case: Application) -> None:
    given = session.execute(_GIVE_BACK, {"application": case.id}).all()
    for plan_id, number in given:
        _record(session, case, "tickets.issued", plan_id=plan_id, number=number)
        reached(session, Issued.TICKET, Effect.REPLACE)
        notify(
            session,
            Recipient(person_id=case.person_id),
            event_key=f"ticket_reissued:{number}",
            office_id=case.office_id,
            kind="ticket_reissued",
            title="准考证已重新签发，请重新打印",
            body=f"暂停已解除，新的准考证号为{number}，座位不变。原准考证仍然作废，请重新打印后持新准考证入场。",
            application_id=case.id,
        )
    session.expire_all()
    if not given and case.state == State.QUALIFIED and _lacks_ticket(session, case.id):
        notify(
            session,
            Recipient(office_id=case.office_id),
            event_key=f"ticket_missing:{case.id}:{session.now.isoformat()}",
            office_id=case.office_id,
            kind="ticket_missing",
            title="考生有座位，没有准考证",
            body=f"{case.reference}的暂停已解除，考生有座位但没有准考证。请在“准考证和资料”中签发。",
            application_id=case.id,
        )


def _lacks_ticket(session: ScopedSession, application_id: UUID) -> bool:
    held = exists().where(AdmissionTicket.application_id == application_id, AdmissionTicket.voided_at.is_(None))
    return _seats_to_come(session, application_id) > 0 and not session.scalar(select(held))


def _seats_to_come(session: ScopedSession, application_id: UUID) -> int:
    wanted = (
        select(func.count())
        .select_from(Seat)
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .where(Seat.application_id == application_id, live_seats(), Sitting.ends_at > session.now)
    )
    return session.scalar(wanted.where(Sitting.cancelled_at.is_(None))) or 0


def _record(session: ScopedSession, case: Application, kind: str, *, plan_id: UUID, number: str) -> None:
    record(
        session,
        kind,
        office_id=case.office_id,
        subject_type="plan",
        subject_id=plan_id,
        payload={"tickets": 1, "digest": digest_of([number]).hex()},
    )
