"""Signing in over HTTP: the cookie, what is refused until first things are done, and that failures tell nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from core.db.session import OfficeSession, Role, system_actor
from core.identity.service import issue_account
from core.identity.sign_in.passwords import give_initial_password
from tests.callers import API, Web
from tests.cases import CITY, at

CHOSEN = "麦田 铁路 风筝 与旧书店的猫"


class Browser:
    """A browser with a cookie jar of its own, over TLS or without."""

    def __init__(self, web: Web, *, base_url: str = "http://testserver.local") -> None:
        self.client: TestClient[Litestar] = TestClient(web.client.app, base_url=base_url, raise_server_exceptions=False)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """Send something, with what a page of ours would add."""
        token = self.get("/session").json().get("form_token", "")
        return self.client.post(API + path, json=body, headers={"X-CSRF-Token": token, **headers})

    def get(self, path: str) -> Any:
        """Ask for something."""
        return self.client.get(API + path)

    def sign_in(self, name: str, password: str) -> Any:
        """Sign in by password."""
        return self.post("/sign-in", {"name": name, "password": password})

    @property
    def token(self) -> str:
        """The session's token, as the browser keeps it."""
        [cookie] = [cookie for cookie in self.client.cookies.jar if cookie.name.endswith("kaowu_session")]
        return str(cookie.value)


@pytest.fixture
def officer(web: Web) -> tuple[UUID, str, str]:
    """A reviewer of the city: id, login, initial password."""
    login = f"officer-{uuid4().hex}"
    with OfficeSession(web.platform.engine, actor=system_actor(CITY), now=at(3, 20)) as session, session.begin():
        account = issue_account(
            session, login=login, name="测试经办员", role=Role.CITY_REVIEWER, office_id=CITY, valid_from=at(3, 20)
        )
        return account.id, login, give_initial_password(session, account.id, hasher=web.platform.door.hasher)


@pytest.fixture
def settled(web: Web, officer: tuple[UUID, str, str]) -> tuple[Browser, str]:
    """The same with a chosen password, signed in."""
    _, login, initial = officer
    browser = Browser(web)
    answer = browser.sign_in(login, initial)
    assert answer.json().get("awaits") == "password_change", answer.text
    answer = browser.post("/password", {"password": initial, "new_password": CHOSEN})
    assert (answer.status_code, answer.json()["awaits"]) == (200, None)
    return browser, login


def test_until_the_initial_password_is_changed_everything_else_is_refused(
    web: Web, officer: tuple[UUID, str, str]
) -> None:
    _, login, initial = officer
    browser = Browser(web)
    browser.sign_in(login, initial)
    for path in ("/me", "/applications?year=2024", "/sessions"):
        refused = browser.get(path)
        assert (refused.status_code, refused.json()["error"]) == (403, "password_change_awaited")
    assert browser.get("/session").json()["awaits"] == "password_change"
    browser.post("/password", {"password": initial, "new_password": CHOSEN})
    assert browser.get("/me").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(web: Web, officer: tuple[UUID, str, str]) -> None:
    _, login, initial = officer
    plain = Browser(web).sign_in(login, initial).headers["set-cookie"]
    assert plain.startswith("kaowu_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(plain.split("; "))
    over_tls = Browser(web, base_url="https://testserver.local").sign_in(login, initial).headers["set-cookie"]
    assert over_tls.startswith("__Host-kaowu_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(over_tls.split("; "))
    assert "Domain" not in over_tls


def test_known_and_unknown_names_get_the_same_answer_byte_for_byte(web: Web, settled: tuple[Browser, str]) -> None:
    _, login = settled
    known = Browser(web).sign_in(login, "falsch falsch falsch")
    unknown = Browser(web).sign_in("nobody-of-that-name", "falsch falsch falsch")
    # Each answer has its own number in the log; nothing else may differ.
    said, the_same = (answer.text.replace(answer.headers["x-request-id"], "") for answer in (known, unknown))
    assert (known.status_code, said) == (unknown.status_code, the_same)
    assert known.status_code == 401
    assert "set-cookie" not in known.headers


def test_too_many_failures_answer_429_with_the_seconds_to_wait(web: Web) -> None:
    name = f"nobody-{uuid4().hex}"
    for _ in range(4):
        assert Browser(web).sign_in(name, "falsch").status_code == 401
    refused = Browser(web).sign_in(name, "falsch")
    assert (refused.status_code, refused.json()["error"]) == (429, "too_many_attempts")
    assert refused.headers["retry-after"] == "1"
    web.clock.advance(timedelta(seconds=1))
    assert Browser(web).sign_in(name, "falsch").status_code == 401


def test_signing_in_again_ends_the_session_that_the_browser_had(web: Web, settled: tuple[Browser, str]) -> None:
    browser, login = settled
    before = browser.token
    assert browser.sign_in(login, CHOSEN).status_code == 200
    assert browser.token != before
    with_old = web.client.get(f"{API}/me", headers={"Cookie": f"kaowu_session={before}"})
    assert (with_old.status_code, with_old.json()["error"]) == (401, "session_not_valid")
    assert browser.get("/me").status_code == 200


def test_new_passwords_that_are_refused_are_no_guesses_at_the_present_one(settled: tuple[Browser, str]) -> None:
    browser, _ = settled
    for _ in range(11):
        refused = browser.post("/password", {"password": CHOSEN, "new_password": "123456789012"})
        assert refused.json()["error"] == "password_easy"
    assert browser.post("/password", {"password": CHOSEN, "new_password": CHOSEN[::-1]}).status_code == 200


def test_two_tabs_share_a_session_and_both_go_on_after_one_changed_the_password(settled: tuple[Browser, str]) -> None:
    browser, _ = settled
    before = browser.token
    changed = browser.post("/password", {"password": CHOSEN, "new_password": CHOSEN[::-1]})
    assert changed.status_code == 200
    assert browser.get("/me").status_code == 200
    stale = browser.post("/password", {"password": CHOSEN, "new_password": "另一张桌子 上的蓝色茶杯 和灯"})
    assert (stale.status_code, stale.json()["error"]) == (422, "password_refused")
    assert browser.token != before


def test_two_browsers_sign_out_one_by_one_or_all_others_at_once(web: Web, settled: tuple[Browser, str]) -> None:
    here, login = settled
    there, third = Browser(web), Browser(web)
    there.sign_in(login, CHOSEN)
    third.sign_in(login, CHOSEN)
    listed = here.get("/sessions").json()
    assert [session["current"] for session in listed] == [False, False, True]
    assert here.post(f"/sessions/{listed[1]['id']}/end").status_code == 200
    assert there.get("/me").status_code == 401
    assert here.post("/sessions/end-others").status_code == 200
    assert third.get("/me").status_code == 401
    assert here.get("/me").status_code == 200
    out = here.post("/sign-out")
    assert out.status_code == 200
    assert out.headers["clear-site-data"] == '"storage"'
    assert here.get("/me").status_code == 401


def test_with_an_authenticator_app_the_password_alone_opens_nothing(web: Web, settled: tuple[Browser, str]) -> None:
    browser, login = settled
    begun = browser.post("/second-factor", {"password": CHOSEN}).json()
    totp = pyotp.TOTP(begun["secret"])
    confirmed = browser.post("/second-factor/confirm", {"code": totp.at(web.clock())})
    assert len(confirmed.json()["recovery_codes"]) == 10
    web.clock.advance(timedelta(minutes=1))
    other = Browser(web)
    assert other.sign_in(login, CHOSEN).json()["awaits"] == "second_factor"
    assert other.get("/me").json()["error"] == "second_factor_awaited"
    halfway = other.token
    assert other.post("/password", {"password": CHOSEN, "new_password": CHOSEN[::-1]}).status_code == 403
    assert other.post("/sign-in/second-factor", {"code": totp.at(web.clock())}).json()["awaits"] is None
    assert other.get("/me").status_code == 200
    assert other.token != halfway
    assert other.post("/second-factor/remove", {"password": CHOSEN}).status_code == 200
    assert other.get("/me").status_code == 200
    assert browser.get("/me").status_code == 401


def test_a_program_with_a_token_cannot_change_the_means_of_signing_in(web: Web) -> None:
    caller = web.staff(Role.CITY_REVIEWER)
    refused = caller.post("/password", {"password": "egal", "new_password": CHOSEN})
    assert (refused.status_code, refused.json()["error"]) == (403, "browser_needed")


def test_no_password_is_in_a_refusal_or_an_answer(web: Web, officer: tuple[UUID, str, str]) -> None:
    _, login, initial = officer
    browser = Browser(web)
    answer = browser.sign_in(login, initial)
    assert initial not in answer.text
    assert browser.token not in answer.text
    short = browser.post("/password", {"password": initial, "new_password": "kurz-7341"})
    assert (short.status_code, short.json()["error"]) == (422, "password_short")
    assert "kurz-7341" not in short.text
