"""The end of a year by page: the center sees what is unfinished, two officers close it, each office sees its own."""

import re

from core.db.base import new_id
from core.db.session import Actor, Role
from core.domain.permissions import OFFICE_ROLES
from core.oversight.years.unfinished import Left, Unfinished
from core.pages.seasons.years import way_to
from tests.callers import Caller, Web
from tests.cases import CITY, COUNTY, PROVINCE, YEAR
from tests.pages.applications.test_papers_on_behalf import send

PAGE = f"/season/years/{YEAR}"


def _act(web: Web, officer: Caller, path: str = "acts", **given: str) -> object:
    return send(web, officer, f"{PAGE}/{path}", PAGE, **given)


def _pending(web: Web, officer: Caller) -> str:
    found = re.search(r"/acts/([0-9a-f-]{36})/cancel", web.look(officer, PAGE).text)
    assert found is not None
    return found[1]


def test_two_officers_of_the_center_close_a_year_by_page(web_alone: Web) -> None:
    web = web_alone
    first, second = (web.staff(Role.PROVINCIAL_OFFICER, PROVINCE) for _ in range(2))
    city = web.staff(Role.CITY_REVIEWER, CITY)
    web.submitted()
    opened = web.look(first, PAGE).text
    assert "单位或主管部门未审核的申请1" in opened
    # What goes on by itself is said while the year is open, and not only when it ends.
    said = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", opened.partition("转入以后年度的内容")[2]))
    assert list(said) == [
        *("单位", "各机构工作人员账号", "生效的委托与下放", "未期满的不得申报决定", "有效的证书", "单科合格成绩")
    ]
    assert (int(said["各机构工作人员账号"]) >= 3, said["单科合格成绩"]) == (True, "不带入以后年度")
    assert "单位或主管部门未审核的申请：1" in web.look(city, "/season/unfinished").text
    refused = _act(web, first, phase="closing", reason="", effective="1999-13-01")
    assert (refused.status_code, "请按年-月-日填写日期" in refused.text) == (422, True)
    assert _act(web, first, phase="closing", reason="测试依据").status_code == 303
    assert "收尾中" in web.look(first, "/season/years").text
    assert f"{YEAR}年度考核自" in web.look(city, "/notices").text
    assert _act(web, first, phase="closed", reason="只剩一件，由清河市按个案办结").status_code == 303
    act_id = _pending(web, first)
    own = web.look(first, PAGE).text
    assert ("须由省中心另一人核准后生效" in own, "核准结束" in own) == (True, False)
    alone = _act(web, first, f"acts/{act_id}/confirm")
    assert (alone.status_code, "提出人不能核准" in alone.text) == (403, True)
    assert _act(web, second, f"acts/{act_id}/confirm").status_code == 303
    closed = web.look(city, "/season/calendar").text
    assert f"{YEAR}年度（已结束，只能查看）" in closed
    late = _act(web, second, f"acts/{act_id}/cancel", reason="测试")
    assert (late.status_code, "已经生效或撤回" in late.text) == (409, True)
    over = web.look(second, PAGE).text
    assert "转入以后年度的内容" in over
    assert "只剩一件，由清河市按个案办结" in over


def test_an_act_for_a_later_day_is_taken_back_by_page(web_alone: Web) -> None:
    web = web_alone
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    assert _act(web, center, phase="closing", reason="测试依据", effective=f"{YEAR}-12-20").status_code == 303
    page = web.look(center, PAGE).text
    assert ("未生效的决定：转为“收尾中”" in page, "开始收尾" in page) == (True, False)
    assert _act(web, center, f"acts/{_pending(web, center)}/cancel", reason="日期有误").status_code == 303
    page = web.look(center, PAGE).text
    assert ("日期有误" in page, "开始收尾" in page) == (True, True)


def test_every_kind_of_unfinished_matter_has_a_page_that_opens(web: Web) -> None:
    led: dict[Unfinished, set[Role]] = {}
    opened: dict[tuple[Role, str], int] = {}
    for role in sorted(OFFICE_ROLES - {Role.PROVINCIAL_AUDITOR, Role.OPERATOR}):
        office = {Role.PROVINCIAL_OFFICER: PROVINCE, Role.COUNTY_REVIEWER: COUNTY}.get(role, CITY)
        officer, actor = web.staff(role, office), Actor(new_id(), "测试", role, office_id=office)
        assert web.look(officer, "/season/unfinished").status_code == 200, role
        for kind in Unfinished:
            if way := way_to(Left(office, kind, 1), YEAR, actor):
                led.setdefault(kind, set()).add(role)
                opened.setdefault((role, way), web.look(officer, way).status_code)
    assert {asked: status for asked, status in opened.items() if status != 200} == {}
    assert set(Unfinished) - led.keys() == set()
