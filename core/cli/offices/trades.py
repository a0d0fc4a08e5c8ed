"""`kaowu trades`: the trades of a season, and a new list from a table."""

from pathlib import Path

import click
from rich.table import Table

from core.cli.console import table_console
from core.db.session import ProvinceSession, system_actor
from core.demo_clock import clock_of
from core.platform import open_platform
from core.seasons import trade_lists
from core.seasons.trade_table import read_trades
from core.settings import Settings

_YEAR = click.option("--year", type=int, required=True, help="The season.")


@click.group()
def trades() -> None:
    """Trades (工种) of a season."""


@trades.command("list")
@_YEAR
def list_trades(year: int) -> None:
    """List the trades that hold now, with the grades that each is open for."""
    settings = Settings.load()
    with open_platform(settings) as platform:
        catalogue = platform.offices.catalogue
        actor = system_actor(catalogue.province.code)
        with ProvinceSession(platform.engine, actor=actor, now=clock_of(settings)()) as session:
            found = trade_lists.trades_in_force(session, catalogue, year)
    table = Table("Code", "Name", "Grades", title=f"Trades of {year}")
    for trade in found:
        table.add_row(trade.code, trade.name, ", ".join(str(int(grade)) for grade in trade.grades) or "closed")
    table_console().print(table)


@trades.command()
@_YEAR
@click.option("--source", required=True, help="The number of the paper that the list comes from.")
@click.option("--keep", is_flag=True, help="Let the list hold; without it, only what would change is told.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(year: int, source: str, file: Path, *, keep: bool) -> None:
    """Read a table of trades (.xlsx or CSV) and tell what it changes; nothing is written without --keep.

    Trades that somebody has applied for stay when the table leaves them out: their name is still known, and they are
    not open any more.
    """
    settings = Settings.load()
    with open_platform(settings) as platform:
        catalogue = platform.offices.catalogue
        actor = system_actor(catalogue.province.code)
        with ProvinceSession(platform.engine, actor=actor, now=clock_of(settings)()) as session:
            season = trade_lists.season_in_force(session, catalogue, year)
            table = read_trades(file.read_bytes(), season.trades, tuple(season.grades))
            for fault in table.faults:
                click.echo(f"row {fault.row} ({fault.about}): {fault.text}", err=True)
            if table.faults:
                raise click.ClickException(f"{len(table.faults)} faults; nothing was changed.")
            found = trade_lists.changes(session, catalogue, year, table.trades)
            click.echo(
                f"{len(table.trades)} trades: {len(found.added)} new, {len(found.renamed)} renamed, "
                f"{len(found.kept_closed)} closed but kept, {len(found.left_out)} left out"
            )
            if keep:
                made = trade_lists.load_list(session, catalogue, year, table.trades, source=source)
                session.commit()
                click.echo(f"Version {made.version} holds now.")
