"""Delegation between offices: propose, take effect, take back, give back, pause, with a choice for cases in flight.

A delegation takes effect by a transaction of the delegating office; until that commits, the former office is in
charge. Only the database's ``transfer_case`` changes who is in charge of a case. Source: 2024 notice §2(5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select

from core.applications.models import Application
from core.audit import service as audit
from core.audit.agreement import reason_digest
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import CaseSession, OfficeSession
from core.delegation.models import Delegation, PendingHandover
from core.delegation.queries import NOT_IN_FLIGHT, covers, delegation, delegations, received_cases, scope_of
from core.delegation.scope import DELEGABLE, Scope, next_office_stage, overlap
from core.domain.workflow import STAGES, State
from core.errors import Conflict, Forbidden, Invalid
from core.messages.service import Recipient, notify
from core.plugin_api import DelegationMode, Grade
from core.seasons.queries import unknown_trades
from core.tenancy.models import Office
from core.text import dates
from core.text.form_texts import required_text


class CaseChoice(StrEnum):
    """What becomes of a case in flight when the office in charge changes: stay, move, or finish its stage first."""

    STAY = "stay"
    MOVE = "move"
    FINISH_FIRST = "finish_first"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a delegation: its instrument, mode, scope and dates, and the choice for open cases."""

    instrument: str
    mode: DelegationMode
    scope: Scope
    effective_from: datetime
    effective_until: datetime | None = None
    open_cases: CaseChoice = CaseChoice.MOVE
    scan_sha256: str = ""


def propose(session: OfficeSession, to_office_id: str, terms: Terms) -> Delegation:
    """Let another office review in this office's place, from ``terms.effective_from`` on.

    Only to an office directly below; refused without an instrument, for stages of units, for a moment in the past, and
    for a time in which that office already has a delegation of this one.
    """
    receiver = session.get(Office, to_office_id)
    if receiver is None or receiver.parent_id != session.office_id:
        raise Invalid(
            "not_below", "只能委托或下放给本机构所辖的县（市）工考管理机构。请重新选择接收机构。", at="to_office_id"
        )
    if not terms.instrument.strip():
        raise Invalid("instrument_required", "请填写委托或下放所依据的文件文号。", at="instrument")
    if not terms.scope.stages or not terms.scope.stages <= DELEGABLE:
        raise Invalid("stages_not_delegable", "只能委托或下放网上资格审查和现场确认两个环节。", at="stages")
    if terms.effective_from < session.now:
        raise Invalid("effective_in_the_past", "生效时间不能早于现在。请填写今后的时间。", at="effective_from")
    if terms.effective_until is not None and terms.effective_until <= terms.effective_from:
        raise Invalid("dates_out_of_order", "终止时间须晚于生效时间。", at="effective_until")
    if unknown := unknown_trades(session, terms.scope.trades or ()):
        text = f"没有工种：{'、'.join(unknown)}。请核对工种代码，不限工种的请留空。"
        raise Invalid("trade_unknown", text, at="trades")
    _check_free(session, to_office_id, terms)
    scope = terms.scope
    made = Delegation(
        id=new_id(),
        from_office_id=session.office_id,
        to_office_id=to_office_id,
        instrument=terms.instrument.strip(),
        scan_sha256=terms.scan_sha256,
        mode=terms.mode.value,
        stages=sorted(stage.value for stage in scope.stages),
        grades=None if scope.grades is None else sorted(int(grade) for grade in scope.grades),
        trades=None if scope.trades is None else sorted(scope.trades),
        unit_ids=None if scope.units is None else sorted(str(unit) for unit in scope.units),
        effective_from=terms.effective_from,
        effective_until=terms.effective_until,
        open_cases=terms.open_cases.value,
        state="pending",
        created_at=session.now,
        created_by=session.actor.account_id,
    )
    session.add(made)
    session.flush()
    _record(session, made, "proposed")
    return made


def take_effect(session: OfficeSession, delegation_id: UUID) -> int:
    """Put a pending delegation in force, once its moment has come, and return how many cases moved to the receiver."""
    delegation = _locked(session, delegation_id, giver=True)
    if delegation.state != "pending":
        raise Conflict("not_pending", "这项委托或下放已经生效或取消，不能重复生效。请刷新页面。")
    if session.now < delegation.effective_from:
        raise Conflict("not_yet", f"这项委托或下放将于{dates.minute(delegation.effective_from)}生效，目前不能生效。")
    delegation.state, delegation.took_effect_at = "in_force", session.now
    with in_words():
        session.flush()
    open_cases = _cases(session, delegation, delegation.from_office_id)
    in_scope = [case for case in open_cases if _in_scope(session, delegation, case)]
    if delegation.open_cases != CaseChoice.STAY:
        _pin_desks(session, delegation, in_scope)
    cases = [case for case in in_scope if _at_delegated_stage(delegation, case)]
    moved = _settle(session, delegation, cases, delegation.to_office_id, CaseChoice(delegation.open_cases), {})
    _record(session, delegation, "took_effect", cases=len(cases), moved=moved)
    _tell(session, delegation, "委托或下放已生效", f"自即日起，{delegation.instrument}所列审查事项由接收机构办理。")
    return moved


def take_back(
    session: OfficeSession,
    delegation_id: UUID,
    *,
    cases: CaseChoice,
    reason: str,
    exceptions: Mapping[UUID, CaseChoice] | None = None,
) -> int:
    """End a delegation now, as the delegating office, with a choice for open ``cases`` and ``exceptions`` by case.

    Returns how many cases came back at once. A case that stays, or finishes first, remains with the receiver.
    """
    delegation = _locked(session, delegation_id, giver=True)
    return _end(session, delegation, "taken_back", cases, reason, exceptions or {})


def give_back(
    session: OfficeSession,
    delegation_id: UUID,
    *,
    reason: str,
    cases: CaseChoice = CaseChoice.MOVE,
    exceptions: Mapping[UUID, CaseChoice] | None = None,
) -> int:
    """Give a delegation back, as the receiver; every open case returns at once unless chosen otherwise."""
    delegation = _locked(session, delegation_id, giver=False)
    return _end(session, delegation, "given_back", cases, reason, exceptions or {})


def pause(session: OfficeSession, delegation_id: UUID, *, reason: str) -> Delegation:
    """Pause a delegation: the receiver gets no new cases, and finishes those it has."""
    return _switch(session, delegation_id, "in_force", "paused", reason)


def resume(session: OfficeSession, delegation_id: UUID, *, reason: str) -> Delegation:
    """Resume a paused delegation."""
    return _switch(session, delegation_id, "paused", "in_force", reason)


def cancel(session: OfficeSession, delegation_id: UUID, *, reason: str) -> Delegation:
    """Cancel a delegation that has not taken effect."""
    return _switch(session, delegation_id, "pending", "cancelled", reason)


def due_work(session: OfficeSession) -> int:
    """Carry out what is due for this office: delegations take effect, or end on their last day."""
    mine = select(Delegation.id).where(Delegation.from_office_id == session.office_id)
    done = 0
    ending = mine.where(Delegation.state.in_(["in_force", "paused"]), Delegation.effective_until <= session.now)
    for delegation_id in session.scalars(ending.order_by(Delegation.id)).all():
        delegation = _locked(session, delegation_id, giver=True)
        _end(session, delegation, "expired", CaseChoice.FINISH_FIRST, "委托期限届满", {})
        done += 1
    beginning = mine.where(Delegation.state == "pending", Delegation.effective_from <= session.now)
    for delegation_id in session.scalars(beginning.order_by(Delegation.effective_from, Delegation.id)).all():
        take_effect(session, delegation_id)
        done += 1
    return done


def finish_handover(session: OfficeSession, application_id: UUID) -> bool:
    """Give a case that has left the stage to be finished first to the office that waits for it.

    A receiver whose delegation is paused keeps waiting; one whose delegation has ended gets no more cases.
    """
    waiting = session.get(PendingHandover, application_id)
    if waiting is None:
        return False
    application = session.get_one(Application, application_id)
    if application.state == waiting.stage:
        return False
    to_office_id, delegation_id = waiting.to_office_id, None
    if to_office_id != application.office_id:
        held = session.scalar(select(Delegation.state).where(Delegation.id == waiting.delegation_id))
        if held == "paused":
            return False
        delegation_id = waiting.delegation_id if held == "in_force" else None
    _stop_waiting(session, application_id)
    if to_office_id != application.office_id and delegation_id is None:
        return False
    transfer(session, application, to_office_id, delegation_id, "finished_first")
    return True


def transfer(  # noqa: PLR0917 - the parts of one transfer
    session: CaseSession, application: Application, to_office_id: str, delegation_id: UUID | None, reason: str
) -> None:
    """Change who is in charge of a case; the database refuses an office that is neither owner nor delegate."""
    session.execute(select(func.transfer_case(application.id, to_office_id, delegation_id, reason, session.now)))
    audit.record_on(session, application, "case.transferred", to=to_office_id, delegation=delegation_id, why=reason)


def _end(  # noqa: PLR0917 - how a delegation ends
    session: OfficeSession,
    delegation: Delegation,
    how: str,
    cases: CaseChoice,
    reason: str,
    exceptions: Mapping[UUID, CaseChoice],
) -> int:
    if delegation.state not in {"in_force", "paused"}:
        raise Conflict("not_in_force", "这项委托或下放不在生效期内，无需终止。请刷新页面。")
    reason = required_text(reason, "请写明终止的理由，双方机构都将看到。")
    open_cases = _cases(session, delegation, delegation.to_office_id)
    unknown = set(exceptions) - {case.id for case in open_cases}
    if unknown:
        raise Invalid(
            "not_its_cases", "单独指定去向的申请中，有的不在接收机构手中或已办结。请刷新后重新选择。", at="exceptions"
        )
    delegation.state, delegation.ended_at, delegation.ended_how = "ended", session.now, how
    delegation.ending_cases, delegation.ending_reason = cases.value, reason
    session.flush()
    moved = _settle(session, delegation, open_cases, delegation.from_office_id, cases, exceptions)
    _record(session, delegation, how, cases=len(open_cases), moved=moved)
    _tell(
        session,
        delegation,
        "委托或下放已终止",
        f"{delegation.instrument}所列审查事项的委托或下放已终止。理由：{reason}",
    )
    return moved


def _settle(  # noqa: PLR0917 - the choices for each case
    session: OfficeSession,
    delegation: Delegation,
    cases: Sequence[Application],
    to_office_id: str,
    choice: CaseChoice,
    exceptions: Mapping[UUID, CaseChoice],
) -> int:
    """Carry out the choice for each case; a case at no office's stage has no stage to finish there and moves."""
    moved = 0
    delegation_id = delegation.id if to_office_id == delegation.to_office_id else None
    for case in cases:
        chosen = exceptions.get(case.id, choice)
        if chosen is CaseChoice.FINISH_FIRST and STAGES.get(State(case.state)) in DELEGABLE:
            _wait(session, delegation, case, to_office_id)
        elif chosen is not CaseChoice.STAY:
            _stop_waiting(session, case.id)
            transfer(session, case, to_office_id, delegation_id, f"delegation_{delegation.state}")
            moved += 1
    return moved


def _pin_desks(session: OfficeSession, delegation: Delegation, cases: Sequence[Application]) -> None:
    """Send the cases in flight to the receiver's desk at every delegated stage that is still to come."""
    for case in cases:
        case.desks = {**case.desks, **dict.fromkeys(delegation.stages, delegation.to_office_id)}
    session.flush()


def _stop_waiting(session: OfficeSession, application_id: UUID) -> None:
    session.execute(delete(PendingHandover).where(PendingHandover.application_id == application_id))


def _wait(session: OfficeSession, delegation: Delegation, case: Application, to_office_id: str) -> None:
    _stop_waiting(session, case.id)
    session.add(
        PendingHandover(
            application_id=case.id,
            to_office_id=to_office_id,
            office_id=session.office_id,
            delegation_id=delegation.id,
            stage=case.state,
            created_at=session.now,
        )
    )
    session.flush()


def _cases(session: OfficeSession, delegation: Delegation, in_charge: str) -> list[Application]:
    """The submitted, undecided cases of the receiver's units that ``in_charge`` has in hand now, oldest first."""
    wanted = received_cases(delegation)
    if in_charge == delegation.from_office_id:
        wanted = (
            select(Application)
            .where(
                Application.office_id == delegation.from_office_id,
                Application.handler_office_id == in_charge,
                Application.state.not_in(NOT_IN_FLIGHT),
                Application.local_office_id == delegation.to_office_id,
            )
            .order_by(Application.id)
        )
    return list(session.scalars(wanted.with_for_update(of=Application)))


def _in_scope(session: OfficeSession, delegation: Delegation, case: Application) -> bool:
    if case.grade is None or case.trade is None:
        return False
    return covers(session, delegation, grade=Grade(case.grade), trade=case.trade, unit_id=case.unit_id)


def _at_delegated_stage(delegation: Delegation, case: Application) -> bool:
    return next_office_stage(case.state, onsite_needed=case.onsite_needed) in scope_of(delegation).stages


def _check_free(session: OfficeSession, to_office_id: str, terms: Terms) -> None:
    """Refuse a second delegation between two offices at one time: a decision would have two authorities."""
    for other in delegations(session, office_id=to_office_id):
        if other.from_office_id != session.office_id or other.state in {"ended", "cancelled"}:
            continue
        times = (other.effective_from, other.effective_until)
        if overlap(times, (terms.effective_from, terms.effective_until)):
            raise Conflict(
                "already_delegated",
                f"与该机构之间已有一项委托或下放（{other.instrument}）与所填时间重叠。请先终止或取消原有的一项，或改填时间。",
            )


def _switch(  # noqa: PLR0917 - one state for another, and why
    session: OfficeSession, delegation_id: UUID, before: str, after: str, reason: str
) -> Delegation:
    delegation = _locked(session, delegation_id, giver=True)
    if delegation.state != before:
        raise Conflict("wrong_state", "这项委托或下放目前的状态不允许此操作。请刷新页面查看最新状态。")
    reason = required_text(reason, "请写明理由，双方机构都将看到。")
    delegation.state = after
    session.flush()
    # The notice to both offices has the text; the record, which is kept for good, has only its digest.
    _record(session, delegation, after, reason=reason_digest(delegation.id, reason))
    _tell(session, delegation, "委托或下放的状态有变", f"{delegation.instrument}：{reason}")
    return delegation


def _locked(session: OfficeSession, delegation_id: UUID, *, giver: bool) -> Delegation:
    found = delegation(session, delegation_id)
    party = found.from_office_id if giver else found.to_office_id
    if party != session.office_id:
        raise Forbidden("not_your_delegation", "这项委托或下放不由本机构处理。请由委托方或接收方机构办理。")
    session.refresh(found, with_for_update=True)
    return found


def _record(session: OfficeSession, delegation: Delegation, act: str, **payload: object) -> None:
    terms = {"from": delegation.from_office_id, "to": delegation.to_office_id, "instrument": delegation.instrument}
    subject = audit.RecordSubject(session.office_id, "delegation", delegation.id, terms)
    audit.record_on(session, subject, f"delegation.{act}", **payload)


def _tell(session: OfficeSession, delegation: Delegation, title: str, body: str) -> None:
    for office_id in (delegation.from_office_id, delegation.to_office_id):
        notify(
            session,
            Recipient(office_id=office_id),
            event_key=f"delegation:{delegation.id}:{session.now.isoformat()}:{title}",
            office_id=office_id,
            kind="delegation",
            title=title,
            body=body,
        )
