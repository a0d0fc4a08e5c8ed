"""The figures of what waits: equal on every page that shows one, and what waits for units is no office's work."""

import re
from unittest.mock import patch

import pytest
from sqlalchemy import event

from core.db.base import new_id
from core.db.round_trips import ask_planned
from core.db.session import Actor, OfficeSession, Role
from core.domain.permissions import OFFICE_ROLES
from core.oversight import kept_queries
from core.oversight.earlier_queries import work_of_season
from core.web.page.navigation import MENUS
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE, YEAR, Season

_COUNT = re.compile(r'<a href="([^"]*)"[^>]*>[^<]*<span class="count">\s*(\d+)<span class="visually-hidden">件待办')
_ROW = re.compile(r'<th scope="row">(?:<a [^>]*>)?清河市考核办.*?</tr>', re.DOTALL)
_FIGURE = re.compile(r'<td class="num">(\d+)</td>')


def in_menu(web: Web, officer: Caller, path: str) -> dict[str, int]:
    """The figures of the menu on a page, by the address of their line."""
    page = web.look(officer, path)
    assert page.status_code == 200, page.text
    return {address: int(count) for address, count in _COUNT.findall(page.text)}


def of_city(web: Web, officer: Caller, path: str) -> list[int]:
    """The figures of the city in the first table of a page that lists it."""
    found = _ROW.search(web.look(officer, path).text)
    assert found is not None
    return [int(figure) for figure in _FIGURE.findall(found[0])]


def figures(web: Web, reviewer: Caller, supervisor: Caller, center: Caller) -> dict[str, tuple[int, int]]:
    """What waits for units and what for the office, as each page says it."""
    listed = center.get("/monitoring/desks", year=YEAR, office=CITY).json()
    (own,) = (desk for desk in listed if desk["office"] == CITY)
    at_desk = in_menu(web, reviewer, "/desk")
    waiting = at_desk.get("/desk", 0) + at_desk.get("/desk?state=onsite_confirmation", 0)
    chip = re.search(r"资格审查 (\d+)", web.look(reviewer, "/desk").text)
    assert chip is not None
    assert int(chip[1]) == at_desk.get("/desk", 0)
    _, units, office, *_ = of_city(web, center, f"/board/offices/{CITY}")
    seasons = of_city(web, supervisor, "/season")
    return {
        "season": (seasons[0], seasons[1]),
        "office on the board": (units, office),
        "program": (own["at_units"], own["backlog"]),
        "menu": (units, waiting),
    }


def test_what_waits_for_units_is_another_figure_than_what_waits_for_the_office(web: Web) -> None:
    officers = (
        web.staff(Role.CITY_REVIEWER, CITY),
        web.staff(Role.CITY_SUPERVISOR, CITY),
        web.staff(Role.PROVINCIAL_OFFICER, PROVINCE),
    )
    flow = web.submitted()
    at_unit = figures(web, *officers)
    assert len(set(at_unit.values())) == 1, at_unit
    flow.at_office()
    at_office = figures(web, *officers)
    assert len(set(at_office.values())) == 1, at_office
    (units, office), (units_then, office_then) = at_unit["season"], at_office["season"]
    assert (units_then, office_then) == (units - 1, office + 1)
    board = of_city(web, officers[2], "/board")
    assert board[1] >= units_then
    assert board[2] >= office_then


def test_each_kind_of_work_is_the_same_figure_in_every_menu(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    reviewer, center = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    before = in_menu(web, center, "/board")
    asked = {"application_id": flow.id, "facts": "学历证书存疑（测试）", "evidence": []}
    assert reviewer.post("/sanction-cases", asked).status_code == 201
    # Half of the center's pages see its own cases alone: the menu says the same on both.
    on_each = [in_menu(web, center, path) for path in ("/board", "/desk", "/season", "/sanctions")]
    assert all(counts == on_each[0] for counts in on_each)
    assert on_each[0]["/sanctions"] == before.get("/sanctions", 0) + 1
    in_its_city = in_menu(web, supervisor, "/season")
    assert in_its_city == in_menu(web, supervisor, "/sanctions")
    assert f"未办结的违规案件{in_its_city['/sanctions']}件" in web.look(supervisor, "/season").text


def test_the_first_page_lists_what_waits_with_the_way_to_it(web: Web) -> None:
    web.submitted().at_office()
    reviewer = web.staff(Role.CITY_REVIEWER, CITY)
    page, count = web.look(reviewer, "/desk").text, in_menu(web, reviewer, "/desk")["/desk"]
    assert f'<a href="/desk?state=qualification_review&amp;year={YEAR}">待资格审查的申请{count}件</a>' in page
    assert "等您办理的事项" not in web.look(reviewer, "/inquiries").text


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_all_that_waits_for_a_role_is_read_in_one_statement(season: Season, role: Role) -> None:
    made: list[str] = []
    listen = lambda *given: made.append(given[2])  # noqa: E731 - the event's signature
    actor = Actor(new_id(), "测试人员", role, office_id=PROVINCE if role.value.startswith("prov") else CITY)
    # What has a kept plan goes past SQLAlchemy, in a round trip with its settings.
    planned = patch.object(kept_queries, "ask_planned", wraps=ask_planned)
    with OfficeSession(season.connection, actor=actor, now=season.now) as session, session.begin(), planned as asked:
        session.connection()
        event.listen(season.connection, "before_cursor_execute", listen)
        work_of_season(session, YEAR, current=True)
        event.remove(season.connection, "before_cursor_execute", listen)
    assert (made, asked.call_count) == ([], 0 if role in {Role.PROVINCIAL_AUDITOR, Role.OPERATOR} else 1)


def test_every_line_of_a_menu_with_headings_stands_under_one() -> None:
    for role, lines in MENUS.items():
        groups = [line.group for line in lines]
        assert all(groups) or not any(groups), role
        changes = [group for place, group in enumerate(groups) if place == 0 or groups[place - 1] != group]
        assert len(changes) == len(set(changes)), role
