"""The desk's queue: the cases that an office has in hand, most urgent first, narrowed by the officer's filters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.applications.models import Application, CaseCount, Deferral
from core.applications.queries import LISTED, streamed
from core.clock import end_of
from core.db.session import OfficeSession, ScopedSession
from core.domain.workflow import State
from core.organizations.models import Unit
from core.reviews.assignment.reviewers import Assigned, is_assigned
from core.reviews.claims import LASTS
from core.reviews.lists.orders import Order, Sorted
from core.reviews.lists.search import found_by
from core.reviews.models import CaseClaim
from core.text.labels import Labelled

WORK: Final = (State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION, State.PROVISIONAL)
"""The states in which an office has something to do, in the order of the desk's chips."""
SHOWN: Final = (*WORK, State.RETURNED, State.QUALIFIED, State.REJECTED, State.DISQUALIFIED)
PAGE_SIZE: Final = 50
_LAST: Final = "\U0010ffff"
MOST_URGENT_FIRST: Final = Sorted(Order.DUE)
COUNTED_TO: Final = 10_000
"""How far a place in a list is counted: nobody works off more, and to count all would cost as much as to read all."""
_TO_COME = select(Deferral.id).where(Deferral.application_id == Application.id, Deferral.state == "open").exists()
PAPERS_ARE_IN: Final = and_(Application.deferral_open, ~_TO_COME)
"""The cases of which every paper that was to follow has come: the office can give its final verdict."""
_DEPARTMENT = aliased(Unit)
_LISTED = (
    *LISTED,
    Application.unit_id,
    Application.department_id,
    _DEPARTMENT.name.label("department_name"),
    Application.round,
    Application.submitted_at,
    Application.deferral_open,
    PAPERS_ARE_IN.label("papers_are_in"),
)


class Found(Labelled):
    """What the rules found of a case at its submission, as a filter."""

    ASKS = "asks", "有需核实的"
    NOTHING = "nothing", "没有需核实的"


class Papers(Labelled):
    """How a case stands with papers that follow later (容缺), as a filter."""

    MISSING = "missing", "等补交"
    IN = "in", "已补齐"


class Claimed(Labelled):
    """Who reads a case, as a filter."""

    MINE = "mine", "我领取的"
    NOBODY = "nobody", "没有人领取"
    COLLEAGUES = "colleagues", "同事领取的"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters and the order of a queue, as in the page's address; what is empty or None leaves all cases in."""

    state: State = State.QUALIFICATION_REVIEW
    text: str = ""
    grade: int | None = None
    claimed: Claimed | None = None
    assigned: Assigned | None = None
    overdue: bool = False
    due_by: date | None = None
    trade: str = ""
    unit_id: UUID | None = None
    department_id: UUID | None = None
    found: Found | None = None
    papers: Papers | None = None
    returned: bool = False
    order: Order = Order.DUE
    falling: bool = False
    view: UUID | None = None
    """The saved view whose columns are shown; it narrows nothing by itself."""

    @property
    def sorted(self) -> Sorted:
        """The order with its direction."""
        return Sorted(self.order, self.falling)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue, and the key after which the next begins (None on the last).

    ``left`` is how many cases the filters leave, where that was asked for; what is above the limit is limit + 1.
    """

    rows: Sequence[Any]
    after: str | None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A case among those of a list: "第17件，共600件". ``position`` begins with 1; None where the list has it no more.

    ``position`` and ``total`` are counted to COUNTED_TO; what is larger is COUNTED_TO + 1.
    """

    position: int | None
    total: int
    previous: UUID | None
    next: UUID | None


def queue(
    session: OfficeSession,
    year: int,
    asked: Asked,
    *,
    after: str | None = None,
    size: int = PAGE_SIZE,
    counted_to: int | None = None,
) -> Page:
    """A page of the cases that the office has in hand, in the order asked for, each with its claim.

    ``counted_to`` also counts the cases that the filters leave, so far. One statement, whatever the length of the
    queue, and one more for a search text. Invalid for a key that no page of this order gave.
    """
    where = conditions(session, year, asked)
    wanted = _cases(session, where)
    if counted_to is None:
        return page_of(session, wanted, after=after, size=size, by=asked.sorted)
    counted = _counted(where, counted_to)
    found = page_of(session, wanted.add_columns(counted.label("left")), after=after, size=size, by=asked.sorted)
    left = found.rows[0].left if found.rows else session.scalar(select(counted)) if after else 0
    return replace(found, left=left)


def whole_queue(session: OfficeSession, year: int, asked: Asked) -> Iterator[Row[Any]]:
    """Every case of a queue in its order: from a cursor of the server, a thousand rows in memory at a time."""
    wanted = _cases(session, conditions(session, year, asked)).order_by(*asked.sorted.columns())
    yield from streamed(session, wanted)


def _cases(session: OfficeSession, where: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """The cases of a queue with their columns, each with its claim."""
    return (
        select(*_LISTED, CaseClaim.account_id.label("claimed_by"), CaseClaim.account_name.label("claimed_name"))
        .outerjoin(CaseClaim, and_(CaseClaim.application_id == Application.id, CaseClaim.at > session.now - LASTS))
        .outerjoin(_DEPARTMENT, _DEPARTMENT.id == Application.department_id)
        .where(*where)
    )


def page_of(
    session: ScopedSession,
    wanted: Select[*tuple[Any, ...]],
    *,
    after: str | None,
    size: int = PAGE_SIZE,
    by: Sorted = MOST_URGENT_FIRST,
) -> Page:
    """A page of applications in an order. One statement. Invalid for a key that no page of this order gave."""
    if after is not None:
        wanted = wanted.where(by.behind(*by.read(after)))
    sorted_by = by.value.label("sorted_by")
    rows = session.execute(wanted.add_columns(sorted_by).order_by(*by.columns()).limit(size + 1)).all()
    end = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], None if end is None else by.key(end.sorted_by, end.id))


def neighbours(session: OfficeSession, asked: Asked, case: Application) -> Neighbours:
    """Where a case stands in the list from which it was opened, and the cases before and after it.

    One statement, and one more for a search text. A case that the list has no more (it was decided) has no position,
    and those beside the place that it had.
    """
    by, here = asked.sorted, conditions(session, case.year, asked)
    place = (getattr(case, str(by.value.key)), case.id)
    behind, before = by.behind(*place), by.before(*place)

    def beside(where: ColumnElement[bool], *, back: bool) -> Any:
        found = select(Application.id).where(*here, where).order_by(*by.columns(back=back)).limit(1)
        return found.scalar_subquery()

    still = select(exists(select(Application.id).where(*here, Application.id == case.id))).scalar_subquery()
    row = session.execute(
        select(
            still,
            _counted([*here, before], COUNTED_TO),
            _counted(here, COUNTED_TO),
            beside(before, back=True),
            beside(behind, back=False),
        )
    ).one()
    is_listed, ahead, total, previous, following = row
    position = min(ahead + 1, COUNTED_TO + 1) if is_listed else None
    return Neighbours(position, total, previous, following)


def next_case(session: OfficeSession, year: int, asked: Asked, *, beside: UUID) -> UUID | None:
    """The first case of the list that no colleague has claimed, except the one just decided, if there is one."""
    wanted = (
        select(Application.id)
        .where(*conditions(session, year, asked), Application.id != beside, ~_claim(session, mine=False))
        .order_by(*asked.sorted.columns())
    )
    return session.scalar(wanted.limit(1))


def count(session: OfficeSession, year: int, asked: Asked, *, to: int = COUNTED_TO) -> int:
    """How many cases the filters leave, counted to ``to``; what is more is ``to`` + 1."""
    return session.scalar(select(_counted(conditions(session, year, asked), to))) or 0


def _counted(where: Sequence[ColumnElement[bool]], to: int) -> ColumnElement[Any]:
    """The number of cases under conditions, counted to a limit, as a value for a statement."""
    some = select(Application.id).where(*where).limit(to + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def counts(session: OfficeSession, year: int) -> dict[State, int]:
    """How many cases the office has in hand in each state."""
    counted = CaseCount
    rows = session.execute(
        select(counted.what, func.sum(counted.n))
        .where(counted.handler_office_id == session.office_id, counted.year == year, ~counted.decision)
        .group_by(counted.what)
        .having(func.sum(counted.n) > 0)
    )
    return {State(state): int(count) for state, count in rows}


def conditions(session: OfficeSession, year: int, asked: Asked) -> list[ColumnElement[bool]]:
    """What the cases of a queue have in common. A filter by a column of another table asks for it case by case."""
    found: list[ColumnElement[bool]] = [
        Application.handler_office_id == session.office_id,
        Application.year == year,
        Application.state == asked.state,
    ]
    columns = {
        Application.grade: asked.grade,
        Application.trade: asked.trade or None,
        Application.unit_id: asked.unit_id,
        Application.department_id: asked.department_id,
    }
    found += [column == value for column, value in columns.items() if value is not None]
    if asked.overdue:
        found.append(Application.due_at <= session.now)
    if asked.due_by is not None:
        found.append(Application.due_at <= end_of(asked.due_by))
    if asked.returned:
        found.append(Application.round > 1)
    if asked.found is not None:
        found.append(Application.asks.expression if asked.found is Found.ASKS else ~Application.asks)
    if asked.papers is not None:
        found += [Application.deferral_open.expression, _TO_COME if asked.papers is Papers.MISSING else ~_TO_COME]
    if asked.claimed is not None:
        found.append(_claimed(session, asked.claimed))
    if asked.assigned is not None:
        found.append(is_assigned(session, asked.assigned))
    if text := asked.text.strip():
        found.append(found_by(session, text))
    return found


def _claimed(session: OfficeSession, kind: Claimed) -> ColumnElement[bool]:
    if kind is Claimed.NOBODY:
        return ~or_(_claim(session, mine=True), _claim(session, mine=False))
    return _claim(session, mine=kind is Claimed.MINE)


def _claim(session: OfficeSession, *, mine: bool) -> ColumnElement[bool]:
    """Whether the actor, or a colleague, reads the case now."""
    me = session.actor.account_id
    whose = CaseClaim.account_id == me if mine else CaseClaim.account_id != me
    claimed = and_(CaseClaim.application_id == Application.id, CaseClaim.at > session.now - LASTS, whose)
    return select(CaseClaim.application_id).where(claimed).correlate(Application).exists()
