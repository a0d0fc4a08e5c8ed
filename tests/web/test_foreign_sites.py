"""Every route that writes, pages and API alike: another site reaches none of them through somebody's browser.

A cookie is worth nothing without the token of a form, whatever else a request carries; JSON is taken by its media type
alone; and a program with a bearer token, which says nothing of where it comes from, is served as before.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from core.db.session import OfficeSession, Role, system_actor
from core.identity.service import issue_account
from core.identity.sign_in.passwords import give_initial_password
from core.web.authentication.cookies import SESSION
from core.web.authentication.csrf import HEADER, token_bound_to
from tests.callers import API, Caller, Web, address_of
from tests.cases import CITY, at

READS = {"GET", "HEAD", "OPTIONS"}
ELSEWHERE = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.test"})
NO_JSON = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "")


def writes(web: Web) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Method, an address and the handler of every route that is there to change something."""
    for route in web.client.app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                yield from ((str(one), address_of(route.path), handler) for one in handler.http_methods - READS)


def _asks(web: Web, method: str, address: str, headers: dict[str, str]) -> Any:
    body: dict[str, Any] = {"json": {}} if address.startswith(API) else {"data": {"words": "测试"}}
    return web.client.request(method, address, headers=headers, follow_redirects=False, **body)


def _refusal(answer: Any) -> str | None:
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return answer.json().get("error") if is_json and isinstance(answer.json(), dict) else None


def _by_cookie(web: Web, somebody: Caller) -> dict[str, str]:
    cookie = web.session_of(somebody)
    return {"Cookie": f"{SESSION}={cookie}", HEADER: token_bound_to(cookie, web.platform.keys)}


def _by_token(somebody: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {somebody.token}"}


@pytest.fixture
def officer(web: Web) -> Caller:
    """Somebody who may do something on many routes; on the others the site is looked at before the role."""
    return web.staff(Role.CITY_REVIEWER, CITY)


def test_no_write_is_taken_from_another_site_whatever_it_carries(web: Web, officer: Caller) -> None:
    taken = [
        (method, address, site, list(carried))
        for carried in ({}, _by_cookie(web, officer), _by_token(officer))
        for method, address, _ in writes(web)
        for site in ELSEWHERE
        if _refusal(_asks(web, method, address, site | carried)) != "foreign_site"
    ]
    assert taken == []


def test_a_cookie_needs_the_token_of_a_form_whatever_else_is_sent(web: Web, officer: Caller) -> None:
    cookie = {"Cookie": f"{SESSION}={web.session_of(officer)}", "Sec-Fetch-Site": "same-origin"}
    taken = []
    for method, address, handler in writes(web):
        goes_by_token = address.startswith(API) and "roles" in handler.opt
        for carried in ({}, {"Authorization": "Bearer invented"}, _by_token(officer)):
            refused = _refusal(_asks(web, method, address, cookie | carried)) == "form_expired"
            if refused == bool(goes_by_token and carried):
                taken.append((method, address, list(carried), refused))
    assert taken == []


def test_a_bearer_token_opens_no_form_of_a_page(web: Web, officer: Caller) -> None:
    pages = [(method, address) for method, address, _ in writes(web) if not address.startswith(API)]
    assert len(pages) > 100
    taken = [page for page in pages if _refusal(_asks(web, *page, _by_token(officer))) != "form_expired"]
    assert taken == []


def test_json_is_taken_by_its_media_type_alone_and_the_description_says_so(web: Web, officer: Caller) -> None:
    described = web.client.get("/schema/openapi.json").json()["paths"]
    taken, undescribed = [], []
    for path, operations in described.items():
        for method, operation in operations.items():
            takes_json = "application/json" in operation.get("requestBody", {}).get("content", {})
            if takes_json != ("415" in operation["responses"]):
                undescribed.append((method, path))
            for media in NO_JSON if takes_json else ():
                address = re.sub(r"\{\w+\}", str(uuid4()), path.replace("{position}", "1").replace("{year}", "2024"))
                headers = {"Content-Type": media, **_by_token(officer)}
                answer = web.client.request(method, address, content=b"{}", headers=headers)
                if (answer.status_code, answer.json()["error"]) != (415, "media_type"):
                    taken.append((method, path, media, answer.status_code))
    assert (taken, undescribed) == ([], [])


def test_json_may_name_its_charset_and_be_spelled_in_capitals(web: Web) -> None:
    for media in ("application/json; charset=utf-8", "Application/JSON"):
        headers = {"Content-Type": media}
        answer = web.client.post(f"{API}/certificates/verify", content=b"{}", headers=headers)
        assert answer.status_code == 200, media


def test_a_program_with_a_token_says_nothing_of_where_it_comes_from(web: Web, officer: Caller) -> None:
    refused = [
        (method, address)
        for method, address, _ in writes(web)
        if address.startswith(API)
        and _refusal(_asks(web, method, address, _by_token(officer))) in {"foreign_site", "form_expired", "media_type"}
    ]
    assert refused == []


def test_a_form_of_another_site_signs_nobody_in_and_ends_no_session(web: Web, officer: Caller) -> None:
    login = f"other-{uuid4().hex}"
    with OfficeSession(web.platform.engine, actor=system_actor(CITY), now=at(3, 20)) as session, session.begin():
        account = issue_account(
            session, login=login, name="测试他人", role=Role.CITY_REVIEWER, office_id=CITY, valid_from=at(3, 20)
        )
        password = give_initial_password(session, account.id, hasher=web.platform.door.hasher)
    cookie = {"Cookie": f"{SESSION}={web.session_of(officer)}"}
    said = f'{{"name": "{login}", "password": "{password}"}}'.encode()
    for headers in (*ELSEWHERE, {"Sec-Fetch-Site": "same-origin"}, {}):
        answer = web.client.post(
            f"{API}/sign-in", content=said, headers={"Content-Type": "text/plain", **headers, **cookie}
        )
        assert answer.status_code in {403, 415}, headers
        assert "set-cookie" not in answer.headers
    without = web.client.post(f"{API}/sign-in", content=said, headers={"Content-Type": "text/plain"})
    assert (without.status_code, "set-cookie" in without.headers) == (415, False)
    assert web.client.get(f"{API}/me", headers=cookie).status_code == 200
