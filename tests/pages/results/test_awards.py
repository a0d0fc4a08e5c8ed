"""Lists, certificates and cases of sanctions over HTTP: what the public is answered, and what forms do."""

import re
from datetime import timedelta
from typing import Any

from core.db.session import Role
from tests.browser.town import Town
from tests.callers import API, Web
from tests.cases import CITY
from tests.pages.applications.test_papers_on_behalf import sign_for_paper

_HTML = {"Accept": "text/html"}
_HERE = {**_HTML, "Sec-Fetch-Site": "same-origin"}
_TOKEN = re.compile(r'name="_csrf" value="([0-9a-f]+)"')


def _send(web: Web, address: str, *, page: str = "", cookie: str = "", **sent: str) -> Any:
    """Send a form, as the browser would that has its page open."""
    held = {"Cookie": cookie} if cookie else {}
    found = _TOKEN.search(web.client.get(page or address, headers=_HTML | held).text)
    assert found is not None
    token = {"_csrf": found[1]}
    return web.client.post(address, data=token | sent, headers=_HERE | held, follow_redirects=False)


def _verify(web: Web, **asked: str) -> Any:
    return web.client.post(f"{API}/certificates/verify", json=asked)


def test_a_wrong_name_is_answered_byte_for_byte_as_a_number_that_does_not_exist(web: Web, town: Town) -> None:
    assert town.awards
    (made,) = town.person("certified").get("/certificates").json()
    valid = _verify(web, number=made["number"], name=made["name"])
    assert valid.json() | {"issued_at": None} == {
        "standing": "valid",
        "number": made["number"],
        "year": 2024,
        "grade": "五级",
        "trade": "保管工",
        "issued_at": None,
        "revoked_at": None,
        "revoked_because": "",
        "superseded_at": None,
        "ground": "",
        "successor": "",
    }
    others = [
        _verify(web, number=made["number"], name="测试甲9999"),
        _verify(web, number="9" * len(made["number"]), name=made["name"]),
        _verify(web, code="A" * 300),
        _verify(web),
    ]
    assert {(other.status_code, other.content) for other in others} == {(others[0].status_code, others[0].content)}
    assert others[0].json()["standing"] == "unknown"
    assert set(others[0].json()) == set(valid.json())


def test_the_page_of_verification_says_no_more_than_that(web: Web, town: Town) -> None:
    assert town.awards
    (made,) = town.person("certified").get("/certificates").json()

    def asked(number: str, name: str) -> str:
        page = _send(web, "/verify", number=number, name=name)
        assert page.status_code == 200
        return re.sub("[0-9a-f]{40,}", "", page.text).replace(number, "N").replace(name, "M")

    assert "证书有效" in asked(made["number"], made["name"])
    unknown, other = asked("7" * len(made["number"]), "测试甲9999"), asked(made["number"], "测试甲9998")
    assert unknown == other
    assert "没有查到" in unknown
    missing = _send(web, "/verify", number="", name="")
    assert (missing.status_code, "请填写证书编号" in missing.text) == (422, True)


def test_verifications_are_counted(web: Web) -> None:
    answers = [_verify(web, number="1", name="测试").status_code for _ in range(40)]
    assert answers[:30] == [200] * 30
    assert 429 in answers


def test_a_public_list_over_http_names_no_ids_numbers_or_telephones(web: Web, town: Town) -> None:
    out = town.awards["award_out"]
    answer = web.client.get(f"{API}/publications/{out}/lines")
    (line,) = answer.json()["lines"]
    assert set(line) == {"position", "name", "tail", "unit", "grade", "trade"}
    page = web.client.get(f"/published/{out}", headers=_HTML).text
    for text in (answer.text, page):
        assert town.case("listed").id not in text
        assert "1380000" not in text
    for closed in (town.awards["award"], town.awards["sanction"]):
        assert web.client.get(f"{API}/publications/{closed}/lines", params={"after": 0}).status_code in {200, 404}
    assert web.client.get(f"/published/{town.awards['sanction']}", headers=_HTML).status_code == 404


def test_an_objection_by_page_gets_a_receipt_and_is_decided_by_the_office(web: Web, town: Town) -> None:
    out, supervisor = town.awards["award_out"], town.person("supervisor")
    sent = {"position": "", "grounds": "履历不实（测试）", "name": "测试举报人", "mobile": "13800000009"}
    page = _send(web, f"/published/{out}", **sent)
    assert (page.status_code, "受理编号" in page.text) == (200, True)
    wrong = _send(web, f"/published/{out}", **(sent | {"position": "一"}))
    assert (wrong.status_code, "序号为名单中的数字" in wrong.text) == (422, True)
    raised = supervisor.get(f"/awards/{out}/objections").json()
    assert len(raised) == 2
    held = town.cookie("supervisor")
    cookie = f"{held['name']}={held['value']}"
    opened = web.client.get(f"/awards/{out}", headers=_HTML | {"Cookie": cookie}).text
    assert not re.search("13800000009|测试举报人", opened)
    asked = {"address": f"/awards/{out}/objections/{raised[0]['id']}/objector", "page": f"/awards/{out}"}
    refused = _send(web, cookie=cookie, reason=" ", **asked)
    assert (refused.status_code, "13800000009" in refused.text) == (422, False)
    shown = _send(web, cookie=cookie, reason="电话核实", **asked)
    assert (shown.status_code, shown.text.count("测试举报人，13800000009")) == (200, 1)
    for objection, verdict in zip(raised, ("dismissed", "sustained"), strict=True):
        address = f"/awards/{out}/objections/{objection['id']}"
        told = {"verdict": verdict, "reason": "经核查", "remedy": "correct"}
        answer = _send(web, address, page=f"/awards/{out}", cookie=cookie, **told)
        assert answer.headers["location"] == f"/awards/{out}"
    assert [objection["state"] for objection in supervisor.get(f"/awards/{out}/objections").json()] == [
        "dismissed",
        "sustained",
    ]


def test_a_case_is_heard_decided_and_appealed_over_the_api(web: Web, town: Town) -> None:
    case, supervisor, person = town.awards["sanction"], town.person("supervisor"), town.person("certified")
    path = f"/sanction-cases/{case}"
    assert person.get(path).json()["allowed_actions"] == ["serve", "state", "finish"]
    sign_for_paper(web, person, case)
    assert person.post(f"{path}/statement", {"words": "学历属实", "finished": True}).status_code == 200
    decided = supervisor.post(f"{path}/decide", {"words": "事实清楚"})
    assert decided.json() | {"ban_years": 2, "disqualifies": True, "revokes": True} == decided.json()
    assert supervisor.post(f"{path}/carry-out", {}).json()["error"] == "second_person"
    another = web.staff(Role.CITY_SUPERVISOR, CITY)
    assert another.post(f"{path}/carry-out", {}).json()["error"] == "decision_unserved"
    sign_for_paper(web, person, case)
    appealed = person.post(f"{path}/appeal", {"words": "不服"})
    assert appealed.json().get("state") == "appealed", appealed.text
    assert supervisor.post(f"{path}/uphold", {"words": "维持"}).status_code == 403
    web.clock.advance(timedelta(days=20))
    upheld = town.person("center").post(f"{path}/uphold", {"words": "决定正确"})
    assert upheld.json().get("state") == "final", upheld.text
    story = person.get(path).json()
    taken = ["hear", "serve", "state", "finish", "decide", "serve", "appeal", "uphold"]
    assert [step["action"] for step in story["steps"]] == taken
    (made,) = person.get("/certificates").json()
    assert made["revoked_at"] is not None
    assert _verify(web, number=made["number"], name=made["name"]).json()["standing"] == "revoked"
    assert web.staff(Role.CITY_SUPERVISOR, CITY).post(f"/certificates/{made['id']}/return", {}).status_code == 200


def test_a_case_whose_results_are_out_shows_the_road_and_no_review_again(web: Web, town: Town) -> None:
    case = town.awards["certified"]
    road = f"/sanctions/new?application={case}&amp;kind=error"
    for who in ("center", "supervisor"):
        page = web.look(town.person(who), f"/supervision/cases/{case}").text
        assert (road in page, "重新审查</summary>" in page, "/disqualify" in page) == (True, False, False), who
    form = web.look(town.person("city"), f"/sanctions/new?application={case}&kind=error").text
    assert re.search(r'value="error"\s*checked', form)
    assert "当事人没有过错" in form
