"""Steps of a case: who may take one, the three people that it needs, and the change of the case by it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select

from core.audit import service as audit
from core.db.session import OfficeSession, PersonSession, ProvinceSession
from core.domain.permissions import Permission
from core.errors import Forbidden, NotFound
from core.sanctions.case_queries import taken
from core.sanctions.models import SanctionCase, SanctionStep
from core.sanctions.procedure import (
    CASE_STEPS,
    CaseAction,
    CaseBy,
    CaseClock,
    CaseState,
    check_words,
    next_state,
    steps_open,
)

DecidingSession = OfficeSession | ProvinceSession
CaseSession = PersonSession | DecidingSession


def open_case(session: CaseSession, case_id: UUID) -> SanctionCase:
    """A case that the session may see, locked; NotFound for other cases."""
    wanted = select(SanctionCase).where(SanctionCase.id == case_id).execution_options(populate_existing=True)
    sanction = session.scalar(wanted.with_for_update()) or session.scalar(wanted)
    if sanction is None:
        raise NotFound("sanction_unknown", "没有找到这件案件。请从案件列表进入。")
    return sanction


def capacities(session: CaseSession, sanction: SanctionCase) -> frozenset[CaseBy]:
    """The capacities in which the actor may act on a case."""
    if isinstance(session, PersonSession):
        return frozenset({CaseBy.PERSON})
    if Permission.SUPERVISE not in session.actor.may_change:
        return frozenset()
    decided_here = sanction.decided_by_office_id in {None, session.office_id}
    if isinstance(session, ProvinceSession):
        above = {CaseBy.ABOVE} if sanction.decided_by != session.actor.account_id else set()
        return frozenset({CaseBy.DECIDER} | above if decided_here else above)
    return frozenset({CaseBy.DECIDER} if session.office_id == sanction.office_id and decided_here else ())


def allowed(session: CaseSession, sanction: SanctionCase) -> tuple[CaseAction, ...]:
    """The actions open to the actor in the case's state, regardless of deadlines and of the hands they had in it."""
    steps = steps_open(CaseState(sanction.state), capacities(session, sanction))
    if sanction.state == CaseState.DECIDED and not is_overtaken(session, sanction):
        steps = tuple(step for step in steps if step is not CaseAction.CLEAR)
    if isinstance(session, ProvinceSession):
        steps = tuple(step for step in steps if step is not CaseAction.HAND_UP)
    return steps


def is_overtaken(session: CaseSession, sanction: SanctionCase) -> bool:
    """Whether the person has another live application, so that this one cannot be disqualified: one is live at most."""
    return bool(session.scalar(select(func.another_is_live(sanction.application_id))))


def waits_for(session: DecidingSession) -> ColumnElement[bool]:
    """The condition of cases in which ``allowed`` names the actor an action. The center's is ``center_waits.sql``."""
    of_decider = {step.source.value for step in CASE_STEPS if step.by is CaseBy.DECIDER}
    decided_here = or_(
        SanctionCase.decided_by_office_id.is_(None), SanctionCase.decided_by_office_id == session.office_id
    )
    return and_(SanctionCase.office_id == session.office_id, SanctionCase.state.in_(sorted(of_decider)), decided_here)


def hands_in(session: DecidingSession, sanction: SanctionCase, *before: CaseAction) -> frozenset[UUID]:
    """The accounts that proposed a case or took one of these steps in it, and those for whom they acted."""
    found = {sanction.opened_by, sanction.opened_on_behalf}
    rows = session.execute(
        select(SanctionStep.account_id, SanctionStep.on_behalf_of).where(
            SanctionStep.case_id == sanction.id, SanctionStep.action.in_(before)
        )
    )
    found |= {account for row in rows for account in row}
    return frozenset(account for account in found if account is not None)


_EARLIER_HANDS = {
    CaseAction.DECIDE: (),
    CaseAction.CARRY_OUT: (CaseAction.DECIDE,),
    CaseAction.UPHOLD: (CaseAction.DECIDE,),
}
_THIRD_PERSON = {
    CaseAction.DECIDE: (
        "处理决定须由提出线索以外的另一人作出。请由本机构其他监管人员决定；没有的，请选择“请省中心办理”，由省中心决定。"
    ),
    CaseAction.CARRY_OUT: (
        "提出线索、作出决定和执行决定须是三个不同的人。请由本机构其他监管人员执行；"
        "没有的，请选择“请省中心办理”，由省中心执行。"
    ),
    CaseAction.UPHOLD: "申诉由提出线索、作出决定以外的人员审查。请由省中心其他监管人员办理。",
}


def barred(session: DecidingSession, sanction: SanctionCase, action: CaseAction) -> str:
    """Why the actor, who had a hand in the case before, may not take a step that asks for another; or empty."""
    if action not in _EARLIER_HANDS:
        return ""
    acting = {session.actor.account_id, session.actor.on_behalf_of} - {None}
    return _THIRD_PERSON[action] if acting & hands_in(session, sanction, *_EARLIER_HANDS[action]) else ""


def take(session: CaseSession, sanction: SanctionCase, action: CaseAction, words: str, **changes: object) -> None:
    """Take one step: check capacity, hands, words and time, write the step, and change the case's state."""
    _check_capacity(session, sanction, action)
    _check_hands(session, sanction, action)
    said = check_words(action, words)
    end = next_state(action, CaseState(sanction.state), clock_of(session, sanction), now=session.now)
    session.flush()
    step = {
        "case_id": sanction.id,
        "version": sanction.version + 1,
        "action": action.value,
        "from_state": sanction.state,
        "to_state": end.value,
        "words": said,
        "at": session.now,
        "account_id": session.actor.account_id,
        "on_behalf_of": session.actor.on_behalf_of,
        "actor_name": session.actor.name,
        "office_id": None if isinstance(session, PersonSession) else session.office_id,
    }
    session.connection().execute(insert(SanctionStep), step)
    sanction.state, sanction.version = end, sanction.version + 1
    for name, value in changes.items():
        setattr(sanction, name, value)
    session.flush()
    audit.record_on(session, sanction, f"sanction.{action}")


def clock_of(session: CaseSession, sanction: SanctionCase) -> CaseClock:
    """What the next step of a case depends on besides its state."""
    steps = taken(session, sanction.id)
    return CaseClock(
        sanction.hearing_until, sanction.appeal_until, CaseAction.STATE in steps, CaseAction.FINISH in steps
    )


def is_before(until: datetime | None, now: datetime) -> bool:
    """Whether a time that runs from the service of a paper is not over: it has not even begun before the service."""
    return until is None or now < until


def _check_hands(session: CaseSession, sanction: SanctionCase, action: CaseAction) -> None:
    """Forbidden where the actor had a hand in the case before. The database holds the same (``guard_case_hands``)."""
    why = "" if isinstance(session, PersonSession) else barred(session, sanction, action)
    if why:
        raise Forbidden("second_person", why)


def _check_capacity(session: CaseSession, sanction: SanctionCase, action: CaseAction) -> None:
    steps = [step for step in CASE_STEPS if step.action is action]
    by = {step.by for step in steps if step.source == sanction.state} or {step.by for step in steps}
    if not by & capacities(session, sanction):
        raise Forbidden(
            "sanction_not_yours",
            "此项操作不由您办理：县（市）只能提出线索，由市级或省级机构决定；申诉由上一级机构的其他人员审查。",
        )
