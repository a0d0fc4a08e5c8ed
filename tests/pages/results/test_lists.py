"""Lists that were corrected, withdrawn or closed, over HTTP: what officers do, and what the public reads."""

import re
from datetime import timedelta
from typing import Any

from core.db.session import Role
from tests.browser.town import Town
from tests.callers import API, Caller, Web
from tests.cases import CITY
from tests.pages.results.test_awards import _send
from tests.pages.results.test_reissues import cookie

_HTML = {"Accept": "text/html"}
_MOBILE = "13800000009"


def _public(web: Web, address: str) -> str:
    answer = web.client.get(address, headers=_HTML)
    assert answer.status_code == 200
    return str(answer.text)


def _object(web: Web, listed: str, **changes: Any) -> str:
    sent = {"position": 1, "grounds": "履历不实（测试）", "name": "测试举报人", "mobile": _MOBILE} | changes
    answer = web.client.post(f"{API}/publications/{listed}/objections", json=sent)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["receipt"])


def _supervisor(web: Web) -> Caller:
    return web.staff(Role.CITY_SUPERVISOR, CITY)


def test_a_line_is_struck_by_pages_after_the_person_spoke(web: Web, town: Town) -> None:
    listed, person = town._list("listed"), town.person("listed")
    receipt = _object(web, listed)
    reviewer, supervisor = web.staff(Role.CITY_REVIEWER, CITY), _supervisor(web)
    (raised,) = supervisor.get(f"/awards/{listed}/objections").json()
    line = f"/awards/{listed}/lines/1"
    assert f"{line}?objection={raised['id']}" in web.look(reviewer, f"/awards/{listed}").text
    told = {"objection": raised["id"], "page": line, "cookie": cookie(web, reviewer)}
    assert _send(web, line, reason=" ", **told).status_code == 422
    made = _send(web, line, reason="单位来函：已调离（测试）", **told)
    case = made.headers["location"]
    mine = f"/my/applications/{town.case('listed').id}/results"
    seen = web.look(person, mine).text
    assert "单位来函：已调离（测试）" in seen
    assert "合格，公示中" in seen
    found = re.search(r'name="striking" value="([0-9a-f-]+)"', seen)
    assert found is not None
    held = cookie(web, person)
    said = _send(web, f"{mine}/statement", page=mine, cookie=held, striking=found[1], words="仍在原岗位（测试）")
    assert said.status_code == 303
    assert "仍在原岗位（测试）" in web.look(supervisor, case).text
    decide = {"page": case, "cookie": cookie(web, supervisor)}
    early = _send(web, f"{case}/decide", verdict="granted", remark="属实", **decide)
    assert (early.status_code, "期满以前不能决定取消" in early.text) == (409, True)
    web.clock.advance(timedelta(days=6))
    own = {"page": case, "cookie": cookie(web, supervisor)}
    assert _send(web, f"{case}/decide", verdict="granted", remark="经核查属实", **own).status_code == 303
    assert "异议成立" in _send(web, "/published/objections", receipt=receipt, mobile=_MOBILE).text
    seen = web.look(town.person("listed"), mine).text
    assert ("已取消公示资格" in seen, "合格，公示中" in seen) == (True, False)
    back = _send(web, f"{mine}/restore", page=mine, cookie=cookie(web, town.person("listed")), back="来函有误")
    assert back.status_code == 303
    waiting = web.look(_supervisor(web), "/awards/strikings").text
    assert "恢复公示资格" in waiting


def test_a_list_is_withdrawn_in_public(web: Web, town: Town) -> None:
    listed = town._list("listed")
    _object(web, listed, position=None)
    supervisor = _supervisor(web)
    page = {"page": f"/awards/{listed}", "cookie": cookie(web, supervisor)}
    assert _send(web, f"/awards/{listed}/withdraw", reason=" ", **page).status_code == 422
    assert _send(web, f"/awards/{listed}/withdraw", reason="合格标准适用有误（测试）", **page).status_code == 303
    seen = _public(web, f"/published/{listed}")
    assert "这份名单已经撤回" in seen
    assert "合格标准适用有误（测试）" in seen
    assert "提交异议" not in seen
    assert f"/published/{listed}" in _public(web, "/published")
    assert "已撤回" in web.look(supervisor, f"/awards/{listed}").text
    assert web.client.get(f"{API}/publications/{listed}/lines").json()["lines"] == []


def test_an_answer_is_told_only_for_receipt_and_number_together(web: Web, town: Town) -> None:
    listed = town._list("listed")
    receipt = _object(web, listed)

    def asked(**changes: str) -> str:
        sent = {"receipt": receipt, "mobile": _MOBILE} | changes
        page = _send(web, "/published/objections", **sent)
        assert page.status_code == 200, page.text
        text = re.sub("[0-9a-f]{40,}", "", page.text)
        for value in sent.values():
            text = text.replace(value, "N")
        return text

    assert "正在核查" in asked()
    wrong, unknown = asked(mobile="13900000001"), asked(receipt="ZZZZZZZZZZ")
    assert wrong == unknown
    assert "没有查到" in wrong
    assert _send(web, "/published/objections", receipt=" ", mobile=_MOBILE).status_code == 422
    assert _send(web, "/published/objections", receipt=receipt, mobile="12").status_code == 422


def test_asking_for_answers_is_counted(web: Web) -> None:
    answers = [_send(web, "/published/objections", receipt="ZZZZZZZZZZ", mobile=_MOBILE).status_code for _ in range(31)]
    assert answers[-1] == 429
