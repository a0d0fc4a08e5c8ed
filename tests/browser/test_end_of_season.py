"""The next year is open: a hearing, an objection and a list of the last are found from the first page and finished."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from core.db.server.embedded import EmbeddedServer
from tests.browser.chromium import PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.test_lists import confirm
from tests.browser.test_seasons import LaterTown
from tests.cases import YEAR
from tests.conftest import clone
from tests.serving import served
from tests.two_seasons import LATER, account_of, serving_two_seasons


@pytest.fixture(scope="module")
def town(
    database_server: EmbeddedServer, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LaterTown]:
    """A province of its own in its second season: what the first left is finished here."""
    folder = tmp_path_factory.mktemp("ends")
    with (
        clone(database_server, f"kaowu_ends_{worker_id}") as databases,
        serving_two_seasons(databases, folder) as web,
        served(web.client.app) as (_, port),
    ):
        later = LaterTown(f"http://127.0.0.1:{port}", web)
        assert later.awards
        later.accounts = {"supervisor": account_of(later.person("supervisor"))}
        web.clock.set(LATER)
        yield later


def _left(window: Watched) -> Locator:
    """What the first page of the officer says that last year left."""
    window.go("/season")
    assert window.violations() == []
    assert window.wide() == 0
    return window.page.get_by_role("region", name="往年未办结的事项")


def test_a_hearing_an_objection_and_a_list_of_last_year_are_finished_on_a_phone(visit: Visit) -> None:
    window = visit("supervisor", viewport=PHONE)
    page, kinds = window.page, ("待决定的取消、恢复公示资格", "待处理的异议", "待公示或公示期满的合格人员名单")
    for kind in kinds:
        expect(_left(window)).to_contain_text(f"{YEAR}年度：{kind}1件")

    _left(window).get_by_role("link", name=kinds[0]).click()
    page.locator("main table").get_by_role("link").first.click()
    page.get_by_label("理由（本人将看到）").fill("履历经核验属实（测试）")
    page.get_by_role("button", name="不予取消").click()
    expect(page.locator("h1")).to_contain_text("不予取消")

    _left(window).get_by_role("link", name=kinds[1]).click()
    page.get_by_role("link", name="第2份").click()
    page.get_by_label("核查情况和答复").fill("履历经核验属实（测试）")
    page.get_by_role("button", name="异议不成立").click()
    expect(page.get_by_text("履历经核验属实（测试）").first).to_be_visible()

    _left(window).get_by_role("link", name=kinds[2]).click()
    page.get_by_role("link", name="第2份").click()
    confirm(page, "公布合格人员", "确认公布", notice_number="清河测试〔2025〕3号")
    expect(page.get_by_text("已公布", exact=True)).to_be_visible()
    assert window.violations() == []

    told = _left(window)
    for kind in kinds:
        expect(told).not_to_contain_text(kind)
    expect(told).to_contain_text(f"{YEAR}年度：本机构未办结的全部事项")
    assert window.complaints == []
