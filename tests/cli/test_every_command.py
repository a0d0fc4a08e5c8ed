"""Every command once, each in a process of its own: of Kaowu nothing is there but what the command imports by itself.

They share one fresh installation: an embedded database, migrated, with the offices of ``tenants/`` and nobody in it. A
command may refuse, with a message that says what to do; it may not end in a traceback.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import click
import pytest

from core.cli import main
from core.db.database import embedded_server
from core.settings import ROOT, Settings
from tests.cli import fresh
from tests.serving import free_port, without_settings

_PATIENCE = 240
_AT_ONCE = 2


@dataclass(frozen=True)
class Run:
    """How a command is called, the status that it ends with, and a pattern of what it says."""

    words: str = ""
    status: int = 0
    says: str = ""
    environment: dict[str, str] = field(default_factory=dict)


FIRST = {
    "db start": Run(says="PostgreSQL runs on"),
    "accounts list": Run(status=1, says="kaowu db migrate"),
    "db migrate": Run(says="The database is at"),
    "keys create": Run(says="The keys are in"),
    "tenants load": Run(says="Written: .* offices"),
    "accounts issue-officer": Run("first.officer 测试首任", says="^[a-z0-9]{4}-"),
    "backup key": Run("{folder}/backup.private", says="KAOWU_BACKUP_RECIPIENT="),
    "backup create": Run("{folder}/backup", says="bytes written", environment={"KAOWU_BACKUP_RECIPIENT": "{public}"}),
}
"""What makes the installation, one after the other; the list of accounts also before there is a table to read."""

SIDE_BY_SIDE = {
    "accounts list": Run(says="first.officer"),
    "accounts new-password": Run("first.officer", says="^[a-z0-9]{4}-"),
    "accounts token": Run("first.officer", says=r"^[\w-]{40,}$"),
    "accounts unlock": Run("first.officer"),
    "accounts remove-second-factor": Run(
        "first.officer --reason 本人持身份证到场核对", status=1, says="without an authenticator app"
    ),
    "accounts end-sessions": Run("first.officer", says="0 sessions ended"),
    "archive verify": Run("README.md", status=1, says="cannot be read as a package"),
    "audit coverage": Run(says="panel_draws: The panel, which is covered"),
    "audit heads": Run("--since 2024-01-01"),
    "audit prove": Run(str(uuid4()), status=1, says="Error: "),
    "audit verify": Run(says="The record holds"),
    "backup verify": Run("{folder}/backup --key {folder}/backup.private", says="The backup is whole"),
    "backup restore": Run(
        "{folder}/backup --key {folder}/backup.private",
        says="Everything is back",
        environment={"KAOWU_DATA_DIR": "{folder}/restored"},
    ),
    "db roles-sql": Run(says="kaowu_app"),
    "db status": Run(says="running: process"),
    "db url": Run("--owner", says="postgresql://"),
    "delegations list": Run(says="Delegations"),
    "demo": Run("--port {port}", status=1, says="holds offices that no demo has made"),
    "docs consequences": Run(says="What a later act does"),
    "docs events": Run(says="Shown as"),
    "docs policies": Run(says="keeper"),
    "docs refusals": Run(says="Raised in"),
    "docs settings": Run(says="KAOWU_DATA_DIR"),
    "docs workflow": Run(says="The life of an application"),
    "documents sweep": Run(says="0 files removed"),
    "documents verify": Run(says="0 documents, 0 at fault"),
    "filings due": Run("--year 2024", says="registration_summary"),
    "hooks": Run("henan/luoyang", says="eligibility_findings"),
    "keys status": Run(says="key 1: .* seals now"),
    "plugins check": Run(says="29 offices run their plugins"),
    "plugins list": Run(says="luoyang_contract"),
    "plugins new": Run("tried --into {folder}", says="wrote "),
    "practice reset": Run("henan/luoyang", status=1, says="不是演练机构"),
    "retention run": Run("--dry-run", says="due"),
    "rules replay": Run("--year 2024", says="0 differ"),
    "serve": Run("--port {port}", status=128 + signal.SIGTERM, says="Kaowu is ready"),
    "simulate": Run("--applicants 1 --seed 1", says="0 violations"),
    "tenants check": Run(says="29 offices open"),
    "tenants explain": Run("henan/luoyang", says="Area on"),
    "seasons list": Run("", says="2024"),
    "seasons unfinished": Run("--year 2024 --json", says=r"^\["),
    "trades list": Run("--year 2024", says="汽车驾驶员"),
    "trades load": Run("{folder}/trades.csv --year 2024 --source 测试", says="1 new"),
    "tenants list": Run("--as-of 2024-03-25", says="henan/luoyang"),
    "worker": Run("--once"),
}
"""What bears company; the longest are taken up first."""

LAST = {
    "keys rotate": Run(says="all of them are sealed with key"),
    "keys retire": Run("1", says="Key 1 is retired"),
    "keys change-lookup": Run(says="Servers and workers can be started again"),
    "db stop": Run(says="PostgreSQL has stopped"),
}
"""What changes keys, one after the other, and the end."""

_LONGEST = ("simulate", "serve", "backup restore", "worker")


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The words of every command in a group."""
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(found, (*path, name))


@dataclass
class Installation:
    """A folder with a database of its own, and what is known of it so far."""

    folder: Path
    interpreters: Path
    known: dict[str, str]

    def fault(self, command: str, run: Run) -> str | None:
        """What is wrong with how a command ended; None where nothing is."""
        known = {**self.known, "port": str(free_port())}
        words = [*command.split(), *run.words.format(**known).split()]
        given = {name: value.format(**known) for name, value in run.environment.items()}
        ended = self._ended_by_us(words, given) if run.status > 128 else self._ended(words, given)
        public = re.search(r"KAOWU_BACKUP_RECIPIENT=(\S+)", ended.stdout)
        if public is not None:
            self.known["public"] = public[1]
        said = ended.stdout + ended.stderr
        as_it_should = ended.returncode == run.status and re.search(run.says, said, re.MULTILINE) is not None
        if as_it_should and "Traceback (most recent call last)" not in said:
            return None
        return f"kaowu {' '.join(words)} ended with {ended.returncode}, not {run.status} and {run.says!r}:\n{said}"

    def faults(self, runs: Iterable[tuple[str, Run]]) -> list[str]:
        """The same for several, one after the other; what comes after a fault would only follow from it."""
        return next(([fault] for run in runs if (fault := self.fault(*run)) is not None), [])

    def _ended(self, words: list[str], given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return fresh.run(self.interpreters, words, self._environment(given), timeout=_PATIENCE)

    def _ended_by_us(self, words: list[str], given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """What serves until it is told to end is told so as soon as it says that it is ready."""
        arguments = [sys.executable, "-m", "core.cli", *words]
        environment = {**self._environment(given), "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if "is ready" in line:
                    process.send_signal(signal.SIGTERM)
        return subprocess.CompletedProcess(arguments, process.returncode, said, "")

    def _environment(self, given: dict[str, str]) -> dict[str, str]:
        """None of the caller's settings."""
        return {**without_settings(), "COLUMNS": "200", "KAOWU_DATA_DIR": str(self.folder / "data"), **given}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Nothing yet but a folder; its database is stopped in any case."""
    (tmp_path / "trades.csv").write_text("工种代码,工种名称\nHN-999,测试工种\n", "utf-8")
    with fresh.interpreters(tmp_path, ROOT) as interpreters:
        yield Installation(tmp_path, interpreters, {"folder": str(tmp_path), "public": ""})
    embedded_server(Settings.load(data_dir=tmp_path / "data")).stop()


def test_no_command_ends_in_a_traceback_on_a_fresh_installation(installation: Installation) -> None:
    faults = installation.faults(FIRST.items())
    assert not faults, faults[0]
    order = sorted(SIDE_BY_SIDE.items(), key=lambda named: named[0] not in _LONGEST)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        faults = [fault for fault in pool.map(lambda named: installation.fault(*named), order) if fault is not None]
    faults += installation.faults(LAST.items())
    assert not faults, "\n".join(faults)


def test_a_command_that_this_table_does_not_run_is_noticed() -> None:
    assert set(commands(main)) == {*FIRST, *SIDE_BY_SIDE, *LAST}
