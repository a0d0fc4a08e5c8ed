"""Small and large problems of allocation, drawn by hypothesis or invented by a seed; their people are numbers."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from core.plugin_api.scheduling import Apart, SeatingPolicy
from core.scheduling.allocation.problem import Candidate, Placement, Problem, Room, SeatNeed, Sitting
from core.scheduling.allocation.room_shape import Numbering, RoomShape

ALL = frozenset({"skill", "ethics", "ability"})
MORNING = datetime(2024, 7, 6, 9, tzinfo=UTC)
NEEDS = st.frozensets(st.sampled_from([SeatNeed.ACCESSIBLE, SeatNeed.EXTRA_TIME]), max_size=2)


def sitting(key: str, hours: int, rooms: tuple[str, ...], **more: object) -> Sitting:
    """A sitting of one hour, at this offset in hours from the first, in all subjects for grades five to two."""
    starts = MORNING + timedelta(hours=hours)
    fields: dict[str, object] = {"subjects": ALL, "grades": frozenset({2, 3, 4, 5})} | more
    return Sitting(key, starts, starts + timedelta(hours=1), rooms=rooms, **fields)  # type: ignore[arg-type]


def plain_room(key: str, site: str, seats: int, columns: int, reserve: int = 0, *, accessible: bool = False) -> Room:
    """A room without aisles: this number of seats in rows of ``columns``."""
    return Room(key, site, RoomShape.in_rows(seats, columns), reserve, accessible)


@st.composite
def shapes(draw: st.DrawFn, *, least: int = 1, most: int = 30) -> RoomShape:
    """A room of up to five columns with this number of seats, at least and at most; aisles and gaps lie anywhere."""
    columns = draw(st.integers(1, min(5, most)))
    rows = draw(st.integers(-(-least // columns), most // columns))
    whole = [(row, column) for row in range(1, rows + 1) for column in range(1, columns + 1)]
    return RoomShape(
        rows,
        columns,
        aisles=draw(_parts(columns)),
        cross_aisles=draw(_parts(rows)),
        unusable=frozenset(draw(st.lists(st.sampled_from(whole), max_size=min(len(whole) - least, 4), unique=True))),
        numbering=draw(st.sampled_from(Numbering)),
    )


def _parts(count: int) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(1, count - 1), max_size=2) if count > 1 else st.just(frozenset[int]())


@st.composite
def problems(draw: st.DrawFn, *, people: int = 40) -> Problem:
    """A few sites, rooms and sittings, with one or two sets of subjects, and up to this number of people."""
    rooms = tuple(
        Room(
            f"r{number}",
            draw(st.sampled_from(["north", "south"])),
            draw(shapes(least=2, most=16)),
            draw(st.integers(0, 2)),
            draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 5)))
    )
    sets = draw(st.sampled_from([[ALL], [frozenset({"skill"}), frozenset({"ethics", "ability"})]]))
    keys = tuple(room.key for room in rooms)
    policy = SeatingPolicy(draw(st.sampled_from([0, 10])), draw(st.sampled_from(Apart)))
    by_trade = draw(st.booleans())
    sittings = tuple(
        sitting(
            f"s{number}",
            draw(st.integers(0, 4)),
            keys,
            subjects=sets[number % len(sets)],
            grades=draw(st.sampled_from([frozenset({2, 3, 4, 5}), frozenset({4, 5})])),
            trades=draw(st.sampled_from([frozenset[str](), frozenset({"t0", "t1"})])),
            long_rooms=frozenset(draw(st.lists(st.sampled_from(keys), max_size=2))),
            by_trade=by_trade,
            policy=policy,
        )
        for number in range(draw(st.integers(1, 4)))
    )
    candidates = tuple(
        Candidate(
            f"c{number:03}",
            f"county{draw(st.integers(0, 1))}",
            f"u{draw(st.integers(0, 4))}",
            draw(st.sampled_from([3, 5])),
            f"t{draw(st.integers(0, 2))}",
            draw(NEEDS) if number % 7 == 0 else frozenset(),
        )
        for number in range(draw(st.integers(0, people)))
    )
    travel = {(f"county{county}", site): draw(st.integers(0, 90)) for county in (0, 1) for site in ("north", "south")}
    return Problem(candidates, rooms, sittings, dict.fromkeys((2, 3, 4, 5), ALL), travel)


def faults(problem: Problem, placements: tuple[Placement, ...]) -> list[str]:
    """All faults of an allocation, judged without any of the allocation's own code."""
    found: list[str] = []
    places = [(placement.sitting, placement.room, placement.seat) for placement in placements]
    if len(set(places)) < len(places):
        found.append("a seat is given twice")
    by_person: dict[str, list[Sitting]] = {candidate.key: [] for candidate in problem.candidates}
    for placement in placements:
        there, room, who = (
            problem.sitting[placement.sitting],
            problem.room[placement.room],
            problem.candidate[placement.candidate],
        )
        by_person[placement.candidate].append(there)
        share = -(-room.seats * there.policy.reserve_percent // 100)
        if not 1 <= placement.seat <= room.seats - max(room.reserve, share) or placement.room not in there.rooms:
            found.append(f"{placement} is no seat of that sitting")
        if SeatNeed.ACCESSIBLE in who.needs and not room.accessible:
            found.append(f"{placement} cannot be reached")
        if SeatNeed.EXTRA_TIME in who.needs and placement.room not in there.long_rooms:
            found.append(f"{placement} has no extra time")
        if who.grade not in there.grades or (there.trades and who.trade not in there.trades):
            found.append(f"{placement} is in somebody else's sitting")
    for key, sat in by_person.items():
        subjects = sorted(subject for there in sat for subject in there.subjects)
        if subjects != sorted(ALL):
            found.append(f"{key} takes {subjects}")
        times = sorted((there.starts, there.ends) for there in sat)
        if any(later[0] < earlier[1] for earlier, later in pairwise(times)):
            found.append(f"{key} is in two places at once")
    return found
