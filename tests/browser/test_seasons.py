"""An officer in the second season: back to last year for a certificate, nothing to write there, and home again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from core.db.server.embedded import EmbeddedServer
from core.web.authentication.cookies import SESSION
from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import YEAR
from tests.conftest import clone
from tests.serving import served
from tests.two_seasons import LATER, NEXT, account_of, serving_two_seasons, session_of

PEOPLE = ("supervisor", "city", "county", "center", "auditor", "scheduler", "manager_of_all")


@dataclass(repr=False)
class LaterTown(Town):
    """The town a year later: its people are known by their accounts."""

    accounts: Mapping[str, UUID] = field(default_factory=dict)

    def cookie(self, who: str) -> Mapping[str, Any]:
        """The cookie of a person who has signed in now."""
        return {"name": SESSION, "value": session_of(self.web, self.accounts[who]), "url": self.address}


@pytest.fixture(scope="module")
def town(
    database_server: EmbeddedServer, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LaterTown]:
    """The province in its second season, with a certificate, an objection and a sanction case of the first."""
    folder = tmp_path_factory.mktemp("later")
    with (
        clone(database_server, f"kaowu_later_{worker_id}") as databases,
        serving_two_seasons(databases, folder) as web,
        served(web.client.app) as (_, port),
    ):
        later = LaterTown(f"http://127.0.0.1:{port}", web)
        assert later.awards
        later.accounts = {who: account_of(later.person(who)) for who in PEOPLE}
        web.clock.set(LATER)
        yield later


def _photograph(window: Watched, folder: Path | None, name: str) -> None:
    if folder is not None:
        window.page.screenshot(path=folder / f"{name}.png", full_page=True)


def _check(window: Watched) -> None:
    assert window.violations() == []
    assert window.wide() == 0
    assert window.complaints == []


def _switch_to(page: Page, year: int) -> None:
    page.locator(".season-switch summary").click()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.locator(".season-switch").get_by_role("link", name=f"{year}年度").click()
    expect(page.locator(".season-switch .who-name")).to_have_text(f"{year}年度")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_officer_finds_a_certificate_of_last_year_and_goes_back(
    visit: Visit, screenshots: Path | None, viewport: dict[str, int], *, javascript: bool
) -> None:
    name = f"{'desktop' if viewport == DESKTOP else 'phone'}{'' if javascript else '-without-scripts'}"
    window = visit("supervisor", viewport=viewport, javascript=javascript)
    window.go("/awards")
    page = window.page
    expect(page.get_by_role("heading", name="拟定名单")).to_be_visible()
    expect(page.get_by_text("还没有名单")).to_be_visible()
    _photograph(window, screenshots, f"season-current-{name}")

    _switch_to(page, YEAR)
    expect(page.get_by_text(f"{YEAR}年度（已结束，只能查看）")).to_be_visible()
    expect(page.locator("main form")).to_have_count(0)
    _photograph(window, screenshots, f"season-ended-{name}")
    if javascript:
        _check(window)

    page.get_by_role("link", name="第1份").click()
    page.get_by_role("row").get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("有效")
    assert f"year={YEAR}" in page.url
    expect(page.locator("main form")).to_have_count(0)
    _photograph(window, screenshots, f"season-certificate-{name}")
    if javascript:
        _check(window)

    page.get_by_role("link", name=f"回到{NEXT}年度").click()
    expect(page.locator(".season-switch .who-name")).to_have_text(f"{NEXT}年度")
    expect(page.get_by_text("已结束，只能查看")).to_have_count(0)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_page_leads_to_what_last_year_left_open(
    visit: Visit, screenshots: Path | None, viewport: dict[str, int]
) -> None:
    window = visit("supervisor", viewport=viewport)
    window.go("/season")
    page = window.page
    told = page.get_by_role("region", name="往年未办结的事项")
    expect(told).to_contain_text(f"{YEAR}年度：待处理的异议1件")
    expect(told).to_contain_text(f"{YEAR}年度：未办结的违规案件1件")
    _photograph(window, screenshots, f"season-home-{'desktop' if viewport == DESKTOP else 'phone'}")
    _check(window)
    told.get_by_role("link", name="未办结的违规案件").click()
    expect(page.get_by_text(f"{YEAR}年度（已结束，只能查看）")).to_be_visible()
    page.get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_role("heading", name="违规案件").or_(page.locator("h1"))).to_be_visible()
    assert page.locator("main form").count() > 0


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("city", "/desk"),
        ("scheduler", "/exams/sites"),
        ("center", "/board"),
        ("auditor", "/supervision/cases"),
        ("manager_of_all", "/unit"),
    ],
)
def test_everybody_at_an_office_or_unit_can_switch(visit: Visit, who: str, address: str) -> None:
    window = visit(who, viewport=PHONE)
    assert window.go(address) == 200
    _switch_to(window.page, YEAR)
    _check(window)
    expect(window.page.get_by_text(f"{YEAR}年度（已结束，只能查看）")).to_be_visible()
    _switch_to(window.page, NEXT)
    _check(window)
