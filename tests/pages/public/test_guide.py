"""What everybody may read without an account: conditions, papers, the notice, questions, offices, and a check."""

import re

from core.clock import SettableClock
from core.pages.public.guide import kept_notice
from core.plugin_api import Grade
from core.settings import ROOT
from tests.applications.rules.test_wording import DOUBTS
from tests.callers import Web
from tests.cases import CITY, YEAR, at

PUBLIC = ("/", "/conditions", "/papers", "/notice", "/questions", "/contacts", "/help", "/calendar", "/eligibility")
ME = "sex=male&birth_date=1985-06-01&staff_category=regular&education=2"


def test_every_public_page_opens_without_an_account_and_shows_no_doubt(web: Web) -> None:
    for address in PUBLIC:
        page = web.client.get(address)
        assert page.status_code == 200, address
        assert "程序接口" not in page.text
        assert [doubt for doubt in DOUBTS if doubt in page.text] == [], address


def test_the_conditions_of_every_grade_are_told_with_the_year_they_mean(web: Web) -> None:
    page = web.client.get("/conditions").text
    for grade in Grade:
        assert f">{grade.label}</h2>" in page
    assert "即2015年及以前参加工作。" in page
    assert "即2019年及以前取得四级证书，且工种与申报工种相同。" in page


def test_each_paper_says_what_it_must_show_and_who_hands_it_in(web: Web) -> None:
    page = web.client.get("/papers").text
    papers = web.platform.rules[YEAR].materials
    for paper in papers:
        assert paper.name in page
        assert paper.shows
        assert paper.shows in page
    assert "413像素、高579像素" in page
    assert "选择“按工作年限直接申报”途径" in page


def test_it_is_answered_without_an_account_whether_somebody_may_apply(web: Web) -> None:
    first, closed = (
        web.client.get(
            f"/eligibility?{ME}&first_job_year={year}&current_grade={held}&current_grade_year={since}&current_trade=LS-2"
        ).text
        for year, held, since in ((2005, 4, 2015), (2023, 5, 2023))
    )
    assert "看来可以申报：" in first
    assert "三级（逐级晋级）" in first.partition("看来可以申报：")[2][:60]
    assert "缺少出生日期" not in first
    assert "看来暂时还没有符合条件的等级" in closed


def test_a_birth_date_that_cannot_be_is_named(web: Web) -> None:
    page = web.client.get("/eligibility?birth_date=1985-13-01&sex=male&first_job_year=2005")
    assert page.status_code == 422
    assert 'href="#birth_date"' in page.text


def test_the_notice_is_kept_whole_and_an_earlier_one_stands_in() -> None:
    folder = ROOT / "tenants" / "henan" / "rules"
    year, lines = kept_notice(folder, (2024, 2025))
    assert (year, lines[1]) == (2024, "豫人社函〔2024〕46号")
    assert any("两年内禁止再次申报" in line for line in lines)
    assert kept_notice(folder, (2023,)) == (None, [])


def test_every_office_says_until_when_and_how_to_reach_it(web: Web) -> None:
    page = web.client.get("/contacts").text
    for office in web.platform.offices.catalogue.offices():
        assert office.name in page
    assert "网上报名：4月5日24:00" in page
    assert "单位初审：4月3日24:00" in page
    assert "网上报名：五级至二级4月1日24:00，一级4月5日24:00" in page
    assert "联系方式" in web.client.get(f"/calendar/{CITY}").text


def test_an_exam_without_a_date_is_not_going_on(web: Web) -> None:
    assert isinstance(web.clock, SettableClock)
    web.clock.set(at(6, 15))
    for address in ("/calendar", "/calendar/linshui/yunshan"):
        page = web.client.get(address).text
        exams = re.findall(r"(?s)(?:一级理论考试).{0,400}", page)
        assert exams
        assert "具体时间待公布" in page
        assert all("进行中" not in exam for exam in exams)
