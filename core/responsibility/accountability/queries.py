"""Cases of accountability as their readers see them, and the people whom one may be opened against."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from core.db.session import OfficeSession, ScopedSession
from core.errors import NotFound
from core.responsibility.accountability.procedure import CaseState
from core.responsibility.models import AccountabilityCase, AccountabilityStatement, ResponsiblePerson
from core.responsibility.queries import responsible_below
from core.responsibility.ranks import Rank
from core.responsibility.staff_queries import staff_below
from core.tenancy.models import Office


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody whom a case may be opened against: an account, or a responsible person."""

    office_id: str
    office_name: str
    name: str
    post: str
    account_id: UUID | None = None
    responsible_id: UUID | None = None

    @property
    def key(self) -> str:
        """The person as a choice of a form."""
        return f"account:{self.account_id}" if self.account_id else f"responsible:{self.responsible_id}"


@dataclass(frozen=True, slots=True)
class CaseTold:
    """A case with the names of its offices, and what the person said."""

    case: AccountabilityCase
    office_name: str
    to_office_name: str
    statements: Sequence[AccountabilityStatement] = ()


def concerned_below(session: OfficeSession, year: int) -> list[Concerned]:
    """The staff and the responsible persons of the office and of those below it; the actor is not among them."""
    names = office_names(session)
    found = [
        Concerned(one.office_id, names[one.office_id], one.name, "考务工作人员", account_id=one.account_id)
        for one in staff_below(session)
        if one.account_id not in {session.actor.account_id, session.actor.on_behalf_of}
    ]
    for place in responsible_below(session, year, below=session.office_id):
        found += [
            Concerned(place.office.id, place.office.short_name, entry.name, entry.post, responsible_id=entry.id)
            for rank in Rank
            if (entry := place.held.get(rank)) is not None
        ]
    return sorted(found, key=lambda one: (one.office_id, one.name, one.key))


def offices_below(session: OfficeSession) -> list[tuple[str, str]]:
    """The office and those below it, as choices."""
    wanted = select(Office.id, Office.short_name).where(
        or_(Office.id == session.office_id, Office.id.startswith(f"{session.office_id}/", autoescape=True))
    )
    return [(row.id, row.short_name) for row in session.execute(wanted.order_by(Office.id))]


def office_names(session: ScopedSession) -> dict[str, str]:
    """Office → its short name."""
    return {row.id: row.short_name for row in session.execute(select(Office.id, Office.short_name))}


def case_of(session: ScopedSession, case_id: UUID) -> AccountabilityCase:
    """One case; NotFound where the session may not see it."""
    found = session.get(AccountabilityCase, case_id)
    if found is None:
        raise NotFound("accountability_unknown", "没有找到该案件，请从“责任追究”中选择。")
    return found


def cases_of(session: ScopedSession, year: int) -> list[CaseTold]:
    """The cases of a year that the session sees, the unfinished ones first, then the latest."""
    names = office_names(session)
    over = AccountabilityCase.state.in_((CaseState.SERVED, CaseState.CLEARED, CaseState.DROPPED))
    wanted = select(AccountabilityCase).where(AccountabilityCase.year == year)
    found = session.scalars(wanted.order_by(over, AccountabilityCase.opened_at.desc(), AccountabilityCase.id))
    return [CaseTold(case, names[case.office_id], names[case.to_office_id]) for case in found]


def tell(session: ScopedSession, case_id: UUID) -> CaseTold:
    """One case with everything."""
    case, names = case_of(session, case_id), office_names(session)
    return CaseTold(case, names[case.office_id], names[case.to_office_id], statements_of(session, case.id))


def statements_of(session: ScopedSession, case_id: UUID) -> Sequence[AccountabilityStatement]:
    """What the person said, in order."""
    wanted = select(AccountabilityStatement).where(AccountabilityStatement.case_id == case_id)
    return session.scalars(wanted.order_by(AccountabilityStatement.at, AccountabilityStatement.id)).all()


def is_concerned(session: ScopedSession, case: AccountabilityCase) -> bool:
    """Whether the case is against the actor."""
    return case.account_id == session.actor.account_id


def responsible_entry(session: ScopedSession, entry_id: UUID) -> ResponsiblePerson | None:
    """A responsible person by the id of their entry."""
    return session.get(ResponsiblePerson, entry_id)


def next_number(session: OfficeSession, year: int) -> int:
    """The number of the office's next case of a year; the actor's own case counts, though they do not see it."""
    return int(session.execute(select(func.next_accountability_number(year))).scalar_one())


def cases_waiting(office_id: str, accounts: Collection[UUID], now: datetime) -> Select[int]:
    """The year of each case whose next step may be this supervisor's; a case against themselves they do not see so."""
    case = AccountabilityCase
    spoken = select(AccountabilityStatement.id).where(AccountabilityStatement.case_id == case.id).exists()
    heard = or_(case.hear_until <= now, spoken)
    another = case.opened_by.not_in(accounts)
    return select(case.year).where(
        case.office_id == office_id,
        case.account_id.is_(None) | case.account_id.not_in(accounts),
        or_(case.state.in_((CaseState.OPENED, CaseState.DECIDED)), (case.state == CaseState.HEARING) & heard & another),
    )


def own_cases_waiting(account: UUID, now: datetime) -> Select[int]:
    """The year of each case in which the actor may speak and has not."""
    case = AccountabilityCase
    spoken = select(AccountabilityStatement.id).where(AccountabilityStatement.case_id == case.id).exists()
    return select(case.year).where(
        case.account_id == account, case.state == CaseState.HEARING, case.hear_until > now, ~spoken
    )
