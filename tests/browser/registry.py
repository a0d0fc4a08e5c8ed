"""Every page, and who looks at it. One line here has a page tried on a phone and on a desktop, by axe-core, for its
size, its console and its requests, and photographed by ``make screenshots``; a page that is missing fails a test.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as somebody sees it.

    ``who`` is a key of ``Town.people``; None is nobody. ``{…}`` in the address is filled from ``Town.places``.
    ``heavy`` pages hold charts and may be larger than the others.
    """

    name: str
    address: str
    who: str | None = None
    status: int = 200
    heavy: bool = False


PAGES = (
    Shown("front", "/"),
    Shown("calendars", "/calendar"),
    Shown("calendars-of-a-city", "/calendar?city=linshui/qinghe"),
    Shown("calendar-of-a-county", "/calendar/linshui/qinghe/heyuan"),
    Shown("help", "/help"),
    Shown("privacy", "/privacy"),
    Shown("not-found", "/nowhere", status=404),
    Shown("front-signed-in", "/", "newcomer"),
)
