"""Questions of the web kit to the capabilities: ``core.app`` hands in the answers, so the kit imports none of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from litestar.connection import ASGIConnection

from core.db.session import Actor, ScopedSession


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """The header's data about the season and the roles of the reader."""

    season: int | None = None
    """The year of the current season; None before any has been opened."""
    seasons: tuple[int, ...] = ()
    """The years of all seasons, the newest first."""
    ended: frozenset[int] = frozenset()
    """Those that the province has closed."""
    phases: Mapping[int, str] = field(default_factory=dict)
    """Where each year stands, in words."""
    places: Mapping[Actor, str] = field(default_factory=dict)
    """The office or unit of each role, by name; empty for an applicant."""
    practice: bool = False
    """Whether the reader works with made-up people."""
    unread: int = 0
    """Notices that the reader has not opened yet."""


@dataclass(frozen=True, slots=True)
class WorkOfSeason:
    """What waits for the reader in a season, and the address at which it is done; ``line`` is that of the menu."""

    year: int
    text: str
    address: str
    line: str = ""
    count: int = 0


class WorkThatWaits(Protocol):
    """The question for what waits for the reader in a season; ``current``: no later one has begun."""

    def __call__(self, session: ScopedSession, year: int, *, current: bool) -> Sequence[WorkOfSeason]:
        """The kinds of work, each with its number."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The questions, each with the function that answers it."""

    header: Callable[[ScopedSession, Actor | None, tuple[Actor, ...]], HeaderFacts]
    """The data of the header, for the acting role (None where nobody has signed in) and all roles of the account."""
    earlier_work: Callable[[ScopedSession], Sequence[WorkOfSeason]]
    """What is open in seasons that have ended, for the reader's first page."""
    work_that_waits: WorkThatWaits
    """What waits for the reader in the season that is shown, for the menu and the first page."""


def ports_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Ports:
    """The ports of the application that answers."""
    ports: Ports = connection.app.state.ports
    return ports
