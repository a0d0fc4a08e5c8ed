"""Seating plans (编排方案): drawn up as a draft, reviewed, corrected by hand, published, and re-planned after a change.

A plan is drawn up by a job (``draw_up_later``, ``work_off``) or at once (``draw_up``). A draft is visible
to its office alone. Publication supersedes the plan before it with its seats; both are kept.
Source: 2024 notice §3(5), §4(3).
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from core.applications.models import Application
from core.audit import service as audit
from core.audit.dependents import Change, changed
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession, SystemSession
from core.domain.consequences import Fact
from core.errors import Conflict, Invalid, NotFound
from core.jobs import draw_plan_soon
from core.plugin_api import WindowKind
from core.scheduling.access import must_schedule
from core.scheduling.allocation.allocate import allocate, neighbours_now
from core.scheduling.allocation.problem import Allocation, Infeasible, Placement, Problem
from core.scheduling.allocation.replanning import replan, standing
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.plans.notices import tell_candidates, ticket_holders
from core.scheduling.plans.office_problem import placements_of, problem_of, sittings_for, view_of
from core.seasons.queries import check_not_ended
from core.tenancy.offices import Offices

SEEDS = 2**31
"""Seeds are smaller than this, so that an officer can read one out."""

_DRAWN = frozenset({"ready", "short"})
_DONE = {"waiting": 0, "assigning": 10, "seating": 60, "ready": 100, "short": 100}


def draw_up(session: OfficeSession, year: int, exam: WindowKind, *, offices: Offices, seed: int | None = None) -> Plan:
    """Draw up a draft at once. Where seats are short, its ``step`` is ``short`` and ``shortages`` say by how many."""
    plan = _open(session, year, exam, offices=offices, seed=seed)
    return _carry_out(session, plan, offices=offices)


def draw_up_later(session: OfficeSession, year: int, exam: WindowKind, *, offices: Offices) -> Plan:
    """Open a draft and have it drawn up by a job; the plan's ``step`` and ``done`` show the progress."""
    plan = _open(session, year, exam, offices=offices)
    draw_plan_soon(session, session.office_id, plan.id)
    return plan


def plan_anew(
    session: OfficeSession, year: int, exam: WindowKind, *, offices: Offices, reason: str, seed: int | None = None
) -> Plan:
    """Draw up a draft from the published plan: seats that still hold stay, and only the other candidates are moved.

    Conflict where nothing is published; Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid("reason_required", "请写明重新编排的原因。", fields={"reason": "请写明原因"})
    if published_plan(session, session.office_id, year, exam) is None:
        raise Conflict("plan_not_published", "还没有已发布的编排方案，不需要重新编排。请直接生成方案。")
    plan = _open(session, year, exam, offices=offices, seed=seed, reason=reason.strip())
    return _carry_out(session, plan, offices=offices)


def work_off(begin: Callable[[], AbstractContextManager[SystemSession]], plan_id: UUID, *, offices: Offices) -> None:
    """Draw up a plan in a job: each step in a transaction of its own, so that the page can show the progress.

    A job that died at any step begins anew; a plan that was drawn or dropped is left as it is.
    """
    with begin() as session:
        plan = session.get(Plan, plan_id)
        if plan is None or plan.state != "draft" or plan.step in _DRAWN:
            return
        seating = offices.config(plan.office_id).seating
        problem, before = problem_of(session, plan, seating=seating), _before(session, plan)

    def tell(step: str) -> None:
        with begin() as session:
            session.execute(update(Plan).where(Plan.id == plan_id).values(step=step, done=_DONE[step]))

    found = _solved(problem, before, seed=plan.seed, tell=tell)
    with begin() as session:
        _write(session, own_plan(session, plan_id), found)


def publish(session: OfficeSession, plan_id: UUID, *, offices: Offices) -> Plan:
    """Publish a draft as the plan in force, and tell the candidates: all of them, or those whose seats have changed.

    Tickets that it makes wrong are replaced, and invigilators keep the rooms that stand.

    Conflict where the draft is not ready, or outdated: since then a candidate qualified, withdrew or was granted an
    accommodation, a room was lost, or a changed shape brought people of one unit together.
    """
    must_schedule(session)
    plan = own_plan(session, plan_id)
    check_not_ended(session, plan.year)
    if (plan.state, plan.step) != ("draft", "ready"):
        raise Conflict("plan_not_ready", "只有编排完成的草案可以发布。请刷新后核对方案状态。")
    _hold_cases(session, plan)
    _check_still_true(session, plan, offices)
    earlier = published_plan(session, plan.office_id, plan.year, WindowKind(plan.exam))
    if earlier is not None and plan.replaces_id != earlier.id:
        raise Conflict("plan_outdated", "本草案生成后已有新方案发布。请在现行方案基础上重新编排。")
    if earlier is not None:
        _supersede(session, earlier)
    plan.state, plan.published_at, plan.published_by = "published", session.now, session.actor.account_id
    session.flush()
    _set_seats(session, plan.id, published_at=session.now)
    audit.record_on(session, plan, "plan.published", seats=_digest(placements_of(session, plan.id)))
    holders = ticket_holders(session, plan)
    changed(session, Change(Fact.SEATING, plan.reason or "座位调整", plans=(plan.id,)))
    tell_candidates(session, plan, but=holders)
    return plan


def drop(session: OfficeSession, plan_id: UUID) -> Plan:
    """Drop a draft; it is kept, but can never be published."""
    must_schedule(session)
    plan = own_plan(session, plan_id)
    if plan.state != "draft":
        raise Conflict("plan_not_draft", "只有草案可以作废。已发布的方案请重新编排。")
    plan.state = "dropped"
    session.flush()
    audit.record_on(session, plan, "plan.dropped")
    return plan


def own_plan(session: OfficeSession, plan_id: UUID) -> Plan:
    """A plan of the session's own office, locked until the transaction ends; NotFound for other plans."""
    refusal = NotFound("plan_not_found", "没有找到该编排方案，或者它不属于本机构。请核对后重试。")
    return own_row(session, Plan, plan_id, refusal, locked=True)


def published_plan(session: OfficeSession, office_id: str, year: int, exam: WindowKind) -> Plan | None:
    """The published plan of an exam."""
    wanted = select(Plan).where(Plan.office_id == office_id, Plan.year == year, Plan.exam == exam.value)
    return session.scalar(wanted.where(Plan.state == "published"))


def _open(
    session: OfficeSession, year: int, exam: WindowKind, *, offices: Offices, seed: int | None = None, reason: str = ""
) -> Plan:
    """An empty draft with the policy of each sitting. ``reason`` belongs to re-planning."""
    must_schedule(session)
    check_not_ended(session, year)
    held = sittings_for(session, session.office_id, year, exam)
    if not held:
        raise Conflict("no_sittings", "本考试还没有场次。请先设置场次及其考场，再生成编排方案。")
    earlier = published_plan(session, session.office_id, year, exam)
    pinned = {} if earlier is None or not reason else earlier.sittings
    standard, hooks = offices.config(session.office_id).seating.policy, offices.hooks(session.office_id)
    sittings: dict[str, Any] = {}
    for sitting in held:
        times = {"starts_at": sitting.starts_at.isoformat(), "ends_at": sitting.ends_at.isoformat()}
        policy = pinned.get(str(sitting.id)) or asdict(hooks.seating_policy(view_of(sitting, standard)))
        sittings[str(sitting.id)] = {**policy, **times}
    plan = Plan(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        exam=exam.value,
        state="draft",
        step="waiting",
        done=0,
        seed=secrets.randbelow(SEEDS) if seed is None else seed,
        reason=reason,
        sittings=sittings,
        figures={},
        shortages=[],
        replaces_id=None if earlier is None else earlier.id,
        made_at=session.now,
        made_by=session.actor.account_id,
    )
    session.add(plan)
    session.flush()
    audit.record_on(session, plan, "plan.begun", seed=plan.seed, replaces=None if earlier is None else str(earlier.id))
    return plan


def _before(session: OfficeSession, plan: Plan) -> list[Placement] | None:
    """The seats that re-planning starts from; None for a plan drawn from scratch."""
    if plan.replaces_id is None or not plan.reason:
        return None
    return placements_of(session, plan.replaces_id)


def _carry_out(session: OfficeSession, plan: Plan, *, offices: Offices) -> Plan:
    problem = problem_of(session, plan, seating=offices.config(plan.office_id).seating)
    _write(session, plan, _solved(problem, _before(session, plan), seed=plan.seed, tell=str))
    return plan


def _solved(
    problem: Problem, before: Sequence[Placement] | None, *, seed: int, tell: Callable[[str], object]
) -> Allocation | Infeasible:
    try:
        if before is None:
            return allocate(problem, seed=seed, tell=tell)
        return replan(problem, before, seed=seed, tell=tell).allocation
    except Infeasible as refused:
        return refused


def _write(session: OfficeSession, plan: Plan, found: Allocation | Infeasible) -> None:
    """Save the result with its plan, unless the plan has been drawn or dropped since."""
    if plan.state != "draft" or plan.step in _DRAWN:
        return
    if isinstance(found, Infeasible):
        plan.step, plan.shortages = (
            "short",
            [{**asdict(shortage), "text": shortage.text} for shortage in found.shortages],
        )
    else:
        plan.step, plan.figures = "ready", asdict(found.figures)
        _write_seats(session, plan, found.placements)
    plan.done = _DONE[plan.step]
    session.flush()
    more: Mapping[str, object] = {"shortages": len(plan.shortages)}
    if isinstance(found, Allocation):
        more = {"figures": plan.figures, "seats": _digest(found.placements)}
    audit.record_on(session, plan, f"plan.{plan.step}", **more)


def _write_seats(session: OfficeSession, plan: Plan, placements: Sequence[Placement]) -> None:
    rows = [
        {
            "id": new_id(),
            "office_id": plan.office_id,
            "plan_id": plan.id,
            "application_id": UUID(placement.candidate),
            "sitting_id": UUID(placement.sitting),
            "room_id": UUID(placement.room),
            "seat": placement.seat,
            "by_hand": "",
        }
        for placement in placements
    ]
    if rows:
        session.connection().execute(insert(Seat), rows)


def _supersede(session: OfficeSession, plan: Plan) -> None:
    """Supersede a plan and void its seats; both are kept."""
    plan.state, plan.superseded_at = "superseded", session.now
    session.flush()
    _set_seats(session, plan.id, voided_at=session.now)


def _set_seats(session: OfficeSession, plan_id: UUID, **moments: object) -> None:
    wanted = update(Seat).where(Seat.plan_id == plan_id, Seat.voided_at.is_(None))
    session.execute(wanted.values(**moments).execution_options(synchronize_session=False))


def _check_still_true(session: OfficeSession, plan: Plan, offices: Offices) -> None:
    problem = problem_of(session, plan, seating=offices.config(plan.office_id).seating)
    placements = placements_of(session, plan.id)
    lost = len(placements) - len(standing(problem, placements))
    unseated = len(problem.candidate.keys() - {placement.candidate for placement in placements})
    times = {key: datetime.fromisoformat(kept["starts_at"]) for key, kept in plan.sittings.items()}
    moved = times != {sitting.key: sitting.starts for sitting in problem.sittings}
    # Where a seat does not hold, its candidate or room may be gone.
    closer = 0 if lost else neighbours_now(problem, placements) - plan.figures["neighbours"]
    if lost or unseated or moved or closer > 0:
        raise Conflict(
            "plan_no_longer_true",
            f"草案生成后情况有变化：{lost} 个座位已不适用，{unseated} 名考生尚无座位"
            f"{'，场次已调整' if moved else ''}{f'，考场布局更改后同单位相邻多出 {closer} 对' if closer > 0 else ''}。"
            "请重新生成方案后再发布。",
        )


def _hold_cases(session: OfficeSession, plan: Plan) -> None:
    """Lock the seated cases: an act that takes one out of the exam waits for the publication, then frees its seats."""
    seated = select(Seat.application_id).where(Seat.plan_id == plan.id)
    held = select(Application.id).where(Application.id.in_(seated)).order_by(Application.id)
    session.execute(held.with_for_update(read=True)).all()


def _digest(placements: Sequence[Placement]) -> str:
    listed = sorted(
        [placement.candidate, placement.sitting, placement.room, placement.seat] for placement in placements
    )
    return audit.digest_of(listed).hex()
