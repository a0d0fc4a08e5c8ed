"""Pure: the life of a year's assessment, from its preparation to its closing, and the phase in which it is.

Without an act a year is open from the day of its notice (``docs/decisions/0049-a-year-has-a-life.md``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from core.clock import start_of
from core.text.labels import Labelled


class Phase(Labelled):
    """Where a year stands. What each phase still admits: decision 49."""

    PREPARING = "preparing", "准备中"
    OPEN = "open", "办理中"
    CLOSING = "closing", "收尾中"
    CLOSED = "closed", "已结束"


FOLLOWS: Final[Mapping[Phase, tuple[Phase, ...]]] = {
    Phase.PREPARING: (Phase.OPEN,),
    Phase.OPEN: (Phase.CLOSING,),
    Phase.CLOSING: (Phase.CLOSED, Phase.OPEN),
    Phase.CLOSED: (),
}
"""The phases that an act may lead to; a year that is closed stays closed."""


class PhaseAct(Protocol):
    """The columns of an act that decide when it holds."""

    @property
    def phase(self) -> str:
        """The phase that it enters."""

    @property
    def effective(self) -> datetime:
        """The moment from which it holds."""

    @property
    def made_at(self) -> datetime:
        """The moment of the act."""

    @property
    def confirmed_at(self) -> datetime | None:
        """The moment at which a second officer confirmed it."""

    @property
    def cancelled_at(self) -> datetime | None:
        """The moment at which it was taken back, before it held."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The phase of a year, and since when; None for a year that has been in preparation from the start."""

    phase: Phase
    since: datetime | None


def begins(act: PhaseAct) -> datetime | None:
    """The moment from which an act holds; None for one that was cancelled or waits for the second officer."""
    if act.cancelled_at is not None:
        return None
    if Phase(act.phase) is not Phase.CLOSED:
        return act.effective
    return None if act.confirmed_at is None else max(act.effective, act.confirmed_at)


def standing_of(notice_date: date, acts: Iterable[PhaseAct], now: datetime) -> Standing:
    """The phase of a year at a moment. The day of the notice opens it, unless an act names another moment."""
    order = list(Phase)
    held = [(moment, act.made_at, order.index(Phase(act.phase))) for act in acts if (moment := begins(act)) is not None]
    steps = [(moment, order[position]) for moment, _, position in sorted(held)]
    if not steps or steps[0][1] is not Phase.OPEN:
        steps.insert(0, (start_of(notice_date), Phase.OPEN))
    reached = [step for step in steps if step[0] <= now]
    if not reached:
        return Standing(Phase.PREPARING, None)
    since, phase = reached[-1]
    return Standing(phase, since)
