"""`kaowu keys`: the first keys of personal data, their change while the service runs, and their retirement."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Column, Engine, create_engine, select

from core.audit import service as audit
from core.clock import SHANGHAI, system_clock
from core.db.database import embedded_server, open_database
from core.db.resealing import others_connected, rehash_all, reseal, sealed_by
from core.db.sealed import sealed_columns
from core.db.session import KeeperSession
from core.db.tables import all_tables
from core.keyring import (
    create_first_keys,
    hold_data_keys,
    is_lookup,
    knows_keys,
    load_keyring,
    note_lookup,
    note_retired,
    open_keyring,
)
from core.security.keys import KeyKeeper, has_next_lookup, open_keys
from core.security.pdf_signatures import PdfSigner
from core.settings import Settings
from core.tenancy.models import Office

_BATCH = 500
_RENEW_WITHIN = timedelta(days=60)
_PATIENCE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Vault:
    """The database with its sealed values, and their keys."""

    engine: Engine
    keys: KeyKeeper

    @contextmanager
    def transaction(self) -> Iterator[KeeperSession]:
        """One transaction of the keeper."""
        with KeeperSession(self.engine, now=system_clock()) as session, session.begin():
            yield session

    def hold(self, *, unfinished: bool = False) -> None:
        """Compare the keys with what the database knows of them, and note new ones. Raises ConfigurationError."""
        coming = self.keys.next_lookup_hash if unfinished else None
        hold_data_keys(self.engine, self.keys, now=system_clock(), coming=coming)
        # A count of connections finds none of this.
        self.engine.dispose()

    def sealed_by(self) -> dict[int, int]:
        """How many values each key has sealed."""
        with self.transaction() as session:
            return dict(sealed_by(session, all_tables()))


@click.group()
def keys() -> None:
    """The keys of personal data: make the first, change them, look after them."""


@keys.command()
def create() -> None:
    """Make the first keys of a new installation, in KAOWU_KEYS_DIR. Keys that are there stay as they are.

    Refused beside a database that has values, seals or papers of a key that is missing.
    """
    settings = Settings.load()
    if settings.database_url is None and not embedded_server(settings).exists():
        create_first_keys(settings, None, now=system_clock())
    else:
        with _engine(settings) as engine:
            create_first_keys(settings, engine, now=system_clock())
            if knows_keys(engine):
                open_keyring(settings, engine, now=system_clock())
    load_keyring(settings)
    click.echo(f"The keys are in {settings.keys_dir}. Keep a copy where the copies of the database are not.")


@keys.command()
def status() -> None:
    """Show which keys there are and how many values each has sealed. Ends with 1 where one is not the right one."""
    with _vault(held=False) as vault:
        counted = vault.sealed_by()
        for key in sorted({*vault.keys.known(), *counted}, reverse=True):
            about = "seals now" if key == vault.keys.current() else ""
            about = about if key in vault.keys.known() else "MISSING: restore it from the backup"
            click.echo(f"key {key}: {counted.get(key, 0)} values {about}".rstrip())
        vault.hold()
    click.echo(_pdf_certificate(PdfSigner(Settings.load().keys_dir), now=system_clock()))


@keys.command()
def rotate() -> None:
    """Make a new key and seal every value anew with it, while the service runs.

    Broken off, it goes on with the same key when it is run again.
    """
    with _vault() as vault:
        current = vault.keys.current()
        if not any(count for key, count in vault.sealed_by().items() if key != current):
            current = vault.keys.make_key()
            vault.hold()
            click.echo(f"Made key {current}.")
        done = _reseal_all(vault, current)
        with vault.transaction() as session:
            _record(session, "key.rotated", current, {"sealed_anew": done})
    click.echo(f"Sealed {done} values anew; all of them are sealed with key {current} now.")
    for key in sorted(vault.keys.known() - {current}):
        click.echo(f"Once no server runs that was started before: kaowu keys retire {key}")


@keys.command()
@click.argument("key", type=int)
def retire(key: int) -> None:
    """Open nothing with KEY any more. Refused while a value needs it."""
    with _vault() as vault:
        if key not in vault.keys.known() or key == vault.keys.current():
            raise click.ClickException(f"Key {key} is not here, or it seals now. Which there are: kaowu keys status")
        needed = vault.sealed_by().get(key, 0)
        if needed:
            raise click.ClickException(f"{needed} values need key {key}. Seal them anew first: kaowu keys rotate")
        with vault.transaction() as session:
            note_retired(session, key)
            _record(session, "key.retired", key, {})
        kept = vault.keys.retire_key(key)
    click.echo(f"Key {key} is retired: {kept}. Backups from before the change need it: keep it as long as they.")


@keys.command("change-lookup")
def change_lookup() -> None:
    """Change the look-up key: compute every hash anew in one transaction. Every server and worker must be stopped."""
    with _vault(unfinished=True) as vault:
        with vault.transaction() as session:
            _refuse_company(session)
        # From here on the key that is to come lies beside the present one, and nothing starts.
        hashed = vault.keys.next_lookup_hash()
        with vault.transaction() as session, _dropping_unless_used(vault, session, hashed):
            _refuse_company(session)
            with Console(stderr=True).status("Computing every look-up hash anew"):
                count = rehash_all(session, all_tables(), vault.keys, hashed)
            note_lookup(session, hashed)
            _record(session, "key.lookup_changed", 0, {"hashes": count})
            _refuse_company(session)
        # A process that dies here leaves the new key beside the old one: the start is refused until this is run again.
        vault.keys.change_lookup()
    click.echo(f"Computed {count} hashes anew. Servers and workers can be started again.")


@contextmanager
def _dropping_unless_used(vault: _Vault, session: KeeperSession, hashed: Callable[[str], bytes]) -> Iterator[None]:
    """Forget the new look-up key where this transaction is undone, unless one before has already written with it."""
    written_before = is_lookup(session, hashed)
    try:
        yield
    except BaseException:
        if not written_before:
            vault.keys.drop_next_lookup()
        raise


def _pdf_certificate(signer: PdfSigner, *, now: datetime) -> str:
    """Until when electronic certificates can be signed, and what to do where that is soon over."""
    if not signer.has_certificate:
        return "No pdf-N.pem signs electronic certificates: MISSING. Make the first: kaowu keys create"
    until = signer.holds_until.astimezone(SHANGHAI)
    soon = " SOON OVER: docs/operations.md, Signed PDFs" if until - now < _RENEW_WITHIN else ""
    return f"PDFs can be signed until {until:%Y-%m-%d}{soon}"


def _refuse_company(session: KeeperSession) -> None:
    others = others_connected(session)
    if others:
        raise click.ClickException(
            f"{others} other connections to the database are open. Stop every server and worker; nothing was changed."
        )


def _reseal_all(vault: _Vault, current: int) -> int:
    """Go through every sealed column until a whole pass finds no value of another key."""
    done = 0
    with Progress(console=Console(stderr=True)) as progress:
        while left := sum(count for key, count in vault.sealed_by().items() if key != current):
            task = progress.add_task("Sealing anew", total=left)
            found = 0
            for column in sealed_columns(all_tables()):
                for count in _batches(vault, column, current):
                    found += count
                    progress.advance(task, count)
            done += found
            if not found:
                # Another transaction is writing the values that are left.
                time.sleep(_PATIENCE_SECONDS)
    return done


def _batches(vault: _Vault, column: Column[Any], current: int) -> Iterator[int]:
    after: UUID | None = UUID(int=0)
    while after is not None:
        with vault.transaction() as session:
            count, after = reseal(session, column, vault.keys, current=current, after=after, limit=_BATCH)
        yield count


def _record(session: KeeperSession, kind: str, key: int, payload: dict[str, Any]) -> None:
    """Enter an act in the province's record; an installation without an office has none yet."""
    province = session.scalar(select(Office.id).where(Office.parent_id.is_(None)))
    if province is not None:
        audit.record(session, kind, office_id=province, subject_type="key", subject_id=str(key), payload=payload)


@contextmanager
def _vault(*, unfinished: bool = False, held: bool = True) -> Iterator[_Vault]:
    """The keys and what they seal, ``held`` against each other; ``unfinished`` for a change that was broken off."""
    settings = Settings.load()
    keeper = open_keys(settings, unfinished=unfinished)
    with _engine(settings) as engine:
        vault = _Vault(engine, keeper)
        if held:
            vault.hold(unfinished=unfinished and has_next_lookup(settings))
        yield vault


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    with open_database(settings) as databases:
        engine = create_engine(databases.app_url, hide_parameters=True)
        try:
            yield engine
        finally:
            engine.dispose()
