"""Before the season opens: accounts for every office, units with their departments, managers by the annex form."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import create_engine

from core.db.session import Actor, OfficeSession, Role, system_actor
from core.delegation.loading import load
from core.errors import Invalid
from core.identity.service import issue_account
from core.organizations import managers, names, service
from core.organizations.managers import IssuedAccess, ManagerDetails
from core.organizations.models import ManagerForm, Unit
from core.plugin_api import OfficeCode, OfficeLevel, WindowKind
from core.seasons.queries import calendar_now
from core.simulate.world import SimulatedUnit, World
from core.tenancy.office import OpenOffice

_EXAMINING: Mapping[str, Role] = {
    "scheduler": Role.SCHEDULER,
    "examiner": Role.EXAMINER,
    "second": Role.EXAMINER,
    "third": Role.EXAMINER,
}
_POSTS = {
    OfficeLevel.PROVINCE: {
        "online": Role.PROVINCIAL_OFFICER,
        "onsite": Role.PROVINCIAL_OFFICER,
        "supervisor": Role.CITY_SUPERVISOR,
        "center": Role.PROVINCIAL_OFFICER,
        "auditor": Role.PROVINCIAL_AUDITOR,
    },
    OfficeLevel.CITY: {"online": Role.CITY_REVIEWER, "onsite": Role.CITY_REVIEWER, "supervisor": Role.CITY_SUPERVISOR},
    OfficeLevel.COUNTY: {"online": Role.COUNTY_REVIEWER, "onsite": Role.COUNTY_REVIEWER},
}
_TITLES = {
    "online": "网审",
    "onsite": "现场",
    "supervisor": "监管",
    "center": "省中心",
    "auditor": "审计",
    "scheduler": "编排",
    "examiner": "考评",
    "second": "复核",
    "third": "评审",
    "fourth": "候补",
    "fifth": "候补二",
    "operator": "运维",
}


def load_offices(world: World) -> None:
    """Rows for every office, its first calendar and its first delegation."""
    owner = create_engine(world.platform.databases.owner_url, hide_parameters=True)
    try:
        load(owner, world.platform.engine, world.platform.offices.catalogue, now=world.clock())
    finally:
        owner.dispose()


def staff_offices(world: World) -> None:
    """Accounts for every office, its reviewers' issued by the office above; logins such as ``luoyang.online``."""
    for office in world.offices():
        world.staff[office.code] = {}
        _staff(world, office, office.parent or office.code, _POSTS[office.level])
        if office.level is not OfficeLevel.COUNTY:
            _staff(world, office, office.code, _EXAMINING)


def open_account(world: World, code: OfficeCode, who: str, role: Role) -> None:
    """One more account of an office; its login such as ``henan.operator``."""
    _staff(world, world.platform.offices.catalogue.get(code), code, {who: role})


def register_units(world: World) -> None:
    """For every office a department with two units below it, and a unit that is its own department."""
    for office in world.offices():
        units_of(world, office)


def units_of(world: World, office: OpenOffice) -> None:
    """A department with two units below it and a unit that is its own, each with somebody who acts for it."""
    owner = world.platform.offices.catalogue.city_of(office.code)
    is_center = office.level is OfficeLevel.PROVINCE
    area = None if is_center or not office.config.office.area_codes else office.area_code(world.clock().date())
    with world.office(office.code) as session:

        def add(name: str, parent: Unit | None = None) -> Unit:
            return service.register_unit(
                session,
                name=name,
                affiliation="provincial" if is_center else "local",
                office_id=owner,
                local_office_id=office.code,
                area_code=area,
                parent_id=parent.id if parent else None,
            )

        department = add(f"模拟{office.short_name}主管部门")
        session.flush()
        below = [add(f"模拟{office.short_name}第{number}单位", department) for number in ("一", "二")]
        alone = add(f"模拟{office.short_name}直管单位")
    reviewer = _manager(world, office.code, department, Role.DEPARTMENT_REVIEWER)
    for unit in below:
        manager = _manager(world, office.code, unit, Role.UNIT_MANAGER)
        world.units.append(SimulatedUnit(unit.id, owner, office.code, manager, reviewer))
    manager = _manager(world, office.code, alone, Role.UNIT_MANAGER)
    world.units.append(SimulatedUnit(alone.id, owner, office.code, manager))


def correct_names(world: World) -> None:
    """A unit's name is corrected inside the window, and the same is refused before and after it."""
    unit = world.units[0]
    corrected = "模拟更名单位"

    def correct() -> None:
        with world.unit(unit.manager) as session:
            window = calendar_now(session, unit.local_office, world.year).window(WindowKind.UNIT_NAMES)
            names.correct_name(session, unit.id, name=corrected, window=window)

    correct()
    world.at(world.day(3, 25, 9), lambda: world.refused("names_closed", correct))


def change_a_manager(world: World) -> None:
    """An incomplete form is refused, one is returned, and a new one ends the account of the former manager."""
    unit = world.units[1]
    details = _details("模拟经办人新")
    broken = ManagerDetails("", "male", "", "", "", "12")

    def file_broken() -> None:
        with world.unit(unit.manager) as session:
            managers.file_manager_form(session, unit.id, details=broken, keys=world.platform.keys)

    try:
        file_broken()
    except Invalid as refused:
        world.refusals[refused.code] += 1
    with world.unit(unit.manager) as at_unit:
        form = managers.file_manager_form(at_unit, unit.id, details=details, keys=world.platform.keys)
    with world.office(unit.local_office) as at_office:
        managers.return_manager_form(at_office, form.id, remark="公章不清晰")
    with world.unit(unit.manager) as at_unit:
        form = managers.file_manager_form(at_unit, unit.id, details=details, keys=world.platform.keys)
    with world.office(unit.local_office) as at_office:
        access = _handed_over(at_office, form.id)
    unit.manager = Actor(access.account_id, details.name, Role.UNIT_MANAGER, unit_id=unit.id)


def _staff(world: World, office: OpenOffice, issuer: OfficeCode, posts: Mapping[str, Role]) -> None:
    session = OfficeSession(world.platform.engine, actor=system_actor(issuer), now=world.clock())
    with session, session.begin():
        world.staff[office.code] |= {who: _issue(session, office, who, role) for who, role in posts.items()}


def _issue(session: OfficeSession, office: OpenOffice, who: str, role: Role) -> Actor:
    name = f"模拟{office.short_name}{_TITLES[who]}员"
    login = f"{office.code.rsplit('/', 1)[-1]}.{who}"
    account = issue_account(session, login=login, name=name, role=role, office_id=office.code, valid_from=session.now)
    return Actor(account.id, name, role, office_id=office.code)


def _manager(world: World, office: OfficeCode, unit: Unit, role: Role) -> Actor:
    details = _details(f"模拟经办人{unit.name[2:]}")
    with world.office(office) as session:
        form = managers.file_manager_form(session, unit.id, details=details, keys=world.platform.keys)
        access = _handed_over(session, form.id)
    return Actor(access.account_id, details.name, role, unit_id=unit.id)


def _handed_over(session: OfficeSession, form_id: UUID) -> IssuedAccess:
    """Accept a form, and note its letter as handed over: nobody of a simulated season signs in with its password."""
    access = managers.accept_manager_form(session, form_id)
    session.get_one(ManagerForm, form_id).access_issued_at = session.now
    return access


def _details(name: str) -> ManagerDetails:
    return ManagerDetails(name[:20], "female", "人事科", "科员", "0371-00000000", "19900000000")
