"""`kaowu accounts`: who can sign in, bearer tokens for programs, and help for people who cannot sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NoReturn

import click
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy import Engine, create_engine, select

from core.db.database import open_database
from core.db.session import SYSTEM_ACCOUNT, Actor, OfficeSession, Role, SignInSession, system_actor
from core.demo_clock import clock_of
from core.errors import Conflict, NotFound
from core.identity import queries, service
from core.identity.models import Account
from core.identity.records import record
from core.identity.sign_in import attempts, passwords, sessions, totp
from core.identity.sign_in.hashing import Hasher
from core.plugin_api import OfficeCode
from core.settings import Settings
from core.tenancy.models import Office

_SHORTEST_REASON: Final = 6
"""A reason names who asked and who has looked: so many characters at least."""

_OPERATOR = Actor(SYSTEM_ACCOUNT, "系统", Role.SYSTEM)


@click.group()
def accounts() -> None:
    """Accounts: list them, make a token, and let somebody in again."""


@accounts.command("list")
def list_accounts() -> None:
    """List every account with the roles that it holds now."""
    table = Table(Column("LOGIN", overflow="fold"), "NAME", "ROLE", Column("HELD IN", overflow="fold"), "STATE")
    with _sign_in() as session:
        for line in queries.account_lines(session):
            held_in = line.office_id or (str(line.unit_id) if line.unit_id else "")
            table.add_row(line.login, line.name, line.role or "", held_in, "ended" if line.ended_at else "open")
    Console().print(table)


@accounts.command()
@click.argument("name")
def token(name: str) -> None:
    """Print a fresh bearer token for the account that signs in as NAME. It is shown this once, and NAME is told."""
    with _sign_in() as session:
        terms = service.token_terms(Settings.load())
        secret = service.create_token(session, _account(session, name).id, terms=terms)
        session.commit()
    click.echo(secret)


@accounts.command("issue-officer")
@click.argument("login")
@click.argument("name")
def issue_officer(login: str, name: str) -> None:
    """Open an account for an officer of the provincial center, called NAME, who signs in as LOGIN.

    The first one opens those of all others. The password that is printed is to be changed at the first sign-in.
    """
    hasher, now = _hasher(), _now()
    with _engine() as engine:
        with SignInSession(engine, actor=_OPERATOR, now=now) as session:
            province = session.scalar(select(Office.id).where(Office.parent_id.is_(None)))
        if province is None:
            raise click.ClickException("There are no offices yet. Load them first: kaowu tenants load")
        with OfficeSession(engine, actor=system_actor(OfficeCode(province)), now=now) as at_office, at_office.begin():
            account = service.issue_account(
                at_office, login=login, name=name, role=Role.PROVINCIAL_OFFICER, office_id=province, valid_from=now
            )
            secret = passwords.give_initial_password(at_office, account.id, hasher=hasher)
    click.echo(secret)


@accounts.command("new-password")
@click.argument("name")
def new_password(name: str) -> None:
    """Print a new first password for NAME, end the sessions of the account, and let it be tried again."""
    hasher = _hasher()
    with _sign_in() as session:
        account = _account(session, name)
        if account.issued_by_office_id is None:
            _refuse_applicant()
        secret = passwords.give_initial_password(session, account.id, hasher=hasher)
        sessions.end_sessions(session, account.id)
        attempts.unlock(session, account.id)
        session.commit()
    click.echo(secret)


@accounts.command()
@click.argument("name")
def unlock(name: str) -> None:
    """Let NAME be tried again at once, after too many attempts in vain."""
    with _sign_in() as session:
        account = _account(session, name)
        attempts.unlock(session, account.id)
        record(session, "sign_in.unlocked", account.id)
        session.commit()


@accounts.command("remove-second-factor")
@click.argument("name")
@click.option("--reason", required=True, help="Why, and who has asked for it; it goes onto the record.")
def remove_second_factor(name: str, reason: str) -> None:
    """Take a lost authenticator app away from NAME and end the sessions: for an office's only officer, or an applicant.

    Whoever is let in again this way has been looked at by somebody, with the identity card: write down by whom.
    """
    if len(reason.strip()) < _SHORTEST_REASON:
        raise click.ClickException(f"--reason needs at least {_SHORTEST_REASON} characters: who asked, who checked.")
    with _sign_in() as session:
        account = _account(session, name)
        try:
            totp.remove(session, account.id, reason=reason.strip())
        except Conflict:
            raise click.ClickException(f"{name!r} signs in without an authenticator app.") from None
        sessions.end_sessions(session, account.id)
        session.commit()


@accounts.command("end-sessions")
@click.argument("name")
def end_sessions(name: str) -> None:
    """Sign NAME out everywhere. Tokens of programs are not touched: those end with the account or by themselves."""
    with _sign_in() as session:
        ended = sessions.end_sessions(session, _account(session, name).id)
        session.commit()
    click.echo(f"{ended} sessions ended.")


def _account(session: SignInSession, name: str) -> Account:
    try:
        return queries.account_by_login(session, name)
    except NotFound:
        raise click.ClickException(
            f"No account signs in as {name!r}. To see which there are: kaowu accounts list"
        ) from None


def _refuse_applicant() -> NoReturn:
    raise click.ClickException("An applicant resets the password alone, by identity number and mobile.")


def _hasher() -> Hasher:
    chosen = Settings.load()
    return Hasher(passes=chosen.password_passes, memory_kib=chosen.password_memory_kib, lanes=chosen.password_lanes)


def _now() -> datetime:
    return clock_of(Settings.load())()


@contextmanager
def _engine() -> Iterator[Engine]:
    with open_database(Settings.load()) as databases:
        engine = create_engine(databases.app_url, hide_parameters=True)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def _sign_in() -> Iterator[SignInSession]:
    """A session on the account tables, in which the operator of this machine acts as the system."""
    with _engine() as engine, SignInSession(engine, actor=_OPERATOR, now=_now()) as session:
        yield session
