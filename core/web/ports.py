"""What the kit of the web asks of the capabilities: handed in by ``core.app``, so that the kit knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from core.db.session import Actor, ScopedSession, SignInSession


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header of a page says of the season and of the roles of its reader."""

    season: int | None = None
    places: Mapping[Actor, str] = field(default_factory=dict)
    """The office or unit of each role, by name; empty for an applicant."""
    practice: bool = False
    """Whether the reader works with made-up people."""
    unread: int = 0
    """Notices that the reader has not opened yet."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The questions, each answered by the capability that knows."""

    header: Callable[[ScopedSession, Actor | None, tuple[Actor, ...]], HeaderFacts]
    """What the header says, for the acting role (None where nobody has signed in) and all roles of the account."""
    units_below: Callable[[SignInSession, UUID], frozenset[UUID]]
    """A unit and all units below it."""


def ports_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Ports:
    """The ports of the application that answers."""
    ports: Ports = connection.app.state.ports
    return ports
