"""A patrol on a phone: arrival, a finding with a picture, the end of the visit; the answer; and the closing."""

from playwright.sync_api import expect

from core.db.session import Role
from core.simulate.scans import scan
from tests.browser.chromium import PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.patrols import account_of, site_of_the_county
from tests.browser.town import Town
from tests.cases import CITY, YEAR
from tests.reading import pages_of


def test_a_patrol_is_made_on_a_phone_answered_and_closed(visit: Visit, town: Town) -> None:
    place, name = site_of_the_county(town.web)
    town.let_in("patroller", town.web.staff(Role.EXAMINER, CITY))
    supervisor = visit("supervisor")
    patrol = _plan(supervisor, town, place, name)
    _make(visit("patroller", viewport=PHONE), name)
    _answer(visit("county"))
    supervisor.go("/patrols")
    supervisor.page.get_by_role("link", name=f"复核：{name}").click()
    supervisor.page.get_by_label("怎样复核、结论如何").fill("已调看录像")
    supervisor.page.get_by_role("button", name="办结").click()
    expect(supervisor.page.get_by_text("整改到位").first).to_be_visible()
    supervisor.page.goto(patrol)
    supervisor.page.get_by_label("巡视小结").fill("一处问题，已整改")
    supervisor.page.get_by_role("button", name="结束巡视").click()
    expect(supervisor.page.get_by_text("已结束")).to_be_visible()
    paper = supervisor.page.get_by_role("link", name="打印巡视记录表").get_attribute("href")
    text = "".join(pages_of(supervisor.page.request.get(f"{town.address}{paper}").body()))
    for said in (f"{YEAR}年度", "第二考场监控有盲区", "已加装摄像头", "已调看录像", "一处问题，已整改"):
        assert said in text, said


def _plan(supervisor: Watched, town: Town, place: str, name: str) -> str:
    """Plan the patrol for today; the address of its page."""
    supervisor.go("/patrols")
    supervisor.page.get_by_label("重点和要求").fill("监控全覆盖、监考到位")
    account = account_of(town.person("patroller"))
    supervisor.page.locator(f"input[name=members][value='{account}']").check()
    supervisor.page.get_by_label("考点或培训点").select_option(place)
    supervisor.page.get_by_label("巡视日期").fill(f"{town.web.clock():%Y-%m-%d}")
    supervisor.page.get_by_role("button", name="安排巡视").click()
    expect(supervisor.page.get_by_role("link", name=name)).to_be_visible()
    return supervisor.page.url


def _make(patroller: Watched, name: str) -> None:
    """Arrive, record a finding with a picture, and end the visit."""
    patroller.go("/patrols")
    patroller.page.get_by_role("link", name=name).click()
    patroller.page.get_by_role("button", name="登记到达").click()
    patroller.page.get_by_label("类别").select_option(label="考试现场监控")
    patroller.page.get_by_label("程度").select_option(index=2)
    patroller.page.get_by_label("发现了什么").fill("第二考场监控有盲区")
    photo = {"name": "盲区.png", "mimeType": "image/png", "buffer": scan("photo")}
    patroller.page.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    patroller.page.get_by_role("button", name="记录问题").click()
    expect(patroller.page.get_by_text("第二考场监控有盲区", exact=True)).to_be_visible()
    expect(patroller.page.get_by_role("link", name="巡视照片和材料")).to_be_visible()
    patroller.page.get_by_label("巡视情况").fill("其他考场正常")
    patroller.page.get_by_role("button", name="结束本点巡视").click()
    expect(patroller.page.get_by_text("其他考场正常")).to_be_visible()


def _answer(county: Watched) -> None:
    """Go from the notice to the finding, and say what was done."""
    county.go("/notices")
    county.page.get_by_role("link", name="打开巡视问题").first.click()
    county.page.get_by_label("怎样整改、结果如何").fill("已加装摄像头")
    county.page.get_by_role("button", name="报送整改情况").click()
    expect(county.page.locator(".course-text", has_text="已加装摄像头")).to_be_visible()
