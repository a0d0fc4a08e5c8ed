"""Loading the offices' files into rows: `kaowu tenants load`.

Offices, areas and seasons follow the files at every run. Calendars and delegations are loaded once; after that only
acts of officers change them, and a later change of the file has no effect. A second run is safe.
This module is in delegation because that is the highest capability it writes for.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, delete, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from core.audit import service as audit
from core.db.base import Base
from core.db.session import OfficeSession, system_actor
from core.delegation.models import Delegation
from core.domain.calendar import calendar_to_json
from core.seasons.models import CalendarVersion, Season, SeasonSubject, SeasonTrade, TradeList
from core.tenancy.catalogue import Catalogue
from core.tenancy.file_changes import note_configuration
from core.tenancy.models import Office, OfficeArea
from core.tenancy.office import OpenOffice


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows were written: offices, areas and season rows new or changed, calendars and delegations new."""

    offices: int
    areas: int
    season_rows: int
    calendars: int
    delegations: int


def load(owner: Engine, app: Engine, catalogue: Catalogue, *, now: datetime) -> Loaded:
    """Write the open offices of the catalogue; closed ones keep the rows they have.

    The owner writes the public tables; each office writes its own calendar and delegations as the running role, under
    the same policies as officers. Commits step by step: the next run adds what an interrupted one left out.
    """
    with owner.begin() as connection:
        offices, areas = _load_offices(connection, catalogue, now)
        seasons = _load_seasons(connection, catalogue)
    calendars = delegations = 0
    for office in catalogue.offices():
        with OfficeSession(app, actor=system_actor(office.code), now=now) as session, session.begin():
            calendars += _load_calendars(session, office)
            delegations += sum(_load_delegation(session, county) for county in catalogue.children(office.code))
    note_configuration(app, catalogue, now=now)
    loaded = Loaded(offices, areas, seasons, calendars, delegations)
    if any(asdict(loaded).values()):
        province = catalogue.province.code
        with OfficeSession(app, actor=system_actor(province), now=now) as session, session.begin():
            subject = audit.RecordSubject(province, "configuration_load", province)
            audit.record_on(session, subject, "tenants.loaded", **asdict(loaded))
    return loaded


def _load_offices(connection: Connection, catalogue: Catalogue, now: datetime) -> tuple[int, int]:
    practice = {office.code for office in catalogue.offices() if office.config.office.practice}
    offices = [
        {
            "id": office.code,
            "parent_id": office.parent,
            "level": office.level.value,
            "name": office.name,
            "short_name": office.short_name,
            "practice": bool({office.code, office.parent} & practice),
            "loaded_at": now,
        }
        for office in catalogue.offices()
    ]
    areas = [
        {
            "office_id": office.code,
            "area_code": held.code,
            "valid_from": held.valid_from,
            "valid_until": None if held.valid_until is None else held.valid_until + timedelta(days=1),
            "name": held.name or area.name,
        }
        for office in catalogue.offices()
        for held in office.config.office.area_codes
        if (area := catalogue.areas.get(held.code)) is not None
    ]
    changed = _follow(connection, Office, offices, keep=("loaded_at",))
    codes = [office.code for office in catalogue.offices()]
    return changed, _follow(connection, OfficeArea, areas, within=OfficeArea.office_id.in_(codes))


def _load_seasons(connection: Connection, catalogue: Catalogue) -> int:
    changed = 0
    for year in catalogue.seasons():
        season = catalogue.season(year)
        row = {
            "year": year,
            "province_id": catalogue.province.code,
            "notice": season.notice,
            "notice_date": season.notice_date,
            "rule_document": season.rule_document,
        }
        subjects = [
            {"year": year, "grade": int(grade), "subject": subject, "position": position}
            for grade, table in season.grades.items()
            for position, subject in enumerate(table.subjects, start=1)
        ]
        trades = [
            {"year": year, "grade": int(grade), "trade": trade.code, "name": trade.name}
            for grade in season.grades
            for trade in season.trades_for(grade)
        ]
        changed += _follow(connection, Season, [row])
        changed += _follow(connection, SeasonSubject, subjects, within=SeasonSubject.year == year)
        loaded = select(TradeList.id).where(TradeList.year == year).limit(1)
        if connection.scalar(loaded) is None:
            changed += _follow(connection, SeasonTrade, trades, within=SeasonTrade.year == year)
    return changed


def _load_calendars(session: OfficeSession, office: OpenOffice) -> int:
    """Write the first calendar version of every year for which the office's own file sets a date."""
    already = set(session.scalars(select(CalendarVersion.year).where(CalendarVersion.office_id == office.code)))
    written = 0
    for year in office.calendars:
        windows = calendar_to_json(office.own_calendar(year))
        if not windows or year in already:
            continue
        version = CalendarVersion(
            office_id=office.code,
            year=year,
            version=1,
            windows=windows,
            source=office.file,
            digest=audit.digest_of(windows).hex(),
            made_at=session.now,
            made_by=session.actor.account_id,
        )
        session.add(version)
        session.flush()
        subject = audit.RecordSubject(office.code, "calendar", version.id)
        audit.record_on(session, subject, "calendar.loaded", digest=version.digest)
        written += 1
    return written


def _load_delegation(session: OfficeSession, county: OpenOffice) -> int:
    """Write the first delegation to a county; none where a delegation exists, since officers may have ended it."""
    first = county.config.delegation
    known = select(Delegation.id).where(
        Delegation.from_office_id == session.office_id, Delegation.to_office_id == county.code
    )
    if first is None or session.scalars(known.limit(1)).first() is not None:
        return 0
    row = Delegation(
        from_office_id=session.office_id,
        to_office_id=county.code,
        instrument=first.instrument,
        mode=first.mode.value,
        stages=[stage.value for stage in first.stages],
        grades=None if first.grades is None else [int(grade) for grade in first.grades],
        trades=None if first.trades is None else list(first.trades),
        effective_from=first.effective_from(),
        effective_until=first.effective_until(),
        created_at=session.now,
        created_by=session.actor.account_id,
    )
    session.add(row)
    session.flush()
    subject = audit.RecordSubject(session.office_id, "delegation", row.id)
    audit.record_on(session, subject, "delegation.loaded", to=county.code)
    return 1


def _follow(
    connection: Connection,
    model: type[Base],
    rows: Sequence[dict[str, Any]],
    *,
    within: ColumnElement[bool] | None = None,
    keep: Sequence[str] = (),
) -> int:
    """Make a table follow the files: insert and change rows, and delete missing ones ``within`` a condition.

    Columns in ``keep`` stay as they were first written. Returns how many rows were inserted, changed or deleted.
    """
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - a mapped class of ours is a table
    keys = [column.name for column in table.primary_key]
    changed = 0
    if within is not None:
        present = [tuple(row[key] for key in keys) for row in rows]
        gone = tuple_(*(table.c[key] for key in keys)).not_in(present)
        changed += connection.execute(delete(table).where(and_(within, gone))).rowcount
    if not rows:
        return changed
    statement = insert(table).values(list(rows))
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys and name not in keep}
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in others.items()))
    statement = statement.on_conflict_do_update(index_elements=keys, set_=others, where=differs)
    return changed + len(connection.execute(statement.returning(*table.primary_key)).all())
