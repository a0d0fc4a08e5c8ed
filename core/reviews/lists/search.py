"""Finding cases by a text: in a unit's list by reading it, in an office's queue of any length by indexes."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, column, false, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from core.applications.models import Application
from core.db.session import OfficeSession
from core.organizations.models import Unit
from core.tenancy.models import Office
from core.text import names

MOST_FOUND: Final = 1000
"""Cases, or units, that a part of a name may find; an officer who gets so many writes more of it."""
_LAST: Final = "\U0010ffff"
_SHORTEST_PART: Final = 2


def matching(text: str) -> ColumnElement[bool]:
    """The condition for a search text, for lists that are read as a whole.

    Four digits (the last may be X) end an identity number, others begin a reference; letters are initials, in any of
    the readings of a name, or begin a Latin name. Any other text is a part of a name or of a unit's.
    """
    numbers = _numbered(text)
    if numbers is not None:
        return numbers
    letters = names.compared(text)
    if _are_initials(letters):
        return or_(_begins(Application.initials, letters), func.strpos(Application.initials, f" {letters}") > 0)
    part, of_unit = names.readable(text), names.body(text)
    named = [func.strpos(Application.person_name, part) > 0, func.strpos(Application.unit_name, of_unit) > 0]
    # A rare character stands for itself among initials.
    return or_(*named, _begins(Application.initials, letters)) if letters else or_(*named)


def found_by(session: OfficeSession, text: str) -> ColumnElement[bool]:
    """The same condition for the office's queue, which may be long: every part of it can use an index.

    Parts of names cannot be looked up under row-level security; one statement looks them up first, at most MOST_FOUND
    cases and as many units.
    """
    numbers = _numbered(text)
    if numbers is not None:
        return numbers
    letters = names.compared(text)
    if _are_initials(letters):
        cases, _ = _looked_up(session, "", letters, "")
        return or_(_begins(Application.initials, letters), _among(Application.id, cases))
    part, of_unit = names.readable(text), names.body(text)
    cases, units = _looked_up(session, part, "", of_unit)
    named = [_begins(Application.person_name, part)] if part else []
    named += [_begins(Application.initials, letters)] if letters else []
    return or_(false(), *named, _among(Application.id, cases), _among(Application.unit_id, units))


def _looked_up(session: OfficeSession, part: str, letters: str, of_unit: str) -> tuple[list[UUID], list[UUID]]:
    """The office's cases with this part of a name or reading of its initials, and the units with this part."""
    here = func.cases_named(part if len(part) >= _SHORTEST_PART else "", letters, MOST_FOUND)
    cases = here.table_valued(column("id", Uuid()))
    wanted: list[Any] = [select(literal(True), cases.c.id)]
    if of_unit:
        above = select(Office.parent_id).where(Office.id == session.office_id).scalar_subquery()
        named = and_(
            or_(Unit.office_id == session.office_id, Unit.office_id == above), func.strpos(Unit.name, of_unit) > 0
        )
        wanted.append(select(literal(False), Unit.id).where(named).limit(MOST_FOUND))
    found = session.execute(union_all(*wanted)).all()
    return [row[1] for row in found if row[0]], [row[1] for row in found if not row[0]]


def _numbered(text: str) -> ColumnElement[bool] | None:
    """The condition for a number; None for any other text."""
    if len(text) == 4 and text[:3].isdigit() and (text[3].isdigit() or text[3] in "xX"):
        return or_(Application.id_tail == text.upper(), _begins(Application.reference, text))
    return _begins(Application.reference, text) if text.isdigit() else None


def _are_initials(letters: str) -> bool:
    return letters.isascii() and letters.isalpha()


def _among(column_: InstrumentedAttribute[Any], ids: list[UUID]) -> ColumnElement[bool]:
    """One of these ids: as one array, since a parameter for each of a thousand would cost more than the search."""
    return column_ == any_(literal(ids, ARRAY(Uuid())))


def _begins(column_: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """A range: LIKE could not use the index under row-level security."""
    return and_(column_ >= text, column_ < text + _LAST)
