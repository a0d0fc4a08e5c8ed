"""The printed seat chart, measured on the sheet: who sits beside whom there is what the planner reckoned with."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pypdfium2
import pytest

from core.plugin_api.scheduling import Apart, SeatingPolicy
from core.scheduling.allocation.allocate import allocate
from core.scheduling.allocation.neighbours import neighbours
from core.scheduling.allocation.problem import Candidate, Problem, Room
from core.scheduling.allocation.room_shape import Numbering, RoomShape, shape_of
from core.scheduling.plans.room_sheets import RoomSheet, Sitter, room_sheets
from core.scheduling.sites.room_shapes import change_shape
from core.scheduling.tickets.paper_jobs import Heading
from core.scheduling.tickets.paper_kinds import PaperKind
from core.scheduling.tickets.pdf import PdfPrinter
from tests.cases import PAPER_KEYS, YEAR
from tests.reading import pages_of
from tests.scheduling.allocation.problems import ALL, MORNING, sitting
from tests.scheduling.conftest import Exams, admitted, published

DRAWN = RoomShape(4, 6, frozenset({2}), frozenset({2}), frozenset({(1, 1), (3, 4)}), Numbering.SERPENTINE)
WIDE = RoomShape(3, 14, frozenset({5, 9}), unusable=frozenset({(2, 7)}))
_TOUCHING = 6
"""Points: cells that touch are as far apart as the nearest two of the sheet, but for rounding."""


def sheet_of(shape: RoomShape, units: Mapping[int, str]) -> RoomSheet:
    """A room in which these seats are taken; the ticket number of seat 7 is 90000000007."""
    sitters = tuple(Sitter(seat, _number(seat), "测试甲", "0000", unit, 5, "t") for seat, unit in units.items())
    ends = MORNING + timedelta(hours=1)
    return RoomSheet(UUID(int=1), MORNING, ends, ("岗位技能",), "K01", "测试考点", "第一考场", shape, sitters, ())


def _number(seat: int) -> str:
    return f"9{seat:010}"


def printed(kind: PaperKind, sheet: RoomSheet) -> bytes:
    return PdfPrinter(PAPER_KEYS, ()).rooms(Heading("测试考核办", YEAR, {}), kind, [sheet])


def on_paper(content: bytes, seats: Mapping[int, str]) -> dict[int, tuple[float, float]]:
    """Seat → how far from the left and from the top of the sheet its ticket number begins, in points."""
    found = {}
    document = pypdfium2.PdfDocument(content)
    try:
        [page] = document
        text, height = page.get_textpage(), page.get_height()
        for seat in seats:
            begins, _ = text.search(_number(seat)).get_next()
            left, _, _, top = text.get_charbox(begins)
            found[seat] = (left, height - top)
        text.close()
    finally:
        document.close()
    return found


def touching(places: Mapping[int, tuple[float, float]]) -> dict[int, set[int]]:
    """Seat → the seats whose cells touch its own on the sheet, also at a corner."""
    wide, deep = (_pitch({place[axis] for place in places.values()}) + _TOUCHING for axis in (0, 1))
    return {
        seat: {
            other
            for other, (right, down) in places.items()
            if other != seat and abs(right - here[0]) < wide and abs(down - here[1]) < deep
        }
        for seat, here in places.items()
    }


def _pitch(marks: set[float]) -> float:
    return min(later - earlier for earlier, later in pairwise(sorted(marks)) if later - earlier > 1)


@pytest.mark.parametrize("shape", [shape_of(30, None), DRAWN, WIDE], ids=["default", "drawn", "wide"])
def test_neighbours_on_the_printed_chart_are_those_of_the_planner(shape: RoomShape) -> None:
    units = dict.fromkeys(range(1, shape.seats + 1), "u")
    places = on_paper(printed(PaperKind.SEAT_CHARTS, sheet_of(shape, units)), units)
    assert touching(places) == {seat: set(near) for seat, near in neighbours(shape, Apart.AROUND).items()}


@pytest.mark.parametrize("shape", [shape_of(30, None), DRAWN], ids=["default", "drawn"])
def test_nobody_sits_beside_their_own_unit_on_the_printed_chart(shape: RoomShape) -> None:
    room = Room("r", "site", shape, reserve=1)
    people = tuple(Candidate(f"c{number:02}", "county", f"u{number % 5}", 5, "t") for number in range(20))
    held = sitting("s", 0, ("r",), policy=SeatingPolicy(apart=Apart.AROUND))
    problem = Problem(people, (room,), (held,), {5: ALL})
    allocation = allocate(problem, seed=3)
    assert allocation.figures.neighbours == 0
    units = {placement.seat: problem.candidate[placement.candidate].unit for placement in allocation.placements}
    near = touching(on_paper(printed(PaperKind.SEAT_CHARTS, sheet_of(shape, units)), units))
    assert [(seat, other) for seat in near for other in near[seat] if units[seat] == units[other]] == []


def test_the_door_list_shows_the_room_with_every_seat(exams: Exams) -> None:
    room, _ = exams.rooms(exams.site())
    with exams.at_work() as session:
        change_shape(session, room.id, RoomShape(6, 6, frozenset({3}), unusable=frozenset({(6, 1)})))
    plan_id = published(exams, [admitted(exams)], exams.sitting([room.id]), room)
    with exams.at_work() as session:
        [sheet] = room_sheets(session, plan_id)
    assert (sheet.shape.columns, sheet.shape.seats) == (6, 30)
    [page] = pages_of(printed(PaperKind.DOOR_LISTS, sheet))
    assert "第一考场座位分布讲台（监考席）" + "".join(map(str, range(1, 31))) in page
