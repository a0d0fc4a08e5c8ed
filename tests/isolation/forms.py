"""The forms of all pages, found by their routes and in the pages themselves, each with somebody who may send it."""

import re
from collections.abc import Iterator

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from core.web.authentication.actor import WHILE_AWAITED
from core.web.limits import LARGEST_UPLOAD
from core.web.routes import PAGE, ROLES
from tests.isolation.walk import CHANGES, READS, Walk, fill

_FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')
_ACTION = re.compile(r'\baction="([^"]+)"')
_SOMETHING = {"beside": ("测试.txt", b"-", "text/plain")}


def forms_of(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """The address and route of every form of a page; not of the steps of a sign-in that has begun."""
    for path, handler in _handlers(app, "POST"):
        if not path.startswith("/api/") and not handler.opt.get(WHILE_AWAITED):
            yield path, handler


def sender(handler: HTTPRouteHandler) -> str:
    """Somebody of the walk who may send the form."""
    return _senders(handler)[0]


def _senders(handler: HTTPRouteHandler) -> tuple[str, str]:
    """The first and the last who may call a route."""
    roles = handler.opt.get(ROLES)
    named = {str(role) for role in roles or ()}
    able = [who for who in READS if who.replace(" ", "_") in named] or ["nobody"]
    return able[0], able[-1]


def send(walked: Walk, path: str, handler: HTTPRouteHandler, **fields: str) -> tuple[int, str]:
    """Send a form with these fields; what is done is undone. The status and the page that answers."""
    who = sender(handler)
    address = fill(path, walked.ids[_case_of(who)])
    files = _SOMETHING if handler.request_max_body_size == LARGEST_UPLOAD else None
    with walked.connection.begin_nested() as undone:
        answer = walked.client.post(
            address, data=fields, files=files, headers=_by_browser(walked, who), follow_redirects=False
        )
        undone.rollback()
    walked.client.cookies.clear()
    return answer.status_code, answer.text


def addresses_of_forms(walked: Walk) -> dict[tuple[str, str], str]:
    """Who sends a form where: reader and address, each with the page that shows the form.

    A page is read by the first and the last of those who may: the forms on it differ by role.
    """
    found: dict[tuple[str, str], str] = {}
    for path, handler in _handlers(walked.client.app, "GET"):
        for who in dict.fromkeys(_senders(handler)) if handler.opt.get(PAGE) else ():
            status, page = _ask(walked, who, fill(path, walked.ids[_case_of(who)]))
            for tag in _FORM.findall(page) if status == 200 else ():
                if named := _ACTION.search(tag):
                    found.setdefault((who, named[1].replace("&amp;", "&")), path)
    return found


def reload(walked: Walk, who: str, address: str) -> int:
    """The status of what somebody sees who asks for an address with nothing to send."""
    return _ask(walked, who, address)[0]


def _ask(walked: Walk, who: str, address: str) -> tuple[int, str]:
    with walked.connection.begin_nested() as undone:
        answer = walked.client.get(address, headers=_by_browser(walked, who), follow_redirects=True)
        undone.rollback()
    walked.client.cookies.clear()
    return answer.status_code, answer.text


def _case_of(who: str) -> str:
    return next((case for case in ("submitted", "elsewhere", "delegated") if case in CHANGES[who]), "submitted")


def _by_browser(walked: Walk, who: str) -> dict[str, str]:
    return {**walked.callers[who].browser, "Accept": "text/html"}


def _handlers(app: Litestar, method: str) -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if method in handler.http_methods:
                    yield route.path, handler
