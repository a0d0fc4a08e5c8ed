"""Reading the work of offices: filings and duties, and the figures of every office.

Figures are sums of the counts that every change of a case has left (``case_counts``), so that they cost the same
however many cases there are; ``submitted`` always means that a case was submitted at least once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from core.applications.models import Application, CaseCount
from core.clock import SHANGHAI
from core.db.session import AuditorSession, ProvinceSession, ScopedSession
from core.domain.calendar import due_after
from core.domain.workflow import AT_OFFICES, AT_UNITS, IN_REVIEW, Action, State
from core.errors import Conflict, NotFound, PluginError
from core.oversight.board import Monitored
from core.oversight.filings_due import KIND_LABELS, Duty, FiledVersion, FilingState, duties
from core.oversight.models import Filing
from core.plugin_api import (
    FilingDue,
    FilingKind,
    Grade,
    OfficeCode,
    OfficeLevel,
    OfficeView,
    SeasonView,
    StandardFigure,
)
from core.tenancy.models import Office
from core.tenancy.office import OpenOffice
from core.tenancy.offices import Offices

CORRECTION_WORKING_DAYS = 5
"""Working days to file again after a return; the notice sets no such date, so this is the system's own."""

_Counted = type[Application] | type[CaseCount]
_OFFICE_DECISIONS = (Action.APPROVE, Action.CONFIRM, Action.RETURN, Action.REJECT)


def filing(session: ScopedSession, filing_id: UUID) -> Filing:
    """One version of a filing; NotFound where there is none or it is not the asker's to see."""
    found = session.get(Filing, filing_id, populate_existing=True)
    if found is None:
        raise NotFound("filing_unknown", "没有找到该备案材料，请检查地址或返回列表重新选择。")
    return found


def filings(session: ScopedSession, year: int, *, office_id: str | None = None) -> Sequence[Filing]:
    """All versions of a year that the asker may see, by office, kind and version."""
    wanted = select(Filing).where(Filing.year == year)
    if office_id is not None:
        wanted = wanted.where(Filing.office_id == office_id)
    return session.scalars(wanted.order_by(Filing.office_id, Filing.kind, Filing.version)).all()


def waiting(session: ProvinceSession, year: int) -> Sequence[Filing]:
    """The filings that wait for the center's receipt or return, the oldest first."""
    wanted = select(Filing).where(
        Filing.to_office_id == session.office_id, Filing.year == year, Filing.state == FilingState.FILED.value
    )
    return session.scalars(wanted.order_by(Filing.filed_at, Filing.id)).all()


def filed_versions(session: ScopedSession, year: int, *, office_id: str | None = None) -> list[FiledVersion]:
    """The versions of filings as duties need them, with the correction dates of returned ones."""
    return [_version(filing) for filing in filings(session, year, office_id=office_id)]


def standard_dues(office: OpenOffice, year: int) -> tuple[FilingDue, ...]:
    """The filings that the province's ``[filings]`` demands of an office of this level, before its hooks are asked."""
    if office.level is not OfficeLevel.CITY or office.config.office.practice:
        return ()
    tables = office.config.filings.get(year, {})
    return tuple(FilingDue(kind, KIND_LABELS[kind], table.due_at(), table.source) for kind, table in tables.items())


def dues(offices: Offices, year: int, *, at: datetime) -> dict[OfficeCode, tuple[FilingDue, ...]]:
    """The filings that every open office owes the center, by its hooks and with the office as it is at ``at``.

    PluginError where the plugins of an office cannot say: a list that leaves an office out would be wrong.
    """
    return {office.code: dues_of(offices, office.code, year, at=at) for office in offices.catalogue.offices()}


def dues_each(
    offices: Offices, year: int, *, at: datetime
) -> tuple[dict[OfficeCode, tuple[FilingDue, ...]], frozenset[OfficeCode]]:
    """The same for a board, and the offices whose plugins fail: their failure does not hide the dues of others."""
    owed: dict[OfficeCode, tuple[FilingDue, ...]] = {}
    silent = set()
    for office in offices.catalogue.offices():
        try:
            owed[office.code] = dues_of(offices, office.code, year, at=at)
        except (PluginError, Conflict):
            silent.add(office.code)
    return owed, frozenset(silent)


def dues_of(offices: Offices, code: OfficeCode, year: int, *, at: datetime) -> tuple[FilingDue, ...]:
    """The filings that one office owes; its own plugins alone are asked, so that failures of others do no harm."""
    season, view = views_of(offices, code, year, at=at)
    standard = standard_dues(offices.catalogue.get(code), year)
    return offices.hooks(code).filings_due(season, view, standard=standard)


def due_of(offices: Offices, code: OfficeCode, year: int, kind: FilingKind, *, at: datetime) -> datetime | None:
    """The due date of a filing by the office's hooks; None where it is not owed."""
    return next((due.due for due in dues_of(offices, code, year, at=at) if due.kind is kind), None)


def views_of(offices: Offices, code: OfficeCode, year: int, *, at: datetime) -> tuple[SeasonView, OfficeView]:
    """The season and the office as its plugins see them."""
    office = offices.catalogue.get(code)
    return offices.catalogue.season_view(code, year), office.view(at.astimezone(SHANGHAI).date())


def duties_by_office(
    session: ScopedSession, year: int, owed: Mapping[OfficeCode, Sequence[FilingDue]], *, at: datetime | None = None
) -> dict[OfficeCode, list[Duty]]:
    """The duties of each city as they stand at ``at`` (now, where not given).

    ``owed`` is the answer of the offices' hooks (``dues``). A county reports through its city and the province owes
    itself nothing, so only city-level offices are in the answer. Source: 2024 notice, last paragraph of §3.
    """
    cities = set(session.scalars(select(Office.id).where(Office.level == OfficeLevel.CITY.value, ~Office.practice)))
    filed, moment = filed_versions(session, year), at or session.now
    return {office: duties(office, owed[office], filed, at=moment) for office in sorted(owed) if office in cities}


def standard_figures(session: ScopedSession, office_id: str, year: int) -> Mapping[str, int]:
    """The figures of every office's report: :class:`StandardFigure`, then by state and by grade.

    A city counts its own cases, whichever office handles them; a county the cases that it has in hand.
    """
    submitted: ColumnElement[bool] = CaseCount.submitted.is_(True)
    counted: dict[str, ColumnElement[bool]] = {
        StandardFigure.SUBMITTED: submitted,
        StandardFigure.IN_REVIEW: and_(submitted, CaseCount.what.in_([*IN_REVIEW, State.RETURNED])),
        StandardFigure.PROVISIONAL: CaseCount.what == State.PROVISIONAL,
        StandardFigure.QUALIFIED: CaseCount.what == State.QUALIFIED,
        StandardFigure.REJECTED: CaseCount.what == State.REJECTED,
        StandardFigure.DELEGATED: and_(submitted, CaseCount.handler_office_id != CaseCount.office_id),
    }
    counted |= {f"state_{state.value}": and_(submitted, CaseCount.what == state) for state in State}
    counted |= {f"grade_{int(grade)}": and_(submitted, CaseCount.grade == int(grade)) for grade in Grade}
    row = session.execute(
        select(*(_sum(condition).label(name) for name, condition in counted.items())).where(
            _theirs(session, office_id) == office_id, CaseCount.year == year, ~CaseCount.decision
        )
    ).one()
    return {str(name): int(figure) for name, figure in zip(counted, row, strict=True)}


def monitor(session: ProvinceSession | AuditorSession, year: int) -> list[Monitored]:
    """The figures of the center and every city, those without a case included; by office code."""
    wanted = select(Office.id, Office.name).where(Office.level != OfficeLevel.COUNTY.value, ~Office.practice)
    names = {OfficeCode(office): name for office, name in session.execute(wanted)}
    return _monitored(session, names, "office_id", lambda of: and_(of.year == year, of.office_id.in_(names)))


def monitor_places(session: ScopedSession, office_id: str, year: int) -> list[Monitored]:
    """One city by place: the cases of units in each county, handled anywhere, and of the city proper."""
    return _inside(session, office_id, year, "local_office_id")


def monitor_desks(session: ScopedSession, office_id: str, year: int) -> list[Monitored]:
    """One city by desk: the cases that each county and the city itself have in hand, and the decisions of each."""
    return _inside(session, office_id, year, "handler_office_id")


def monitor_desk(session: ScopedSession, office_id: str, year: int) -> Monitored:
    """One desk: every case that an office has in hand, its own and those it took over, and every decision it made."""
    name = session.scalar(select(Office.name).where(Office.id == office_id)) or ""
    only = {OfficeCode(office_id): name}
    return _monitored(
        session, only, "handler_office_id", lambda of: and_(of.handler_office_id == office_id, of.year == year)
    )[0]


def _inside(session: ScopedSession, office_id: str, year: int, office: str) -> list[Monitored]:
    theirs = select(Office.id, Office.name).where((Office.id == office_id) | (Office.parent_id == office_id))
    if session.scalar(select(Office.level).where(Office.id == office_id)) == OfficeLevel.PROVINCE:
        theirs = theirs.where(Office.id == office_id)
    names = {OfficeCode(office_code): name for office_code, name in session.execute(theirs)}
    return _monitored(session, names, office, lambda of: and_(of.office_id == office_id, of.year == year))


def _monitored(
    session: ScopedSession,
    names: Mapping[OfficeCode, str],
    office: str,
    which: Callable[[_Counted], ColumnElement[bool]],
) -> list[Monitored]:
    """Two statements, however many offices: one adds up, one counts what is overdue, which time alone changes."""
    by, decided = getattr(CaseCount, office), and_(CaseCount.decision, CaseCount.submitted)
    case = ~CaseCount.decision
    added = select(
        by.label("office"),
        _sum(and_(case, CaseCount.submitted)).label("total"),
        _sum(and_(case, CaseCount.what.in_(AT_UNITS))).label("at_units"),
        _sum(and_(case, CaseCount.what.in_(AT_OFFICES))).label("backlog"),
        _sum(and_(decided, CaseCount.what.in_(_OFFICE_DECISIONS))).label("decisions"),
        _sum(and_(decided, CaseCount.what == Action.RETURN)).label("returned"),
        _sum(and_(decided, CaseCount.what == Action.REJECT)).label("rejected"),
        _sum(and_(CaseCount.decision, CaseCount.what == Action.REOPEN)).label("overturned"),
    ).where(which(CaseCount))
    late = Application.state.in_(IN_REVIEW) & (Application.due_at <= session.now)
    mine = getattr(Application, office)
    overdue = select(
        mine.label("office"),
        func.count().filter(Application.state.in_(AT_OFFICES)).label("overdue"),
        func.count().filter(Application.state.in_(AT_UNITS)).label("units_overdue"),
    ).where(which(Application), late)
    figures: dict[str, dict[str, int]] = {name: {} for name in names}
    for statement in (added.group_by(by), overdue.group_by(mine)):
        for row in session.execute(statement).mappings():
            counted = {name: int(count) for name, count in row.items() if name != "office"}
            figures.setdefault(row["office"], {}).update(counted)
    others = select(Office.id, Office.name).where(Office.id.in_(figures.keys() - names.keys()))
    called = {**names, **{OfficeCode(code): name for code, name in session.execute(others)}}
    return [
        Monitored(OfficeCode(code), called.get(OfficeCode(code), code), **figures[code]) for code in sorted(figures)
    ]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(CaseCount.n).filter(condition), 0)


def _theirs(session: ScopedSession, office_id: str) -> InstrumentedAttribute[str]:
    level = session.scalar(select(Office.level).where(Office.id == office_id))
    if level is None:
        raise NotFound("office_unknown", "没有这个考核管理机构，请检查地址或重新选择。")
    return CaseCount.handler_office_id if level == OfficeLevel.COUNTY else CaseCount.office_id


def _version(filing: Filing) -> FiledVersion:
    returned = filing.state == FilingState.RETURNED and filing.decided_at is not None
    return FiledVersion(
        id=filing.id,
        office=OfficeCode(filing.office_id),
        kind=FilingKind(filing.kind),
        version=filing.version,
        state=FilingState(filing.state),
        filed_at=filing.filed_at,
        late=filing.late,
        decided_at=filing.decided_at,
        receipt_number=filing.receipt_number,
        correct_by=due_after(filing.decided_at, CORRECTION_WORKING_DAYS).at if returned and filing.decided_at else None,
    )
