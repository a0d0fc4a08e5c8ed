"""The keys of an installation, held against what its database knows of them before anything is opened or signed.

A key that is missing must not be made a second time, and another installation's must not be taken: the one breaks every
seal and every printed code, the other refuses right passwords and seals new values with a key that nobody here keeps.
So the database has a fingerprint of each key (``KeyFingerprint``), written when the key is first seen, and each start
compares. What a fingerprint needs, every provider can do: hash a text, seal it, open it.

A database of before the fingerprints is asked whether its values, seals and certificates fit the keys that are there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, inspect, select, text

from core.audit.models import RecordBatch
from core.db.models import KeyFingerprint
from core.db.resealing import anything_sealed, place_of
from core.db.sealed import LookupHash, lookup_columns
from core.db.session import SYSTEM_ACCOUNT, Actor, AuditorSession, KeeperSession, Role
from core.db.tables import all_tables
from core.errors import ConfigurationError
from core.results.models.awards import Certificate
from core.scheduling.models.tickets import AdmissionTicket
from core.security.keys import BUILT_IN, KeyKeeper, Place, create_keys, have_keys, open_keys, opened
from core.security.pdf_signatures import create_pdf_certificates
from core.security.signatures import PaperKeys, RecordKeys, SigningKeys, create_signing_keys, read_code
from core.settings import Settings

ENCRYPTION: Final = "encryption"
LOOKUP: Final = "lookup"

_TEXT: Final = "kaowu/key fingerprint"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8236046002)")
_SYSTEM = Actor(SYSTEM_ACCOUNT, "系统", Role.SYSTEM)
_REMEDY = "Put the keys of this installation back from their backup (KAOWU_KEYS_DIR names another folder)"


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key: those of personal data, those that sign the record, those that sign papers."""

    data: KeyKeeper
    record: RecordKeys
    papers: PaperKeys


def load_keyring(settings: Settings) -> Keyring:
    """The keys as they are there, held against nothing yet; ConfigurationError where one is missing or malformed."""
    folder = settings.keys_dir
    return Keyring(open_keys(settings), RecordKeys.load(folder), PaperKeys.load(folder))


def open_keyring(settings: Settings, engine: Engine, *, now: datetime) -> Keyring:
    """The keys of the installation whose database this is; those that it does not know yet are noted.

    Raises ConfigurationError, saying what to do, for a key that is missing and for another installation's.
    """
    keyring = load_keyring(settings)
    with KeeperSession(engine, now=now) as session, session.begin():
        _hold_data_keys(session, engine, keyring.data)
        for keys in (keyring.record, keyring.papers):
            _hold_signing_keys(session, engine, keys)
    return keyring


def hold_data_keys(
    engine: Engine, keys: KeyKeeper, *, now: datetime, coming: Callable[[], Callable[[str], bytes]] | None = None
) -> None:
    """Compare the keys of personal data alone, and note new ones. Raises ConfigurationError, as above.

    ``coming`` gives the hash under the look-up key that is to come: a change that was broken off may have written it.
    """
    with KeeperSession(engine, now=now) as session, session.begin():
        _hold_data_keys(session, engine, keys, coming)


def note_retired(session: KeeperSession, key: int) -> None:
    """Remember that an encryption key is not needed any more: from now on it may be missing."""
    for row in _known(session, ENCRYPTION).values():
        if row.number == key:
            row.retired_at = session.now


def note_lookup(session: KeeperSession, hashed: Callable[[str], bytes]) -> None:
    """Remember the look-up key under which every hash is computed now."""
    row = _known(session, LOOKUP)[0]
    row.fingerprint, row.noted_at = hashed(_TEXT), session.now


def is_lookup(session: KeeperSession, hashed: Callable[[str], bytes]) -> bool:
    """Whether the hashes of the database are those of this look-up key."""
    return _known(session, LOOKUP)[0].fingerprint == hashed(_TEXT)


def create_first_keys(settings: Settings, engine: Engine | None, *, now: datetime) -> None:
    """Make a first key for each purpose that has none, in the folder of the settings; keys that are there stay.

    Without an engine there is no database yet. Raises ConfigurationError, and makes nothing, where the database has
    values, seals or papers of a key that is missing: another key in its place would be worth nothing.
    """
    folder = settings.keys_dir
    own = settings.key_provider == BUILT_IN and settings.encryption_keys is None
    missing = [ENCRYPTION] if own and not have_keys(folder) else []
    missing += [one.name for one in (RecordKeys, PaperKeys) if not one.are_in(folder)]
    needed = _needed(engine, now=now) if missing and engine is not None else {}
    for purpose in missing:
        if purpose in needed:
            raise ConfigurationError(
                f"{folder}: no {purpose}-N.key found, but the database has {needed[purpose]}. Keys made now would be "
                f"worth nothing for it, and none was made. {_REMEDY}."
            )
    if ENCRYPTION in missing:
        create_keys(folder)
    create_signing_keys(folder)
    create_pdf_certificates(folder, now=now)


def knows_keys(engine: Engine) -> bool:
    """Whether a database has the table of fingerprints: one that was not migrated yet has not."""
    return inspect(engine).has_table(KeyFingerprint.__tablename__)


def _needed(engine: Engine, *, now: datetime) -> Mapping[str, str]:
    """The purposes whose keys a database depends on, each with what of them it has; none before its first migration."""
    if not knows_keys(engine):
        if inspect(engine).has_table("offices"):
            raise ConfigurationError(
                "The database is of an older version. Bring it to this one before keys are made: kaowu db migrate"
            )
        return {}
    found: dict[str, str] = {}
    with AuditorSession(engine, actor=_SYSTEM, now=now) as auditor:
        for table, purpose, what in (
            (RecordBatch, RecordKeys.name, "batches of the record that it has signed"),
            (Certificate, PaperKeys.name, "certificates that it has signed"),
            (AdmissionTicket, PaperKeys.name, "admission tickets that it has signed"),
        ):
            if auditor.scalar(select(select(table).exists())):
                found[purpose] = what
    with KeeperSession(engine, now=now) as keeper:
        if anything_sealed(keeper, all_tables()):
            found[ENCRYPTION] = "values that it has sealed"
        for purpose in keeper.scalars(select(KeyFingerprint.purpose).where(KeyFingerprint.retired_at.is_(None))):
            found.setdefault(purpose, "the fingerprint of one")
    return found


def _known(session: KeeperSession, purpose: str) -> dict[int, KeyFingerprint]:
    """What the database knows of the keys of a purpose; other comparisons wait until this transaction is over."""
    session.execute(_ONE_AT_A_TIME)
    found = session.scalars(select(KeyFingerprint).where(KeyFingerprint.purpose == purpose))
    return {row.number: row for row in found}


def _hold_data_keys(
    session: KeeperSession, engine: Engine, keys: KeyKeeper, coming: Callable[[], Callable[[str], bytes]] | None = None
) -> None:
    known, lookup = _known(session, ENCRYPTION), _known(session, LOOKUP).get(0)
    if not known and lookup is None:
        _check_values(engine, keys, now=session.now)
    _hold_encryption_keys(session, keys, known)
    mine = keys.lookup_hash(_TEXT)
    if lookup is None:
        session.add(KeyFingerprint(purpose=LOOKUP, number=0, fingerprint=mine, noted_at=session.now))
    elif lookup.fingerprint != mine and (coming is None or lookup.fingerprint != coming()(_TEXT)):
        raise ConfigurationError(
            f"The look-up key is another installation's, or one of before a change of it: nobody would be found by "
            f"their number, and new values would be hashed with it. {_REMEDY}."
        )


def _hold_encryption_keys(session: KeeperSession, keys: KeyKeeper, known: Mapping[int, KeyFingerprint]) -> None:
    current = keys.current()
    for number, row in known.items():
        if row.retired_at is not None and number != current:
            continue
        if number not in keys.known():
            raise ConfigurationError(
                f"Encryption key {number} is missing, which this database knows and has not retired. {_REMEDY}; a key "
                f"that was retired after this database was backed up is encryption-{number}.retired there."
            )
        if opened(keys, row.fingerprint, _place(number)) != _TEXT.encode():
            raise ConfigurationError(
                f"Encryption key {number} is another installation's: it opens nothing of this database. {_REMEDY}."
            )
    if current not in known:
        sealed = keys.encrypt(_TEXT.encode(), _place(current))
        session.add(KeyFingerprint(purpose=ENCRYPTION, number=current, fingerprint=sealed, noted_at=session.now))


def _place(number: int) -> Place:
    return Place(KeyFingerprint.__tablename__, "fingerprint", UUID(int=number))


def _hold_signing_keys(session: KeeperSession, engine: Engine, keys: SigningKeys) -> None:
    known = _known(session, keys.name)
    noted = {row.fingerprint.hex() for row in known.values()}
    lost = sorted((noted or _signed_by(engine, keys, now=session.now)) - set(keys.public))
    if lost:
        raise ConfigurationError(
            f"No {keys.name}-N.key has the public key {lost[0]}, which signed {keys.signs} of this database: what it "
            f"signed would not hold any more. {_REMEDY}."
        )
    new = (public for public in keys.public if public not in noted)
    for number, public in enumerate(new, max(known, default=0) + 1):
        fingerprint = bytes.fromhex(public)
        session.add(KeyFingerprint(purpose=keys.name, number=number, fingerprint=fingerprint, noted_at=session.now))


def _signed_by(engine: Engine, keys: SigningKeys, *, now: datetime) -> set[str]:
    """The public keys by which a database of before the fingerprints was signed, as far as it says."""
    with AuditorSession(engine, actor=_SYSTEM, now=now) as session:
        if isinstance(keys, RecordKeys):
            return set(session.scalars(select(RecordBatch.key).distinct()))
        code = session.scalar(select(Certificate.code).order_by(Certificate.id.desc()).limit(1))
    if code is not None and read_code(code, keys.public) is None:
        raise ConfigurationError(
            f"No {keys.name}-N.key has signed the newest certificate of this database: certificates and tickets would "
            f"not hold any more. {_REMEDY}."
        )
    return set()


def _check_values(engine: Engine, keys: KeyKeeper, *, now: datetime) -> None:
    """Whether a value of a database of before the fingerprints opens, and has the hash by which it is found."""
    for column in lookup_columns(all_tables()):
        assert isinstance(column.type, LookupHash)  # noqa: S101 - that is how it was found
        source = column.table.c[column.type.of]
        with AuditorSession(engine, actor=_SYSTEM, now=now) as session:
            found = session.execute(select(column.table.c.id, source, column).where(source != b"").limit(1)).first()
        if found is None:
            continue
        row, sealed, hashed = found
        value = opened(keys, sealed, place_of(source, row))
        if value is None or keys.lookup_hash(value.decode()) != hashed:
            raise ConfigurationError(
                f"The keys are another installation's: {source} of this database does not open with them, or is not "
                f"found by them. {_REMEDY}."
            )
