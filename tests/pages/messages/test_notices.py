"""A notice that asks somebody to act leads to the page of the act, and names the person whom it is about."""

import ast
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from litestar.routes import HTTPRoute

from core.db.session import OfficeSession, Role, system_actor
from core.domain.permissions import holders
from core.messages.kinds import KIND_LABELS
from core.messages.service import Recipient, notify
from core.pages.messages.ways import OFFICE_WAYS, UNIT_WAYS, Way, way_of
from core.settings import ROOT
from tests.callers import Caller, Web
from tests.cases import CITY, COUNTY, YEAR
from tests.pages.applications.test_papers_on_behalf import send

KNOWN = {*OFFICE_WAYS, *UNIT_WAYS, *KIND_LABELS}
BY_VARIABLE = {
    *("mark_corrected", "mark_correction_refused", "marks_withdrawn", "certificate_reissue_refused"),
    *("reminder.owed", "manager_form_accepted", "manager_form_returned"),
    *("patrol_answered", "patrol_asked_again", "patrol_finding_settled"),
    *("factor_removal_proposed", "factor_removal_waits", "factor_removal_refused"),
}
"""Kinds that their service holds in a variable."""
WAYS = {
    f"{table}-{kind}": way
    for table, found in (("office", OFFICE_WAYS), ("unit", UNIT_WAYS))
    for kind, listed in found.items()
    for way in listed
}


def kinds_in_the_code() -> Iterator[str]:
    """A pattern for each kind that a service gives a notice."""
    for path in sorted((ROOT / "core").rglob("*.py")):
        if "simulate" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"notify", "_notify", "notify_each"}:
                yield from (_pattern(word.value) for word in node.keywords if word.arg == "kind")


def _pattern(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return re.escape(str(value.value))
    if isinstance(value, ast.JoinedStr):
        return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else "[a-z_]+" for part in value.values)  # type: ignore[arg-type]
    return ""


def test_every_kind_of_notice_leads_somewhere_or_is_for_people_alone() -> None:
    patterns = set(kinds_in_the_code()) - {""}
    assert [pattern for pattern in sorted(patterns) if not any(re.fullmatch(pattern, kind) for kind in KNOWN)] == []
    stale = [
        kind
        for kind in {*OFFICE_WAYS, *UNIT_WAYS} - BY_VARIABLE
        if not any(re.fullmatch(pattern, kind) for pattern in patterns)
    ]
    assert stale == []


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_whoever_is_offered_a_way_may_open_its_page(web: Web, way: Way) -> None:
    plain = re.sub(r"\{\w+\}", "0", way.address)
    found = [
        handler
        for route in web.client.app.routes
        if isinstance(route, HTTPRoute) and re.fullmatch(re.sub(r"\{\w+:\w+\}", "[^/]+", route.path), plain)
        for handler in route.route_handlers
        if handler.opt.get("page")
    ]
    exact = [handler for handler in found if not any("{" in path for path in handler.paths)] or found
    assert exact, way.address
    assert holders(way.permissions) <= exact[0].opt["roles"]


def test_without_the_thing_or_the_case_no_way_is_offered() -> None:
    asked = {"permissions": OFFICE_WAYS["sanction_propose"][0].permissions, "case": None}
    assert way_of(OFFICE_WAYS, "sanction_propose", event_key="sanction.propose", **asked) is None  # type: ignore[arg-type]
    assert way_of(OFFICE_WAYS, "supervision", event_key="x", **asked) is None  # type: ignore[arg-type]
    assert way_of(OFFICE_WAYS, "no_such_kind", event_key="x", **asked) is None  # type: ignore[arg-type]


def _things(web: Web, case: str, applicant: Caller) -> dict[str, str]:
    """For the beginning of an address: the id of a real thing below it."""
    reviewer, head = web.staff(Role.CITY_REVIEWER), web.staff(Role.CITY_SUPERVISOR)
    asked = {"kind": "slip", "value": "测试更正名", "reason": "同音字（测试）", "evidence": "居民身份证（测试）"}
    suspected = {"application_id": case, "facts": "学历存疑（测试）", "evidence": []}
    form = {"name": "测试管理员", "sex": "male", "department": "人事科", "post": "科员"}
    form |= {"office_phone": "0379-60000000", "mobile": "13900001234"}
    found = web.staff(Role.COUNTY_REVIEWER, COUNTY).get("/delegations", office=COUNTY).json()
    return {
        "/identity/": applicant.post("/identity-corrections", asked).json()["id"],
        "/sanctions/": reviewer.post("/sanction-cases", suspected).json()["id"],
        "/filings/": head.post("/filings/registration-summary", {"year": YEAR}).json()["id"],
        "/manager-forms/": reviewer.post(f"/units/{web.unit()}/manager-forms", form).json()["id"],
        "/delegations/": found[0]["id"],
    }


def test_every_notice_of_an_office_opens_its_page_and_names_the_person(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    things = _things(web, flow.id, flow.applicant)
    name = web.staff(Role.CITY_REVIEWER).get(flow.path).json()["person_name"]
    told = {
        kind: next((made for begin, made in things.items() if ways[0].address.startswith(begin)), "")
        for kind, ways in OFFICE_WAYS.items()
    }
    possible = {kind: made for kind, made in told.items() if made or "{id}" not in OFFICE_WAYS[kind][0].address}
    assert len(possible) > 30
    platform = web.platform
    with OfficeSession(platform.engine, actor=system_actor(CITY), now=platform.clock()) as session, session.begin():
        for kind, made in possible.items():
            notify(
                session,
                Recipient(office_id=CITY),
                event_key=f"planted.{kind}:{made}",
                office_id=CITY,
                kind=kind,
                title=f"通知{kind}",
                body="请办理。",
                application_id=UUID(flow.id),
            )
    opened = set()
    for role in (Role.CITY_REVIEWER, Role.CITY_SUPERVISOR, Role.SCHEDULER, Role.EXAMINER):
        officer = web.staff(role)
        page = web.look(officer, "/notices").text
        planted = re.findall(r'<li class="panel[^"]*">\s*<h2>通知([\w.]+).*?</li>', page, re.DOTALL)
        assert set(planted) == set(possible)
        listed = [part for part in page.split('<li class="panel')[1:] if "<h2>通知" in part]
        assert all(name in part for part in listed)
        for address in sorted(
            {found for part in listed for found in re.findall(r'<a class="btn" href="([^"]+)"', part)}
        ):
            assert web.look(officer, address).status_code == 200, (role, address)
        opened |= {kind for kind, part in zip(planted, listed, strict=True) if '<a class="btn"' in part}
    assert opened == set(possible)


def test_all_notices_are_marked_as_read_up_to_the_newest_that_was_shown(web: Web) -> None:
    unit_id = web.unit()
    manager = web.staff(Role.UNIT_MANAGER, unit_id=unit_id)

    def tell(event: str) -> None:
        platform = web.platform
        with OfficeSession(platform.engine, actor=system_actor(CITY), now=platform.clock()) as session, session.begin():
            recipient, key = Recipient(unit_id=unit_id), f"planted.{event}:{unit_id}"
            notify(session, recipient, event_key=key, office_id=CITY, kind="planted", title=event, body="请查看。")

    def page() -> str:
        return str(web.look(manager, "/notices").text)

    assert "全部标为已读" not in page()
    tell("第一条")
    tell("第二条")
    (newest,) = re.findall(r'name="newest"\s+value="([^"]+)"', page())
    tell("第三条")
    assert send(web, manager, "/notices/read", "/notices", newest=newest).status_code == 303
    assert re.findall(r"<h2>(第.条) <span", page()) == ["第三条"]
    unknown = send(web, manager, "/notices/read", "/notices", newest="x")
    assert (unknown.status_code, "请从列表中选择" in unknown.text) == (422, True)
