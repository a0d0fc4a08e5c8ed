"""Patrols by page: planned by the city, made on a phone, answered by the county, closed, printed, exported."""

import re
from datetime import timedelta
from typing import Any

from core.db.base import new_id
from core.db.session import Role
from core.simulate.scans import scan
from tests.browser.patrols import account_of, site_of_the_county
from tests.callers import Caller, Web
from tests.cases import CITY, COUNTY, OTHER_CITY, YEAR
from tests.pages.applications.test_papers_on_behalf import send
from tests.reading import pages_of


def do(web: Web, who: Caller, path: str, opened: str, **given: Any) -> str:
    answer = send(web, who, path, opened, **given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def planned(web: Web, supervisor: Caller, member: Caller) -> tuple[str, str, str]:
    """A patrol of a new site today: its page, the page of the visit, the name of the site."""
    place, name = site_of_the_county(web)
    given = {"purpose": "测试重点", "members": account_of(member), "place": place, "day": f"{web.clock():%Y-%m-%d}"}
    patrol = do(web, supervisor, "/patrols", "/patrols", **given)
    (visit,) = re.findall(r'href="(/patrols/visits/[0-9a-f-]+)"', web.look(supervisor, patrol).text)
    return patrol, visit, name


def finding(web: Web, **changed: str) -> dict[str, str]:
    until = web.clock() + timedelta(days=3)
    said = {"kind": "monitoring", "severity": "major", "facts": "监控有盲区", "ordered": "当天调整"}
    return said | {"answer_by": f"{until:%Y-%m-%d}", "client_id": str(new_id())} | changed


def test_a_patrol_goes_from_the_plan_over_a_finding_to_the_record(web: Web) -> None:
    supervisor, member = web.staff(Role.CITY_SUPERVISOR, CITY), web.staff(Role.EXAMINER, CITY)
    county, stranger = web.staff(Role.COUNTY_REVIEWER, COUNTY), web.staff(Role.CITY_SUPERVISOR, OTHER_CITY)
    patrol, visit, name = planned(web, supervisor, member)
    assert web.look(stranger, patrol).status_code == 404
    assert web.look(county, visit).status_code == 404
    waiting = web.look(member, "/patrols").text
    assert "待您巡视" in waiting
    assert name in waiting
    assert "先登记到达" in send(web, member, f"{visit}/finish", visit, remarks="测试").text
    do(web, member, f"{visit}/arrive", visit, at=f"{web.clock():%Y-%m-%dT%H:%M}")
    refused = send(web, member, f"{visit}/findings", visit, **finding(web, facts="", ordered="保留的要求"))
    assert "请写明发现了什么问题" in refused.text
    assert "保留的要求" in refused.text
    picture = {"content": ("盲区.png", scan("photo"), "image/png")}
    do(web, member, f"{visit}/findings", visit, files=picture, **finding(web))
    (found,) = re.findall(r'href="(/patrols/findings/[0-9a-f-]+)"', web.look(member, visit).text)
    assert "巡视照片和材料" in web.look(county, found).text
    assert f'href="{found}"' in web.look(county, "/notices").text
    assert name in web.look(county, "/patrols").text
    left = web.look(county, f"/season/unfinished?year={YEAR}").text.partition("<main")[2]
    assert re.search(r'<a href="/patrols[^"]*">[^<]*未整改的巡视问题', left)
    do(web, county, f"{found}/answer", found, text="已调整摄像头", client_id=str(new_id()))
    reviewed = {"said": "again", "text": "请补照片", "client_id": str(new_id())}
    refused = send(web, supervisor, f"{found}/review", found, **reviewed, answer_by="不是日期")
    assert "请按年-月-日填写日期" in refused.text
    do(web, supervisor, f"{found}/review", found, **reviewed, answer_by=f"{YEAR}-12-01")
    assert "请补照片" in web.look(county, found).text
    proof = {"content": ("整改.png", scan("photo"), "image/png")}
    do(web, county, f"{found}/answer", found, files=proof, text="照片已附", client_id=str(new_id()))
    assert f"复核：{name}" in web.look(supervisor, "/patrols").text
    do(web, supervisor, f"{found}/review", found, said="closed", text="已看录像", client_id=str(new_id()))
    assert "还没有巡视完" in web.look(supervisor, patrol).text
    do(web, member, f"{visit}/finish", visit, remarks="检查了两个考场，其他正常")
    do(web, supervisor, f"{patrol}/end", patrol, summary="一处问题，已整改")
    printed = re.sub(r"\s", "", "".join(pages_of(web.look(supervisor, f"{patrol}/pdf").content)))
    for said in (
        name,
        "巡视记录表",
        "监控有盲区",
        "照片已附",
        "已看录像",
        "一处问题，已整改",
        "（机构盖章）",
        "第1页共",
    ):
        assert said in printed, said
    assert web.look(supervisor, "/patrols/export").content.startswith(b"PK")


def test_a_plan_is_changed_called_off_and_cancelled(web: Web) -> None:
    supervisor, member, other = web.staff(Role.CITY_SUPERVISOR, CITY), *(web.staff(Role.EXAMINER, CITY) for _ in "ab")
    patrol, visit, _ = planned(web, supervisor, member)
    tomorrow = f"{web.clock() + timedelta(days=1):%Y-%m-%d}"
    assert "使用日期为" in send(web, supervisor, f"{visit}/move", visit, day=f"{YEAR + 1}-01-01").text
    do(web, supervisor, f"{visit}/move", visit, day=tomorrow)
    do(web, supervisor, f"{patrol}/members", patrol, members=account_of(other))
    assert "加入巡视人员" in member.post(f"{visit}/arrive", {"at": web.clock().isoformat()}).text
    place, name = site_of_the_county(web)
    do(web, supervisor, f"{patrol}/visits", patrol, place=place, day=tomorrow)
    assert name in web.look(supervisor, patrol).text
    assert "已在本次巡视中" in send(web, supervisor, f"{patrol}/visits", patrol, place=place, day=tomorrow).text
    do(web, supervisor, f"{visit}/call-off", visit, reason="考点停电改期")
    assert "考点停电改期" in web.look(supervisor, patrol).text
    do(web, supervisor, f"{patrol}/cancel", patrol, summary="改为联合巡视")
    assert "改为联合巡视" in web.look(supervisor, patrol).text


def test_a_patrol_is_made_over_json_as_well(web: Web) -> None:
    supervisor, member = web.staff(Role.CITY_SUPERVISOR, CITY), web.staff(Role.EXAMINER, CITY)
    county = web.staff(Role.COUNTY_REVIEWER, COUNTY)
    place, _ = site_of_the_county(web)
    today = f"{web.clock():%Y-%m-%d}"
    body = {"year": YEAR, "purpose": "测试", "members": [account_of(member)], "place": place, "day": today}
    patrol = supervisor.post("/patrols", body)
    assert patrol.status_code == 201, patrol.text
    path = f"/patrols/{patrol.json()['id']}"
    other, _ = site_of_the_county(web)
    second = supervisor.post(f"{path}/visits", {"place": other, "day": today}).json()
    assert (
        supervisor.post(f"/patrols/visits/{second['id']}/move", {"day": f"{YEAR}-12-01"})
        .json()["day"]
        .endswith("12-01")
    )
    called_off = supervisor.post(f"/patrols/visits/{second['id']}/call-off", {"text": "停考"})
    assert called_off.json()["state"] == "missed"
    told = next(one for one in supervisor.get("/patrols", year=YEAR).json() if one["id"] == patrol.json()["id"])
    visit = next(f"/patrols/visits/{one['id']}" for one in told["visits"] if one["state"] == "planned")
    assert member.post(f"{visit}/arrive", {"at": web.clock().isoformat()}).json()["state"] == "arrived"
    found = [member.post(f"{visit}/findings", finding(web)).json()["id"] for _ in range(2)]
    answer = {"text": "已整改", "client_id": str(new_id())}
    assert county.post(f"/patrols/findings/{found[0]}/answer", answer).json()["state"] == "answered"
    again = {"text": "再整改", "client_id": str(new_id()), "answer_by": f"{YEAR}-12-01"}
    assert supervisor.post(f"/patrols/findings/{found[0]}/again", again).json()["state"] == "open"
    assert county.post(f"/patrols/findings/{found[0]}/answer", answer | {"client_id": str(new_id())}).status_code == 200
    close = {"text": "已复核", "client_id": str(new_id())}
    assert supervisor.post(f"/patrols/findings/{found[0]}/close", close).json()["state"] == "closed"
    drop = {"text": "不属实", "client_id": str(new_id())}
    assert supervisor.post(f"/patrols/findings/{found[1]}/withdraw", drop).json()["state"] == "withdrawn"
    assert member.post(f"{visit}/finish", {"text": "完成"}).json()["state"] == "done"
    assert supervisor.post(f"{path}/members", {"members": [account_of(member)]}).status_code == 200
    assert "patrol_begun" in supervisor.post(f"{path}/cancel", {"text": "测试"}).text
    assert supervisor.post(f"{path}/end", {"text": "完成"}).json()["state"] == "ended"
