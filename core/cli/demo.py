"""`kaowu demo`: two seasons of invented people, one over and one under way, made once and served."""

import secrets
from contextlib import suppress
from dataclasses import replace

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from core import logs
from core.audit.models import RecordEntry
from core.cli import serve
from core.cli.simulate import bar
from core.clock import SettableClock, system_clock
from core.db.session import ROLE_LABELS, SYSTEM_ACCOUNT, Actor, AuditorSession, Role, SignInSession
from core.demo_clock import Demo, demo_of, goes_on, keep_demo
from core.errors import ConfigurationError
from core.identity.sign_in.passwords import replace_hash
from core.platform import Platform, open_platform
from core.settings import Settings
from core.simulate import outcome
from core.simulate.demo import season as demo_season
from core.simulate.demo.accounts import Waits, who_waits

_ACTS = 900
"""The number of acts of the simulation, roughly, for the progress bar."""
_AUDITOR = Actor(SYSTEM_ACCOUNT, "演示", Role.PROVINCIAL_AUDITOR)
_SYSTEM = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on; KAOWU_PORT unless given.")
def demo(*, port: int | None) -> None:
    """Make seasons with invented people, unless they are there already, and serve them."""
    settings = Settings.load(simulation=True)
    log_file = settings.log_file or settings.data_dir / "kaowu.log"
    if demo_of(settings) is None:
        click.echo("The database is empty: inventing people, a season that is over and one in its midst.")
        show(make(settings))
    else:
        resume(settings)
        click.echo(f"Using the demo that is in {settings.data_dir}; delete that folder to begin again.")
    with open_platform(settings) as platform:
        show_logins(platform)
        logs.configure(settings.log_level, file=log_file, screen="WARNING")
        click.echo(f"What the server does is logged in {log_file}.")
        with suppress(KeyboardInterrupt):
            serve.run(platform, port or settings.port, host=settings.host)
        click.echo("The demo has stopped. The next one goes on from here.")


def make(settings: Settings) -> outcome.Figures:
    """Make both seasons in an empty embedded database.

    Raises ConfigurationError for a database that holds offices, and for an operator's own: those people are real.
    """
    if settings.database_url is not None:
        raise ConfigurationError("The demo makes a database of its own: unset KAOWU_DATABASE_URL.")
    if not is_empty(settings):
        raise ConfigurationError(
            f"The database in {settings.data_dir} holds offices that no demo has made. Name another KAOWU_DATA_DIR, "
            "or delete the folder if nothing in it is needed."
        )
    made = Demo(demo_season.SEASON, demo_season.stands_at(), system_clock())
    keep_demo(settings, made)
    clock = SettableClock(system_clock())
    with open_platform(settings, clock=clock, durable=False) as platform, bar() as progress:
        task = progress.add_task("demo", total=_ACTS)
        for moment, _ in demo_season.simulate(platform, clock):
            progress.update(task, advance=1, description=f"{moment:%Y-%m-%d}")
        progress.update(task, completed=_ACTS)
        with AuditorSession(platform.engine, actor=_AUDITOR, now=clock()) as session:
            figures = outcome.figures(session)
    keep_demo(settings, replace(made, at=system_clock(), finished=True))
    return figures


def resume(settings: Settings) -> Demo:
    """Let the season go on from its last act; raises ConfigurationError for a demo that is half made."""
    found = demo_of(settings)
    if found is None or not found.finished:
        raise ConfigurationError(
            f"The demo in {settings.data_dir} was broken off while it was made. Delete that folder and start again."
        )
    with open_platform(settings) as platform:
        now = platform.clock()
        with AuditorSession(platform.engine, actor=_AUDITOR, now=now) as session:
            last = session.scalar(select(func.max(RecordEntry.at)).where(RecordEntry.at <= now))
    resumed = goes_on(found, last or found.stood)
    keep_demo(settings, resumed)
    return resumed


def is_empty(settings: Settings) -> bool:
    """Whether the database, made and migrated if need be, has no offices yet."""
    with open_platform(settings) as platform, platform.engine.connect() as connection:
        return not connection.exec_driver_sql("SELECT EXISTS (SELECT FROM offices)").scalar()


def show(figures: outcome.Figures) -> None:
    """Print a table with a line for each office: the results of the past season, and the state of the present one."""
    table = Table(title="Applications of invented people, by the office that has them in hand", box=None)
    table.add_column("office", no_wrap=True)
    for column in figures.columns:
        table.add_column(column, justify="right")
    for office, numbers in figures.rows:
        table.add_row(office, *(str(number or "") for number in numbers))
    Console().print(table)


def show_logins(platform: Platform) -> None:
    """Give an account of each role one password, new at each start, and print what waits for each."""
    password = f"demo-{secrets.token_hex(4)}"
    hashed = platform.door.hasher.hash(password)
    now = platform.clock()
    with (
        AuditorSession(platform.engine, actor=_AUDITOR, now=now) as auditor,
        SignInSession(platform.engine, actor=_SYSTEM, now=now) as session,
        session.begin(),
    ):
        people = list(who_waits(auditor, session))
        for person in people:
            replace_hash(session, person.account_id, hashed)
    click.echo(f"It is {now:%Y-%m-%d %H:%M} in the demo. All of these sign in with the password {password}")
    click.echo("until it starts again:")
    _table(people)
    click.echo("For a token, in another terminal: kaowu accounts token LOGIN (all of them: kaowu accounts list)")


def _table(people: list[Waits]) -> None:
    width = max(len(person.login) for person in people)
    for person in people:
        place = f"{person.place} " if person.place else ""
        role = person.role.value.replace("_", " ")
        click.echo(f"  {person.login:<{width}}  {place}{role} ({ROLE_LABELS[person.role]}): {person.what}")
