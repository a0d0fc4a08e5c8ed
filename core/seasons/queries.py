"""Reading a season: its subjects and trades, the calendar in force for each office, and late entries.

Which calendar is in force is decided in ``docs/decisions/0005-which-calendar-is-in-force.md``: the dates that the
notice leaves to a city hold from the center's receipt of their filing, everything else from the version that sets it.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, Select, Text, bindparam, cast, column, exists, select, table, true
from sqlalchemy.sql.selectable import LateralFromClause

from core.db.session import ScopedSession
from core.domain.calendar import Outside, calendar_from_json, check_against_frame, inherit
from core.errors import Conflict, NotFound
from core.plugin_api import ExamCalendar, FilingKind, Grade, OfficeCode, OfficeLevel, WindowKind
from core.seasons.models import CalendarVersion, LateEntry, Season, SeasonAct, SeasonSubject, SeasonTrade
from core.seasons.phases import Phase, Standing, standing_of
from core.tenancy.models import Office

FILED_KINDS: frozenset[WindowKind] = frozenset({WindowKind.COMPUTER_EXAM, WindowKind.LEVEL_ONE_THEORY})
"""The dates that a city sets itself and files with the center. Source: 2024 notice, last paragraph of §3."""

# Filings and submissions belong to capabilities that come after this one and import it; the columns that the calendar
# needs are named here, so that imports run one way.
_filings = table(
    "filings",
    *(column(name) for name in ("office_id", "year", "kind", "version", "calendar_id", "state", "decided_at")),
)
_submissions = table("submissions", column("late_entry_id"))

_WITH_ACTS: Select[Season, SeasonAct | None] = (
    select(Season, SeasonAct).outerjoin(SeasonAct, SeasonAct.year == Season.year).order_by(Season.year.desc())
)

_Row: TypeAlias = Row[str, str, str | None, str | None, str | None]
"""An office's code, level and parent; the windows of its latest version and of the received one, as JSON texts."""


@dataclass(frozen=True, slots=True)
class SeasonLife:
    """A year's assessment and where it stands."""

    season: Season
    standing: Standing


@dataclass(frozen=True, slots=True)
class OwnDates:
    """The own dates of one office: its latest version, and the version that the center's latest receipt names.

    Each is None where there is none.
    """

    office: OfficeCode
    level: OfficeLevel
    parent: OfficeCode | None
    latest: ExamCalendar | None
    received: ExamCalendar | None

    def in_force(self) -> ExamCalendar:
        """The office's own windows that hold. Only cities file, so only their exam dates wait for a receipt."""
        latest = self.latest or ExamCalendar(())
        if self.level is not OfficeLevel.CITY:
            return latest
        received = self.received or ExamCalendar(())
        free = [window for window in latest.windows if window.kind not in FILED_KINDS]
        filed = [window for window in received.windows if window.kind in FILED_KINDS]
        return ExamCalendar((*free, *filed))


@dataclass(frozen=True, slots=True)
class OfficeOutside:
    """An office whose dates in force leave the calendar of the level above: where, and both dates."""

    office: OfficeCode
    name: str
    outside: tuple[Outside, ...]


def season(session: ScopedSession, year: int) -> Season:
    """The year's assessment; NotFound where the province has not opened it."""
    found = session.get(Season, year)
    if found is None:
        raise _unknown(year)
    return found


def _unknown(year: int) -> NotFound:
    return NotFound("season_unknown", f"没有{year}年度的考核安排，请选择其他年度。")


def subjects(session: ScopedSession, year: int, grade: Grade) -> Sequence[SeasonSubject]:
    """The subjects in which a grade is examined, in the notice's order; none where the year does not examine it."""
    wanted = select(SeasonSubject).where(SeasonSubject.year == year, SeasonSubject.grade == int(grade))
    return session.scalars(wanted.order_by(SeasonSubject.position)).all()


def subjects_by_grade(session: ScopedSession, year: int) -> dict[int, list[str]]:
    """The subjects of every grade that the year examines, each grade's in the notice's order."""
    wanted = select(SeasonSubject.grade, SeasonSubject.subject).where(SeasonSubject.year == year)
    found: dict[int, list[str]] = {}
    for grade, subject in session.execute(wanted.order_by(SeasonSubject.grade.desc(), SeasonSubject.position)):
        found.setdefault(grade, []).append(subject)
    return found


def trades_open(session: ScopedSession, year: int, grade: Grade) -> Sequence[SeasonTrade]:
    """The trades in which a grade can be applied for, by their codes."""
    wanted = select(SeasonTrade).where(SeasonTrade.year == year, SeasonTrade.grade == int(grade), SeasonTrade.is_open)
    return session.scalars(wanted.order_by(SeasonTrade.trade)).all()


def trades_of(session: ScopedSession, year: int) -> list[tuple[str, str]]:
    """Code and name of every trade of a year, whatever the grade, by code."""
    wanted = select(SeasonTrade.trade, SeasonTrade.name).where(SeasonTrade.year == year).distinct()
    return [(trade, name) for trade, name in session.execute(wanted.order_by(SeasonTrade.trade))]


def unknown_trades(session: ScopedSession, codes: Collection[str], year: int | None = None) -> list[str]:
    """Those of the codes that name no trade of the year, or of any year."""
    if not codes:
        return []
    wanted = select(SeasonTrade.trade).where(SeasonTrade.trade.in_(codes))
    known = session.scalars(wanted if year is None else wanted.where(SeasonTrade.year == year))
    return sorted(set(codes) - set(known))


def calendar_now(session: ScopedSession, office_id: str, year: int) -> ExamCalendar:
    """The dates that hold for an office now, each level's calendar in force being the frame of the next."""
    return _calendar_of(office_id, _rows(session, year, offices=_chain(office_id)))


def chain_now(session: ScopedSession, office_id: str, year: int) -> list[OwnDates]:
    """The own dates of an office and of those above it, the province first."""
    chain = _chain(office_id)
    found = _own_dates(session, year, offices=chain)
    return [found[office] for office in chain]


def calendars_now(session: ScopedSession, year: int) -> dict[OfficeCode, ExamCalendar]:
    """The dates that hold now for every office, with as few statements as for one."""
    all_dates = _own_dates(session, year)
    return {dates.office: _down_to(office_id, all_dates) for office_id, dates in sorted(all_dates.items())}


def exams_fixed(session: ScopedSession, year: int) -> dict[OfficeCode, frozenset[WindowKind]]:
    """The kinds of exam for which a date holds that a city or county has fixed, for every office.

    The province's dates are the frame in which they are fixed. Source: 2024 notice, last paragraph of §3.
    """
    all_dates = _own_dates(session, year)
    fixed = {}
    for office_id, dates in all_dates.items():
        chain = [all_dates[above] for above in _chain(office_id)[1:] if above in all_dates]
        kinds = {window.kind for above in chain for window in above.in_force().windows}
        fixed[dates.office] = frozenset(kinds) & FILED_KINDS
    return fixed


def exam_begins(session: ScopedSession, office_id: str, year: int, grade: Grade) -> datetime | None:
    """When the exam of a grade begins at an office's place; None where no date is set yet."""
    kind = WindowKind.LEVEL_ONE_THEORY if grade is Grade.ONE else WindowKind.COMPUTER_EXAM
    window = calendar_now(session, office_id, year).window(kind, grade)
    return None if window is None else window.opens or window.closes


def closing_of(
    session: ScopedSession, office_id: str, year: int, kind: WindowKind, *, grade: int | None = None
) -> datetime | None:
    """When a window of an office ends for a grade (for most grades where none is chosen); None without a date."""
    window = calendar_now(session, office_id, year).window(kind, Grade(grade or Grade.FIVE))
    return None if window is None else window.closes


def lives(session: ScopedSession) -> list[SeasonLife]:
    """Every year's assessment that the province has entered with the phase it is in, the newest first."""
    return _lives(session, _WITH_ACTS)


def standing(session: ScopedSession, year: int) -> Standing:
    """The phase of a year; NotFound for one that the province has not entered."""
    found = _lives(session, _WITH_ACTS.where(Season.year == year))
    if not found:
        raise _unknown(year)
    return found[0].standing


def _lives(session: ScopedSession, wanted: Select[Season, SeasonAct | None]) -> list[SeasonLife]:
    acts: dict[Season, list[SeasonAct]] = {}
    for found, act in session.execute(wanted):
        acts.setdefault(found, []).extend([] if act is None else [act])
    return [SeasonLife(found, standing_of(found.notice_date, acts[found], session.now)) for found in acts]


def latest_season(session: ScopedSession) -> Season | None:
    """The current assessment: the newest that has been opened, else the oldest; None before any has been entered."""
    return current_of(lives(session))


def current_of(found: Sequence[SeasonLife]) -> Season | None:
    """The current one of all assessments, the newest first."""
    opened = (life.season for life in found if life.standing.phase is not Phase.PREPARING)
    return next(opened, found[-1].season if found else None)


def current_season(session: ScopedSession) -> Season:
    """The current assessment; NotFound before the province has opened any."""
    found = latest_season(session)
    if found is None:
        raise NotFound("season_unknown", "尚未开放任何年度的考核，请等待省级工考管理机构开放。")
    return found


def is_ended(session: ScopedSession, year: int) -> bool:
    """Whether the province has closed the year (``docs/decisions/0049-a-year-has-a-life.md``)."""
    return standing(session, year).phase is Phase.CLOSED


def check_not_ended(session: ScopedSession, year: int) -> None:
    """Conflict in a year that is closed: nothing new begins there.

    What is still open there (a reopened case, an objection, a sanction case) is brought to its end without this check.
    """
    _check_phase(year, standing(session, year).phase)


def check_takes_in(session: ScopedSession, year: int) -> None:
    """Conflict in a year that is being brought to its end, or is closed: nobody applies there any more."""
    phase = standing(session, year).phase
    _check_phase(year, phase)
    if phase is Phase.CLOSING:
        raise Conflict("season_closing", f"{year}年度考核已进入收尾阶段，不再受理新的申报。请在新年度办理。")


def _check_phase(year: int, phase: Phase) -> None:
    if phase is Phase.CLOSED:
        raise Conflict("season_ended", f"{year}年度考核已结束，只能查看，不能再办理此项。请换到本年度办理。")


def calendar_as_of(session: ScopedSession, office_id: str, year: int, at: datetime) -> ExamCalendar:
    """The dates that held at ``at``: of versions made and receipts given by then, on every level."""
    return _calendar_of(office_id, _rows(session, year, offices=_chain(office_id), at=at))


def frame_now(session: ScopedSession, office_id: str, year: int) -> ExamCalendar:
    """The calendar that bounds an office's own: that in force one level above; the province frames itself."""
    chain = _own_dates(session, year, offices=_chain(office_id))
    return _down_to(chain[office_id].parent or office_id, chain)


def offices_outside(session: ScopedSession, year: int) -> list[OfficeOutside]:
    """Every office whose dates in force lie outside the calendar of the level above, by its code."""
    all_dates = _own_dates(session, year)
    names = dict(session.execute(select(Office.id, Office.name).where(~Office.practice)).all())
    found = []
    for office_id, dates in sorted(all_dates.items()):
        if dates.parent is not None and office_id in names:
            outside = check_against_frame(dates.in_force(), _down_to(dates.parent, all_dates))
            if outside:
                found.append(OfficeOutside(dates.office, names[office_id], tuple(outside)))
    return found


def versions(session: ScopedSession, office_id: str, year: int) -> Sequence[CalendarVersion]:
    """Every version of an office's own dates, oldest first, in force or not."""
    wanted = select(CalendarVersion).where(CalendarVersion.office_id == office_id, CalendarVersion.year == year)
    return session.scalars(wanted.order_by(CalendarVersion.version)).all()


def late_entries(session: ScopedSession, office_id: str, year: int) -> Sequence[LateEntry]:
    """The late entries of an office, in the order of approval."""
    wanted = select(LateEntry).where(LateEntry.office_id == office_id, LateEntry.year == year)
    return session.scalars(wanted.order_by(LateEntry.approved_at, LateEntry.id)).all()


def used_late_entries(session: ScopedSession, office_id: str, year: int) -> frozenset[UUID]:
    """The late entries of an office that were used."""
    used = exists().where(_submissions.c.late_entry_id == LateEntry.id)
    wanted = select(LateEntry.id).where(LateEntry.office_id == office_id, LateEntry.year == year, used)
    return frozenset(session.scalars(wanted))


def late_entry_for(session: ScopedSession, person_id: UUID, year: int, at: datetime) -> LateEntry | None:
    """The permission by which a person may still submit at ``at``; None where there is none or it has been used."""
    entry = unused_late_entry(session, person_id, year, after=at)
    return entry if entry is not None and entry.opens <= at else None


def unused_late_entry(session: ScopedSession, person_id: UUID, year: int, *, after: datetime) -> LateEntry | None:
    """The person's one permission that has not been used and does not end before ``after``, opened or not."""
    used = exists().where(_submissions.c.late_entry_id == LateEntry.id)
    wanted = select(LateEntry).where(
        LateEntry.person_id == person_id, LateEntry.year == year, LateEntry.closes > after, ~used
    )
    return session.scalars(wanted.order_by(LateEntry.opens).limit(1)).first()


def _chain(office_id: str) -> list[str]:
    """The office and those above it: a code spells out its chain, ``henan/luoyang`` lying below ``henan``."""
    parts = office_id.split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _down_to(office_id: str, known: dict[str, OwnDates]) -> ExamCalendar:
    """The calendar in force of an office, from the province downwards."""
    dates = known[office_id]
    if dates.parent is None:
        return dates.in_force()
    return inherit(dates.in_force(), _down_to(dates.parent, known))


@lru_cache(maxsize=2048)
def _calendar_of(office_id: str, rows: tuple[_Row, ...]) -> ExamCalendar:
    """The calendar in force of an office. Every decision asks for one of the same few, so each is made once."""
    return _down_to(office_id, {row[0]: _dates(row) for row in rows})


def _own_dates(session: ScopedSession, year: int, *, offices: Sequence[str] | None = None) -> dict[str, OwnDates]:
    """The own dates of these offices (all where none are named)."""
    return {row[0]: _dates(row) for row in _rows(session, year, offices=offices)}


def _rows(
    session: ScopedSession, year: int, *, offices: Sequence[str] | None = None, at: datetime | None = None
) -> tuple[_Row, ...]:
    """The own dates of these offices (all where none are named), as made and received until ``at``.

    One statement, since every decision about a case asks for it.
    """
    values: dict[str, Any] = {"year": year}
    if offices is not None:
        values["offices"] = offices
    if at is not None:
        values["at"] = at
    rows = tuple(session.execute(_statement(some=offices is not None, dated=at is not None), values))
    if offices is not None and len(rows) < len(set(offices)):
        raise NotFound("office_unknown", "没有这个考核管理机构，请检查地址或重新选择。")
    return rows


def _dates(row: _Row) -> OwnDates:
    office, level, parent, latest, received = row
    return OwnDates(
        office=OfficeCode(office),
        level=OfficeLevel(level),
        parent=None if parent is None else OfficeCode(parent),
        latest=None if latest is None else calendar_from_json(json.loads(latest)),
        received=None if received is None else calendar_from_json(json.loads(received)),
    )


@cache
def _statement(*, some: bool, dated: bool) -> Select[str, str, str | None, str | None, str | None]:
    """The statement behind :func:`_rows`, built once of each kind: of some offices or all, as of a date or now."""
    latest, received = _latest_version(dated=dated), _received_version(dated=dated)
    wanted = select(Office.id, Office.level, Office.parent_id, latest.c.windows, received.c.windows.label("received"))
    all_offices = wanted.select_from(Office).outerjoin(latest, true()).outerjoin(received, true())
    return all_offices.where(Office.id.in_(bindparam("offices", expanding=True))) if some else all_offices


def _latest_version(*, dated: bool) -> LateralFromClause:
    """The windows of an office's latest version made by ``at``, of each office that the outer statement names."""
    made = CalendarVersion.made_at <= bindparam("at") if dated else true()
    return (
        select(cast(CalendarVersion.windows, Text).label("windows"))
        .where(CalendarVersion.office_id == Office.id, CalendarVersion.year == bindparam("year"), made)
        .order_by(CalendarVersion.version.desc())
        .limit(1)
        .correlate(Office)
        .lateral()
    )


def _received_version(*, dated: bool) -> LateralFromClause:
    """The windows of the version that the latest receipt by ``at`` names."""
    decided = _filings.c.decided_at <= bindparam("at") if dated else true()
    return (
        select(cast(CalendarVersion.windows, Text).label("windows"))
        .join(_filings, _filings.c.calendar_id == CalendarVersion.id)
        .where(
            CalendarVersion.office_id == Office.id,
            _filings.c.year == bindparam("year"),
            _filings.c.kind == FilingKind.EXAM_DATES.value,
            _filings.c.state == "received",
            decided,
        )
        .order_by(_filings.c.version.desc())
        .limit(1)
        .correlate(Office)
        .lateral()
    )
