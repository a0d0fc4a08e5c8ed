"""How the log is written: on standard error, a line an event; of a fault the way that led to it, without values."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Set the log up for this process.

    Values of variables stay out of tracebacks: they are identity numbers, names and tokens.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
