"""Claiming a case at the desk, so that two officers do not read the same one. A claim ends by itself after a while."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.applications.queries import application
from core.audit.service import record
from core.db.session import OfficeSession
from core.errors import Conflict, Forbidden
from core.reviews.models import CaseClaim

LASTS: Final = timedelta(minutes=30)
"""How long a claim holds: an officer who leaves the desk does not block the case for long."""


def claim(session: OfficeSession, application_id: UUID, *, take_over: bool = False) -> CaseClaim:
    """Take a case to read it; renewed where it is the actor's already.

    Conflict, with the colleague's name and the time of the claim, where a colleague reads the case and ``take_over``
    is False.
    """
    case = application(session, application_id)
    if case.handler_office_id != session.office_id:
        raise Forbidden("not_in_charge", "本案目前不由您所在机构办理，不能领取。")
    held = holder(session, application_id)
    if held is not None and held.account_id != session.actor.account_id:
        if not take_over:
            raise _claimed(held)
        record(
            session,
            "case.taken_over",
            office_id=session.office_id,
            subject_type="application",
            subject_id=application_id,
            payload={"from": str(held.account_id)},
        )
    values = {"account_id": session.actor.account_id, "account_name": session.actor.name, "at": session.now}
    statement = insert(CaseClaim).values(application_id=application_id, office_id=session.office_id, **values)
    # A colleague may have been faster since we looked.
    free = or_(
        CaseClaim.account_id == session.actor.account_id, CaseClaim.at <= session.now - LASTS, literal(take_over)
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["application_id", "office_id"], set_=values, where=free)
    )
    made = session.get_one(CaseClaim, (application_id, session.office_id), populate_existing=True)
    if made.account_id != session.actor.account_id:
        raise _claimed(made)
    return made


def release(session: OfficeSession, application_id: UUID) -> None:
    """Put a case back, so that any colleague may take it; a claim of a colleague stays."""
    mine = (CaseClaim.application_id == application_id) & (CaseClaim.account_id == session.actor.account_id)
    session.execute(delete(CaseClaim).where(mine))


def holder(session: OfficeSession, application_id: UUID) -> CaseClaim | None:
    """The claim that holds on a case now; None where there is none."""
    return session.scalar(
        select(CaseClaim).where(
            CaseClaim.application_id == application_id,
            CaseClaim.office_id == session.office_id,
            CaseClaim.at > session.now - LASTS,
        )
    )


def settle_claim(session: OfficeSession, application_id: UUID) -> None:
    """End the actor's claim, since the case is being decided; Conflict where a colleague has claimed it.

    To decide all the same, the actor takes the case over first.
    """
    held = holder(session, application_id)
    if held is None:
        return
    if held.account_id != session.actor.account_id:
        raise _claimed(held)
    session.delete(held)
    session.flush()


def _claimed(held: CaseClaim) -> Conflict:
    return Conflict(
        "claimed", f"{held.account_name}已于{held.at:%H:%M}领取此件，正在办理。请选其他件，或先“接手”再办理。"
    )
