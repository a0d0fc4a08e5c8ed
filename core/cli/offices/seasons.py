"""`kaowu seasons`: where each year stands, and what is unfinished of one in which office."""

import json

import click
from rich.table import Table

from core.cli.console import table_console
from core.db.session import ProvinceSession, system_actor
from core.demo_clock import clock_of
from core.oversight.years.unfinished import unfinished
from core.platform import open_platform
from core.seasons.queries import lives, season
from core.settings import Settings
from core.text import dates


@click.group()
def seasons() -> None:
    """Years of the assessment: preparing, open, closing, closed."""


@seasons.command("list")
def list_seasons() -> None:
    """List every year with its phase and since when it holds. The center changes it on the page 年度."""
    settings = Settings.load()
    table = Table("Year", "Phase", "Since", "Notice", title="Years")
    with open_platform(settings) as platform:
        actor = system_actor(platform.offices.catalogue.province.code)
        with ProvinceSession(platform.engine, actor=actor, now=clock_of(settings)()) as session:
            for life in lives(session):
                since = life.standing.since
                shown = "-" if since is None else dates.day(since)
                table.add_row(str(life.season.year), life.standing.phase.value, shown, life.season.notice)
    table_console().print(table)


@seasons.command("unfinished")
@click.option("--year", type=int, required=True, help="The year.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def show_unfinished(year: int, *, as_json: bool) -> None:
    """List what is unfinished of a year in each office."""
    settings = Settings.load()
    with open_platform(settings) as platform:
        actor = system_actor(platform.offices.catalogue.province.code)
        with ProvinceSession(platform.engine, actor=actor, now=clock_of(settings)()) as session:
            season(session, year)
            found = unfinished(session, year)
    if as_json:
        rows = [{"office": left.office_id, "kind": left.kind.value, "count": left.count} for left in found]
        click.echo(json.dumps(rows))
        return
    table = Table("Office", "Matter", "Count", title=f"Unfinished in {year}")
    for left in found:
        table.add_row(left.office_id, left.kind.label, str(left.count))
    table_console().print(table)
