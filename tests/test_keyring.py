"""The keys against what the database knows of them: one that is missing or another's refuses every start."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from core import keyring
from core.audit.sealing import Sealer
from core.cli import main
from core.clock import system_clock
from core.db import migrate
from core.db.database import Databases
from core.db.models import KeyFingerprint
from core.db.server.embedded import EmbeddedServer
from core.db.session import ANONYMOUS, KeeperSession, SignInSession
from core.errors import ConfigurationError
from core.identity.service import claim_person
from core.security.keys import FileKeys, create_keys, load_keys
from core.security.signatures import PaperKeys, RecordKeys, create_signing_keys
from core.settings import ROOT, Settings
from tests.cases import CITY, PROVINCE
from tests.factories import NOW, id_number

FILES = ("encryption-1.key", "lookup.key", "papers-1.key", "record-1.key")


@dataclass
class Installation:
    """A database with people, a sealed record and a certificate, and the folder of its keys."""

    engine: Engine
    databases: Databases
    folder: Path
    superuser: Callable[[str], None]

    @property
    def settings(self) -> Settings:
        """As every command loads them."""
        return Settings.load()

    def open(self) -> keyring.Keyring:
        """What a start does."""
        return keyring.open_keyring(self.settings, self.engine, now=NOW)

    def refused(self) -> str:
        """Why a start is refused."""
        with pytest.raises(ConfigurationError) as refused:
            self.open()
        return str(refused.value)

    def known(self) -> dict[tuple[str, int], bool]:
        """The keys that the database knows, and whether each is in use."""
        with KeeperSession(self.engine, now=NOW) as session:
            noted = session.scalars(select(KeyFingerprint))
            return {(one.purpose, one.number): one.retired_at is None for one in noted}

    def keys(self, *words: str) -> Result:
        """One command; no connection of ours is left open where nobody may be connected."""
        self.engine.dispose()
        return CliRunner().invoke(main, ["keys", *words])

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """Some files away, for a while."""
        away = self.folder.parent / "away"
        away.mkdir()
        for name in names:
            (self.folder / name).rename(away / name)
        yield
        for name in names:
            (away / name).replace(self.folder / name)
        away.rmdir()


@pytest.fixture
def installation(
    linshui_database: Databases,
    linshui_engine: Engine,
    database_server: EmbeddedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Installation:
    """What a version of before the fingerprints has left: nothing is noted yet."""
    folder, tenants = tmp_path / "keys", tmp_path / "tenants"
    create_keys(folder)
    create_signing_keys(folder)
    shutil.copytree(ROOT / "tests" / "offices", tenants)
    shutil.copytree(ROOT / "tenants" / "henan" / "rules", tenants / "linshui" / "rules")
    given = {"DATA_DIR": tmp_path, "TENANTS_DIR": tenants, "DATABASE_URL": linshui_database.app_url}
    for name, value in given.items():
        monkeypatch.setenv(f"KAOWU_{name}", str(value))
    name = linshui_engine.url.database
    assert name is not None

    def as_superuser(statement: str) -> None:
        with database_server.superuser(name) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(statement.encode())

    _use(linshui_engine, folder, as_superuser)
    return Installation(linshui_engine, linshui_database, folder, as_superuser)


def _use(engine: Engine, folder: Path, as_superuser: Callable[[str], None]) -> None:
    """Register somebody, seal the record, and sign a certificate."""
    with SignInSession(engine, actor=ANONYMOUS, now=NOW) as session, session.begin():
        claim_person(session, id_number=id_number(1), name="测试人0001", phone="19900000000", keys=load_keys(folder))
    Sealer(engine, RecordKeys.load(folder), clock=system_clock, province=PROVINCE).seal()
    code = PaperKeys.load(folder).code("certificate", "LS-2024-0001", "测试人0001")
    values = {
        **dict.fromkeys(("id", "application_id", "publication_id", "issued_by"), "gen_random_uuid()"),
        **{"office_id": f"'{CITY}'", "year": "2024", "number": "'LS-2024-0001'", "verification": "'x'"},
        **{"code": f"'{code}'", "issued_at": "now()", "revoked_reason": "''"},
    }
    as_superuser(f"INSERT INTO certificates ({', '.join(values)}) VALUES ({', '.join(values.values())})")  # noqa: S608


def others(folder: Path) -> Path:
    """The keys of another installation."""
    made = folder.parent / "others"
    create_keys(made)
    create_signing_keys(made)
    return made


def test_every_key_is_noted_once_however_many_start_at_once(installation: Installation) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: installation.open(), range(8)))
    assert installation.known() == dict.fromkeys((("encryption", 1), ("lookup", 0), ("record", 1), ("papers", 1)), True)


def test_no_key_follows_from_what_is_noted(installation: Installation) -> None:
    installation.open()
    with KeeperSession(installation.engine, now=NOW) as session:
        noted = [one.fingerprint for one in session.scalars(select(KeyFingerprint))]
    secrets = [bytes.fromhex((installation.folder / name).read_text()) for name in FILES]
    assert not any(secret in fingerprint for secret in secrets for fingerprint in noted)


@pytest.mark.parametrize("noted", [True, False], ids=["known", "of before the fingerprints"])
@pytest.mark.parametrize("name", FILES)
def test_a_key_of_another_installation_refuses_the_start(installation: Installation, name: str, *, noted: bool) -> None:
    if noted:
        installation.open()
    shutil.copy(others(installation.folder) / name, installation.folder / name)
    assert "Put the keys of this installation back" in installation.refused()
    assert installation.known() == {} or noted


@pytest.mark.parametrize("name", FILES)
def test_a_missing_key_refuses_the_start_and_is_not_made_again(installation: Installation, name: str) -> None:
    installation.open()
    with installation.without(name):
        assert "Restore" in installation.refused()
        # What an embedded installation does at each start, and `kaowu keys create`.
        with suppress(ConfigurationError):
            keyring.create_first_keys(installation.settings, installation.engine, now=NOW)
        assert "Restore" in installation.refused()
        assert not (installation.folder / name).exists()
    installation.open()


@pytest.mark.parametrize("noted", [True, False], ids=["known", "of before the fingerprints"])
def test_keys_are_not_made_beside_a_database_that_needs_others(installation: Installation, *, noted: bool) -> None:
    if noted:
        installation.open()
    with installation.without(*FILES):
        refused = installation.keys("create")
        assert (refused.exit_code, "none was made" in refused.output) == (1, True)
        assert list(installation.folder.iterdir()) == []


def test_a_purpose_of_which_the_database_has_nothing_is_given_its_first_key(installation: Installation) -> None:
    installation.superuser("TRUNCATE certificates CASCADE")
    (installation.folder / "papers-1.key").unlink()
    assert installation.keys("create").exit_code == 0
    assert installation.open().papers.current == PaperKeys.load(installation.folder).current


@pytest.mark.parametrize("command", ["audit heads", "worker --once", "documents verify", "keys rotate"])
def test_no_command_works_with_another_installations_key(installation: Installation, command: str) -> None:
    installation.open()
    shutil.copy(others(installation.folder) / "lookup.key", installation.folder / "lookup.key")
    result = CliRunner().invoke(main, command.split())
    assert (result.exit_code, "The look-up key is another installation's" in result.output) == (1, True)


def test_the_status_counts_and_then_names_the_wrong_key(installation: Installation) -> None:
    installation.open()
    shutil.copy(others(installation.folder) / "encryption-1.key", installation.folder / "encryption-1.key")
    said = installation.keys("status")
    assert (said.exit_code, "key 1: 2 values" in said.output) == (1, True)
    assert "Encryption key 1 is another installation's" in said.output


def test_a_rotation_notes_the_new_key_and_a_retirement_lets_the_old_one_go(installation: Installation) -> None:
    installation.open()
    assert installation.keys("rotate").exit_code == 0
    with installation.without("encryption-2.key"):
        assert "Encryption key 2 is missing" in installation.refused()
    with installation.without("encryption-1.key"):
        assert "Encryption key 1 is missing" in installation.refused()
    assert installation.keys("retire", "1").exit_code == 0
    assert {number: used for (purpose, number), used in installation.known().items() if purpose == "encryption"} == {
        1: False,
        2: True,
    }
    installation.open()
    # A database of before the retirement is brought back: it needs the key again, and says where that is.
    installation.superuser("UPDATE key_fingerprints SET retired_at = NULL")
    assert "encryption-1.retired" in installation.refused()


def test_a_new_signing_key_is_noted_and_the_old_one_is_still_needed(installation: Installation) -> None:
    installation.open()
    (others(installation.folder) / "record-1.key").rename(installation.folder / "record-2.key")
    installation.open()
    assert ("record", 2) in installation.known()
    with installation.without("record-1.key"):
        assert "record-N.key has the public key" in installation.refused()


def test_the_fingerprint_changes_with_the_look_up_key(installation: Installation) -> None:
    installation.open()
    shutil.copy(installation.folder / "lookup.key", installation.folder.parent / "before")
    assert installation.keys("change-lookup").exit_code == 0
    installation.open()
    shutil.copy(installation.folder.parent / "before", installation.folder / "lookup.key")
    assert "The look-up key is another installation's, or one of before a change" in installation.refused()


def test_a_refused_change_of_the_look_up_key_leaves_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.open()
    with installation.engine.connect():
        refused = CliRunner().invoke(main, ["keys", "change-lookup"])
    assert (refused.exit_code, "nothing was changed" in refused.output) == (1, True)
    installation.open()
    # Company that comes while the hashes are computed.
    counted = iter([0, 0, 1])
    monkeypatch.setattr("core.cli.keys.others_connected", lambda _session: next(counted))
    refused = installation.keys("change-lookup")
    assert (refused.exit_code, "nothing was changed" in refused.output) == (1, True)
    assert sorted(one.name for one in installation.folder.iterdir()) == sorted(FILES)
    installation.open()


def test_a_change_of_the_look_up_key_that_was_killed_at_its_end_is_ended(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.open()
    with monkeypatch.context() as killed:
        killed.delattr(FileKeys, "change_lookup")
        assert isinstance(installation.keys("change-lookup").exception, AttributeError)
    assert "End it: kaowu keys change-lookup" in installation.refused()
    with installation.engine.connect():
        assert CliRunner().invoke(main, ["keys", "change-lookup"]).exit_code == 1
    assert "End it: kaowu keys change-lookup" in installation.refused()
    assert installation.keys("change-lookup").exit_code == 0
    installation.open()


def test_keys_that_are_made_for_a_migrated_database_are_noted_at_once(installation: Installation) -> None:
    installation.superuser("TRUNCATE certificates, record_batches, record_seals, persons CASCADE")
    for name in FILES:
        (installation.folder / name).unlink()
    assert installation.keys("create").exit_code == 0
    assert len(installation.known()) == len(FILES)
    shutil.copy(others(installation.folder) / "lookup.key", installation.folder / "lookup.key")
    assert installation.keys("create").exit_code == 1


def test_keys_are_not_made_for_a_database_of_an_older_version(installation: Installation) -> None:
    with installation.without(*FILES):
        installation.superuser("ALTER TABLE key_fingerprints RENAME TO key_fingerprints_gone")
        refused = installation.keys("create")
    assert (refused.exit_code, "kaowu db migrate" in refused.output) == (1, True)
    installation.superuser("ALTER TABLE key_fingerprints_gone RENAME TO key_fingerprints")


def test_the_way_back_forgets_the_fingerprints_and_the_way_forwards_notes_them(installation: Installation) -> None:
    installation.open()
    installation.engine.dispose()
    migrate.downgrade(installation.databases.owner_url, "0029")
    migrate.upgrade(installation.databases.owner_url)
    assert installation.known() == {}
    installation.open()
    assert len(installation.known()) == 4
