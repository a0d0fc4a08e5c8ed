"""Every route at once: who is let in by role, that nobody is without a token, and that every write can be repeated."""

from collections.abc import Iterator

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from core.db.session import Role
from core.web.reference import MadeOnce
from core.web.routes import declared_in, modules_below
from tests.callers import API, Caller, Web, address_of
from tests.cases import CITY, COUNTY, PROVINCE

PUBLIC = {
    ("GET", "/api/v1/offices"),
    ("GET", "/api/v1/seasons"),
    ("GET", "/api/v1/seasons/{year:int}"),
    ("GET", "/api/v1/calendars"),
    ("GET", "/api/v1/calendars/versions"),
    ("GET", "/api/v1/calendars/outside"),
    ("GET", "/api/v1/papers/public-keys"),
    ("GET", "/api/v1/tickets/verify"),
    ("POST", "/api/v1/registrations"),
    ("POST", "/api/v1/registrations/{code_id:uuid}/confirm"),
    ("POST", "/api/v1/password-resets"),
    ("POST", "/api/v1/password-resets/{code_id:uuid}/confirm"),
    ("POST", "/api/v1/sign-in"),
    ("GET", "/api/v1/publications"),
    ("GET", "/api/v1/publications/{publication_id:uuid}/lines"),
    ("POST", "/api/v1/publications/{publication_id:uuid}/objections"),
    ("POST", "/api/v1/certificates/verify"),
}
"""What anybody may ask without a token, spelled out: a new route does not get here by forgetting something."""

ONCE_BY_THEMSELVES = {
    ("post", f"/api/v1/{path}")
    for path in (
        *("registrations", "registrations/{code_id}/confirm", "password-resets", "password-resets/{code_id}/confirm"),
        *("sign-in", "sign-in/second-factor", "sign-out", "password"),
        *("publications/{publication_id}/objections", "certificates/verify"),
        *("session/role", "sessions/{session_id}/end", "sessions/end-others"),
        *("second-factor", "second-factor/confirm", "second-factor/recovery-codes", "second-factor/remove"),
    )
}
"""Writes without an ``Idempotency-Key``: nobody is known yet, or the answer is a secret that is not to be kept."""

OFFICES = {
    Role.COUNTY_REVIEWER: COUNTY,
    Role.PROVINCIAL_OFFICER: PROVINCE,
    Role.PROVINCIAL_AUDITOR: PROVINCE,
    Role.OPERATOR: PROVINCE,
}


def routes(web: Web) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Method, path and handler of everything below the API's address."""
    app = web.client.app
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(API):
            for handler in route.route_handlers:
                yield from (
                    (str(method), route.path, handler) for method in handler.http_methods if method != "OPTIONS"
                )


def caller(web: Web, role: Role) -> Caller:
    """A caller with this role and no other."""
    if role is Role.APPLICANT:
        return web.applicant()
    if role in {Role.UNIT_MANAGER, Role.DEPARTMENT_REVIEWER}:
        return web.staff(role, unit_id=web.unit())
    return web.staff(role, OFFICES.get(role, CITY))


def test_every_route_that_is_declared_is_served(web: Web) -> None:
    declared = {str(handler) for module in modules_below("core.api") for handler in declared_in(module.__name__)}
    assert {str(handler) for *_, handler in routes(web)} == declared


def test_only_the_routes_named_here_are_open_to_everybody(web: Web) -> None:
    unguarded = set()
    for method, path, _ in routes(web):
        answer = web.client.request(method, address_of(path), json={})
        if answer.status_code != 401:
            unguarded.add((method, path))
    assert unguarded == PUBLIC


def test_a_role_that_a_route_does_not_name_is_forbidden_before_anything_else(web: Web) -> None:
    callers = {role: caller(web, role) for role in Role if role is not Role.SYSTEM}
    let_through = []
    for method, path, handler in routes(web):
        for role, somebody in callers.items():
            if role in handler.opt.get("roles", callers):
                continue
            headers = {"Authorization": f"Bearer {somebody.token}"}
            answer = web.client.request(method, address_of(path), json={}, headers=headers)
            if (answer.status_code, answer.json()["error"]) != (403, "role_not_allowed"):
                let_through.append((method, path, role.value, answer.status_code))
    assert let_through == []


def test_supervision_is_the_centers_and_its_auditors_alone(web: Web) -> None:
    for role in (Role.APPLICANT, Role.UNIT_MANAGER, Role.COUNTY_REVIEWER, Role.CITY_REVIEWER, Role.CITY_SUPERVISOR):
        somebody = caller(web, role)
        for method, path, _ in routes(web):
            if path.startswith(f"{API}/supervision"):
                headers = {"Authorization": f"Bearer {somebody.token}"}
                assert web.client.request(method, address_of(path), json={}, headers=headers).status_code == 403


def test_every_write_but_those_of_signing_in_takes_an_idempotency_key(web: Web) -> None:
    described = web.client.get("/schema/openapi.json").json()["paths"]
    without = [
        (method, path)
        for path, operations in described.items()
        for method, operation in operations.items()
        if method in {"post", "put", "patch", "delete"}
        and "idempotency-key" not in {parameter["name"].lower() for parameter in operation.get("parameters", [])}
    ]
    assert set(without) == ONCE_BY_THEMSELVES


def test_every_refusal_is_described_by_the_same_schema(web: Web) -> None:
    described = web.client.get("/schema/openapi.json").json()["paths"]
    for path, operations in described.items():
        for method, operation in operations.items():
            assert "422" in operation["responses"], (method, path)
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    schema = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Problem"}, (method, path, status)


def test_each_form_of_the_description_is_made_once(web: Web) -> None:
    forms = web.client.app.openapi_config.render_plugins
    assert {path for form in forms for path in form.paths} == {"/", "/openapi.json", "/openapi.yaml", "/openapi.yml"}
    for form in forms:
        address = f"/schema{sorted(form.paths)[0]}"
        first, again = (web.client.get(address) for _ in range(2))
        assert first.status_code == 200
        assert first.content == again.content
        assert isinstance(form, MadeOnce)
        assert form.render(None, {}) == first.content, "made again for the one who asks later"  # type: ignore[arg-type]
