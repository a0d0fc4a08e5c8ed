"""Alarms of sites that are not open in time: raised by the worker, settled by the opening or an officer.

The worker looks every minute, so that a worker that was down rings as soon as it is back, while the sitting lasts. The
row of an alarm is the memory: a site rings once for each time of a sitting, however often it is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession, ProvinceSession, ScopedSession, SystemSession
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.scheduling.access import must_answer_for_exams
from core.scheduling.exam_day.opening import Used, openings, sites_used
from core.scheduling.models.openings import OpeningAlarm
from core.scheduling.models.sites import ExamSite
from core.scheduling.models.sittings import Sitting
from core.seasons.queries import is_ended
from core.tenancy.models import Office
from core.text import dates


@dataclass(frozen=True, slots=True)
class Ringing:
    """An alarm with the names of its place; ``stands`` while nobody has settled it and the sitting is as it was."""

    alarm: OpeningAlarm
    site_name: str
    sitting: Sitting

    @property
    def stands(self) -> bool:
        """Whether somebody has to act on it."""
        as_it_was = self.sitting.cancelled_at is None and self.sitting.starts_at == self.alarm.starts_at
        return self.alarm.settled_at is None and as_it_was


def watch_openings(session: SystemSession, year: int, *, minutes_before: int) -> int:
    """Raise an alarm for every site of the office that is not open ``minutes_before`` its sitting; returns how many.

    The office, the offices above it and the center are told at once. Alarms of sittings that were moved or cancelled,
    and of sites that are used no more, are settled as overtaken. Nothing rings in a season that has ended.
    """
    ahead = session.now + timedelta(minutes=minutes_before)
    used = [] if is_ended(session, year) else sites_used(session, year, office_id=session.office_id)
    _settle_overtaken(session, year, used)
    due = [site for site in used if site.starts_at <= ahead and session.now < site.ends_at]
    known = openings(session, due)
    return sum(_raise(session, site) for site in due if known[site.place].opened is None)


def settle_alarm(session: OfficeSession | ProvinceSession, alarm_id: UUID, *, reason: str) -> OpeningAlarm:
    """Settle an alarm by hand, for a reason. NotFound for an alarm of another office, Conflict for a settled one."""
    must_answer_for_exams(session)
    one_at_a_time(session, f"alarm/{alarm_id}")
    alarm = visible_alarm(session, alarm_id).alarm
    if not reason.strip():
        raise Invalid("reason_required", "请写明核实的情况和处理办法。", at="reason")
    if alarm.settled_at is not None:
        raise Conflict("alarm_settled", "该警报已经处理。")
    _settle(session, alarm, "reason", reason.strip())
    return alarm


def visible_alarm(session: ScopedSession, alarm_id: UUID) -> Ringing:
    """An alarm that the session sees, as it stands now; NotFound for others."""
    wanted = _alarms().where(OpeningAlarm.id == alarm_id).execution_options(populate_existing=True)
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("alarm_not_found", "没有找到该警报，或者它不属于本机构。请从“考试日”重新打开。")
    return Ringing(found[0], found[1], found[2])


def alarms_of(
    session: ScopedSession, year: int, *, since: datetime | None = None, until: datetime | None = None
) -> list[Ringing]:
    """The alarms of a year that the session sees, of sittings that begin in this time; the latest first."""
    wanted = _alarms().where(OpeningAlarm.year == year)
    if since is not None:
        wanted = wanted.where(OpeningAlarm.starts_at >= since)
    if until is not None:
        wanted = wanted.where(OpeningAlarm.starts_at < until)
    rows = session.execute(wanted.order_by(OpeningAlarm.raised_at.desc(), OpeningAlarm.id.desc()))
    return [Ringing(alarm, site, sitting) for alarm, site, sitting in rows]


def offices_above(session: ScopedSession, office_id: str) -> list[str]:
    """The office and those above it, up to the center: who is told of an alarm or an emergency.

    Nobody above is told of an office of made-up people (演练).
    """
    if session.get_one(Office, office_id).practice:
        return [office_id]
    parents = dict(session.execute(select(Office.id, Office.parent_id)).all())
    found = [office_id]
    while (above := parents.get(found[-1])) is not None:
        found.append(above)
    return found


def _alarms() -> Select[OpeningAlarm, str, Sitting]:
    wanted = select(OpeningAlarm, ExamSite.name, Sitting)
    return wanted.join(ExamSite, ExamSite.id == OpeningAlarm.site_id).join(
        Sitting, Sitting.id == OpeningAlarm.sitting_id
    )


def _raise(session: SystemSession, site: Used) -> bool:
    """Whether the alarm is new: of two workers one rings."""
    alarm_id = new_id()
    row = {
        "id": alarm_id,
        "office_id": site.office_id,
        "year": site.year,
        "sitting_id": site.sitting_id,
        "site_id": site.site_id,
        "starts_at": site.starts_at,
        "raised_at": session.now,
        "reason": "",
    }
    options = {"preserve_rowcount": True}
    made = session.connection().execute(insert(OpeningAlarm).on_conflict_do_nothing(), row, execution_options=options)
    if made.rowcount != 1:
        return False
    alarm = session.get_one(OpeningAlarm, alarm_id)
    audit.record_on(session, alarm, "opening.alarm_raised", alarm=str(alarm.id))
    office = session.get_one(Office, site.office_id)
    left = round((site.starts_at - session.now).total_seconds() / 60)
    standing = f"距开考还有{left}分钟" if left > 0 else "已到开考时间"
    for told in offices_above(session, site.office_id):
        notify(
            session,
            Recipient(office_id=told),
            event_key=f"opening.alarm:{alarm.id}",
            office_id=site.office_id,
            kind="opening_alarm",
            title=f"考点未报告可以开考：{office.short_name}{site.site_name}",
            body=f"{dates.minute(site.starts_at)}开考的{site.site_name}尚未报告可以开考，{standing}。"
            "请立即联系考点负责人，核实准备情况；考点报告可以开考，或者写明处理情况后，警报解除。",
        )
    return True


def _settle_overtaken(session: SystemSession, year: int, used: Sequence[Used]) -> None:
    standing = {(site.place, site.starts_at) for site in used}
    wanted = select(OpeningAlarm).where(
        OpeningAlarm.office_id == session.office_id, OpeningAlarm.year == year, OpeningAlarm.settled_at.is_(None)
    )
    for alarm in session.scalars(wanted):
        if ((alarm.sitting_id, alarm.site_id), alarm.starts_at) not in standing:
            _settle(session, alarm, "overtaken", "")


def _settle(session: ScopedSession, alarm: OpeningAlarm, how: str, reason: str) -> None:
    alarm.settled_at, alarm.settled_how, alarm.reason = session.now, how, reason
    alarm.settled_by, alarm.settled_name = session.actor.account_id, session.actor.name
    session.flush()
    audit.record_on(session, alarm, "opening.alarm_settled", how=how)
