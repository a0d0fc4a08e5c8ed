"""Back up, wreck, restore: equal counts, equal record heads, every paper whole. Refusals of a restore."""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Engine, create_engine, text

from core import keyring
from core.applications.rules.document import RuleDocument
from core.audit.sealing import Sealer
from core.backup import archive, creating, recipient, restoring
from core.backup.archive import Manifest
from core.cli import main
from core.clock import SettableClock
from core.db import dump, roles
from core.db.database import database_addresses
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.session import ProvinceSession, system_actor
from core.documents.attachment_subjects import Subject
from core.documents.storage import DocumentStore
from core.documents.store_check import verify
from core.errors import ConfigurationError
from core.platform import Platform
from core.security.ciphers import Damaged
from core.security.keys import create_keys, load_keys
from core.security.signatures import RecordKeys, create_signing_keys
from core.settings import Settings
from core.tenancy.offices import Offices
from tests.cases import CITY, PAPER_KEYS, PROVINCE, YEAR, Season, at
from tests.conftest import clone
from tests.documents import things

WITH_A_RECORD = {"linshui", "linshui/qinghe", "linshui/qinghe/heyuan", "linshui/yunshan"}
PRIVATE = X25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass
class Installation:
    """A whole installation on a PostgreSQL of its own."""

    platform: Platform

    def backed_up(self, file: Path, *, with_keys: bool = True) -> Manifest:
        """Make a backup."""
        return creating.create(self.platform, file, PRIVATE.public_key(), with_keys=with_keys, tell=lambda _step: None)


def _settings(server: EmbeddedServer, folder: Path, database: str) -> Settings:
    """An installation on a database of the tests' server, as if it were one's own."""

    def address(role: str) -> str:
        return server.address(role, database).render_as_string(hide_password=False)

    return Settings.load(
        data_dir=folder,
        database_url=address(roles.APP),
        owner_database_url=address(roles.OWNER),
        maintenance_database_url=address(SUPERUSER),
    )


@contextmanager
def _installed(
    server: EmbeddedServer, template: str, offices: Offices, rules: RuleDocument, folder: Path
) -> Iterator[Installation]:
    """A province at work: cases, papers, keys of its own, a sealed record."""
    name = f"kaowu_{uuid.uuid4().hex}"
    with clone(server, name, template=template) as databases, pytest.MonkeyPatch.context() as patch:
        settings = _settings(server, folder, name)
        create_keys(settings.keys_dir)
        create_signing_keys(settings.keys_dir)
        keys, record_keys = load_keys(settings.keys_dir), RecordKeys.load(settings.keys_dir)
        patch.setattr("tests.cases.KEYS", keys)
        engine = create_engine(databases.app_url)
        store, clock = DocumentStore(settings.data_dir / "documents"), SettableClock(at(3, 25))
        _work(engine, offices, rules, store)
        Sealer(engine, record_keys, clock=clock, province=PROVINCE).seal()
        yield Installation(
            Platform(settings, databases, engine, offices, {YEAR: rules}, keys, record_keys, PAPER_KEYS, store, clock)
        )
        engine.dispose()


@pytest.fixture
def installation(
    database_server: EmbeddedServer,
    linshui_template: str,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path: Path,
) -> Iterator[Installation]:
    """An installation that a test may wreck."""
    with _installed(database_server, linshui_template, *linshui_offices, tmp_path / "machine") as made:
        yield made


@pytest.fixture(scope="module")
def shared(
    database_server: EmbeddedServer,
    linshui_template: str,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """An installation that tests only read."""
    folder = tmp_path_factory.mktemp("shared") / "machine"
    with _installed(database_server, linshui_template, *linshui_offices, folder) as made:
        yield made


@pytest.fixture(scope="module")
def backup(shared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, only to be read."""
    file = tmp_path_factory.mktemp("backups") / "backup"
    shared.backed_up(file)
    return file


def _work(engine: Engine, offices: Offices, rules: RuleDocument, store: DocumentStore, *, after: int = 0) -> None:
    """Two new people apply, and a unit files a stamped form; ``after`` so many others."""
    with engine.connect() as connection:
        season = Season(connection, offices, rules, store, _people=after)
        season.upload(season.draft(), "photo")
        season.at_office()
        form_id = things.manager_form(season, season.add_unit())
        with season.as_office(CITY) as session:
            things.attach(session, season, Subject.MANAGER_FORM, form_id, "annex")
        connection.commit()


@pytest.fixture
def empty(database_server: EmbeddedServer, tmp_path: Path) -> Iterator[Settings]:
    """A new machine with a new, empty database of its own."""
    name = f"kaowu_{uuid.uuid4().hex}"
    with database_server.superuser() as connection:
        connection.execute(roles.create_database_statement(name))
        connection.execute(roles.connect_statement(name))
    with database_server.superuser(name) as connection:
        connection.execute(roles.schema_statement())
    yield _settings(database_server, tmp_path / "new machine", name)
    with database_server.superuser() as connection:
        connection.execute(roles.drop_database_statement(name))


def _restored(settings: Settings, file: Path) -> Manifest:
    return restoring.restore(settings, file, PRIVATE, tell=lambda _step: None)


def _faults(settings: Settings) -> dict[str, int]:
    """How many files are whole, and how many are not, by a machine's own keys."""
    engine = create_engine(creating.superuser_url(settings))
    keys, store = load_keys(settings.keys_dir), DocumentStore(settings.data_dir / "documents")
    with ProvinceSession(engine, actor=system_actor(PROVINCE), now=at(3, 25)) as session:
        found = [checked.fault for checked in verify(session, store=store, keys=keys)]
    engine.dispose()
    return {fault: found.count(fault) for fault in set(found)}


def _nothing_is_left(settings: Settings) -> None:
    assert dump.is_empty(creating.superuser_url(settings))
    assert not settings.data_dir.exists() or not any(settings.data_dir.iterdir())
    assert not list(settings.data_dir.parent.glob(".*.restoring"))


def test_back_up_wreck_restore(installation: Installation, empty: Settings, tmp_path: Path) -> None:
    settings, file = installation.platform.settings, tmp_path / "backup"
    before = dump.figures(creating.superuser_url(settings))
    manifest = installation.backed_up(file)
    assert (manifest.counts, manifest.heads) == (before.counts, before.heads)
    after = dump.figures(creating.superuser_url(settings)).counts
    assert after == before.counts | {"record_entries": before.counts["record_entries"] + 1}
    assert (before.counts["documents"], before.counts["applications"], set(before.heads)) == (7, 2, WITH_A_RECORD)

    shutil.rmtree(settings.data_dir)
    dump.make_empty(creating.superuser_url(settings))

    assert _restored(empty, file) == manifest
    assert dump.figures(creating.superuser_url(empty)) == before
    assert _faults(empty) == {"": 8}
    assert RecordKeys.load(empty.keys_dir).public == installation.platform.record_keys.public
    assert (empty.keys_dir / "encryption-1.key").stat().st_mode & 0o077 == 0
    said = json.loads((empty.data_dir / restoring.CONFIGURATION / "settings.json").read_text())
    assert said["port"] == 8000
    assert "database_url" not in said


def test_a_restored_database_knows_the_keys_that_were_restored_with_it(
    installation: Installation, empty: Settings, tmp_path: Path
) -> None:
    keyring.open_keyring(installation.platform.settings, installation.platform.engine, now=at(3, 25))
    installation.backed_up(tmp_path / "backup")
    _restored(empty, tmp_path / "backup")
    engine = create_engine(database_addresses(empty).app_url)
    restored = keyring.open_keyring(empty, engine, now=at(3, 25))
    assert restored.record.public == installation.platform.record_keys.public
    (empty.keys_dir / "lookup.key").write_text("ab" * 32)
    with pytest.raises(ConfigurationError, match="The look-up key is another installation's"):
        keyring.open_keyring(empty, engine, now=at(3, 25))
    engine.dispose()


def test_a_restore_onto_an_embedded_database_serves_as_before(backup: Path, tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path / "laptop")
    manifest = _restored(settings, backup)
    server = EmbeddedServer(data_dir=settings.data_dir)
    with server.in_use():
        assert dump.figures(creating.superuser_url(settings)).counts == manifest.counts
        assert _faults(settings) == {"": 8}
        engine = create_engine(server.address(roles.APP))
        with engine.connect() as connection:
            # The isolation of offices has come along: without a scope the running role sees nothing.
            assert connection.scalar(text("SELECT count(*) FROM applications")) == 0
        engine.dispose()


def test_what_happens_while_a_backup_is_made_is_not_half_in_it(
    installation: Installation, empty: Settings, tmp_path: Path
) -> None:
    platform, file = installation.platform, tmp_path / "backup"

    def change_during(step: str) -> None:
        if step == "database":
            assert isinstance(platform.documents, DocumentStore)
            _work(platform.engine, platform.offices, platform.rules[YEAR], platform.documents, after=100)

    manifest = creating.create(platform, file, PRIVATE.public_key(), tell=change_during)
    assert dump.figures(creating.superuser_url(platform.settings)).counts["documents"] == 14
    assert (manifest.counts["documents"], manifest.missing) == (7, [])
    _restored(empty, file)
    assert _faults(empty) == {"": 8}


def test_a_paper_that_is_missing_is_named_and_everything_else_is_kept(
    installation: Installation, empty: Settings, tmp_path: Path
) -> None:
    store = installation.platform.documents
    lost = next(iter(sorted(file.name for file in store.files())))
    store.delete(lost)
    assert installation.backed_up(tmp_path / "backup").missing == [lost]
    _restored(empty, tmp_path / "backup")
    assert _faults(empty) == {"": 7, "missing": 1}


def test_without_its_keys_a_backup_needs_them_from_elsewhere(
    shared: Installation, empty: Settings, tmp_path: Path
) -> None:
    manifest = shared.backed_up(tmp_path / "backup", with_keys=False)
    assert not [name for name in manifest.files if name.startswith("keys/")]
    _restored(empty, tmp_path / "backup")
    assert not empty.keys_dir.exists()
    shutil.copytree(shared.platform.settings.keys_dir, empty.keys_dir)
    assert _faults(empty) == {"": 8}


WRECKS: dict[str, Callable[[bytes], bytes]] = {
    "a changed byte": lambda whole: (
        whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :]
    ),
    "a missing end": lambda whole: whole[: len(whole) // 3],
}


@pytest.mark.parametrize("how", WRECKS)
def test_a_damaged_backup_changes_nothing(backup: Path, empty: Settings, tmp_path: Path, how: str) -> None:
    file = tmp_path / "backup"
    file.write_bytes(WRECKS[how](backup.read_bytes()))
    with pytest.raises(Damaged):
        _restored(empty, file)
    _nothing_is_left(empty)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kaowu": "9.0.0"}, "is of Kaowu 9.0.0"),
        ({"revision": "9999"}, "database 9999"),
        ({"postgres": 17}, "is of PostgreSQL 17"),
        ({"counts": {"persons": 1}}, "other counts or record heads"),
        ({"heads": {}}, "other counts or record heads"),
    ],
)
def test_a_backup_that_does_not_fit_leaves_nothing_half_restored(
    backup: Path, empty: Settings, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    entries, manifest = [], None
    for name, content in archive.read(backup, PRIVATE):
        whole = content.read()
        if name == archive.MANIFEST:
            manifest = replace(Manifest(**json.loads(whole)), files={}, **changed)  # type: ignore[arg-type]
        else:
            entries.append(archive.Entry(name, len(whole), [whole]))
    assert manifest is not None
    with (tmp_path / "other").open("wb") as written:
        archive.write(entries, manifest, written, PRIVATE.public_key())
    with pytest.raises(ConfigurationError, match=said):
        _restored(empty, tmp_path / "other")
    _nothing_is_left(empty)


def test_a_target_that_is_not_empty_is_refused(
    shared: Installation, backup: Path, empty: Settings, tmp_path: Path
) -> None:
    settings = shared.platform.settings
    with pytest.raises(ConfigurationError, match="is not empty"):
        _restored(settings, backup)
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "other", "keys_dir": tmp_path / "other" / "keys"})
    before = dump.figures(creating.superuser_url(elsewhere))
    with pytest.raises(ConfigurationError, match="database of KAOWU_MAINTENANCE_DATABASE_URL is not empty"):
        _restored(elsewhere, backup)
    assert dump.figures(creating.superuser_url(elsewhere)) == before
    assert not elsewhere.data_dir.exists()
    empty.data_dir.mkdir()
    (empty.data_dir / "something").touch()
    with pytest.raises(ConfigurationError, match="is not empty"):
        _restored(empty, backup)


def test_a_backup_replaces_no_file_and_leaves_no_half_of_one(shared: Installation, tmp_path: Path) -> None:
    def broken_off(step: str) -> None:
        raise ConnectionError(f"at {step}")

    (tmp_path / "one").write_bytes(b"an older backup")
    with pytest.raises(ConfigurationError, match="is there already"):
        shared.backed_up(tmp_path / "one")
    with pytest.raises(ConnectionError, match="at database"):
        creating.create(shared.platform, tmp_path / "two", PRIVATE.public_key(), tell=broken_off)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").read_bytes() == b"an older backup"


def test_the_commands_make_check_and_bring_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(main, ["backup", *words])
        assert result.exit_code == 0, result.output
        return result.stdout

    public = run("key", str(tmp_path / "private")).split("KAOWU_BACKUP_RECIPIENT=")[1].strip()
    assert recipient.read_public(public)
    file, key = str(tmp_path / "backup"), str(tmp_path / "private")
    monkeypatch.setenv("KAOWU_DATA_DIR", str(tmp_path / "old"))
    refused = CliRunner().invoke(main, ["backup", "create", file])
    assert (refused.exit_code, "KAOWU_BACKUP_RECIPIENT" in refused.output) == (1, True)
    monkeypatch.setenv("KAOWU_BACKUP_RECIPIENT", public)
    assert "bytes written" in run("create", file)
    assert "The backup is whole." in run("verify", file, "--key", key)
    monkeypatch.setenv("KAOWU_DATA_DIR", str(tmp_path / "new"))
    assert "Everything is back" in run("restore", file, "--key", key)
    again = CliRunner().invoke(main, ["backup", "restore", file, "--key", key])
    assert (again.exit_code, "is not empty" in again.output) == (1, True)
    checked = CliRunner().invoke(main, ["documents", "verify"])
    assert (checked.exit_code, checked.stdout) == (0, "0 documents, 0 at fault\n")
    whole = Path(file).read_bytes()
    Path(file).write_bytes(whole[:-100])
    damaged = CliRunner().invoke(main, ["backup", "verify", file, "--key", key])
    assert (damaged.exit_code, "is damaged" in damaged.output) == (1, True)
