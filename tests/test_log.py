"""What the log says of a fault: where, never with which values."""

from __future__ import annotations

import pytest
import structlog

from core.cli import log


def test_a_traceback_in_the_log_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    # Put together here, since a traceback does show the lines of the source.
    number = "".join(["410000", "19800506", "0010"])
    log.configure()
    try:
        _fail(number)
    except RuntimeError:
        structlog.get_logger("test").exception("request_failed")
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "request_failed" in said
    assert "_fail" in said
    assert number not in said


def _fail(id_number: str) -> None:
    kept = id_number
    raise RuntimeError("a fault of ours") if kept else AssertionError
