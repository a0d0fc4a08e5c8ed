"""Reminders of deadlines in sanction cases: the person of their right to speak, the office of the next step."""

from datetime import datetime

from sqlalchemy import select

from core.applications.models import Application
from core.clock import SHANGHAI
from core.db.session import SystemSession
from core.domain.calendar import answer_reminder_due
from core.messages.deadlines import in_words
from core.messages.service import Recipient, notify
from core.sanctions.case_queries import taken
from core.sanctions.models import SanctionCase, Suspension
from core.sanctions.procedure import CaseAction, CaseState
from core.sanctions.telling import OWN_PAGE
from core.tenancy.models import Office
from core.tenancy.offices import Offices


def remind_of_sanctions(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Remind of hearings and appeals whose time ends soon (``messages.answer_reminder_days``).

    A person who has spoken is not reminded to speak. Source: 2024 notice §4(4).
    """
    days = offices.config(session.office_id).messages.answer_reminder_days
    wanted = (
        select(SanctionCase, Application)
        .join(Application, Application.id == SanctionCase.application_id)
        .where(SanctionCase.office_id == session.office_id, Application.year == year)
        .where(SanctionCase.state.in_([CaseState.HEARING, CaseState.DECIDED]))
    )
    for sanction, application in session.execute(wanted.order_by(SanctionCase.id)):
        hearing = sanction.state == CaseState.HEARING
        until = sanction.hearing_until if hearing else sanction.appeal_until
        reached = None if until is None else answer_reminder_due(until, session.now, days)
        if until is not None and reached is not None:
            _tell(session, sanction, application, until, reached, hearing=hearing)


def remind_of_suspensions(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Remind of suspended candidates: before the day by which their case should be decided, and daily from then on.

    From that day on the center is told as well. Nobody is left suspended and forgotten.
    """
    days = offices.config(session.office_id).messages.answer_reminder_days
    wanted = (
        select(Suspension, Application)
        .join(Application, Application.id == Suspension.application_id)
        .where(Suspension.office_id == session.office_id, Application.year == year, Suspension.lifted_at.is_(None))
    )
    center = session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()
    for suspension, application in session.execute(wanted.order_by(Suspension.id)):
        late = session.now >= suspension.decide_until
        reached = answer_reminder_due(suspension.decide_until, session.now, days)
        if not late and reached is None:
            continue
        today = session.now.astimezone(SHANGHAI).date()
        held = (today - suspension.imposed_at.astimezone(SHANGHAI).date()).days + 1
        due = f"应于{in_words(suspension.decide_until)}前作出决定" + ("，现已超期" if late else "")
        for office in {suspension.office_id, center} if late else {suspension.office_id}:
            notify(
                session,
                Recipient(office_id=office),
                event_key=f"reminder.suspension:{suspension.id}:{today if late else reached}",
                office_id=suspension.office_id,
                kind="reminder.suspension",
                title="有考生被暂停考核，案件尚未决定",
                body=f"{application.reference}已被暂停考核{held}天，{due}。请尽快办理违规案件。",
                application_id=application.id,
            )


def _tell(  # noqa: PLR0917 - a case, its application and its deadline
    session: SystemSession,
    sanction: SanctionCase,
    application: Application,
    until: datetime,
    reached: int,
    *,
    hearing: bool,
) -> None:
    what, then = ("陈述申辩", "作出决定") if hearing else ("申诉", "执行处理决定")
    decider = Recipient(office_id=sanction.decided_by_office_id or sanction.office_id)
    to_office = f"{application.reference}违规案件的{what}期限于{in_words(until)}届满，届满后请及时{then}。"
    tellings = [(decider, f"{what}期限即将届满", to_office)]
    if not (hearing and {CaseAction.STATE, CaseAction.FINISH} & taken(session, sanction.id)):
        to_person = f"期限至{in_words(until)}24时，逾期不再受理。{OWN_PAGE}"
        tellings.append((Recipient(person_id=application.person_id), "您有一份文书的办理期限即将届满", to_person))
    kind = "hearing" if hearing else "appeal"
    for recipient, title, body in tellings:
        notify(
            session,
            recipient,
            event_key=f"reminder.{kind}:{sanction.id}:{until.isoformat()}:{reached}",
            office_id=sanction.office_id,
            kind=f"reminder.{kind}",
            title=title,
            body=body,
            application_id=application.id,
        )
