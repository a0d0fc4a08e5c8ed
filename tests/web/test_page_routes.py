"""Every page and every form at once: nobody is led to the sign-in page, and another role is refused."""

import re
import uuid
from collections.abc import Iterator

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from core.db.session import ANONYMOUS, Role, SignInSession
from core.identity.sign_in.sessions import Origin, open_session
from core.web.page.navigation import MENUS, PUBLIC
from tests.callers import Caller, Web, address_of
from tests.web.test_routes import caller

OPEN = {
    "/", "/help", "/privacy", "/calendar", "/calendar/{code:path}", "/eligibility", "/sign-in", "/register",
    "/register/id-number", "/register/{code_id:uuid}", "/reset", "/reset/{code_id:uuid}",
    "/register/password", "/register/{code_id:uuid}/again", "/reset/{code_id:uuid}/again",
    "/conditions", "/contacts", "/notice", "/papers", "/questions",
    "/published", "/published/objections", "/published/{publication_id:uuid}",
    "/verify", "/verify/form", "/verify/pdf-ca.pem", "/verify/ticket",
}  # fmt: skip
"""What anybody may see or send, spelled out."""
_HTML = {"Accept": "text/html"}


def _routes(web: Web) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in web.client.app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if "while_awaited" in handler.opt and not route.path.startswith("/api"):
                    yield from ((str(method), route.path, handler) for method in handler.http_methods - {"OPTIONS"})


def _cookie(web: Web, somebody: Caller) -> str:
    account_id = uuid.UUID(somebody.get("/me").json()["account_id"])
    with SignInSession(web.platform.engine, actor=ANONYMOUS, now=web.clock()) as session, session.begin():
        place = Origin("127.0.0.1", "测试浏览器")
        return open_session(session, account_id, awaits=None, origin=place, lifetimes=web.platform.door.lifetimes).token


def test_only_the_pages_named_here_are_open_to_everybody(web: Web) -> None:
    assert {path for _, path, handler in _routes(web) if "roles" not in handler.opt} == OPEN


def test_nobody_is_led_to_the_sign_in_page_and_back(web: Web) -> None:
    for method, path, handler in _routes(web):
        if method == "GET" and "roles" in handler.opt:
            answer = web.client.get(address_of(path), headers=_HTML, follow_redirects=False)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?to=/"), path


def test_a_page_of_another_role_is_refused(web: Web) -> None:
    let_through = []
    for role in (Role.APPLICANT, Role.UNIT_MANAGER, Role.CITY_REVIEWER, Role.PROVINCIAL_AUDITOR):
        headers = {**_HTML, "Cookie": f"kaowu_session={_cookie(web, caller(web, role))}"}
        for method, path, handler in _routes(web):
            if method == "GET" and role not in handler.opt.get("roles", {role}):
                status = web.client.get(address_of(path), headers=headers, follow_redirects=False).status_code
                if status != 403:
                    let_through.append((path, role.value, status))
    assert let_through == []


def test_htmx_is_told_to_lead_the_whole_page_to_the_sign_in_page(web: Web) -> None:
    answer = web.client.get("/my", headers={"HX-Request": "true"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?to=/my")


def test_the_sign_in_page_leads_to_no_other_site(web: Web) -> None:
    headers = {**_HTML, "Cookie": f"kaowu_session={_cookie(web, web.applicant())}"}
    for to in ("//elsewhere.test", "https://elsewhere.test", "/\\elsewhere.test", ""):
        answer = web.client.get("/sign-in", params={"to": to}, headers=headers, follow_redirects=False)
        assert answer.headers["location"] == "/home", to
    answer = web.client.get("/sign-in", params={"to": "/my/start?unit=测试"}, headers=headers, follow_redirects=False)
    assert answer.headers["location"].startswith("/my/start?unit=")


def test_every_line_of_a_menu_leads_to_a_page_that_its_role_may_see(web: Web) -> None:
    pages = {path: handler for method, path, handler in _routes(web) if method == "GET"}
    dead = [
        (role, item.address)
        for role, items in ((None, PUBLIC), *MENUS.items())
        for item in items
        if (at := item.address.partition("?")[0]) not in pages
        or (role is not None and role not in pages[at].opt.get("roles", {role}))
    ]
    assert dead == []


def test_the_address_of_every_form_leads_those_who_send_it_to_a_page(web: Web) -> None:
    """A refused form shows its page under its own address: a browser that opens that address has nothing to send."""
    reads = {route.path: handler for route, handler in _all(web) if "GET" in handler.http_methods}
    pages = {re.sub(r"\{\w+:", "{", path): handler for path, handler in reads.items() if handler.opt.get("page")}
    lost = {}
    for route, form in _all(web):
        if "POST" in form.http_methods and "while_awaited" in form.opt and not route.path.startswith("/api"):
            there = reads.get(route.path)
            page = there if there is None or "way_back" not in there.opt else pages.get(there.opt["way_back"])
            able = set(Role) if page is None else set(page.opt.get("roles", set(Role)))
            if page is None or not set(form.opt.get("roles", ())) <= able:
                lost[route.path] = None if there is None else there.opt.get("way_back")
    assert lost == {}


def _all(web: Web) -> Iterator[tuple[HTTPRoute, HTTPRouteHandler]]:
    for route in web.client.app.routes:
        if isinstance(route, HTTPRoute):
            yield from ((route, handler) for handler in route.route_handlers)
