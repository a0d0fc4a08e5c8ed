"""The one place that changes an application's state: it checks the table of verbs and writes the move first.

PostgreSQL checks the same again: a move must be one that its author may make now, and a state follows only a move.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.applications.consequences import check_nothing_stands, taken_along
from core.applications.models import Application, Move
from core.audit import service as audit
from core.audit.agreement import move_digest, reason_digest
from core.db.base import new_id
from core.db.session import CaseSession, OfficeSession, PersonSession, ProvinceSession, SystemSession, UnitSession
from core.domain.capacities import permission_for
from core.domain.workflow import (
    ACTION_LABELS,
    STAGES,
    STATE_LABELS,
    UNDO_WITHIN,
    UNDOABLE,
    Action,
    By,
    Course,
    State,
    check_reason,
    target,
    verb_for,
)
from core.errors import Conflict, Forbidden, NotFound
from core.jobs import tell_plugins
from core.messages.service import Recipient, notify, recall
from core.organizations.models import Unit
from core.organizations.queries import carried_on
from core.plugin_api import ReviewStage
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text import dates

_INSERT = insert(Move)

_UNKNOWN = ("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。")


@dataclass(frozen=True, slots=True)
class Step:
    """One move to be made: the verb, its reason, and other changes in the same moment.

    ``decided`` where it carries a final decision out: then the level that decides makes it,
    also where another office handles the case. ``bulk`` where it is one of many decided by one press of a button;
    ``undoes`` is the decision that it takes back. ``separate`` where ``check_may`` has passed since the case was
    locked: no other stage can have been decided in between.
    """

    action: Action
    reason: str = ""
    due_at: datetime | None = None
    late: bool = False
    delegation_id: UUID | None = None
    decided: bool = False
    bulk: bool = False
    separate: bool = False
    undoes: Move | None = None
    changes: dict[str, Any] = field(default_factory=dict)


def open_for_change(session: CaseSession, application_id: UUID, *, version: int | None = None) -> Application:
    """The application, locked until the transaction ends.

    NotFound where the session may not see it, Forbidden where it may only read it (a past handler); Conflict, with the
    name of who was faster, where ``version`` (the one that the asker saw) is out of date.
    """
    application = session.scalar(
        select(Application)
        .where(Application.id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if application is None:
        seen = session.get(Application, application_id)
        raise NotFound(*_UNKNOWN) if seen is None else _not_in_charge(seen)
    if version is not None and version != application.version:
        raise _too_late(session, application)
    return application


def capacities(session: CaseSession, application: Application) -> frozenset[By]:
    """The capacities in which the actor may act on this case, by their place in it and their role's permissions."""
    may, state = session.actor.may_change, State(application.state)
    return frozenset(by for by in _by_place(session, application) if permission_for(by, state) in may)


def _by_place(session: CaseSession, application: Application) -> frozenset[By]:
    if isinstance(session, PersonSession):
        return frozenset({By.APPLICANT} if session.person_id == application.person_id else ())
    if isinstance(session, UnitSession):
        held = {By.UNIT: application.unit_id, By.DEPARTMENT: application.department_id}
        return frozenset(by for by, unit in held.items() if _is_or_carries_on(session, unit))
    if isinstance(session, ProvinceSession):
        return frozenset({By.SUPERVISOR, By.CITY_OR_PROVINCE})
    return _of_office(session, application)


def _is_or_carries_on(session: UnitSession, unit_id: UUID | None) -> bool:
    """Whether a unit of a case is the session's own, or one that the session's unit carries on."""
    if unit_id is None or unit_id == session.unit_id:
        return unit_id is not None
    own = select(Unit.id).where(Unit.id == unit_id, Unit.id.in_(carried_on(session.unit_id)))
    return unit_id in session.unit_ids and session.scalar(select(own.exists())) is True


def course_of(application: Application) -> Course:
    """The facts on which the application's next state depends."""
    return Course(
        tuple(ReviewStage(stage) for stage in application.route), application.onsite_needed, application.deferral_open
    )


def move(session: CaseSession, application: Application, step: Step, *, offices: Offices | None = None) -> Move:
    """Make one move: check the table, the capacity and the reason, append the move, change the state, tell people.

    With ``offices``, the plugins of the most local office are told too, once the move is committed.
    Forbidden where the actor has not the capacity, decides on their own case, or decided an earlier stage of it;
    Conflict where published results or a certificate stand against the move.
    """
    state = State(application.state)
    verb = verb_for(step.action, state)
    by = verb.by if step.undoes is None else frozenset({By(step.undoes.capacity)})
    capacity = _capacity(session, application, by | ({By.CITY_OR_PROVINCE} if step.decided else frozenset()))
    reason = check_reason(verb, step.reason)
    decides = capacity not in {By.APPLICANT, By.SYSTEM}
    if decides and not step.separate and step.action not in {Action.SUPPLEMENT, Action.UNDO}:
        check_separation(session, application)
    for name in step.changes:
        _check_changeable(name)
    merged = {"route": application.route, **step.changes}
    course = Course(
        tuple(ReviewStage(stage) for stage in merged["route"]),
        step.changes.get("onsite_needed", application.onsite_needed),
        step.changes.get("deferral_open", application.deferral_open),
        None if step.undoes is None else State(step.undoes.from_state),
    )
    end = target(step.action, state, course)
    check_nothing_stands(session, application, step.action, end)
    made = _write_move(session, application, step, capacity, reason, end)
    for name, value in step.changes.items():
        setattr(application, name, value)
    application.state = made.to_state
    application.version = made.version
    application.due_at = step.due_at
    content = {
        "move": made.id,
        "from": made.from_state,
        "to": made.to_state,
        "version": made.version,
        "digest": move_digest(made),
        "reason": reason_digest(made.id, made.reason) if made.reason else None,
        **({"bulk": True} if made.bulk else {}),
    }
    audit.record_on(session, application, f"application.{step.action}", **content)
    _tell(session, application, made, taken_along(session, application, made))
    session.flush()
    if offices is not None:
        tell_plugins(
            session,
            offices.hooks,
            "application_moved",
            office_id=application.local_office_id,
            owner_id=application.office_id,
            subject_id=made.id,
        )
    return made


def check_may(session: CaseSession, application: Application, action: Action) -> None:
    """Refuse an actor who could not make this move now, before anything else is asked of them. Raises as ``move``."""
    _capacity(session, application, verb_for(action, State(application.state)).by)
    check_separation(session, application)


def _write_move(  # noqa: PLR0917 - the parts of one row
    session: CaseSession, application: Application, step: Step, capacity: By, reason: str, end: State
) -> Move:
    actor = session.actor
    row = {
        "id": new_id(),
        "application_id": application.id,
        "version": application.version + 1,
        "round": step.changes.get("round", application.round),
        "action": step.action.value,
        "from_state": application.state,
        "to_state": end.value,
        "capacity": capacity.value,
        "reason": reason,
        "office_id": application.handler_office_id,
        "acting_office_id": session.office_id if isinstance(session, OfficeSession | ProvinceSession) else None,
        "delegation_id": step.delegation_id,
        "account_id": actor.account_id,
        "actor_name": actor.name,
        "role": actor.role.value,
        "on_behalf_of": actor.on_behalf_of,
        "on_behalf_of_name": actor.on_behalf_of_name,
        "late": step.late,
        "bulk": step.bulk,
        "due_before": application.due_at,
        "at": session.now,
    }
    # Past the unit of work, which has nothing to follow up: a move never changes.
    session.flush()
    session.connection().execute(_INSERT, row)
    return Move(**row)


def _check_changeable(name: str) -> None:
    if name in {"state", "version", "handler_office_id", "office_id"}:
        raise ValueError(f"{name} is not a step's to change")


def _of_office(session: OfficeSession, application: Application) -> frozenset[By]:
    owns, handles = application.office_id == session.office_id, application.handler_office_id == session.office_id
    held: set[By] = set()
    if isinstance(session, SystemSession):
        return frozenset({By.SYSTEM} if owns or handles else ())
    if handles:
        held.add(By.OFFICE)
    if owns:
        held.add(By.CITY_OR_PROVINCE)
    if owns and not handles:
        held.add(By.SUPERVISOR)
    return frozenset(held)


def _capacity(session: CaseSession, application: Application, allowed: frozenset[By]) -> By:
    held = capacities(session, application) & allowed
    if not held:
        raise _not_in_charge(application)
    return sorted(held)[0]


def _not_in_charge(application: Application) -> Forbidden:
    return Forbidden(
        "not_in_charge",
        f"申请目前为“{STATE_LABELS[State(application.state)]}”，此操作不由您办理。请由负责本环节的单位或工考管理机构办理。",
    )


def check_separation(session: CaseSession, application: Application) -> None:
    """Refuse a decision on the actor's own case, or on a second stage of a case; so for a deputy and their principal.

    The database knows the other accounts of the same person, and refuses them itself (``guard_decision``).
    """
    actor = session.actor
    if application.person_id in {actor.person_id, actor.on_behalf_of_person}:
        raise Forbidden(
            "own_case",
            f"不能审核本人的申请，代办时也不能审核被代办人的申请。请{appointing(session, application)}指定另一人办理。",
        )
    if State(application.state) not in STAGES:
        return
    deciding = [account_id for account_id in (actor.account_id, actor.on_behalf_of) if account_id is not None]
    earlier = session.scalar(
        select(Move.from_state).where(
            Move.application_id == application.id,
            Move.round == application.round,
            Move.from_state != application.state,
            Move.action.in_([Action.APPROVE, Action.CONFIRM]),
            Move.account_id.in_(deciding) | Move.on_behalf_of.in_(deciding),
            Move.from_state.in_([state.value for state in STAGES]),
        )
    )
    if earlier is not None:
        raise Forbidden(
            "two_stages",
            f"您或您所代办的人已在“{STATE_LABELS[State(earlier)]}”环节审核过这份申请，同一人不能审核两个环节。"
            f"请{appointing(session, application)}指定另一人办理。",
        )


def appointing(session: CaseSession, application: Application) -> str:
    """The office that can appoint another reviewer: for a unit its local office, for an office the one above."""
    office_id = application.local_office_id if isinstance(session, UnitSession) else session.actor.office_id
    if office_id is None:
        return "签发账号的工考管理机构"
    office = session.get_one(Office, office_id)
    above = (
        office
        if isinstance(session, UnitSession) or office.parent_id is None
        else session.get_one(Office, office.parent_id)
    )
    return f"“{above.name}”"


def _too_late(session: CaseSession, application: Application) -> Conflict:
    last = session.scalars(
        select(Move).where(Move.application_id == application.id).order_by(Move.version.desc()).limit(1)
    ).first()
    if last is None:
        return Conflict("changed", "这份申请刚刚被修改，请刷新页面后再操作。")
    return Conflict(
        "changed",
        f"{last.actor_name}已于{dates.short_minute(last.at)}对这份申请执行“{ACTION_LABELS[Action(last.action)]}”，"
        f"现为“{STATE_LABELS[State(application.state)]}”。请刷新页面后再操作。",
    )


def _tell(session: CaseSession, application: Application, made: Move, taken: str) -> None:
    """Tell the applicant of the acts of others and their consequences, and tell the unit whose turn it is."""
    label = STATE_LABELS[State(made.to_state)]
    event_key = f"move:{made.id}"
    if made.action == Action.UNDO:
        _tell_of_undoing(session, application, made)
        return
    if made.capacity != By.APPLICANT:
        reason = f"理由：{made.reason}" if made.reason else ""
        if reason and taken:
            reason = f"{reason.rstrip('。')}。"
        notify(
            session,
            Recipient(person_id=application.person_id),
            kind=f"application.{made.action}",
            title=f"申请{application.reference}：{label}",
            body=f"您的申请{application.reference}现为“{label}”。{reason}{taken}",
            event_key=event_key,
            office_id=application.office_id,
            application_id=application.id,
            hold=UNDO_WITHIN if made.action in UNDOABLE else None,
        )
    turn = {State.UNIT_REVIEW: application.unit_id, State.DEPARTMENT_REVIEW: application.department_id}
    unit_id = turn.get(State(made.to_state))
    if unit_id is not None and made.from_state != made.to_state:
        notify(
            session,
            Recipient(unit_id=unit_id),
            kind="application.waiting",
            title=f"有申请待审核：{application.reference}",
            body=f"申请{application.reference}现为“{label}”，请及时审核。",
            event_key=event_key,
            office_id=application.office_id,
            application_id=application.id,
        )


def _tell_of_undoing(session: CaseSession, application: Application, made: Move) -> None:
    """Correct what the decision has told: its message never went out, its notices are there already."""
    undone = select(Move.id).where(Move.application_id == application.id, Move.version == made.version - 1)
    recall(session, f"move:{session.scalars(undone).one()}")
    before, now = STATE_LABELS[State(made.from_state)], STATE_LABELS[State(made.to_state)]
    told = [Recipient(person_id=application.person_id)]
    turn = {State.DEPARTMENT_REVIEW: application.department_id}.get(State(made.from_state))
    told += [] if turn is None else [Recipient(unit_id=turn)]
    for recipient in told:
        notify(
            session,
            recipient,
            kind=f"application.{made.action}",
            title=f"申请{application.reference}：{now}",
            body=f"刚才的办理（“{before}”）已由经办人撤销，申请{application.reference}现为“{now}”。请以本通知为准。",
            event_key=f"move:{made.id}",
            office_id=application.office_id,
            application_id=application.id,
            by_message=False,
        )
