"""What stands inside a PDF, as far as names and passwords go: read once from its beginning, nothing is carried out.

Only the words between the streams are read, and the object streams, which are unpacked to a bound. No page, font or
picture is looked at, so no decoder can be overloaded. Source: ISO 32000-2:2020 §7.2-7.5.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from core.security.pdf_passwords import Handler, opens_without_password

_LONGEST_TEXT: Final = 1024 * 1024
"""Bytes of one text in brackets: a longer one would hide what stands behind its beginning."""
_UNPACKED: Final = 16 * 1024 * 1024
"""Bytes that all object streams of a file may unpack to."""
_WORDS: Final = re.compile(
    rb"(?P<text>\()|%[^\r\n]*|/(?P<name>[^\x00\t\n\f\r ()<>\[\]{}/%]*)|<[0-9A-Fa-f\s]*>"
    rb"|\b(?P<object>obj)\b|(?P<stream>\bstream\r?\n)"
)
_BRACKET: Final = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_SCRIPTS: Final = frozenset({b"JavaScript", b"JS"})
_FILES: Final = frozenset({b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment"})
_ASKED: Final = _SCRIPTS | _FILES | {b"Launch", b"Encrypt", b"ObjStm", b"FlateDecode"}
"""Only these names are kept: a file may use millions."""
_NUMBER: Final = rb"\s*(-?\d+)"
_HANDLER: Final = re.compile(rb"/Encrypt\s*(?:(\d{1,10})\s+(\d{1,5})\s+R|(<<))")
_FIRST_ID: Final = re.compile(rb"/ID\s*\[\s*")
_OCTAL: Final = re.compile(rb"[0-7]{1,3}")
_ONE_LETTER: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Broken(ValueError):
    """A PDF that ends within a text or a stream, or unpacks to too much."""


@dataclass(slots=True)
class Inside:
    """The names that a PDF uses, of those that are asked for."""

    names: set[bytes] = field(default_factory=set)

    @property
    def has_script(self) -> bool:
        """Whether it holds a program."""
        return bool(self.names & _SCRIPTS)

    @property
    def starts_programs(self) -> bool:
        """Whether it starts a program of the reader's computer."""
        return b"Launch" in self.names

    @property
    def has_files(self) -> bool:
        """Whether it carries other files."""
        return bool(self.names & _FILES)

    @property
    def is_encrypted(self) -> bool:
        """Whether it is encrypted, with whatever password."""
        return b"Encrypt" in self.names


def look_inside(content: bytes) -> Inside:
    """The names between the streams and in the object streams. Raises Broken.

    The object streams of an encrypted PDF stay closed.
    """
    found = Inside()
    packed: list[bytes] = []
    for names, stream in _objects(content):
        found.names |= names
        if b"ObjStm" in names:
            packed.append(stream if b"FlateDecode" in names else b"")
    if found.is_encrypted:
        return found
    left = _UNPACKED
    for stream in packed:
        inner = _unpacked(stream, left)
        left -= len(inner)
        for names, _ in _objects(inner):
            found.names |= names
    return found


def needs_password(content: bytes) -> bool:
    """Whether an encrypted PDF asks its reader for a password; True as well where it cannot be told."""
    handler = _handler(content)
    return handler is None or not opens_without_password(handler)


def _objects(content: bytes) -> Iterator[tuple[set[bytes], bytes]]:
    """The names of one object after the other, each with its stream."""
    names: set[bytes] = set()
    at = 0
    while found := _WORDS.search(content, at):
        at = found.end()
        if found["name"] is not None:
            name = found["name"]
            if b"#" in name:
                name = _ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), name)
            if name in _ASKED:
                names.add(name)
        elif found["text"]:
            at = _end_of_text(content, at)
        elif found["object"]:
            yield names, b""
            names = set()
        elif found["stream"]:
            end = content.find(b"endstream", at)
            if end < 0:
                raise Broken("a stream does not end")
            yield names, content[at:end]
            names, at = set(), end
    yield names, b""


def _end_of_text(content: bytes, at: int) -> int:
    deep, limit = 1, at + _LONGEST_TEXT
    while deep:
        found = _BRACKET.search(content, at, limit)
        if found is None:
            raise Broken("a text does not end")
        at = found.end()
        deep += {b"(": 1, b")": -1}.get(found[0], 0)
    return at


def _unpacked(stream: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        inner = unpacker.decompress(stream, most + 1)
    except zlib.error as error:
        raise Broken("an object stream does not unpack") from error
    if not stream or len(inner) > most:
        raise Broken("object streams cannot be read to their end")
    return inner


def _handler(content: bytes) -> Handler | None:
    """The encryption dictionary that the last trailer names; None where it is none of the standard handler."""
    named = list(_HANDLER.finditer(content))
    if not named:
        return None
    last = named[-1]
    begin = last.start(3)
    if last[1] is not None:
        shape = re.compile(rb"(?<!\d)%s\s+%s\s+obj" % (last[1], last[2]))
        objects = list(shape.finditer(content))
        if not objects:
            return None
        begin = objects[-1].end()
    entries = content[begin : begin + 4096]
    if not re.search(rb"/Filter\s*/Standard\b", entries):
        return None
    revision = _number(entries, b"R")
    if revision is None:
        return None
    bits = _number(entries, b"Length") or 40
    # Crypt filters give the length of their key in bytes or bits; the key of revision 4 has sixteen bytes.
    return Handler(
        revision=revision,
        length=16 if revision == 4 else bits // 8,
        owner=_entry(entries, rb"/O\s*(?=[(<])"),
        user=_entry(entries, rb"/U\s*(?=[(<])"),
        permissions=_number(entries, b"P") or 0,
        first_id=_entry_at(content, ids[-1].end()) if (ids := list(_FIRST_ID.finditer(content))) else b"",
        encrypts_metadata=not re.search(rb"/EncryptMetadata\s+false", entries),
    )


def _number(entries: bytes, name: bytes) -> int | None:
    found = re.search(rb"/%s%s\b" % (name, _NUMBER), entries)
    return None if found is None else int(found[1])


def _entry(entries: bytes, shape: bytes) -> bytes:
    found = re.search(shape, entries)
    return b"" if found is None else _entry_at(entries, found.end())


def _entry_at(content: bytes, at: int) -> bytes:
    """The bytes of the text that begins here, in brackets or as hexadecimal digits."""
    if content[at : at + 1] == b"<":
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", content[at : content.find(b">", at)])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    if content[at : at + 1] != b"(":
        return b""
    return _plain(content[at + 1 : _end_of_text(content, at + 1) - 1])


def _plain(text: bytes) -> bytes:
    """A text without its escapes."""
    answer, at = bytearray(), 0
    while at < len(text):
        sign = text[at : at + 1]
        at += 1
        if sign != b"\\":
            answer += sign
            continue
        if octal := _OCTAL.match(text, at):
            answer.append(int(octal[0], 8) & 0xFF)
            at = octal.end()
            continue
        sign = text[at : at + 1]
        at += 2 if text[at : at + 2] == b"\r\n" else 1
        answer += b"" if sign in {b"\r", b"\n"} else _ONE_LETTER.get(sign, sign)
    return bytes(answer)
