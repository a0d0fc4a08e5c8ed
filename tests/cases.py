"""Applications of the invented province of ``tests/offices``, brought where a test needs them by the real services.

All sessions share one connection, which the fixture rolls back; each is a savepoint that ends with its block. Who
speaks to PostgreSQL is who began last, so one session ends before the next begins.
"""

import atexit
import io
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, create_engine

from core.applications import service as applications
from core.applications.editions import edition_of
from core.applications.forms import ApplicationDraft
from core.applications.models import Application, Move
from core.applications.queries import findings, story
from core.applications.rules.document import RuleDocument
from core.applications.service import Applicant
from core.clock import SHANGHAI, SettableClock
from core.db.base import new_id
from core.db.database import Databases
from core.db.session import (
    ANONYMOUS,
    Actor,
    AuditorSession,
    CaseSession,
    OfficeSession,
    OperatorSession,
    PersonSession,
    ProvinceSession,
    PublicSession,
    Role,
    SignInSession,
    SystemSession,
    UnitSession,
    system_actor,
)
from core.delegation.loading import load
from core.delegation.service import due_work
from core.documents.service import upload
from core.documents.storage import DocumentStore
from core.domain.identity_number import simulated
from core.domain.workflow import State
from core.identity.service import claim_person
from core.organizations.models import Unit
from core.organizations.service import register_unit
from core.platform import Platform
from core.plugin_api import Grade, OfficeCode, Severity, Sex
from core.reviews import service as reviews
from core.reviews.decisions.items import each_item
from core.reviews.replay import keep_texts
from core.reviews.settlements import Answer, settle_findings
from core.reviews.submission import foreseen, lacking_papers, submit
from core.security.keys import FileKeys
from core.security.pdf_signatures import create_pdf_certificates
from core.security.signatures import PaperKeys, RecordKeys, create_signing_keys
from core.settings import ROOT, Settings
from core.simulate.people import assessments, career
from core.simulate.scans import scan
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from tests.factories import RULES

YEAR = 2024
OFFICES = ROOT / "tests" / "offices"
PROVINCE = OfficeCode("linshui")
CITY = OfficeCode("linshui/qinghe")
COUNTY = OfficeCode("linshui/qinghe/heyuan")
OTHER_CITY = OfficeCode("linshui/yunshan")
_ENCRYPTION, _LOOKUP = bytes(range(32)), bytes(range(32, 64))
KEYS = FileKeys(1, {1: _ENCRYPTION}, _LOOKUP)
RECORD_KEYS = RecordKeys((Ed25519PrivateKey.from_private_bytes(bytes(range(32))),))
PAPER_KEYS = PaperKeys((Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))),))
_ROLES = {
    PROVINCE: Role.PROVINCIAL_OFFICER,
    CITY: Role.CITY_REVIEWER,
    COUNTY: Role.COUNTY_REVIEWER,
    OTHER_CITY: Role.CITY_REVIEWER,
}


def at(month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A moment of the season in Shanghai, at nine in the morning where nothing else is said."""
    return datetime(YEAR, month, day, hour, minute, second, tzinfo=SHANGHAI)


def linshui_offices() -> tuple[Offices, RuleDocument]:
    """The invented offices with their plugins, and the rule document that their season names."""
    catalogue = load_catalogue(OFFICES)
    return Offices(catalogue, build_hooks(catalogue)), RULES


def load_linshui(databases: Databases, offices: Offices) -> None:
    """Rows for the offices, their first calendars and the one delegation, which takes effect on the season's eve."""
    load_offices(databases, offices.catalogue, at(3, 18))
    app = create_engine(databases.app_url)
    with SystemSession(app, actor=system_actor(CITY), now=at(3, 18)) as session, session.begin():
        due_work(session)
    app.dispose()


def load_offices(databases: Databases, catalogue: Catalogue, now: datetime) -> None:
    """Rows for the offices and their season, with its rule document, and commit."""
    owner, app = create_engine(databases.owner_url), create_engine(databases.app_url)
    load(owner, app, catalogue, now=now)
    with owner.begin() as connection:
        keep_texts(connection, [RULES], now)
    owner.dispose()
    app.dispose()


@cache
def pdf_certificates() -> Path:
    """A folder with certificates that sign PDFs, made once for all tests of a process."""
    folder = Path(tempfile.mkdtemp(prefix="kaowu-pdf-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    create_pdf_certificates(folder, now=datetime(2024, 1, 1, tzinfo=SHANGHAI))
    return folder


def platform_at(
    now: datetime,
    databases: Databases,
    engine: Engine,
    *,
    offices: tuple[Offices, RuleDocument],
    folder: Path,
    **settings: object,
) -> Platform:
    """The platform over a database of the invented province, its clock standing at ``now``, its papers in ``folder``.

    Allowances only come back with time, so that there are enough of them unless ``settings`` say otherwise.
    """
    settings.setdefault("keys_dir", pdf_certificates())
    plenty = dict.fromkeys(("registrations_per_minute", "sign_ins_per_minute", "uploads_per_minute"), 10**6)
    return Platform(
        settings=Settings.load(data_dir=folder, **{**plenty, **settings}),
        databases=databases,
        engine=engine,
        offices=offices[0],
        rules={YEAR: offices[1]},
        keys=KEYS,
        record_keys=RECORD_KEYS,
        paper_keys=PAPER_KEYS,
        documents=DocumentStore(folder / "documents"),
        clock=SettableClock(now),
    )


def answers(grade: Grade = Grade.FIVE, **changed: Any) -> dict[str, Any]:
    """The answers of an applicant who meets every condition of ``grade`` in the season's rule document."""
    usual = career(grade, random.Random(7), year=YEAR, trade="LS-1")  # noqa: S311 - invented people, not a secret
    return {**usual, "staff_category": "regular", "grade": grade, **changed}


def uncertain() -> dict[str, Any]:
    """The answers of an applicant of whom a rule asks the office something."""
    return answers(regularised_on=None)


def unfiled() -> dict[str, Any]:
    """The answers of an applicant without the last annual assessment on file, so that a paper has to follow."""
    return answers(Grade.FOUR, assessments=assessments(YEAR, unfiled=True))


@dataclass(frozen=True)
class Case:
    """One application with its applicant, unit and department."""

    id: UUID
    person: Actor
    unit: UUID
    department: UUID | None


def write_keys(folder: Path) -> None:
    """``KEYS`` as files, for a command on a database whose values they have sealed, with signing keys of their own."""
    create_signing_keys(folder)
    for name, key in (("encryption-1.key", _ENCRYPTION), ("lookup.key", _LOOKUP)):
        (folder / name).write_text(key.hex())


@dataclass
class Season:
    """The invented province at work on one connection. ``now`` is the moment of every session that begins."""

    connection: Connection
    offices: Offices
    rules: RuleDocument
    store: DocumentStore
    now: datetime = field(default_factory=lambda: at(3, 25))
    _actors: dict[tuple[str, str], Actor] = field(default_factory=dict)
    _people: int = 0

    @property
    def folder(self) -> Path:
        """The folder that holds the files of the store."""
        assert isinstance(self.store, DocumentStore)
        return self.store.folder

    def officer(self, office: OfficeCode, who: str = "online") -> Actor:
        """An officer of an office; the same name is the same account. A city's ``supervisor`` supervises."""
        role = Role.CITY_SUPERVISOR if who == "supervisor" and office != COUNTY else _ROLES[office]
        made = Actor(new_id(), f"测试{who}员", role, office_id=office)
        return self._actors.setdefault((office, who), made)

    def reviewer(self, unit_id: UUID, who: str = "manager", *, role: Role = Role.UNIT_MANAGER) -> Actor:
        """A reviewer of a unit, or in that role of a department."""
        made = Actor(new_id(), f"测试{who}员", role, unit_id=unit_id)
        return self._actors.setdefault((str(unit_id), who + role), made)

    @contextmanager
    def as_person(self, actor: Actor) -> Iterator[PersonSession]:
        """An applicant at work."""
        with PersonSession(self.connection, actor=actor, now=self.now) as session, session.begin():
            yield session

    @contextmanager
    def as_unit(self, unit_id: UUID, *below: UUID, actor: Actor | None = None) -> Iterator[UnitSession]:
        """A unit's manager at work, or a department's reviewer with the units ``below`` it."""
        role = Role.DEPARTMENT_REVIEWER if below else Role.UNIT_MANAGER
        speaker = actor or self.reviewer(unit_id, role=role)
        with UnitSession(self.connection, actor=speaker, now=self.now, unit_ids=below) as session, session.begin():
            yield session

    @contextmanager
    def as_office(
        self, office: OfficeCode, who: str = "online", *, actor: Actor | None = None
    ) -> Iterator[OfficeSession]:
        """An officer at work."""
        speaker = actor or self.officer(office, who)
        with OfficeSession(self.connection, actor=speaker, now=self.now) as session, session.begin():
            yield session

    @contextmanager
    def as_system(self, office: OfficeCode) -> Iterator[SystemSession]:
        """The season's clock at work for an office."""
        with SystemSession(self.connection, actor=system_actor(office), now=self.now) as session, session.begin():
            yield session

    @contextmanager
    def as_province(self, who: str = "center") -> Iterator[ProvinceSession]:
        """The provincial center as everybody's supervisor."""
        actor = self.officer(PROVINCE, who)
        with ProvinceSession(self.connection, actor=actor, now=self.now) as session, session.begin():
            yield session

    @contextmanager
    def as_auditor(self) -> Iterator[AuditorSession]:
        """The province's auditor."""
        actor = Actor(new_id(), "测试审计员", Role.PROVINCIAL_AUDITOR)
        with AuditorSession(self.connection, actor=actor, now=self.now) as session, session.begin():
            yield session

    @contextmanager
    def as_operator(self) -> Iterator[OperatorSession]:
        """The operator of the machine."""
        actor = Actor(new_id(), "测试运维员", Role.OPERATOR, office_id=PROVINCE)
        with OperatorSession(self.connection, actor=actor, now=self.now) as session, session.begin():
            yield session

    @contextmanager
    def signing_in(self) -> Iterator[SignInSession]:
        """A visitor before the sign-in."""
        with SignInSession(self.connection, actor=ANONYMOUS, now=self.now) as session, session.begin():
            yield session

    @contextmanager
    def as_public(self) -> Iterator[PublicSession]:
        """The public."""
        with PublicSession(self.connection, actor=ANONYMOUS, now=self.now) as session, session.begin():
            yield session

    def add_person(self) -> Actor:
        """Register the next invented person."""
        self._people += 1
        name = f"测试甲{self._people:04d}"
        number = simulated(self._people, date(1980, 5, 6), Sex.MALE)
        with self.signing_in() as session:
            person_id = claim_person(session, id_number=number, name=name, phone=None, keys=KEYS)
        return Actor(new_id(), name, Role.APPLICANT, person_id=person_id)

    def add_unit(self, office: OfficeCode = CITY, *, below: UUID | None = None) -> UUID:
        """Register a unit in the area of an office; without a unit above it is its own department."""
        owner = self.offices.catalogue.city_of(office)
        with self.as_office(office) as session:
            return register_unit(
                session,
                name=f"测试单位{new_id().hex}",
                affiliation="local",
                office_id=owner,
                local_office_id=office,
                parent_id=below,
            ).id

    def draft(
        self,
        office: OfficeCode = CITY,
        filled: Mapping[str, Any] | None = None,
        *,
        department: bool = False,
        person: Actor | None = None,
        unit: UUID | None = None,
        papers: bool = True,
    ) -> Case:
        """A complete draft with its papers, in ``unit`` or a new one of the office, if asked with a ``department``."""
        above = self.add_unit(office) if department else None
        unit_id = unit or self.add_unit(office, below=above)
        applicant = person or self.add_person()
        assert applicant.person_id is not None
        form = ApplicationDraft.model_validate(dict(filled or answers()))
        with self.as_person(applicant) as session:
            who = Applicant(applicant.person_id, applicant.name, "0000")
            case_id = applications.open_draft(session, who, year=YEAR, unit_id=unit_id, draft=form).id
        case = Case(case_id, applicant, unit_id, above)
        if papers:
            self.upload_required(case)
        return case

    def upload_required(self, case: Case) -> None:
        """Upload a made-up scan of every paper without which the form as it is could not be submitted."""
        with self.as_person(case.person) as session:
            application = session.get_one(Application, case.id)
            judged = foreseen(session, application, offices=self.offices, rules=self.rules)
        for paper in lacking_papers(judged):
            self.upload(case, paper.code)

    def upload(self, case: Case, material: str) -> UUID:
        """Upload a made-up scan."""
        with self.as_person(case.person) as session:
            return upload(
                session,
                case.id,
                material=material,
                file_name=f"{material}.png",
                content=io.BytesIO(scan(material)),
                store=self.store,
                keys=KEYS,
                limits=self.offices.config(CITY).documents,
                scan=lambda _document: (),
            ).id

    def save(self, case: Case, filled: Mapping[str, Any], *, edition: str | None = None) -> Application:
        """Replace the form, having seen its present edition unless another is given."""
        with self.as_person(case.person) as session:
            seen = edition or edition_of(session.get_one(Application, case.id))
            draft = ApplicationDraft.model_validate(filled)
            return applications.save_draft(session, case.id, draft, edition=seen)

    def submit(self, case: Case, *, version: int | None = None) -> State:
        """Submit, or submit again."""
        with self.as_person(case.person) as session:
            made = submit(session, case.id, offices=self.offices, rules=self.rules, version=version)
            return State(made.state)

    def submitted(self, office: OfficeCode = CITY, filled: Mapping[str, Any] | None = None, **more: Any) -> Case:
        """A case that its unit has before it."""
        case = self.draft(office, filled, **more)
        self.submit(case)
        return case

    def at_office(self, office: OfficeCode = CITY, filled: Mapping[str, Any] | None = None, **more: Any) -> Case:
        """A case that the office in charge has before it."""
        case = self.submitted(office, filled, **more)
        self.approve_at_unit(case)
        return case

    def approve_at_unit(self, case: Case, *, actor: Actor | None = None) -> State:
        """The unit agrees."""
        with self.as_unit(case.unit, actor=actor) as session:
            return State(
                reviews.approve(session, case.id, offices=self.offices, items=each_item(session, case.id)).state
            )

    def approve_at_office(self, case: Case, office: OfficeCode = CITY, who: str = "online") -> State:
        """The office settles what the rules ask, and agrees."""
        with self.as_office(office, who) as session:
            self.settle(session, case)
            return State(
                reviews.approve(session, case.id, offices=self.offices, items=each_item(session, case.id)).state
            )

    def settle(self, session: OfficeSession, case: Case) -> None:
        """Answer every finding that asks."""
        round_ = session.get_one(Application, case.id).round
        asked = [finding for finding in findings(session, case.id, round_) if finding.severity == Severity.ASKS]
        settle_findings(session, case.id, [Answer(finding.id, True, "已核对人事档案") for finding in asked])

    def look(self, case: Case) -> Application:
        """The case as the center sees it now, or the applicant where it is still a draft."""
        with self.as_person(case.person) as session:
            return session.get_one(Application, case.id)

    @staticmethod
    def look_in(session: CaseSession, case: Case) -> Application:
        """The case as the actor of a session sees it."""
        return session.get_one(Application, case.id)

    def story(self, case: Case) -> list[Move]:
        """Every move of the case so far."""
        with self.as_person(case.person) as session:
            return story(session, case.id)

    def unit_of(self, case: Case) -> Unit:
        """The unit in which the case began."""
        with self.as_public() as session:
            return session.get_one(Unit, case.unit)
