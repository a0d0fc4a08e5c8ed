"""The opening of a site before a sitting (考点开考准备): its steps, noted on a phone by those on site.

Source: 2024 notice §4(1) and §4(3): exams are held safely, and what they need is secured beforehand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, not_, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession, ScopedSession
from core.errors import Conflict, Invalid, NotFound
from core.scheduling.access import must_be_on_site
from core.scheduling.exam_day.at_door import OPENS_BEFORE
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.openings import OpeningAlarm, SiteOpening
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.room_sheets import live_seats
from core.scheduling.sittings.service import own_sitting
from core.seasons.queries import check_not_ended
from core.text.labels import Labelled


class Step(Labelled):
    """A step of the opening, in their order; with the last one the site is open."""

    ARRIVED = "arrived", "主考和考务人员已到岗"
    PAPERS = "papers", "试卷检查（机考：系统、网络）"
    STAFF = "staff", "监考人员到齐"
    ROOMS = "rooms", "考场就绪"
    OPEN = "open", "可以开考"


BEFORE_OPENING: Final = tuple(step for step in Step if step is not Step.OPEN)
"""The steps that have to be in order before a site is open."""

Place = tuple[UUID, UUID]
"""A sitting and a site."""


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step as it is noted; ``missing`` are the invigilators who have not come."""

    step: Step
    in_order: bool = True
    remark: str = ""
    missing: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Opening:
    """How far the opening of a site for a sitting is: the latest note of each step, for the time that holds now."""

    notes: Mapping[Step, SiteOpening] = field(default_factory=dict)

    @property
    def opened(self) -> SiteOpening | None:
        """The note by which the site is open, if it is."""
        return self.notes.get(Step.OPEN)

    @property
    def lacking(self) -> list[Step]:
        """The steps that are not in order yet."""
        return [step for step in BEFORE_OPENING if step not in self.notes or not self.notes[step].in_order]

    @property
    def faults(self) -> list[Step]:
        """The steps that were noted as not in order."""
        return [step for step in BEFORE_OPENING if step in self.notes and not self.notes[step].in_order]


@dataclass(frozen=True, slots=True)
class Used:
    """A site that a sitting uses: candidates are to sit there."""

    office_id: str
    year: int
    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    site_id: UUID
    site_name: str

    @property
    def place(self) -> Place:
        """Its sitting and site."""
        return self.sitting_id, self.site_id


def note_step(session: OfficeSession, sitting_id: UUID, site_id: UUID, form: StepForm) -> SiteOpening:
    """Note a step of the opening of a site; the same note again, or a second opening, changes nothing.

    Conflict before the door of the sitting opens and after its end, for a step once the site is open, and for the
    opening while a step is not in order. Invalid for a fault that is not explained. With the opening its alarm is
    settled.
    """
    must_be_on_site(session)
    sitting = own_sitting(session, sitting_id)
    check_not_ended(session, sitting.year)
    used = _used_now(session, sitting, site_id)
    one_at_a_time(session, f"opening/{sitting_id}/{site_id}")
    before = openings(session, [used])[used.place]
    if before.opened is not None:
        if form.step is Step.OPEN:
            return before.opened
        raise Conflict("site_is_open", "该考点已报告可以开考，不能再改准备情况。突发情况请在“突发事件”中报告。")
    _check(session, used, form, before)
    there = before.notes.get(form.step)
    if there is not None and _same(there, form):
        return there
    noted = SiteOpening(
        id=new_id(),
        office_id=session.office_id,
        year=sitting.year,
        sitting_id=sitting_id,
        site_id=site_id,
        starts_at=sitting.starts_at,
        step=form.step.value,
        in_order=form.in_order,
        missing=sorted(map(str, form.missing)),
        remark=form.remark.strip(),
        noted_at=session.now,
        noted_by=session.actor.account_id,
        noted_name=session.actor.name,
    )
    session.add(noted)
    session.flush()
    subject = audit.RecordSubject(session.office_id, "sitting", sitting_id, {"site": str(site_id)})
    audit.record_on(session, subject, "opening.noted", step=form.step.value, in_order=form.in_order)
    if form.step is Step.OPEN:
        _settle(session, used)
    return noted


def sites_used(
    session: ScopedSession,
    year: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    office_id: str | None = None,
    sitting_id: UUID | None = None,
) -> list[Used]:
    """The sites at which candidates have seats in sittings that begin in this time, in rooms that stand."""
    wanted = (
        select(
            Sitting.office_id, Sitting.year, Sitting.id, Sitting.starts_at, Sitting.ends_at, ExamSite.id, ExamSite.name
        )
        .join(Seat, Seat.sitting_id == Sitting.id)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(Sitting.year == year, Sitting.cancelled_at.is_(None), live_seats())
        .where(not_(func.room_is_lost(Seat.sitting_id, Seat.room_id)))
        .group_by(Sitting.id, ExamSite.id)
        .order_by(Sitting.starts_at, Sitting.office_id, ExamSite.name, Sitting.id, ExamSite.id)
    )
    if since is not None:
        wanted = wanted.where(Sitting.starts_at >= since)
    if until is not None:
        wanted = wanted.where(Sitting.starts_at < until)
    if office_id is not None:
        wanted = wanted.where(Sitting.office_id == office_id)
    if sitting_id is not None:
        wanted = wanted.where(Sitting.id == sitting_id)
    return [Used(*row) for row in session.execute(wanted)]


def openings(session: ScopedSession, used: Iterable[Used]) -> dict[Place, Opening]:
    """How far the opening of each of these sites is, for the times that their sittings have now."""
    times = {site.place: site.starts_at for site in used}
    steps: dict[Place, dict[Step, SiteOpening]] = {place: {} for place in times}
    latest = select(SiteOpening).where(SiteOpening.sitting_id.in_({sitting for sitting, _ in times}))
    latest = latest.ext(
        distinct_on(SiteOpening.sitting_id, SiteOpening.site_id, SiteOpening.starts_at, SiteOpening.step)
    )
    order = (SiteOpening.sitting_id, SiteOpening.site_id, SiteOpening.starts_at, SiteOpening.step)
    for noted in session.scalars(latest.order_by(*order, SiteOpening.id.desc())):
        place = (noted.sitting_id, noted.site_id)
        if times.get(place) == noted.starts_at:
            steps[place][Step(noted.step)] = noted
    return {place: Opening(notes) for place, notes in steps.items()}


def steps_of(session: OfficeSession, sitting_id: UUID) -> list[SiteOpening]:
    """The latest note of each step at each site of a sitting of the office."""
    sitting = own_sitting(session, sitting_id)
    used = sites_used(session, sitting.year, sitting_id=sitting_id)
    known = openings(session, used)
    return [noted for site in used for noted in known[site.place].notes.values()]


def site_named(session: ScopedSession, site_id: UUID) -> ExamSite:
    """A site, which everybody may know; NotFound for an unknown id."""
    found = session.get(ExamSite, site_id)
    if found is None:
        raise NotFound("site_not_found", "没有找到该考点。请从“考试日”重新打开。")
    return found


def staff_of(session: ScopedSession, sitting_id: UUID, site_id: UUID) -> Sequence[tuple[UUID, str, str, str, bool]]:
    """The invigilators with a duty at a site in a sitting: id, number, name, room, and whether they are the chief."""
    wanted = (
        select(Invigilator.id, Invigilator.number, Invigilator.name, ExamRoom.name, Invigilation.chief)
        .join(Invigilation, Invigilation.invigilator_id == Invigilator.id)
        .join(Plan, Plan.id == Invigilation.plan_id)
        .join(ExamRoom, ExamRoom.id == Invigilation.room_id)
        .where(Plan.state == "published", Invigilation.sitting_id == sitting_id, ExamRoom.site_id == site_id)
        .order_by(ExamRoom.number, Invigilation.chief.desc(), Invigilator.number)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in session.execute(wanted)]


def _used_now(session: OfficeSession, sitting: Sitting, site_id: UUID) -> Used:
    found = [used for used in sites_used(session, sitting.year, sitting_id=sitting.id) if used.site_id == site_id]
    if not found:
        text = "本场考试没有在该考点安排考生（场次已取消、考点已更换，或者座位尚未发布）。请核对场次和考点。"
        raise NotFound("site_not_used", text)
    if session.now < sitting.starts_at - OPENS_BEFORE:
        raise Conflict("opening_too_early", "还没有到开考准备的时间。开考前3小时起可以登记。")
    if session.now >= sitting.ends_at:
        raise Conflict("sitting_over", "该场次已经结束，不能再登记开考准备。")
    return found[0]


def _check(session: OfficeSession, used: Used, form: StepForm, before: Opening) -> None:
    if form.step is Step.OPEN and not form.in_order:
        raise Invalid("step_is_yes_or_nothing", "不能开考的，请在有问题的一项写明情况；就绪后再报告“可以开考”。")
    if form.step is Step.OPEN and before.lacking:
        lacking = "、".join(step.label for step in before.lacking)
        raise Conflict("opening_not_ready", f"还不能报告可以开考：{lacking}尚未登记正常。请先逐项登记。")
    if form.missing and (form.step is not Step.STAFF or form.in_order):
        raise Invalid("missing_not_in_order", "有监考人员未到的，请把“监考人员到齐”登记为“有问题”。", at="missing")
    strange: Collection[UUID] = form.missing
    if form.missing:
        strange = form.missing - {found[0] for found in staff_of(session, *used.place)}
    if strange:
        raise NotFound("invigilator_not_found", "所选监考人员不在本场本考点的监考安排中。请刷新后重新选择。")
    if not form.in_order and not form.remark.strip() and not form.missing:
        raise Invalid("remark_required", "有问题的，请写明问题和处理办法。", at="remark")


def _same(there: SiteOpening, form: StepForm) -> bool:
    said = (there.in_order, there.remark, there.missing)
    return said == (form.in_order, form.remark.strip(), sorted(map(str, form.missing)))


def _settle(session: OfficeSession, used: Used) -> None:
    """Settle the alarm of a site that is open now."""
    wanted = select(OpeningAlarm).where(
        OpeningAlarm.sitting_id == used.sitting_id,
        OpeningAlarm.site_id == used.site_id,
        OpeningAlarm.starts_at == used.starts_at,
        OpeningAlarm.settled_at.is_(None),
    )
    for alarm in session.scalars(wanted):
        alarm.settled_at, alarm.settled_how = session.now, "opened"
        alarm.settled_by, alarm.settled_name = session.actor.account_id, session.actor.name
        session.flush()
        audit.record_on(session, alarm, "opening.alarm_settled", how="opened")
