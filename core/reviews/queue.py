"""The desk's queue: the cases that an office has in hand, most urgent first, narrowed by the officer's filters."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.applications.models import Application, CaseCount, Deferral
from core.applications.queries import LISTED
from core.db.session import OfficeSession, ScopedSession
from core.domain.workflow import State
from core.errors import Invalid
from core.reviews.claims import LASTS
from core.reviews.models import CaseClaim
from core.text import names

WORK: Final = (State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION, State.PROVISIONAL)
"""The states in which an office has something to do, in the order of the desk's chips."""
SHOWN: Final = (*WORK, State.RETURNED, State.QUALIFIED, State.REJECTED, State.DISQUALIFIED)
PAGE_SIZE: Final = 50
_LAST: Final = "\U0010ffff"
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The place of cases without a date in an order by date."""
BY_DUE: Final = (Application.due_at.asc().nulls_last(), Application.id)
"""The most urgent first: the order of the index, so that the first page of a long queue is read and not sorted."""
_PAPERS_ARE_IN = and_(
    Application.deferral_open,
    ~select(Deferral.id).where(Deferral.application_id == Application.id, Deferral.state == "open").exists(),
)
_LISTED = (*LISTED, Application.round, Application.deferral_open, _PAPERS_ARE_IN.label("papers_are_in"))


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a queue, as in the page's address."""

    state: State = State.QUALIFICATION_REVIEW
    text: str = ""
    grade: int | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue, and the key after which the next begins (None on the last)."""

    rows: Sequence[Any]
    after: str | None


def queue(session: OfficeSession, year: int, asked: Asked, *, after: str | None = None, size: int = PAGE_SIZE) -> Page:
    """A page of the cases that the office has in hand, the most urgent first, each with its claim.

    One statement, whatever the length of the queue. Invalid for a key that no page gave.
    """
    wanted = (
        select(*_LISTED, CaseClaim.account_id.label("claimed_by"), CaseClaim.account_name.label("claimed_name"))
        .outerjoin(CaseClaim, and_(CaseClaim.application_id == Application.id, CaseClaim.at > session.now - LASTS))
        .where(*_conditions(session, year, asked))
    )
    return page_of(session, wanted, after=after, size=size)


def page_of(
    session: ScopedSession, wanted: Select[*tuple[Any, ...]], *, after: str | None, size: int = PAGE_SIZE
) -> Page:
    """A page of applications, what falls due first at the top. One statement. Invalid for a key that no page gave."""
    if after is not None:
        wanted = wanted.where(_behind(*_read_page_key(after)))
    rows = session.execute(wanted.order_by(*BY_DUE).limit(size + 1)).all()
    end = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], None if end is None else _page_key(end.due_at or NEVER, end.id))


def next_case(session: OfficeSession, year: int, asked: Asked, *, beside: UUID) -> UUID | None:
    """The most urgent case that no colleague has claimed, except the one just decided; None where there is none."""
    free = or_(CaseClaim.account_id.is_(None), CaseClaim.account_id == session.actor.account_id)
    wanted = (
        select(Application.id)
        .outerjoin(CaseClaim, and_(CaseClaim.application_id == Application.id, CaseClaim.at > session.now - LASTS))
        .where(*_conditions(session, year, asked), Application.id != beside, free)
    )
    return session.scalar(wanted.order_by(*BY_DUE).limit(1))


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


def _conditions(session: OfficeSession, year: int, asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Application.handler_office_id == session.office_id,
        Application.year == year,
        Application.state == asked.state,
    ]
    if asked.grade is not None:
        found.append(Application.grade == asked.grade)
    if asked.mine:
        found.append(CaseClaim.account_id == session.actor.account_id)
    if text := asked.text.strip():
        found.append(matching(text))
    return found


def matching(text: str) -> ColumnElement[bool]:
    """The condition for a search text.

    Four digits (the last may be X) end an identity number, others begin a reference; letters are initials, in any of
    the readings of a name, or begin a Latin name.
    """
    if len(text) == 4 and text[:3].isdigit() and (text[3].isdigit() or text[3] in "xX"):
        return or_(Application.id_tail == text.upper(), _begins(Application.reference, text))
    if text.isdigit():
        return _begins(Application.reference, text)
    letters = names.compared(text)
    if letters.isascii() and letters.isalpha():
        return or_(_begins(Application.initials, letters), func.strpos(Application.initials, f" {letters}") > 0)
    named = [_begins(Application.person_name, names.readable(text)), _begins(Application.unit_name, names.body(text))]
    # A rare character stands for itself among initials.
    return or_(*named, _begins(Application.initials, letters)) if letters else or_(*named)


def _begins(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """A range: LIKE could not use the index under row-level security."""
    return and_(column >= text, column < text + _LAST)


def _behind(moment: datetime, last: UUID) -> ColumnElement[bool]:
    """The condition for cases after a given one, in the order of due dates."""
    due = Application.due_at
    if moment == NEVER:
        return and_(due.is_(None), Application.id > last)
    return or_(due > moment, and_(due == moment, Application.id > last), due.is_(None))


def _page_key(due: datetime, last: UUID) -> str:
    """The key of a page's end, for an address: the due date and id of its last case."""
    return base64.urlsafe_b64encode(json.dumps([due.isoformat(), last.hex]).encode()).decode()


def _read_page_key(key: str) -> tuple[datetime, UUID]:
    """The due date and id in a key of ``_page_key``; Invalid for any other text."""
    try:
        moment, last = json.loads(base64.urlsafe_b64decode(key))
        return datetime.fromisoformat(moment), UUID(last)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Invalid("page_unknown", "没有这一页，请回到第一页。") from None
