"""An office of made-up people: marked on every page, and in no figure, filing or calendar of the province."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, update

from core.db.base import new_id
from core.db.session import Role
from core.errors import Conflict, NotFound
from core.plugin_api import OfficeCode
from core.simulate.practice import reset
from core.tenancy.models import Office
from core.web.authentication.cookies import SESSION
from tests.browser.town import Town
from tests.callers import API, Caller, Web
from tests.cases import CITY, OTHER_CITY, PROVINCE, YEAR
from tests.links import read
from tests.reading import pages_of

CASES = ("/supervision/cases",)
MARK = "演练机构：本页的人员和数据都是虚构的"


@pytest.fixture
def practice(web: Web) -> Iterator[Web]:
    """The neighbouring city practises during the test."""
    with _practising(web, OTHER_CITY):
        yield web


@contextmanager
def _practising(web: Web, code: OfficeCode) -> Iterator[None]:
    owner = create_engine(web.platform.databases.owner_url)
    with owner.begin() as connection:
        connection.execute(update(Office).where(Office.id == code).values(practice=True))
    yield
    with owner.begin() as connection:
        connection.execute(update(Office).values(practice=False))
    owner.dispose()


def test_every_page_of_a_practice_office_says_so_and_no_other_does(practice: Web) -> None:
    trainee = practice.staff(Role.CITY_SUPERVISOR, OTHER_CITY)
    for path in ("/season", "/filings", "/delegations", "/season/calendar", "/notices"):
        assert MARK in practice.look(trainee, path).text, path
    assert MARK not in practice.look(practice.staff(Role.CITY_SUPERVISOR, CITY), "/season").text


def test_a_practice_office_stands_in_no_figure_of_the_province(practice: Web) -> None:
    center = practice.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    offices = [line["office"] for line in center.get("/monitoring", year=YEAR).json()]
    assert offices == [PROVINCE, CITY]
    owed = {duty["office"] for duty in center.get("/duties", year=YEAR).json()}
    assert owed == {CITY}
    assert "云山" not in practice.client.get("/calendar").text


def test_a_practice_office_files_nothing(practice: Web) -> None:
    answer = practice.staff(Role.CITY_SUPERVISOR, OTHER_CITY).post("/filings/registration-summary", {"year": YEAR})
    assert (answer.status_code, answer.json()["error"]) == (403, "practice_office")


def test_a_practice_office_publishes_no_list_and_its_certificates_are_not_real(web: Web) -> None:
    town = Town("", web)
    out = town.awards["award_out"]
    (made,) = town.person("certified").get("/certificates").json()
    asked = {"number": made["number"], "name": made["name"]}

    def seen() -> tuple[bool, int, int, str]:
        listed = [publication["id"] for publication in web.client.get(f"{API}/publications").json()]
        lines = web.client.get(f"{API}/publications/{out}/lines").status_code
        page = web.client.get(f"/published/{out}", headers={"Accept": "text/html"}).status_code
        standing = web.client.post(f"{API}/certificates/verify", json=asked).json()["standing"]
        return out in listed, lines, page, standing

    def printed() -> str:
        headers = {"Cookie": f"{SESSION}={web.session_of(town.person('certified'))}"}
        return pages_of(web.client.get(f"/certificates/own/{made['id']}/pdf", headers=headers).content)[0]

    sample = "演练样张，不是证书"
    assert (seen(), sample in printed()) == ((True, 200, 200, "valid"), False)
    with _practising(web, CITY):
        assert (seen(), sample in printed()) == ((False, 404, 404, "unknown"), True)


def test_an_emergency_of_a_practice_office_rings_at_home_alone(practice: Web) -> None:
    said = {"year": YEAR, "client_id": str(new_id()), "kind": "power", "severity": "grave", "facts": "演练停电"}
    said["happened_at"] = practice.clock().isoformat()
    examiner, supervisor = (practice.staff(role, OTHER_CITY) for role in (Role.EXAMINER, Role.CITY_SUPERVISOR))
    center = practice.staff(Role.PROVINCIAL_OFFICER, PROVINCE)

    def told(officer: Caller) -> tuple[int, int]:
        page = practice.look(officer, "/notices").text
        counted = re.search(r'突发事件 <span class="count">(\d+)<', page)
        return page.count("突发事件：网络或电力中断"), int(counted[1]) if counted else 0

    before, at_home = told(center), told(supervisor)
    made = examiner.post("/emergencies", said).json()["id"]
    titles, waiting = told(supervisor)
    assert (titles > at_home[0], waiting) == (True, at_home[1] + 1)
    assert told(center) == before
    # Nothing is left open for other tests.
    for who, way in ((examiner, "conclude"), (supervisor, "close")):
        words = {"client_id": str(new_id()), "text": "演练结束"}
        assert who.post(f"/emergencies/{made}/{way}", words).status_code == 200


def test_made_up_people_of_a_practice_office_stand_in_no_figure_and_are_withdrawn_by_the_next_reset(
    practice: Web,
) -> None:
    center = practice.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    of_center = ("/board", "/board/filings", "/board/exams", "/season/years", "/season/unfinished", *CASES)

    def seen() -> dict[str, object]:
        pages = {path: main_of(practice.look(center, path).text) for path in of_center}
        public = {path: main_of(practice.client.get(path).text) for path in ("/", "/calendar", "/published")}
        figures = {path: center.get(path, year=YEAR).json() for path in ("/monitoring", "/duties")}
        return {**pages, **public, **figures}

    def changed() -> list[str]:
        return [path for path, shown in seen().items() if shown != before[path]]

    before = seen()
    done = reset(practice.platform, OTHER_CITY, people=4)
    assert (done.filed, changed()) == (4, [])
    reviewer = practice.staff(Role.CITY_REVIEWER, OTHER_CITY)
    desk = practice.look(reviewer, "/desk").text
    assert (MARK in desk, len(set(re.findall(r"测试.11\d{5}", desk)))) == (True, 3)
    again = reset(practice.platform, OTHER_CITY, people=1)
    assert (again.withdrawn >= 4, changed()) == (True, [])
    # A real applicant does not find its units.
    start = practice.look(practice.applicant(), "/my/start?unit=模拟").text
    assert "模拟云山" not in start


def test_only_an_office_that_practises_gets_made_up_people(practice: Web) -> None:
    with pytest.raises(Conflict, match="不是演练机构"):
        reset(practice.platform, CITY, people=1)
    with pytest.raises(NotFound, match="没有找到机构"):
        reset(practice.platform, OfficeCode("linshui/nowhere"), people=1)


def main_of(page: str) -> str:
    """What is read on a page, without its header and menu."""
    return next(iter(read(page).all("main"))).text
