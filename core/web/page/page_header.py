"""What the header of every page says of the one who looks at it, and how a template becomes an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from litestar import Request, Response
from litestar.enums import MediaType

from core.db.session import ROLE_LABELS, Actor
from core.platform import Platform
from core.web.page.navigation import Item, menu
from core.web.ports import WorkOfSeason


@dataclass(frozen=True, slots=True)
class Hat:
    """One role that somebody holds, and where: what the switch of roles offers."""

    key: str
    label: str
    place: str
    current: bool


@dataclass(frozen=True, slots=True)
class SeasonChoice:
    """A season that the switch in the header offers, and where it leads."""

    year: int
    address: str
    current: bool
    """Whether it is the one that is shown."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where somebody is: stands in the header of every page."""

    path: str
    menu: tuple[Item, ...]
    actor: Actor | None = None
    role: str = ""
    place: str = ""
    hats: tuple[Hat, ...] = ()
    season: int | None = None
    """The year that is shown: that of the page's things, or of its address, or the current one."""
    ended: bool = False
    """Whether the page lists things of a closed season: they are looked at, nothing new begins there."""
    phase: str = ""
    """Where the season stands that the page lists things of, in words; empty for the current one."""
    current_season: SeasonChoice | None = None
    """The way back from a season that is not the current one."""
    seasons: tuple[SeasonChoice, ...] = ()
    """What the switch of seasons offers; empty where there is only one, or the reader's work is of no season."""
    query: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the address: a list that is narrowed may have a line of its own in the menu."""
    waits: tuple[WorkOfSeason, ...] = ()
    """What waits for the reader in the season that is shown."""
    earlier: tuple[WorkOfSeason, ...] = ()
    """What waits for the reader in seasons that have ended; told on their first page alone."""
    unread: int = 0
    idle_seconds: int = 0
    practice: bool = False
    demo: datetime | None = None
    """At which moment a demonstration stands; None anywhere else."""

    def leads_to(self, address: str) -> bool:
        """Whether the menu has a line for this page."""
        return any(item.address == address for item in self.menu)

    @property
    def is_first(self) -> bool:
        """Whether this is the reader's first page."""
        return bool(self.menu) and self.path == self.menu[0].address

    @property
    def sections(self) -> list[tuple[str, list[Item]]]:
        """The menu by groups, in its order."""
        return [(group, list(items)) for group, items in groupby(self.menu, key=lambda item: item.group)]

    def is_current(self, item: Item) -> bool:
        """Whether an item is the line of this page: of two lines of one page that which names what is listed."""
        narrower = [line for line in self.menu if line.narrows and line.is_current(self.path, self.query)]
        return item in narrower if narrower else item.is_current(self.path, self.query)

    def waiting(self, item: Item) -> int:
        """How much waits behind a line of the menu."""
        return sum(work.count for work in self.waits if work.line == item.address)


@dataclass(frozen=True, slots=True)
class Problems:
    """A refusal as a page shows it: a summary above, and a text beside each field; empty where nothing is wrong."""

    detail: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    code: str = ""

    def __bool__(self) -> bool:
        return bool(self.detail)

    def of(self, name: str) -> str:
        """What is wrong with a field."""
        return self.fields.get(name, "")


def error_page(
    request: Request[Any, Any, Any],
    *,
    status: int,
    detail: str,
    fields: dict[str, str],
    reference: str,
    expired: str | None = None,
) -> Response[str]:
    """The page of a refusal. No session is open any more: it says only what the request itself knows.

    ``expired`` is the page of a form that had been open for too long; it is led back to.
    """
    actor: Actor | None = request.scope.get("user")
    role = None if actor is None else actor.role
    said = "" if role is None else ROLE_LABELS[role]
    here = Here(request.url.path, menu(role), actor, role=said, demo=demo_moment(request))
    context = {
        "here": here,
        "problems": Problems(detail, fields),
        "status": status,
        "reference": reference,
        "expired": expired,
    }
    return answer(request, "error.html", status, context)


def demo_moment(request: Request[Any, Any, Any]) -> datetime | None:
    """Where the clock of a demonstration stands, for the header; None where this is none."""
    platform: Platform = request.app.state.platform
    return None if platform.demo is None else platform.clock()


def answer(request: Request[Any, Any, Any], template: str, status: int, context: dict[str, Any]) -> Response[str]:
    """The rendered template. Templates see the request, so that forms can be bound to it."""
    engine = request.app.template_engine
    assert engine is not None  # noqa: S101 - the application has templates
    text = engine.get_template(template).render(request=request, **context)
    return Response(text, status_code=status, media_type=MediaType.HTML)
