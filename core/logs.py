"""The log: one JSON object a line, of known keys alone, without a personal value.

All loggers write through here, those of libraries included. A key outside ``KNOWN`` is left out and named under
``removed``. Possible names and numbers are removed from texts. Of an error its type, its frames and such a text are
kept. A new key belongs in ``KNOWN`` only if it never holds a person's value.
"""

import logging
import logging.handlers
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import structlog
from structlog.typing import EventDict, WrappedLogger

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

KNOWN: Final = frozenset(
    {
        *("event", "level", "logger", "timestamp", "error", "code", "constraint", "reason", "count"),
        *("request_id", "method", "route", "status", "duration_ms", "account_id"),
        *("office", "plugin", "hook", "task", "job_id", "document"),
    }
)
"""The keys that a line may have. None of them holds a name, a number, a text from a form, or a secret."""

_SPARED = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\b[0-9a-f]{32}\b"
_QUOTED = r"'[^']*'|\"[^\"]*\""
_DIGITS = r"\d{7,}[Xx]?"
_HAN = r"[\u2e80-\u2fff\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
_VALUES: Final = re.compile(f"({_SPARED})|{_QUOTED}|{_DIGITS}|{_HAN}")
_LEFT_OUT: Final = "…"
_FRAMES: Final = 40
_WHOSE_WORK: Final = ("core", "kaowu", "plugins", "uvicorn")
_OURS: Final = ("kaowu standard error", "kaowu file")


def configure(level: Level = "INFO", *, file: Path | None = None, screen: Level = "DEBUG") -> None:
    """Set up the log of this process: on standard error, and appended to ``file`` where one is given.

    Lines below the level ``screen`` are left off standard error.

    May be called again. A program that rotates logs may move the file at any time.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.name in _OURS]:
        root.removeHandler(handler)
        handler.close()
    handlers: list[logging.Handler] = [_StandardError(screen)]
    if file is not None:
        handlers.append(logging.handlers.WatchedFileHandler(file, encoding="utf-8"))
    for name, handler in zip(_OURS, handlers, strict=False):
        handler.set_name(name)
        handler.setFormatter(formatter())
        root.addHandler(handler)
    # The everyday lines of libraries hold addresses and arguments.
    root.setLevel(logging.WARNING)
    for name in _WHOSE_WORK:
        logger = logging.getLogger(name)
        logger.setLevel(level)
        # An earlier set-up, such as uvicorn's own, may have led the log elsewhere.
        logger.propagate, logger.disabled = True, False


def formatter() -> logging.Formatter:
    """The formatter that makes a line of any log record, also of a library's."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _describe_error,
            keep_known,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def keep_known(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep known keys only, their texts without values."""
    kept: EventDict = {key: _plain(value) for key, value in event.items() if key in KNOWN}
    if removed := sorted(event.keys() - KNOWN):
        kept["removed"] = removed
    return kept


def without_values(text: str) -> str:
    """``text`` without quoted parts, long numbers and Chinese, which may be names, numbers or texts from forms.

    Messages to operators are English; a personal value in them is one of these three. Ids (UUIDs) stay.
    """
    return _VALUES.sub(lambda found: found[1] or _LEFT_OUT, text)


def _plain(value: Any) -> Any:
    """``value`` as JSON, its texts without personal values."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | float | UUID):
        return str(value) if isinstance(value, UUID) else value
    if isinstance(value, int):
        return value if abs(value) < 10_000_000 else _LEFT_OUT
    return without_values(str(value))


def _describe_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace a traceback by the errors from the last to the first: type, first line without values, and frames."""
    given = event.pop("exc_info", None)
    event.pop("exception", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event["error"] = [_described(cause) for cause in _chain(error)]
    return event


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _described(error: BaseException) -> dict[str, Any]:
    # The first line of a driver's message says what is wrong, the later lines quote values.
    first, *_ = str(error).splitlines() or [""]
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    way = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return {"type": type(error).__qualname__, "message": first, "way": way}


class _StandardError(logging.Handler):
    """Writes to the present standard error, also where a program has replaced it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; a log that cannot be written stops no work."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:
            self.handleError(record)
