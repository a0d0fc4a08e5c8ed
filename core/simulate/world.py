"""The simulated world: a clock that is moved, an agenda, the staff of every office, and the tallies.

Everything is done through the real services, each act in a transaction of its own, as the web's edge would.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from core.clock import SettableClock, start_of
from core.db.session import (
    Actor,
    AuditorSession,
    OfficeSession,
    PersonSession,
    ProvinceSession,
    Role,
    SystemSession,
    UnitSession,
    system_actor,
)
from core.errors import KaowuError
from core.platform import Platform
from core.plugin_api import OfficeCode, OfficeLevel
from core.tenancy.office import OpenOffice

Act = Callable[[], None]


class SimulationError(Exception):
    """An act that must be refused was not, or the other way round: a fault in the platform, not in the season."""


@dataclass
class SimulatedUnit:
    """A unit, its manager's actor, and its department's (None where it is its own)."""

    id: UUID
    office: OfficeCode
    local_office: OfficeCode
    manager: Actor
    department: Actor | None = None


@dataclass
class World:
    """The state of a season: the platform, the time, the staff, the agenda, and the counts."""

    platform: Platform
    clock: SettableClock
    year: int
    rng: random.Random
    staff: dict[OfficeCode, dict[str, Actor]] = field(default_factory=dict)
    units: list[SimulatedUnit] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    handovers: int = 0
    """How often cases may have changed hands all at once, by a delegation that began or ended."""
    _agenda: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _numbered: int = 0

    @property
    def province(self) -> OfficeCode:
        """The provincial center."""
        return self.platform.offices.catalogue.province.code

    def offices(self, level: OfficeLevel | None = None) -> list[OpenOffice]:
        """The open offices that do not practise: a season is of these."""
        known = self.platform.offices.catalogue.offices(level)
        return [office for office in known if not office.config.office.practice]

    def codes(self, level: OfficeLevel | None = None) -> list[OfficeCode]:
        """The codes of these offices."""
        return [office.code for office in self.offices(level)]

    def at(self, moment: datetime, act: Act) -> None:
        """Put an act on the agenda; acts of one moment happen in the order in which they were put there."""
        self._numbered += 1
        heapq.heappush(self._agenda, (moment, self._numbered, act))

    def run_until(self, end: datetime) -> Iterator[datetime]:
        """Carry out the acts of the agenda before ``end``, in order, and yield the moment of each."""
        while self._agenda and self._agenda[0][0] < end:
            moment, _, act = heapq.heappop(self._agenda)
            self.clock.set(moment)
            act()
            yield moment
        self.clock.set(end)

    def day(self, month: int, day: int, hour: float = 0) -> datetime:
        """A moment of the season's year."""
        return start_of(date(self.year, month, day)) + timedelta(hours=hour)

    @contextmanager
    def person(self, actor: Actor) -> Iterator[PersonSession]:
        """An applicant at work."""
        with PersonSession(self.platform.engine, actor=actor, now=self.clock()) as session, session.begin():
            yield session

    @contextmanager
    def unit(self, actor: Actor, below: frozenset[UUID] = frozenset()) -> Iterator[UnitSession]:
        """A unit's manager, or a department's reviewer, at work."""
        engine = self.platform.engine
        with UnitSession(engine, actor=actor, now=self.clock(), unit_ids=below) as session, session.begin():
            yield session

    @contextmanager
    def office(self, code: str, who: str = "online") -> Iterator[OfficeSession]:
        """An officer at work; ``who`` is a key of the office's staff."""
        actor = self.staff[OfficeCode(code)][who]
        with OfficeSession(self.platform.engine, actor=actor, now=self.clock()) as session, session.begin():
            yield session

    @contextmanager
    def system(self, code: str) -> Iterator[SystemSession]:
        """The season's clock at work for one office."""
        actor = system_actor(OfficeCode(code))
        with SystemSession(self.platform.engine, actor=actor, now=self.clock()) as session, session.begin():
            yield session

    @contextmanager
    def center(self) -> Iterator[ProvinceSession]:
        """The provincial center as supervisor of everybody."""
        actor = self.staff[self.province]["center"]
        with ProvinceSession(self.platform.engine, actor=actor, now=self.clock()) as session, session.begin():
            yield session

    @contextmanager
    def auditor(self) -> Iterator[AuditorSession]:
        """The province's auditor, reading."""
        actor = Actor(self.staff[self.province]["auditor"].account_id, "模拟审计", Role.PROVINCIAL_AUDITOR)
        with AuditorSession(self.platform.engine, actor=actor, now=self.clock()) as session, session.begin():
            yield session

    def refused(self, code: str, act: Act) -> None:
        """Try an act that must be refused with ``code``, and count it; SimulationError where it is not refused so."""
        try:
            act()
        except KaowuError as error:
            if error.code != code:
                raise SimulationError(f"refused as {error.code!r} ({error.detail}), expected {code!r}") from error
            self.refusals[code] += 1
        else:
            raise SimulationError(f"not refused, expected {code!r}")
