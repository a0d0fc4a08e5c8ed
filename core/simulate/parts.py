"""Parts of a large season, each in a process of its own: cities do not depend on each other."""

from __future__ import annotations

import multiprocessing
import queue
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.queues import Queue
from typing import Any

from core.clock import SettableClock
from core.db.session import Actor
from core.platform import open_platform
from core.plugin_api import OfficeCode
from core.settings import Settings
from core.simulate.people import InventedPerson
from core.simulate.world import SimulatedUnit, SimulationError, World

_TOLD_EVERY = 20


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A planned application: the person, the unit, the turns of the script, and the beginning."""

    person: InventedPerson
    unit: SimulatedUnit
    turns: frozenset[str]
    begins: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """Some cities with their cases. ``refusals`` says whether every kind of refusal is tried in this part."""

    cases: list[PlannedCase]
    cities: frozenset[OfficeCode]
    refusals: bool


@dataclass(frozen=True, slots=True)
class _Start:
    """The data that another process needs to work in the same world."""

    settings: Settings
    year: int
    now: datetime
    staff: dict[OfficeCode, dict[str, Actor]]
    units: list[SimulatedUnit]


def together(here: Callable[[], Iterator[datetime]], world: World, others: list[Part]) -> Iterator[datetime]:
    """Run one part here and the others beside it; yields the moment after each act, and adds up the refusals."""
    context = multiprocessing.get_context("spawn")
    told: Queue[Any] = context.Queue()
    start = _Start(world.platform.settings, world.year, world.clock(), world.staff, world.units)
    processes = [context.Process(target=_elsewhere, args=(start, part, told), daemon=True) for part in others]
    for process in processes:
        process.start()
    try:
        yield from here()
        yield from _wait(world, told, processes)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _wait(world: World, told: Queue[Any], processes: list[Any]) -> Iterator[datetime]:
    running = len(processes)
    while running:
        try:
            kind, value = told.get(timeout=1)
        except queue.Empty:
            if not any(process.is_alive() for process in processes):
                raise SimulationError("a part of the season ended without a word") from None
            continue
        if kind == "moment":
            yield from [value] * _TOLD_EVERY
        elif kind == "failed":
            raise SimulationError(f"a part of the season failed:\n{value}")
        else:
            world.refusals.update(value)
            running -= 1


def _elsewhere(start: _Start, part: Part, told: Queue[Any]) -> None:
    """The whole work of another process: its own platform on the same database."""
    import traceback

    from core.simulate.season import run_part

    try:
        clock = SettableClock(start.now)
        with open_platform(start.settings, clock=clock, durable=False) as platform:
            rng = random.Random(0)  # noqa: S311 - a simulation, not a secret
            world = World(platform, clock, start.year, rng, staff=start.staff, units=start.units)
            for number, moment in enumerate(run_part(world, part), start=1):
                if number % _TOLD_EVERY == 0:
                    told.put(("moment", moment))
            told.put(("done", Counter(world.refusals)))
    except BaseException:
        told.put(("failed", traceback.format_exc()))
        raise
