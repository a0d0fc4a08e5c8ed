"""Pure: the three responsible persons (责任人) of a place, and the one who holds a rank on a day.

Source: 2024 notice §4(1): 各地人力资源社会保障局局长为本地工勤技能岗位等级考核工作的第一责任人，主管局长为主要责任人，
工考管理机构负责人为直接责任人。
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol, TypeVar

from core.plugin_api import OfficeLevel
from core.text.labels import Labelled

OWED_BY = frozenset({OfficeLevel.CITY, OfficeLevel.COUNTY})
"""The levels that have responsible persons: 各地. The notice names none for the center."""


class Rank(Labelled):
    """Which of the three somebody is."""

    FIRST = "first", "第一责任人"
    MAIN = "main", "主要责任人"
    DIRECT = "direct", "直接责任人"


POSTS: Mapping[Rank, str] = {
    Rank.FIRST: "人力资源社会保障局局长",
    Rank.MAIN: "人力资源社会保障局主管局长",
    Rank.DIRECT: "工考管理机构负责人",
}
"""The post that the notice names for each rank."""


class Named(Protocol):
    """A person named for a rank from a day on."""

    rank: str
    from_day: date


Entry = TypeVar("Entry", bound=Named)


def in_force(entries: Iterable[Entry], on: date) -> dict[Rank, Entry]:
    """Rank → the person who holds it on a day; of two entries from one day the later one. ``entries`` as entered."""
    held: dict[Rank, Entry] = {}
    for entry in entries:
        rank = Rank(entry.rank)
        if entry.from_day <= on and (rank not in held or held[rank].from_day <= entry.from_day):
            held[rank] = entry
    return held


def to_come(entries: Iterable[Entry], on: date) -> list[Entry]:
    """The entries that hold only after a day, the earliest first; of two from one day the later one alone."""
    latest = {(entry.rank, entry.from_day): entry for entry in entries if entry.from_day > on}
    return sorted(latest.values(), key=lambda entry: entry.from_day)


def missing(held: Mapping[Rank, object]) -> list[Rank]:
    """The ranks that nobody holds, the first one first."""
    return [rank for rank in Rank if rank not in held]
