"""The tiles of the province's board: numbers, words and levels."""

import pytest

from core.oversight.board import Measure, Monitored, figure_of, level_of, tiles
from core.plugin_api import OfficeCode

QINGHE = OfficeCode("linshui/qinghe")


def office(**figures: int) -> Monitored:
    return Monitored(QINGHE, "清河市考核办", **figures)


@pytest.mark.parametrize(
    ("measure", "figure", "level"),
    [
        (Measure.PROGRESS, "60%", 2),
        (Measure.BACKLOG, "40件", 2),
        (Measure.OVERDUE, "10件", 4),
        (Measure.RETURNS, "30%", 3),
    ],
)
def test_a_tile_has_a_number_and_a_level_for_every_measure(measure: Measure, figure: str, level: int) -> None:
    busy = office(total=100, backlog=40, overdue=10, decisions=50, returned=15)
    assert (figure_of(busy, measure), level_of(busy, measure)) == (figure, level)


@pytest.mark.parametrize("measure", Measure)
def test_an_office_without_cases_is_neither_well_nor_badly_off(measure: Measure) -> None:
    assert level_of(office(), measure) == 0


def test_nothing_overdue_is_well_off_and_anything_overdue_is_not() -> None:
    assert level_of(office(total=1000, backlog=1000), Measure.OVERDUE) == 1
    assert level_of(office(total=1000, backlog=1000, overdue=1), Measure.OVERDUE) == 2


def test_only_offices_with_a_place_have_a_tile() -> None:
    other = Monitored(OfficeCode("linshui/yunshan"), "云山市考核办")
    (tile,) = tiles([office(total=2, backlog=1), other], {QINGHE: (0, 1)}, {QINGHE: "清河"}, Measure.PROGRESS)
    assert (tile.office, tile.name, tile.column, tile.row, tile.figure, tile.word) == (
        QINGHE,
        "清河",
        0,
        1,
        "50%",
        "偏重",
    )
