"""What waits in the demonstration, for each role, worked off to nothing by links and forms alone.

Everybody reads their menu, opens what waits, and does the act that its page offers: yes and no in turn, until nothing
waits for anybody, or a page says for whom it waits. Once the yes comes first, once the no.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from core.app import create_app
from core.applications.models import Application
from core.db.session import SYSTEM_ACCOUNT, Actor, AuditorSession, OfficeSession, Role, SignInSession
from core.domain.permissions import OFFICE_ROLES
from core.domain.workflow import State
from core.oversight.earlier_queries import Open, work_of_season
from core.pages.earlier_work import ways_to
from core.platform import Platform, open_platform
from core.settings import Settings
from core.simulate.demo.accounts import who_waits
from core.simulate.demo.exams import OWN_COPY
from core.simulate.demo.season import YEAR
from core.simulate.invariants import violations
from core.web.page.navigation import MENUS
from tests.links import LinkBrowser
from tests.simulate.conftest import copy_of
from tests.simulate.officer_at_work import OfficerAtWork, SignedIn, signed_in
from tests.simulate.ways import STAYS, WAYS

AUDITOR = Actor(SYSTEM_ACCOUNT, "演示", Role.PROVINCIAL_AUDITOR)
SYSTEM = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)
NO_LISTS = frozenset({Role.APPLICANT, Role.PROVINCIAL_AUDITOR, Role.OPERATOR})
"""Roles whose menus count nothing: their pages are in tests of their own."""
MOST_ROUNDS = 9
NOTICES = frozenset({"/notices"})
AFTER_A_YES = frozenset({"/exams/papers"})
"""Where something waits only after a yes: tickets after a published plan."""


def named_in(platform: Platform) -> list[str]:
    """The accounts that the demonstration prints when it starts."""
    now = platform.clock()
    with (
        AuditorSession(platform.engine, actor=AUDITOR, now=now) as auditor,
        SignInSession(platform.engine, actor=SYSTEM, now=now) as accounts,
    ):
        return [person.login for person in who_waits(auditor, accounts)]


@dataclass
class Demonstration:
    """The demonstration with everybody who has part in it; ``turns`` counts what was done at each line."""

    platform: Platform
    client: TestClient[Litestar]
    backwards: bool
    turns: Counter[str] = field(default_factory=Counter)
    buttons: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.people: Mapping[str, SignedIn] = signed_in(self.platform)
        self.copy = (self.platform.settings.data_dir / OWN_COPY).read_bytes()
        self.named = set(named_in(self.platform))

    def at_work(self, login: str) -> OfficerAtWork:
        """Somebody before their first page."""
        files = {"您的成绩表": self.copy}
        return OfficerAtWork(self.client, self.people[login], self.turns, files, self.backwards)

    def colleagues(self) -> list[str]:
        """Those whom the demonstration names, then others who have something to do; once in these offices alone."""
        working = [person for person in self.people.values() if person.role not in NO_LISTS]
        if self.backwards:
            shown = {self.people[login].actor.office_id for login in self.named}
            working = [person for person in working if person.login in self.named or person.actor.office_id in shown]
        named = [person.login for person in working if person.login in self.named]
        return named + [person.login for person in working if person.login not in self.named and self._waits(person)]

    def _waits(self, person: SignedIn) -> bool:
        """Whether something waits for one of the many of whom the demonstration tells nothing."""
        if person.role not in OFFICE_ROLES:
            return False
        with OfficeSession(self.platform.engine, actor=person.actor, now=self.platform.clock()) as session:
            return bool(work_of_season(session, YEAR, current=True))

    def work_off(self) -> None:
        """Everybody in turn does what waits for them, until a whole round brings nothing forward."""
        done: list[tuple[str, str, str]] = []
        for _ in range(MOST_ROUNDS):
            done.clear()
            for login in self.colleagues():
                # A notice is read by each of an office's officers for all: those who are named read theirs.
                for line, button in self.at_work(login).work(but=frozenset() if login in self.named else NOTICES):
                    self.buttons.add((line, button))
                    done.append((login, line, button))
            if not done:
                return
        pytest.fail(f"work is still done after {MOST_ROUNDS} rounds: {done}")


@pytest.fixture(scope="module", params=[False, True], ids=["yes first", "no first"])
def demonstration(
    request: pytest.FixtureRequest, made_demo: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demonstration]:
    settings = copy_of(made_demo, tmp_path_factory.mktemp("worked"))
    with open_platform(settings) as platform, TestClient(create_app(platform)) as client:
        yield Demonstration(platform, client, request.param)


def test_nothing_waits_in_the_end_but_what_a_page_says_to_wait_for_somebody_else(demonstration: Demonstration) -> None:
    before = {login: demonstration.at_work(login).waiting() for login in sorted(demonstration.named)}
    idle = {login for login, waiting in before.items() if not waiting.keys() - NOTICES}
    assert {demonstration.people[login].role for login in before.keys() - idle} >= MENUS.keys() - NO_LISTS
    demonstration.work_off()
    for login in demonstration.colleagues():
        officer = demonstration.at_work(login)
        for line, count in officer.waiting().items():
            if login in demonstration.named or line not in NOTICES:
                said = officer.said_at(line)
                if STAYS.get(line, "…") not in said:
                    pytest.fail(f"{count} at {line} of {login}: {said}")
    # Both halves of the work were there to be done, and nothing that must hold was broken by it.
    assert WAYS.keys() - demonstration.turns.keys() <= (AFTER_A_YES if demonstration.backwards else set())
    with AuditorSession(demonstration.platform.engine, actor=AUDITOR, now=demonstration.platform.clock()) as session:
        assert violations(session, year=YEAR, closed=False) == []


def test_every_kind_of_work_has_its_way() -> None:
    # Nobody in the demonstration has a second factor, which would shut its reader out of the account; the archive of an
    # ended season is walked in test_end_of_year.py.
    lines = {way.line for way in ways_to(dict.fromkeys(set(Open) - {Open.FACTOR, Open.ARCHIVE}, 1), YEAR)}
    assert lines - WAYS.keys() == set()


def test_applicants_finish_and_correct_by_links_alone(demonstration: Demonstration) -> None:
    platform = demonstration.platform
    with AuditorSession(platform.engine, actor=AUDITOR, now=platform.clock()) as session:
        found = select(Application.person_id, Application.state).where(Application.year == YEAR)
        states = {str(person): state for person, state in session.execute(found)}
    asked = [login for login in sorted(demonstration.named) if demonstration.people[login].role is Role.APPLICANT]
    sent = []
    for login in asked:
        browser = LinkBrowser(demonstration.client, demonstration.people[login].token)
        browser.open("/my")
        ways = [link for words in ("改好了，核对并重新提交", "核对并提交") for link in browser.links(words)]
        if ways:
            browser.follow(ways[0])
            (button,) = [button for button in browser.main.all("button") if "提交" in button.text]
            browser.press(button, {"本人承诺": "是"})
            assert not browser.refusal(), browser.refusal()
            sent.append(login)
    assert len(sent) == len([state for state in (State.DRAFT, State.RETURNED) if state.value in states.values()])
