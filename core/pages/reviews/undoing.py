"""What an officer or a unit has just decided, with the way to take it back, and what both desks do for that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from core.applications.models import Application, Move
from core.db.session import OfficeSession, UnitSession
from core.domain.workflow import UNDO_WITHIN, Action
from core.errors import Invalid
from core.platform import Platform
from core.reviews.bulk import Decided, Seen, decide_each
from core.reviews.decisions.undo import said, undo, what_was_done

ReviewSession = UnitSession | OfficeSession
DONE = "done"
"""The parameter of an address that names the decision just made."""


@dataclass(frozen=True, slots=True)
class Done:
    """Decisions just made: each in words, and those that may still be taken back, until when."""

    words: tuple[str, ...]
    moves: tuple[UUID, ...]
    until: datetime


def done_of(session: ReviewSession, moves: Sequence[UUID]) -> Done | None:
    """The actor's own decisions of these ids; None where there are none."""
    found = what_was_done(session, moves)
    if not found:
        return None
    return Done(
        tuple(said(made, case) for made, case, _ in found),
        tuple(made.id for made, _, may in found if may),
        min(made.at for made, _, _ in found) + UNDO_WITHIN,
    )


def done_before(session: ReviewSession, sent: Any) -> Done | None:
    """The decision that an address names as just made."""
    try:
        return done_of(session, [UUID(str(sent[DONE]))]) if sent.get(DONE) else None
    except ValueError:
        return None


def done_in_bulk(session: ReviewSession, decided: Iterable[Decided]) -> Done | None:
    """The decisions of many cases at once."""
    made = [(case.application_id, case.version) for case in decided if case.refusal is None]
    wanted = select(Move.id).where(tuple_(Move.application_id, Move.version).in_(made))
    return done_of(session, session.scalars(wanted).all()) if made else None


def after(address: str, session: ReviewSession, decided: Application) -> str:
    """The address with the decision that was just made on a case."""
    wanted = select(Move.id).where(Move.application_id == decided.id, Move.version == decided.version)
    return f"{address}{'&' if '?' in address else '?'}{DONE}={session.scalars(wanted).one()}"


def take_back(session: ReviewSession, platform: Platform, data: dict[str, Any]) -> list[Decided]:
    """Take the named decisions back, each by itself; Invalid where none is named."""
    given = data.get("move") or []
    try:
        named = [UUID(str(move)) for move in (given if isinstance(given, list) else [given])]
    except ValueError:
        named = []
    if not named:
        raise Invalid("nothing_ticked", "没有指明要撤销的办理。请刷新页面后再操作。")
    rows = session.execute(select(Move.application_id, Move.version).where(Move.id.in_(named))).all()
    cases = [Seen(application_id, version) for application_id, version in rows]
    return decide_each(
        session,
        cases,
        Action.UNDO,
        lambda case_id, version: undo(session, case_id, offices=platform.offices, version=version),
    )
