"""Reminding an office of what it owes: answers to checks and objections, and the decision after a hearing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from core.applications.models import Application
from core.db.session import SystemSession
from core.domain.calendar import answer_reminder_due
from core.messages.deadlines import in_words
from core.messages.service import Recipient, notify
from core.results.models.awards import Objection, Publication, Striking
from core.results.models.corrections import ScoreCheck
from core.tenancy.offices import Offices


def remind_of_answers(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Tell the office which answers fall due, some working days before (``messages.answer_reminder_days``).

    Once the time to speak is over, it is told of everybody whose striking waits for the second officer.
    """
    days = offices.config(session.office_id).messages.answer_reminder_days
    checks = (
        select(ScoreCheck.id, ScoreCheck.due_at, ScoreCheck.subject, Application.id, Application.reference)
        .join(Application, Application.id == ScoreCheck.application_id)
        .where(ScoreCheck.office_id == session.office_id, ScoreCheck.state == "open", Application.year == year)
    )
    for check_id, due_at, subject, application_id, reference in session.execute(checks.order_by(ScoreCheck.due_at)):
        text = f"{reference}申请复查{subject}，尚未答复，须于{in_words(due_at)}前答复本人和单位。"
        _remind(session, "score_check", check_id, due_at, days, "成绩复查即将到期", text, application_id=application_id)
    out, same_list = aliased(Publication), ("office_id", "year", "version")
    objections = (
        select(Objection.id, Objection.receipt, out.ends_at)
        .join(Publication, Publication.id == Objection.publication_id)
        .join(out, and_(*(getattr(out, name) == getattr(Publication, name) for name in same_list)))
        .where(Objection.office_id == session.office_id, Objection.state == "open", Publication.year == year)
        .where(out.state == "published")
    )
    for objection_id, receipt, ends_at in session.execute(objections.order_by(Objection.id)):
        if ends_at is None:
            continue
        text = (
            f"公示异议（编号{receipt}）尚未处理，公示于{in_words(ends_at)}期满。请核查处理，未处理完不能公布合格人员。"
        )
        _remind(session, "objection", objection_id, ends_at, days, "公示异议尚未处理", text)
    _remind_of_hearings(session, year)


def _remind_of_hearings(session: SystemSession, year: int) -> None:
    heard = (
        select(Striking.id, Striking.application_id)
        .join(Application, Application.id == Striking.application_id)
        .where(Striking.office_id == session.office_id, Application.year == year)
        .where(Striking.state == "proposed", Striking.heard_until <= session.now)
    )
    for striking_id, application_id in session.execute(heard.order_by(Striking.id)):
        notify(
            session,
            Recipient(office_id=session.office_id),
            event_key=f"reminder.striking:{striking_id}",
            office_id=session.office_id,
            kind="reminder.striking",
            title="取消公示资格待决定",
            body="本人陈述意见的期限已满。请由提出人以外的监管人员决定，决定以前不能公布合格人员。",
            application_id=application_id,
        )


def _remind(  # noqa: PLR0917 - the parts of one notice
    session: SystemSession,
    of: str,
    subject_id: UUID,
    deadline: datetime,
    days: tuple[int, ...],
    title: str,
    body: str,
    *,
    application_id: UUID | None = None,
) -> None:
    reached = answer_reminder_due(deadline, session.now, days)
    if reached is None:
        return
    notify(
        session,
        Recipient(office_id=session.office_id),
        event_key=f"reminder.{of}:{subject_id}:{deadline.isoformat()}:{reached}",
        office_id=session.office_id,
        kind=f"reminder.{of}",
        title=title,
        body=body,
        application_id=application_id,
    )
