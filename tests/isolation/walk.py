"""A walk over every route of the application, as everybody, against rows of everybody: what is shown, and what is done.

Everything happens on one connection and is rolled back. It is a superuser's that speaks as the running role, so that it
can put a mark of its own into every personal column of every row, and take the protection of a table away in a test.
A mark that reaches somebody whom it is not for, in a body or a header, is a leak; so is a row of somebody else that
answers an address with success.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.status_codes import HTTP_401_UNAUTHORIZED, HTTP_503_SERVICE_UNAVAILABLE
from litestar.testing import TestClient
from sqlalchemy import Connection, text

from core.db.base import new_id
from core.db.session import Role
from core.identity import deputies
from core.identity.deputies import Leave
from core.identity.service import create_token, issue_account
from core.identity.sign_in.sessions import Lifetimes, Origin, open_session, switch_role
from core.plugin_api import OfficeCode
from core.web.authentication import cookies
from core.web.authentication.csrf import HEADER, token_bound_to
from tests.cases import CITY, COUNTY, KEYS, OTHER_CITY, PROVINCE, YEAR, Case, Season, at
from tests.isolation import matrix
from tests.isolation.direct import Direct, directly

CASES = ("draft", "submitted", "delegated", "taken_back", "elsewhere", "center")
"""The owner's, its subordinate's, its neighbour's, its superior's, one that went back, and one that nobody has yet."""
OFFICE_OF = {
    "draft": CITY,
    "submitted": CITY,
    "delegated": COUNTY,
    "taken_back": CITY,
    "elsewhere": OTHER_CITY,
    "center": PROVINCE,
}
_OF_CITY = {"submitted", "delegated", "taken_back"}
_ALL = set(CASES)

READS: Mapping[str, set[str]] = {
    "nobody": set(),
    "applicant": {"draft", "submitted"},
    "other applicant": {"elsewhere"},
    "unit manager": {"submitted"},
    "other unit manager": {"elsewhere"},
    "department reviewer": {"submitted"},
    "city reviewer": _OF_CITY,
    "deputy": _OF_CITY,
    "city supervisor": _OF_CITY,
    "scheduler": _OF_CITY,
    "examiner": _OF_CITY,
    "other city reviewer": {"elsewhere"},
    "county reviewer": {"delegated", "taken_back"},
    "provincial officer": _ALL,
    "provincial auditor": _ALL,
    "operator": set(),
}
"""The literal table of the readers of each case."""
CHANGES: Mapping[str, set[str]] = {
    **READS,
    "city reviewer": {"submitted", "taken_back"},
    "deputy": {"submitted", "taken_back"},
    "county reviewer": {"delegated"},
    "scheduler": set(),
    "examiner": set(),
    "provincial auditor": set(),
}
"""The cases that each asker may change. An office reads a case that has left it and cannot change it."""

FOR_ALL = {
    "/api/v1/units/{unit_id:uuid}": "The directory of units is for all.",
    "/units/{unit_id:uuid}": "The directory of units is for all; acts and managers are shown to their offices alone.",
    "/api/v1/units/{unit_id:uuid}/names": "The directory of units is for all.",
    "/manager-forms/new/{unit_id:uuid}": "The directory of units is for all; its office alone files a form for a unit.",
    "/api/v1/delegations/{delegation_id:uuid}": "Who acts for whom by which paper is published.",
    "/unit/training/{course_id:uuid}": "Courses are public; a unit sees its own people on their pages alone.",
}
"""Addresses of single rows that are public, with the reason."""
FOR_NOBODY_IN_PARTICULAR = ("/schema", "/static", "/healthz", "/readyz", "/metrics")
"""Routes below these need no sign-in: they are walked without a token, and by one officer who sees everything."""
OF_NO_CASE = {"code_id"}
"""Ids of rows without a person: the codes sent for a registration or a forgotten password."""
OF_THE_MACHINE = {"message_id"}
"""Ids of rows for operators, without personal data: an operator resends a message without seeing it."""
READ_ACTS = {"/api/v1/applications/{application_id:uuid}/reveal"}
"""Requests by POST that only read, because they are recorded with a reason."""
NOTHING = {"[]", "null", '{"items":[],"after":null}'}
"""The answers of a list without rows for the asker."""
OF_AN_OFFICE = {"account_id", "grant_id", "acting_id", "session_id", "delegation_id", "filing_id", "unit_id"}
OF_AN_OFFICE |= {"act_id", "slot_id", "booking_id", "import_id", "check_id", "correction_id", "panel_id", "sheet_id"}
OF_AN_OFFICE |= {"site_id", "room_id", "sitting_id", "course_id", "ticket_id", "part_id", "custody_id", "plan_id"}
OF_AN_OFFICE |= {"request_id", "invigilator_id", "identity_correction_id", "reissue_id", "appeal_id", "inquiry_id"}
OF_AN_OFFICE |= {"striking_id", "view_id", "alarm_id", "emergency_id", "emergency_plan_id"}
OF_AN_OFFICE |= {"handout_id", "view_id", "alarm_id", "emergency_id", "emergency_plan_id"}
OF_AN_OFFICE |= {"view_id", "alarm_id", "emergency_id", "emergency_plan_id"}
OF_AN_OFFICE |= {"patrol_id", "patrol_visit_id", "patrol_finding_id", "accountability_id"}
OF_AN_OFFICE |= {"view_id", "alarm_id", "emergency_id", "emergency_plan_id", "ranking_id", "relation_id", "removal_id"}
"""Ids of an office's rows besides cases: its officers may change them, also while another office has the case."""

PERSONAL: Mapping[str, tuple[str, ...]] = {
    "applications": ("person_name", "id_tail"),
    "moves": ("reason", "actor_name"),
    "findings": ("text",),
    "finding_settlements": ("reason",),
    "documents": ("file_name",),
    "deferrals": ("commitment",),
    "review_items": ("comment",),
    "notices": ("title", "body"),
    "originals": ("title", "received_from"),
    "bans": ("reason",),
    "score_checks": ("reason", "answer"),
    "mark_corrections": ("reason", "evidence"),
    "review_appeals": ("grounds", "answer"),
    "inquiries": ("question", "person_name"),
    "strikings": ("reason",),
}
"""The personal columns of tables whose rows belong to a case; forms and facts are marked inside."""
FORMS = {"applications": "form", "submissions": "facts"}
_MARK = re.compile(r"MK([a-z_]+)Z")
_NAMESPACE = UUID(int=42)


def mark(name: str) -> str:
    """The text in the personal columns of a case's rows."""
    return f"MK{name}Z"


def row_id(table: str, case: str) -> UUID:
    """The id of the row of a table that belongs to a case."""
    return uuid5(_NAMESPACE, f"{table}:{case}")


@dataclass(frozen=True)
class Caller:
    """Somebody, and what is sent along with a request: the headers of a program, and those of a browser."""

    program: Mapping[str, str]
    browser: Mapping[str, str]


@dataclass
class Walk:
    """The requests so far, and their leaks and faults."""

    client: TestClient[Litestar]
    connection: Connection
    callers: Mapping[str, Caller]
    ids: Mapping[str, Mapping[str, UUID]]
    requests: int = 0
    routes: set[tuple[str, str]] = field(default_factory=set)
    leaks: set[tuple[str, ...]] = field(default_factory=set)
    seen: dict[str, set[str]] = field(default_factory=dict)
    broken: set[tuple[str, ...]] = field(default_factory=set)

    def everything(self, askers: Collection[str], *, only: str = "") -> None:
        """Ask every route (below ``only``) as each of the askers, for each case where the address names a row."""
        # On a thread of its own: the browser of other tests may have a loop running on this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(self._everything, askers, only).result()

    def _everything(self, askers: Collection[str], only: str) -> None:
        described = self.client.get("/schema/openapi.json").json()
        with directly(self.client.app) as app:
            for method, path in routes_of(self.client.app):
                if path.startswith(only):
                    self.routes.add((method, path))
                    operation = described["paths"].get(re.sub(r":\w+\}", "}", path), {}).get(method.lower(), {})
                    self._route(app, askers, method, path, operation, described)

    def _route(
        self,
        app: Direct,
        askers: Collection[str],
        method: str,
        path: str,
        operation: dict[str, Any],
        described: dict[str, Any],
    ) -> None:
        names = set(re.findall(r"\{(\w+):uuid\}", path)) - OF_NO_CASE
        in_particular = not path.startswith(FOR_NOBODY_IN_PARTICULAR)
        for who in askers if in_particular else [who for who in askers if who in {"nobody", "provincial officer"}]:
            foreign = foreign_to(who)
            for case in CASES if names else (foreign,):
                address = fill(path, self.ids[case])
                query = {
                    parameter["name"]: self._value(parameter["name"], parameter["schema"], case, described)
                    for parameter in operation.get("parameters", [])
                    if parameter["in"] == "query" and parameter["required"]
                }
                content = operation.get("requestBody", {}).get("content", {}).get("application/json")
                body = self._value("", content["schema"], case, described) if content else None
                if not self._ask(app, who, method, path, case if names else None, address, query, body):
                    break

    def _ask(
        self, app: Direct, who: str, method: str, path: str, case: str | None, address: str, query: Any, body: Any
    ) -> bool:
        """One request in a savepoint of its own, so that nothing done is left for the next."""
        undone = self.connection.begin_nested()
        # The API is asked by a program, a page by a browser, which sends what a form sends.
        by_program, caller = path.startswith("/api/"), self.callers[who]
        sent: dict[str, Any] = (
            {"body": body} if by_program or method == "GET" else {"fields": _form(self.ids[case or foreign_to(who)])}
        )
        headers = caller.program if by_program else caller.browser
        answer = app.request(method, address, query=query, headers=headers, **sent)
        undone.rollback()
        self.requests += 1
        said = answer.text + " ".join(f"{name}: {value}" for name, value in answer.headers)
        found = set(_MARK.findall(said))
        self.seen.setdefault(who, set()).update(found)
        self.leaks |= {(who, method, path, f"shows {owner}") for owner in found - READS[who]}
        # A refusal for the time being is an answer (/readyz, with a clock that stands in another year).
        if answer.status_code >= 500 and answer.status_code != HTTP_503_SERVICE_UNAVAILABLE:
            self.broken.add((who, method, path, str(answer.status_code), answer.text[:200]))
        empty = method == "GET" and answer.text in NOTHING
        if case is not None and answer.is_success and not empty and not self._may(who, method, path, case):
            self.leaks.add((who, method, path, f"{answer.status_code} for {case}"))
        return '"role_not_allowed"' not in answer.text and answer.status_code != HTTP_401_UNAUTHORIZED

    def _may(self, who: str, method: str, path: str, case: str) -> bool:
        if method == "GET" or path in READ_ACTS:
            return case in READS[who] or path in FOR_ALL
        names = set(re.findall(r"\{(\w+):uuid\}", path))
        if who == "provincial officer" or (who == "operator" and names <= OF_THE_MACHINE):
            return True
        return case in (READS if names <= OF_AN_OFFICE and who != "provincial auditor" else CHANGES)[who]

    def _value(self, name: str, schema: dict[str, Any], case: str, described: dict[str, Any]) -> Any:
        """A value that fits a schema; a field named like a row of the case gets that row's id."""
        if "$ref" in schema:
            schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return self._value(name, schema[several][0], case, described)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            given = schema.get("properties", {})
            return {field: self._value(field, given[field], case, described) for field in schema.get("required", [])}
        if kind == "array":
            return [self._value(name.removesuffix("s"), schema.get("items", {}), case, described)] * schema.get(
                "minItems", 0
            )
        if schema.get("format") == "uuid":
            return str(self.ids[case].get(name, new_id()))
        return _plain(name, schema, case)


def foreign_to(who: str) -> str:
    """A case that the asker may not read, or any case for an asker who reads them all."""
    return next((case for case in CASES if case not in READS[who]), CASES[0])


def _form(ids: Mapping[str, UUID]) -> dict[str, str]:
    """The fields of all forms; each page takes its own."""
    return {
        "words": "测试",
        "reason": "测试",
        "remark": "测试",
        "cases": str(ids["application_id"]),
        "grant_id": str(ids["grant_id"]),
    }


def _plain(name: str, schema: dict[str, Any], case: str) -> Any:
    if schema.get("format") == "date-time":
        return at(3, 28).isoformat()
    if schema.get("format") == "date":
        return at(3, 28).date().isoformat()
    if schema.get("type") == "integer":
        return YEAR if name == "year" else schema.get("minimum", 1)
    if schema.get("type") == "boolean":
        return False
    return OFFICE_OF[case] if "office" in name else "测试"


def routes_of(app: Litestar) -> Iterator[tuple[str, str]]:
    """Method and path of every route of the application, pages and files included."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            methods = {str(method) for handler in route.route_handlers for method in handler.http_methods}
            yield from ((method, route.path) for method in sorted(methods - {"OPTIONS", "HEAD"}))


def fill(path: str, ids: Mapping[str, UUID]) -> str:
    """The address of a case's row; a KeyError names the part of a new route that the walk does not know yet."""
    plain = {
        "year:int": str(YEAR),
        "name:str": "base.css",
        "path:str": "openapi.json",
        "code:str": "person",
        "action:str": "reject",
        "act:str": "end",
        "kind:str": "passed",
        "step:str": "publish",
        "verb:str": "hear",
        "said:str": "statement",
        "subject:str": "sanction_case",
        "form_name:str": "filing",
        "part:int": "1",
        "position:int": "1",
        "code:path": f"/{CITY}",
    }
    return re.sub(
        r"/?\{([^}]+)\}",
        lambda part: (
            "/"
            + (plain[part[1]] if not part[1].endswith(":uuid") else str(ids[part[1].removesuffix(":uuid")])).lstrip("/")
        ),
        path,
    )


@contextmanager
def as_superuser(connection: Connection) -> Iterator[Connection]:
    """Work without policies, triggers and keys for the duration of the block."""
    connection.execute(text("RESET SESSION AUTHORIZATION"))
    connection.execute(text("SELECT set_config('role', 'none', true)"))
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    yield connection
    connection.execute(text("SET LOCAL session_replication_role = origin"))
    connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))


def cases(season: Season) -> dict[str, Case]:
    """A case of every kind, by the real services."""
    made = matrix.cases_of_every_kind(season)
    made["center"] = season.at_office(PROVINCE)
    return made


def callers(season: Season, made: Mapping[str, Case]) -> dict[str, Caller]:
    """Somebody of every role, with a token and signed in with a browser; nobody is neither."""
    submitted, elsewhere = made["submitted"], made["elsewhere"]
    issued = {
        "applicant": _applicant(season, submitted),
        "other applicant": _applicant(season, elsewhere),
        "unit manager": _staff(season, Role.UNIT_MANAGER, CITY, submitted.unit),
        "other unit manager": _staff(season, Role.UNIT_MANAGER, OTHER_CITY, elsewhere.unit),
        "department reviewer": _staff(season, Role.DEPARTMENT_REVIEWER, CITY, submitted.department),
        "city reviewer": _staff(season, Role.CITY_REVIEWER, CITY),
        "city supervisor": _staff(season, Role.CITY_SUPERVISOR, CITY),
        "scheduler": _staff(season, Role.SCHEDULER, CITY),
        "examiner": _staff(season, Role.EXAMINER, CITY),
        "other city reviewer": _staff(season, Role.CITY_REVIEWER, OTHER_CITY),
        "county reviewer": _staff(season, Role.COUNTY_REVIEWER, COUNTY),
        "provincial officer": _staff(season, Role.PROVINCIAL_OFFICER, PROVINCE),
        "provincial auditor": _staff(season, Role.PROVINCIAL_AUDITOR, PROVINCE),
        "operator": _staff(season, Role.OPERATOR, PROVINCE),
    }
    known = {who: _caller(season, account_id, secret) for who, (account_id, secret) in issued.items()}
    return {"nobody": Caller({}, _browser(cookies.VISIT, "nobody")), **known, "deputy": _deputy(season)}


def _caller(season: Season, account_id: UUID, secret: str, *, grant_id: UUID | None = None) -> Caller:
    program = {"Authorization": f"Bearer {secret}"} | ({} if grant_id is None else {"X-Kaowu-Grant": str(grant_id)})
    with season.signing_in() as session:
        lifetimes = Lifetimes(timedelta(minutes=30), timedelta(hours=12))
        issued = open_session(
            session, account_id, awaits=None, origin=Origin("127.0.0.1", "测试浏览器"), lifetimes=lifetimes
        )
        if grant_id is not None:
            issued = switch_role(session, issued.id, grant_id)
        return Caller(program, _browser(cookies.SESSION, issued.token))


def _browser(name: str, cookie: str) -> dict[str, str]:
    """What the browser with a cookie sends from a page of ours."""
    return {"Cookie": f"{name}={cookie}", HEADER: token_bound_to(cookie, KEYS), "Sec-Fetch-Site": "same-origin"}


def _applicant(season: Season, case: Case) -> tuple[UUID, str]:
    return _issue(season, Role.APPLICANT, person_id=case.person.person_id)


def _staff(season: Season, role: Role, office: OfficeCode, unit_id: UUID | None = None) -> tuple[UUID, str]:
    place: dict[str, Any] = {"unit_id": unit_id} if unit_id else {"office_id": office}
    return _issue(season, role, office=office, **place)


def _issue(season: Season, role: Role, *, office: OfficeCode | None = None, **place: Any) -> tuple[UUID, str]:
    """An account with its token. Applicants register themselves; offices issue the other accounts."""
    login = f"walk-{new_id().hex}"
    with season.as_system(office) if office else season.signing_in() as session:
        account = issue_account(session, login=login, name="测试行走", role=role, valid_from=season.now, **place)
        return account.id, create_token(session, account.id)


def _deputy(season: Season) -> Caller:
    """Somebody of the city without a role in reviews, who acts for a reviewer on leave."""
    absent, _ = _staff(season, Role.CITY_REVIEWER, CITY)
    deputy, secret = _staff(season, Role.SCHEDULER, CITY)
    with season.as_office(CITY, "supervisor") as session:
        grant = session.execute(text("SELECT id FROM role_grants WHERE account_id = :a"), {"a": absent}).scalar_one()
        login = session.execute(text("SELECT login FROM accounts WHERE id = :a"), {"a": deputy}).scalar_one()
        leave = Leave(season.now, season.now + timedelta(days=60), "休假")
        made = deputies.arrange(session, grant, deputy_login=login, leave=leave)
    return _caller(season, deputy, secret, grant_id=made.id)
