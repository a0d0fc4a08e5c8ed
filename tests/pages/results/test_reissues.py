"""A certificate issued again through the pages: asked for by its holder, proposed, decided, and verified."""

from datetime import timedelta
from typing import Any

from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY
from tests.pages.results.test_awards import _send, _verify


def certified(town: Town) -> dict[str, Any]:
    """A certificate of somebody against whom nothing is open."""
    supervisor, web = town.person("supervisor"), town.web
    listed = town._list("listed")
    present = web.clock()
    web.clock.advance(timedelta(days=10))
    for act, sent in (("close", {"notice_number": "清河测试〔2024〕19号"}), ("issue", {})):
        answer = supervisor.post(f"/awards/{listed}/{act}", sent)
        assert answer.status_code == 200, answer.text
    web.clock.set(present + timedelta(days=11))
    (made,) = town.person("listed").get("/certificates").json()
    return dict(made)


def cookie(web: Web, who: Caller) -> str:
    return f"{SESSION}={web.session_of(who)}"


def test_a_lost_certificate_is_replaced_and_the_former_number_says_so(web: Web, town: Town) -> None:
    made = certified(town)
    holder, reviewer = town.person("listed"), web.staff(Role.CITY_REVIEWER, CITY)
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    form = f"/certificates/own/{made['id']}/reissue"
    assert form in web.look(holder, "/certificates/own").text
    assert _send(web, form, cookie=cookie(web, holder), ground="lost", reason="").status_code == 422
    assert _send(web, form, cookie=cookie(web, holder), ground="lost", reason="搬家遗失").status_code == 303
    assert "换发、补办申请正在办理" in web.look(holder, "/certificates/own").text
    listed = reviewer.get("/certificate-reissues").json()
    asked = next(reissue for reissue in listed if reissue["certificate_id"] == made["id"])
    case = f"/certificates/reissues/{asked['id']}"
    assert case in web.look(reviewer, "/certificates/reissues").text
    assert _send(web, f"{case}/support", page=case, cookie=cookie(web, reviewer)).status_code == 303
    seen = web.look(supervisor, case).text
    assert "1本证书须换发" in seen
    assert "1人将收到通知" in seen
    decided = _send(web, f"{case}/decide", page=case, cookie=cookie(web, supervisor), verdict="granted")
    assert decided.status_code == 303
    new = next(paper for paper in holder.get("/certificates").json() if paper["replaces"] == made["number"])
    answer = _verify(web, number=made["number"], name=made["name"]).json()
    assert (answer["standing"], answer["successor"], answer["ground"]) == ("superseded", new["number"], "lost")
    page = _send(web, "/verify", number=made["number"], name=made["name"]).text
    assert f"该证书已换发，新证号{new['number']}" in page
    assert "补办：证书遗失或损毁" in page
    assert "证书已撤销" not in page
    assert _verify(web, number=new["number"], name=new["name"]).json()["standing"] == "valid"
    assert f"（原证号：{made['number']}" not in page
    assert "新证号" in web.look(supervisor, f"/certificates/{made['id']}").text


def test_the_officer_who_proposed_reads_why_they_cannot_decide(web: Web, town: Town) -> None:
    made = certified(town)
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    form = f"/certificates/{made['id']}/reissue"
    assert form in web.look(supervisor, f"/certificates/{made['id']}").text
    sent = _send(web, form, cookie=cookie(web, supervisor), ground="misprint", reason="工种印错")
    assert sent.status_code == 303
    case = sent.headers["location"]
    assert "由提出人以外的另一人决定" in web.look(supervisor, case).text
    effects = supervisor.get(f"/certificate-reissues/{case.rsplit('/', 1)[1]}/effects")
    assert (effects.status_code, effects.json()["error"]) == (403, "second_person")


def test_what_can_no_longer_be_granted_is_refused_and_leaves_the_desk(web: Web, town: Town) -> None:
    made = certified(town)
    reviewer, supervisor = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    form = f"/certificates/{made['id']}/reissue"
    sent = _send(web, form, cookie=cookie(web, reviewer), ground="misprint", reason="工种印错")
    case = sent.headers["location"]
    listed = reviewer.get("/certificate-reissues").json()
    asked = next(reissue for reissue in listed if reissue["certificate_id"] == made["id"])
    suspected = {"application_id": asked["application_id"], "facts": "测试材料虚假", "evidence": []}
    assert reviewer.post("/sanction-cases", suspected).status_code == 201
    page = web.look(supervisor, case).text
    assert "暂不能换发证书" in page
    assert ("同意换发" in page, "不予换发" in page) == (False, True)
    decision = {"verdict": "refused", "remark": "案件办结后再申请"}
    assert _send(web, f"{case}/decide", page=case, cookie=cookie(web, supervisor), **decision).status_code == 303
    assert "等待决定" not in web.look(supervisor, case).text
