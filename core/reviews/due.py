"""Acts of the calendar: drafts and returns expire, commitments lapse."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from core.applications.models import Application, Deferral
from core.applications.moves import Step, move, open_for_change
from core.applications.queries import deferrals
from core.db.session import CaseSession, SystemSession
from core.domain.calendar import correction_ends, hard_end
from core.domain.workflow import Action, State
from core.messages.service import Recipient, notify
from core.organizations.models import Unit
from core.plugin_api import Grade
from core.seasons.queries import calendar_now
from core.tenancy.offices import Offices

_RECENTLY: Final = timedelta(days=7)
"""How long after a unit's end its people are looked for; each is told once."""


def carry_out_due(session: SystemSession, *, year: int, offices: Offices | None = None) -> int:
    """Carry out what is due in this office's cases: drafts and returns expire, commitments lapse.

    Returns how many cases moved. Source: design of windows and deadlines; 2024 notice §2(4).
    """
    _tell_of_ended_units(session, year)
    return _lapse_due(session, year, offices) + _expire_due(session, year, offices)


def end_deferrals(session: CaseSession, application: Application) -> None:
    """End the commitments that are still open when a case leaves the stage in which they could be met."""
    for deferral in deferrals(session, application.id):
        if deferral.state in {"open", "supplemented"}:
            deferral.state, deferral.ended_at = "lapsed", session.now
    session.flush()


def _tell_of_ended_units(session: SystemSession, year: int) -> None:
    """Tell the people whose draft is of a unit that has ended without a successor; nobody could review it."""
    drafts = session.execute(
        select(Application.id, Application.person_id, Unit.name)
        .join(Unit, Unit.id == Application.unit_id)
        .where(
            Application.office_id == session.office_id,
            Application.year == year,
            Application.state == State.DRAFT,
            Unit.ended_at > session.now - _RECENTLY,
            Unit.successor_id.is_(None),
        )
    )
    for application_id, person_id, unit in drafts:
        notify(
            session,
            Recipient(person_id=person_id),
            event_key=f"unit_ended:{application_id}",
            office_id=session.office_id,
            kind="unit_ended",
            title="您填报的单位已撤销",
            body=f"“{unit}”已撤销，这份草稿不能提交。请在“我的申报”中选择现在的单位重新填报；有疑问请联系单位人事部门。",
            application_id=application_id,
        )


def _lapse_due(session: SystemSession, year: int, offices: Offices | None) -> int:
    due = session.scalars(
        select(Application)
        .join(Deferral, Deferral.application_id == Application.id)
        .where(
            Application.office_id == session.office_id,
            Application.year == year,
            Application.state == State.PROVISIONAL,
            Deferral.state == "open",
            Deferral.due_at <= session.now,
        )
        .order_by(Application.id)
        .distinct()
    ).all()
    for application in due:
        locked = open_for_change(session, application.id)
        end_deferrals(session, locked)
        reason = "容缺材料未在承诺期限内补交"
        step = Step(Action.LAPSE, reason=reason, changes={"deferral_open": False})
        move(session, locked, step, offices=offices)
    return len(due)


def _expire_due(session: SystemSession, year: int, offices: Offices | None) -> int:
    waiting = session.execute(
        select(Application.id, Application.local_office_id, Application.grade, Application.due_at, Application.state)
        .where(
            Application.office_id == session.office_id,
            Application.year == year,
            Application.state.in_([State.DRAFT, State.RETURNED]),
        )
        .order_by(Application.id)
    ).all()
    ends: dict[tuple[str, int | None], datetime | None] = {}
    moved = 0
    for application_id, local_office_id, grade, due_at, state in waiting:
        key = (local_office_id, grade)
        if key not in ends:
            calendar = calendar_now(session, local_office_id, year)
            ends[key] = hard_end(calendar, Grade(grade or Grade.FIVE))
        end = correction_ends(ends[key], due_at) if state == State.RETURNED else ends[key]
        if end is not None and session.now >= end:
            move(session, open_for_change(session, application_id), Step(Action.EXPIRE), offices=offices)
            moved += 1
    return moved
