"""Assigning the cases of an office to its reviewers: by hand, by the office's rule, and taking them back.

An assignment says whose work a case is. It bars nobody: each colleague may claim and decide the case as before, and the
row stays, so that a decision taken back, a return or a case that comes back finds the same reviewer. Who assigns is an
officer of the office in charge; the act is on the record.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application
from core.audit.service import record
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession
from core.errors import Conflict, Invalid
from core.plugin_api import Grade
from core.reviews.assignment.reviewers import Reviewer, in_the_pool, reviewers
from core.reviews.assignment.workload import Cases, open_cases, open_of
from core.reviews.models import AssignmentRule, CaseAssignment, ReviewerDuty
from core.text.form_texts import checked_text

RULES = {"none": "不自动分派", "turns": "轮流", "unit": "按单位", "trade": "按工种", "grade": "按等级"}
"""The kinds of rule, as an officer reads them."""
MOST_AT_ONCE = 2000
"""Cases that one run of the rule assigns at most; the next run goes on."""
_CASES_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Duty:
    """What a reviewer is given by the rule, and a leave; empty ``grades`` and ``trades`` mean all of them."""

    takes_part: bool = True
    grades: Sequence[int] = ()
    trades: Sequence[str] = ()
    away_from: datetime | None = None
    away_until: datetime | None = None
    reason: str = ""


def assign(session: OfficeSession, cases: Collection[UUID], to: UUID, *, reason: str = "") -> int:
    """Assign cases to a reviewer of the office, or transfer them from a colleague; how many there were.

    Invalid for somebody who is no reviewer of the office; Conflict for a reviewer on leave, a case that the office has
    no longer in hand, or the reviewer's own application.
    """
    said = checked_text(reason)
    chosen = _reviewer(session, to)
    if not chosen.is_there:
        raise Conflict("reviewer_away", f"{chosen.name}现在离岗或已请人代办，不能分派给他（她）。请另选一人。")
    wanted = select(Application.id, Application.person_id).where(
        Application.id.in_(cases), Application.handler_office_id == session.office_id
    )
    found = session.execute(wanted.order_by(Application.id)).all()
    if len(found) != len(set(cases)):
        raise Conflict("assignment_gone", "有的申请已不由本机构办理，不能分派。请刷新页面后重新选择。")
    if chosen.person_id is not None and any(case.person_id == chosen.person_id for case in found):
        raise Conflict("assignment_own_affair", f"不能把{chosen.name}本人的申报分派给他（她）。请另选一人。")
    _write(session, [(case.id, chosen) for case in found], way="hand", reason=said)
    return len(found)


def hand_out(session: OfficeSession, year: int, to: UUID, number: int, *, grade: int | None = None) -> int:
    """Assign the most urgent cases of the pool to a reviewer, of a grade alone if one is given; how many.

    Invalid for a number below one or above MOST_AT_ONCE; raises as ``assign`` does.
    """
    if not 1 <= number <= MOST_AT_ONCE:
        raise Invalid("hand_out_number", f"件数应为1至{MOST_AT_ONCE}的整数。", at="number")
    one_at_a_time(session, f"assignment {session.office_id}")
    wanted = _pool(session, year, reviewers(session))
    if grade is not None:
        wanted = wanted.where(Application.grade == grade)
    cases = session.scalars(wanted.with_only_columns(Application.id).limit(number)).all()
    return assign(session, cases, to) if cases else 0


def pass_on(session: OfficeSession, year: int, giver: UUID, to: UUID, *, reason: str = "") -> int:
    """Transfer all undecided cases of a reviewer to a colleague; how many. Raises as ``assign`` does."""
    cases = session.scalars(open_of(session, year, giver).limit(_CASES_LIMIT)).all()
    return assign(session, cases, to, reason=reason) if cases else 0


def put_back(session: OfficeSession, year: int, giver: UUID) -> int:
    """Put all undecided cases of a reviewer back into the pool; how many."""
    cases = session.scalars(open_of(session, year, giver).limit(_CASES_LIMIT)).all()
    taken = delete(CaseAssignment).where(
        CaseAssignment.office_id == session.office_id, CaseAssignment.application_id.in_(cases)
    )
    session.execute(taken)
    for case_id in cases:
        _record(session, "case.unassigned", case_id, {"from": str(giver)})
    session.flush()
    return len(cases)


def set_rule(session: OfficeSession, kind: str, most: int | None) -> AssignmentRule:
    """Set how the office assigns by itself. Invalid for an unknown kind or a limit below one."""
    if kind not in RULES:
        raise Invalid("rule_unknown", "没有这种分派办法，请从列表中选择。", at="kind")
    if most is not None and most < 1:
        raise Invalid("rule_most", "每人最多在手的件数应为1以上的整数；不限的，请留空。", at="most")
    values = {"kind": kind, "most": most, "set_at": session.now, "set_by": session.actor.account_id}
    session.execute(
        insert(AssignmentRule)
        .values(office_id=session.office_id, **values)
        .on_conflict_do_update(index_elements=["office_id"], set_=values)
    )
    record(
        session,
        "assignment.rule_set",
        office_id=session.office_id,
        subject_type="office",
        subject_id=session.office_id,
        payload={"kind": kind, "most": most},
    )
    return session.get_one(AssignmentRule, session.office_id, populate_existing=True)


def set_duty(session: OfficeSession, account_id: UUID, duty: Duty) -> None:
    """Set what a reviewer takes, and a leave. Invalid for unknown grades and for dates that are out of order."""
    said = checked_text(duty.reason)
    _reviewer(session, account_id)
    if not set(duty.grades) <= {int(grade) for grade in Grade}:
        raise Invalid("grade_unknown", "没有这个等级，请从列表中选择。", at="grades")
    if (duty.away_from is None) != (duty.away_until is None):
        raise Invalid("leave_dates", "离岗的起止日期都要填写；没有离岗的，两个都留空。", at="away_until")
    if duty.away_from and duty.away_until and duty.away_until <= duty.away_from:
        raise Invalid("leave_dates", "离岗的最后一天不能早于第一天。请改正日期。", at="away_until")
    values = {
        "takes_part": duty.takes_part,
        "grades": sorted(set(duty.grades)),
        "trades": sorted(set(duty.trades)),
        "away_from": duty.away_from,
        "away_until": duty.away_until,
        "reason": said,
        "set_at": session.now,
        "set_by": session.actor.account_id,
    }
    session.execute(
        insert(ReviewerDuty)
        .values(office_id=session.office_id, account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["office_id", "account_id"], set_=values)
    )
    leave = [None if end is None else end.isoformat() for end in (duty.away_from, duty.away_until)]
    told = {"takes_part": duty.takes_part, "grades": values["grades"], "trades": values["trades"], "leave": leave}
    record(
        session,
        "assignment.duty_set",
        office_id=session.office_id,
        subject_type="account",
        subject_id=account_id,
        payload=told,
    )


def distribute(session: OfficeSession, year: int) -> int:
    """Assign the cases of the pool by the office's rule, the most urgent first; how many.

    A case goes to the reviewer who has the fewest undecided ones among those who are there, take part and take its
    trade or grade; by unit, to the one who has that unit's cases already. What fits nobody stays in the pool.
    """
    rule = session.get(AssignmentRule, session.office_id)
    if rule is None or rule.kind == "none":
        return 0
    one_at_a_time(session, f"assignment {session.office_id}")
    there = reviewers(session)
    able = [reviewer for reviewer in there if reviewer.is_there and reviewer.takes_part]
    if not able:
        return 0
    waiting = session.execute(_pool(session, year, there).limit(MOST_AT_ONCE)).all()
    if not waiting:
        return 0
    given = _share_out(waiting, able, rule, _Held.of(session, year))
    _write(session, given, way="rule")
    return len(given)


def _pool(session: OfficeSession, year: int, there: Sequence[Reviewer]) -> Cases:
    """The undecided cases of the pool, the most urgent first."""
    wanted = open_cases(session, year).where(in_the_pool(session, there))
    return wanted.order_by(Application.due_at.asc().nulls_last(), Application.id)


@dataclass(slots=True)
class _Held:
    """How many undecided cases each reviewer has, and who has those of a unit."""

    numbers: dict[UUID, int]
    units: dict[UUID, UUID]

    @classmethod
    def of(cls, session: OfficeSession, year: int) -> "_Held":
        assigned = session.execute(
            open_cases(session, year)
            .add_columns(CaseAssignment.account_id)
            .join(CaseAssignment, CaseAssignment.application_id == Application.id)
            .where(CaseAssignment.office_id == session.office_id)
            .order_by(CaseAssignment.at)
        ).all()
        numbers: dict[UUID, int] = {}
        for case in assigned:
            numbers[case.account_id] = numbers.get(case.account_id, 0) + 1
        return cls(numbers, {case.unit_id: case.account_id for case in assigned})


def _share_out(
    waiting: Iterable[Any], able: Sequence[Reviewer], rule: AssignmentRule, held: _Held
) -> list[tuple[UUID, Reviewer]]:
    numbers = {reviewer.account_id: held.numbers.get(reviewer.account_id, 0) for reviewer in able}
    given = []
    for case in waiting:
        fitting = [
            reviewer
            for reviewer in able
            if _takes(reviewer, case, rule.kind)
            and (rule.most is None or numbers[reviewer.account_id] < rule.most)
            and (reviewer.person_id is None or reviewer.person_id != case.person_id)
        ]
        if not fitting:
            continue
        known = held.units.get(case.unit_id) if rule.kind == "unit" else None
        # By unit, its reviewer; else the one with the fewest, the first by name among equals.
        chosen = min(fitting, key=lambda reviewer: (reviewer.account_id != known, numbers[reviewer.account_id]))
        numbers[chosen.account_id] += 1
        held.units[case.unit_id] = chosen.account_id
        given.append((case.id, chosen))
    return given


def _takes(reviewer: Reviewer, case: Any, kind: str) -> bool:
    if kind == "grade":
        return not reviewer.grades or case.grade in reviewer.grades
    if kind == "trade":
        return not reviewer.trades or case.trade in reviewer.trades
    return True


def _reviewer(session: OfficeSession, account_id: UUID) -> Reviewer:
    found = next((reviewer for reviewer in reviewers(session) if reviewer.account_id == account_id), None)
    if found is None:
        raise Invalid("reviewer_unknown", "所选的人现在不是本机构的审查人员。请从列表中选择。", at="to")
    return found


def _write(session: OfficeSession, given: Sequence[tuple[UUID, Reviewer]], *, way: str, reason: str = "") -> None:
    if not given:
        return
    made = {
        "office_id": session.office_id,
        "way": way,
        "reason": reason,
        "at": session.now,
        "assigned_by": session.actor.account_id,
        "assigned_by_name": session.actor.name,
    }
    rows = [
        {"application_id": case_id, "account_id": chosen.account_id, "account_name": chosen.name, **made}
        for case_id, chosen in given
    ]
    statement = insert(CaseAssignment)
    renewed = {name: statement.excluded[name] for name in ("account_id", "account_name", *(set(made) - {"office_id"}))}
    session.execute(statement.on_conflict_do_update(index_elements=["application_id", "office_id"], set_=renewed), rows)
    for case_id, chosen in given:
        _record(session, "case.assigned", case_id, {"to": str(chosen.account_id), "way": way})
    session.flush()


def _record(session: OfficeSession, kind: str, case_id: UUID, payload: dict[str, Any]) -> None:
    record(session, kind, office_id=session.office_id, subject_type="application", subject_id=case_id, payload=payload)
