"""Training before the exam: courses inside the office's window, enrolment by candidates or units, attendance.

Source: 2024 notice §3(4), 组织工勤技能岗位五至一级培训. The office's setting ``tickets.training_required``
makes attendance a condition of the admission ticket.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from core.applications.models import Application
from core.audit import service as audit
from core.clock import SHANGHAI, last_day
from core.db.base import new_id
from core.db.session import CaseSession, OfficeSession, ScopedSession
from core.domain.workflow import State
from core.errors import Conflict, Invalid, NotFound
from core.plugin_api import Grade, WindowKind
from core.scheduling.access import must_schedule
from core.scheduling.models.training import TrainingCourse, TrainingEnrolment
from core.scheduling.sittings.unusual_days import warning_of
from core.seasons.queries import calendar_now, check_not_ended, unknown_trades
from core.text import dates

_ADMITTED = (State.QUALIFIED.value, State.PROVISIONAL.value)


class Mode(StrEnum):
    """Whether people come together at a place, or learn online."""

    PLACE = "place"
    ONLINE = "online"


MODE_NAMES: Mapping[Mode, str] = {Mode.PLACE: "集中面授", Mode.ONLINE: "线上培训"}


@dataclass(frozen=True, slots=True)
class CourseForm:
    """The data of a course. ``place`` is an address, or a web address for online courses; no trades means all."""

    title: str
    mode: Mode
    place: str
    starts_at: datetime
    ends_at: datetime
    grades: frozenset[Grade]
    trades: frozenset[str] = frozenset()
    places: int | None = None


def set_course(session: OfficeSession, year: int, form: CourseForm) -> TrainingCourse:
    """Set up a course; Invalid, naming both dates, outside the training window of one of its grades."""
    must_schedule(session)
    check_not_ended(session, year)
    _check(session, year, form)
    course = TrainingCourse(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        title=form.title.strip(),
        mode=form.mode.value,
        place=form.place.strip(),
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        grades=sorted(int(grade) for grade in form.grades),
        trades=sorted(form.trades),
        places=form.places,
        set_at=session.now,
        set_by=session.actor.account_id,
    )
    session.add(course)
    session.flush()
    audit.record_on(session, course, "course.set", starts_at=form.starts_at.isoformat())
    return course


def cancel_course(session: OfficeSession, course_id: UUID, *, reason: str) -> TrainingCourse:
    """Cancel a course before it has ended; its enrolments are kept, and the candidates may join another course."""
    must_schedule(session)
    course = own_course(session, course_id)
    if not reason.strip():
        raise Invalid("reason_required", "请写明取消培训班的原因。", fields={"reason": "请写明原因"})
    if course.cancelled_at is not None or course.ends_at <= session.now:
        raise Conflict("course_over", "该培训班已经取消或结束。")
    course.cancelled_at, course.cancelled_reason = session.now, reason.strip()
    session.flush()
    audit.record_on(session, course, "course.cancelled")
    return course


def enrol(session: CaseSession, course_id: UUID, application_ids: Collection[UUID]) -> int:
    """Enrol candidates of the session in a course; returns how many were not enrolled yet.

    NotFound for an application that is not visible; Conflict, and nobody enrolled, for one that does not fit the
    course, for a course that has begun, and where places are short (PostgreSQL counts them).
    """
    course = _course(session, course_id)
    check_not_ended(session, course.year)
    if course.cancelled_at is not None or course.starts_at <= session.now:
        raise Conflict("course_begun", "该培训班已经开班或取消，不能再报名。请选择其他培训班。")
    cases = session.scalars(select(Application).where(Application.id.in_(application_ids))).all()
    if len(cases) != len(set(application_ids)):
        raise NotFound("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。")
    for case in cases:
        _check_fits(course, case)
    live = select(TrainingEnrolment.application_id).where(
        TrainingEnrolment.course_id == course_id, TrainingEnrolment.withdrawn_at.is_(None)
    )
    there = set(session.scalars(live.where(TrainingEnrolment.application_id.in_(application_ids))))
    rows = [
        {
            "id": new_id(),
            "office_id": course.office_id,
            "course_id": course.id,
            "application_id": case.id,
            "enrolled_at": session.now,
            "enrolled_by": session.actor.account_id,
        }
        for case in cases
        if case.id not in there
    ]
    if rows:
        session.execute(insert(TrainingEnrolment), rows)
        people = sorted(str(row["application_id"]) for row in rows)
        digest = audit.digest_of(people).hex()
        audit.record_on(session, course, "course.enrolled", people=len(people), digest=digest)
    return len(rows)


def leave(session: CaseSession, course_id: UUID, application_id: UUID) -> None:
    """Take a candidate out of a course before it begins."""
    course = _course(session, course_id)
    row = session.scalar(
        select(TrainingEnrolment).where(
            TrainingEnrolment.course_id == course_id,
            TrainingEnrolment.application_id == application_id,
            TrainingEnrolment.withdrawn_at.is_(None),
        )
    )
    if row is None:
        raise NotFound("not_enrolled", "没有报名该培训班，或您无权查看。")
    if course.starts_at <= session.now:
        raise Conflict("course_begun", "该培训班已经开班，不能再取消报名。请联系举办机构。")
    row.withdrawn_at = session.now
    session.flush()
    audit.record_on(session, course, "course.withdrawn", application=str(application_id))


def mark_attendance(session: OfficeSession, course_id: UUID, attended: Mapping[UUID, bool]) -> int:
    """Mark attendance (application → yes or no), including corrections; attendance gives a certificate.

    Conflict before the course has begun; NotFound, and nothing saved, for a candidate who is not enrolled; Invalid
    where nobody is named.
    """
    must_schedule(session)
    course = own_course(session, course_id)
    check_not_ended(session, course.year)
    if course.starts_at > session.now or course.cancelled_at is not None:
        raise Conflict("course_not_begun", "该培训班尚未开班或已取消，不能登记出勤。")
    enrolled = dict(
        session.execute(
            select(TrainingEnrolment.application_id, TrainingEnrolment.id).where(
                TrainingEnrolment.course_id == course_id, TrainingEnrolment.withdrawn_at.is_(None)
            )
        ).all()
    )
    if not attended:
        raise Invalid("nobody_chosen", "请至少登记一名学员的出勤情况。", fields={"attended": "请选择"})
    if set(attended) - set(enrolled):
        raise NotFound("not_enrolled", "名单中有人没有报名该培训班，本次没有保存。请核对名单。")
    rows = [
        {"row": enrolled[who], "came": came, "number": certificate_number(course, enrolled[who]) if came else None}
        for who, came in attended.items()
    ]
    changed = update(TrainingEnrolment).where(TrainingEnrolment.id == bindparam("row"))
    session.connection().execute(
        changed.values(
            attended=bindparam("came"),
            certificate_number=bindparam("number"),
            attended_at=session.now,
            attended_by=session.actor.account_id,
        ),
        rows,
    )
    said = sorted((str(who), came) for who, came in attended.items())
    payload = {"people": len(said), "came": sum(attended.values()), "digest": audit.digest_of(said).hex()}
    audit.record_on(session, course, "course.attendance_marked", **payload)
    return len(rows)


def certificate_number(course: TrainingCourse, enrolment_id: UUID) -> str:
    """The number of a certificate of attendance: the year and a part of the enrolment's id."""
    return f"PX{course.year}-{enrolment_id.hex[-12:].upper()}"


def courses_of(session: ScopedSession, office_id: str, year: int) -> Sequence[TrainingCourse]:
    """The courses of an office, by their beginning."""
    wanted = select(TrainingCourse).where(TrainingCourse.office_id == office_id, TrainingCourse.year == year)
    return session.scalars(wanted.order_by(TrainingCourse.starts_at, TrainingCourse.id)).all()


def enrolments_of(session: ScopedSession, course_id: UUID) -> Sequence[tuple[TrainingEnrolment, Application]]:
    """The enrolments of a course that the session may see, in the order of their applications."""
    wanted = (
        select(TrainingEnrolment, Application)
        .join(Application, Application.id == TrainingEnrolment.application_id)
        .where(TrainingEnrolment.course_id == course_id, TrainingEnrolment.withdrawn_at.is_(None))
        .order_by(Application.reference)
    )
    return [(row[0], row[1]) for row in session.execute(wanted)]


def enrolments_by_course(
    session: ScopedSession, application_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID], TrainingEnrolment]:
    """The live enrolments of these applications, by course and application."""
    wanted = select(TrainingEnrolment).where(
        TrainingEnrolment.application_id.in_(application_ids), TrainingEnrolment.withdrawn_at.is_(None)
    )
    return {(row.course_id, row.application_id): row for row in session.scalars(wanted)}


def certificate(session: ScopedSession, enrolment_id: UUID) -> tuple[TrainingEnrolment, TrainingCourse, Application]:
    """The data of a certificate of attendance; NotFound for a candidate who did not come or is not visible."""
    found = session.execute(
        select(TrainingEnrolment, TrainingCourse, Application)
        .join(TrainingCourse, TrainingCourse.id == TrainingEnrolment.course_id)
        .join(Application, Application.id == TrainingEnrolment.application_id)
        .where(TrainingEnrolment.id == enrolment_id, TrainingEnrolment.attended.is_(True))
    ).one_or_none()
    if found is None:
        raise NotFound("no_certificate", "没有找到该培训证明。参加培训并登记出勤后才有。")
    return found[0], found[1], found[2]


def places_taken(session: ScopedSession, course_id: UUID) -> int:
    """The number of places of a course that are taken; every session may ask, none learns by whom."""
    return session.scalar(select(func.training_places_taken(course_id))) or 0


def _check(session: OfficeSession, year: int, form: CourseForm) -> None:
    missing = {name: "请填写" for name in ("title", "place") if not getattr(form, name).strip()}
    if missing or not form.grades:
        raise Invalid("course_incomplete", "请填写培训班名称、地点（或网址）和等级。", fields=missing)
    if unknown := unknown_trades(session, form.trades, year):
        raise Invalid("trade_unknown", f"本年度没有工种：{'、'.join(unknown)}。请从列表中选择。", at="trades")
    if form.starts_at >= form.ends_at:
        raise Invalid("course_times", "培训班的开始时间须早于结束时间。", at="ends_at")
    if form.places is not None and form.places < 1:
        raise Invalid("course_places", "名额至少为1人；不限名额的请留空。", fields={"places": "请改正"})
    calendar = calendar_now(session, session.office_id, year)
    for grade in sorted(form.grades, reverse=True):
        window = calendar.window(WindowKind.TRAINING, grade)
        opens = None if window is None else window.opens
        if window is None or (opens is not None and form.starts_at < opens) or form.ends_at > window.closes:
            allowed = "尚未确定"
            if window is not None:
                begins = "" if opens is None else f"{dates.day(opens)}起"
                allowed = f"为{begins}至{dates.day(last_day(window.closes))}止"
            written = f"{dates.day(form.starts_at)}至{dates.day(last_day(form.ends_at))}"
            message = f"{grade.label}培训时间{allowed}，培训班定为{written}，不在其内。请改正。"
            raise Invalid("outside_training_window", message, at="starts_at")


def warnings_of(course: TrainingCourse | CourseForm) -> list[str]:
    """Warnings about the first and the last day of a course."""
    days = dict.fromkeys((course.starts_at.astimezone(SHANGHAI).date(), last_day(course.ends_at)))
    return [said for day in days if (said := warning_of(day)) is not None]


def _check_fits(course: TrainingCourse, case: Application) -> None:
    if case.office_id != course.office_id or case.year != course.year:
        raise Conflict("course_of_another_office", "该培训班由其他机构举办。请选择本人所在地机构的培训班。")
    if case.state not in _ADMITTED:
        raise Conflict("not_admitted", "申报尚未通过资格审查，不能报名培训。请在审查通过后再报名。")
    if case.grade not in course.grades or (course.trades and case.trade not in course.trades):
        raise Conflict("course_not_for_this_trade", "该培训班不面向所申报的等级或工种。请选择其他培训班。")


def _course(session: ScopedSession, course_id: UUID) -> TrainingCourse:
    found = session.get(TrainingCourse, course_id)
    if found is None:
        raise NotFound("course_not_found", "没有找到该培训班。请核对后重试。")
    return found


def own_course(session: OfficeSession, course_id: UUID) -> TrainingCourse:
    """A course of the session's own office; NotFound for other courses."""
    course = _course(session, course_id)
    if course.office_id != session.office_id:
        raise NotFound("course_not_found", "没有找到该培训班，或者它不属于本机构。")
    return course
