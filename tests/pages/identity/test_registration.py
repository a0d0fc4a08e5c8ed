"""Registering by pages: what a refusal keeps, a code that is sent again, and the demo's codes."""

import re
from datetime import date, timedelta
from typing import Any

from core.clock import SettableClock
from core.demo_clock import Demo
from core.domain.identity_number import simulated
from core.plugin_api import Sex
from core.tenancy.another_season import AnotherSeason
from tests.callers import Web
from tests.cases import PROVINCE, YEAR
from tests.phone_codes import code_in_outbox

CHOSEN = "清河水边三棵老柳树"


def _send(web: Web, address: str, page: str = "/register", **fields: str) -> Any:
    """Send a form as a browser does, with the token of its page."""
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get(page).text)
    assert token is not None
    return web.client.post(address, data={"_csrf": token[1], **fields}, follow_redirects=False)


def _form(web: Web) -> dict[str, str]:
    number = web.next_number()
    return {
        "name": f"测试甲{number:04d}",
        "id_number": simulated(number, date(1980, 5, 6), Sex.MALE),
        "phone": f"198{number:08d}",
        "password": CHOSEN,
        "again": CHOSEN,
    }


def test_a_refusal_keeps_what_was_filled_in_and_says_what_is_wrong_with_each_field(web: Web) -> None:
    form = _form(web)
    for _ in range(6):
        refused = _send(web, "/register", **{**form, "password": "12345678", "again": "12345678"})
        assert refused.status_code == 422
        assert 'href="#password"' in refused.text
        for name in ("name", "id_number", "phone"):
            assert f'value="{form[name]}"' in refused.text
    wrong_digit = _send(web, "/register", **{**form, "phone": form["phone"][:-1]})
    assert "密码没有问题" in wrong_digit.text
    assert CHOSEN not in wrong_digit.text
    assert _send(web, "/register", **form).status_code == 303


def test_a_code_is_sent_again_from_its_page(web: Web) -> None:
    assert isinstance(web.clock, SettableClock)
    form = _form(web)
    first = _send(web, "/register", **form).headers["location"]
    assert f"已发到尾号{form['phone'][-4:]}的手机" in web.client.get(first).text
    early = _send(web, f"{first}/again", first)
    assert early.status_code == 429
    assert "60秒" in early.text
    web.clock.set(web.clock() + timedelta(minutes=1))
    second = _send(web, f"{first}/again", first).headers["location"]
    assert second.endswith("?again=1")
    shown = web.client.get(second).text
    assert f"重新发到尾号{form['phone'][-4:]}的手机，以前的不再有效" in shown
    assert form["phone"] not in shown
    code = code_in_outbox(web.platform.engine, second.split("/")[2].split("?")[0], web.clock(), PROVINCE)
    made = _send(web, second.split("?")[0], second, code=code)
    assert (made.status_code, made.headers["location"]) == (303, "/home")


def test_a_password_is_checked_as_it_is_left(web: Web) -> None:
    weak, good = (_send(web, "/register/password", password=password).text for password in ("12345678", CHOSEN))
    assert "很容易被猜到" in weak
    assert "hidden" in good


def test_only_a_demonstration_shows_the_code_where_it_is_asked_for(web: Web) -> None:
    address = _send(web, "/register", **_form(web)).headers["location"]
    assert "演示环境不发送短信" not in web.client.get(address).text
    demo = Demo(AnotherSeason(YEAR + 1, YEAR), web.clock(), web.clock(), finished=True)
    object.__setattr__(web.platform, "demo", demo)
    code = code_in_outbox(web.platform.engine, address.rsplit("/", 1)[1], web.clock(), PROVINCE)
    assert f"您的验证码是{code}" in web.client.get(address).text
