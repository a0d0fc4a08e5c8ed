"""An office's units by page: registered, renamed on a later day after a look at what it reaches, told apart, ended."""

import re
from datetime import timedelta

from core.db.session import Role, SystemSession, system_actor
from core.organizations import unit_acts
from tests.callers import Caller, Web
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, at
from tests.pages.applications.test_papers_on_behalf import send


def _place(web: Web, officer: Caller, page: str, office: str) -> str:
    """The first place of an office that a form offers."""
    found = re.search(rf'<option value="({office}[^"/]*)"', web.look(officer, page).text)
    assert found is not None
    return found[1]


def _unit(web: Web, officer: Caller, name: str, **more: str) -> str:
    given = {"name": name, "affiliation": "local", "place": _place(web, officer, "/units/new", CITY), **more}
    answer = send(web, officer, "/units/new", "/units/new", **given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).rsplit("/", 1)[1]


def _act(web: Web, officer: Caller, unit: str, kind: str, **given: str) -> object:
    path = f"/units/{unit}/acts/{kind}"
    return send(web, officer, path, path, **{"instrument": "清编〔2024〕3号", **given})


def test_a_planned_act_is_looked_at_confirmed_and_cancelled_by_page(web: Web) -> None:
    city = web.staff(Role.CITY_REVIEWER, CITY)
    flow = web.submitted()
    unit = flow.applicant.get(flow.path).json()["unit_id"]
    name = f"测试更名后单位{unit[:8]}"
    day = (web.clock() + timedelta(days=40)).date().isoformat()
    looked = _act(web, city, unit, "rename", name=name, valid_from=day)
    assert looked.status_code == 200, looked.text
    assert "单位、部门审核中或退回修改的申请" in looked.text
    assert "确认，到时生效" in looked.text
    assert unit not in web.look(city, "/units/acts").text
    assert _act(web, city, unit, "rename", name=name, valid_from=day, confirmed="true").status_code == 303
    page = web.look(city, "/units/acts").text
    (act,) = re.findall(r"/units/acts/([^/]+)/cancel", page[page.index(unit) :])[:1]
    assert name in page
    assert "待生效" in web.look(city, f"/units/{unit}").text
    twice = _act(web, city, unit, "end", valid_from=day)
    assert (twice.status_code, "先在“待生效的变更”中取消" in twice.text) == (409, True)
    assert send(web, city, f"/units/acts/{act}/cancel", "/units/acts", reason="批文撤回").status_code == 303
    assert "已取消" in web.look(city, f"/units/{unit}").text


def test_a_unit_is_ended_today_and_a_wrong_form_says_what_is_wrong(web: Web) -> None:
    city = web.staff(Role.CITY_REVIEWER, CITY)
    today = web.clock().date().isoformat()
    parent = _unit(web, city, "清河测试主管局甲")
    below = _unit(web, city, "清河测试下属站甲", parent_id="清河测试主管局甲")
    refused = _act(web, city, parent, "end", valid_from=today)
    assert (refused.status_code, "还有下属单位" in refused.text) == (409, True)
    unknown = _act(web, city, below, "place", valid_from=today, parent_id="没有的局")
    assert (unknown.status_code, "没有名为“没有的局”的单位" in unknown.text) == (422, True)
    assert _act(web, city, below, "place", valid_from=today, confirmed="true").status_code == 303
    assert "自为主管部门" in web.look(city, f"/units/{below}").text
    assert _act(web, city, parent, "end", valid_from=today, confirmed="true").status_code == 303
    assert "已终止" in web.look(city, f"/units/{parent}").text
    place = _place(web, city, "/units/new", CITY)
    wrong = send(web, city, "/units/new", "/units/new", name="测试", affiliation="local", place=place, code="123")
    assert (wrong.status_code, "校验不通过" in wrong.text) == (422, True)


def test_units_that_look_alike_are_listed_until_they_are_told_apart(web: Web) -> None:
    city = web.staff(Role.CITY_REVIEWER, CITY)
    first, second = _unit(web, city, "清河测试防汛服务站（本级）"), _unit(web, city, "清河测试防汛服务站(本级)")
    assert first in web.look(city, "/units/alike").text
    assert send(web, city, "/units/alike", "/units/alike", first=first, second=second).status_code == 303
    assert first not in web.look(city, "/units/alike").text


def test_an_office_looks_at_units_of_others_and_changes_none(web: Web) -> None:
    county, other = web.staff(Role.COUNTY_REVIEWER, COUNTY), web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    unit = str(web.unit(CITY))
    for officer in (county, other):
        assert "/acts/rename" not in web.look(officer, f"/units/{unit}").text
        assert web.look(officer, f"/units/{unit}/acts/rename").status_code == 403


def test_the_center_plans_a_move_between_cities_which_is_carried_out_on_its_day(web: Web) -> None:
    center, unit = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE), str(web.unit(CITY))
    city = web.staff(Role.CITY_REVIEWER, CITY)
    path = f"/supervision/units/{unit}/move"
    given = {
        "place": _place(web, center, path, OTHER_CITY),
        "valid_from": at(4, 20).date().isoformat(),
        "instrument": "临水人社〔2024〕5号",
    }
    looked = send(web, center, path, path, **given)
    assert (looked.status_code, "到生效之日自动办理" in looked.text) == (200, True)
    assert send(web, center, path, path, **given, confirmed="true").status_code == 303
    assert "待生效的划转" in web.look(center, "/supervision/units").text
    assert "待生效" in web.look(city, f"/units/{unit}").text
    with SystemSession(web.platform.engine, actor=system_actor(CITY), now=at(4, 20)) as session, session.begin():
        assert unit_acts.carry_out_due(session) >= 1
    assert "已终止" in web.look(city, f"/units/{unit}").text
