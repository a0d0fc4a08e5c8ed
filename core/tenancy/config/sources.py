"""TOML files, read and laid over each other; each value keeps the file and line that set it."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.tenancy.config.known_keys import Key
from core.tenancy.config.office import NEVER_INHERITED

_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_HEADER = re.compile(rf"^\s*\[\[?\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(rf"^\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that an operator must correct: the office, its file, line and key, the message and the remedy."""

    office: str
    file: str
    line: int | None
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.key + ': ' if self.key else ''}{self.message}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name in messages, its content, and the line of each key."""

    file: str
    table: Mapping[str, Any]
    lines: Mapping[Key, int]

    def line_of(self, key: Key) -> int | None:
        """The line of ``key``, else that where its table begins, else that of the nearest table around it."""
        for length in range(len(key), 0, -1):
            around = key[:length]
            if around in self.lines:
                return self.lines[around]
            below = [line for written, line in self.lines.items() if written[:length] == around]
            if below:
                return min(below)
        return None


@dataclass(slots=True)
class Merged:
    """The effective values of one office, and the file behind each; a plugin's name stands as a key of its own."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Key, Source] = field(default_factory=dict)

    def origin(self, key: Key) -> Source | None:
        """The file that set ``key``, or the last file that set a part of it; None where no file did."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.origins:
                return self.origins[key[:length]]
        below = [source for set_key, source in self.origins.items() if set_key[: len(key)] == key]
        return below[-1] if below else None


class UnreadableFileError(Exception):
    """A file that is missing, not UTF-8 or not TOML; ``line`` where the parser names it."""

    def __init__(self, message: str, remedy: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.line = line


def read_source(path: Path, shown_as: str) -> Source:
    """Read one file; raises :class:`UnreadableFileError`."""
    try:
        written = path.read_bytes().decode("utf-8-sig")
        table = tomllib.loads(written)
    except OSError as error:
        message = f"cannot be read ({error.strerror})"
        raise UnreadableFileError(message, "Put it there, or let the service read it") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError("is not UTF-8", "Save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        message = f"is not TOML: {error}"
        raise UnreadableFileError(message, "Mend that line", int(line[1]) if line else None) from error
    return Source(file=shown_as, table=table, lines=dict(_find_lines(written.splitlines(), table)))


def merge(sources: Sequence[Source]) -> Merged:
    """Lay files over each other, the most local one last.

    Tables merge key by key; other values replace each other; ``plugins`` alone adds up in order. Tables about one
    office only (its name, its delegation) are taken from the last file.
    """
    merged = Merged()
    for source in sources:
        local = source is sources[-1]
        table = {name: value for name, value in source.table.items() if local or name not in NEVER_INHERITED}
        _lay(table, over=merged.values, at=(), source=source, origins=merged.origins)
    return merged


def leaves(table: Mapping[str, Any], at: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Every value of a nested table with its key; a list is one value."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*at, str(name)))
        else:
            yield (*at, str(name)), value


def _lay(
    table: Mapping[str, Any], *, over: dict[str, Any], at: Key, source: Source, origins: dict[Key, Source]
) -> None:
    for name, value in table.items():
        key = (*at, name)
        if key == ("plugins",) and isinstance(value, list):
            earlier = over.get(name, [])
            over[name] = [*earlier, *(plugin for plugin in value if plugin not in earlier)]
            origins.update({("plugins", str(plugin)): source for plugin in value if plugin not in earlier})
        elif isinstance(value, Mapping):
            if not isinstance(over.get(name), dict):
                over[name] = {}
            _lay(value, over=over[name], at=key, source=source, origins=origins)
        else:
            over[name] = value
            origins[key] = source


def _find_lines(written: Sequence[str], table: Mapping[str, Any]) -> Iterator[tuple[Key, int]]:
    """The lines on which tables and keys begin. tomllib keeps no positions; a key that it did not read is left out."""
    seen: set[Key] = set()
    header: Key = ()
    inside_text = False
    for number, line in enumerate(written, start=1):
        began_inside, marks = inside_text, line.count('"""') + line.count("'''")
        inside_text ^= marks % 2 == 1
        if began_inside:
            continue
        if match := _HEADER.match(line):
            key = header = _split(match[1])
        elif match := _ASSIGNMENT.match(line):
            key = (*header, *_split(match[1]))
        else:
            continue
        if key not in seen and _exists(table, key):
            seen.add(key)
            yield key, number


def _split(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_NAME, dotted))


def _exists(table: Any, key: Key) -> bool:
    found = table
    for step in key:
        if isinstance(found, list):
            found = next((inner for inner in found if isinstance(inner, Mapping) and step in inner), None)
        if not isinstance(found, Mapping) or step not in found:
            return False
        found = found[step]
    return True
