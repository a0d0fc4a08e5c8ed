"""The way of every file in and out: scanned, sealed and written; read to its last byte before any is sent."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Final

from core.db.session import ScopedSession
from core.documents import vault
from core.documents.content import Prepared, from_start, in_full, refuse
from core.documents.models import KeptFile
from core.documents.scanning import Scan, verdict_of, view_of
from core.documents.storage import DocumentStorage, name_of, undo_unless_committed
from core.errors import Forbidden, Unavailable
from core.plugin_api import ScanVerdict
from core.security.ciphers import CHUNK, Damaged
from core.security.keys import KeyProvider
from core.tenancy.offices import Offices
from core.text import names

_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where files are kept, by which keys, and the offices whose limits and scanners hold."""

    store: DocumentStorage
    keys: KeyProvider
    offices: Offices


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it goes out, checked to its last byte; ``content`` stands at its beginning."""

    file_name: str
    media_type: str
    size: int
    content: IO[bytes] = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """The content, once; closes it."""
        with self.content as file:
            while chunk := file.read(CHUNK):
                yield chunk


def look_at(session: ScopedSession, file: KeptFile, prepared: Prepared, *, keys: KeyProvider, scan: Scan) -> None:
    """Give a new file its key and the scanners' verdict. Raises Invalid for one that they find infected."""
    vault.seal_new_key(file, keys)
    file.scan_verdict = verdict_of(scan(view_of(file, partial(from_start, prepared.content))))
    if file.scan_verdict == ScanVerdict.INFECTED:
        refuse("infected", "文件未通过安全检查，可能含有恶意程序。请在查毒后重新扫描或导出，再行上传。")
    file.scanned_at = session.now if file.scan_verdict == ScanVerdict.CLEAN else None


def put_away(
    session: ScopedSession, file: KeptFile, prepared: Prepared, *, store: DocumentStorage, keys: KeyProvider
) -> None:
    """Insert the row of a file that was looked at and write its bytes, which go again where the row does not stay."""
    session.add(file)
    session.flush()
    undo_unless_committed(session, file, partial(store.delete, name_of(file)))
    vault.write(file, from_start(prepared.content), store=store, keys=keys)


def take_out(file: KeptFile, *, store: DocumentStorage, keys: KeyProvider) -> Download:
    """The whole file. Raises Unavailable where the bytes are gone or altered."""
    try:
        content = in_full(vault.read(file, store=store, keys=keys))
    except FileNotFoundError:
        raise Unavailable("document_missing", "文件暂时无法读取。请稍后再试；仍不成功的，请联系受理机构。") from None
    except Damaged as error:
        raise Unavailable(
            "document_damaged", "文件校验不符，可能已损坏。请联系受理机构；必要时重新上传该材料。"
        ) from error
    return Download(file.file_name, file.media_type, file.size, content)


def check_scanned(file: KeptFile, *, required: bool) -> None:
    """Refuse a file that was found infected, or that is not found clean yet where that is ``required``."""
    if file.scan_verdict == ScanVerdict.INFECTED:
        raise Forbidden("document_infected", "该文件未通过安全检查，不能打开。请通知上传人查毒后重新上传。")
    if required and file.scan_verdict != ScanVerdict.CLEAN:
        raise Forbidden("document_not_scanned", "该文件尚未完成安全检查，暂不能打开。请稍后再试。")


def safe_name(file_name: str) -> str:
    """The last part of the name, without control characters and not too long; a name is shown, never opened."""
    last = unicodedata.normalize("NFC", file_name).replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    shown = names.seen(last)
    return shown[-_LONGEST_NAME:] or "未命名"
