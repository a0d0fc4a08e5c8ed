"""A unit's people: the state of each application, missing items, and the cases that wait for the unit.

A department sees the people of its units as well. A case waits for the actor who may decide it: a unit's manager
reviews for the unit itself, a department's reviewer for the units below. Source: 2024 notice §2(3)-(4).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select

from core.applications import form_steps, forms
from core.applications.models import Application, Deferral, Submission
from core.applications.queries import LISTED, of_units
from core.db.session import UnitSession
from core.documents.models import Document
from core.domain.permissions import Permission
from core.domain.workflow import State
from core.organizations.queries import carried_on
from core.reviews.lists.search import matching
from core.reviews.queue import MOST_URGENT_FIRST, PAGE_SIZE, Page, page_of
from core.tenancy.models import Office

AT_THE_UNIT: Final = (State.UNIT_REVIEW, State.DEPARTMENT_REVIEW)
_ASKED_FOR_PAPERS: Final = frozenset({*AT_THE_UNIT, State.RETURNED})
_LISTED = (
    *LISTED,
    Application.round,
    Application.local_office_id,
    Application.form,
    Application.unlocked_items,
    Application.deferral_open,
    Office.name.label("office_name"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of the list, as in the page's address; ``waiting`` keeps the cases that the actor may decide."""

    state: State | None = None
    text: str = ""
    unit_id: UUID | None = None
    waiting: bool = False


def people(session: UnitSession, year: int, asked: Asked, *, after: str | None = None, size: int = PAGE_SIZE) -> Page:
    """A page of the unit's people, most urgent first, each with the office in charge. One statement."""
    wanted = (
        select(*_LISTED)
        .join(Office, Office.id == Application.handler_office_id)
        .where(*_conditions(session, year, asked))
    )
    return page_of(session, wanted, after=after, size=size)


def next_case(session: UnitSession, year: int, *, beside: UUID | None = None, asked: Asked = Asked()) -> UUID | None:
    """The most urgent case that waits for the actor; None where there is none."""
    wanted = select(Application.id).where(*_conditions(session, year, asked), _waits(session))
    if beside is not None:
        wanted = wanted.where(Application.id != beside)
    return session.scalar(wanted.order_by(*MOST_URGENT_FIRST.columns()).limit(1))


def counts(session: UnitSession, year: int) -> dict[State, int]:
    """How many people are in each state."""
    rows = session.execute(
        select(Application.state, func.count()).where(of_units(session), Application.year == year).group_by("state")
    )
    return {State(state): count for state, count in rows}


def waiting(session: UnitSession, year: int) -> int:
    """How many cases wait for the actor."""
    wanted = select(func.count()).select_from(Application).where(_waits(session), Application.year == year)
    return session.scalar(wanted) or 0


def waiting_by_year(session: UnitSession, before: int) -> dict[int, int]:
    """How many cases of each earlier season wait for the actor."""
    wanted = select(Application.year, func.count()).where(_waits(session), Application.year < before)
    return dict(session.execute(wanted.group_by(Application.year)).all())


@dataclass(frozen=True, slots=True)
class UnitCount:
    """A unit's people counted: all, at the unit or department, with the applicant, and admitted."""

    people: int = 0
    reviewed_here: int = 0
    with_applicant: int = 0
    through: int = 0


def counts_by_unit(session: UnitSession, year: int) -> dict[UUID, UnitCount]:
    """The counts of each unit, in one statement."""
    rows = session.execute(
        select(
            Application.unit_id,
            func.count(),
            _count_of(AT_THE_UNIT),
            _count_of((State.DRAFT, State.RETURNED)),
            _count_of((State.QUALIFIED, State.PROVISIONAL)),
        )
        .where(of_units(session), Application.year == year)
        .group_by(Application.unit_id)
    )
    return {unit_id: UnitCount(*numbers) for unit_id, *numbers in rows}


def missing(session: UnitSession, rows: Iterable[Any], names: Mapping[str, str]) -> dict[UUID, str]:
    """The missing items of each person on a page, as text; ``names`` are those of the papers.

    Three statements for a whole page: the answers are in the rows, papers and commitments are read for all at once.
    """
    listed = list(rows)
    lacking = {row.id: _lacking_answers(row, names) for row in listed}
    at_review = [row for row in listed if row.state in _ASKED_FOR_PAPERS and row.round]
    for row_id, papers in _lacking_papers(session, at_review).items():
        lacking[row_id] = [*lacking[row_id], *papers]
    return {row_id: "、".join(dict.fromkeys(items)) for row_id, items in lacking.items()}


def _lacking_answers(row: Any, names: Mapping[str, str]) -> list[str]:
    if row.state == State.RETURNED:
        labels = {**names, **form_steps.ITEM_LABELS}
        return [labels.get(item, item) for item in row.unlocked_items or ()]
    if row.state != State.DRAFT:
        return []
    gaps = forms.gaps(forms.read_draft(row.form))
    return [form_steps.ITEM_LABELS[item] for item in gaps if item != "declared_true"] or ["本人提交"]


def _lacking_papers(session: UnitSession, rows: Sequence[Any]) -> dict[UUID, list[str]]:
    ids = [row.id for row in rows]
    rounds = {row.id: row.round for row in rows}
    asked = session.execute(
        select(Submission.application_id, Submission.round, Submission.requirements).where(
            Submission.application_id.in_(ids)
        )
    ).all()
    papers = select(Document.application_id, Document.material).where(
        Document.application_id.in_(ids), Document.superseded_at.is_(None)
    )
    commitments = select(Deferral.application_id, Deferral.material).where(Deferral.application_id.in_(ids))
    have = {(case_id, code) for wanted in (papers, commitments) for case_id, code in session.execute(wanted)}
    return {
        case_id: [
            requirement["name"]
            for requirement in wanted
            if requirement["required"] and (case_id, requirement["code"]) not in have
        ]
        for case_id, number, wanted in asked
        if rounds[case_id] == number
    }


def _conditions(session: UnitSession, year: int, asked: Asked) -> list[ColumnElement[bool]]:
    found = [of_units(session), Application.year == year]
    if asked.state is not None:
        found.append(Application.state == asked.state)
    if asked.unit_id is not None:
        found.append(Application.unit_id == asked.unit_id)
    if asked.waiting:
        found.append(_waits(session))
    if text := asked.text.strip():
        found.append(matching(text))
    return found


def _waits(session: UnitSession) -> ColumnElement[bool]:
    """The condition for cases that the actor may decide now, as ``moves.capacities`` says of one case."""
    may, own = session.actor.permissions, carried_on(session.unit_id)
    mine: list[ColumnElement[bool]] = []
    if Permission.REVIEW_FOR_UNIT in may:
        mine.append(and_(Application.unit_id.in_(own), Application.state == State.UNIT_REVIEW))
    if Permission.REVIEW_FOR_DEPARTMENT in may:
        mine.append(and_(Application.department_id.in_(own), Application.state == State.DEPARTMENT_REVIEW))
    return or_(false(), *mine)


def _count_of(states: Sequence[State]) -> ColumnElement[int]:
    return func.count(case((Application.state.in_(states), 1)))
