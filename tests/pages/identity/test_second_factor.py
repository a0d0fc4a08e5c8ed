"""New recovery codes by page: after the password, shown once, and the old ones are worth nothing."""

import re
from datetime import timedelta
from typing import Any

import pyotp

from core.web.authentication.cookies import SESSION
from tests.api.identity.test_sign_in import CHOSEN, Browser, officer, settled
from tests.callers import Web

__all__ = ["officer", "settled"]

PAGE = "/account/second-factor"


def _send(web: Web, browser: Browser, **fields: str) -> Any:
    headers = {"Cookie": f"{SESSION}={browser.token}", "Sec-Fetch-Site": "same-origin"}
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get(PAGE, headers=headers).text)
    assert token is not None
    data = {"_csrf": token[1], **fields}
    return web.client.post(f"{PAGE}/codes", data=data, headers=headers, follow_redirects=False)


def test_recovery_codes_are_made_anew_after_the_password(web: Web, settled: tuple[Browser, str]) -> None:
    browser, login = settled
    none = _send(web, browser, password=CHOSEN)
    assert (none.status_code, "没有启用动态验证码" in none.text) == (409, True)
    begun = browser.post("/second-factor", {"password": CHOSEN}).json()
    totp = pyotp.TOTP(begun["secret"])
    before = browser.post("/second-factor/confirm", {"code": totp.at(web.clock())}).json()["recovery_codes"]
    assert _send(web, browser, password="不是这个密码").status_code == 422
    shown = _send(web, browser, password=CHOSEN)
    assert (shown.status_code, "以前的备用码已经作废" in shown.text) == (200, True)
    fresh = re.findall(r"<li><code>([a-z0-9-]+)</code></li>", shown.text)
    assert (len(fresh), set(fresh) & set(before)) == (10, set())
    web.clock.advance(timedelta(minutes=1))
    for code, status in ((before[0], 422), (fresh[0], 200)):
        other = Browser(web)
        other.sign_in(login, CHOSEN)
        assert other.post("/sign-in/second-factor", {"code": code}).status_code == status


def test_the_account_says_how_many_codes_are_left_and_the_last_two_warn(web: Web, settled: tuple[Browser, str]) -> None:
    browser, login = settled
    begun = browser.post("/second-factor", {"password": CHOSEN}).json()
    confirmed = browser.post("/second-factor/confirm", {"code": pyotp.TOTP(begun["secret"]).at(web.clock())})
    codes = confirmed.json()["recovery_codes"]
    assert "还有10个没有用过的备用码" in _page(web, browser)
    for code in codes[:7]:
        other = Browser(web)
        other.sign_in(login, CHOSEN)
        assert other.post("/sign-in/second-factor", {"code": code}).status_code == 200
    assert "还有3个没有用过的备用码" in _page(web, browser)
    led = _pass_by_page(web, login, codes[7])
    assert led.headers["location"] == f"{PAGE}?to=%2Fnotices"
    shown = _page(web, browser, "?to=%2Fnotices")
    assert "只剩2个没有用过的备用码" in shown
    assert 'href="/notices"' in shown
    assert "备用码只剩2个" in _page(web, browser, at="/account")


def _page(web: Web, browser: Browser, query: str = "", *, at: str = PAGE) -> str:
    headers = {"Cookie": f"{SESSION}={browser.token}", "Sec-Fetch-Site": "same-origin"}
    return str(web.client.get(f"{at}{query}", headers=headers).text)


def _pass_by_page(web: Web, login: str, code: str) -> Any:
    """Give a recovery code on the sign-in page, on the way to the notices."""
    other = Browser(web)
    other.sign_in(login, CHOSEN)
    headers = {"Cookie": f"{SESSION}={other.token}", "Sec-Fetch-Site": "same-origin"}
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get("/sign-in/code", headers=headers).text)
    assert token is not None
    data = {"_csrf": token[1], "code": code}
    return web.client.post("/sign-in/code?to=/notices", data=data, headers=headers, follow_redirects=False)
