"""The file of a package: what it holds, its signed manifest and index, and its check with a public key alone.

The format is documented in ``docs/archive.md``; the script beside this file goes into each package.
"""

import hashlib
import html
import json
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

from core.printing.pdf import pdf
from core.security.ciphers import CHUNK
from core.security.signatures import PaperKeys, is_signed

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
INDEX: Final = "index"
VERIFY: Final = "verify.py"
SCRIPT: Final = Path(__file__).parent / "verify.txt"
"""The script that checks a package without Kaowu; no module of ours."""
_COLUMNS: Final = ("序号", "题名", "文件", "数量", "SHA-256")


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a package: its name, what it is in words, how much it holds (rows, pages), and its content."""

    name: str
    title: str
    amount: str
    content: bytes | Path


class PackageFile:
    """A package that is being written: items one by one, then the index, the script and the signed manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._listed: list[tuple[Item, str]] = []

    def __enter__(self) -> Self:
        """Begin; at the end the file is closed, finished or not."""
        return self

    def __exit__(self, *_error: object) -> None:
        self._archive.close()

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each file so far, by its name."""
        return {item.name: digest for item, digest in self._listed}

    def add(self, item: Item) -> None:
        """Write one file."""
        self._listed.append((item, self._put(item.name, item.content)))

    def finish(self, about: Mapping[str, Any], *, title: str, footer: str, keys: PaperKeys) -> None:
        """Write the index as PDF and HTML, the script that checks the package, and the signed manifest."""
        rows = [
            [str(number), item.title, item.name, item.amount, digest]
            for number, (item, digest) in enumerate(self._listed, 1)
        ]
        # A digest has no place to break a line at.
        printed = [[*row[:-1], f"{row[-1][:32]} {row[-1][32:]}"] for row in rows]
        told = {"title": title, "footer": footer, "digest": "", "code": "", "columns": _COLUMNS, "rows": printed}
        widths = {"widths": ("10mm", "3fr", "3fr", "20mm", "68mm")}
        self.add(Item(f"{INDEX}.pdf", "目录", f"{len(rows)}项", pdf("register", told | widths)))
        self.add(Item(f"{INDEX}.html", "目录", f"{len(rows)}项", _page(title, footer, rows)))
        self.add(Item(VERIFY, "校验程序", "1份", SCRIPT.read_bytes()))
        content = {"about": dict(about), "public_key": keys.current, "files": self.digests}
        told_bytes = json.dumps(content, ensure_ascii=False, indent=1, default=str).encode()
        self._put(MANIFEST, told_bytes)
        self._put(SIGNATURE, keys.sign(told_bytes))

    def _put(self, name: str, content: bytes | Path) -> str:
        # The same content makes the same file, whenever it is packed.
        digest, info = hashlib.sha256(), zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        with self._archive.open(info, "w", force_zip64=True) as target:
            for chunk in _chunks(content):
                digest.update(chunk)
                target.write(chunk)
        return digest.hexdigest()


def faults_of(path: Path, *, public_keys: Collection[str]) -> list[str]:
    """The faults of a package, in English, one line each; none where it is whole and signed."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _faults(archive, public_keys)
    except (zipfile.BadZipFile, OSError) as error:
        return [f"{path}: cannot be read as a package ({error})"]


def _faults(archive: zipfile.ZipFile, public_keys: Collection[str]) -> list[str]:
    try:
        told = archive.read(MANIFEST)
        files: dict[str, str] = dict(json.loads(told)["files"])
    except (KeyError, TypeError, ValueError) as error:
        return [f"{MANIFEST}: missing or not a manifest ({error})"]
    names = archive.namelist()
    signature = archive.read(SIGNATURE) if SIGNATURE in names else b""
    faults = []
    if not any(is_signed(key, told, signature) for key in public_keys):
        faults.append(f"{MANIFEST}: not signed by any of the {len(public_keys)} public key(s) given")
    present = set(names) - {MANIFEST, SIGNATURE}
    faults += [f"{name}: is missing" for name in sorted(files.keys() - present)]
    faults += [f"{name}: does not stand in the manifest" for name in sorted(present - files.keys())]
    faults += [f"{name}: stands there twice" for name in sorted(present) if names.count(name) > 1]
    for name in sorted(files.keys() & present):
        found = _found(archive, name)
        if found != files[name]:
            faults.append(f"{name}: is not what was packed ({found[:12]}, not {files[name][:12]})")
    return faults


def _found(archive: zipfile.ZipFile, name: str) -> str:
    try:
        with archive.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return "unreadable"


def _chunks(content: bytes | Path) -> Collection[bytes] | Any:
    if isinstance(content, bytes):
        return (content,)
    return _read(content)


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _page(title: str, footer: str, rows: Sequence[Sequence[str]]) -> bytes:
    """The index for a browser: one table, each file linked."""
    cells = "\n".join(
        f"<tr><td>{number}</td><td>{html.escape(words)}</td>"
        f'<td><a href="{html.escape(name, quote=True)}">{html.escape(name)}</a></td>'
        f"<td>{html.escape(amount)}</td><td><code>{digest}</code></td></tr>"
        for number, words, name, amount, digest in rows
    )
    heads = "".join(f"<th>{head}</th>" for head in _COLUMNS)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        "<style>body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse}"
        "th,td{border:1px solid #888;padding:.3rem .5rem;text-align:left}code{font-size:.7rem}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1><p>{html.escape(footer)}</p>\n<table><thead><tr>{heads}</tr></thead>\n"
        f"<tbody>{cells}</tbody></table></body></html>\n"
    ).encode()
