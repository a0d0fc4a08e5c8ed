"""Reminders of deadlines: registration, corrections, deferred papers.

Each reminder is sent once, however often this runs. Each office sets the days before a deadline in
``messages.reminder_days``.
"""

from datetime import datetime

from sqlalchemy import select

from core.applications.models import Application, Deferral
from core.db.session import SystemSession
from core.domain.workflow import State
from core.messages.deadlines import in_words, reminder_due
from core.messages.service import Recipient, notify
from core.plugin_api import Grade, OfficeCode, WindowKind
from core.seasons.queries import calendars_now
from core.tenancy.offices import Offices


def remind_applicants(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Remind the applicants with a case at this office of near deadlines. Source: 2024 notice §2(3)-(4), §3(2)."""
    _of_registration(session, year, offices)
    _of_corrections(session, year, offices)
    _of_deferred_papers(session, year, offices)


def _of_registration(session: SystemSession, year: int, offices: Offices) -> None:
    calendars = calendars_now(session, year)
    for application in _in_state(session, year, State.DRAFT):
        grade = Grade(application.grade or Grade.FIVE)
        window = calendars[OfficeCode(application.local_office_id)].window(WindowKind.REGISTRATION, grade)
        if window is not None:
            text = f"您的申请{application.reference}尚未提交，报名于{in_words(window.closes)}截止，请及时填报并提交。"
            _remind(session, offices, application, window.closes, "registration", "报名即将截止", text)


def _of_corrections(session: SystemSession, year: int, offices: Offices) -> None:
    for application in _in_state(session, year, State.RETURNED):
        if application.due_at is not None:
            until = in_words(application.due_at)
            text = f"您的申请{application.reference}已退回修改，须于{until}前重新提交，逾期失效。请按退回意见修改。"
            _remind(session, offices, application, application.due_at, "correction", "请及时修改申请", text)


def _of_deferred_papers(session: SystemSession, year: int, offices: Offices) -> None:
    """Remind the unit as well, since the commitment is its own."""
    wanted = (
        select(Application, Deferral.due_at)
        .join(Deferral, Deferral.application_id == Application.id)
        .where(Application.office_id == session.office_id, Application.year == year)
        .where(Application.state == State.PROVISIONAL, Deferral.state == "open")
    )
    for application, due_at in session.execute(wanted):
        until = in_words(due_at)
        text = f"申请{application.reference}承诺后补的材料尚未补交，须于{until}前补交，逾期按审查不通过处理。"
        _remind(session, offices, application, due_at, "deferral", "请及时补交材料", text)
        unit = Recipient(unit_id=application.unit_id)
        _remind(session, offices, application, due_at, "deferral", "请督促补交材料", text, recipient=unit)


def _in_state(session: SystemSession, year: int, state: State) -> list[Application]:
    wanted = select(Application).where(
        Application.office_id == session.office_id, Application.year == year, Application.state == state
    )
    return list(session.scalars(wanted.order_by(Application.id)))


def _remind(  # noqa: PLR0917 - the parts of one notice
    session: SystemSession,
    offices: Offices,
    application: Application,
    deadline: datetime,
    of: str,
    title: str,
    text: str,
    *,
    recipient: Recipient | None = None,
) -> None:
    days = offices.config(application.local_office_id).messages.reminder_days
    reached = reminder_due(deadline, session.now, days)
    if reached is None:
        return
    notify(
        session,
        recipient or Recipient(person_id=application.person_id),
        event_key=f"reminder.{of}:{application.id}:{deadline.isoformat()}:{reached}",
        office_id=application.office_id,
        kind=f"reminder.{of}",
        title=title,
        body=text,
        application_id=application.id,
    )
