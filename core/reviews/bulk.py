"""Deciding many cases at once: each case in its own savepoint, with its own result, and never twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application, Move
from core.applications.moves import capacities
from core.applications.queries import application
from core.db.session import OfficeSession, UnitSession
from core.domain.workflow import ACTION_LABELS, STATE_LABELS, Action, State, allowed_actions
from core.errors import Conflict, KaowuError
from core.reviews.decisions.plain_cases import left_out

Decide = Callable[[UUID, int], Application]
"""Decides one case by its id and the version that the reviewer saw."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticked case with the version that the reviewer saw."""

    application_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The result for one case; ``refusal`` is None where this request, or an earlier copy of it, decided the case."""

    application_id: UUID
    reference: str
    person_name: str
    version: int
    refusal: KaowuError | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A ticked case before the decision: ``why`` it is left out, None where it is decided."""

    case: Application
    why: str | None


def sort_out(session: UnitSession | OfficeSession, cases: Iterable[Seen], action: Action) -> list[Foreseen]:
    """Each ticked case that the session may see, with the reason for which it would be left out."""
    found = []
    for seen in cases:
        case = session.get(Application, seen.application_id)
        if case is None:
            continue
        state = State(case.state)
        if case.version != seen.version:
            why: str | None = f"刚刚有新的办理，现为“{STATE_LABELS[state]}”"
        elif action not in allowed_actions(state, capacities(session, case)):
            why = f"现为“{STATE_LABELS[state]}”，不由您{ACTION_LABELS[action]}"
        else:
            why = left_out(session, case)
        found.append(Foreseen(case, why))
    return found


def decide_each(
    session: UnitSession | OfficeSession, cases: Iterable[Seen], action: Action, decide: Decide
) -> list[Decided]:
    """Decide case after case, in the order of their ids, so that two bulk decisions never wait for each other.

    A refusal undoes its own case alone. A case that the same account has already decided the same way counts as
    decided, so that the request may be repeated.
    """
    return [_decide_case(session, seen, action, decide) for seen in sorted(cases, key=lambda case: case.application_id)]


def _decide_case(session: UnitSession | OfficeSession, seen: Seen, action: Action, decide: Decide) -> Decided:
    refusal: KaowuError | None = None
    try:
        with session.begin_nested():
            decide(seen.application_id, seen.version)
    except Conflict as error:
        refusal = None if _done_before(session, seen, action) else error
    except KaowuError as error:
        refusal = error
    try:
        case = application(session, seen.application_id)
    except KaowuError as error:
        return Decided(seen.application_id, "", "", seen.version, error)
    return Decided(case.id, case.reference, case.person_name, case.version, refusal)


def _done_before(session: UnitSession | OfficeSession, seen: Seen, action: Action) -> bool:
    made = select(Move.id).where(
        Move.application_id == seen.application_id,
        Move.version == seen.version + 1,
        Move.action == action,
        Move.account_id == session.actor.account_id,
    )
    return session.scalar(made) is not None
