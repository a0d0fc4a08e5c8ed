"""The demonstration: the work that waits for each account, its standing clock, and its refusals."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from core.app import create_app
from core.cli import demo as command
from core.clock import system_clock
from core.db.session import SYSTEM_ACCOUNT, Actor, AuditorSession, Role, SignInSession
from core.demo_clock import FILE, IDLE, demo_of, goes_on, keep_demo
from core.domain.workflow import State
from core.errors import ConfigurationError
from core.identity.sign_in.sessions import Origin, open_session
from core.oversight.earlier_queries import Open
from core.oversight.years.unfinished import Unfinished, by_office, unfinished
from core.platform import Platform, open_platform
from core.settings import Settings
from core.simulate.demo import season as demo_season
from core.simulate.demo.accounts import Waits, who_waits
from core.simulate.demo.exams import OWN_COPY
from core.simulate.invariants import violations
from core.web.authentication.cookies import SESSION
from core.web.health import find_faults
from core.web.page.navigation import MENUS
from tests.simulate.conftest import copy_of

AUDITOR = Actor(SYSTEM_ACCOUNT, "演示", Role.PROVINCIAL_AUDITOR)
SYSTEM = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)


@pytest.fixture(scope="module")
def settings(made_demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copy_of(made_demo, tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module")
def platform(settings: Settings) -> Iterator[Platform]:
    with open_platform(settings) as opened:
        yield opened


@pytest.fixture
def people(platform: Platform) -> list[Waits]:
    now = platform.clock()
    with (
        AuditorSession(platform.engine, actor=AUDITOR, now=now) as auditor,
        SignInSession(platform.engine, actor=SYSTEM, now=now) as accounts,
    ):
        return list(who_waits(auditor, accounts))


def test_every_post_of_a_season_has_an_account(people: list[Waits]) -> None:
    assert {person.role for person in people} == set(MENUS)
    assert len({person.account_id for person in people}) == len(people)


def test_something_waits_for_each(people: list[Waits]) -> None:
    nothing = [person.what for person in people if person.what.startswith(("0 ", "nothing", "three", "the seats"))]
    assert nothing == []
    said = {person.login: person.what for person in people}
    assert said["yiyang.online"] == "3 qualification review; 1 inquiry"
    assert said["hebi.examiner"].startswith("a sitting under way, 2 of 3 have come")
    assert said["henan.operator"].startswith("the codes that people wait for")


def test_no_menu_counts_what_its_reader_cannot_bring_forward(people: list[Waits]) -> None:
    said = {person.login: person.what for person in people}
    # Of two cases with papers to follow one has them; of two names one waits for each half.
    assert said["luoyang.online"] == "6 qualification review; 1 provisional; 1 inquiry; 1 identity; 2 form; 1 reissue"
    assert said["luoyang.supervisor"] == "1 appeal; 1 identity; 2 form; 3 sanction; 2 sample"
    # A list that is out only waits for its time; the table of marks waits for the other examiner.
    assert (
        said["xuchang.supervisor"]
        == "1 objection; 1 striking; 1 list; 1 certificate; 1 correction; 1 ranking; 1 reissue; 1 handout"
    )
    # Who works on site reports on an emergency that goes on.
    assert said["hebi.examiner"].endswith("have come: /exams/day; 1 emergency")
    assert said["hebi.second"].endswith("; 1 marks; 1 emergency")
    assert "1 ban; 3 filing" in said["henan.center"]
    # Of two findings of a patrol one is answered; the visit of today is another's.
    assert said["henan.center"].endswith("; 1 patrol")


def test_the_sample_that_waits_is_one_click_from_its_line(platform: Platform, people: list[Waits]) -> None:
    supervisor = next(person for person in people if person.login == "luoyang.supervisor")
    actor = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)
    with SignInSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        origin, lifetimes = Origin("127.0.0.1", "测试浏览器"), platform.door.lifetimes
        token = open_session(session, supervisor.account_id, awaits=None, origin=origin, lifetimes=lifetimes).token
    with TestClient(create_app(platform)) as client:
        page = client.get("/delegations", headers={"Cookie": f"{SESSION}={token}"}).text
    assert re.search(r'<a href="/samples/[0-9a-f-]+">2025年4月1日抽取，2件待办理</a>', page)


def test_every_kind_of_work_that_a_menu_counts_waits_for_somebody(people: list[Waits]) -> None:
    waits = " ".join(person.what for person in people)
    # A unit is told of its own; a season is archived once it has ended; a second factor in the demo would shut its
    # reader out of that account; tickets wait between two steps of an officer, and a season in which somebody sits
    # without one is not whole.
    of_units = {Open.AT_UNIT, Open.TO_SIGN_FOR, Open.TO_FILE}
    wanted = [kind for kind in Open if kind not in {*of_units, Open.ARCHIVE, Open.FACTOR, Open.TICKETS}]
    assert [kind.value for kind in wanted if kind.value.replace("_", " ") not in waits] == []


def test_applications_stand_in_every_state_that_the_demo_shows(platform: Platform) -> None:
    with AuditorSession(platform.engine, actor=AUDITOR, now=platform.clock()) as session:
        there = set(session.scalars(text("SELECT DISTINCT state FROM applications WHERE year = 2025")))
    assert there == {state.value for state in State} - {State.EXPIRED}


PHASES = {
    "marks that wait for the second officer": "SELECT FROM mark_imports WHERE year = 2025 AND state = 'proposed'",
    "a mark that is checked": "SELECT FROM score_checks WHERE state = 'open'",
    "a list in draft": "SELECT FROM publications WHERE year = 2025 AND state = 'draft'",
    "a list out with one objection upheld and one not": (
        "SELECT FROM publications p WHERE state = 'published' AND 2 = (SELECT count(DISTINCT o.state) FROM objections o"
        " WHERE o.publication_id = p.id AND o.state IN ('sustained', 'dismissed'))"
    ),
    "a list withdrawn": "SELECT FROM publications WHERE state = 'withdrawn'",
    "a list corrected": "SELECT FROM publications WHERE state = 'corrected'",
    "a striking in its hearing": "SELECT FROM strikings WHERE state = 'proposed' AND heard_until > :now",
    "a panel that scores with a recusal": (
        "SELECT FROM evaluation_panels p JOIN evaluation_sheets s ON s.panel_id = p.id"
        " WHERE p.state = 'scoring' AND s.state = 'excused'"
    ),
    "a ranking that waits": "SELECT FROM panel_rankings WHERE state = 'proposed'",
    "a batch of certificates": "SELECT FROM certificate_batches WHERE year = 2025 AND state = 'made'",
    "a paper that waits for its receipt": (
        "SELECT FROM certificate_batch_items i JOIN certificate_batches b ON b.id = i.batch_id"
        " WHERE i.state = 'waiting' AND b.state = 'handed_over'"
    ),
    "a paper that came back": "SELECT FROM certificate_batch_items WHERE state = 'returned'",
    "a certificate revoked": "SELECT FROM certificates WHERE year = 2025 AND revoked_at IS NOT NULL",
    "a certificate issued again": "SELECT FROM certificates WHERE year = 2025 AND replaces_id IS NOT NULL",
    "a paper of a sanction to be served": (
        "SELECT FROM sanction_papers p JOIN sanction_cases c ON c.id = p.case_id"
        " WHERE c.state = 'hearing' AND p.served_at IS NULL"
    ),
    "somebody who was heard": (
        "SELECT FROM sanction_cases c JOIN sanction_steps s ON s.case_id = c.id"
        " WHERE c.state = 'hearing' AND s.action = 'finish'"
    ),
    "a sanction under appeal": "SELECT FROM sanction_cases WHERE state = 'appealed'",
    "a year whose closing waits for the second officer": (
        "SELECT FROM season_acts WHERE year = 2024 AND phase = 'closed' AND confirmed_at IS NULL"
    ),
}


@pytest.mark.parametrize("phase", PHASES)
def test_each_phase_of_a_seasons_end_is_there(platform: Platform, phase: str) -> None:
    with AuditorSession(platform.engine, actor=AUDITOR, now=platform.clock()) as session:
        given = {"now": session.now} if ":now" in PHASES[phase] else {}
        assert session.scalar(text(f"SELECT EXISTS ({PHASES[phase]})"), given)


def test_several_offices_left_something_of_a_year_that_closes(platform: Platform) -> None:
    with AuditorSession(platform.engine, actor=AUDITOR, now=platform.clock()) as session:
        left = {office: {one.kind for one in kinds} for office, kinds in by_office(unfinished(session, 2024)).items()}
    assert len([office for office, kinds in left.items() if kinds - {Unfinished.NOT_ARCHIVED}]) >= 3


def test_both_seasons_hold_what_must_hold(platform: Platform) -> None:
    with AuditorSession(platform.engine, actor=AUDITOR, now=platform.clock()) as session:
        assert violations(session, year=2025, closed=False) == []
        assert violations(session, year=2024, closed=False) == []
        assert session.scalar(text("SELECT count(*) FROM certificates")) > 20


def test_the_second_examiner_has_a_copy_to_compare_with(settings: Settings) -> None:
    assert "申报编号".encode("gb18030") in (settings.data_dir / OWN_COPY).read_bytes()


def test_every_page_says_that_it_is_a_demonstration_and_what_time_it_is_there(platform: Platform) -> None:
    with TestClient(create_app(platform)) as client:
        for address in ("/", "/sign-in", "/no-such-page", "/certificates/own"):
            assert "这里的时间是2025年4月2日 09:2" in client.get(address, headers={"Accept": "text/html"}).text, address


def test_the_shifted_clock_is_no_skew_of_the_machine(platform: Platform) -> None:
    assert "clock" not in find_faults(platform)


def test_a_week_without_anybody_is_no_time_in_the_season(settings: Settings) -> None:
    made = demo_of(settings)
    assert made is not None
    keep_demo(settings, replace(made, at=made.at - timedelta(days=7)))
    resumed = command.resume(settings)
    assert demo_season.stands_at() <= resumed.stood < demo_season.stands_at() + IDLE
    assert abs(resumed.clock() - resumed.stood) < timedelta(minutes=1)
    assert demo_of(settings) == resumed


def test_the_season_goes_on_from_the_last_thing_that_was_done(settings: Settings) -> None:
    made = demo_of(settings)
    assert made is not None
    acted = made.stood + timedelta(hours=5)
    later = goes_on(replace(made, at=made.at - timedelta(days=7)), acted)
    assert later.stood == acted
    lately = replace(made, at=system_clock() - timedelta(minutes=10))
    assert goes_on(lately, made.stood) == lately


def test_data_of_a_demonstration_is_served_on_no_other_database(settings: Settings) -> None:
    other = Settings.load(data_dir=settings.data_dir, database_url="postgresql://kaowu_app@localhost/kaowu")
    with pytest.raises(ConfigurationError, match="holds the data of a demonstration"), open_platform(other):
        pass


def test_a_demo_is_never_made_in_a_database_of_ones_own(tmp_path: Path) -> None:
    own = Settings.load(data_dir=tmp_path, database_url="postgresql://kaowu_app@localhost/kaowu")
    with pytest.raises(ConfigurationError, match="unset KAOWU_DATABASE_URL"):
        command.make(own)


def test_a_demo_that_was_broken_off_says_so(tmp_path: Path, settings: Settings) -> None:
    made = demo_of(settings)
    assert made is not None
    half = Settings.load(data_dir=tmp_path, simulation=True)
    keep_demo(half, replace(made, finished=False))
    with pytest.raises(ConfigurationError, match="was broken off while it was made"):
        command.resume(half)


def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"season": 2025}')
    with pytest.raises(ConfigurationError, match="cannot be read"):
        demo_of(Settings.load(data_dir=tmp_path))
