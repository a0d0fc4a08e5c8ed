"""Acts of offices and the center beside reviews: delegations that begin and end, filings, the calendar's own work."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from core.delegation import service as delegation
from core.delegation.models import Delegation
from core.delegation.service import CaseChoice
from core.domain.calendar import hard_end
from core.oversight import service as filings
from core.oversight.models import Filing
from core.oversight.queries import standard_figures
from core.plugin_api import FilingKind, Grade, OfficeCode, OfficeLevel
from core.reviews.due import carry_out_due
from core.seasons.models import CalendarVersion
from core.seasons.queries import late_entries
from core.seasons.service import propose_calendar
from core.simulate.world import World

RETURNED_FILING = "henan/anyang"
LATE_SUMMARY = "henan/zhoukou"
LATE_DATES = "henan/puyang"


def plan_delegations(world: World, cities: frozenset[OfficeCode]) -> None:
    """Delegations take effect and end at their moments; one is taken back midway, one is given back."""
    for moment in sorted(_due_moments(world)):
        world.at(moment + timedelta(minutes=6), partial(_carry_out, world, cities))
    counties = world.codes(OfficeLevel.COUNTY)
    for county, act in zip(sorted(counties), (_take_back, _give_back, _pause_and_resume), strict=False):
        if _city(world, county) not in cities:
            continue
        world.at(world.day(4, 3, 12), partial(act, world, county))


def plan_filings(world: World, cities: frozenset[OfficeCode]) -> None:
    """Every city files its summary and its exam dates; one is returned and filed again, one of each kind is late."""
    dues = world.platform.offices.catalogue.province.config.filings[world.year]
    summary_due, dates_due = (dues[FilingKind.REGISTRATION_SUMMARY].due_at(), dues[FilingKind.EXAM_DATES].due_at())
    for number, city in enumerate(world.codes(OfficeLevel.CITY)):
        if city not in cities:
            continue
        late = timedelta(days=2) if city == LATE_SUMMARY else -timedelta(hours=6)
        world.at(summary_due + late + timedelta(minutes=number), partial(_file_summary, world, city, summary_due))
        days = timedelta(days=3) if city == LATE_DATES else -timedelta(days=20)
        world.at(dates_due + days + timedelta(minutes=number), partial(file_dates, world, city, dates_due))


def deferrals_due(world: World) -> datetime:
    """When the simulated commitments are due."""
    return world.day(5, 25)


def late_entry_days(world: World) -> tuple[datetime, datetime]:
    """The window that the simulated late entry gets."""
    return world.day(4, 7, 8), world.day(4, 9)


def _due_moments(world: World) -> set[datetime]:
    """The moments at which work falls due: delegations begin, reviews reach their hard end, commitments run out."""
    moments = {world.day(3, 18, 8.5), deferrals_due(world)}
    for office in world.offices():
        if office.config.delegation is not None:
            moments.add(max(office.config.delegation.effective_from(), world.day(3, 18, 8.5)))
        ends = (hard_end(office.calendars[world.year], grade) for grade in Grade)
        moments.update(end for end in ends if end is not None)
    return moments


def _carry_out(world: World, cities: frozenset[OfficeCode]) -> None:
    """Carry out the work that the calendar makes due, office by office."""
    for office in world.offices():
        if office.code not in cities or office.level is OfficeLevel.COUNTY:
            continue
        with world.system(office.code) as session:
            world.handovers += delegation.due_work(session)
            carry_out_due(session, year=world.year)


def _delegation_to(world: World, county: OfficeCode) -> UUID | None:
    with world.center() as session:
        wanted = select(Delegation.id).where(Delegation.to_office_id == county, Delegation.state == "in_force")
        return session.scalar(wanted)


def _take_back(world: World, county: OfficeCode) -> None:
    """The city takes a delegation back: most cases finish their stage first, one stays, one moves at once."""
    found = _delegation_to(world, county)
    if found is not None:
        with world.office(_city(world, county), "supervisor") as session:
            world.handovers += 1
            delegation.take_back(session, found, cases=CaseChoice.MOVE, reason="审查力量不足，收回市级办理")


def _give_back(world: World, county: OfficeCode) -> None:
    found = _delegation_to(world, county)
    if found is not None:
        with world.office(county) as session:
            world.handovers += 1
            delegation.give_back(session, found, reason="本县机构调整，交回市级办理")


def _pause_and_resume(world: World, county: OfficeCode) -> None:
    found = _delegation_to(world, county)
    if found is not None:
        with world.office(_city(world, county), "supervisor") as session:
            delegation.pause(session, found, reason="暂停接收新申请，核查已办案件")

        def resume() -> None:
            with world.office(_city(world, county), "supervisor") as session:
                delegation.resume(session, found, reason="核查完毕")

        world.at(world.clock() + timedelta(days=1), resume)


def _city(world: World, county: OfficeCode) -> OfficeCode:
    return world.platform.offices.catalogue.city_of(county)


def _file_summary(world: World, city: OfficeCode, due: datetime) -> None:
    with world.office(city, "supervisor") as session:
        filed = filings.file_registration_summary(
            session,
            world.year,
            standard_figures(session, city, world.year),
            late_entries(session, city, world.year),
            due=due,
        ).id
    world.at(world.clock() + timedelta(hours=20), partial(_receive, world, filed))


def _settle_dates(world: World, city: OfficeCode) -> None:
    """Where a plugin answers what the TOML cannot say, its dates become the office's next version."""
    offices = world.platform.offices
    season, own = offices.catalogue.season_view(city, world.year), offices.catalogue.own_calendar(city, world.year)
    office = offices.catalogue.get(city).view(world.clock().date())
    asked = offices.hooks(city).exam_calendar(season, office, calendar=own)
    if asked != own:
        with world.office(city, "supervisor") as session:
            source = "测试文号（机构插件给出的日程）"
            propose_calendar(session, world.year, asked.windows, frame=season.frame, source=source)


def file_dates(world: World, city: OfficeCode, due: datetime) -> None:
    """A city files its exam dates; the center receives them a day later, or returns those of one city."""
    _settle_dates(world, city)
    with world.office(city, "supervisor") as session:
        latest = select(CalendarVersion.id).where(CalendarVersion.office_id == city, CalendarVersion.year == world.year)
        calendar_id = session.scalars(latest.order_by(CalendarVersion.version.desc())).first()
        assert calendar_id is not None  # noqa: S101 - every city's file sets exam dates
        filed = filings.file_exam_dates(session, world.year, calendar_id, due=due)
        again = filed.version > 1
        filed_id = filed.id
    decide: Callable[[], None] = partial(_receive, world, filed_id)
    if city == RETURNED_FILING and not again:
        decide = partial(_return, world, filed_id, partial(file_dates, world, city, due))
    world.at(world.clock() + timedelta(hours=30), decide)


def _receive(world: World, filing_id: UUID) -> None:
    with world.center() as session:
        filings.receive(session, filing_id)


def _return(world: World, filing_id: UUID, file_again: Callable[[], None]) -> None:
    with world.center() as session:
        filings.return_filing(session, filing_id, "请注明各场次所在县区")
        assert session.get_one(Filing, filing_id).state == "returned"  # noqa: S101
    world.at(world.clock() + timedelta(days=2), file_again)
