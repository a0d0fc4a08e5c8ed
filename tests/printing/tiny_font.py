"""A TrueType font with a square for the characters that it is asked to have; just enough tables for a reader."""

import struct
from pathlib import Path

_EM = 1000


def write_font(path: Path, signs: str) -> None:
    """Write a font whose glyph 1 is a filled square and stands for each of ``signs``."""
    square = struct.pack(">hhhhh", 1, 100, 0, 900, 800) + struct.pack(">H", 3) + struct.pack(">H", 0)
    square += bytes([0x01] * 4) + struct.pack(">4h", 100, 800, 0, -800) + struct.pack(">4h", 0, 0, 800, 0)
    square += b"\0" * (-len(square) % 4)
    groups = b"".join(struct.pack(">III", ord(sign), ord(sign), 1) for sign in sorted(set(signs)))
    twelve = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(set(signs))) + groups
    names = {1: "Tiny Test", 2: "Regular", 4: "Tiny Test", 6: "TinyTest"}
    texts = {key: value.encode("utf-16-be") for key, value in names.items()}
    records, storage = b"", b""
    for key, value in texts.items():
        records += struct.pack(">6H", 3, 1, 0x409, key, len(value), len(storage))
        storage += value
    tables = {
        b"OS/2": struct.pack(">HhHHH", 4, _EM, 400, 5, 0)
        + struct.pack(">11h", *[200] * 10, 0)
        + bytes(10)
        + bytes(16)
        + b"test"
        + struct.pack(">HHH", 0x40, 0x20, 0xFFFF)
        + struct.pack(">hhhHH", 800, -200, 0, 900, 200)
        + bytes(8)
        + struct.pack(">hhHHH", 500, 700, 0, 0x20, 0),
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 10, 12) + twelve,
        b"glyf": square,
        b"head": struct.pack(">HHIIIHH", 1, 0, 0x10000, 0, 0x5F0F3CF5, 3, _EM)
        + bytes(16)
        + struct.pack(">4hHHhhh", 0, 0, _EM, 800, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">HHhhhH", 1, 0, 800, -200, 0, _EM)
        + struct.pack(">3h", 0, 0, 900)
        + bytes(16)
        + struct.pack(">H", 2),
        b"hmtx": struct.pack(">HhHh", _EM, 0, _EM, 100),
        b"loca": struct.pack(">3I", 0, 0, len(square)),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">HHH", 0, len(texts), 6 + 12 * len(texts)) + records + storage,
        b"post": struct.pack(">IIhhI", 0x30000, 0, 0, 0, 0) + bytes(16),
    }
    offset = 12 + 16 * len(tables)
    directory, body = b"", b""
    for tag, content in tables.items():
        padded = content + b"\0" * (-len(content) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += tag + struct.pack(">III", total, offset + len(body), len(content))
        body += padded
    path.write_bytes(struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128) + directory + body)
