"""`kaowu demo`: a season of invented people to look at, made once and served."""

from __future__ import annotations

import secrets

import click

from core import logs
from core.cli import serve
from core.cli.simulate import run, show
from core.db.session import SYSTEM_ACCOUNT, Actor, Role, SignInSession
from core.identity.passwords import replace_hash
from core.identity.queries import AccountLine, account_lines
from core.platform import Platform, open_platform
from core.settings import Settings
from core.simulate.season import Plan

PLAN = Plan(2024, 200, 1)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on; KAOWU_PORT unless given.")
def demo(*, port: int | None) -> None:
    """Run a season with invented people, unless the database has one already, and serve it."""
    settings = Settings.load(simulation=True)
    log_file = settings.log_file or settings.data_dir / "kaowu.log"
    if is_empty(settings):
        click.echo(f"The database is empty: running the season of {PLAN.year} with {PLAN.applicants} applications.")
        show(run(settings, PLAN))
    else:
        click.echo(f"Using the season that is in {settings.data_dir}.")
    with open_platform(settings) as platform:
        show_logins(platform)
        logs.configure(settings.log_level, file=log_file, screen="WARNING")
        click.echo(f"What the server does is logged in {log_file}.")
        serve.run(platform, port or settings.port, host=settings.host)


def is_empty(settings: Settings) -> bool:
    """Whether the database, made and migrated if need be, has no offices yet."""
    with open_platform(settings) as platform, platform.engine.connect() as connection:
        return not connection.exec_driver_sql("SELECT EXISTS (SELECT FROM offices)").scalar()


def show_logins(platform: Platform) -> None:
    """Let somebody of each role sign in with one password, made anew at each start, and print how."""
    password = f"demo-{secrets.token_hex(4)}"
    hashed = platform.door.hasher.hash(password)
    actor = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)
    with SignInSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        one_of_each: dict[Role, AccountLine] = {}
        for line in account_lines(session):
            if line.role is not None:
                one_of_each.setdefault(line.role, line)
        for line in one_of_each.values():
            replace_hash(session, line.account_id, hashed)
    click.echo(f"Some of those who can sign in, all with the password {password} until the demo starts again:")
    for role, line in one_of_each.items():
        click.echo(f"  {line.login:<20} {role.value:<22} {line.name}")
    click.echo("For a token, in another terminal: kaowu accounts token LOGIN (all of them: kaowu accounts list)")
