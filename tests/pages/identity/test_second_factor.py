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
