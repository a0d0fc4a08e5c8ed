"""A patrol of the city at a site of its county: it has arrived there, and something was found."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.scheduling.sites.service import SiteForm, register_site
from tests.browser.examined import made
from tests.callers import Caller, Web
from tests.cases import COUNTY, YEAR

if TYPE_CHECKING:
    from tests.browser.town import Town


def site_of_the_county(web: Web) -> tuple[str, str]:
    """A new site of the county that is in use the whole year: as a choice of a form, and its name."""
    name = f"测试巡视考点{web.next_number()}"
    actor, platform = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=COUNTY), web.platform
    form = SiteForm(f"X{new_id()}", name, "测试县城测试路2号", date(YEAR, 1, 1), date(YEAR, 12, 31))
    with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        return f"site:{register_site(session, YEAR, form).id}", name


def account_of(who: Caller) -> str:
    """The account of somebody."""
    found: str = who.get("/me").json()["account_id"]
    return found


def make_patrol(town: Town) -> dict[str, str]:
    """The values of ``{patrol}``, ``{patrol_visit}``, ``{patrol_finding}`` and ``{accountability}``."""
    web, supervisor, member = town.web, town.person("supervisor"), town.person("examiner")
    place, _ = site_of_the_county(web)
    now = web.clock()
    planned = {"year": YEAR, "purpose": "考场标准化、监控全覆盖（测试）", "place": place, "day": now.date().isoformat()}
    patrol = made(supervisor.post("/patrols", planned | {"members": [account_of(member)]}))["id"]
    told = next(one for one in supervisor.get("/patrols", year=YEAR).json() if one["id"] == patrol)
    visit = UUID(told["visits"][0]["id"])
    arrived = member.post(f"/patrols/visits/{visit}/arrive", {"at": now.isoformat()})
    assert arrived.status_code == 200, arrived.text
    found = member.post(
        f"/patrols/visits/{visit}/findings",
        {
            "kind": "monitoring",
            "severity": "major",
            "facts": "第二考场监控有盲区，画面不能覆盖最后一排（测试）",
            "ordered": "当天调整摄像头角度（测试）",
            "answer_by": date(YEAR, 12, 1).isoformat(),
            "client_id": str(new_id()),
        },
    )
    assert found.status_code == 200, found.text
    places = {"patrol": patrol, "patrol_visit": str(visit), "patrol_finding": found.json()["id"]}
    return places | {"accountability": _accuse(supervisor, places["patrol_finding"])}


def _accuse(supervisor: Caller, finding: str) -> str:
    """A case against somebody of the county that follows from the finding; the person has been told."""
    said = {
        "year": YEAR,
        "person": "",
        "name": "测试监考员",
        "post": "监考人员",
        "office": COUNTY,
        "breach": "discipline",
    }
    said |= {"facts": "监考期间擅自离岗（测试）", "origin": "patrol_finding", "origin_id": finding}
    case: str = made(supervisor.post("/accountability-cases", said))["id"]
    told = supervisor.post(f"/accountability-cases/{case}/tell", {"how": "当面送达，本人签收（测试）"})
    assert told.status_code == 200, told.text
    return case
