"""A practice office (演练) gets made-up people to work on, and gets rid of those of before: `kaowu practice reset`.

All is done by the services that real people use, and nothing is deleted: what still waits is withdrawn in the name of
its applicant, and the record keeps every act. Their identity numbers lie in areas that name no place.
"""

import random
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.applications import service as applications
from core.applications.models import Application
from core.clock import SettableClock
from core.db.session import SYSTEM_ACCOUNT, Actor, OfficeSession, Role, SignInSession, system_actor
from core.domain.workflow import Action, By, State, allowed_actions
from core.errors import Conflict, NotFound
from core.identity.models import Account, RoleGrant
from core.identity.roles import holds
from core.organizations.models import Unit
from core.platform import Platform
from core.plugin_api import OfficeCode, StaffCategory
from core.seasons.queries import latest_season
from core.simulate.cases import Case
from core.simulate.people import invent
from core.simulate.staffing import units_of
from core.simulate.world import SimulatedUnit, World
from core.tenancy.models import Office

_FIRST: Final = 1_100_000
"""The index of the first invented person of a practice office: those of simulated seasons come before."""
_AT_UNIT: Final = 4
"""Of the new applications every ``_AT_UNIT``-th is left for its unit to review."""
_GRADES: Final = 3
"""The lower grades, whose conditions a newcomer meets first."""
_WITHDRAWN: Final = tuple(state for state in State if Action.WITHDRAW in allowed_actions(state, {By.APPLICANT}))
_NOBODY: Final = Actor(SYSTEM_ACCOUNT, "演练", Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Reset:
    """How many applications were withdrawn, and how many new ones wait."""

    withdrawn: int
    filed: int


def reset(platform: Platform, code: OfficeCode, *, people: int) -> Reset:
    """Withdraw what waits in a practice office, and file new applications of invented people.

    NotFound for an unknown office, Conflict for one that does not practise or outside the registration of its season.
    """
    actor = system_actor(code)
    with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session:
        _check_practises(session, code)
        season = latest_season(session)
        if season is None:
            raise Conflict("no_season", "还没有开始任何年度，演练机构中没有可以申报的年度。请先载入年度文件。")
        year = season.year
    world = World(platform, SettableClock(platform.clock()), year, random.Random())  # noqa: S311 - invented careers
    world.staff = {world.province: {"center": system_actor(world.province)}, code: {"online": actor}}
    withdrawn = _withdraw_all(world, code)
    return Reset(withdrawn, _file(world, code, people))


def _check_practises(session: Session, code: OfficeCode) -> None:
    office = session.get(Office, code)
    if office is None:
        raise NotFound("office_not_found", f"没有找到机构{code}。请核对代码，或先用kaowu tenants load载入。")
    if not office.practice:
        raise Conflict("not_a_practice_office", f"{office.name}不是演练机构，不能放入虚构人员。请改用演练机构。")


def _withdraw_all(world: World, code: OfficeCode) -> int:
    """Withdraw every application of the office that can be, in the name of its applicant."""
    engine, now = world.platform.engine, world.clock()
    waiting = select(Application.id, Application.person_id, Application.person_name).where(
        Application.office_id == code, Application.state.in_(_WITHDRAWN)
    )
    with OfficeSession(engine, actor=system_actor(code), now=now) as session:
        found = session.execute(waiting).all()
    for case_id, person_id, name in found:
        with SignInSession(engine, actor=_NOBODY, now=now) as accounts:
            account = accounts.scalars(select(Account.id).where(Account.person_id == person_id)).one()
        with world.person(Actor(account, name, Role.APPLICANT, person_id=person_id)) as session:
            applications.withdraw(session, case_id, offices=world.platform.offices)
    return len(found)


def _file(world: World, code: OfficeCode, people: int) -> int:
    """File new applications, most of them up to the office's desk."""
    units = _units(world, code)
    season = world.platform.offices.catalogue.season(world.year)
    grades = [grade for grade in sorted(season.grades, reverse=True) if season.trades_for(grade)][:_GRADES]
    with SignInSession(world.platform.engine, actor=_NOBODY, now=world.clock()) as accounts:
        before = accounts.scalar(select(func.count()).where(Account.login.like(f"person-{_FIRST // 100_000}%")))
    first = _FIRST + (before or 0)
    for number, index in enumerate(range(first, first + people)):
        grade = grades[number % len(grades)]
        trades = [trade.code for trade in season.trades_for(grade)]
        answers = {"grade": grade, "staff_category": StaffCategory.REGULAR}
        person = invent(index, world.rng, year=world.year, trades=trades, **answers)
        case = Case(world, person, units[number % len(units)])
        case.register_and_draft()
        case.submit()
        if number % _AT_UNIT:
            case.review_at_unit()
            if case.unit.department is not None:
                case.review_at_department()
    return people


def _units(world: World, code: OfficeCode) -> list[SimulatedUnit]:
    """The units of the office with those who act for them now; made where there are none."""
    engine, now = world.platform.engine, world.clock()
    with OfficeSession(engine, actor=system_actor(code), now=now) as session:
        there = session.scalars(select(Unit).where(Unit.office_id == code, Unit.ended_at.is_(None))).all()
        held = dict.fromkeys(unit.id for unit in there)
        placed = [(unit.id, unit.parent_id) for unit in there]
    acting = {}
    with SignInSession(engine, actor=_NOBODY, now=now) as accounts:
        grants = select(RoleGrant, Account).join(Account, Account.id == RoleGrant.account_id)
        for grant, account in accounts.execute(grants.where(RoleGrant.unit_id.in_(held), holds(now))):
            acting[grant.unit_id, Role(grant.role)] = Actor(
                account.id, account.name, Role(grant.role), unit_id=grant.unit_id
            )
    world.units = [
        SimulatedUnit(unit, code, code, acting[unit, Role.UNIT_MANAGER], acting.get((parent, Role.DEPARTMENT_REVIEWER)))
        for unit, parent in placed
        if (unit, Role.UNIT_MANAGER) in acting
    ]
    if not world.units:
        units_of(world, world.platform.offices.catalogue.get(code))
    return world.units
