"""The machine's settings: defaults, and what an operator is told to correct."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.db.database import Databases, database_addresses, embedded_server, libpq_url, open_database
from core.db.server.embedded import postgres_programs
from core.db.server.unprivileged import account_for, wrapped
from core.errors import ConfigurationError
from core.settings import ROOT, Settings


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KAOWU_")]:
        monkeypatch.delenv(name)


def test_everything_that_is_written_lies_in_one_folder_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = Settings.load()
    assert (settings.data_dir, settings.tenants_dir) == (ROOT / "var", ROOT / "tenants")
    assert settings.keys_dir == ROOT / "var" / "keys"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAOWU_DATA_DIR", "here")
    assert Settings.load().keys_dir == tmp_path / "here" / "keys"


def test_an_unknown_name_is_refused_with_the_one_that_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOWU_DATADIR", "/srv/kaowu")
    with pytest.raises(ConfigurationError, match="KAOWU_DATADIR is no setting; is KAOWU_DATA_DIR meant"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KAOWU_PORT", "99999", "KAOWU_PORT: Input should be less than or equal to 65535"),
        ("KAOWU_DATABASE_URL", "mysql://kaowu_app:hidden@db/kaowu", "KAOWU_DATABASE_URL: .*postgresql://USER"),
        ("KAOWU_OWNER_DATABASE_URL", "postgresql://kaowu_owner:hidden@localhost/kaowu", "without KAOWU_DATABASE_URL"),
        ("KAOWU_DATABASE_URL", "postgresql://kaowu_app:hidden@db/kaowu", "sslmode=verify-full"),
        ("KAOWU_DATABASE_URL", "postgresql://kaowu_app:hidden@/kaowu?host=db&sslmode=require", "sslmode=verify-full"),
        ("KAOWU_DOCUMENTS_ENDPOINT", "http://s3.example.invalid", "write its address as https"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=said) as refused:
        Settings.load()
    assert "hidden" not in str(refused.value)


def test_settings_do_not_show_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOWU_DATABASE_URL", "postgresql://kaowu_app:hidden@db/kaowu?sslmode=verify-full")
    assert "hidden" not in repr(Settings.load())


def test_a_database_of_ones_own_is_used_and_nothing_embedded_is_started(databases: Databases, tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path / "data", database_url=libpq_url(databases.app_url))
    with open_database(settings) as found:
        assert found.app_url == databases.app_url
        with pytest.raises(ConfigurationError, match="set KAOWU_OWNER_DATABASE_URL"):
            _ = found.owner_url
    assert not (tmp_path / "data").exists()
    with pytest.raises(ConfigurationError, match="no embedded one"):
        embedded_server(settings)


def test_a_database_that_does_not_answer_is_named_as_the_reason(tmp_path: Path) -> None:
    settings = Settings.load(database_url=f"postgresql://kaowu_app:x@/kaowu?host={tmp_path}")
    with pytest.raises(ConfigurationError, match="KAOWU_DATABASE_URL does not answer"), open_database(settings):
        pass


def test_a_database_of_another_major_version_is_refused(tmp_path: Path) -> None:
    with _postgresql_16(tmp_path) as url:
        settings = Settings.load(database_url=url)
        with pytest.raises(ConfigurationError, match="names 16"), open_database(settings):
            pass


@contextmanager
def _postgresql_16(folder: Path) -> Iterator[str]:
    """Run the older PostgreSQL that the wheel also holds."""
    programs = postgres_programs().parents[1] / "pginstall" / "bin"
    sockets = Path(tempfile.mkdtemp(prefix="kaowu-16-"))
    home = folder / "sixteen"
    home.mkdir()
    account = account_for(home, programs=programs)
    if account:
        for made in (home, sockets):
            os.chown(made, account.uid, account.gid)

    def run(program: str, *arguments: str) -> None:
        command = wrapped([str(programs / program), "-D", str(home / "data"), *arguments], account)
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/")

    run("initdb", "--auth=trust", "--username=kaowu_app", "--no-sync", "--no-locale")
    run("pg_ctl", "start", "-w", "-l", str(home / "log"), "-o", f"-c listen_addresses='' -k {sockets} -F")
    try:
        yield f"postgresql://kaowu_app@/postgres?host={sockets}"
    finally:
        run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(sockets)


def test_addresses_are_known_only_once_there_is_a_database(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="kaowu db start"):
        database_addresses(Settings.load(data_dir=tmp_path))


def test_a_password_with_any_character_survives_on_its_way_to_psql() -> None:
    address = "postgresql+psycopg://kaowu_app:it%27s%20one%2F%40@/kaowu?host=%2Frun%2Fdb"
    assert libpq_url(address) == "postgresql://kaowu_app:it%27s%20one%2F%40@/kaowu?host=%2Frun%2Fdb"
