"""A file on its way in: it is received in pieces, counted as it comes, and lies nowhere under a name.

An upload that is too large is refused by what it says of itself, before a byte is read, and again by what it turns out
to be. One that breaks off leaves nothing behind.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Annotated, Any, cast

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.exceptions import InternalServerException
from litestar.middleware import ASGIMiddleware
from litestar.params import SkipValidation
from litestar.types import ASGIApp, Empty, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from core.documents.attachments import Offered
from core.documents.content import refuse, refuse_too_large, temporary_file
from core.documents.receiving import Keeping
from core.errors import Invalid
from core.platform import Platform
from core.web.dependencies import AnySession, ThePlatform
from core.web.idempotency import KEY_HEADER, Replay, digest_of_request


class FormFiles(ASGIMiddleware):
    """Closes the files that a page's form brought along, whatever became of it.

    Litestar does so after an answer, and leaves them to the garbage collector after a refusal.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on."""
        try:
            await next_app(scope, receive, send)
        finally:
            form = ScopeState.from_scope(scope).form
            if form is not Empty:
                await FormMultiDict.from_form_data(cast("dict[str, Any]", form)).close()


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came, at its beginning, and the SHA-256 of its content."""

    content: IO[bytes]
    sha256: bytes


TheReceived = NamedDependency[SkipValidation[Received]]


async def provide_received(request: Request[Any, Any, Any], platform: ThePlatform) -> AsyncIterator[Received]:
    """The request's body as a file, of no more bytes than the province allows at all for a paper."""
    most = platform.offices.catalogue.province.config.documents.max_bytes
    async for received in _receive(request, most):
        yield received


async def provide_received_attachment(
    request: Request[Any, Any, Any], platform: ThePlatform
) -> AsyncIterator[Received]:
    """The same for a file of anything but an application."""
    most = platform.offices.catalogue.province.config.attachments.max_bytes
    async for received in _receive(request, most):
        yield received


async def _receive(request: Request[Any, Any, Any], most: int) -> AsyncIterator[Received]:
    if (request.content_length or 0) > most:
        refuse_too_large(most)
    with temporary_file() as file:
        digest, size = hashlib.sha256(), 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    refuse_too_large(most)
                digest.update(chunk)
                file.write(chunk)
        except InternalServerException:
            refuse("interrupted", "上传中断，文件没有保存。请检查网络后重新上传。")
        file.seek(0)
        yield Received(file, digest.digest())


async def provide_replay_of_upload(
    request: Request[Any, Any, Any],
    session: AnySession,
    platform: ThePlatform,
    *,
    received: TheReceived,
    idempotency_key: Annotated[str | None, KEY_HEADER] = None,
) -> Replay:
    """What is known of the same upload, recognised by its content without reading that again."""
    digest = digest_of_request(request, received.sha256)
    return Replay(session, platform.keys, idempotency_key, digest, request.route_handler.status_code)


def keeping_of(platform: Platform) -> Keeping:
    """Where and how the platform keeps files."""
    return Keeping(platform.documents, platform.keys, platform.offices)


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


@contextmanager
def chosen_file(data: Mapping[str, Any], name: str = "file") -> Iterator[UploadFile]:
    """The file that a page's form sent under ``name``, closed afterwards. Raises Invalid where none was chosen."""
    sent = data.get(name)
    if not isinstance(sent, UploadFile):
        raise _nothing_chosen(name)
    with sent.file:
        if not sent.filename:
            raise _nothing_chosen(name)
        yield sent


def _nothing_chosen(name: str) -> Invalid:
    text = "请先选择文件，或用手机拍照。"
    return Invalid("document_empty", text, fields={name: text})
