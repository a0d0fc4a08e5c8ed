"""`kaowu delegations`: which office lets which other review in its place, on what paper."""

from collections.abc import Iterable
from datetime import datetime

import click
from rich.table import Table

from core.cli.console import table_console
from core.clock import SHANGHAI, end_of
from core.db.session import ProvinceSession, system_actor
from core.delegation import queries
from core.delegation.models import Delegation
from core.platform import Platform, open_platform
from core.settings import Settings


@click.group()
def delegations() -> None:
    """Delegations (委托、下放) between offices."""


@delegations.command("list")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Only those that held at the end of this date; without it, all of them with their present state.",
)
def list_(as_of: datetime | None) -> None:
    """List every delegation: from whom, to whom, mode, stages, instrument, state and dates."""
    at = None if as_of is None else end_of(as_of.date())
    with open_platform(Settings.load()) as platform:
        lines = _lines(platform, at)
    title = "Delegations" if as_of is None else f"Delegations in force at the end of {as_of:%F}"
    table = Table("From", "To", "Mode", "Stages", "Instrument", "State", "Took effect", "Ended", title=title)
    for line in lines:
        table.add_row(*line)
    table_console().print(table)


def _lines(platform: Platform, at: datetime | None) -> list[tuple[str, ...]]:
    actor = system_actor(platform.offices.catalogue.province.code)
    with ProvinceSession(platform.engine, actor=actor, now=at or platform.clock()) as session:
        return list(_rows(queries.delegations(session, at=at)))


def _rows(found: Iterable[Delegation]) -> Iterable[tuple[str, ...]]:
    for delegation in found:
        offices = (delegation.from_office_id, delegation.to_office_id)
        terms = (delegation.mode, ", ".join(delegation.stages), delegation.instrument, delegation.state)
        yield (*offices, *terms, _moment(delegation.took_effect_at), _moment(delegation.ended_at))


def _moment(at: datetime | None) -> str:
    return "-" if at is None else f"{at.astimezone(SHANGHAI):%F %H:%M}"
