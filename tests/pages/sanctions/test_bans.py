"""The register of bans: entered from the paper by one officer of the center, confirmed by another, lifted."""

import re
from datetime import date

from core.db.session import Role
from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.callers import Web
from tests.cases import PROVINCE
from tests.documents.files import picture
from tests.pages.applications.test_papers_on_behalf import send

DECIDED = {
    "name": "测试被禁人",
    "id_number": simulated(400_001, date(1980, 1, 2), Sex.MALE),
    "instrument": "测试处〔2023〕7号",
    "begins": "2023-11-01",
    "years": "2",
    "reason": "提交的证书系伪造",
}
SCAN = {"content": ("决定.png", picture(), "image/png")}


def test_a_ban_of_earlier_years_is_entered_confirmed_by_another_and_lifted(web: Web) -> None:
    first, second = (web.staff(Role.PROVINCIAL_OFFICER, PROVINCE) for _ in range(2))
    assert send(web, first, "/bans", "/bans/new", files={"content": ("", b"")}, **DECIDED).status_code == 422
    wrong = send(web, first, "/bans", "/bans/new", files=SCAN, **{**DECIDED, "begins": "2999-01-01"})
    assert (wrong.status_code, "不能晚于现在" in wrong.text) == (422, True)
    entered = send(web, first, "/bans", "/bans/new", files=SCAN, **DECIDED)
    assert entered.status_code == 303, entered.text
    at = entered.headers["location"]
    assert "待第二人核对" in web.look(first, "/bans").text
    own = web.look(first, at).text
    assert "由您录入" in own
    assert f"{at}/confirm" not in own
    refused = send(web, first, f"{at}/confirm", at, compared="true")
    assert (refused.status_code, "录入人不能核对" in refused.text) == (403, True)

    seen = web.look(second, at).text
    assert re.search(r'href="/attachments/[0-9a-f-]{36}"', seen)
    assert send(web, second, f"{at}/confirm", at).status_code == 422
    assert send(web, second, f"{at}/confirm", at, compared="true").status_code == 303
    assert "有效" in web.look(second, "/bans?q=被禁").text
    assert send(web, second, f"{at}/lift", at, reason="").status_code == 422
    assert send(web, second, f"{at}/lift", at, reason="原决定被撤销").status_code == 303
    assert "原决定被撤销" in web.look(first, at).text


def test_the_head_of_a_city_reads_the_register_and_enters_nothing(web: Web) -> None:
    head = web.staff(Role.CITY_SUPERVISOR)
    listed = web.look(head, "/bans")
    assert (listed.status_code, "补录以往的决定" in listed.text) == (200, False)
    assert web.look(head, "/bans/new").status_code == 403
    assert web.look(web.staff(Role.CITY_REVIEWER), "/bans").status_code == 403
