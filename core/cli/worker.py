"""`kaowu worker`: the background work, without the web application."""

import click

from core import logs, worker as background
from core.platform import open_platform
from core.settings import Settings


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and what is waiting now, and end.")
def worker(*, once: bool) -> None:
    """Tell plugins what has happened and carry out what falls due, until told to end."""
    settings = Settings.load()
    logs.configure(settings.log_level, file=settings.log_file)
    with open_platform(settings) as platform:
        background.run(platform, once=once)
