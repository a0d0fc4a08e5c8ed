"""A tiny invented province with its people and offices: plain functions that walk the services, as each role would.

The sessions of a test share one connection, and PostgreSQL's settings say which of them speaks: the one that began
last. So a test ends one session before it begins the next, and each function here commits what it made.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from core.applications.forms import ApplicationDraft
from core.applications.rules.document import load_rule_document
from core.applications.service import Applicant, open_draft
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import (
    ANONYMOUS,
    Actor,
    OfficeSession,
    PersonSession,
    ProvinceSession,
    PublicSession,
    Role,
    SignInSession,
    UnitSession,
    system_actor,
)
from core.domain import identity_number
from core.identity import service as identity
from core.organizations import managers, queries, service as organizations
from core.organizations.managers import IssuedAccess, ManagerDetails
from core.organizations.models import Unit
from core.plugin_api import OfficeCode, Sex
from core.reviews.replay import keep_texts
from core.seasons.models import Season
from core.security.keys import FileKeys
from core.settings import ROOT
from core.tenancy.models import Office

PROVINCE = OfficeCode("linshui")
CITY = OfficeCode("linshui/linjiang")
COUNTY = OfficeCode("linshui/linjiang/dongshan")
OTHER_CITY = OfficeCode("linshui/beihe")

YEAR = 2024
NOW = datetime(2024, 3, 25, 9, 30, tzinfo=SHANGHAI)
KEYS = FileKeys(1, {1: bytes(range(32))}, bytes(range(32, 64)))

_OFFICES = (
    (PROVINCE, None, "province", "临水省考务中心"),
    (CITY, PROVINCE, "city", "临江市考务中心"),
    (COUNTY, CITY, "county", "东山县考务中心"),
    (OTHER_CITY, PROVINCE, "city", "北河市考务中心"),
)
RULES = load_rule_document(ROOT / "tenants" / "henan" / "rules" / "2024.toml")
_REVIEWERS = {
    PROVINCE: Role.PROVINCIAL_OFFICER,
    CITY: Role.CITY_REVIEWER,
    COUNTY: Role.COUNTY_REVIEWER,
    OTHER_CITY: Role.CITY_REVIEWER,
}


def load_province(owner: Engine) -> None:
    """Write the offices and the season, as ``tenants load`` does from files; what is there already stays."""
    offices = [
        {"id": code, "parent_id": parent, "level": level, "name": name, "short_name": name[:3], "loaded_at": NOW}
        for code, parent, level, name in _OFFICES
    ]
    season = {
        "year": YEAR,
        "province_id": PROVINCE,
        "notice": "临水人社〔2024〕1号",
        "notice_date": date(2024, 3, 15),
        "rule_document": "henan-2024",
    }
    with owner.begin() as connection:
        connection.execute(insert_or_skip(Office).on_conflict_do_nothing(), offices)
        connection.execute(insert_or_skip(Season).on_conflict_do_nothing(), [season])
        keep_texts(connection, [RULES], NOW)


def office_session(connection: Connection, office_id: OfficeCode, *, now: datetime = NOW) -> OfficeSession:
    """A session of a reviewer of the office."""
    return OfficeSession(connection, actor=officer(office_id), now=now)


def staffing_session(connection: Connection, office_id: OfficeCode, *, now: datetime = NOW) -> OfficeSession:
    """A session of the office's supervisor, who fills its posts."""
    role = Role.PROVINCIAL_OFFICER if office_id == PROVINCE else Role.CITY_SUPERVISOR
    return OfficeSession(connection, actor=Actor(new_id(), "测试监管人", role, office_id=office_id), now=now)


def province_session(connection: Connection, *, now: datetime = NOW) -> ProvinceSession:
    """A session of the provincial center as everybody's supervisor."""
    return ProvinceSession(connection, actor=officer(PROVINCE), now=now)


def signin_session(connection: Connection, *, now: datetime = NOW) -> SignInSession:
    """A session of a visitor before the sign-in."""
    return SignInSession(connection, actor=ANONYMOUS, now=now)


def person_session(connection: Connection, person_id: UUID, *, now: datetime = NOW) -> PersonSession:
    """A session of an applicant."""
    actor = Actor(new_id(), "测试申报人", Role.APPLICANT, person_id=person_id)
    return PersonSession(connection, actor=actor, now=now)


def unit_session(connection: Connection, unit_id: UUID, *, now: datetime = NOW) -> UnitSession:
    """A session of a unit's manager, over the unit and what lies below it."""
    with PublicSession(connection, actor=ANONYMOUS, now=now) as session:
        unit_ids = queries.units_below(session, unit_id)
    actor = Actor(new_id(), "测试单位管理员", Role.UNIT_MANAGER, unit_id=unit_id)
    return UnitSession(connection, actor=actor, now=now, unit_ids=unit_ids)


def officer(office_id: OfficeCode) -> Actor:
    """A reviewer of the office, of the role that fits its level."""
    return Actor(new_id(), "测试经办人", _REVIEWERS[office_id], office_id=office_id)


def id_number(index: int, *, birth: date = date(1980, 5, 6), sex: Sex = Sex.MALE) -> str:
    """The number of the invented person ``index``."""
    return identity_number.simulated(index, birth, sex)


def make_person(connection: Connection, index: int = 1, *, name: str | None = None, now: datetime = NOW) -> UUID:
    """Register the invented person ``index``, who is called 测试人 and a number, and return the id."""
    with signin_session(connection, now=now) as session:
        person_id = identity.claim_person(
            session, id_number=id_number(index), name=name or f"测试人{index:04d}", phone="13800000000", keys=KEYS
        )
        session.commit()
    return person_id


def make_account(
    connection: Connection,
    login: str,
    *,
    role: Role,
    office_id: OfficeCode | None = None,
    unit_id: UUID | None = None,
    person_id: UUID | None = None,
    valid_from: datetime = NOW,
    valid_until: datetime | None = None,
) -> Actor:
    """Issue an account, a staff member's by their office, and return its actor."""
    issuer = system_actor(office_id or CITY)
    session: OfficeSession | SignInSession = (
        signin_session(connection) if role is Role.APPLICANT else OfficeSession(connection, actor=issuer, now=NOW)
    )
    with session:
        account = identity.issue_account(
            session,
            login=login,
            name="测试账号",
            role=role,
            office_id=office_id,
            unit_id=unit_id,
            person_id=person_id,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        session.commit()
    return Actor(account.id, account.name, role, office_id=office_id, unit_id=unit_id, person_id=person_id)


def make_unit(
    connection: Connection,
    name: str = "测试单位甲",
    *,
    office_id: OfficeCode = CITY,
    local_office_id: OfficeCode | None = None,
    parent_id: UUID | None = None,
    now: datetime = NOW,
) -> Unit:
    """Have the office register a unit of its area."""
    with office_session(connection, office_id, now=now) as session:
        unit = organizations.register_unit(
            session,
            name=name,
            affiliation="local",
            office_id=office_id,
            local_office_id=local_office_id or office_id,
            parent_id=parent_id,
        )
        session.commit()
    return unit


def manager_details(name: str = "测试管理员0001") -> ManagerDetails:
    """A complete annex form."""
    return ManagerDetails(
        name=name, sex="female", department="人事科", post="科员", office_phone="0379-00000000", mobile="13900000000"
    )


def make_manager(connection: Connection, unit: Unit, name: str = "测试管理员0001") -> IssuedAccess:
    """File the annex form of a unit and have the office of its level accept it."""
    level = OfficeCode(unit.local_office_id)
    with office_session(connection, level) as session:
        form = managers.file_manager_form(session, unit.id, details=manager_details(name), keys=KEYS)
        access = managers.accept_manager_form(session, form.id)
        session.commit()
    return access


def make_draft(connection: Connection, person_id: UUID, unit_id: UUID, *, now: datetime = NOW) -> UUID:
    """Begin an application of a person in a unit and return its id."""
    applicant = Applicant(person_id, "测试人0001", "0001")
    with person_session(connection, person_id, now=now) as session:
        application = open_draft(session, applicant, year=YEAR, unit_id=unit_id, draft=ApplicationDraft())
        session.commit()
    return application.id
