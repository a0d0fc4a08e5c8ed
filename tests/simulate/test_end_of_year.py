"""The end of a year, from the center's confirmation to the archive, by links and forms alone.

Last year is closed while offices still have something unfinished. Each finds it from its first page, finishes it and
archives the year; afterwards the year can be asked and its certificates verified, and nothing new begins in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from core.app import create_app
from core.applications.models import Application
from core.db.session import SYSTEM_ACCOUNT, Actor, AuditorSession, Role
from core.oversight.years.unfinished import by_office, unfinished
from core.pages.oversight.archive_job import make_package
from core.platform import Platform, open_platform
from core.results.models.awards import ArchivePackage, Certificate
from core.settings import Settings
from core.simulate.demo.season import FIRST
from core.web.page.navigation import home
from tests.links import Filled, LinkBrowser
from tests.simulate.conftest import copy_of
from tests.simulate.officer_at_work import SignedIn, signed_in

YEAR = FIRST.year
AUDITOR = Actor(SYSTEM_ACCOUNT, "演示", Role.PROVINCIAL_AUDITOR)
OFFICES = ("luoyang", "zhoukou", "zhumadian")
"""Offices with something of their own to finish: a batch to hand over, and results that nobody was told."""


@dataclass
class Province:
    """The demonstration with everybody who signs in there."""

    platform: Platform
    client: TestClient[Litestar]
    people: dict[str, SignedIn]

    def at_home(self, login: str) -> LinkBrowser:
        """Somebody before their first page."""
        person = self.people[login]
        browser = LinkBrowser(self.client, person.token)
        browser.open(home(person.role))
        return browser

    def left(self, login: str) -> LinkBrowser:
        """Somebody at the list of what their office left unfinished, which their first page leads to."""
        browser = self.at_home(login)
        (way,) = browser.links(f"{YEAR}年度：本机构未办结的全部事项")
        browser.follow(way)
        return browser

    def unfinished_offices(self) -> set[str]:
        """The offices that have something left of the year."""
        with AuditorSession(self.platform.engine, actor=AUDITOR, now=self.platform.clock()) as session:
            return {office.rpartition("/")[2] for office in by_office(unfinished(session, YEAR))}

    def make_archives(self) -> None:
        """Do the work of the job that makes what was ordered."""
        with AuditorSession(self.platform.engine, actor=AUDITOR, now=self.platform.clock()) as session:
            waits = select(ArchivePackage.office_id, ArchivePackage.id).where(
                ArchivePackage.year == YEAR, ArchivePackage.state == "waiting"
            )
            found = session.execute(waits).all()
        for office_id, package_id in found:
            make_package(self.platform, office_id=office_id, package_id=str(package_id))


@pytest.fixture(scope="module")
def province(made_demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    settings = copy_of(made_demo, tmp_path_factory.mktemp("closed"))
    with open_platform(settings) as platform, TestClient(create_app(platform)) as client:
        yield Province(platform, client, dict(signed_in(platform)))


def _press(browser: LinkBrowser, text: str, filled: Filled | None = None) -> None:
    browser.press(browser.buttons(text)[0], filled or {})
    assert not browser.refusal(), (browser.address, browser.refusal())
    assert browser.status < 400, (browser.address, browser.main.text)


def _follow(browser: LinkBrowser, text: str) -> None:
    links = browser.links(text)
    assert links, (text, browser.address, browser.main.text)
    browser.follow(links[0])


def test_a_year_is_closed_finished_archived_and_verified_by_links_alone(province: Province) -> None:
    _the_center_confirms_the_closing(province)
    assert province.unfinished_offices() >= set(OFFICES)
    _a_batch_is_handed_over_and_signed_for(province)
    for office in ("zhoukou", "zhumadian"):
        _results_are_announced(province, office)
    _the_lists_are_archived(province, "luoyang")
    assert not province.unfinished_offices() & set(OFFICES)
    for office in OFFICES:
        assert province.at_home(f"{office}.supervisor").links(f"{YEAR}年度：") == []
    _the_year_can_be_read_and_not_worked_in(province)
    _a_certificate_of_the_year_is_verified(province)


def _the_center_confirms_the_closing(province: Province) -> None:
    center = province.at_home("henan.center")
    _follow(center, f"{YEAR}年度：全省各机构未办结的全部事项")
    assert "未生效的决定：转为“已结束”" in center.main.text
    assert "转入以后年度的内容" in center.main.text
    _press(center, "确认核准")
    assert f"{YEAR}年度 已结束" in center.main.text


def _a_batch_is_handed_over_and_signed_for(province: Province) -> None:
    officer = province.left("luoyang.online")
    _follow(officer, "已发证、持证人未签领的证书")
    _follow(officer, "第")
    _press(officer, "登记移交")
    _press(officer, "登记为已签领", {"certificate": "是"})
    assert "已发证、持证人未签领的证书" not in province.left("luoyang.online").main.text


def _results_are_announced(province: Province, office: str) -> None:
    supervisor = province.left(f"{office}.supervisor")
    _follow(supervisor, "成绩不合格、结果未公布的人员")
    _press(supervisor, "确认公布")


def _the_lists_are_archived(province: Province, office: str) -> None:
    supervisor = province.left(f"{office}.supervisor")
    _follow(supervisor, "没有归档材料的名单")
    assert "没有办结" not in supervisor.main.text
    _press(supervisor, "生成归档材料")
    province.make_archives()
    supervisor.open(supervisor.address)
    (download,) = supervisor.links("下载")
    supervisor.follow(download)
    assert supervisor.content.startswith(b"PK")
    supervisor = province.left(f"{office}.supervisor")
    _follow(supervisor, "未移交档案部门的归档材料")
    _press(supervisor, "登记移交档案部门", {"接收单位": "模拟档案馆", "载体和数量": "光盘1张"})
    supervisor = province.left(f"{office}.supervisor")
    _follow(supervisor, "已移交、对方未接收的档案")
    _follow(supervisor, "号")
    _press(supervisor, "登记接收", {"接收人姓名": "模拟馆员"})
    supervisor = province.at_home(f"{office}.supervisor")
    _follow(supervisor, f"{YEAR}年度：待移交、待登记接收的档案")
    _press(supervisor, "登记移交单位")
    _press(supervisor, "登记接收", {"接收人姓名": "模拟单位档案员"})


def _the_year_can_be_read_and_not_worked_in(province: Province) -> None:
    supervisor = province.at_home("luoyang.supervisor")
    supervisor.open(f"/awards?year={YEAR}")
    assert f"{YEAR}年度（已结束，只能查看）" in supervisor.page.text
    assert supervisor.main.all("form") == []
    _follow(supervisor, "第1份")
    assert "证书" in supervisor.main.text


def _a_certificate_of_the_year_is_verified(province: Province) -> None:
    with AuditorSession(province.platform.engine, actor=AUDITOR, now=province.platform.clock()) as session:
        held = (
            select(Certificate.number, Application.person_name)
            .join(Application, Application.id == Certificate.application_id)
            .where(Certificate.year == YEAR, Certificate.revoked_at.is_(None), Certificate.superseded_at.is_(None))
        )
        number, name = session.execute(held.limit(1)).one()
    anybody = LinkBrowser(province.client, "")
    anybody.open("/verify")
    _press(anybody, "查验", {"证书编号": number, "持证人姓名": name})
    assert "有效" in anybody.main.text
