"""The body of a request as a file: received in pieces, counted as it comes, and kept under no name.

An upload that is too large is refused by its stated length, before a byte is read, and again by its real one. An upload
that breaks off leaves nothing behind.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.params import SkipValidation

from core.documents.content import refuse, refuse_too_large, temporary_file
from core.web.dependencies import AnySession, ThePlatform
from core.web.idempotency import KEY_HEADER, Replay, digest_of_request


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came, at its beginning, and the SHA-256 of its content."""

    content: IO[bytes]
    sha256: bytes


TheReceived = NamedDependency[SkipValidation[Received]]


async def provide_received(request: Request[Any, Any, Any], platform: ThePlatform) -> AsyncIterator[Received]:
    """The request's body as a file, of at most the bytes that the province allows for a paper."""
    most = platform.offices.catalogue.province.config.documents.max_bytes
    async for received in _receive(request, most):
        yield received


async def provide_received_attachment(
    request: Request[Any, Any, Any], platform: ThePlatform
) -> AsyncIterator[Received]:
    """The same for an attachment."""
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
    """The replay of an upload, recognised by its digest without reading it again."""
    digest = digest_of_request(request, received.sha256)
    return Replay(session, platform.keys, idempotency_key, digest, request.route_handler.status_code)
