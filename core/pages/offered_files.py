"""The file in a page's form that is attached to a thing, such as a scan or evidence."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from litestar.datastructures import UploadFile

from core.documents.attachments import Offered
from core.web.page.uploads import chosen_file


def digest_of(offered: Offered) -> str:
    """The SHA-256 of a file as it came, in hexadecimal."""
    offered.content.seek(0)
    return hashlib.file_digest(offered.content, "sha256").hexdigest()  # type: ignore[arg-type]


@contextmanager
def offered_file(data: Mapping[str, Any], kind: str, *, title: str = "") -> Iterator[Offered]:
    """The file that a page's form sent as ``content``, in the capacity ``kind``; Invalid where none was chosen."""
    with chosen_file(data, "content") as sent:
        yield Offered(kind, sent.filename[:200], sent.file, title=title)


@contextmanager
def offered_if_chosen(data: Mapping[str, Any], kind: str, *, title: str = "") -> Iterator[Offered | None]:
    """The same where a file may follow later: None where none was chosen."""
    sent = data.get("content")
    if not isinstance(sent, UploadFile):
        yield None
        return
    with sent.file as content:
        yield Offered(kind, sent.filename[:200], content, title=title) if sent.filename else None
