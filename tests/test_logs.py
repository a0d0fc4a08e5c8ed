"""The log tells of requests and faults, and nothing of people."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from core import logs
from core.settings import ROOT
from tests.log_watch import personal

# Put together here, since a traceback would show the lines of the source.
NUMBER = "".join(["990000", "19800506", "0010"])
PHONE = "".join(["199", "0000", "0001"])
NAME = "".join(["测试", "甲0001"])


@pytest.fixture
def lines() -> Iterator[Log]:
    """A log of the test's own, of every logger; what ``kaowu.test`` writes goes nowhere else."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.formatter())
    loggers = (logging.getLogger(), logging.getLogger("kaowu.test"))
    loggers[1].propagate = False
    for logger in loggers:
        logger.addHandler(handler)
    yield Log(handler.stream)
    for logger in loggers:
        logger.removeHandler(handler)
    loggers[1].propagate = True


class Log:
    """The lines written since the test began."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        """All of it."""
        return self.stream.getvalue()

    @property
    def last(self) -> dict[str, Any]:
        """The last line."""
        line: dict[str, Any] = json.loads(self.text.splitlines()[-1])
        return line


def test_a_line_is_json_of_known_keys_and_names_what_it_left_out(lines: Log) -> None:
    structlog.get_logger("kaowu.test").warning("plugin_failed", office="linshui", person=NAME, phone=PHONE)
    line = lines.last
    del line["timestamp"]
    assert line == {
        "event": "plugin_failed",
        "level": "warning",
        "logger": "kaowu.test",
        "office": "linshui",
        "removed": ["person", "phone"],
    }


@pytest.mark.parametrize(
    "said",
    [f"no such person: {NAME}", f"duplicate key ({NUMBER})", f"call {PHONE}", "login 'test.person' is taken", NUMBER],
)
def test_a_librarys_own_words_lose_names_numbers_and_quotes(lines: Log, said: str) -> None:
    logging.getLogger("library").error("it failed: %s", said)
    assert lines.last["event"].startswith("it failed: ")
    assert [value for value in (NAME, NUMBER, PHONE, "test.person") if value in lines.text] == []


def test_ids_and_small_numbers_stay(lines: Log) -> None:
    told = "case 0199a1b2-0000-7000-8000-123456789012, port 18000, attempt 3"
    logging.getLogger("library").warning(told)
    assert lines.last["event"] == told


def test_of_a_fault_the_log_has_the_type_and_the_way_and_no_values(lines: Log) -> None:
    try:
        _fail(NUMBER)
    except RuntimeError:
        structlog.get_logger("test").exception("request_failed")
    last, first = lines.last["error"]
    assert (last["type"], last["message"]) == ("RuntimeError", "no row for …")
    assert (first["type"], first["message"]) == ("ValueError", "a number: …")
    assert [step.split()[1] for step in last["way"]] == [
        "test_of_a_fault_the_log_has_the_type_and_the_way_and_no_values",
        "_fail",
    ]
    assert NUMBER not in lines.text


def _fail(id_number: str) -> None:
    try:
        raise ValueError(f"a number: {id_number}\nDETAIL: Key (id_number)=({id_number})")
    except ValueError as error:
        raise RuntimeError(f"no row for {NAME!r}") from error


def test_the_servers_own_loggers_go_the_same_way(lines: Log, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    logging.getLogger("uvicorn.error").info("client sent %s", NUMBER)
    assert json.loads(capsys.readouterr().err)["event"] == "client sent …"
    assert lines.last["logger"] == "uvicorn.error"


def test_the_screen_shows_warnings_and_the_file_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", file=tmp_path / "log", screen="WARNING")
    logging.getLogger("core.x").info("everyday work")
    logging.getLogger("core.x").warning("trouble")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["trouble"]
    written = (tmp_path / "log").read_text("utf-8").splitlines()
    assert [json.loads(line)["event"] for line in written] == ["everyday work", "trouble"]


@pytest.mark.parametrize("leak", [NUMBER, NUMBER[:-1] + "X", PHONE, NAME, f"{NAME}的申报"])
def test_the_watch_over_the_log_finds_each_kind(leak: str) -> None:
    assert personal(f'{{"event": "it failed for {leak}"}}') != []


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("print(person)", "printed"),
        ("open(os.environ['KAOWU_LOG_FILE'], 'a').write(person)", "LOGGED"),
        ("structlog.get_logger('test').warning('it_failed', person=person)", "removed"),
        ("logging.getLogger('test').warning('it failed for %s', person)", None),
    ],
)
def test_a_run_whose_log_or_output_names_somebody_fails(tmp_path: Path, does: str, said: str | None) -> None:
    test = tmp_path / "test_leak.py"
    test.write_text(
        f"import logging, os, structlog\n\n\ndef test_it():\n    person = '测试' + '甲0001'\n    {does}\n", "utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-p", "tests.log_watch", "-p", "no:cacheprovider", "-q", str(test)]
    run = subprocess.run([*command, f"--rootdir={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, "1 passed" in run.stdout) == (1 if said else 0, True), run.stdout + run.stderr
    assert said is None or said in run.stdout


def test_the_watch_takes_no_id_for_a_number() -> None:
    assert personal("0199a1b2-1380-7000-8000-138000000001 9f86d081884c7d659a2feaa0c55ad015 测试单位") == []
