"""What holds for every answer: its headers; and no other site acts through a user's browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar, get, post
from litestar.response import Template
from litestar.testing import TestClient

import core.web
from core.app import Routes
from core.web.authentication import cookies
from tests.callers import API, Web

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def routes() -> Routes:
    """The routes with one more page: a form that says what it was sent."""
    routes = Routes()

    @post("/test-form", sync_to_thread=False, include_in_schema=False, status_code=200)
    def take_form() -> dict[str, bool]:
        return {"taken": True}

    @get("/test-form", sync_to_thread=False, include_in_schema=False)
    def show_form() -> Template:
        return Template(template_str="<form>{{ csrf_field() }}{{ form_token() }}</form>")

    routes.application.register(take_form)
    routes.application.register(show_form)
    return routes


@pytest.fixture
def browser(web: Web, routes: Routes) -> Iterator[TestClient[Litestar]]:
    """A browser that has our page open over TLS."""
    with TestClient(routes.at_work(web.platform), base_url="https://kaowu.local", raise_server_exceptions=False) as one:
        yield one


def _token(browser: TestClient[Litestar]) -> str:
    found = re.search(r'name="_csrf" value="([0-9a-f]+)"', browser.get("/test-form").text)
    assert found is not None
    return found[1]


def test_a_form_of_ours_is_taken_and_its_cookie_is_bound_to_this_host(browser: TestClient[Litestar]) -> None:
    answer = browser.get("/test-form")
    flags = answer.headers["set-cookie"]
    assert flags.startswith("__Host-kaowu_visit=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(flags.split("; "))
    assert browser.post("/test-form", data={"_csrf": _token(browser)}, headers=HERE).json() == {"taken": True}
    # The cookie is there now: no second one.
    assert "set-cookie" not in browser.get("/test-form").headers


def test_the_token_may_come_in_a_header_instead(browser: TestClient[Litestar]) -> None:
    headers = HERE | {"X-CSRF-Token": _token(browser)}
    assert browser.post("/test-form", json={}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.test"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_is_refused_even_with_the_right_token(
    browser: TestClient[Litestar], headers: dict[str, str]
) -> None:
    answer = browser.post("/test-form", data={"_csrf": _token(browser)}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_site")


def test_an_old_browser_that_says_only_its_origin_is_served(browser: TestClient[Litestar]) -> None:
    headers = {"Origin": "https://kaowu.local"}
    assert browser.post("/test-form", data={"_csrf": _token(browser)}, headers=headers).status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 80, "测试"])
def test_a_form_without_its_token_is_refused_and_says_what_to_do(browser: TestClient[Litestar], token: str) -> None:
    _token(browser)
    answer = browser.post("/test-form", data={"_csrf": token}, headers=HERE)
    assert (answer.status_code, answer.json()["error"]) == (403, "form_expired")
    assert "刷新页面" in answer.json()["detail"]


def test_a_token_is_good_for_the_browser_that_got_it_alone(browser: TestClient[Litestar]) -> None:
    token = _token(browser)
    browser.cookies.clear()
    assert browser.post("/test-form", data={"_csrf": token}, headers=HERE).status_code == 403


def test_a_token_ends_with_the_session(browser: TestClient[Litestar]) -> None:
    before = _token(browser)
    browser.cookies.set(f"__Host-{cookies.SESSION}", "a-session", domain="kaowu.local")
    assert browser.post("/test-form", data={"_csrf": before}, headers=HERE).status_code == 403
    assert browser.post("/test-form", data={"_csrf": _token(browser)}, headers=HERE).status_code == 200


def test_the_api_guards_a_browsers_session_and_asks_no_token_of_a_program(web: Web) -> None:
    applicant = web.applicant()
    web.client.cookies.set(cookies.SESSION, "a-session")
    assert web.client.post(f"{API}/registrations", json={}).json()["error"] == "form_expired"
    body = {"version": 1}
    answer = applicant.post("/applications/00000000-0000-0000-0000-000000000000/submit", body)
    assert answer.status_code == 404


ADDRESSES = ["/", "/schema", "/nowhere", f"{API}/offices", f"{API}/me", f"{API}/nowhere", "/static/nothing.css"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_refusals_included_carries_the_same_protection(web: Web, address: str) -> None:
    headers = web.client.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["object-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


def test_submitted_markup_comes_back_as_text(web: Web) -> None:
    page = web.client.get("/sign-in", params={"to": '"><script>alert(4711)</script>'})
    assert page.status_code == 200
    assert "alert" in page.text
    assert "<script>alert" not in page.text


def test_passwords_are_masked_and_may_be_pasted(web: Web) -> None:
    for address, purpose in (("/sign-in", "current-password"), ("/register", "new-password")):
        fields = re.findall(r"<input[^>]*(?:password|again)[^>]*>", web.client.get(address).text)
        assert fields
        assert all('type="password"' in field and f'autocomplete="{purpose}"' in field for field in fields), address
    scripts = (Path(core.web.__file__).parent / "static").glob("*.js")
    # A handler is called paste or onpaste; "pasted" is the name of a field.
    assert [script.name for script in scripts if re.search(r"\b(on)?paste\b", script.read_text())] == []


@pytest.mark.parametrize(
    "address", ["/static/", "/static/%2e%2e/pages.py", "/static/../pages.py", "/.git/config", "/core/"]
)
def test_no_address_leads_to_a_file_that_is_not_meant_to_be_read(web: Web, address: str) -> None:
    assert web.client.get(address).status_code == 404


def test_nobody_is_sent_back_what_they_asked(web: Web) -> None:
    for address in ("/", f"{API}/me", "/static/kaowu.css", "/healthz"):
        answer = web.client.request("TRACE", address, headers={"Sec-Fetch-Site": "same-origin", "X-Told": "told-4711"})
        assert answer.status_code in {403, 405}, address
        assert "told-4711" not in answer.text


def test_behind_tls_the_browser_is_told_to_stay_there(browser: TestClient[Litestar]) -> None:
    assert browser.get("/nowhere").headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_a_static_file_is_kept_for_good_under_the_address_of_its_content_only(web: Web) -> None:
    addresses = re.findall(r'href="(/static/[^"]+)"', web.client.get("/").text)
    assert addresses
    for address in addresses:
        assert re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{16}", address), address
        assert "immutable" in web.client.get(address).headers["cache-control"]
        assert web.client.get(address.partition("?")[0]).headers["cache-control"] == "no-cache"
