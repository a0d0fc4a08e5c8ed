"""The invented province with a city that lets its county review: cases in flight between the two, for tests.

QINGHE is the city, HEYUAN its county. What the county's file delegates is cancelled, so that a test proposes its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select

from core.applications.forms import ApplicationDraft
from core.applications.models import Application
from core.applications.moves import Step, move, open_for_change
from core.applications.service import Applicant, open_draft
from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role, UnitSession
from core.delegation import service
from core.delegation.models import Delegation, PendingHandover
from core.delegation.queries import authority_of
from core.delegation.scope import DELEGABLE, Scope
from core.delegation.service import CaseChoice, Terms
from core.domain.workflow import Action
from core.plugin_api import ApplicationPath, DelegationMode, Grade, OfficeCode
from core.tenancy.offices import Offices
from tests.cases import KEYS, YEAR, at, linshui_offices
from tests.linshui import HEYUAN, QINGHE, Linshui

START = at(3, 22)


def terms(**changes: object) -> Terms:
    """What a delegation of both stages says that is to take effect at once."""
    said: dict[str, object] = {
        "instrument": "清河测试〔2024〕9号",
        "mode": DelegationMode.ENTRUSTED,
        "scope": Scope(DELEGABLE),
        "effective_from": START,
    }
    return Terms(**{**said, **changes})  # type: ignore[arg-type]


class Entrusted(Linshui):
    """The province, a clock that goes on by a minute with each act, and the county's unit."""

    now: datetime = START
    unit_id: UUID
    below: frozenset[UUID] = frozenset()
    made: int = 0

    def tick(self, **more: float) -> datetime:
        """A later moment: a minute, unless more is said."""
        self.now += timedelta(**(more or {"minutes": 1}))
        return self.now

    def prepare(self) -> None:
        """Register the county's unit, and cancel what the county's file delegated."""
        self.unit_id = self.add_unit(QINGHE, START, local=HEYUAN)
        with self.office(QINGHE, START) as session:
            for delegation in session.scalars(select(Delegation).where(Delegation.to_office_id == HEYUAN)).all():
                service.cancel(session, delegation.id, reason="测试另行提出")

    def case(self, *, onsite: bool = True, grade: Grade = Grade.FIVE) -> UUID:
        """A case of the county's unit that the city has before it for qualification review."""
        self.made += 1
        person_id = self.add_person(self.made, self.now)
        draft = ApplicationDraft(grade=grade, path=ApplicationPath.LADDER, trade="LS-1")
        with self.person(person_id, self.tick()) as session:
            applicant = Applicant(person_id, f"测试甲{self.made:04d}", f"{self.made:04d}")
            case = open_draft(session, applicant, year=YEAR, unit_id=self.unit_id, draft=draft)
            route = ["qualification_review", "onsite_confirmation"]
            changes = {"round": 1, "route": route, "onsite_needed": onsite, "submitted_at": session.now}
            move(session, case, Step(Action.SUBMIT, changes=changes))
            return case.id

    def delegation(self, **changes: object) -> UUID:
        """A delegation of the city to the county that is pending."""
        with self.office(QINGHE, START) as session:
            return service.propose(session, HEYUAN, terms(**changes)).id

    def in_force(self, **changes: object) -> UUID:
        """A delegation of the city to the county that has taken effect; the open cases have moved."""
        made = self.delegation(**changes)
        with self.office(QINGHE, self.tick()) as session:
            service.take_effect(session, made)
        return made

    def take_back(self, delegation_id: UUID, cases: CaseChoice = CaseChoice.MOVE, **exceptions: object) -> int:
        """The city ends the delegation."""
        with self.office(QINGHE, self.tick()) as session:
            return service.take_back(session, delegation_id, cases=cases, reason="测试收回", **exceptions)  # type: ignore[arg-type]

    def transfer(self, office: OfficeCode, case_id: UUID, receiver: str, delegation_id: UUID | None) -> None:
        """An office asks the database to put another in charge."""
        with self.office(QINGHE, self.now) as owner:
            application = owner.get_one(Application, case_id)
        with self.office(office, self.tick()) as session:
            service.transfer(session, application, receiver, delegation_id, "test")

    @contextmanager
    def officer(self, office: OfficeCode) -> Iterator[OfficeSession]:
        """A reviewer of an office, another person each time, so that no one decides two stages."""
        actor = Actor(new_id(), "测试审查人员", Role.CITY_REVIEWER, office_id=office)
        with OfficeSession(self.connection, actor=actor, now=self.tick()) as session, session.begin():
            yield session

    @contextmanager
    def unit(self) -> Iterator[UnitSession]:
        """The manager of the county's unit."""
        actor = Actor(new_id(), "测试单位管理员", Role.UNIT_MANAGER, unit_id=self.unit_id)
        with (
            UnitSession(self.connection, actor=actor, now=self.tick(), unit_ids=self.below) as session,
            session.begin(),
        ):
            yield session

    def act(self, office: OfficeCode, case_id: UUID, action: Action) -> None:
        """An officer of the office in charge decides, by the delegation that the office has the case by."""
        with self.officer(office) as session:
            case = open_for_change(session, case_id)
            reason = "" if action in {Action.APPROVE, Action.CONFIRM} else "测试理由"
            move(session, case, Step(action, reason=reason, delegation_id=authority_of(session, case_id)))

    def waiting_handovers(self) -> int:
        """How many cases wait to be handed over, as the owner sees them."""
        with self.office(QINGHE, self.now) as session:
            return session.scalar(select(func.count()).select_from(PendingHandover)) or 0

    def row(self, case_id: UUID) -> tuple[str, str]:
        """The office in charge of a case, and its state, as the owner sees them."""
        with self.office(QINGHE, self.now) as session:
            wanted = select(Application.handler_office_id, Application.state).where(Application.id == case_id)
            handler, state = session.execute(wanted).one()
            return handler, state


@pytest.fixture(scope="session")
def offices() -> Offices:
    return linshui_offices()[0]


@pytest.fixture
def world(loaded_engine: Engine) -> Iterator[Entrusted]:
    with loaded_engine.connect() as connection, connection.begin() as transaction:
        world = Entrusted(connection, KEYS)
        world.prepare()
        yield world
        transaction.rollback()
