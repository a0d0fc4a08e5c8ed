"""The embedded PostgreSQL: its folders, its passwords, and its recovery."""

import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from core.db import roles
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.server.unprivileged import ServerAccount, wrapped
from core.errors import ConfigurationError
from core.settings import ROOT

pytestmark = pytest.mark.usefixtures("nothing_left_running")

_USE = """
import sys
from pathlib import Path
from core.db.server.embedded import EmbeddedServer
with (server := EmbeddedServer(data_dir=Path(sys.argv[1]), options={"fsync": "off"})).in_use():
    print(server.status().pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def server(tmp_path: Path) -> EmbeddedServer:
    return EmbeddedServer(data_dir=tmp_path / "data", options={"fsync": "off"})


@pytest.fixture
def nothing_left_running(tmp_path: Path) -> Iterator[None]:
    """Stop every server that a test started below its folder, also after a failed test."""
    yield
    for secrets in tmp_path.rglob("postgres-secrets"):
        EmbeddedServer(data_dir=secrets.parent).stop()


def _connect(address: URL, **different: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(address.query["host"]),
        user=address.username,
        password=different.get("password", address.password),
        dbname=address.database,
    )


def _value(address: URL, query: str) -> object:
    with _connect(address) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _users(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _USE, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _leave(process: subprocess.Popen[str]) -> int:
    process.communicate("")
    return process.returncode


@pytest.mark.parametrize("name", ["a folder with spaces", "quo\"te's $HOME `x`, comma", "x" * 150, "考务数据"])
def test_it_lives_in_a_folder_of_any_name_even_below_a_closed_one(tmp_path: Path, name: str) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(data_dir=closed / name / "data", options={"fsync": "off"})
    with server.in_use():
        assert _value(server.address(roles.APP), "SELECT current_user::text") == "kaowu_app"
        running = server.status()
        assert running is not None
        assert running.socket_folder.stat().st_mode == stat.S_IFDIR | 0o700
    assert server.status() is None
    assert not running.socket_folder.exists()


def test_it_changes_no_permission_above_its_data_directory_and_never_runs_as_root(server: EmbeddedServer) -> None:
    above = list(server.data_dir.parents)
    before = [(folder.stat().st_mode, folder.stat().st_uid) for folder in above]
    with server.in_use():
        running = server.status()
        assert running is not None
        assert (server.data_dir / "postgres").stat().st_uid != 0
        assert [(folder.stat().st_mode, folder.stat().st_uid) for folder in above] == before
        with server.superuser() as connection:
            assert _value_of(connection, "SELECT count(*) FROM pg_read_file('postmaster.pid')") == 1
    assert [(folder.stat().st_mode, folder.stat().st_uid) for folder in above] == before


def _value_of(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_an_ordinary_user_runs_it_by_the_command_line(tmp_path: Path) -> None:
    home = tmp_path / "home of a user"
    home.mkdir()
    account = None
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        account = ServerAccount(nobody.pw_uid, nobody.pw_gid, reads_closed_folders=True)

    def kaowu(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            wrapped([sys.executable, "-m", "core.cli", "db", *arguments], account),
            env={"KAOWU_DATA_DIR": str(home / "data"), "PATH": os.defpath},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    started = kaowu("start")
    assert (started.returncode, started.stderr) == (0, "")
    assert kaowu("status").stdout.startswith("running: process ")
    address = kaowu("url").stdout.strip()
    assert address.startswith("postgresql://kaowu_app:")
    assert (home / "data" / "postgres").stat().st_uid == home.stat().st_uid != 0
    assert (home / "data").stat().st_mode == stat.S_IFDIR | 0o700
    assert kaowu("stop").stdout == "PostgreSQL has stopped\n"
    assert kaowu("status").returncode == 3
    assert "kaowu db start" in kaowu("url").stderr


def test_two_processes_share_one_server_and_the_last_user_stops_it(server: EmbeddedServer) -> None:
    first, second = _users(server.data_dir), _users(server.data_dir)
    pids = {_first_line(first), _first_line(second)}
    assert len(pids) == 1
    assert _leave(first) == 0
    assert server.status() is not None
    assert _value(server.address(roles.APP), "SELECT 1") == 1
    assert _leave(second) == 0
    assert server.status() is None


def test_a_server_whose_user_was_killed_is_stopped_by_the_next_user(server: EmbeddedServer) -> None:
    user = _users(server.data_dir)
    pid = int(_first_line(user))
    user.kill()
    _leave(user)
    with server.in_use():
        running = server.status()
        assert running is not None
        assert running.pid == pid
    assert server.status() is None


def test_a_server_that_was_started_to_stay_outlives_its_users(server: EmbeddedServer) -> None:
    server.start(keep=True)
    with server.in_use():
        pass
    assert server.status() is not None
    assert server.stop() is True
    assert server.status() is None
    assert server.stop() is False


def test_a_user_that_fails_leaves_no_server_behind(server: EmbeddedServer) -> None:
    with pytest.raises(ZeroDivisionError), server.in_use():
        _ = 1 / 0
    assert server.status() is None


@pytest.mark.parametrize("password", ["wrong", ""])
@pytest.mark.parametrize("role", [roles.APP, roles.OWNER, SUPERUSER])
def test_nobody_gets_in_without_the_password(database_server: EmbeddedServer, role: str, password: str) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"password"):
        _connect(database_server.address(role), password=password)


def test_it_listens_on_no_network_and_its_secrets_are_its_users_own(database_server: EmbeddedServer) -> None:
    with database_server.superuser() as connection:
        assert _value_of(connection, "SHOW listen_addresses") == ""
    folder = database_server.data_dir / "postgres-secrets"
    assert folder.stat().st_mode == stat.S_IFDIR | 0o700
    assert {secret.name: secret.stat().st_mode for secret in folder.iterdir()} == dict.fromkeys(
        ["postgres", "kaowu_owner", "kaowu_app"], stat.S_IFREG | 0o600
    )
    assert not list(database_server.data_dir.glob("**/*password*"))


def test_it_recovers_what_was_committed_after_its_process_was_killed(server: EmbeddedServer) -> None:
    server.start(keep=True)
    owner = server.address(roles.OWNER)
    with _connect(owner) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    running = server.status()
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    _wait_until_gone(running.pid)
    server.start()
    assert _value(owner, "SELECT number FROM kept") == 7


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline and Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, 0)
            time.sleep(0.01)


def test_a_strangers_process_that_has_the_servers_old_number_is_left_alone(server: EmbeddedServer) -> None:
    with server.in_use():
        left_behind = (server.data_dir / "postgres" / "postmaster.pid").read_text()
    stranger = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    old = "\n".join([str(stranger.pid), *left_behind.splitlines()[1:]]) + "\n"
    (server.data_dir / "postgres" / "postmaster.pid").write_text(old)

    assert server.status() is None
    assert server.stop() is False
    with server.in_use():
        assert _value(server.address(roles.APP), "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.communicate()
    assert stranger.returncode == 0


def test_it_starts_again_after_the_temporary_folders_were_cleared(server: EmbeddedServer) -> None:
    server.start(keep=True)
    running = server.status()
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    _wait_until_gone(running.pid)
    for left in running.socket_folder.iterdir():
        left.unlink()
    running.socket_folder.rmdir()
    with server.in_use():
        assert _value(server.address(roles.APP), "SELECT 1") == 1


def test_a_folder_that_somebody_put_in_the_sockets_place_is_refused(server: EmbeddedServer) -> None:
    with server.in_use():
        running = server.status()
        assert running is not None
    running.socket_folder.mkdir(mode=0o755)
    try:
        with pytest.raises(ConfigurationError, match="is not the private folder it should be"):
            server.start()
    finally:
        running.socket_folder.rmdir()


def test_an_interrupted_first_start_leaves_nothing_that_the_next_one_trips_over(server: EmbeddedServer) -> None:
    (server.data_dir / "postgres.new" / "base").mkdir(parents=True)
    with server.in_use():
        assert _value(server.address(roles.APP), "SELECT 1") == 1
    assert not (server.data_dir / "postgres.new").exists()


def test_a_server_that_cannot_start_says_why(server: EmbeddedServer) -> None:
    wrong = EmbeddedServer(data_dir=server.data_dir, options={"fsync": "off", "shared_buffers": "a lot"})
    with pytest.raises(ConfigurationError, match=r"did not start:\n(.|\n)*shared_buffers"):
        wrong.start()
    assert wrong.status() is None
    assert not Path(str(wrong.address(SUPERUSER).query["host"])).exists()


def test_a_lost_password_of_a_role_is_replaced_and_the_superusers_is_asked_for(server: EmbeddedServer) -> None:
    with server.in_use():
        before = server.address(roles.APP).password
    secrets = server.data_dir / "postgres-secrets"
    (secrets / roles.APP).unlink()
    with server.in_use():
        assert server.address(roles.APP).password != before
        assert _value(server.address(roles.APP), "SELECT 1") == 1
    (secrets / SUPERUSER).unlink()
    with pytest.raises(ConfigurationError, match="put the file back from your backup"):
        server.start()


def test_the_log_quotes_no_rows(server: EmbeddedServer) -> None:
    with server.in_use(), _connect(server.address(roles.OWNER)) as connection:
        connection.execute("CREATE TABLE person (name text UNIQUE)")
        connection.execute("INSERT INTO person VALUES (%s)", ["测试甲0001"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES (%s)", ["测试甲0001"])
    log = (server.data_dir / "postgres.log").read_text()
    assert "person_name_key" in log
    assert "测试甲0001" not in log
