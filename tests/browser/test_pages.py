"""Every page of the registry in a real browser: no violation of WCAG A or AA, nothing from elsewhere, not too large."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from playwright.sync_api import Browser

from tests.browser.chromium import DESKTOP, LARGEST_PAGE, PHONE, Watched, new_context
from tests.browser.registry import PAGES, Shown
from tests.browser.town import Town


@pytest.fixture(scope="module")
def window_of(browser: Browser, town: Town) -> Iterator[Callable[[str | None], Watched]]:
    """One window for all pages, handed from person to person: a new one would read its scripts and fonts afresh."""
    context = new_context(browser)
    window = Watched.open(context, town.address)

    def hand_to(who: str | None) -> Watched:
        window.page.goto("about:blank")
        window.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        context.clear_cookies()
        if who is not None:
            context.add_cookies([town.cookie(who)])  # type: ignore[list-item]
        return window

    yield hand_to
    context.close()


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_can_be_used_by_everybody_on_a_phone_and_on_a_desktop(
    window_of: Callable[[str | None], Watched], town: Town, shown: Shown, screenshots: Path | None
) -> None:
    window = window_of(shown.who)
    with town.on(shown.at):
        assert window.go(shown.address.format_map(town.places)) == shown.status
    size = window.size()
    assert shown.heavy or size <= LARGEST_PAGE
    for name, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        window.page.set_viewport_size(viewport)  # type: ignore[arg-type]
        if screenshots is not None:
            window.page.screenshot(path=screenshots / f"{shown.name}-{name}.png", full_page=True)
        violations, wide = window.violations(), window.wide()
        assert violations == [], name
        assert wide == 0, name
    assert window.complaints == []


def test_every_page_is_in_the_registry(town: Town) -> None:
    tried = [_pattern(shown.address) for shown in PAGES]
    missing = [route for route in _pages(town) if not any(_fits(route, address) for address in tried)]
    assert missing == []


def _pages(town: Town) -> list[str]:
    return sorted(
        route.path
        for route in town.web.client.app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith(("/api/", "/schema", "/static"))
        if any(_is_page(handler) for handler in route.route_handlers)
    )


def _is_page(handler: HTTPRouteHandler) -> bool:
    return "GET" in handler.http_methods and handler.opt.get("page", False) is True


def _pattern(address: str) -> list[str]:
    return address.split("?", 1)[0].strip("/").split("/")


def _fits(route: str, parts: list[str]) -> bool:
    wanted = route.strip("/").split("/")
    if wanted[-1].endswith(":path}"):
        return wanted[:-1] == parts[: len(wanted) - 1] and len(parts) >= len(wanted)
    return len(wanted) == len(parts) and all(a == b or a.startswith("{") for a, b in zip(wanted, parts, strict=True))
