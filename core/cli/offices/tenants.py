"""`kaowu tenants`: list the offices, check their files, find where a value comes from, and load them."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click
from rich.table import Table
from sqlalchemy import NullPool, create_engine

from core.cli.console import table_console
from core.clock import SHANGHAI, start_of, system_clock
from core.db.database import open_database
from core.delegation.loading import load
from core.demo_clock import clock_of, demo_of
from core.domain.calendar import KIND_NAMES, grade_names, span
from core.errors import ConfigurationError
from core.plugin_api import OfficeCode, Window
from core.settings import Settings
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.config.office import DelegationTable
from core.tenancy.office import OpenOffice
from core.tenancy.plugins import build_hooks

_CLOSED = "closed, see `kaowu tenants check`"
_AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Look at the offices as they are on this date."
)


@click.group()
def tenants() -> None:
    """The offices of the province, as their TOML files make them."""


@tenants.command("list")
@_AS_OF
def list_offices(as_of: datetime | None) -> None:
    """List the offices with their area, what is open there on the date, and who stays closed."""
    catalogue, day = load_catalogue(Settings.load().tenants_dir), _day(as_of)
    table = Table("OpenOffice", "Name", "Level", "Area", "In charge by delegation", "Open", title=f"Offices on {day}")
    closed_by_plugins = build_hooks(catalogue).closed
    for office in catalogue.offices():
        delegation = _delegation_on(office.config.delegation, day)
        open_now = ", ".join(dict.fromkeys(window.kind.value for window in _open_windows(office, day))) or "-"
        state = _CLOSED if office.code in closed_by_plugins else open_now
        table.add_row(office.code, office.name, office.level, office.area_code(day) or "-", delegation, state)
    for closed in catalogue.closed():
        table.add_row(closed.code, closed.name, closed.level, "-", "-", _CLOSED)
    table_console().print(table)


@tenants.command()
def check() -> None:
    """Check every file and every plugin that one lists; any fault ends with exit code 1. Warnings do not."""
    catalogue = load_catalogue(Settings.load().tenants_dir)
    hooks = build_hooks(catalogue)
    faults = (*catalogue.faults, *hooks.faults)
    for warning in catalogue.warnings:
        click.echo(f"warning: {warning}", err=True)
    for fault in faults:
        click.echo(f"fault: {fault}", err=True)
    closed = len(catalogue.closed()) + len(hooks.closed)
    click.echo(f"{len(catalogue.offices()) - len(hooks.closed)} offices open, {closed} closed.")
    if faults:
        sys.exit(1)


@tenants.command()
@click.argument("office")
@_AS_OF
def explain(office: str, as_of: datetime | None) -> None:
    """Print every value that holds for OFFICE (such as henan/luoyang) and the file that set it."""
    catalogue, day = load_catalogue(Settings.load().tenants_dir), _day(as_of)
    found = _open_office(catalogue, office)
    table = Table("Key", "Value", "Set by", title=f"{found.name} ({found.code})")
    for setting in found.settings():
        where = setting.file if setting.line is None else f"{setting.file}:{setting.line}"
        table.add_row(setting.key, _written(setting.value), where)
    console = table_console()
    console.print(table)
    console.print(f"Area on {day}: {found.area_code(day) or 'none'}")
    console.print(f"In charge by delegation on {day}: {_delegation_on(found.config.delegation, day)}")
    for year in sorted(found.calendars):
        console.print(_dates(found, year, day))


@tenants.command("load")
def load_offices() -> None:
    """Write offices and seasons into the database, and once each office's first calendar and delegation."""
    settings = Settings.load()
    demo = demo_of(settings)
    catalogue = load_catalogue(settings.tenants_dir, another=None if demo is None else demo.season)
    for closed in catalogue.closed():
        click.echo(f"left out, closed: {closed.code}", err=True)
    with open_database(settings) as databases:
        owner, app = (
            create_engine(url, poolclass=NullPool, hide_parameters=True)
            for url in (databases.owner_url, databases.app_url)
        )
        loaded = load(owner, app, catalogue, now=clock_of(settings)())
        app.dispose()
    written = [f"{count} {name.replace('_', ' ')}" for name, count in asdict(loaded).items() if count]
    click.echo(f"Written: {', '.join(written)}." if written else "Nothing to write: the database has it all.")


def _dates(office: OpenOffice, year: int, day: date) -> Table:
    """The office's windows of a year and where each stands on a day."""
    table = Table("Kind", "", "Grades", "Dates", "State", title=f"Dates of {year}, as of {day}")
    for window in office.calendars[year].windows:
        names = (window.kind.value, KIND_NAMES[window.kind])
        table.add_row(*names, grade_names(window.grades), span(window), _state(window, day))
    return table


def _open_office(catalogue: Catalogue, name: str) -> OpenOffice:
    """The office, or an error in English that says what to mend."""
    code = OfficeCode(name.strip("/"))
    if catalogue.is_open(code):
        return catalogue.get(code)
    for closed in catalogue.closed():
        if closed.code == code:
            raise ConfigurationError("\n".join([f"{code} is closed.", *map(str, closed.faults)]))
    raise ConfigurationError(f"There is no office {name!r}. `kaowu tenants list` names them.")


def _open_windows(office: OpenOffice, day: date) -> Iterator[Window]:
    for year in office.calendars:
        yield from (window for window in office.calendars[year].windows if _state(window, day) in {"open", "due"})


def _state(window: Window, day: date) -> str:
    """Where a window stands at the beginning of a day; one without an opening is a deadline that is due."""
    moment = start_of(day)
    if window.contains(moment):
        return "open" if window.opens else "due"
    return "over" if moment >= window.closes else "not yet"


def _delegation_on(delegation: DelegationTable | None, day: date) -> str:
    """The delegation on a day, as the file says; once loaded, the rows decide."""
    if delegation is None:
        return "-"
    moment, until = start_of(day), delegation.effective_until()
    if moment < delegation.effective_from():
        return f"{delegation.mode} from {delegation.effective_from():%Y-%m-%d}"
    return f"{delegation.mode}, ended" if until is not None and moment >= until else str(delegation.mode)


def _written(value: Any) -> str:
    """A value close to how TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_written(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_written(part)}" for name, part in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _day(as_of: datetime | None) -> date:
    return (as_of or system_clock().astimezone(SHANGHAI)).date()
