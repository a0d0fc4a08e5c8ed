"""`kaowu demo`: a season of invented people to look at, made once and served."""

from __future__ import annotations

import click

from core.cli import serve
from core.cli.simulate import run, show
from core.db.session import ANONYMOUS, Role, SignInSession
from core.identity.queries import AccountLine, account_lines
from core.platform import Platform, open_platform
from core.settings import Settings
from core.simulate.season import Plan

PLAN = Plan(2024, 200, 1)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on; KAOWU_PORT unless given.")
def demo(*, port: int | None) -> None:
    """Run a season with invented people, unless the database has one already, and serve it."""
    settings = Settings.load()
    if is_empty(settings):
        click.echo(f"The database is empty: running the season of {PLAN.year} with {PLAN.applicants} applications.")
        show(run(settings, PLAN))
    else:
        click.echo(f"Using the season that is in {settings.data_dir}.")
    with open_platform(settings) as platform:
        show_logins(platform)
        serve.run(platform, port or settings.port, host=settings.host)


def is_empty(settings: Settings) -> bool:
    """Whether the database, made and migrated if need be, has no offices yet."""
    with open_platform(settings) as platform, platform.engine.connect() as connection:
        return not connection.exec_driver_sql("SELECT EXISTS (SELECT FROM offices)").scalar()


def show_logins(platform: Platform) -> None:
    """Print somebody of each role, and how to act as them."""
    with SignInSession(platform.engine, actor=ANONYMOUS, now=platform.clock()) as session:
        one_of_each: dict[Role, AccountLine] = {}
        for line in account_lines(session):
            if line.role is not None:
                one_of_each.setdefault(line.role, line)
    click.echo("Some of those who can sign in:")
    for role, line in one_of_each.items():
        click.echo(f"  {line.login:<20} {role.value:<22} {line.name}")
    click.echo("For a token, in another terminal: kaowu accounts token LOGIN (all of them: kaowu accounts list)")
