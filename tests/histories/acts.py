"""Acts: the rules of the histories, each with the rows that it is meant for, and the state that they act on.

A mixin holds the acts of one capability. An act is a method with ``@act(table, condition)``: it is given a row that
meets the condition, chosen by the draw of its step. ``out of turn`` it is given any row of the table.
"""

import functools
import random
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from core.clock import SHANGHAI
from core.db.refusals import CHANGED, refusal_of
from core.db.session import Actor, OfficeSession, PersonSession, ProvinceSession, Role, SystemSession, UnitSession
from core.errors import KaowuError
from core.plugin_api import OfficeCode
from core.tenancy.offices import Offices
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, Season

YEAR, NEXT = 2024, 2025
OFFICES = (CITY, COUNTY, OTHER_CITY, PROVINCE)
EXAMINING = (CITY, OTHER_CITY)
TICK = timedelta(seconds=61)
"""Every act has a moment of its own."""

ORDER = {
    "accommodation_requests": "t.asked_at",
    "admission_tickets": "t.issued_at, t.number",
    "applications": "t.year, t.person_name, t.created_at",
    "bans": "t.decided_at",
    "calendar_versions": "t.made_at, t.office_id, t.year",
    "certificate_reissues": "t.asked_at",
    "case_assignments": "t.at, t.application_id, t.office_id",
    "certificate_batches": "t.made_at, t.serial",
    "certificates": "t.number",
    "delegations": "t.created_at, t.to_office_id",
    "emergencies": "t.reported_at",
    "exam_rooms": "t.number",
    "exam_sites": "t.registered_at",
    "filings": "t.filed_at",
    "identity_corrections": "t.asked_at",
    "inquiries": "t.asked_at",
    "invigilators": "t.office_id, t.number",
    "moves": "t.version",
    "mark_corrections": "t.asked_at",
    "mark_imports": "t.proposed_at",
    "marks": "t.known_at, t.application_id, t.subject",
    "objections": "t.received_at",
    "offices": "t.id",
    "onsite_batches": "t.handed_in_at",
    "opening_alarms": "t.raised_at, t.sitting_id, t.site_id",
    "originals": "t.received_at",
    "plans": "t.made_at",
    "publication_entries": "t.publication_id, t.position",
    "publications": "t.drafted_at",
    "review_appeals": "t.asked_at",
    "sample_items": "t.sample_id, t.application_id",
    "sanction_cases": "t.opened_at",
    "score_checks": "t.asked_at",
    "season_acts": "t.made_at",
    "seasons": "t.year",
    "sittings": "t.set_at",
    "strikings": "t.proposed_at, t.kind",
    "training_courses": "t.set_at",
    "training_enrolments": "t.enrolled_at, t.application_id",
    "units": "t.name",
}
"""The order of the rows that an act chooses from: one that a repetition of the history has again."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act: its name, the table and condition of the rows that it is meant for, and the deed itself."""

    name: str
    table: str
    when: str
    do: Callable[..., object]


def act(table: str = "", when: str = "true") -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Make a method an act on a row ``t`` of the table; ``:now`` in the condition is the present moment."""

    def register(method: Callable[..., object]) -> Callable[..., object]:
        method.act = Act(method.__name__, table, when, method)  # type: ignore[attr-defined]
        return method

    return register


def acts_of(cls: type) -> dict[str, Act]:
    """The acts of a class and its mixins, by name."""
    found = {name: getattr(getattr(cls, name), "act", None) for name in dir(cls)}
    return {name: one for name, one in found.items() if isinstance(one, Act)}


class NothingToDo(Exception):
    """There is no row for an act."""


@dataclass(frozen=True, slots=True)
class Said:
    """The end of an act: done, refused with a code, or without anything to do."""

    act: str
    end: str
    row: str = ""

    @property
    def done(self) -> bool:
        """Whether the act was carried out."""
        return self.end == "done"

    def __str__(self) -> str:
        return f"{self.act}({self.row}): {self.end}"


class World:
    """The invented province on one connection of the superuser, who acts as the running role."""

    def __init__(self, season: Season) -> None:
        self.season = season
        self.luck = random.Random(0)  # noqa: S311 - a test's choices, not a secret
        self.acts = acts_of(type(self))

    @property
    def now(self) -> datetime:
        """The moment of the next act."""
        return self.season.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.season.now = moment

    @property
    def offices(self) -> Offices:
        """The offices with their plugins."""
        return self.season.offices

    def config(self, office: str) -> Any:
        """The configuration of an office."""
        return self.season.offices.config(OfficeCode(office))

    # Looking, as the superuser

    @contextmanager
    def all_seeing(self) -> Iterator[None]:
        """Leave the running role for a look at every row."""
        self.season.connection.exec_driver_sql("SET SESSION AUTHORIZATION DEFAULT")
        yield
        self.season.connection.exec_driver_sql("SET SESSION AUTHORIZATION kaowu_app")

    def look(self, query: str, **values: object) -> list[Row[Any]]:
        """The rows of a query, without the limits of a scope; ``:now`` is known."""
        given = {"now": self.now, **values}
        with self.all_seeing():
            return list(self.season.connection.exec_driver_sql(placeholders(query), given).all())

    def one(self, query: str, **values: object) -> Any:
        """The first value of a query; raises NothingToDo where there is no row, or null."""
        rows = self.look(query, **values)
        if not rows or rows[0][0] is None:
            raise NothingToDo
        return rows[0][0]

    def rows_for(self, table: str, when: str = "true", **values: object) -> list[Row[Any]]:
        """The rows of a table under a condition, always in the same order."""
        return self.look(f"SELECT t.* FROM {table} t WHERE {when} ORDER BY {ORDER[table]}", **values)

    def any_of(self, table: str, when: str = "true", **values: object) -> Row[Any]:
        """One of these rows by the draw of the step; raises NothingToDo where there is none."""
        rows = self.rows_for(table, when, **values)
        if not rows:
            raise NothingToDo
        return self.luck.choice(rows)

    # Acting

    def _actor(self, name: str, role: Role, **place: Any) -> Actor:
        return Actor(uuid5(_ACCOUNTS, f"{name} {role} {sorted(place.items())}"), f"测试{name}", role, **place)

    def person(self, case: Any) -> AbstractContextManager[PersonSession]:
        """A session of the applicant of a case."""
        actor = Actor(uuid5(_ACCOUNTS, str(case.person_id)), case.person_name, Role.APPLICANT, person_id=case.person_id)
        return self._begin(PersonSession, actor)

    def unit(self, unit_id: UUID, who: str = "管理") -> AbstractContextManager[UnitSession]:
        """A session of a unit's manager."""
        return self._begin(UnitSession, self._actor(who, Role.UNIT_MANAGER, unit_id=unit_id))

    def department(self, case: Any) -> AbstractContextManager[UnitSession]:
        """A session of the reviewer of a case's department."""
        actor = self._actor("主管", Role.DEPARTMENT_REVIEWER, unit_id=case.department_id or case.unit_id)
        return self._begin(functools.partial(UnitSession, unit_ids=[case.unit_id]), actor)

    def office(
        self, office: str, role: Role | None = None, who: str | None = None
    ) -> AbstractContextManager[OfficeSession]:
        """A session of an officer: a reviewer unless another role is asked for, one of two by the draw."""
        named = who or self.luck.choice(("甲", "乙"))
        if role is Role.CITY_SUPERVISOR and office == PROVINCE:
            role = Role.PROVINCIAL_OFFICER
        actor = self._actor(named, role or REVIEWERS[office], office_id=OfficeCode(office))
        return self._begin(OfficeSession, actor)

    def supervisor(self, office: str, who: str = "监管") -> AbstractContextManager[OfficeSession]:
        """A session of the supervisor of an office."""
        return self.office(office, Role.CITY_SUPERVISOR, who)

    def scheduler(self, office: str) -> AbstractContextManager[OfficeSession]:
        """A session of the officer who arranges the exams of an office."""
        return self.office(office, Role.SCHEDULER, "编排")

    def province(self, who: str | None = None) -> AbstractContextManager[ProvinceSession]:
        """A session of the center, which supervises."""
        named = who or self.luck.choice(("甲", "乙"))
        return self._begin(ProvinceSession, self._actor(named, Role.PROVINCIAL_OFFICER, office_id=PROVINCE))

    def system(self, office: str) -> AbstractContextManager[SystemSession]:
        """A session of the worker for an office."""
        return self.season.as_system(OfficeCode(office))

    @contextmanager
    def _begin(self, kind: Callable[..., Any], actor: Actor) -> Iterator[Any]:
        with kind(self.season.connection, actor=actor, now=self.now) as session, session.begin():
            yield session

    def perform(self, name: str, *, luck: int = 0, row: Any = None, anyone: bool = False) -> Said:
        """Carry out an act on ``row``, or on one of its rows by the draw; ``anyone`` is any row of its table.

        A refusal of the platform is an answer; any other exception is raised.
        """
        act = self.acts[name]
        self.luck = random.Random(luck)  # noqa: S311 - a test's choices, not a secret
        self.now += TICK
        try:
            given = self._given(act, row, anyone=anyone)
            act.do(self, *given)
            end = "done"
        except NothingToDo:
            return Said(name, "nothing")
        except KaowuError as refusal:
            end = refusal.code
        except DBAPIError as error:
            refusal = refusal_of(error)
            if refusal is None or refusal is CHANGED:
                raise
            end = refusal.code
        return Said(name, end, _shown(given))

    def _given(self, act: Act, row: Any, *, anyone: bool) -> tuple[Any, ...]:
        if not act.table:
            return ()
        return (row if row is not None else self.any_of(act.table, "true" if anyone else act.when),)

    # The draw of the step

    def chance(self, one_in: int) -> bool:
        """Whether something happens that happens once in so many times."""
        return self.luck.randrange(one_in) == 0

    @property
    def this_year(self) -> int:
        """The season of the day; after the last, the last."""
        return min(self.now.astimezone(SHANGHAI).year, NEXT)


_ACCOUNTS = UUID(int=7)
_NAMED = re.compile(r"(?<!:):([a-z_]+)")
REVIEWERS = {
    PROVINCE: Role.PROVINCIAL_OFFICER,
    CITY: Role.CITY_REVIEWER,
    OTHER_CITY: Role.CITY_REVIEWER,
    COUNTY: Role.COUNTY_REVIEWER,
}
_TELLING = ("reference", "number", "code", "name", "state", "subject", "id", "application_id", "year")


def _shown(given: tuple[Any, ...]) -> str:
    return ", ".join(str(next(getattr(row, name) for name in _TELLING if hasattr(row, name))) for row in given)


def placeholders(query: str) -> str:
    """A query with ``:name`` for values as the driver wants it."""
    return _NAMED.sub(r"%(\1)s", query.replace("%", "%%"))


def moment(year: int, month: int, day: int, hour: int = 9) -> datetime:
    """A moment in Shanghai, at nine in the morning where nothing else is said."""
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)
