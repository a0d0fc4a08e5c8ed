"""The accounts of the demonstration, and the work that waits for each: counted in the database at each start."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.applications.models import Application
from core.db.session import Actor, AuditorSession, OfficeSession, Role, SignInSession
from core.domain.workflow import State
from core.identity.models import Account, RoleGrant
from core.oversight.earlier_queries import Open, work_of_season
from core.oversight.models import Filing
from core.oversight.years.acts import is_pending
from core.plugin_api import OfficeCode
from core.results.models.archive import ArchiveHandover
from core.results.models.awards import Certificate, Objection, Publication, Striking
from core.results.models.ledger import CertificateBatch, CertificateBatchItem
from core.results.models.marks import MarkImport
from core.reviews.models import Original
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.seasons.models import SeasonAct
from core.simulate.demo.exams import OWN_COPY
from core.simulate.demo.season import (
    AWARDING,
    CERTIFYING,
    CITY,
    COUNTY,
    EXAMINING,
    FIRST,
    ON_SITE,
    PLANNING,
    PRACTICE,
    PUBLISHING,
    YEAR,
)


@dataclass(frozen=True, slots=True)
class Waits:
    """An account that can sign in: its role, its office (a code, or empty), and the work that waits for it."""

    account_id: UUID
    login: str
    role: Role
    place: str
    what: str


_OFFICERS: Final[tuple[tuple[str, OfficeCode, str], ...]] = (
    ("yiyang.online", COUNTY, ""),
    ("luoyang.online", CITY, ""),
    ("anyang.onsite", ON_SITE, "to_confirm"),
    ("anyang.supervisor", ON_SITE, "returned_filing"),
    ("jiaozuo.scheduler", PLANNING, "draft_plan"),
    ("hebi.examiner", EXAMINING, "sitting"),
    ("hebi.second", EXAMINING, "marks"),
    ("xuchang.examiner", AWARDING, ""),
    ("xuchang.supervisor", AWARDING, ""),
    ("pingdingshan.supervisor", PUBLISHING, "list_out"),
    ("sanmenxia.online", CERTIFYING, "papers"),
    ("luoyang.supervisor", CITY, ""),
    ("henan.center", OfficeCode("henan"), "closing"),
    ("henan.auditor", OfficeCode("henan"), "record"),
    ("henan.operator", OfficeCode("henan"), "codes"),
    ("practice.online", PRACTICE, ""),
)
"""Login, office, and the work beyond what the menu counts, in the order of a season.

Kinds of work that a menu counts are told by themselves.
"""

_REVIEWS: Final[dict[Role, tuple[Any, State]]] = {
    Role.UNIT_MANAGER: (Application.unit_id, State.UNIT_REVIEW),
    Role.DEPARTMENT_REVIEWER: (Application.department_id, State.DEPARTMENT_REVIEW),
}


def who_waits(auditor: AuditorSession, accounts: SignInSession) -> Iterator[Waits]:
    """The accounts of the demonstration, the applicants first; those with nothing left to do as well."""
    for state, what in (
        (State.DRAFT, "an application to finish and submit: /my"),
        (State.RETURNED, "an application to correct and submit again: /my"),
    ):
        yield from _applicant(accounts, auditor.scalars(_in_state(state)).all(), what)
    ticket = select(Application.person_id).join(AdmissionTicket, AdmissionTicket.application_id == Application.id)
    sits = (
        ticket.join(Seat, Seat.application_id == Application.id)
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .where(AdmissionTicket.voided_at.is_(None), Seat.voided_at.is_(None), Sitting.starts_at > auditor.now)
    )
    found = auditor.scalars(sits.order_by(Application.person_name).limit(1)).all()
    yield from _applicant(accounts, found, "an admission ticket to print: /my")
    held = select(Application.person_id).join(Certificate, Certificate.application_id == Application.id)
    held = held.where(Certificate.revoked_at.is_(None))
    found = auditor.scalars(held.order_by(Application.person_name).limit(1)).all()
    yield from _applicant(accounts, found, f"a certificate of {YEAR - 1}: /certificates/own")
    yield from _of_unit(auditor, accounts, Role.UNIT_MANAGER)
    yield from _of_unit(auditor, accounts, Role.DEPARTMENT_REVIEWER)
    yield from _of_files(auditor, accounts)
    for login, office, what in _OFFICERS:
        account = accounts.scalar(select(Account).where(Account.login == login))
        if account is not None:
            role = Role(accounts.scalars(select(RoleGrant.role).where(RoleGrant.account_id == account.id)).one())
            counted = _counted(auditor, Actor(account.id, account.name, role, office_id=office))
            more = [_WHAT[what](auditor, office)] if what else []
            yield Waits(account.id, login, role, office, "; ".join([*more, *counted]))


def _counted(auditor: AuditorSession, actor: Actor) -> list[str]:
    """The kinds of work that the officer's menu counts, each with its number: what ``/season`` leads to."""
    with OfficeSession(auditor.get_bind(), actor=actor, now=auditor.now) as session:
        found = work_of_season(session, YEAR, current=True)
    return [f"{found[kind]} {kind.value.replace('_', ' ')}" for kind in Open if kind in found]


def _in_state(state: State) -> Select[Any]:
    """The applicants of the city whose applications are in this state; of a unit's draft the person has no account."""
    wanted = select(Application.person_id).where(
        Application.local_office_id == CITY, Application.year == YEAR, Application.state == state
    )
    return wanted.order_by(Application.person_name)


def _applicant(accounts: SignInSession, people: Sequence[UUID], what: str) -> Iterator[Waits]:
    """The first of these people who has an account."""
    held = {
        account.person_id: account for account in accounts.scalars(select(Account).where(Account.person_id.in_(people)))
    }
    for account in [held[person_id] for person_id in people if person_id in held][:1]:
        yield Waits(account.id, account.login, Role.APPLICANT, "", what)


def _of_unit(auditor: AuditorSession, accounts: SignInSession, role: Role) -> Iterator[Waits]:
    """The reviewer of the city's unit, or department, where most applications wait."""
    of, state = _REVIEWS[role]
    wanted = (
        select(of, func.count())
        .where(Application.local_office_id == CITY, Application.year == YEAR, Application.state == state)
        .group_by(of)
    )
    found = auditor.execute(wanted.order_by(func.count().desc(), of).limit(1)).one_or_none()
    if found is None:
        return
    held = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.unit_id == found[0], RoleGrant.role == role.value, RoleGrant.valid_until.is_(None))
    )
    account = accounts.scalars(held.order_by(Account.login).limit(1)).first()
    if account is not None:
        yield Waits(account.id, account.login, role, CITY, f"{_people(found[1])} to review: /unit")


def _of_files(auditor: AuditorSession, accounts: SignInSession) -> Iterator[Waits]:
    """The manager of a unit that was given papers for the personnel files, and has not said that it has them."""
    wanted = select(ArchiveHandover).where(ArchiveHandover.unit_id.is_not(None), ArchiveHandover.state == "handed_over")
    given = auditor.scalars(wanted.order_by(ArchiveHandover.handed_at, ArchiveHandover.serial).limit(1)).first()
    if given is None:
        return
    role = Role.UNIT_MANAGER
    held = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.unit_id == given.unit_id, RoleGrant.role == role.value, RoleGrant.valid_until.is_(None))
    )
    account = accounts.scalars(held.order_by(Account.login).limit(1)).first()
    if account is not None:
        what = "papers for personnel files to receive: /unit/archive; certificates to be signed for: /unit/certificates"
        yield Waits(account.id, account.login, role, OfficeCode(given.office_id), what)


def _count(session: Session, *conditions: Any) -> int:
    return session.execute(select(func.count()).where(*conditions)).scalar_one()


def _people(number: int, one: str = "person", many: str = "people") -> str:
    return f"{number} {one if number == 1 else many}"


def _to_confirm(session: AuditorSession, office: OfficeCode) -> str:
    held = _count(session, Original.office_id == office, Original.returned_at.is_(None))
    return f"{_people(held, 'original', 'originals')} to give back: /onsite"


def _returned_filing(session: AuditorSession, office: OfficeCode) -> str:
    latest = select(Filing.state).where(Filing.office_id == office, Filing.year == YEAR)
    if session.scalar(latest.order_by(Filing.filed_at.desc()).limit(1)) == "returned":
        return "exam dates that the center has returned, to file anew: /filings"
    return "nothing returned any more; what the city owes: /filings"


def _draft_plan(session: AuditorSession, office: OfficeCode) -> str:
    plan = session.scalar(select(Plan).where(Plan.office_id == office, Plan.year == YEAR, Plan.state == "draft"))
    if plan is None:
        return "the seats are published: /plans"
    seats = _count(session, Seat.plan_id == plan.id)
    return f"a plan with {_people(seats, 'seat', 'seats')} to publish: /plans"


def _sitting(session: AuditorSession, office: OfficeCode) -> str:
    now = session.now
    sitting = session.scalar(
        select(Sitting.id).where(Sitting.office_id == office, Sitting.starts_at <= now, Sitting.ends_at > now)
    )
    if sitting is None:
        return "three sittings and who came: /exams/day"
    live = (Seat.sitting_id == sitting, Seat.published_at.is_not(None), Seat.voided_at.is_(None))
    come = _count(session, Attendance.sitting_id == sitting, Attendance.state == "present")
    return f"a sitting under way, {come} of {_count(session, *live)} have come: /exams/day"


def _marks(session: AuditorSession, office: OfficeCode) -> str:
    waiting = _count(session, MarkImport.office_id == office, MarkImport.year == YEAR, MarkImport.state == "proposed")
    return f"{_people(waiting, 'table', 'tables')} of marks to confirm by comparing with var/{OWN_COPY}: /marks"


def _list_out(session: AuditorSession, office: OfficeCode) -> str:
    out = select(Publication.id).where(
        Publication.office_id == office, Publication.year == YEAR, Publication.state == "published"
    )
    listed = session.scalar(out.limit(1))
    if listed is None:
        return "what became of the list: /awards"
    raised = _count(session, Objection.publication_id == listed, Objection.state != "open")
    heard = _count(session, Striking.publication_id == listed, Striking.state == "proposed")
    answered = _people(raised, "answered objection", "answered objections")
    return f"a list before the public, {answered}, {_people(heard, 'hearing', 'hearings')}: /awards"


def _papers(session: AuditorSession, office: OfficeCode) -> str:
    wanted = (CertificateBatch.state == "handed_over", CertificateBatchItem.state == "waiting")
    waiting = session.execute(
        select(func.count())
        .select_from(CertificateBatchItem)
        .join(CertificateBatch, CertificateBatch.id == CertificateBatchItem.batch_id)
        .where(*wanted, CertificateBatch.office_id == office, CertificateBatch.year == YEAR)
    ).scalar_one()
    return f"{_people(waiting, 'certificate', 'certificates')} to be signed for: /certificates/ledger"


def _closing(session: AuditorSession, _office: OfficeCode) -> str:
    acts = session.scalars(select(SeasonAct).where(SeasonAct.year == FIRST.year)).all()
    if any(is_pending(act, session.now) for act in acts):
        return f"the year {FIRST.year} to be closed, with what is left in each office: /season/years/{FIRST.year}"
    return f"the year {FIRST.year}: /season/years/{FIRST.year}"


def _record(_session: AuditorSession, _office: OfficeCode) -> str:
    return "the record of everything that was done: /record; a table of it to fetch: /exports"


def _codes(_session: AuditorSession, _office: OfficeCode) -> str:
    return "the codes that people wait for, since a demonstration sends nothing: /operations/outbox"


_WHAT: Final[dict[str, Callable[[AuditorSession, OfficeCode], str]]] = {
    "to_confirm": _to_confirm,
    "returned_filing": _returned_filing,
    "draft_plan": _draft_plan,
    "sitting": _sitting,
    "marks": _marks,
    "list_out": _list_out,
    "papers": _papers,
    "closing": _closing,
    "record": _record,
    "codes": _codes,
}
