"""The browser of the tests: with Chinese fonts from a package, and the checks of every page it opens."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright

from core.settings import ROOT
from tests.browser.old_browser import OLD, make_old
from tests.conftest import find_browser

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
LARGEST_PAGE = 150 * 1024
"""HTML, style and script together, compressed."""
_COUNTED = {"document", "stylesheet", "script", "xhr", "fetch"}
_COPY = "const structuredClone = (value) => JSON.parse(JSON.stringify(value))"
AXE = f"{{ {_COPY}; {(ROOT / 'node_modules' / 'axe-core' / 'axe.min.js').read_text()} }}"
"""The script of axe-core. What it needs itself is no part of a page: an old window lacks it."""
_SCRIPTS = "--js-flags=--single-threaded --min-semi-space-size=16"
"""How scripts run, not what they do: no threads beside them, and garbage is collected seldom. axe-core makes much."""
_LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
  <alias binding="same"><family>system-ui</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
</fontconfig>
"""


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A browser that keeps everything it writes in ``folder``."""
    executable = find_browser()
    assert executable is not None
    settings = folder / "fonts.conf"
    fonts = Path(manimgx_fonts_cjk.__file__).parent
    settings.write_text(_FONTS.format(fonts=fonts, cache=folder / "font-cache"))
    environment = {**os.environ, "FONTCONFIG_FILE": str(settings), "HOME": str(folder), "LANGUAGE": "zh_CN"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            # The pages are our own, and containers rarely allow the sandbox.
            executable_path=executable,
            args=["--no-sandbox", "--lang=zh-CN", _SCRIPTS],
            env=environment,
        )
        yield browser
        browser.close()


def new_context(
    browser: Browser, *, viewport: dict[str, int] = DESKTOP, javascript: bool = True, old: bool = OLD
) -> BrowserContext:
    """A browser of somebody who has opened nothing yet; a phone is touched, and an ``old`` one lacks later parts."""
    context = browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=javascript,
        has_touch=viewport == PHONE,
    )
    context.set_default_timeout(20_000)
    if old:
        make_old(context)
    return context


@dataclass(repr=False)
class Watched:
    """A page with its requests and complaints since it was last looked at."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    _answers: list[Response] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def open(cls, context: BrowserContext, address: str) -> Watched:
        """A new page of which nothing goes unnoticed; ``address`` is where everything has to come from."""
        watched = cls(context.new_page(), address)
        watched.page.on("console", lambda line: watched._complain(line.type == "error", f"console: {line.text}"))
        watched.page.on("pageerror", lambda error: watched._complain(True, f"script: {error}"))
        watched.page.on("request", watched._see)
        watched.page.on("response", watched._keep)
        return watched

    def go(self, path: str) -> int:
        """Open a page and give back its status; what the page before had is forgotten."""
        self.complaints.clear()
        self._answers.clear()
        answer = self.page.goto(self.address + path)
        assert answer is not None
        if answer.status >= 400:
            # The browser itself reports the status of a page that refuses, which is what was wanted.
            self.complaints.clear()
        return answer.status

    def open_first_row(self) -> None:
        """Follow the link of a list's first row, until its page is there: the list has fields of the same names."""
        with self.page.expect_navigation():
            self.page.locator("[data-row] a").first.click()

    def size(self) -> int:
        """The bytes of HTML, style and script that this page loaded, compressed."""
        counted = [
            answer for answer in self._answers if answer.request.resource_type in _COUNTED and answer.status == 200
        ]
        for answer in counted:
            # What stands at a static address never changes; a page does.
            if answer.request.resource_type == "document" or answer.url not in self._sizes:
                self._sizes[answer.url] = len(gzip.compress(answer.body()))
        return sum(self._sizes[answer.url] for answer in counted)

    def violations(self) -> list[str]:
        """The violations of WCAG 2.2 A and AA that axe-core finds: the rule, and the place."""
        # Playwright evaluates this outside of the page's content security policy.
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate(
            # No page has sound or a style sheet from elsewhere, which axe would load once more.
            "levels => axe.run({runOnly: {type: 'tag', values: levels}, resultTypes: ['violations'], preload: false})",
            _LEVELS,
        )
        return [
            f"{violation['id']}: {node['html'][:160]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def wide(self) -> int:
        """By how many pixels the page is wider than the window; more than none needs scrolling sideways."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found

    def _keep(self, answer: Response) -> None:
        self._answers.append(answer)

    def _complain(self, wanted: bool, text: str) -> None:
        if wanted:
            self.complaints.append(text)

    def _see(self, request: Request) -> None:
        # The browser's own reader of PDFs is made of pages as well.
        inside = request.url.startswith((self.address, "data:", "chrome:", "chrome-extension:"))
        self._complain(not inside, f"a request left the machine: {request.url}")
