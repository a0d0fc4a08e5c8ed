"""`docs/plugins.md` is run from top to bottom: a new city from TOML alone, and a rule from a plugin of a few lines.

Each block says in a comment before it what is done with it: ``write``, ``append`` or ``prepend`` a file, ``run``
commands and compare what they print, or run it as ``python``.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from core.settings import ROOT
from tests.serving import without_settings

BLOCK: Final = re.compile(r"<!-- walk: (\w+)(?: (\S+))? -->\n```\w+\n(.*?)```", re.DOTALL)


class Step(NamedTuple):
    """One block of the page: what to do, with which file, and its text."""

    verb: str
    file: str
    text: str


def _steps() -> list[Step]:
    return [Step(*found) for found in BLOCK.findall((ROOT / "docs" / "plugins.md").read_text("utf-8"))]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A working copy with what the walk needs, so that nothing here is changed."""
    for folder in ("core", "plugins", "tests/offices"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    return tmp_path


def test_every_block_of_the_walk_does_what_the_page_says(checkout: Path) -> None:
    shell = Shell(checkout)
    for step in _steps():
        path = checkout / step.file
        if step.verb == "run":
            for command, printed in _commands(step.text):
                assert shell.run(command) == printed, command
        elif step.verb == "python":
            assert shell.run(f"'{sys.executable}' - <<'END'\n{step.text}END") == ""
        elif step.verb == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, "utf-8")
        else:
            before = path.read_text("utf-8")
            path.write_text({"append": before + step.text, "prepend": step.text + before}[step.verb], "utf-8")


def test_the_walk_touches_no_core_and_its_plugins_have_under_thirty_lines() -> None:
    written = [step for step in _steps() if step.verb in {"write", "append", "prepend"}]
    assert {step.file.partition("/")[0] for step in written} == {"trial", "plugins"}
    assert all(len(step.text.splitlines()) < 30 for step in written)


def test_every_block_of_the_page_is_part_of_the_walk() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    assert page.count("```") == 2 * len(_steps())


class Shell:
    """Runs commands in the working copy, and remembers what was exported."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = without_settings() | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, command: str) -> str:
        """What the command prints, and its exit code where it is not 0."""
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self._environment[name] = value
            return ""
        script = f'kaowu() {{ "{sys.executable}" -m core.cli "$@"; }}\n{command}'
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout + (f"[exit code {done.returncode}]\n" if done.returncode else "")


def _commands(block: str) -> Iterator[tuple[str, str]]:
    """Each ``$`` line with what is printed below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed
