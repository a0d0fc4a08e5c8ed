"""Pure: the province's board: the text, the colour and the place of each office's tile.

A colour never stands alone: each tile has its number and a word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.plugin_api import OfficeCode


class Measure(StrEnum):
    """The measures by which tiles are coloured."""

    PROGRESS = "progress"
    BACKLOG = "backlog"
    OVERDUE = "overdue"
    RETURNS = "returns"


MEASURE_LABELS: dict[Measure, str] = {
    Measure.PROGRESS: "办理进度",
    Measure.BACKLOG: "待审查",
    Measure.OVERDUE: "超时",
    Measure.RETURNS: "退回率",
}
MEASURE_MEANINGS: dict[Measure, str] = {
    Measure.PROGRESS: "已不在任何审核环节等待的申请，占全部已提交申请的比例。",
    Measure.BACKLOG: "等待考核管理机构审查、确认的申请件数，不计单位和主管部门待审核的；颜色按占已提交申请的比例分档。",
    Measure.OVERDUE: "考核管理机构超过办理时限仍未办理的申请件数；颜色按占待审查件数的比例分档。",
    Measure.RETURNS: "退回修改占考核管理机构全部审查决定的比例。",
}
WORDS = ("暂无数据", "正常", "关注", "偏重", "严重")
"""The word for each level, which is also the legend: 0 no data, then from good to bad."""

_STEPS: dict[Measure, tuple[float, float, float]] = {
    Measure.PROGRESS: (0.1, 0.4, 0.7),
    Measure.BACKLOG: (0.1, 0.4, 0.7),
    Measure.OVERDUE: (0.0, 0.05, 0.2),
    Measure.RETURNS: (0.1, 0.25, 0.4),
}
"""The upper shares of the levels 1, 2 and 3. No regulation sets these; they only colour."""


@dataclass(frozen=True, slots=True)
class Monitored:
    """The figures of one office's season; ``decisions`` are those that offices made on its cases.

    ``backlog`` and ``overdue`` are cases that wait for an office; those that wait for units and departments are
    ``at_units`` and ``units_overdue``, and no office's fault.
    """

    office: OfficeCode
    name: str
    total: int = 0
    at_units: int = 0
    units_overdue: int = 0
    backlog: int = 0
    overdue: int = 0
    decisions: int = 0
    returned: int = 0
    rejected: int = 0
    overturned: int = 0

    @property
    def decided(self) -> int:
        """Cases that wait at no stage of the review."""
        return self.total - self.at_units - self.backlog

    @property
    def return_rate(self) -> float:
        """Returns among the decisions, between 0 and 1; 0 where nothing has been decided."""
        return self.returned / self.decisions if self.decisions else 0.0

    @property
    def reject_rate(self) -> float:
        """Rejections among the decisions, between 0 and 1; 0 where nothing has been decided."""
        return self.rejected / self.decisions if self.decisions else 0.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One office on the board: place, name, number, and its level with the word for it."""

    office: OfficeCode
    name: str
    column: int
    row: int
    figure: str
    level: int
    word: str


def tiles(
    offices: Sequence[Monitored], places: Mapping[str, tuple[int, int]], names: Mapping[str, str], measure: Measure
) -> list[Tile]:
    """A tile for every office that has a place; the others stand in the table beside the board."""
    return [
        Tile(
            office=office.office,
            name=names.get(office.office, office.name),
            column=places[office.office][0],
            row=places[office.office][1],
            figure=figure_of(office, measure),
            level=level_of(office, measure),
            word=WORDS[level_of(office, measure)],
        )
        for office in offices
        if office.office in places
    ]


def figure_of(monitored: Monitored, measure: Measure) -> str:
    """The number on a tile: a count, or a share in whole per cent."""
    if measure is Measure.BACKLOG:
        return f"{monitored.backlog}件"
    if measure is Measure.OVERDUE:
        return f"{monitored.overdue}件"
    if measure is Measure.RETURNS:
        return _percent(monitored.returned, monitored.decisions)
    return _percent(monitored.decided, monitored.total)


def level_of(monitored: Monitored, measure: Measure) -> int:
    """The level of an office: 0 without data, else 1 (good) to 4 (bad)."""
    part, whole = {
        Measure.PROGRESS: (monitored.total - monitored.decided, monitored.total),
        Measure.BACKLOG: (monitored.backlog, monitored.total),
        Measure.OVERDUE: (monitored.overdue, monitored.backlog or monitored.total),
        Measure.RETURNS: (monitored.returned, monitored.decisions),
    }[measure]
    if not whole:
        return 0
    return 1 + sum(part / whole > step for step in _STEPS[measure])


def _percent(part: int, whole: int) -> str:
    return f"{round(part / whole * 100)}%" if whole else "—"
