"""The input and the result of an allocation: frozen values that know neither database nor solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from core.plugin_api.scheduling import SeatingPolicy
from core.scheduling.allocation.room_shape import RoomShape

FAR = 1_000
"""The cost of a site whose distance from a county is not given."""


class SeatNeed(StrEnum):
    """What a candidate was granted: the first two ask something of the room, the last of the people in it."""

    ACCESSIBLE = "accessible"
    EXTRA_TIME = "extra_time"
    ASSISTANCE = "assistance"


NEED_LABELS: Mapping[SeatNeed, str] = {
    SeatNeed.ACCESSIBLE: "无障碍考场",
    SeatNeed.EXTRA_TIME: "延长考试时间",
    SeatNeed.ASSISTANCE: "现场协助",
}
OF_THE_ROOM = frozenset({SeatNeed.ACCESSIBLE, SeatNeed.EXTRA_TIME})
"""The needs that not every room can meet."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate to be seated. ``county`` is the origin of travel; people of one ``unit`` are kept apart."""

    key: str
    county: str
    unit: str
    grade: int
    trade: str
    needs: frozenset[SeatNeed] = frozenset()

    @property
    def room_needs(self) -> frozenset[SeatNeed]:
        """The needs that the room has to meet."""
        return self.needs & OF_THE_ROOM


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a site: every seat of its ``shape`` has a machine; ``reserve`` of them stay free."""

    key: str
    site: str
    shape: RoomShape
    reserve: int = 0
    accessible: bool = False

    @property
    def seats(self) -> int:
        """The number of seats."""
        return self.shape.seats

    def usable(self, policy: SeatingPolicy) -> int:
        """The number of usable seats; the seats with the highest numbers are the reserve."""
        share = -(-self.seats * policy.reserve_percent // 100)
        return max(0, self.seats - max(self.reserve, share))


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting: ``rooms`` that it uses, of which ``long_rooms`` stay free for those with extra time.

    No ``trades`` means all of them. ``by_trade`` keeps each trade in one sitting and fills rooms trade by trade. A
    ``closed`` sitting has begun: nobody new is seated in it.
    """

    key: str
    starts: datetime
    ends: datetime
    subjects: frozenset[str]
    grades: frozenset[int]
    rooms: tuple[str, ...]
    trades: frozenset[str] = frozenset()
    by_trade: bool = False
    long_rooms: frozenset[str] = frozenset()
    policy: SeatingPolicy = field(default_factory=SeatingPolicy)
    closed: bool = False

    def admits(self, grade: int, trade: str) -> bool:
        """Whether the sitting is for this grade and trade."""
        return grade in self.grades and (not self.trades or trade in self.trades)

    def overlaps(self, other: Sitting) -> bool:
        """Whether the times of both sittings overlap."""
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """A candidate's seat in a sitting."""

    candidate: str
    sitting: str
    room: str
    seat: int


@dataclass(frozen=True)
class Problem:
    """Everything an allocation needs. ``subjects`` are those of each grade; every candidate takes each once.

    ``travel`` is the cost from a county to a site (FAR where it is not given). ``taken`` are seats that stay as they
    are; their candidates are among ``candidates``, and are only seated for the subjects that they still lack.
    """

    candidates: tuple[Candidate, ...]
    rooms: tuple[Room, ...]
    sittings: tuple[Sitting, ...]
    subjects: Mapping[int, frozenset[str]]
    travel: Mapping[tuple[str, str], int] = field(default_factory=dict)
    taken: tuple[Placement, ...] = ()

    @cached_property
    def room(self) -> Mapping[str, Room]:
        """Every room by its key."""
        return {room.key: room for room in self.rooms}

    @cached_property
    def sitting(self) -> Mapping[str, Sitting]:
        """Every sitting by its key."""
        return {sitting.key: sitting for sitting in self.sittings}

    @cached_property
    def candidate(self) -> Mapping[str, Candidate]:
        """Every candidate by their key."""
        return {candidate.key: candidate for candidate in self.candidates}

    def cost(self, county: str, site: str) -> int:
        """The travel cost of one candidate from ``county`` to ``site``."""
        return self.travel.get((county, site), FAR)

    def offers(self, sitting: Sitting, room: Room) -> frozenset[SeatNeed]:
        """The needs that ``room`` meets in ``sitting``."""
        met = {SeatNeed.ACCESSIBLE: room.accessible, SeatNeed.EXTRA_TIME: room.key in sitting.long_rooms}
        return frozenset(need for need, there in met.items() if there)


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why there is no allocation: these candidates need ``wanted`` seats, and ``available`` are open to them.

    ``sittings`` and ``sites`` are open to them, both empty where no sitting fits at all.
    """

    wanted: int
    available: int
    grades: tuple[int, ...]
    trades: tuple[str, ...]
    needs: tuple[SeatNeed, ...]
    sittings: tuple[str, ...]
    sites: tuple[str, ...]

    @property
    def missing(self) -> int:
        """The number of missing seats."""
        return self.wanted - self.available

    @property
    def text(self) -> str:
        """The message for officers."""
        grades = "、".join("零一二三四五"[grade] + "级" for grade in self.grades)
        trades = f"（{'、'.join(self.trades[:5])}{'等' if len(self.trades) > 5 else ''}）" if self.trades else ""
        needs = f"，需要{'、'.join(NEED_LABELS[need] for need in self.needs)}" if self.needs else ""
        who = f"{grades}{trades}{needs}"
        if not self.sittings:
            return f"{who}的考生共需 {self.wanted} 个座位，但没有适合的场次或考场。请增设场次、考点或考场。"
        where = f"{len(self.sites)} 个考点、{len(self.sittings)} 个场次"
        return (
            f"{who}的考生共需 {self.wanted} 个座位，可用的{where}只能提供 {self.available} 个，"
            f"缺 {self.missing} 个。请增加考场、机位或场次。"
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """The quality of an allocation, in the order of the goals.

    ``neighbours`` counts pairs of one unit on neighbouring seats, ``unavoidable`` is their least number for any seating
    within the rooms of each sitting and site; ``crowded`` counts people of a unit beyond half of the seats of one
    sitting at one site. ``travel`` is the total cost, ``travel_bound`` the least proved possible; ``rooms_bound`` is
    the fewest rooms that hold as many people at each site. ``trades_split`` counts trades in two sittings.
    """

    candidates: int = 0
    seats: int = 0
    neighbours: int = 0
    unavoidable: int = 0
    crowded: int = 0
    travel: int = 0
    travel_bound: int = 0
    rooms: int = 0
    rooms_bound: int = 0
    trades_split: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """Seats for everybody, including taken ones, sorted; the seed of the draw; the figures."""

    placements: tuple[Placement, ...]
    seed: int
    figures: Figures


class Infeasible(Exception):
    """There is no allocation; ``shortages`` prove it."""

    def __init__(self, shortages: Iterable[Shortage]) -> None:
        self.shortages = tuple(shortages)
        super().__init__("；".join(shortage.text for shortage in self.shortages))
