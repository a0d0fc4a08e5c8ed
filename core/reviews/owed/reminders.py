"""Reminders (催办): a unit reminds its people of what they owe, a department the units below it of their reviews.

Who is reminded, and by which text, is shown first. A person, like a unit, is reminded once a day at most, no matter who
reminds; the row of the reminder decides, so that two clerks at once do not remind twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.applications.waiting_drafts import how_to_come_in
from core.audit.service import record
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import UnitSession
from core.domain.workflow import State
from core.errors import Invalid
from core.messages.deadlines import in_words
from core.messages.models import Reminder
from core.messages.service import Recipient, notify
from core.organizations.models import Unit
from core.organizations.queries import carried_on
from core.reviews import unit_people
from core.reviews.owed.table import Asked, Debtor, rows_of, without_number
from core.reviews.owed.wording import step
from core.seasons.queries import check_not_ended

KIND = "reminder.owed"


@dataclass(frozen=True, slots=True)
class Reminding:
    """One recipient and the text. ``row`` is the person's case; for a unit it is None and ``cases`` are counted."""

    office_id: str
    name: str
    title: str
    body: str
    person_id: UUID | None = None
    unit_id: UUID | None = None
    row: Any = None
    cases: int = 1
    today: bool = False
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """How many people and units were reminded, and how many had been reminded that day already."""

    people: int
    units: int
    before: int


def planned(
    session: UnitSession, year: int, names: Mapping[str, str], ids: Sequence[UUID] | None = None
) -> list[Reminding]:
    """The reminders to everybody who owes something, or to those of these cases; ``names`` are those of papers.

    A unit does not remind itself, and offices are nobody's to remind; nor is a person whose draft comes too late.
    """
    rows = rows_of(session, year, Asked(), ids)
    people = [row for row in rows if row.owes == Debtor.PERSON and not _is_closed(row, session.now)]
    carried = set(session.scalars(carried_on(session.unit_id)))
    reviews = [row for row in rows if row.owes == Debtor.UNIT and row.unit_id not in carried]
    missing = unit_people.missing(session, people, names)
    unreachable = without_number(session, people)
    reminded = _reminded_today(session)
    own = session.get_one(Unit, session.unit_id).name
    to_people = [
        Reminding(
            office_id=row.office_id,
            name=row.person_name,
            title="单位催办：请尽快办理申报",
            body=_to_person(own, row, missing[row.id], session.now),
            person_id=row.person_id,
            row=row,
            today=row.person_id in reminded,
            unreachable=row.person_id in unreachable,
        )
        for row in people
    ]
    return [*to_people, *_to_units(own, reviews, reminded)]


def remind(session: UnitSession, year: int, planned_: Iterable[Reminding]) -> Sent:
    """Send the reminders, each unless the recipient has had one today; recorded.

    Invalid where there is nobody to remind, and in a season that has ended.
    """
    check_not_ended(session, year)
    counted = {"people": 0, "units": 0, "before": 0}
    listed = list(planned_)
    if not listed:
        raise Invalid("nobody_to_remind", "没有需要催办的人员：所选人员都没有欠办的事。请刷新页面查看最新状态。")
    for reminding in listed:
        if reminding.today or not _written(session, year, reminding):
            counted["before"] += 1
            continue
        counted["people" if reminding.person_id else "units"] += 1
        day = session.now.astimezone(SHANGHAI).date()
        notify(
            session,
            Recipient(person_id=reminding.person_id, unit_id=reminding.unit_id),
            event_key=f"{KIND}:{day}:{reminding.person_id or reminding.unit_id}",
            office_id=reminding.office_id,
            kind=KIND,
            title=reminding.title,
            body=reminding.body,
            application_id=None if reminding.row is None else reminding.row.id,
        )
    sent = Sent(**counted)
    if sent.people or sent.units:
        record(
            session,
            "unit.reminded",
            office_id=session.get_one(Unit, session.unit_id).office_id,
            subject_type="unit",
            subject_id=session.unit_id,
            payload={"year": year, **counted},
        )
    return sent


def last_reminders(session: UnitSession, ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the person of each of these cases was last reminded; those who never were are left out."""
    wanted = select(Reminder.application_id, Reminder.sent_at).where(Reminder.application_id.in_(list(ids)))
    return {case: sent_at for case, sent_at in session.execute(wanted.order_by(Reminder.sent_at)) if case is not None}


def _reminded_today(session: UnitSession) -> frozenset[UUID]:
    day = session.now.astimezone(SHANGHAI).date()
    wanted = select(func.coalesce(Reminder.person_id, Reminder.unit_id)).where(Reminder.day == day)
    return frozenset(session.scalars(wanted))


def _written(session: UnitSession, year: int, reminding: Reminding) -> bool:
    """Whether the row was new: nobody has reminded the recipient today."""
    row = {
        "id": new_id(),
        "office_id": reminding.office_id,
        "year": year,
        "day": session.now.astimezone(SHANGHAI).date(),
        "person_id": reminding.person_id,
        "application_id": None if reminding.row is None else reminding.row.id,
        "unit_id": reminding.unit_id,
        "cases": reminding.cases,
        "from_unit_id": session.unit_id,
        "sent_at": session.now,
        "sent_by": session.actor.account_id,
        "sent_by_name": session.actor.name,
    }
    # No column is named as the one that may clash: PostgreSQL would then ask for the right to read the row.
    statement = insert(Reminder).on_conflict_do_nothing()
    options = {"preserve_rowcount": True}
    return session.connection().execute(statement, row, execution_options=options).rowcount == 1


def _is_closed(row: Any, now: datetime) -> bool:
    """Whether registration is over for a draft: a reminder would send the person to a closed door."""
    return row.state == State.DRAFT and row.until is not None and bool(row.until <= now)


def _to_person(own: str, row: Any, lacking: str, now: datetime) -> str:
    """The text for one person, with the step, its end, and how to come to it."""
    until = "" if row.until is None else f"请于{in_words(row.until)}前办理。"
    if row.until is not None and row.until <= now:
        until = "期限已过，请立即办理。"
    what = step(State(row.state), applying=True, lacking=lacking)
    come_in = how_to_come_in() if row.state == State.DRAFT else "请用本人身份证号码登录报名网站办理。"
    return f"{own}提醒：您{row.reference}号申报需要您本人{what}。{until}{come_in}"


def _to_units(own: str, rows: Sequence[Any], reminded: frozenset[UUID]) -> list[Reminding]:
    """One reminder for each unit below, which counts the cases that wait for it."""
    by_unit: dict[UUID, list[Any]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    found = []
    for unit_id, waiting in by_unit.items():
        ends = [row.until for row in waiting if row.until is not None]
        until = f"，最早的须于{in_words(min(ends))}前办理" if ends else ""
        found.append(
            Reminding(
                office_id=waiting[0].office_id,
                name=waiting[0].unit_name,
                title="主管部门催办：请尽快审核、报送",
                body=f"{own}提醒：贵单位有{len(waiting)}份申报等待单位审核或报送{until}。请登录平台在“我的人员”中办理。",
                unit_id=unit_id,
                cases=len(waiting),
                today=unit_id in reminded,
            )
        )
    return found
