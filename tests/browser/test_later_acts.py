"""A site closes after tickets are out: its office replans by hand, and every ticket and paper follows."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from core.applications.rules.document import RuleDocument
from core.db.base import new_id
from core.db.server.embedded import EmbeddedServer
from core.db.session import Actor, OfficeSession, Role
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.plans.room_sheets import live_seats
from core.tenancy.offices import Offices
from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit, serve_town
from tests.browser.exams import _place, arrange_exams
from tests.browser.town import Town
from tests.cases import CITY


@pytest.fixture(scope="module")
def town(
    database_server: EmbeddedServer,
    worker_id: str,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    """A town of its own: its sites close for good."""
    name = f"kaowu_later_{worker_id}"
    with serve_town(database_server, name, linshui_offices, tmp_path_factory.mktemp("later")) as served_town:
        yield served_town


@pytest.fixture(scope="module")
def candidate(town: Town) -> str:
    """The one candidate of its exam, who holds a ticket."""
    return arrange_exams(town)["candidate"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_site_closes_and_tickets_and_papers_follow_the_next_plan(
    visit: Visit, town: Town, candidate: str, viewport: dict[str, int]
) -> None:
    site, other = _other_site(town, candidate)
    window = visit("scheduler", viewport=viewport)
    window.go("/exams/papers")
    page = window.page
    expect(page.get_by_text("有座位的考生都有准考证")).to_be_visible()
    page.get_by_label("资料", exact=True).select_option(label="考场门贴")
    page.get_by_role("button", name="生成PDF").click()
    expect(page.get_by_role("heading", name="考场门贴")).to_have_count(1 if viewport == DESKTOP else 2)
    _close(window, site)
    window.go("/exams/papers")
    expect(page.get_by_role("alert")).to_contain_text("1名考生须重新安排座位")
    expect(page.get_by_text("有座位的考生都有准考证")).to_have_count(0)
    assert window.violations() == []
    page.get_by_role("link", name="重新编排").click()
    _replan(window, other)
    window.go("/exams/papers")
    expect(page.get_by_text("有座位的考生都有准考证")).to_be_visible()
    expect(page.get_by_text("已过期", exact=True).first).to_be_visible()
    expect(page.get_by_text("所属编排方案已被替代，请勿使用").first).to_be_visible()
    assert window.violations() == []
    mine = visit("candidate", viewport=viewport)
    mine.go(f"/my/applications/{candidate}/exam")
    expect(mine.page.locator("#content")).to_contain_text(other)
    assert [*window.complaints, *mine.complaints] == []


def _other_site(town: Town, candidate: str) -> tuple[str, str]:
    """The site where the candidate sits, and the name of another one that is ready."""
    code = new_id().hex[-6:].upper()
    platform = town.web.platform
    actor = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)
    with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        here = select(ExamRoom.site_id).join(Seat, Seat.room_id == ExamRoom.id)
        site = session.scalars(here.where(Seat.application_id == UUID(candidate), live_seats())).one()
        made, _ = _place(session, code)
        session.execute(update(ExamSite).where(ExamSite.id == made).values(name=f"测试备用考点{code}"))
    return str(site), f"测试备用考点{code}"


def _close(window: Watched, site: str) -> None:
    page = window.page
    window.go(f"/exams/sites/{site}")
    page.get_by_text("停用考点", exact=True).last.click()
    page.get_by_label("原因").fill("停电")
    page.locator("form[action$='/close'] button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请确认：停用考点")
    expect(page.locator("#content")).to_contain_text("测试路1号")
    expect(page.get_by_text("1张准考证须换发，1人将收到通知")).to_be_visible()
    assert window.violations() == []
    page.get_by_role("button", name="确认办理").click()
    expect(page.get_by_text("已停用", exact=True)).to_be_visible()


def _replan(window: Watched, other: str) -> None:
    page = window.page
    page.get_by_label("在已发布方案的基础上重新编排", exact=False).check()
    page.get_by_label("重新编排的原因", exact=False).fill("考点停用")
    page.get_by_role("button", name="生成方案").click()
    expect(page.get_by_text("1名考生的座位有变动")).to_be_visible()
    expect(page.get_by_role("region", name="座位变动的考生")).to_contain_text(other)
    assert window.violations() == []
    page.get_by_text("发布方案", exact=True).click()
    page.get_by_role("button", name="确定发布").click()
    expect(page.get_by_text("1张准考证须换发，1人将收到通知")).to_be_visible()
    page.get_by_role("button", name="确认办理").click()
    expect(page.get_by_text("已发布", exact=True)).to_be_visible()
