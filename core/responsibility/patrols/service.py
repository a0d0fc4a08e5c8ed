"""Planning a patrol: who goes where on which day; changing that; its end.

Source: 2024 notice §4(4). An office patrols its own places and those of the offices below it. The notice names no
number of patrols and no day: a place is visited on a day on which it is in use.
"""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.rows import own_row
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.responsibility.models import Patrol, PatrolMember, PatrolVisit
from core.responsibility.patrols.kinds import PatrolState, VisitState
from core.responsibility.patrols.queries import PatrolPlace, colleagues, members_of, next_number, places, tell, visit_of
from core.seasons.queries import check_not_ended
from core.text import dates
from core.text.form_texts import required_text

MOST_MEMBERS: Final = 20
_UNKNOWN: Final = NotFound("patrol_unknown", "没有找到该巡视，请从“巡视”中选择。")


def plan_patrol(
    session: OfficeSession, year: int, *, purpose: str, members: Collection[UUID], place: str, day: date
) -> Patrol:
    """Plan a patrol with its members and its first place; more places are added to it.

    Invalid for a member who holds no role at the office, for a place that is not the office's or below it, and for a
    day on which the place is not in use.
    """
    check_not_ended(session, year)
    must_supervise(session)
    words = required_text(purpose, "请填写巡视的重点和要求。", field="purpose")
    one_at_a_time(session, f"patrols:{session.office_id}:{year}")
    patrol = Patrol(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        number=next_number(session, year),
        purpose=words,
        state=PatrolState.PLANNED.value,
        planned_at=session.now,
        planned_by=session.actor.account_id,
        planned_by_name=session.actor.name,
        ended_by_name="",
        summary="",
    )
    session.add(patrol)
    session.flush()
    audit.record_on(session, patrol, "patrol.planned")
    _send(session, patrol, members)
    _add(session, patrol, place, day)
    return patrol


def send_members(session: OfficeSession, patrol_id: UUID, members: Collection[UUID]) -> Patrol:
    """Send these members of the staff, and nobody else from now on; what others recorded stays theirs."""
    patrol = _open(session, patrol_id)
    check_not_ended(session, patrol.year)
    _send(session, patrol, members)
    return patrol


def add_visit(session: OfficeSession, patrol_id: UUID, place: str, day: date) -> PatrolVisit:
    """Add a place to a patrol."""
    patrol = _open(session, patrol_id)
    check_not_ended(session, patrol.year)
    return _add(session, patrol, place, day)


def move_visit(session: OfficeSession, visit_id: UUID, day: date) -> PatrolVisit:
    """Move a visit to another day. Conflict once the patrol has arrived there."""
    visit = _planned_visit(session, visit_id)
    check_not_ended(session, visit.year)
    _check_day(_place(session, visit.year, _key(visit)), day)
    visit.day = day
    session.flush()
    audit.record_on(session, visit, "patrol.visit_moved", day=day.isoformat())
    return visit


def call_off_visit(session: OfficeSession, visit_id: UUID, reason: str) -> PatrolVisit:
    """Say why a place is not visited. Conflict once the patrol has arrived there."""
    visit = _planned_visit(session, visit_id)
    _miss(session, visit, required_text(reason, "请写明不再巡视的原因。", field="reason"))
    session.flush()
    audit.record_on(session, visit, "patrol.visit_called_off")
    return visit


def end_patrol(session: OfficeSession, patrol_id: UUID, summary: str) -> Patrol:
    """End a patrol with its summary (巡视小结). Conflict while a place is not visited or a finding is not settled."""
    patrol = _open(session, patrol_id)
    words = required_text(summary, "请填写巡视小结。", field="summary")
    told = tell(session, patrol.id)
    if told.unfinished:
        raise Conflict(
            "patrol_unfinished", f"现在不能结束：{'；'.join(told.unfinished)}。请先办完，或写明不再巡视的原因。"
        )
    return _end(session, patrol, PatrolState.ENDED, words)


def cancel_patrol(session: OfficeSession, patrol_id: UUID, reason: str) -> Patrol:
    """Cancel a patrol that has begun nowhere, with the reason. Conflict once it has arrived at a place."""
    patrol = _open(session, patrol_id)
    words = required_text(reason, "请写明取消的原因。", field="summary")
    told = tell(session, patrol.id)
    if any(one.visit.arrived_at for one in told.visits):
        raise Conflict("patrol_begun", "巡视组已经到过巡视点，不能取消。请办完后结束巡视。")
    for visit in (one.visit for one in told.visits):
        if visit.state == VisitState.PLANNED:
            _miss(session, visit, words)
    return _end(session, patrol, PatrolState.CANCELLED, words)


def must_supervise(session: OfficeSession) -> None:
    """Forbidden for those who plan no patrols."""
    if Permission.SUPERVISE not in session.actor.may_change:
        raise Forbidden("patrols_by_supervisors", "巡视由本机构监管人员安排和复核。请联系本机构监管人员。")


def lock_patrol(session: OfficeSession, patrol_id: UUID) -> None:
    """Take the acts upon a patrol one after the other."""
    one_at_a_time(session, f"patrol:{patrol_id}")


def _miss(session: OfficeSession, visit: PatrolVisit, words: str) -> None:
    visit.state, visit.remarks = VisitState.MISSED.value, words
    visit.ended_at, visit.ended_by = session.now, session.actor.account_id


def _end(session: OfficeSession, patrol: Patrol, state: PatrolState, words: str) -> Patrol:
    patrol.state, patrol.summary = state.value, words
    patrol.ended_at, patrol.ended_by = session.now, session.actor.account_id
    patrol.ended_by_name = session.actor.name
    session.flush()
    audit.record_on(session, patrol, f"patrol.{state.value}")
    return patrol


def _open(session: OfficeSession, patrol_id: UUID) -> Patrol:
    must_supervise(session)
    lock_patrol(session, patrol_id)
    patrol = own_row(session, Patrol, patrol_id, _UNKNOWN)
    session.refresh(patrol)
    if patrol.state != PatrolState.PLANNED:
        raise Conflict("patrol_over", f"该巡视{PatrolState(patrol.state).label}，只能查看。")
    return patrol


def _planned_visit(session: OfficeSession, visit_id: UUID) -> PatrolVisit:
    visit = visit_of(session, visit_id)
    _open(session, visit.patrol_id)
    session.refresh(visit)
    if visit.state != VisitState.PLANNED:
        raise Conflict("patrol_visit_begun", f"该巡视点{VisitState(visit.state).label}，不能再改。请刷新页面。")
    return visit


def _send(session: OfficeSession, patrol: Patrol, members: Collection[UUID]) -> None:
    wanted = set(members)
    if not wanted:
        raise Invalid("patrol_without_members", "请至少选择一名巡视人员。", at="members")
    if len(wanted) > MOST_MEMBERS:
        raise Invalid("patrol_members", f"一次巡视最多{MOST_MEMBERS}人，请分成几次巡视。", at="members")
    now = {member.account_id: member for member in members_of(session, [patrol.id])[patrol.id]}
    known = colleagues(session)
    if not wanted <= known.keys() | now.keys():
        raise Invalid("patrol_member_unknown", "所选人员不是本机构的工作人员，或岗位已结束。请重新选择。", at="members")
    for account_id in sorted(now.keys() - wanted):
        now[account_id].removed_at = session.now
    for account_id in sorted(wanted - now.keys()):
        session.add(
            PatrolMember(
                id=new_id(),
                office_id=session.office_id,
                patrol_id=patrol.id,
                account_id=account_id,
                name=known[account_id],
                added_at=session.now,
                added_by=session.actor.account_id,
            )
        )
    session.flush()
    audit.record_on(session, patrol, "patrol.members", accounts=sorted(str(account) for account in wanted))


def _add(session: OfficeSession, patrol: Patrol, key: str, day: date) -> PatrolVisit:
    place = _place(session, patrol.year, key)
    _check_day(place, day)
    visit = PatrolVisit(
        id=new_id(),
        office_id=session.office_id,
        patrol_id=patrol.id,
        to_office_id=place.office_id,
        year=patrol.year,
        site_id=place.site_id,
        course_id=place.course_id,
        day=day,
        state=VisitState.PLANNED.value,
        arrived_by_name="",
        remarks="",
    )
    for told in tell(session, patrol.id).visits:
        if (_key(told.visit), told.visit.day) == (key, day) and told.visit.state != VisitState.MISSED:
            raise Conflict("patrol_visit_twice", f"{place.name}{dates.short_day(day)}已在本次巡视中。", at="place")
    session.add(visit)
    session.flush()
    audit.record_on(session, visit, "patrol.visit_planned", day=day.isoformat(), to=place.office_id)
    return visit


def _key(visit: PatrolVisit) -> str:
    return f"site:{visit.site_id}" if visit.site_id else f"course:{visit.course_id}"


def _place(session: OfficeSession, year: int, key: str) -> PatrolPlace:
    found = next((place for place in places(session, year) if place.key == key), None)
    if found is None:
        message = "请从列表中选择考点或培训点。已关闭的考点、已取消的培训班不能再安排。"
        raise Invalid("patrol_place_unknown", message, at="place")
    return found


def _check_day(place: PatrolPlace, day: date) -> None:
    if not place.first <= day <= place.last:
        used = f"{dates.short_day(place.first)}至{dates.short_day(place.last)}"
        raise Invalid("patrol_day", f"{place.name}的使用日期为{used}，请在其中选择巡视日期。", at="day")
