"""`kaowu db`: the embedded PostgreSQL, its addresses, and the shape of the database."""

import click

from core.db import migrate as migrations, roles
from core.db.database import database_addresses, embedded_server, libpq_url, open_database
from core.settings import Settings


@click.group()
def db() -> None:
    """The database: start, stop, look, migrate."""


@db.command()
@click.option("--owner", is_flag=True, help="As kaowu_owner, who owns the tables, instead of as the running role.")
def url(*, owner: bool) -> None:
    """Print the database's address for psql, password included: psql "$(kaowu db url)"."""
    settings = Settings.load()
    addresses = database_addresses(settings)
    click.echo(libpq_url(addresses.owner_url if owner else addresses.app_url))
    if settings.database_url is None and embedded_server(settings).status() is None:
        click.echo("The embedded PostgreSQL is not running. To start it: kaowu db start", err=True)


@db.command()
def start() -> None:
    """Start the embedded PostgreSQL and leave it running until `kaowu db stop`."""
    server = embedded_server(Settings.load())
    server.start(keep=True)
    click.echo(f"PostgreSQL runs on {server.data_dir}")


@db.command()
def stop() -> None:
    """Stop the embedded PostgreSQL, whoever uses it."""
    server = embedded_server(Settings.load())
    click.echo("PostgreSQL has stopped" if server.stop() else "PostgreSQL was not running")


@db.command()
def status() -> None:
    """Tell whether the embedded PostgreSQL runs, and where. Ends with 3 when it does not."""
    server = embedded_server(Settings.load())
    running = server.status()
    if running is None:
        click.echo(f"not running (data directory {server.data_dir})")
        raise click.exceptions.Exit(3)
    click.echo(f"running: process {running.pid}, socket in {running.socket_folder}, data directory {server.data_dir}")


@db.command()
@click.option("--to", "revision", default="head", show_default=True, help="A revision, or `head` for the newest.")
def migrate(*, revision: str) -> None:
    """Bring the database to the shape that this version expects."""
    with open_database(Settings.load()) as databases:
        before = migrations.current(databases.owner_url)
        migrations.upgrade(databases.owner_url, revision)
        after = migrations.current(databases.owner_url)
    click.echo(
        f"The database is at {after or 'no revision'}" + (f" (was at {before or 'none'})" if before != after else "")
    )


@db.command("roles-sql")
def roles_sql() -> None:
    """Print the script that makes roles and database on a PostgreSQL of your own."""
    click.echo(roles.production_script(), nl=False)
