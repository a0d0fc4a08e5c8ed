"""No duty without a page: every service that changes something, and every write of the API, is offered by a page.

Both are found in the source: a service is a public function of a capability with a session that writes, itself or by
what it calls; a page offers what its module reaches. What no page offers stands here with the reason. A line is
refused where its service is gone or has a page now.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping

import pytest
from litestar.handlers import HTTPRouteHandler

from core.audit.dependents import dependents_modules
from core.web.routes import declared_in, modules_below
from tests import call_graph
from tests.call_graph import Module, Name, reached
from tests.test_architecture import CAPABILITIES

WITHOUT_PAGE: Mapping[Name, str] = {
    "core.applications.service.save_draft": "A page saves one step of the form, with fill_in.",
    "core.delegation.service.take_effect": "The worker puts a delegation in force within a minute of its moment.",
    "core.documents.store_check.verify": "It reads every stored file for hours: a command of the operator.",
    "core.identity.records.record_reading": "Every page that an auditor reads writes it by itself.",
    "core.identity.service.create_token": "A token signs a program in; who writes the program asks for it over JSON.",
    "core.identity.sign_in.sessions.resolve_session": "Every request with a cookie does it.",
    "core.results.marks.service.propose_import": "The page hands in what it has shown: propose_table.",
    "core.reviews.settlements.settle_findings": "The page of a case settles findings in one act with the decision.",
    "core.scheduling.plans.service.draw_up": "The page has a job draw it up (draw_up_later): it takes minutes.",
}
"""A service that no page offers → the reason. "Later" is no reason."""

ROUTES_WITHOUT_PAGE: Mapping[str, str] = {
    "POST /certificates/verify": "It changes nothing: it asks whether a certificate holds, as the page /verify does.",
    "POST /sign-in": "It opens its transaction by itself, in core.web.authentication, as the page /sign-in does.",
    **dict.fromkeys(
        ("POST /registrations", "POST /registrations/{code_id:uuid}/confirm"),
        "Nobody is signed in: it opens its transaction by itself, as the pages below /register do.",
    ),
    **dict.fromkeys(
        ("POST /password-resets", "POST /password-resets/{code_id:uuid}/confirm"),
        "Nobody is signed in: it opens its transaction by itself, as the pages below /reset do.",
    ),
}
"""A write of the API that calls no changing service itself → the reason."""

_WRITING_CALLS = frozenset(
    {("session", name) for name in ("add", "add_all", "delete", "flush", "merge")}
    | {("audit", name) for name in ("record", "record_on")}
)
_WRITING_FUNCTIONS = frozenset({"insert", "update", "delete", "notify", "notify_each", "enter"})
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LAME = re.compile(r"\b(?:later|todo|not yet|for now|not needed|unused)\b", re.IGNORECASE)
_SHORTEST_REASON = 30

KNOWN = call_graph.modules("core")
GRAPH = call_graph.references(KNOWN)


def writes(parts: Collection[ast.stmt]) -> bool:
    """Whether a function adds, changes or removes a row by itself, or writes to the record or a notice."""
    calls = [node.func for part in parts for node in ast.walk(part) if isinstance(node, ast.Call)]
    by_name = {call.id for call in calls if isinstance(call, ast.Name)}
    on_something = {
        (call.value.id, call.attr)
        for call in calls
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)
    }
    return bool(by_name & _WRITING_FUNCTIONS or on_something & _WRITING_CALLS)


def takes_session(parts: Collection[ast.stmt]) -> bool:
    """Whether a name is a function with the parameter ``session``."""
    functions = [part for part in parts if isinstance(part, ast.FunctionDef)]
    return any(argument.arg == "session" for part in functions for argument in (*part.args.args, *part.args.kwonlyargs))


def changing(known: Mapping[str, Module], graph: Mapping[Name, Collection[Name]]) -> set[Name]:
    """The public functions of the capabilities that change something, by themselves or by what they call."""
    asked = {
        f"{module.name}.{defined}": parts
        for module in known.values()
        for defined, parts in module.nodes.items()
        if takes_session(parts)
    }
    used_by: dict[Name, set[Name]] = {}
    for name, used in graph.items():
        for other in used:
            used_by.setdefault(other, set()).add(name)
    writing = reached(used_by, [name for name, parts in asked.items() if writes(parts)])
    return {name for name in asked if name in writing and _is_service(name)}


def _is_service(name: Name) -> bool:
    _, capability, *rest = name.split(".")
    return capability in CAPABILITIES and bool(rest) and not rest[-1].startswith("_")


def begun_by(graph: Mapping[Name, Collection[Name]], *places: str) -> set[Name]:
    """What the modules of these places reach."""
    return reached(graph, [name for name in graph if name.startswith(places)])


def by_themselves(graph: Mapping[Name, Collection[Name]]) -> set[Name]:
    """What happens without anybody asking: what is due or kept too long, and the consequences of another act."""
    by_the_clock = begun_by(graph, "core.worker.", "core.retention.") - begun_by(graph, "core.api.")
    following = frozenset(dependents_modules())
    return by_the_clock | {name for name in graph if name.rpartition(".")[0] in following}


def without_page(known: Mapping[str, Module], graph: Mapping[Name, Collection[Name]]) -> set[Name]:
    """The changing services that no page offers and that somebody has to ask for."""
    return changing(known, graph) - begun_by(graph, "core.pages.") - by_themselves(graph)


def api_writes() -> Iterator[tuple[str, Name]]:
    """Each write of the API: its method and address, and the function that answers it."""
    for module in modules_below("core.api"):
        for handler in declared_in(module.__name__):
            yield from _written(handler)


def _written(handler: HTTPRouteHandler) -> Iterator[tuple[str, Name]]:
    for method in sorted(_WRITES & handler.http_methods):
        for path in sorted(handler.paths):
            yield f"{method} {path}", f"{handler.fn.__module__}.{handler.fn.__name__}"


def services_of(handler: Name, graph: Mapping[Name, Collection[Name]], services: Collection[Name]) -> set[Name]:
    """The services that a route calls itself, also over the small functions of its module."""
    own = {name: graph[name] for name in graph if name.startswith(handler.rpartition(".")[0])}
    return reached(own, [handler]) & set(services)


def routes_without_page(known: Mapping[str, Module], graph: Mapping[Name, Collection[Name]]) -> dict[str, set[Name]]:
    """The writes of the API that call no changing service, and those with a service that no page offers."""
    services, offered = changing(known, graph), begun_by(graph, "core.pages.") | set(WITHOUT_PAGE)
    found = {}
    for address, handler in api_writes():
        called = services_of(handler, graph, services)
        if not called or called - offered:
            found[address] = called - offered
    return found


def test_every_changing_service_has_a_page_or_a_reason_why_none() -> None:
    lacking = without_page(KNOWN, GRAPH)
    assert sorted(lacking - set(WITHOUT_PAGE)) == [], "build its page, or say here why it has none"
    assert sorted(set(WITHOUT_PAGE) - lacking) == [], "the service is gone or has a page: remove the line"


def test_every_write_of_the_api_has_a_page_or_a_reason_why_none() -> None:
    assert routes_without_page(KNOWN, GRAPH).keys() == ROUTES_WITHOUT_PAGE.keys()


@pytest.mark.parametrize("reason", [*WITHOUT_PAGE.values(), *ROUTES_WITHOUT_PAGE.values()])
def test_a_reason_says_why(reason: str) -> None:
    assert len(reason) >= _SHORTEST_REASON
    assert reason.endswith(".")
    assert not _LAME.search(reason)


_PLANTED = """
from core.db.session import OfficeSession
from core.sanctions.models import Ban


def pardon(session: OfficeSession, ban: Ban) -> None:
    _strike(session, ban)


def look(session: OfficeSession) -> Ban | None:
    return session.get(Ban, None)


def _strike(session: OfficeSession, ban: Ban) -> None:
    session.delete(ban)
"""
_PLANTED_PAGE = """
from core.sanctions import pardons


def pardon_page(session):
    return {"pardon": pardons.pardon}
"""


def test_a_new_service_without_a_page_is_found_and_with_one_is_not() -> None:
    service, page = "core.sanctions.pardons", "core.pages.sanctions.pardons"
    planted = {**KNOWN, service: call_graph.read(_PLANTED, service)}
    graph = GRAPH | call_graph.references(planted, of=[service])
    assert without_page(planted, graph) - without_page(KNOWN, GRAPH) == {f"{service}.pardon"}
    planted[page] = call_graph.read(_PLANTED_PAGE, page)
    graph |= call_graph.references(planted, of=[page])
    assert without_page(planted, graph) == without_page(KNOWN, GRAPH)


def test_a_write_of_the_api_whose_page_is_gone_is_found() -> None:
    without_pages = {name: used for name, used in GRAPH.items() if not name.startswith("core.pages.sanctions.")}
    assert "POST /sanction-cases/{case_id:uuid}/decide" in routes_without_page(KNOWN, without_pages)
