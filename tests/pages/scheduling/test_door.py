"""The door's list and worker by HTTP: what a phone is given to keep, and what it is not."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from core.db.base import new_id
from core.db.session import OfficeSession, Role
from core.plugin_api import Grade
from core.scheduling.models.plans import Plan
from tests.browser.examined import qualified
from tests.browser.exams import _place, _seat
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY, OTHER_CITY, at
from tests.pages.results.test_results import _send
from tests.pages.scheduling.test_leaving import DOOR


@dataclass(frozen=True)
class Doors:
    """A candidate at one site of a sitting, and the staff on site."""

    web: Web
    examiner: Caller
    sitting: UUID
    site: UUID

    @property
    def path(self) -> str:
        """The address of the door."""
        return f"/exams/day/{self.sitting}"

    def kept(self, **asked: str) -> dict[str, Any]:
        """The list as a phone fetches it."""
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        found: dict[str, Any] = self.web.look(self.examiner, f"{self.path}/list?{query}").json()
        return found


@pytest.fixture
def doors(web: Web) -> Doors:
    """The morning of an exam with one candidate."""
    examiner = web.staff(Role.EXAMINER, CITY)
    _, case = qualified(Town("http://127.0.0.1", web), Grade.FIVE)
    with OfficeSession(web.platform.engine, actor=DOOR, now=at(3, 25)) as session, session.begin():
        session.execute(
            update(Plan).where(Plan.state == "published").values(state="superseded", superseded_at=at(3, 25))
        )
        site, sitting = _place(session, new_id().hex[-6:].upper())
        _seat(session, UUID(case), site, sitting)
    web.clock.set(at(6, 22, 8, 20))
    return Doors(web, examiner, sitting, site)


def test_a_phone_keeps_the_list_of_its_door_and_of_nobody_else(doors: Doors) -> None:
    kept = doors.kept()
    [person] = kept["people"]
    assert set(person) == {"number", "name", "room", "seat", "state", "noted", "remark", "suspended"}
    assert re.fullmatch(r"[^（]+（.{4}）", person["name"])
    assert (kept["site"], kept["erase"][:16]) == (str(doors.site), "2024-06-23T00:00")
    assert kept["keys"] == list(doors.web.platform.paper_keys.public)
    assert doors.kept(site=str(doors.site))["version"] == kept["version"]
    elsewhere = doors.web.look(doors.examiner, f"{doors.path}/list?site={new_id()}")
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (404, "no_such_door")
    stranger = doors.web.staff(Role.EXAMINER, OTHER_CITY)
    assert doors.web.look(stranger, f"{doors.path}/list").status_code == 404
    page = doors.web.look(doors.examiner, doors.path).text
    assert f"{kept['version']}" in page


def test_the_version_of_a_list_changes_with_its_tickets_and_not_with_its_notes(doors: Doors) -> None:
    kept = doors.kept()
    [person] = kept["people"]
    note = {"client_id": str(new_id()), "number": person["number"], "sitting_id": str(doors.sitting)}
    note |= {"noted_at": at(6, 22, 8, 10).isoformat(), "noted_by": kept["officer"]["id"], "kind": "arrived"}
    [said] = _send(doors.web, doors.examiner, f"{doors.path}/arrivals", notes=json.dumps([note])).json()
    assert said["outcome"] == "came"
    after = doors.kept()
    assert (after["people"][0]["state"], after["version"]) == ("present", kept["version"])
    colleague = doors.web.staff(Role.EXAMINER, CITY)
    [said] = _send(doors.web, colleague, f"{doors.path}/arrivals", notes=json.dumps([note])).json()
    assert said["outcome"] == "not_yours"


def test_what_the_worker_keeps_names_nobody(doors: Doors) -> None:
    web, name = doors.web, doors.kept()["people"][0]["name"]
    worker = web.look(doors.examiner, "/exams/day/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert worker.headers["cache-control"] == "no-cache"
    build = json.loads(re.search(r"const BUILD = (\{.*\});", worker.text)[1])  # type: ignore[index]
    shell = web.look(doors.examiner, build["shell"])
    assert shell.headers["permissions-policy"] == "camera=(self)"
    assert shell.headers["cache-control"] == "no-store"
    officer = doors.kept()["officer"]["name"]
    for text in (worker.text, shell.text):
        assert all(private not in text for private in (name.partition("（")[0], officer, "_csrf", "X-CSRF-Token"))
    assert all(web.client.get(address).status_code == 200 for address in build["files"])
    linked = set(re.findall(r'"(/static/[^"]+)"', shell.text))
    assert linked == set(build["files"])
