"""Every page of the registry in a real browser: no violation of WCAG A or AA, nothing from elsewhere, not too large."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from playwright.sync_api import Browser

from tests.browser.chromium import DESKTOP, LARGEST_PAGE, PHONE
from tests.browser.conftest import WindowOf, one_window
from tests.browser.registry import PAGES, Shown
from tests.browser.town import Town


@pytest.fixture(scope="module")
def window_of(browser: Browser, town: Town) -> Iterator[WindowOf]:
    """One window for all pages."""
    with one_window(browser, town) as window_of:
        yield window_of


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_can_be_used_by_everybody_on_a_phone_and_on_a_desktop(
    window_of: WindowOf, town: Town, shown: Shown, screenshots: Path | None
) -> None:
    window = window_of(shown.who)
    window.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
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
