"""`kaowu filings`: what the offices owe the provincial center, and how each of them stands."""

from datetime import datetime

import click
from rich.table import Table

from core.cli.console import table_console
from core.clock import SHANGHAI, end_of
from core.db.session import ProvinceSession, system_actor
from core.demo_clock import clock_of
from core.oversight import queries
from core.oversight.filings_due import Duty
from core.platform import Platform, open_platform
from core.plugin_api import OfficeCode
from core.settings import Settings


@click.group()
def filings() -> None:
    """Filings (备案) of the offices with the provincial center."""


@filings.command()
@click.option("--year", type=int, default=None, help="The season; without it, the newest that the province has opened.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="As it stood at the end of this date; without it, as it stands now.",
)
def due(year: int | None, as_of: datetime | None) -> None:
    """List what every city owes, until when, and whether it is filed, received, returned or overdue."""
    settings = Settings.load()
    at = clock_of(settings)() if as_of is None else end_of(as_of.date())
    with open_platform(settings) as platform:
        season = max(platform.offices.catalogue.seasons()) if year is None else year
        found = _duties(platform, season, at)
    table = Table(
        "Office", "Filing", "Due", "Status", "Version", "Receipt", title=f"Filings of {season} at {at:%F %H:%M}"
    )
    for duty in (duty for duties in found.values() for duty in duties):
        table.add_row(*_line(duty))
    table_console().print(table)


def _duties(platform: Platform, year: int, at: datetime) -> dict[OfficeCode, list[Duty]]:
    actor = system_actor(platform.offices.catalogue.province.code)
    with ProvinceSession(platform.engine, actor=actor, now=at) as session:
        return queries.duties_by_office(session, year, queries.dues(platform.offices, year, at=at))


def _line(duty: Duty) -> tuple[str, ...]:
    due_at = f"{duty.due.astimezone(SHANGHAI):%F %H:%M}"
    if duty.filing is None:
        return duty.office, duty.kind.value, due_at, duty.status.value, "-", "-"
    late = ", late" if duty.filing.late else ""
    status = f"{duty.status.value}{late}"
    return duty.office, duty.kind.value, due_at, status, str(duty.filing.version), duty.filing.receipt_number or "-"
