"""`kaowu accounts`: who can sign in, and bearer tokens for programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine

from core.clock import system_clock
from core.db.database import open_database
from core.db.session import SYSTEM_ACCOUNT, Actor, Role, SignInSession
from core.errors import NotFound
from core.identity import queries, service
from core.settings import Settings


@click.group()
def accounts() -> None:
    """Accounts: list them, make a token."""


@accounts.command("list")
def list_accounts() -> None:
    """List every account with the roles that it holds now."""
    table = Table("LOGIN", "NAME", "ROLE", "HELD IN", "STATE")
    with _sign_in() as session:
        for line in queries.account_lines(session):
            held_in = line.office_id or (str(line.unit_id) if line.unit_id else "")
            table.add_row(line.login, line.name, line.role or "", held_in, "ended" if line.ended_at else "open")
    Console().print(table)


@accounts.command()
@click.argument("name")
def token(name: str) -> None:
    """Print a fresh bearer token for the account that signs in as NAME. It is shown this once."""
    with _sign_in() as session:
        try:
            account = queries.account_by_login(session, name)
        except NotFound:
            raise click.ClickException(
                f"No account signs in as {name!r}. To see which there are: kaowu accounts list"
            ) from None
        secret = service.create_token(session, account.id)
        session.commit()
    click.echo(secret)


@contextmanager
def _sign_in() -> Iterator[SignInSession]:
    """A session on the account tables, in which the operator of this machine acts as the system."""
    with open_database(Settings.load()) as databases:
        engine = create_engine(databases.app_url, hide_parameters=True)
        actor = Actor(SYSTEM_ACCOUNT, "系统", Role.SYSTEM)
        try:
            with SignInSession(engine, actor=actor, now=system_clock()) as session:
                yield session
        finally:
            engine.dispose()
