"""The demonstration is made once for the tests that look at it; each file has a copy of its own to change."""

import os
import subprocess
from pathlib import Path

import pytest

from core.cli import demo as command
from core.settings import Settings
from tests.conftest import find_browser

if find_browser() is None and os.environ.get("CI") != "true":
    # tests/conftest.py says so, loudly, at the end of the run. Under CI=true it runs, and fails.
    collect_ignore = ["test_demo_in_a_window.py"]


@pytest.fixture(scope="session")
def made_demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The demonstration as it is when it has been made; nobody starts it."""
    made = Settings.load(data_dir=tmp_path_factory.mktemp("demo"), simulation=True)
    command.make(made)
    return made


def copy_of(made: Settings, folder: Path) -> Settings:
    """A demonstration of one's own in an empty folder; the files of its database keep their owner."""
    subprocess.run(["cp", "-a", f"{made.data_dir}/.", str(folder)], check=True)
    return Settings.load(data_dir=folder, simulation=True)
