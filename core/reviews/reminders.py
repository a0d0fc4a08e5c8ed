"""Reminders of deadlines: registration, corrections, deferred papers, and the verdict on those that came.

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
    _of_verdicts(session, year, offices)


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


def _of_verdicts(session: SystemSession, year: int, offices: Offices) -> None:
    """Remind the office in charge of the final verdict on papers that are in; once it is overdue, tell all concerned.

    Without the verdict there is no ticket: the person must know it in time. Source: 2024 notice §2(5).
    """
    still_open = select(Deferral.id).where(Deferral.application_id == Application.id, Deferral.state == "open")
    wanted = select(Application).where(
        Application.office_id == session.office_id,
        Application.year == year,
        Application.state == State.PROVISIONAL,
        Application.due_at.is_not(None),
        ~still_open.exists(),
    )
    for application in session.scalars(wanted.order_by(Application.id)):
        due_at = application.due_at
        if due_at is not None and session.now < due_at:
            text = f"申请{application.reference}补交的材料已齐，须于{in_words(due_at)}前作出最终审查结论。{_NO_TICKET}"
            office = Recipient(office_id=application.handler_office_id)
            _remind(session, offices, application, due_at, "verdict", "请审查补交的材料", text, recipient=office)
        elif due_at is not None:
            _tell_overdue(session, offices, application, due_at)


_NO_TICKET = "考试前未作出结论的，不能签发准考证。"


def _tell_overdue(session: SystemSession, offices: Offices, application: Application, due_at: datetime) -> None:
    """Tell the office in charge, the one above it, and the person, once."""
    delegated = application.handler_office_id != application.office_id
    superior = application.office_id if delegated else offices.catalogue.province.code
    text = f"申请{application.reference}补交的材料已齐，最终审查结论已超过{in_words(due_at)}的期限。{_NO_TICKET}"
    tellings = [
        (Recipient(office_id=application.handler_office_id), "审查补交材料已逾期", f"{text}请立即办理。"),
        (Recipient(person_id=application.person_id), "补交材料尚未审查", f"{text}已提醒审查机构，您也可以联系该机构。"),
    ]
    if superior != application.handler_office_id:
        tellings.append((Recipient(office_id=superior), "下级机构审查补交材料逾期", f"{text}请督促办理。"))
    for recipient, title, body in tellings:
        notify(
            session,
            recipient,
            event_key=f"verdict.overdue:{application.id}:{due_at.isoformat()}",
            office_id=application.office_id,
            kind="verdict_overdue",
            title=title,
            body=body,
            application_id=application.id,
        )


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
