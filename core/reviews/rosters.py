"""The two rosters that a unit prints, has stamped and brings to its office. Source: 2024 notice §3(3).

A roster's version and digest are printed on the paper. A new version is made only where the rows have changed, so
that an office sees at once whether a paper is the latest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select

from core.applications.models import Application
from core.applications.printed_numbers import masked, printed_numbers
from core.audit.service import RecordSubject, digest_of, record, record_on
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, UnitSession
from core.domain.workflow import State
from core.errors import Conflict, NotFound
from core.organizations.models import Unit
from core.organizations.queries import carried_on
from core.printing.fonts import check_printable
from core.reviews.models import Roster
from core.seasons.queries import check_not_ended
from core.security.keys import KeyProvider


class RosterKind(StrEnum):
    """Which of the two."""

    PASSED = "passed"
    ONSITE = "onsite"


ROSTER_TITLES: Final[dict[RosterKind, str]] = {
    RosterKind.PASSED: "网上资格审查通过人员名册表",
    RosterKind.ONSITE: "需现场审查人员名册表",
}
_STATES: Final = {
    RosterKind.PASSED: (State.PROVISIONAL, State.QUALIFIED),
    RosterKind.ONSITE: (State.ONSITE_CONFIRMATION,),
}


@dataclass(frozen=True, slots=True)
class RosterContent:
    """The content of a roster as of now: rows, numbered from 1 in the order of the references, and their digest."""

    kind: RosterKind
    year: int
    unit_id: UUID
    unit_name: str
    rows: tuple[dict[str, Any], ...]
    digest: str

    @property
    def title(self) -> str:
        """The official name of the form."""
        return ROSTER_TITLES[self.kind]

    @property
    def printed(self) -> dict[str, tuple[str, str]]:
        """What may have a rare character: name and unit, by who it is."""
        return {f"{row['name']}（{row['reference']}）": (row["name"], row["unit"]) for row in self.rows}


def roster_rows(session: UnitSession, kind: RosterKind, year: int) -> RosterContent:
    """The present content of a roster of the session's unit. Identity numbers show their last four characters."""
    unit = session.get_one(Unit, session.unit_id)
    cases = session.scalars(_cases(session, kind, year).order_by(Application.reference)).all()
    rows = tuple(_row(number, case) for number, case in enumerate(cases, start=1))
    return RosterContent(kind, year, unit.id, unit.name, rows, digest_of(rows).hex())


def make_roster(session: UnitSession, kind: RosterKind, year: int) -> Roster:
    """The version to print: the latest one where nothing has changed since, otherwise a new one.

    Raises Conflict for a roster without rows or with a name that cannot be printed, or where a colleague makes it at
    the same moment.
    """
    check_not_ended(session, year)
    content = roster_rows(session, kind, year)
    if not content.rows:
        raise Conflict("roster_empty", f"目前没有人员列入《{content.title}》，无需打印。请待审查有结果后再来。")
    check_printable(content.printed, what="生成名册表")
    latest = _latest(session, session.unit_id, kind, year)
    if latest is not None and latest.digest == content.digest:
        return latest
    made = Roster(
        id=new_id(),
        unit_id=session.unit_id,
        office_id=_office_for(session, kind, year),
        year=year,
        kind=kind.value,
        version=1 if latest is None else latest.version + 1,
        rows=list(content.rows),
        digest=content.digest,
        made_at=session.now,
        made_by=session.actor.account_id,
    )
    _insert(session, made)
    record(
        session,
        "roster.made",
        office_id=made.office_id,
        subject_type="roster",
        subject_id=made.id,
        payload={"kind": made.kind, "version": made.version, "people": len(made.rows), "digest": made.digest},
    )
    return made


def roster(session: UnitSession | OfficeSession, roster_id: UUID) -> Roster:
    """One version; NotFound where the session may not see it."""
    found = session.get(Roster, roster_id)
    if found is None:
        raise NotFound("no_such_roster", "没有找到这份名册，或您无权查看。请核对名册编号。")
    return found


def rows_to_print(session: UnitSession, made: Roster, *, keys: KeyProvider) -> list[dict[str, Any]]:
    """The rows of a version as they are stamped, with full identity numbers; the opening is recorded.

    What is kept of a roster stays masked.
    """
    tails = {UUID(row["application_id"]): row["identity"][-4:] for row in made.rows}
    numbers = printed_numbers(session, tails, keys=keys)
    subject = RecordSubject(made.office_id, "roster", made.id)
    record_on(session, subject, "roster.opened", people=len(made.rows))
    return [{**row, "identity": numbers[UUID(row["application_id"])]} for row in made.rows]


def is_superseded(session: UnitSession | OfficeSession, roster: Roster) -> bool:
    """Whether a later version of the same roster has been made."""
    later = exists().where(
        Roster.unit_id == roster.unit_id,
        Roster.year == roster.year,
        Roster.kind == roster.kind,
        Roster.version > roster.version,
    )
    return bool(session.scalar(select(later)))


def rosters_of(session: UnitSession | OfficeSession, unit_id: UUID, year: int) -> Sequence[Roster]:
    """Every version that was made for a unit, the latest of each kind first."""
    wanted = select(Roster).where(Roster.unit_id == unit_id, Roster.year == year)
    return session.scalars(wanted.order_by(Roster.kind, Roster.version.desc())).all()


def offices_of(session: UnitSession, kind: RosterKind, year: int) -> Sequence[str]:
    """The offices that are in charge of the cases of a roster."""
    wanted = _cases(session, kind, year).with_only_columns(Application.handler_office_id).distinct()
    return session.scalars(wanted.order_by(Application.handler_office_id)).all()


def _cases(session: UnitSession, kind: RosterKind, year: int) -> Any:
    return select(Application).where(
        Application.unit_id.in_(carried_on(session.unit_id)),
        Application.year == year,
        Application.state.in_(_STATES[kind]),
    )


def _row(number: int, case: Application) -> dict[str, Any]:
    return {
        "number": number,
        "application_id": str(case.id),
        "reference": case.reference,
        "name": case.person_name,
        "identity": masked(case.id_tail),
        "unit": case.unit_name,
        "grade": case.grade_label,
        "trade": case.trade or "",
        "remark": "容缺" if case.deferral_open else "",
    }


def _latest(session: UnitSession, unit_id: UUID, kind: RosterKind, year: int) -> Roster | None:
    wanted = select(Roster).where(Roster.unit_id == unit_id, Roster.year == year, Roster.kind == kind.value)
    return session.scalars(wanted.order_by(Roster.version.desc()).limit(1)).first()


def _office_for(session: UnitSession, kind: RosterKind, year: int) -> str:
    """The office that the paper goes to: the one in charge of all its cases, or else the one that counts them."""
    offices = session.execute(
        _cases(session, kind, year).with_only_columns(
            func.min(Application.handler_office_id),
            func.max(Application.handler_office_id),
            func.min(Application.office_id),
        )
    ).one()
    return str(offices[0] if offices[0] == offices[1] else offices[2])


def _insert(session: UnitSession, made: Roster) -> None:
    with in_words(), session.begin_nested():
        session.add(made)
        session.flush()
