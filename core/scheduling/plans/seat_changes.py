"""Corrections of a plan by hand: one candidate moves to a free seat, or two candidates swap theirs.

A draft is changed as it stands. A published plan is never changed: a draft is drawn up from it, in which everybody
keeps the seat that still holds, the change is made there, and its publication shows who moves and what it causes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.audit import service as audit
from core.db.session import OfficeSession
from core.errors import Conflict, Invalid, NotFound
from core.plugin_api import WindowKind
from core.scheduling.access import must_schedule
from core.scheduling.allocation.allocate import judged
from core.scheduling.allocation.neighbours import neighbours
from core.scheduling.allocation.problem import Placement, Problem
from core.scheduling.allocation.replanning import holds
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.plans.office_problem import placements_of, problem_of, seats_kept
from core.scheduling.plans.service import own_plan, plan_anew
from core.seasons.queries import check_not_ended
from core.tenancy.offices import Offices

_ASIDE = 1_000_000
"""Added to the number of a seat for the moment in which two candidates change places: no two may have one seat."""


@dataclass(frozen=True, slots=True)
class Target:
    """The seat that a candidate gets. With ``beside`` an officer insists on it beside people of the same unit."""

    sitting_id: UUID
    room_id: UUID
    seat: int
    beside: bool = False


def change_seat(session: OfficeSession, seat_id: UUID, to: Target, *, reason: str, offices: Offices) -> Plan:
    """Give a candidate of a draft another seat; the one who has it gets theirs. Returns the draft.

    For a seat of the published plan the draft is drawn up from it first. Invalid or Conflict, naming the rule that is
    broken and for whom: the seat is in reserve, the room does not meet a candidate's needs, the sitting is not for them
    or overlaps another of theirs, or they would sit beside somebody of their own unit.
    """
    must_schedule(session)
    if not reason.strip():
        raise Invalid("reason_required", "请写明调整座位的原因。", fields={"reason": "请写明原因"})
    found = session.get(Seat, seat_id)
    if found is None:
        raise NotFound("seat_not_found", "没有找到该座位。请刷新后重试。")
    plan = own_plan(session, found.plan_id)
    check_not_ended(session, plan.year)
    if plan.state == "published":
        plan, found = _drafted(session, plan, found, reason=reason, offices=offices)
    if (plan.state, plan.step) != ("draft", "ready"):
        raise Conflict("plan_not_draft", "只能在草案或现行方案中调整座位。请从编排方案中重新进入。")
    _change(session, plan, found, to, reason=reason.strip(), offices=offices)
    return plan


def _drafted(session: OfficeSession, plan: Plan, found: Seat, *, reason: str, offices: Offices) -> tuple[Plan, Seat]:
    """A draft from the published plan, and the candidate's seat in it."""
    draft = plan_anew(session, plan.year, WindowKind(plan.exam), offices=offices, reason=reason)
    wanted = select(Seat).where(*seats_kept(draft.id), Seat.application_id == found.application_id)
    seat = session.scalar(wanted.where(Seat.sitting_id == found.sitting_id))
    if draft.step != "ready" or seat is None:
        text = "现行方案已有考生或考场变化，不能只调整这一个座位。请先重新编排，再在新草案中调整。"
        raise Conflict("plan_outdated_for_change", text)
    return draft, seat


def _change(session: OfficeSession, plan: Plan, found: Seat, to: Target, *, reason: str, offices: Offices) -> None:
    problem = problem_of(session, plan, seating=offices.config(plan.office_id).seating)
    other = session.scalar(
        select(Seat).where(
            *seats_kept(plan.id), Seat.sitting_id == to.sitting_id, Seat.room_id == to.room_id, Seat.seat == to.seat
        )
    )
    if other is not None and other.id == found.id:
        raise Invalid("seat_is_the_same", "考生已经在这个座位上。请选择另一个座位。", at="seat")
    moved = [found] if other is None else [found, other]
    before = [_placement(seat) for seat in moved]
    after = [Placement(before[0].candidate, str(to.sitting_id), str(to.room_id), to.seat)]
    if other is not None:
        after.append(Placement(before[1].candidate, before[0].sitting, before[0].room, before[0].seat))
    still = [placement for placement in placements_of(session, plan.id) if placement not in before]
    for was, becomes in zip(before, after, strict=True):
        _check(session, problem, still, before=was, after=becomes)
    if not to.beside:
        _check_beside(session, problem, still, before=before, after=after)
    _write(session, moved, after, reason=reason)
    plan.figures = {**plan.figures, **_figures(problem, [*still, *after], plan)}
    session.flush()
    for seat, was, becomes in zip(moved, before, after, strict=True):
        change = {"plan": str(plan.id), "from": asdict(was), "to": asdict(becomes), "swapped": other is not None}
        subject = audit.RecordSubject(plan.office_id, "application", seat.application_id, change)
        audit.record_on(session, subject, "plan.seat_changed")


def _placement(seat: Seat) -> Placement:
    return Placement(str(seat.application_id), str(seat.sitting_id), str(seat.room_id), seat.seat)


def _write(session: OfficeSession, moved: Sequence[Seat], after: Sequence[Placement], *, reason: str) -> None:
    if len(moved) > 1:
        moved[0].seat += _ASIDE
        session.flush()
    for seat, becomes in reversed(list(zip(moved, after, strict=True))):
        seat.sitting_id, seat.room_id = UUID(becomes.sitting), UUID(becomes.room)
        seat.seat, seat.by_hand = becomes.seat, reason
        session.flush()


def _check(
    session: OfficeSession, problem: Problem, others: Sequence[Placement], *, before: Placement, after: Placement
) -> None:
    sitting, room = problem.sitting.get(after.sitting), problem.room.get(after.room)
    if sitting is None or room is None or after.room not in sitting.rooms or not 1 <= after.seat <= room.seats:
        raise Invalid("seat_unknown", "该场次没有这个考场或座位。请核对后重新选择。", fields={"seat": "请核对"})
    if after.seat > room.usable(sitting.policy):
        raise Invalid("seat_in_reserve", "该座位是备用机位，不能安排考生。请另选座位。", fields={"seat": "备用机位"})
    if sitting.subjects != problem.sitting[before.sitting].subjects:
        raise Invalid("seat_other_subjects", "该场次的考试科目不同。请选择相同科目的场次。")
    mine = [problem.sitting[other.sitting] for other in others if other.candidate == after.candidate]
    if any(sitting.overlaps(other) for other in mine):
        who = _name(session, after.candidate)
        raise Conflict("seat_overlaps", f"{who}在同一时间已有其他科目的考试。请另选场次。")
    if not holds(problem, after):
        raise Conflict(
            "seat_does_not_fit",
            f"{_name(session, after.candidate)}不能坐在那里：该场次不考其等级或工种，"
            "或者考场不能满足已批准的便利（如无障碍、延长时间）。请另选考场或场次。",
        )


def _check_beside(
    session: OfficeSession,
    problem: Problem,
    others: Sequence[Placement],
    *,
    before: Sequence[Placement],
    after: Sequence[Placement],
) -> None:
    """Conflict where somebody gets a neighbour of the same unit whom they did not have before."""
    had = {pair for was in before for pair in _pairs(problem, [*others, *before], was)}
    for becomes in after:
        for pair in _pairs(problem, [*others, *after], becomes):
            if pair not in had:
                who, other = (_name(session, key) for key in sorted(pair, key=lambda key: key != becomes.candidate))
                text = (
                    f"{who}调整到{becomes.seat}号后，与同单位的{other}相邻，违反方案的同单位回避规则。"
                    "请另选座位；确需这样安排的，勾选“同单位相邻也调整”并写明原因。"
                )
                raise Conflict("seat_beside_own_unit", text)


def _pairs(problem: Problem, placements: Sequence[Placement], of: Placement) -> set[frozenset[str]]:
    """The candidate and each neighbour of the same unit."""
    here = {other.seat: other.candidate for other in placements if (other.sitting, other.room) == (of.sitting, of.room)}
    near = neighbours(problem.room[of.room].shape, problem.sitting[of.sitting].policy.apart)
    unit = problem.candidate[of.candidate].unit
    beside = (here[seat] for seat in near.get(of.seat, ()) if seat in here)
    return {
        frozenset((of.candidate, other))
        for other in beside
        if other in problem.candidate and problem.candidate[other].unit == unit
    }


def _figures(problem: Problem, placements: Sequence[Placement], plan: Plan) -> dict[str, int]:
    """The figures of a plan that a change by hand alters."""
    moved: dict[str, tuple[tuple[str, ...], str]] = {}
    found = asdict(judged(problem, placements, seed=plan.seed, moved=moved, bound=0).figures)
    return {name: value for name, value in found.items() if name not in {"travel", "travel_bound"}}


def _name(session: OfficeSession, candidate: str) -> str:
    return session.scalar(select(Application.person_name).where(Application.id == UUID(candidate))) or "该考生"
