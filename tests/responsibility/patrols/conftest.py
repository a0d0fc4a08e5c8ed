"""An office that patrols: its staff with accounts, a site of its own, one of its county, and a course."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import pytest

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.identity.service import issue_account
from core.plugin_api import Grade, OfficeCode
from core.responsibility.models import PatrolFinding, PatrolReply
from core.responsibility.patrols import findings, queries, service, visits
from core.responsibility.patrols.kinds import FindingKind, FindingState, Severity
from core.responsibility.patrols.visits import FindingForm
from core.scheduling.sites.service import SiteForm, register_site
from core.scheduling.training import service as training
from core.scheduling.training.service import CourseForm, Mode
from tests.cases import CITY, COUNTY, PROVINCE, YEAR, Season, at

FIRST = date(YEAR, 6, 22)


@dataclass
class Patrols:
    """What the tests of this folder do, in the words of those who do it."""

    season: Season
    places: dict[str, str] = field(default_factory=dict)
    actors: dict[tuple[str, str], Actor] = field(default_factory=dict)

    def actor(self, office: OfficeCode, role: Role, who: str = "first") -> Actor:
        """A member of the staff of an office, with an account; always the same one."""
        key = (office, f"{role}-{who}")
        if key not in self.actors:
            # The accounts of an office are often issued by the one above.
            with self.season.as_system(PROVINCE) as session:
                account = issue_account(
                    session,
                    login=f"patrol-{new_id()}",
                    name=f"测试{who}",
                    role=role,
                    valid_from=at(1, 2),
                    office_id=office,
                )
                self.actors[key] = Actor(account.id, account.name, role, office_id=office)
        return self.actors[key]

    @contextmanager
    def at_work(self, office: OfficeCode, role: Role, who: str = "first") -> Iterator[OfficeSession]:
        """Somebody of the staff at work."""
        actor = self.actor(office, role, who)
        with self.season.as_office(office, actor=actor) as session:
            yield session

    @contextmanager
    def supervisor(self, who: str = "supervisor") -> Iterator[OfficeSession]:
        """A supervisor of the city."""
        with self.at_work(CITY, Role.CITY_SUPERVISOR, who) as session:
            yield session

    @contextmanager
    def member(self, who: str = "member") -> Iterator[OfficeSession]:
        """A member of the patrol: an examiner of the city."""
        with self.at_work(CITY, Role.EXAMINER, who) as session:
            yield session

    @contextmanager
    def county(self) -> Iterator[OfficeSession]:
        """The officer of the county whose site is visited."""
        with self.at_work(COUNTY, Role.COUNTY_REVIEWER) as session:
            yield session

    def site(self, office: OfficeCode) -> str:
        """A site of the office, in use from June to September."""
        form = SiteForm(f"P{len(self.places)}", "测试巡视考点", "测试路1号", date(YEAR, 6, 1), date(YEAR, 9, 30))
        with self.at_work(office, Role.SCHEDULER) as session:
            return f"site:{register_site(session, YEAR, form).id}"

    def planned(self, *places: str, day: date = FIRST, who: str = "member") -> UUID:
        """A patrol of the city with one member."""
        account = self.actor(CITY, Role.EXAMINER, who).account_id
        with self.supervisor() as session:
            patrol = service.plan_patrol(session, YEAR, purpose="测试重点", members=[account], place=places[0], day=day)
            for place in places[1:]:
                service.add_visit(session, patrol.id, place, day)
            return patrol.id

    def visit(self, patrol: UUID, number: int = 0) -> UUID:
        """One visit of a patrol."""
        with self.supervisor() as session:
            return queries.tell(session, patrol).visits[number].visit.id

    def arrived(self, patrol: UUID, moment: datetime | None = None) -> UUID:
        """The first visit of a patrol, which has arrived there."""
        visit = self.visit(patrol)
        self.season.now = moment or at(6, 22, 10)
        with self.member() as session:
            visits.arrive(session, visit, self.season.now)
        return visit

    def found(self, visit: UUID, **changed: object) -> UUID:
        """Something found there, to be put in order by 25 June."""
        said: dict[str, object] = {
            "client_id": new_id(),
            "facts": "第二考场监控有盲区（测试）",
            "ordered": "当天调整",
            "answer_by": date(YEAR, 6, 25),
        }
        form = FindingForm(FindingKind.MONITORING, Severity.MAJOR, **(said | changed))  # type: ignore[arg-type]
        with self.member() as session:
            return visits.record_finding(session, visit, form).id

    def answered(self, finding: UUID, text: str = "已调整摄像头（测试）") -> None:
        """The county says what it did."""
        with self.county() as session:
            findings.answer_finding(session, finding, text, new_id())

    def stands(self, finding: UUID) -> FindingState:
        """Where a finding stands."""
        with self.season.as_auditor() as session:
            return FindingState(session.get_one(PatrolFinding, finding).state)

    def lines(self, finding: UUID) -> list[PatrolReply]:
        """What was said about a finding."""
        with self.season.as_auditor() as session:
            return list(queries.replies_of(session, [finding])[finding])


@pytest.fixture
def patrols(season: Season) -> Patrols:
    """What stands before each test."""
    return patrols_of(season)


def patrols_of(season: Season) -> Patrols:
    """The invented province in May, with a site in the city, one in its county, one of the center, and a course."""
    season.now = at(5, 20)
    made = Patrols(season)
    for name, office in (("city", CITY), ("county", COUNTY), ("center", PROVINCE)):
        made.places[name] = made.site(office)
    course = CourseForm(
        "测试培训班", Mode.PLACE, "测试培训学校", at(6, 1), at(6, 5, 17), frozenset({Grade.FIVE}), frozenset(), None
    )
    with made.at_work(CITY, Role.SCHEDULER) as session:
        made.places["course"] = f"course:{training.set_course(session, YEAR, course).id}"
    return made
