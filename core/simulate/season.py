"""A whole season with invented people: applications, what goes wrong, and the acts of offices and the center."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from core.clock import SettableClock
from core.platform import Platform
from core.plugin_api import ApplicationPath, Frontline, Grade, OfficeCode, OfficeLevel, StaffCategory, WindowKind
from core.simulate import exams, late_changes, office_acts, outcome, refusals, results, staffing
from core.simulate.cases import Case
from core.simulate.parts import Part, PlannedCase, together
from core.simulate.people import InventedPerson, assessments, career, invent
from core.simulate.world import SimulatedUnit, World

_SCRIPTS: tuple[tuple[frozenset[str], dict[str, Any]], ...] = tuple(
    (frozenset(turns), answers)
    for turns, answers in (
        ({"return_at_unit"}, {}),
        ({"return_at_department"}, {}),
        ({"return_at_office"}, {}),
        ({"return_onsite"}, {}),
        ({"reject_at_unit"}, {}),
        ({"reject_at_office"}, {}),
        ({"reject_at_office", "reopen"}, {}),
        ({"reject_onsite"}, {}),
        ({"withdraw"}, {}),
        ({"withdraw_draft"}, {}),
        ({"never_submit"}, {}),
        ({"return_at_unit", "never_correct"}, {}),
        ({"defer"}, {"unfiled": True}),
        ({"defer", "lapse"}, {"unfiled": True}),
        ({"defer", "reject_provisional"}, {"unfiled": True}),
        ({"disqualify"}, {}),
        ({"frontline"}, {"frontline": Frontline.AID_TEAM, "path": ApplicationPath.FRONTLINE}),
        ({"trade_change"}, {"path": ApplicationPath.TRADE_CHANGE}),
        ({"grade_one"}, {"grade": Grade.ONE}),
        ({"last_days"}, {}),
        ({"let_in_late"}, {}),
    )
)
"""Every turn that a case can take, each of which at least one case takes."""
_EVERY = 7
"""Beyond the scripted ones, every so many-th case takes a script again."""


FIRST_SHARE = 0.51
"""The share of a large season that the first process takes; it also does the work that is done once."""
SHARE_FROM = 400
"""From so many applications on, a second process pays for its start."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of a simulation. ``applicants`` is the number of applications."""

    year: int
    applicants: int
    seed: int


def simulate(platform: Platform, clock: SettableClock, plan: Plan) -> Iterator[tuple[datetime, dict[str, Any] | None]]:
    """Run the season; yields the moment after each act, and at the end the result as a dictionary.

    The database must be empty. The same plan gives the same result but for ``seconds``. From ``SHARE_FROM``
    applications on, two processes share the cities between them, which do not depend on each other.
    """
    world = World(platform, clock, plan.year, random.Random(plan.seed))  # noqa: S311 - a simulation, not a secret
    yield from whole_season(world, plan)


def whole_season(world: World, plan: Plan) -> Iterator[tuple[datetime, dict[str, Any] | None]]:
    """Run the season in an existing world, which stands at the season's end afterwards."""
    started, clock = time.monotonic(), world.clock
    clock.set(world.day(3, 18, 8))
    yield from ((clock(), None) for _ in _prepare(world))
    planned = plan_cases(world, plan)
    parts = [Part(planned, frozenset(world.codes()), refusals=True)]
    if plan.applicants >= SHARE_FROM:
        halves = _shared(world, planned)
        parts = [
            Part([case for case in planned if case.unit.office in half], half, refusals=number == 0)
            for number, half in enumerate(halves)
        ]
    here = partial(run_part, world, parts[0])
    for moment in together(here, world, parts[1:]):
        yield moment, None
    clock.set(season_end(world))
    yield clock(), outcome.result(world, plan.seed, seconds=time.monotonic() - started)


def _shared(world: World, planned: list[PlannedCase]) -> tuple[frozenset[OfficeCode], frozenset[OfficeCode]]:
    """The offices in two parts that end at about the same time; the first is the center's, and tries the refusals."""
    cases = Counter(case.unit.office for case in planned)
    first, done = {world.province}, cases[world.province]
    for city in world.codes(OfficeLevel.CITY):
        if done + cases[city] <= FIRST_SHARE * len(planned):
            first.add(city)
            done += cases[city]
    return frozenset(first), frozenset(world.codes(OfficeLevel.CITY)) - first


def run_part(world: World, part: Part) -> Iterator[datetime]:
    """Run all acts of some cities in the order of the clock; yields the moment of each."""
    cases = [Case(world, case.person, case.unit, case.turns) for case in part.cases]
    for case, planned in zip(cases, part.cases, strict=True):
        case.begins(planned.begins)
    office_acts.plan_delegations(world, part.cities)
    office_acts.plan_filings(world, part.cities)
    refusals.plan(world, cases, all_kinds=part.refusals)
    examining = exams.owners(world, part.cities)
    exams.plan_exams(world, examining)
    results.plan_results(world, examining, cases)
    late_changes.plan_late_changes(world, examining, cases)
    yield from world.run_until(season_end(world))


def season_end(world: World) -> datetime:
    """The end of the simulated season, after the last certificate is revoked."""
    return world.day(12, 28)


def _prepare(world: World) -> Iterator[None]:
    for step in (
        staffing.load_offices,
        staffing.staff_offices,
        staffing.register_units,
        staffing.correct_names,
        staffing.change_a_manager,
    ):
        step(world)
        yield


def plan_cases(world: World, plan: Plan) -> list[PlannedCase]:
    """One case after the other, over all units in turn, so that every office takes part."""
    trades = [trade.code for trade in world.platform.offices.catalogue.season(plan.year).trades]
    order = _spread(world)
    planned = []
    for index in range(plan.applicants):
        turns, wanted = _script(index)
        unit = order[index % len(order)]
        if turns & {"return_at_department"}:
            unit = next(unit for unit in order[index % len(order) :] + order if unit.department is not None)
        # Where an office admits regular staff only, others know better than to apply; refusals are tried on purpose.
        if StaffCategory.HIRED not in world.platform.offices.config(unit.local_office).eligibility.staff_categories:
            wanted = {**wanted, "staff_category": StaffCategory.REGULAR}
        person = _person(world, index, trades, wanted)
        planned.append(PlannedCase(person, unit, turns, _first_day(world, person, unit, turns)))
    return planned


def _spread(world: World) -> list[SimulatedUnit]:
    """The units so ordered that neighbours belong to different offices."""
    by_office: dict[str, list[SimulatedUnit]] = {}
    for unit in world.units:
        by_office.setdefault(unit.local_office, []).append(unit)
    longest = max(len(units) for units in by_office.values())
    return [units[turn] for turn in range(longest) for units in by_office.values() if turn < len(units)]


def _script(index: int) -> tuple[frozenset[str], dict[str, Any]]:
    if index < len(_SCRIPTS):
        return _SCRIPTS[index]
    if index % _EVERY == 0:
        turns, wanted = _SCRIPTS[(index // _EVERY) % len(_SCRIPTS)]
        return turns - {"let_in_late"}, wanted
    return frozenset(), {}


def _person(world: World, index: int, trades: list[str], wanted: dict[str, Any]) -> InventedPerson:
    answers = dict(wanted)
    if answers.pop("unfiled", False):
        answers |= {"grade": Grade.FOUR, "assessments": assessments(world.year, unfiled=True)}
    if answers.get("path") is ApplicationPath.TRADE_CHANGE:
        held = career(Grade.FOUR, random.Random(1), year=world.year, trade=trades[0])  # noqa: S311
        answers |= {**held, **answers, "grade": Grade.FOUR, "trade": trades[1], "current_trade": trades[0]}
        answers |= {"current_grade": Grade.FIVE, "current_grade_year": world.year - 6}
    if answers.get("path") is ApplicationPath.FRONTLINE:
        answers |= {"grade": Grade.FIVE}
    return invent(index, world.rng, year=world.year, trades=trades, **answers)


def _first_day(world: World, person: InventedPerson, unit: SimulatedUnit, turns: frozenset[str]) -> datetime:
    """The day an application begins: half of them in the last three days of their office's window."""
    opens, closes = _window(world, person, unit)
    if "last_days" in turns:
        return world.day(4, 4, 20) if closes > world.day(4, 5) else closes - timedelta(hours=20)
    if "let_in_late" in turns:
        return world.day(4, 7, 9)
    # Scripted turns take days: those people begin early.
    if turns:
        return opens + timedelta(days=world.rng.randint(0, 2), hours=world.rng.uniform(8, 20))
    span = (closes - opens).total_seconds() - 3600
    share = 1 - world.rng.random() ** 2 * 0.999 if world.rng.random() < 0.5 else world.rng.random()
    return opens + timedelta(seconds=share * span)


def _window(world: World, person: InventedPerson, unit: SimulatedUnit) -> tuple[datetime, datetime]:
    calendar = world.platform.offices.catalogue.calendar(unit.local_office, world.year)
    window = calendar.window(WindowKind.REGISTRATION, person.grade)
    assert window is not None and window.opens is not None  # noqa: PT018, S101
    return window.opens, window.closes
