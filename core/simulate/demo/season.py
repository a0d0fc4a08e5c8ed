"""The demonstration: one season that is over, and the next one under way, where everybody has something to do.

The dates of the second season are those of the first a year later, but for two cities that are ahead of the others: one
examines these very days, one is about to publish its seats. Nothing here is a date of a real season.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from core.clock import SettableClock
from core.domain.workflow import State
from core.platform import Platform
from core.plugin_api import Grade, OfficeCode, StaffCategory
from core.simulate import office_acts, results, season
from core.simulate.demo import awards, ends, exams as demo_exams, office_work, patrols, requests
from core.simulate.demo.crowd import Crowd, WaitingCase
from core.simulate.demo.duties import leave_duties
from core.simulate.people import assessments, invent
from core.simulate.season import Plan
from core.simulate.world import SimulatedUnit, World
from core.tenancy.another_season import AnotherSeason

FIRST: Final = Plan(2024, 80, 1)
"""The season that is over: everything happens once in it, up to certificates that are revoked."""
YEAR: Final = FIRST.year + 1
CITY: Final = OfficeCode("henan/luoyang")
COUNTY: Final = OfficeCode("henan/luoyang/yiyang")
ON_SITE: Final = OfficeCode("henan/anyang")
"""A city that compares originals of everybody on site; its exam dates have been returned to it."""
EXAMINING: Final = OfficeCode("henan/hebi")
PLANNING: Final = OfficeCode("henan/jiaozuo")
PRACTICE: Final = OfficeCode("henan/practice")
"""The office of made-up people that every installation has, for newcomers."""
AWARDING: Final = OfficeCode("henan/xuchang")
"""A city whose candidates have sat: marks, lists, certificates and a panel wait there."""
PUBLISHING: Final = OfficeCode("henan/pingdingshan")
"""A city whose list is before the public: objections are answered, and somebody is heard."""
CERTIFYING: Final = OfficeCode("henan/sanmenxia")
"""A city whose certificates are on their way to their holders."""
_AHEAD: Final = frozenset({EXAMINING, PLANNING, AWARDING, PUBLISHING, CERTIFYING})
_PASSING: Final = frozenset({PUBLISHING, CERTIFYING})
"""Cities of which everybody passes, so that there are lines and certificates for each thing that happens."""
_FILED_EARLY: Final = (EXAMINING, PLANNING, AWARDING, PUBLISHING, CERTIFYING, CITY)
_FILED_NOW: Final = (OfficeCode("henan/kaifeng"), OfficeCode("henan/nanyang"), OfficeCode("henan/zhoukou"))


def _window(opens: tuple[int, int], closes: tuple[int, int]) -> Mapping[str, date]:
    return {"opens": date(YEAR, *opens), "closes": date(YEAR, *closes)}


_SAT_EARLY: Final = {
    "registration": _window((3, 21), (3, 22)),
    "unit_review": {"closes": date(YEAR, 3, 22)},
    "qualification_review": _window((3, 21), (3, 23)),
    "computer_exam": _window((3, 24), (3, 24)),
    "results": _window((3, 24), (4, 30)),
}
"""The dates of a city whose candidates have sat before the demonstration begins."""
SEASON: Final = AnotherSeason(
    YEAR,
    like=FIRST.year,
    dates={
        "henan": {
            "computer_exam": _window((3, 24), (9, 30)),
            "level_one_theory": _window((3, 24), (9, 30)),
            "comprehensive_review": _window((3, 24), (12, 31)),
            "results": _window((3, 24), (12, 31)),
        },
        EXAMINING: {
            "registration": _window((3, 21), (3, 24)),
            "unit_review": {"closes": date(YEAR, 3, 24)},
            "qualification_review": _window((3, 21), (3, 28)),
            "computer_exam": _window((4, 1), (4, 12)),
        },
        PLANNING: {
            "registration": _window((3, 21), (3, 26)),
            "unit_review": {"closes": date(YEAR, 3, 26)},
            "qualification_review": _window((3, 21), (3, 31)),
            "computer_exam": _window((4, 19), (4, 27)),
        },
        AWARDING: {
            **_SAT_EARLY,
            "level_one_theory": _window((3, 24), (3, 24)),
            "comprehensive_review": _window((3, 25), (4, 30)),
        },
        PUBLISHING: _SAT_EARLY,
        CERTIFYING: _SAT_EARLY,
    },
)
"""The season that is under way."""

_Crowd = tuple[tuple[State, int], ...]
_CROWDS: Final[Mapping[OfficeCode, _Crowd]] = {
    COUNTY: (
        (State.QUALIFICATION_REVIEW, 3),
        (State.UNIT_REVIEW, 1),
        (State.RETURNED, 1),
        (State.QUALIFIED, 3),
        (State.REJECTED, 1),
    ),
    CITY: (
        (State.UNIT_REVIEW, 3),
        (State.DEPARTMENT_REVIEW, 2),
        (State.QUALIFICATION_REVIEW, 6),
        (State.RETURNED, 1),
        (State.DRAFT, 1),
        (State.PROVISIONAL, 2),
        (State.QUALIFIED, 6),
        (State.REJECTED, 2),
        (State.WITHDRAWN, 1),
    ),
    ON_SITE: ((State.ONSITE_CONFIRMATION, 4), (State.QUALIFICATION_REVIEW, 2), (State.QUALIFIED, 2)),
    EXAMINING: ((State.QUALIFIED, 9),),
    PLANNING: ((State.QUALIFIED, 6),),
    AWARDING: ((State.QUALIFIED, 12),),
    PUBLISHING: ((State.QUALIFIED, 4),),
    CERTIFYING: ((State.QUALIFIED, 5),),
}
"""How many wait where, in the offices that the demonstration shows: few people, and every kind of work."""
_ELSEWHERE: Final[_Crowd] = ((State.QUALIFICATION_REVIEW, 1), (State.QUALIFIED, 1))
"""And in every other."""

_TURNS: Final[Mapping[State, tuple[frozenset[str], Mapping[str, Any]]]] = {
    State.DRAFT: (frozenset({"never_submit"}), {}),
    State.RETURNED: (frozenset({"return_at_office", "never_correct"}), {}),
    State.REJECTED: (frozenset({"reject_at_office"}), {}),
    State.WITHDRAWN: (frozenset({"withdraw"}), {}),
    State.PROVISIONAL: (frozenset({"defer"}), {"grade": Grade.FOUR, "assessments": assessments(YEAR, unfiled=True)}),
}
_LATELY: Final = frozenset({State.DRAFT, State.UNIT_REVIEW})
"""Applications in these states began in the last days."""
_AT_DESKS: Final = frozenset({State.DEPARTMENT_REVIEW, State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION})
_BEHIND: Final = 5
"""Of the cases that wait at a desk, every ``_BEHIND``-th has waited too long."""
_WITHOUT_PAPERS: Final = 6
_LOWER: Final = (Grade.FIVE, Grade.FOUR, Grade.THREE)
_GRADES: Final[Mapping[OfficeCode, tuple[Grade, ...]]] = {
    AWARDING: (Grade.FIVE, Grade.FOUR, Grade.THREE, Grade.ONE),
    PUBLISHING: (Grade.FIVE,),
    CERTIFYING: (Grade.FIVE,),
}
"""The grades of the candidates of some cities, in turn; elsewhere they are those below two."""


def simulate(platform: Platform, clock: SettableClock) -> Iterator[tuple[datetime, dict[str, Any] | None]]:
    """Run both seasons; yields the moment after each act, and once the first season's result.

    The database must be empty. The clock stands at :func:`stands_at` afterwards.
    """
    world = World(platform, clock, FIRST.year, random.Random(FIRST.seed))  # noqa: S311 - a simulation, not a secret
    yield from season.whole_season(world, FIRST)
    world.year = YEAR
    yield from second_season(world)


def second_season(world: World) -> Iterator[tuple[datetime, None]]:
    """Run the season that is under way, in a world that has seen the first."""
    planned = list(_cases(world))
    for case, begins in planned:
        case.begins(begins)
    crowd = Crowd([case for case, _ in planned])
    for minute, city in enumerate(_FILED_EARLY):
        world.at(world.day(3, 20, 9) + timedelta(minutes=minute), partial(_file_dates, world, city))
    world.at(world.day(3, 31, 9), partial(_file_dates, world, ON_SITE))
    for minute, city in enumerate(_FILED_NOW):
        world.at(world.day(4, 1, 16) + timedelta(minutes=minute), partial(_file_dates, world, city))
    world.at(world.day(4, 1, 17), partial(leave_duties, world, CITY))
    world.at(world.day(4, 1, 16.5), partial(office_work.practise, world, PRACTICE))
    requests.ask_all(world, crowd, city=CITY, county=COUNTY, planning=PLANNING, awarding=AWARDING)
    office_work.do_all(world, crowd, city=CITY, county=COUNTY, on_site=ON_SITE)
    awards.award(world, crowd, AWARDING)
    ends.end_seasons(world, crowd, publishing=PUBLISHING, certifying=CERTIFYING, year=FIRST.year)
    demo_exams.plan_exams(world, examining=EXAMINING, planning=PLANNING)
    sat = demo_exams.sits(YEAR) - timedelta(days=1)
    world.at(sat + timedelta(hours=8), partial(office_work.keep_papers, world, EXAMINING, sat))
    world.at(sat + timedelta(hours=9), partial(office_work.answer_for, world, EXAMINING))
    patrols.patrol(world, EXAMINING, sat)
    world.at(sat + timedelta(hours=10), partial(patrols.accuse, world, ON_SITE))
    yield from ((moment, None) for moment in world.run_until(stands_at()))


def stands_at() -> datetime:
    """The moment of the second season at which the demonstration begins: a morning on which a sitting has begun."""
    return demo_exams.sits(YEAR) + timedelta(minutes=20)


def _cases(world: World) -> Iterator[tuple[WaitingCase, datetime]]:
    """Everybody who takes part in the second season, and when they begin."""
    table = world.platform.offices.catalogue.season(YEAR)
    trades = [trade.code for trade in table.trades]
    someone = partial(invent, year=YEAR, trades=trades, staff_category=StaffCategory.REGULAR)
    index = FIRST.applicants
    for office in world.codes():
        units = [unit for unit in world.units if unit.local_office == office]
        ahead = office in _AHEAD
        for state, people in _CROWDS.get(office, _ELSEWHERE):
            turns, answers = _TURNS.get(state, (frozenset(), {}))
            for number in range(people):
                grades = _GRADES.get(office, _LOWER)
                grade = {"grade": grades[number % len(grades)]} if ahead or state is not State.QUALIFIED else {}
                wanted = {**grade, **answers}
                person = someone(index, world.rng, **wanted)
                while office in _PASSING and not results.passes(person.name, table.grades[person.grade].subjects):
                    index += 1
                    person = someone(index, world.rng, **wanted)
                unit = units[-1] if office == AWARDING else _unit(units, state, number)
                papers = office in _CROWDS.keys() - _PASSING and index % _WITHOUT_PAPERS != 0
                case = WaitingCase(world, person, unit, turns, waits=state, brings_papers=papers)
                yield case, _begins(world, state, index, ahead=ahead)
                index += 1


def _unit(units: list[SimulatedUnit], state: State, number: int) -> SimulatedUnit:
    """Cases that wait for a unit or its department all wait at one, so that its reviewer has much to do."""
    led = next(unit for unit in units if unit.department is not None)
    return led if state in {State.UNIT_REVIEW, State.DEPARTMENT_REVIEW} else units[number % len(units)]


def _begins(world: World, state: State, index: int, *, ahead: bool) -> datetime:
    if ahead:
        return world.day(3, 21, 8 + index % 4 / 4)
    if state in _LATELY:
        return world.day(4, 1, 9 + index % 30 / 10)
    hour = 8 + index % 50 / 10
    if state in _AT_DESKS and index % _BEHIND != 0:
        return world.day(3, 26 + index % 3, hour)
    return world.day(3, 21 + index % 6, hour)


def _file_dates(world: World, city: OfficeCode) -> None:
    due = world.platform.offices.catalogue.province.config.filings[YEAR]
    office_acts.file_dates(world, city, next(iter(due.values())).due_at())
