"""Watches over everything that a run of the tests logs: a number or a name of an invented person in it fails the run.

Each process of the run writes its log, in the form that an operator's has, to one file, and servers that tests start
add theirs (``KAOWU_LOG_FILE``). What code under test prints is looked at as well.
"""

import logging
import os
import re
import tempfile
from pathlib import Path

import pytest

from core import logs

_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z-])\d{17}[\dXx](?![0-9A-Za-z-])"
    r"|(?<![0-9A-Za-z-])1[3-9]\d{9}(?![0-9A-Za-z-])"
    r"|(?:测试|模拟)(?:[甲乙丙丁戊己庚辛壬癸人]\d{4,6}|管理员|经办|申报人|账号)"
)
_FILE = pytest.StashKey[Path]()
_PRINTED = pytest.StashKey[list[str]]()
_SHOWN = 20


def personal(text: str) -> list[str]:
    """Every part of a text that is, or looks like, a person's name or number."""
    return [found[0] for found in _PERSONAL.finditer(text)]


def pytest_configure(config: pytest.Config) -> None:
    """Begin the log of this process; a worker of pytest-xdist adds to its controller's."""
    given = getattr(config, "workerinput", {}).get("log_file") or tempfile.mkstemp(prefix="kaowu-tests-log-")[1]
    config.stash[_FILE], config.stash[_PRINTED] = Path(given), []
    os.environ["KAOWU_LOG_FILE"] = given
    logs.configure("INFO")
    handler = logging.FileHandler(given, encoding="utf-8")
    handler.setFormatter(logs.formatter())
    logging.getLogger().addHandler(handler)


def pytest_runtest_setup() -> None:
    """Begin each test at the level of a service; a command that the test before ran may have set its own."""
    logs.configure("INFO")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of pytest-xdist which log is the run's."""
    node.workerinput["log_file"] = str(node.config.stash[_FILE])  # type: ignore[attr-defined]


class _Watch:
    """Looks at each test's report in the process that has them all, and at the log when the last has come."""

    def __init__(self, config: pytest.Config) -> None:
        self.file, self.printed = config.stash[_FILE], config.stash[_PRINTED]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at what was printed while a test ran, but not at pytest's own notes of the log."""
        for title, text in report.sections:
            if "log" not in title:
                self.printed += [f"{report.nodeid} printed {found}" for found in personal(text)]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run where there is anything."""
        if self.found():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what there is."""
        for line in self.found()[:_SHOWN]:
            terminalreporter.write_line(f"LOGGED: {line}", red=True)

    def pytest_unconfigure(self) -> None:
        """Remove the log."""
        self.file.unlink(missing_ok=True)

    def found(self) -> list[str]:
        """Every line with something personal in it, or with a key that is not declared harmless."""
        lines = self.file.read_text("utf-8").splitlines()
        return self.printed + [line for line in lines if personal(line) or '"removed": ' in line]


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Watch in the controller; its workers report to it."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Watch(session.config), "kaowu log watch")
