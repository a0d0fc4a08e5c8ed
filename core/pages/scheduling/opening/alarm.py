"""The page of an alarm: a site that was not open in time, and how that was settled."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.clock import SHANGHAI
from core.db.session import OfficeSession, ProvinceSession
from core.scheduling.access import may_answer_for_exams
from core.scheduling.exam_day import opening_alarms
from core.scheduling.exam_day.opening import Used, openings, site_named
from core.tenancy.models import Office
from core.web.dependencies import OfSupervisor
from core.web.guards import ANSWER_FOR_EXAMS, OFFICE_STAFF
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

SETTLED_HOW = {"opened": "考点已报告可以开考", "reason": "人工处理", "overtaken": "场次或考点已变更，警报不再适用"}


@page("/exams/alarms/{alarm_id:uuid}", roles=OFFICE_STAFF, province=True)
def alarm_page(request: AnyRequest, session: OfSupervisor, alarm_id: FromPath[UUID]) -> Response[str]:
    """An alarm with the telephones of its site."""
    return _alarm(request, session, alarm_id)


@form("/exams/alarms/{alarm_id:uuid}", roles=ANSWER_FOR_EXAMS, province=True)
def settle_alarm(request: AnyRequest, session: OfSupervisor, alarm_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Settle an alarm with a reason."""
    with attempt(request, session) as tried:
        opening_alarms.settle_alarm(session, alarm_id, reason=fields.text(data, "reason"))
        return see(f"/exams/alarms/{alarm_id}")
    return _alarm(request, session, alarm_id, tried=tried, reason=fields.text(data, "reason"))


def _alarm(
    request: AnyRequest,
    session: OfficeSession | ProvinceSession,
    alarm_id: UUID,
    *,
    tried: Attempt | None = None,
    reason: str = "",
) -> Response[str]:
    ringing = opening_alarms.visible_alarm(session, alarm_id)
    sitting, alarm = ringing.sitting, ringing.alarm
    here = Used(
        *(alarm.office_id, alarm.year, sitting.id, alarm.starts_at, sitting.ends_at, alarm.site_id, ringing.site_name)
    )
    return render(
        request,
        session,
        "scheduling/opening/alarm.html",
        of_year=alarm.year,
        tried=tried,
        day=alarm.starts_at.astimezone(SHANGHAI).date().isoformat(),
        reason=reason,
        ringing=ringing,
        alarm=alarm,
        sitting=sitting,
        site=site_named(session, alarm.site_id),
        office=session.get_one(Office, alarm.office_id),
        standing=openings(session, [here])[here.place],
        how=SETTLED_HOW,
        may_settle=may_answer_for_exams(session) and ringing.stands,
        board="/board/exams" if isinstance(session, ProvinceSession) else "/exams/day",
    )
