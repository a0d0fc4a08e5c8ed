"""`kaowu practice`: made-up people for an office to practise in."""

import click

from core.platform import open_platform
from core.plugin_api import OfficeCode
from core.settings import Settings
from core.simulate.practice import reset as reset_practice


@click.group()
def practice() -> None:
    """An office of made-up people: `practice = true` in its file."""


@practice.command()
@click.argument("office")
@click.option("--people", type=click.IntRange(1, 200), default=12, show_default=True, help="New applications.")
def reset(office: str, *, people: int) -> None:
    """Withdraw what waits in OFFICE (such as henan/practice), and file new applications of invented people."""
    with open_platform(Settings.load()) as platform:
        done = reset_practice(platform, OfficeCode(office), people=people)
    click.echo(f"{done.withdrawn} applications withdrawn, {done.filed} new ones wait in {office}.")
