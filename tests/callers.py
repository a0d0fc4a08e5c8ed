"""The web application over a committed database of the invented province, with people who call it by their tokens."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, create_engine

from core.applications.forms import ApplicationDraft
from core.applications.rules.document import RuleDocument
from core.clock import SettableClock
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import ANONYMOUS, Actor, OfficeSession, Role, SignInSession, system_actor
from core.domain.identity_number import simulated
from core.identity.registration import service as registration
from core.identity.service import TokenTerms, create_token, issue_account
from core.identity.sign_in.rate_limits import forget_whole
from core.identity.sign_in.sessions import Awaited, Origin, open_session
from core.organizations.service import register_unit
from core.platform import Platform
from core.plugin_api import OfficeCode, Sex
from core.simulate.scans import scan
from core.tenancy.offices import Offices
from core.web.authentication.cookies import SESSION
from tests.cases import CITY, PROVINCE, YEAR, answers, at, platform_at
from tests.conftest import clone
from tests.serving import client_of

if TYPE_CHECKING:
    from tests.browser.town import Town

API = "/api/v1"
_PEOPLE = itertools.count(1)


@dataclass
class Caller:
    """A program with a token."""

    client: TestClient[Litestar]
    token: str

    def get(self, path: str, **params: Any) -> Any:
        """Ask for something."""
        return self.client.get(API + path, params=params, headers=self._headers())

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Any:
        """Do something, under an ``Idempotency-Key`` if one is given."""
        return self.client.post(API + path, json=body, headers=self._headers(key))

    def decide(self, path: str, action: str, *but: dict[str, Any], **more: Any) -> Any:
        """Decide on an application, whose items are named as correct ``but`` for those given."""
        named = {item["item"] for item in but}
        listed = self.get(f"{path}/items")
        items = listed.json() if listed.status_code == 200 else []
        correct = [{"item": item["item"]} for item in items if item["item"] not in named]
        return self.post(f"{path}/{action}", {"items": [*correct, *but], **more})

    def put(self, path: str, body: object) -> Any:
        """Replace something."""
        return self.client.put(API + path, json=body, headers=self._headers())

    def upload(self, path: str, content: bytes, **params: str) -> Any:
        """Send a file."""
        return self.client.post(API + path, content=content, params=params, headers=self._headers())

    def _headers(self, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | ({} if key is None else {"Idempotency-Key": key})


@dataclass
class Web:
    """The application at work. ``clock`` says when every request arrives."""

    platform: Platform
    client: TestClient[Litestar]
    clock: SettableClock

    def applicant(self, name: str = "") -> Caller:
        """The next invented person, with a proved mobile number; of the usual name unless another is given."""
        number = self.next_number()
        with SignInSession(self.platform.engine, actor=ANONYMOUS, now=self.clock()) as session, session.begin():
            registered = registration.open_account(
                session,
                id_number=simulated(number, date(1980, 5, 6), Sex.MALE),
                name=name or f"测试甲{number:04d}",
                phone="19900000000",
                keys=self.platform.keys,
            )
        return self.caller(registered.account_id)

    def next_number(self) -> int:
        """The number of the next invented person."""
        return next(_PEOPLE)

    def staff(self, role: Role, office: OfficeCode = CITY, unit_id: UUID | None = None) -> Caller:
        """An account with one role, in the office, or in a unit of it."""
        issuer = system_actor(office)
        with OfficeSession(self.platform.engine, actor=issuer, now=at(3, 20)) as session, session.begin():
            account = issue_account(
                session,
                login=f"staff-{uuid.uuid4().hex}",
                name="测试经办员",
                role=role,
                valid_from=at(3, 20),
                office_id=None if unit_id else office,
                unit_id=unit_id,
            )
        return self.caller(account.id)

    def caller(self, account_id: UUID) -> Caller:
        """A caller with a token for an existing account."""
        oneself = Actor(account_id, "测试本人", Role.APPLICANT)
        with SignInSession(self.platform.engine, actor=oneself, now=at(3, 25)) as signing_in, signing_in.begin():
            token = create_token(signing_in, account_id, expires_at=at(3, 25) + TokenTerms().longest)
            return Caller(self.client, token)

    def session_of(self, somebody: Caller, *, awaits: Awaited | None = None) -> str:
        """The token of a browser's session of a caller."""
        account_id = UUID(somebody.get("/me").json()["account_id"])
        with SignInSession(self.platform.engine, actor=ANONYMOUS, now=self.clock()) as session, session.begin():
            origin, lifetimes = Origin("127.0.0.1", "测试浏览器"), self.platform.door.lifetimes
            return open_session(session, account_id, awaits=awaits, origin=origin, lifetimes=lifetimes).token

    def look(self, somebody: Caller, path: str) -> Any:
        """A page as the browser of a caller gets it; a fault of the application is told where it happens."""
        answer = self.client.get(path, headers={"Cookie": f"{SESSION}={self.session_of(somebody)}"})
        assert answer.status_code < 500, (path, answer.status_code, answer.text)
        return answer

    def unit(self, office: OfficeCode = CITY) -> UUID:
        """A unit in the area of an office that is its own department."""
        owner = self.platform.offices.catalogue.city_of(office)
        actor = system_actor(owner)
        with OfficeSession(self.platform.engine, actor=actor, now=at(3, 20)) as session, session.begin():
            return register_unit(
                session,
                name=f"测试单位{uuid.uuid4().hex}",
                affiliation="local",
                office_id=owner,
                local_office_id=office,
            ).id

    def draft(self, applicant: Caller, unit_id: UUID, filled: dict[str, Any] | None = None) -> dict[str, Any]:
        """A complete draft with its papers."""
        body = {"year": YEAR, "unit_id": str(unit_id), "form": as_json(filled or answers())}
        made = applicant.post("/applications", body)
        assert made.status_code == 201, made.text
        self.upload_required(applicant, made.json()["id"])
        return dict(made.json())

    def upload_required(self, applicant: Caller, application_id: str) -> None:
        """Upload a made-up scan of every paper without which a complete form could not be submitted."""
        foreseen = applicant.get(f"/applications/{application_id}/judgement").json()
        asked = [
            paper["code"]
            for paper in foreseen.get("requirements", ({"code": "identity_card"}, {"code": "photo"}))
            if paper.get("required", True) and not paper.get("deferrable")
        ]
        for material in asked:
            path = f"/applications/{application_id}/documents"
            sent = applicant.upload(path, scan(material), material=material, file_name=f"{material}.png")
            assert sent.status_code == 201, sent.text

    def submitted(self, unit_id: UUID | None = None) -> Flow:
        """An application that its unit, or a new one, has before it, and those who have to do with it."""
        unit_id = unit_id or self.unit()
        applicant = self.applicant()
        draft = self.draft(applicant, unit_id)
        answer = applicant.post(f"/applications/{draft['id']}/submit", {"version": draft["version"]})
        assert answer.status_code == 200, answer.text
        return Flow(self, f"/applications/{draft['id']}", applicant, self.staff(Role.UNIT_MANAGER, unit_id=unit_id))


@dataclass
class Flow:
    """One application under way: its address, and who works on it."""

    web: Web
    path: str
    applicant: Caller
    manager: Caller

    @property
    def id(self) -> str:
        """The application's id."""
        return self.path.rsplit("/", 1)[1]

    @property
    def first_job_year(self) -> int:
        """The year of the first job as the form holds it now."""
        return int(self.applicant.get(self.path).json()["form"]["first_job_year"])

    def at_office(self) -> dict[str, Any]:
        """Have the unit agree."""
        answer = self.manager.decide(self.path, "approve")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def as_json(form: dict[str, Any]) -> Any:
    """A filled-in form, as it is sent."""
    return ApplicationDraft.model_validate(form).model_dump(mode="json", exclude_unset=True)


@pytest.fixture(scope="session")
def _web_databases(database_server: EmbeddedServer, worker_id: str, linshui_template: str) -> Iterator[Databases]:
    with clone(database_server, f"kaowu_web_{worker_id}", template=linshui_template) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def _web_engine(_web_databases: Databases) -> Iterator[Engine]:
    """One engine for all tests: a new one would connect, and compile every statement, once more."""
    engine = create_engine(_web_databases.app_url)
    yield engine
    engine.dispose()


@pytest.fixture
def web(
    _web_databases: Databases, _web_engine: Engine, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path
) -> Iterator[Web]:
    """The application on a day on which people register; what others have committed is there as well."""
    with _serving(_web_databases, _web_engine, linshui_offices, tmp_path) as web:
        yield web


@pytest.fixture
def web_alone(
    linshui_database: Databases, linshui_engine: Engine, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path
) -> Iterator[Web]:
    """The same with a database of its own, for what an office has but once, such as its published plan."""
    with _serving(linshui_database, linshui_engine, linshui_offices, tmp_path) as web:
        yield web


@contextmanager
def _serving(
    databases: Databases, engine: Engine, offices: tuple[Offices, RuleDocument], folder: Path
) -> Iterator[Web]:
    platform = platform_at(at(3, 25), databases, engine, offices=offices, folder=folder, simulation=True)
    # Every test begins at the same moment, and with whole allowances.
    forget_whole(engine, at(12, 31))
    with client_of(platform) as client:
        yield Web(platform, client, platform.clock)


@pytest.fixture
def center(web: Web) -> Caller:
    """An officer of the provincial center."""
    return web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)


@pytest.fixture
def supervisor(web: Web) -> Caller:
    """A supervising officer of the city."""
    return web.staff(Role.CITY_SUPERVISOR)


@pytest.fixture
def town(web: Web) -> Town:
    """The people of the pages, without a browser."""
    from tests.browser.town import Town

    return Town("", web)


def address_of(path: str) -> str:
    """An address of a route, with made-up values for its parameters."""
    for kind, value in (("path", "linshui"), ("str", "person"), ("int", "2024"), ("uuid", str(uuid.uuid4()))):
        path = re.sub(rf"\{{\w+:{kind}\}}", value, path)
    return path
