"""The result of a simulated season as one dictionary, counted in the database by the province's auditor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, distinct, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from core.applications.models import Application, Move, Submission
from core.audit.agreement import disagreements
from core.audit.sealing import Sealer
from core.audit.verification import Verifier
from core.db.session import AuditorSession
from core.delegation.models import Delegation
from core.domain.workflow import Action, State
from core.oversight.models import Filing
from core.plugin_api import FilingKind, OfficeLevel
from core.results.models.awards import Certificate
from core.results.models.marks import Mark, Outcome
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.tickets import AdmissionTicket
from core.simulate.invariants import violations
from core.simulate.world import World


def result(world: World, seed: int, *, seconds: float) -> dict[str, Any]:
    """The whole season in numbers, its record sealed. ``seconds`` alone differs between two runs of one seed."""
    platform = world.platform
    Sealer(platform.engine, platform.record_keys, clock=world.clock, province=world.province).seal()
    with world.auditor() as session:
        return {
            "year": world.year,
            "seed": seed,
            "offices": {level.value: len(world.codes(level)) for level in OfficeLevel},
            "applications": {
                "total": session.scalar(select(func.count()).select_from(Application)),
                "by_state": _counts(session, Application.state),
                "by_office": _counts(session, Application.office_id),
                "by_handler": _counts(session, Application.handler_office_id),
                "by_grade": _counts(session, Application.grade),
            },
            "late": {
                "submitted_after_the_units_date": _late(world, session),
                "let_in_late": session.scalar(select(func.count(Submission.late_entry_id))),
            },
            "verbs": _counts(session, Move.action),
            "refusals": dict(sorted(world.refusals.items())),
            "moves": session.scalar(select(func.count()).select_from(Move)),
            "filings": _filings(world, session),
            "delegations": _delegations(session),
            **second_half(session),
            "violations": violations(session, year=world.year, closed=True) + _faults(world, session),
            "seconds": round(seconds, 1),
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """A table with a line for each office."""

    columns: tuple[str, ...]
    rows: list[tuple[str, tuple[int, ...]]]


_COLUMNS: Mapping[str, tuple[State, ...]] = {
    "people": (State.DRAFT, State.RETURNED),
    "units": (State.UNIT_REVIEW, State.DEPARTMENT_REVIEW),
    "desk": (State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION, State.PROVISIONAL),
    "through": (State.QUALIFIED,),
}
"""Columns of the table: who has an application before them, and which have passed."""


def figures(session: AuditorSession) -> Figures:
    """By the office that has the case in hand: past applications, certificates, and where the present are."""
    latest = select(func.max(Application.year)).scalar_subquery()
    counted: list[ColumnElement[Any]] = [
        func.count().filter(Application.year < latest),
        func.count().filter(Certificate.id.is_not(None)),
        func.count().filter(Application.year == latest),
        *(
            func.count().filter(Application.year == latest, Application.state.in_(column))
            for column in _COLUMNS.values()
        ),
    ]
    wanted = (
        select(Application.handler_office_id, *counted)
        .outerjoin(Certificate, (Certificate.application_id == Application.id) & Certificate.superseded_at.is_(None))
        .group_by(Application.handler_office_id)
        .order_by(Application.handler_office_id)
    )
    rows = [(row[0], tuple(int(number) for number in row[1:])) for row in session.execute(wanted)]
    return Figures(("past", "certs", "now", *_COLUMNS), rows)


def second_half(session: AuditorSession) -> dict[str, Any]:
    """Counts from the seats to the certificates."""
    live = (Seat.published_at.is_not(None)) & Seat.voided_at.is_(None)
    figures = [plan.figures for plan in session.scalars(select(Plan).where(Plan.state == "published"))]
    seats: dict[str, ColumnElement[Any]] = {
        "given": func.count().filter(live),
        "rooms": func.count(distinct(tuple_(Seat.sitting_id, Seat.room_id))).filter(live),
        "voided": func.count().filter(Seat.published_at.is_not(None), Seat.voided_at.is_not(None)),
    }
    held: dict[str, ColumnElement[Any]] = {
        "issued": func.count(),
        "in_force": func.count().filter(AdmissionTicket.voided_at.is_(None)),
        "voided": func.count().filter(AdmissionTicket.voided_at.is_not(None)),
    }
    return {
        "seats": {
            **_counted(session, seats),
            "neighbours": sum(figure["neighbours"] for figure in figures),
            "unavoidable": sum(figure["unavoidable"] for figure in figures),
        },
        "tickets": _counted(session, held),
        "marks": _counts(session, Mark.status),
        "passed": session.scalar(select(func.count()).where(Outcome.passed)),
        "certificates": session.scalar(select(func.count()).where(Certificate.superseded_at.is_(None))),
        "revoked": session.scalar(select(func.count(Certificate.revoked_at))),
    }


def _counted(session: AuditorSession, what: dict[str, ColumnElement[Any]]) -> dict[str, int]:
    row = session.execute(select(*what.values())).one()
    return {name: int(value) for name, value in zip(what, row, strict=True)}


def _faults(world: World, session: AuditorSession) -> list[str]:
    """The faults that a verification of the record finds, done as an operator would."""
    verified = Verifier(session, world.platform.record_keys).verify()
    return [f"record: {fault}" for fault in (*verified.faults, *disagreements(session))]


def _late(world: World, session: AuditorSession) -> int:
    """First submissions of 4 and 5 April, which units review although their date was 3 April."""
    wanted = select(func.count()).where(
        Move.action == Action.SUBMIT, Move.at >= world.day(4, 4), Move.at < world.day(4, 6)
    )
    return session.execute(wanted).scalar_one()


def _counts(session: AuditorSession, what: InstrumentedAttribute[Any]) -> dict[str, int]:
    rows = session.execute(select(what, func.count()).group_by(what).order_by(what))
    return {str(name): count for name, count in rows if name is not None}


def _filings(world: World, session: AuditorSession) -> dict[str, dict[str, int]]:
    due = len(world.codes(OfficeLevel.CITY))
    return {kind.value: {"due": due, **_filing_counts(session, kind)} for kind in FilingKind}


def _filing_counts(session: AuditorSession, kind: FilingKind) -> dict[str, int]:
    counted: dict[str, ColumnElement[Any]] = {
        "filed": func.count(),
        "accepted": func.count().filter(Filing.state == "received"),
        "returned": func.count().filter(Filing.state == "returned"),
        "late": func.count().filter(Filing.late),
    }
    row = session.execute(select(*counted.values()).where(Filing.kind == kind.value)).one()
    return {name: int(value) for name, value in zip(counted, row, strict=True)}


def _delegations(session: AuditorSession) -> dict[str, int]:
    """By mode, how many ever took effect; and how many ended by being taken back or given back."""
    in_effect = Delegation.took_effect_at.is_not(None)
    counted: dict[str, ColumnElement[Any]] = {
        "handed_over": func.count().filter(in_effect, Delegation.mode == "handed_over"),
        "entrusted": func.count().filter(in_effect, Delegation.mode == "entrusted"),
        "taken_back": func.count().filter(Delegation.ended_how == "taken_back"),
        "given_back": func.count().filter(Delegation.ended_how == "given_back"),
    }
    return _counted(session, counted)
