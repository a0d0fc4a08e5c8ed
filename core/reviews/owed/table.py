"""One table of a unit's people against the dates of the season: who owes the next step, and until when.

A department sees the people of its units as well. A step is due on the earlier of its own date and the season's:
3 April for the unit's review, 5 April for registration, 15 April for all that follows, or what the office's calendar
says. Source: 2024 notice §3(2)-(3).
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, and_, case, func, literal, null, or_, select

from core.applications.models import Application, Deferral
from core.applications.queries import LISTED, of_units
from core.db.session import UnitSession
from core.domain.calendar import KIND_NAMES
from core.domain.workflow import State
from core.errors import Invalid
from core.identity.models import Person
from core.organizations.models import Unit
from core.plugin_api import ExamCalendar, Grade, WindowKind
from core.reviews.lists.search import matching
from core.reviews.models import OnsiteBatch, OnsiteBatchItem
from core.reviews.queue import PAGE_SIZE, Page
from core.seasons.queries import calendar_now
from core.tenancy.models import Office
from core.text.labels import Labelled

ENDED: Final = (State.WITHDRAWN, State.EXPIRED)
"""The states that the table leaves out: these people have left the season."""
_BEFORE_THE_UNIT: Final = (State.DRAFT, State.RETURNED, State.UNIT_REVIEW)
_BEFORE_THE_OFFICE: Final = (*_BEFORE_THE_UNIT, State.DEPARTMENT_REVIEW, State.QUALIFICATION_REVIEW)
_LATEST: Final = (*_BEFORE_THE_OFFICE, State.ONSITE_CONFIRMATION)
DATES: Final[Mapping[WindowKind, tuple[State, ...]]] = {
    WindowKind.UNIT_REVIEW: _BEFORE_THE_UNIT,
    WindowKind.REGISTRATION: (State.DRAFT,),
    WindowKind.QUALIFICATION_REVIEW: _LATEST,
}
"""The dates that bind a unit, each with the states of people who are not past it yet. Source: 2024 notice §3(2)-(3)."""
_MOST_KINDS: Final = 100
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The place of steps without a date in the order by date."""
_IN_A_PART: Final = 1_000
"""Rows of the whole table that are read at a time."""


class Debtor(Labelled):
    """Who owes the next step of a case."""

    PERSON = "person", "本人"
    UNIT = "unit", "单位"
    DEPARTMENT = "department", "主管部门"
    OFFICE = "office", "工考管理机构"
    NOBODY = "nobody", "已办结"


class Order(Labelled):
    """The column by which the table is sorted."""

    UNTIL = "until", "期限"
    NAME = "name", "姓名"
    GRADE = "grade", "等级"
    TRADE = "trade", "工种"
    STATE = "state", "状态"
    OWES = "owes", "由谁办理"
    UNIT = "unit", "单位"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters and the order of the table, as in the page's address."""

    owes: Debtor | None = None
    overdue: bool = False
    unreachable: bool = False
    text: str = ""
    order: Order = Order.UNTIL
    falling: bool = False


@dataclass(frozen=True, slots=True)
class SeasonDate:
    """A date of the season: the earliest of the unit's places, whether they differ, and how many are not past it."""

    name: str
    closes: datetime
    differs: bool
    left: int


def people_owing(
    session: UnitSession, year: int, asked: Asked, *, after: str | None = None, size: int = PAGE_SIZE
) -> Page:
    """A page of the table. Each row has ``owes``, ``until`` and the columns of every list of cases.

    Invalid for a key that no page of this order gave.
    """
    known = Columns.of(session, year)
    sorted_by = known.order(asked.order)
    wanted = known.select().where(*known.conditions(session, year, asked))
    if after is not None:
        wanted = wanted.where(_behind(sorted_by, *_read_key(after, asked.order), falling=asked.falling))
    direction = sorted_by.desc() if asked.falling else sorted_by.asc()
    rows = session.execute(
        wanted.add_columns(sorted_by.label("sorted_by")).order_by(direction, Application.id).limit(size + 1)
    ).all()
    end = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], None if end is None else _key(end.sorted_by, end.id))


def all_people_owing(session: UnitSession, year: int, asked: Asked) -> Iterator[Sequence[Any]]:
    """The rows of the whole table, page by page."""
    after: str | None = None
    while True:
        found = people_owing(session, year, asked, after=after, size=_IN_A_PART)
        yield found.rows
        after = found.after
        if after is None:
            return


def rows_of(session: UnitSession, year: int, asked: Asked, ids: Sequence[UUID] | None = None) -> Sequence[Any]:
    """Every row of the table, or those of these cases, what falls due first at the top."""
    known = Columns.of(session, year)
    wanted = known.select().where(*known.conditions(session, year, asked))
    if ids is not None:
        wanted = wanted.where(Application.id.in_(ids))
    return session.execute(wanted.order_by(known.order(Order.UNTIL), Application.id)).all()


def counts(session: UnitSession, year: int) -> tuple[Mapping[Debtor, int], int]:
    """How many steps each owes, and how many people are past the date of theirs."""
    known = Columns.of(session, year)
    overdue = func.count(case((known.until <= session.now, 1)))
    rows = session.execute(
        select(known.owes, func.count(), overdue)
        .select_from(Application)
        .where(*known.conditions(session, year, Asked()))
        .group_by(known.owes)
    ).all()
    late = sum(row[2] for row in rows if row[0] != Debtor.NOBODY)
    return {Debtor(owes): count for owes, count, _ in rows}, late


def without_number(session: UnitSession, rows: Sequence[Any]) -> frozenset[UUID]:
    """The people in these rows of whom no mobile number is known: no message reaches them outside the platform."""
    wanted = select(Person.id).where(Person.id.in_({row.person_id for row in rows}), Person.phone.is_(None))
    return frozenset(session.scalars(wanted))


def season_dates(session: UnitSession, year: int) -> list[SeasonDate]:
    """The dates that bind the unit and those below it, the earliest first."""
    places = select(Unit.local_office_id).where(Unit.id.in_(session.unit_ids), Unit.ended_at.is_(None)).distinct()
    calendars = [calendar_now(session, office, year) for office in session.scalars(places)]
    states = dict(
        session.execute(
            select(Application.state, func.count())
            .where(of_units(session), Application.year == year)
            .group_by(Application.state)
        ).all()
    )
    found = []
    for kind, not_past in DATES.items():
        closes = {window.closes for calendar in calendars for window in calendar.windows if window.kind is kind}
        if closes:
            left = sum(states.get(state, 0) for state in not_past)
            found.append(SeasonDate(KIND_NAMES[kind], min(closes), len(closes) > 1, left))
    return sorted(found, key=lambda date: date.closes)


@dataclass(frozen=True, slots=True)
class Columns:
    """The computed columns of the table for one unit and season."""

    owes: ColumnElement[str]
    until: ColumnElement[datetime | None]

    @classmethod
    def of(cls, session: UnitSession, year: int) -> "Columns":
        """The columns, with the dates of the offices at which the unit has cases."""
        return cls(_owes(), _until(session, year))

    def select(self) -> Any:
        """A statement for the rows."""
        return select(
            *LISTED,
            Application.person_id,
            Application.unit_id,
            Application.round,
            Application.form,
            Application.unlocked_items,
            Application.deferral_open,
            Office.name.label("office_name"),
            self.owes.label("owes"),
            self.until.label("until"),
        ).join(Office, Office.id == Application.handler_office_id)

    def conditions(self, session: UnitSession, year: int, asked: Asked) -> list[ColumnElement[bool]]:
        """The filters."""
        found = [of_units(session), Application.year == year, Application.state.not_in(ENDED)]
        if asked.owes is not None:
            found.append(self.owes == asked.owes)
        if asked.overdue:
            found += [self.until <= session.now, self.owes != Debtor.NOBODY]
        if asked.unreachable:
            found.append(select(Person.id).where(Person.id == Application.person_id, Person.phone.is_(None)).exists())
        if text := asked.text.strip():
            found.append(matching(text))
        return found

    def order(self, by: Order) -> ColumnElement[Any]:
        """The value of a column of the order, which is never null."""
        values: Mapping[Order, ColumnElement[Any]] = {
            Order.UNTIL: func.coalesce(self.until, literal(_NEVER, DateTime(timezone=True))),
            Order.NAME: Application.initials + " " + Application.person_name,
            Order.GRADE: func.coalesce(Application.grade, 0),
            Order.TRADE: func.coalesce(Application.trade, ""),
            Order.STATE: _place(Application.state, State),
            Order.OWES: _place(self.owes, Debtor),
            Order.UNIT: func.coalesce(Application.unit_name, ""),
        }
        return values[by]


def _owes() -> ColumnElement[str]:
    """Who owes the next step, as a value of ``Debtor``."""
    state = Application.state
    to_come = select(Deferral.id).where(Deferral.application_id == Application.id, Deferral.state == "open").exists()
    handed_in = (
        select(OnsiteBatchItem.application_id)
        .join(OnsiteBatch, OnsiteBatch.id == OnsiteBatchItem.batch_id)
        .where(OnsiteBatchItem.application_id == Application.id, OnsiteBatch.state.in_(["handed_in", "received"]))
        .exists()
    )
    return case(
        (or_(state.in_([State.DRAFT, State.RETURNED]), and_(state == State.PROVISIONAL, to_come)), Debtor.PERSON.value),
        (or_(state == State.UNIT_REVIEW, and_(state == State.ONSITE_CONFIRMATION, ~handed_in)), Debtor.UNIT.value),
        (state == State.DEPARTMENT_REVIEW, Debtor.DEPARTMENT.value),
        (state.in_([State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION, State.PROVISIONAL]), Debtor.OFFICE.value),
        else_=Debtor.NOBODY.value,
    )


def _until(session: UnitSession, year: int) -> ColumnElement[datetime | None]:
    """The end of the step: a draft's is that of registration, the unit's review ends by the season's date at last."""
    moment = DateTime(timezone=True)
    bound = {State.DRAFT: WindowKind.REGISTRATION, State.UNIT_REVIEW: WindowKind.UNIT_REVIEW}
    listed = session.execute(
        select(Application.state, Application.local_office_id, Application.grade)
        .where(of_units(session), Application.year == year, Application.state.in_(bound))
        .distinct()
    ).all()
    calendars: dict[str, ExamCalendar] = {}
    ends = []
    for state, office, grade in listed:
        calendar = calendars.setdefault(office, calendar_now(session, office, year))
        window = calendar.window(bound[State(state)], Grade(grade or Grade.FIVE))
        if window is not None:
            these = and_(
                Application.state == state,
                Application.local_office_id == office,
                Application.grade.is_not_distinct_from(grade),
            )
            ends.append((these, literal(window.closes, moment)))
    dated = case(*ends, else_=null()) if ends else literal(None, moment)
    asked = Application.state.not_in([State.QUALIFIED, State.REJECTED, State.DISQUALIFIED])
    return case((asked, func.least(Application.due_at, dated)), else_=literal(None, moment))


def _place(value: ColumnElement[Any] | Any, kinds: Any) -> ColumnElement[int]:
    """The place of a value among its kinds, in their order."""
    return case(*((value == kind.value, literal(at, Integer)) for at, kind in enumerate(kinds)), else_=-1)


def _behind(sorted_by: ColumnElement[Any], value: Any, last: UUID, *, falling: bool) -> ColumnElement[bool]:
    beyond = sorted_by < value if falling else sorted_by > value
    return or_(beyond, and_(sorted_by == value, Application.id > last))


def _key(value: Any, last: UUID) -> str:
    """The key of a page's end, for an address."""
    written = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([written, last.hex]).encode()).decode()


def _read_key(key: str, order: Order) -> tuple[Any, UUID]:
    """The value and id in a key of ``_key``; Invalid for any other text, and for the key of another order."""
    try:
        written, last = json.loads(base64.urlsafe_b64decode(key))
        number = order in {Order.GRADE, Order.STATE, Order.OWES}
        known = written in range(_MOST_KINDS) if number else isinstance(written, str) and "\x00" not in written
        if not known:
            raise ValueError(order)
        return datetime.fromisoformat(written) if order is Order.UNTIL else written, UUID(last)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Invalid("page_unknown", "没有这一页，请回到第一页。") from None
