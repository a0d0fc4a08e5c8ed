"""The shape of a room: one picture for planner, screen and paper, and what may be entered."""

import pytest
from hypothesis import given, settings, strategies as st

from core.plugin_api.scheduling import Apart
from core.scheduling.allocation.neighbours import brought_together, neighbours
from core.scheduling.allocation.room_shape import Gap, Numbering, RoomShape, faults, moved, picture, places, shape_of
from tests.scheduling.allocation.problems import shapes

AROUND = {
    Apart.BESIDE: [(0, 1), (0, -1)],
    Apart.CROSS: [(0, 1), (0, -1), (1, 0), (-1, 0)],
    Apart.AROUND: [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right],
}


@settings(max_examples=200, deadline=None)
@given(shapes(), st.sampled_from(Apart))
def test_the_neighbours_of_the_planner_are_those_on_the_picture(shape: RoomShape, apart: Apart) -> None:
    near = neighbours(shape, apart)
    assert {seat: set(others) for seat, others in near.items()} == touching(shape, apart)
    assert all(len(set(others)) == len(others) for others in near.values())


def touching(shape: RoomShape, apart: Apart) -> dict[int, set[int]]:
    """Seat → the seats in the cells that touch its own on the picture; an aisle has cells of its own."""
    cells = {(y, x): cell for y, line in enumerate(picture(shape)) for x, cell in enumerate(line)}
    return {
        seat: {
            other
            for down, right in AROUND[apart]
            if not isinstance(other := cells.get((y + down, x + right), Gap.AISLE), Gap)
        }
        for (y, x), seat in cells.items()
        if not isinstance(seat, Gap)
    }


@given(shapes())
def test_every_seat_stands_once_on_the_picture_in_the_order_of_its_numbers(shape: RoomShape) -> None:
    drawn = [cell for line in picture(shape) for cell in line if not isinstance(cell, Gap)]
    assert sorted(drawn) == list(range(1, shape.seats + 1))
    assert [place[0] for place in places(shape)] == sorted(place[0] for place in places(shape))
    assert len({len(line) for line in picture(shape)}) == 1


@given(shapes(), st.integers(1, 30))
def test_a_shape_is_stored_and_read_back_and_holds_as_many_machines_as_there_are(shape: RoomShape, count: int) -> None:
    assert RoomShape.from_json(shape.as_json()) == shape
    held = shape_of(count, shape.as_json())
    assert held.seats == min(count, shape.seats)
    assert places(held) == places(shape)[:count]


def test_a_room_is_drawn_with_its_aisles_and_unusable_places() -> None:
    shape = RoomShape(2, 3, frozenset({1}), frozenset({1}), frozenset({(1, 3)}), Numbering.SERPENTINE)
    assert picture(shape) == ((1, Gap.AISLE, 2, Gap.UNUSABLE), (Gap.AISLE,) * 4, (5, Gap.AISLE, 4, 3))
    assert neighbours(shape, Apart.AROUND) == {1: (), 2: (), 3: (4,), 4: (3,), 5: ()}


@pytest.mark.parametrize(("machines", "rows", "columns"), [(30, 5, 6), (20, 4, 6), (4, 1, 4)])
def test_a_room_whose_shape_nobody_entered_has_six_columns(machines: int, rows: int, columns: int) -> None:
    shape = shape_of(machines, None)
    assert (shape.rows, shape.columns, shape.seats) == (rows, columns, machines)
    assert [cell for line in picture(shape) for cell in line][:machines] == list(range(1, machines + 1))


@pytest.mark.parametrize(
    ("shape", "field", "text"),
    [
        (RoomShape(0, 6), "rows", "排数须在1至40之间"),
        (RoomShape(5, 21), "columns", "列数须在1至20之间"),
        (RoomShape(5, 6, aisles=frozenset({6})), "aisles", "请填写1至5的数字"),
        (RoomShape(2, 20, aisles=frozenset({0})), "aisles", "两列之间"),
        (RoomShape(30, 1, aisles=frozenset({1})), "aisles", "只有一列"),
        (RoomShape(5, 6, cross_aisles=frozenset({5})), "cross_aisles", "两排之间"),
        (RoomShape(5, 6, unusable=frozenset({(6, 1)})), "unusable", "之内"),
        (RoomShape(5, 6, unusable=frozenset({(1, 1)})), "unusable", "还少1个"),
    ],
)
def test_a_shape_that_cannot_be_is_refused_beside_its_field(shape: RoomShape, field: str, text: str) -> None:
    found = faults(shape, 30)
    assert text in found[field]


def test_a_shape_with_a_place_for_every_machine_is_right() -> None:
    assert faults(RoomShape(6, 6, frozenset({2, 4}), frozenset({3}), frozenset({(1, 1), (6, 6)})), 30) == {}


def test_a_change_moves_only_seats_whose_place_is_another() -> None:
    plain, gap = RoomShape(2, 3), RoomShape(2, 3, unusable=frozenset({(2, 1)}))
    assert moved(plain, gap, range(1, 7)) == {4, 5, 6}
    assert moved(plain, gap, {1, 2, 3}) == set()
    assert moved(plain, RoomShape(2, 3, frozenset({1}), frozenset({1})), range(1, 7)) == set()
    assert moved(plain, RoomShape(2, 3, numbering=Numbering.SERPENTINE), range(1, 7)) == {4, 6}


def test_only_a_taken_seat_is_brought_together_with_another_as_an_aisle_goes() -> None:
    before, after = RoomShape(2, 3, aisles=frozenset({1})), RoomShape(2, 3)
    assert brought_together(before, after, {1, 2, 6}) == {1, 2}
    assert brought_together(before, after, {1, 3, 6}) == set()
    assert brought_together(after, before, {1, 2, 6}) == set()
