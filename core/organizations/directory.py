"""The directory of units and the forms of their managers, a page at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.db.session import OfficeSession, PersonSession, ScopedSession, UnitSession
from core.organizations.models import ManagerForm, Unit, UnitName
from core.tenancy.models import Office
from core.text.names import body

PAGE_SIZE = 50

T = TypeVar("T", Unit, ManagerForm)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and the key that the next one starts after (None on the last)."""

    rows: Sequence[T]
    next_after: UUID | None


def units(
    session: ScopedSession, *, office_id: str | None = None, named: str = "", after: UUID | None = None
) -> Page[Unit]:
    """Units that still exist, of the area that an office counts or looks after, with these words in their name."""
    wanted = select(Unit).where(Unit.ended_at.is_(None))
    if office_id is not None:
        wanted = wanted.where((Unit.office_id == office_id) | (Unit.local_office_id == office_id))
    if isinstance(session, PersonSession):
        # Nobody real is put forward by a unit of made-up people.
        wanted = wanted.where(Unit.local_office_id.in_(select(Office.id).where(~Office.practice)))
    wanted = wanted.where(*_called(named))
    if after is not None:
        wanted = wanted.where(Unit.id > after)
    return _page(session.scalars(wanted.order_by(Unit.id).limit(PAGE_SIZE + 1)).all())


def places(session: ScopedSession, units_: Sequence[Unit]) -> list[str]:
    """For each unit its department and the office of its place: several schools of a province have one name."""
    parents = {unit.parent_id for unit in units_} - {None}
    departments: dict[UUID, str] = {
        row.id: row.name for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(parents)))
    }
    offices = {unit.local_office_id for unit in units_}
    names_of: dict[str, str] = {
        row.id: row.name for row in session.execute(select(Office.id, Office.name).where(Office.id.in_(offices)))
    }
    found = []
    for unit in units_:
        department = departments.get(unit.parent_id) if unit.parent_id else None
        place = f"受理：{names_of[unit.local_office_id]}"
        found.append(f"主管部门：{department}。{place}" if department else place)
    return found


def local_offices(session: UnitSession) -> Sequence[str]:
    """The offices of the places in which the session's units lie, whose dates hold for them."""
    wanted = select(Unit.local_office_id).where(Unit.id.in_(session.unit_ids), Unit.ended_at.is_(None)).distinct()
    return session.scalars(wanted.order_by(Unit.local_office_id)).all()


def units_called(session: ScopedSession, called: Collection[str], *, office_id: str) -> dict[str, UUID]:
    """The ids of an office's units by the names as they are called; a name that no unit has is left out."""
    stored = {name: body(name) for name in called}
    wanted = select(Unit.name, Unit.id).where(
        Unit.office_id == office_id, Unit.ended_at.is_(None), Unit.name.in_(set(stored.values()))
    )
    known: dict[str, UUID] = {row.name: row.id for row in session.execute(wanted)}
    return {name: known[written] for name, written in stored.items() if written in known}


def names(session: ScopedSession, unit_id: UUID) -> Sequence[UnitName]:
    """Every name that a unit had, oldest first."""
    wanted = select(UnitName).where(UnitName.unit_id == unit_id)
    return session.scalars(wanted.order_by(UnitName.valid_from, UnitName.at, UnitName.id)).all()


def manager_forms(
    session: UnitSession | OfficeSession, *, state: str | None = None, after: UUID | None = None
) -> Page[ManagerForm]:
    """The annex forms that an office was sent, or those of a unit and the units below it."""
    if isinstance(session, UnitSession):
        wanted = select(ManagerForm).where(ManagerForm.unit_id.in_(session.unit_ids))
    else:
        wanted = select(ManagerForm).where(ManagerForm.office_id == session.office_id)
    if state is not None:
        wanted = wanted.where(ManagerForm.state == state)
    if after is not None:
        wanted = wanted.where(ManagerForm.id > after)
    return _page(session.scalars(wanted.order_by(ManagerForm.id).limit(PAGE_SIZE + 1)).all())


class Standing(StrEnum):
    """The work that an annex form still makes for its office."""

    WAITS = "waits"
    LETTER = "letter"
    DONE = "done"


_STANDING: dict[Standing, ColumnElement[bool]] = {
    Standing.WAITS: ManagerForm.state == "filed",
    Standing.LETTER: and_(ManagerForm.state == "accepted", ManagerForm.access_issued_at.is_(None)),
    Standing.DONE: (ManagerForm.state != "filed")
    & ~and_(ManagerForm.state == "accepted", ManagerForm.access_issued_at.is_(None)),
}
FORM_WAITS: Final = or_(_STANDING[Standing.WAITS], _STANDING[Standing.LETTER])
"""The forms with which an office has something to do: to compare, or to print the letter of."""


@dataclass(frozen=True, slots=True)
class FormLine:
    """An annex form in its office's list, with the unit's name and the number of forms that it filed before."""

    form: ManagerForm
    unit: str
    earlier: int


def office_forms(
    session: OfficeSession, standing: Standing, *, after: UUID | None = None
) -> tuple[list[FormLine], UUID | None]:
    """The office's forms of one standing and the key of the next page: what waits the longest first, done ones last."""
    before = select(func.count()).where(ManagerForm.unit_id == Unit.id).correlate(Unit)
    wanted = select(ManagerForm, Unit.name, before.scalar_subquery()).join(Unit, Unit.id == ManagerForm.unit_id)
    wanted = wanted.where(ManagerForm.office_id == session.office_id, _STANDING[standing])
    newest_first = standing is Standing.DONE
    if after is not None:
        wanted = wanted.where(ManagerForm.id < after if newest_first else ManagerForm.id > after)
    ordered = wanted.order_by(ManagerForm.id.desc() if newest_first else ManagerForm.id)
    rows = session.execute(ordered.limit(PAGE_SIZE + 1)).all()
    lines = [FormLine(form, unit, number - 1) for form, unit, number in rows[:PAGE_SIZE]]
    return lines, lines[-1].form.id if len(rows) > PAGE_SIZE else None


def count_forms(session: OfficeSession) -> dict[Standing, int]:
    """How many of the office's forms wait for it, and how many for their letter."""
    waiting = func.count().filter(_STANDING[Standing.WAITS])
    letter = func.count().filter(_STANDING[Standing.LETTER])
    wanted = select(waiting, letter).where(ManagerForm.office_id == session.office_id)
    waits, letters = session.execute(wanted).one()
    return {Standing.WAITS: waits, Standing.LETTER: letters}


def forms_of_unit(session: OfficeSession, unit_id: UUID) -> Sequence[ManagerForm]:
    """Every form of a unit that the office was sent, the latest first."""
    wanted = select(ManagerForm).where(ManagerForm.unit_id == unit_id, ManagerForm.office_id == session.office_id)
    return session.scalars(wanted.order_by(ManagerForm.id.desc())).all()


def units_without_manager(session: OfficeSession, *, named: str = "", after: UUID | None = None) -> Page[Unit]:
    """Units of the office's place that have neither a manager nor a form that waits."""
    taken = select(ManagerForm.unit_id).where(ManagerForm.state.in_(["filed", "accepted"]))
    wanted = select(Unit).where(Unit.local_office_id == session.office_id, Unit.ended_at.is_(None))
    wanted = wanted.where(Unit.id.not_in(taken), *_called(named))
    if after is not None:
        wanted = wanted.where(Unit.id > after)
    return _page(session.scalars(wanted.order_by(Unit.id).limit(PAGE_SIZE + 1)).all())


def _called(named: str) -> list[ColumnElement[bool]]:
    # People know a school by its own name, without the county's before it.
    return [Unit.name.contains(word, autoescape=True) for word in map(body, named.split())]


def _page(rows: Sequence[T]) -> Page[T]:
    return Page(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None)
