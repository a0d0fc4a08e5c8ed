"""`kaowu simulate`: a whole season with invented people, counted and checked."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.clock import SettableClock, system_clock
from core.errors import ConfigurationError
from core.platform import Platform, open_platform
from core.settings import Settings
from core.simulate import season
from core.simulate.season import Plan

_MOVES_PER_APPLICATION = 6
_errors = Console(stderr=True)


@click.command()
@click.option("--year", default=2024, show_default=True, help="The season to run.")
@click.option("--applicants", default=200, show_default=True, type=click.IntRange(1), help="How many applications.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same season.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@click.option("--keep", is_flag=True, help="Leave the database in KAOWU_DATA_DIR, to be served afterwards.")
def simulate(*, year: int, applicants: int, seed: int, as_json: bool, keep: bool) -> None:
    """Run a season with invented people through the real services, and check what it left in the database."""
    plan = Plan(year, applicants, seed)
    if keep:
        result = run(Settings.load(), plan)
    else:
        folder = Path(tempfile.mkdtemp(prefix="kaowu-season-"))
        try:
            result = run(Settings.load(data_dir=folder, database_url=None, owner_database_url=None), plan)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        show(result)
    if result["violations"]:
        raise click.ClickException(f"{len(result['violations'])} violations: {result['violations'][:3]}")


def run(settings: Settings, plan: Plan) -> dict[str, Any]:
    """Run a season in the database of ``settings``, with a progress bar on a terminal; the database must be empty."""
    clock = SettableClock(system_clock())
    with open_platform(settings, clock=clock, durable=False) as platform:
        _refuse_used(platform)
        with bar() as progress:
            task = progress.add_task("season", total=plan.applicants * _MOVES_PER_APPLICATION)
            result: dict[str, Any] = {}
            for moment, end in season.simulate(platform, clock, plan):
                progress.update(task, advance=1, description=f"{moment:%Y-%m-%d}")
                result = end or result
            progress.update(task, completed=plan.applicants * _MOVES_PER_APPLICATION)
    return result


def show(result: dict[str, Any]) -> None:
    """Print a table with a line for each office, and the season's totals."""
    table = Table(
        title=f"Season {result['year']}, seed {result['seed']}: {result['applications']['total']} applications"
    )
    for column in ("office", "owns", "has in hand"):
        table.add_column(column, justify="left" if column == "office" else "right")
    owns, hands = result["applications"]["by_office"], result["applications"]["by_handler"]
    for office in sorted({*owns, *hands}):
        table.add_row(office, str(owns.get(office, 0)), str(hands.get(office, 0)))
    console = Console()
    console.print(table)
    console.print("states: " + _counts(result["applications"]["by_state"]))
    for kind, counted in result["filings"].items():
        console.print(f"filings of {kind}: {_counts(counted)}")
    console.print(f"{result['moves']} moves, {len(result['violations'])} violations, {result['seconds']} s")


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.items())


def _refuse_used(platform: Platform) -> None:
    with platform.engine.connect() as connection:
        if connection.exec_driver_sql("SELECT EXISTS (SELECT FROM offices)").scalar():
            raise ConfigurationError(
                "The database already holds offices. Simulate without --keep, or name another KAOWU_DATA_DIR."
            )


def bar() -> Progress:
    """How far a simulation is, on a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=_errors,
        transient=True,
    )
