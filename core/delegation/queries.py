"""Reads of delegations: those in force for a case, and the offices in charge of it over time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select

from core.applications.models import Application
from core.db.session import ScopedSession
from core.delegation.models import CaseHandler, Delegation
from core.delegation.scope import Scope
from core.domain.workflow import FINAL, State
from core.errors import NotFound
from core.organizations.queries import carried_on
from core.plugin_api import DelegationMode, DelegationView, Grade, OfficeCode, ReviewStage

NOT_IN_FLIGHT = (State.DRAFT, State.QUALIFIED, State.REJECTED, *sorted(FINAL))
"""The states of a case that no change of delegation moves."""


def scope_of(delegation: Delegation) -> Scope:
    """The scope that a row describes."""
    return Scope(
        frozenset(ReviewStage(stage) for stage in delegation.stages),
        None if delegation.grades is None else frozenset(Grade(grade) for grade in delegation.grades),
        None if delegation.trades is None else frozenset(delegation.trades),
        None if delegation.unit_ids is None else frozenset(UUID(unit) for unit in delegation.unit_ids),
    )


def covers(session: ScopedSession, delegation: Delegation, *, grade: Grade, trade: str, unit_id: UUID) -> bool:
    """Whether a case of this grade, trade and unit is delegated.

    A delegation that names a unit covers the unit that carries it on since a merger, split or move as well.
    """
    scope = scope_of(delegation)
    units = {unit_id} if scope.units is None else set(session.scalars(carried_on(unit_id)))
    return any(scope.covers(grade=grade, trade=trade, unit_id=unit) for unit in units)


def delegations_for(
    session: ScopedSession, *, office_id: str, local_office_id: str, grade: Grade, trade: str, unit_id: UUID
) -> tuple[DelegationView, ...]:
    """The delegations in force that cover a case, as plugins see them. A paused one takes no new cases."""
    if office_id == local_office_id:
        return ()
    rows = session.scalars(
        select(Delegation).where(
            Delegation.from_office_id == office_id,
            Delegation.to_office_id == local_office_id,
            Delegation.state == "in_force",
        )
    )
    return tuple(
        DelegationView(OfficeCode(row.to_office_id), DelegationMode(row.mode), scope_of(row).stages)
        for row in rows
        if covers(session, row, grade=grade, trade=trade, unit_id=unit_id)
    )


def delegation_between(session: ScopedSession, from_office_id: str, to_office_id: str) -> UUID | None:
    """The one delegation in force, or paused, between two offices."""
    return session.scalar(
        select(Delegation.id).where(
            Delegation.from_office_id == from_office_id,
            Delegation.to_office_id == to_office_id,
            Delegation.state.in_(["in_force", "paused"]),
        )
    )


def in_force_between(session: ScopedSession, from_office_id: str, to_office_id: str) -> UUID | None:
    """The one delegation by which an office may be given new cases of another; None while it is paused."""
    return session.scalar(
        select(Delegation.id).where(
            Delegation.from_office_id == from_office_id,
            Delegation.to_office_id == to_office_id,
            Delegation.state == "in_force",
        )
    )


def authority_of(session: ScopedSession, application_id: UUID) -> UUID | None:
    """The delegation that gave the case to the office in charge; None where the owner itself is in charge.

    It counts even when it has ended since and the office only finishes the case.
    """
    return session.scalar(
        select(CaseHandler.delegation_id).where(
            CaseHandler.application_id == application_id, CaseHandler.until.is_(None)
        )
    )


def delegation(session: ScopedSession, delegation_id: UUID) -> Delegation:
    """One delegation; NotFound where there is none."""
    found = session.get(Delegation, delegation_id)
    if found is None:
        raise NotFound("no_such_delegation", "没有找到这项委托或下放。请核对编号。")
    return found


def delegations(
    session: ScopedSession, *, office_id: str | None = None, at: datetime | None = None
) -> Sequence[Delegation]:
    """All delegations, or those that an office gave or received; ``at`` keeps those in force at that moment."""
    wanted = select(Delegation)
    if office_id is not None:
        wanted = wanted.where(or_(Delegation.from_office_id == office_id, Delegation.to_office_id == office_id))
    if at is not None:
        still = or_(Delegation.ended_at.is_(None), Delegation.ended_at > at)
        wanted = wanted.where(Delegation.took_effect_at <= at, still)
    return session.scalars(wanted.order_by(Delegation.from_office_id, Delegation.to_office_id, Delegation.id)).all()


def received_cases(delegation: Delegation) -> Select[Application]:
    """The submitted, undecided cases that the receiver has in hand by this delegation, oldest first."""
    mine = select(CaseHandler.application_id).where(
        CaseHandler.delegation_id == delegation.id, CaseHandler.until.is_(None)
    )
    return (
        select(Application)
        .where(
            Application.office_id == delegation.from_office_id,
            Application.handler_office_id == delegation.to_office_id,
            Application.state.not_in(NOT_IN_FLIGHT),
            Application.id.in_(mine),
        )
        .order_by(Application.id)
    )


def handlers_of(session: ScopedSession, application_id: UUID) -> Sequence[CaseHandler]:
    """Every office that was in charge of a case and that the session may see, oldest first."""
    return session.scalars(
        select(CaseHandler)
        .where(CaseHandler.application_id == application_id)
        .order_by(CaseHandler.from_, CaseHandler.id)
    ).all()
