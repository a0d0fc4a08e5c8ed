"""The same write, sent twice, is done once: the answer is kept under its key, in the transaction of the write itself.

A key belongs to an account. While the first request is under way a second one with its key waits, and then gets the
first one's answer; so does every later one with the same content. Another content under the same key is refused.
Answers are sealed, since they hold personal values and, for a new account, its token.
"""

import functools
import hashlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, SkipValidation
from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import ScopedSession
from core.errors import Conflict
from core.identity.models import IdempotencyKey
from core.security.keys import KeyProvider, Place
from core.web.dependencies import AnySession, ThePlatform

REPLAYED_HEADER = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True)
class Replay:
    """One write and its earlier answer. ``key`` is None where the asker gave none."""

    session: ScopedSession
    keys: KeyProvider
    key: str | None
    digest: bytes
    status: int

    def earlier(self) -> Response[Any] | None:
        """The earlier answer to the same request, None for a new one; Conflict for another request under its key."""
        if self.key is None:
            return None
        account_id = self.session.actor.account_id
        one_at_a_time(self.session, f"{account_id}/{self.key}")
        found = self.session.scalar(
            select(IdempotencyKey).where(IdempotencyKey.account_id == account_id, IdempotencyKey.key == self.key)
        )
        if found is None:
            return None
        if found.request_digest != self.digest:
            raise Conflict(
                "idempotency_key_reused", "该Idempotency-Key已用于另一项内容不同的请求。请为新的请求换用新的键值。"
            )
        content = json.loads(self.keys.decrypt(found.response, Place("idempotency_keys", "response", found.id)))
        return Response(content, status_code=found.status, headers={REPLAYED_HEADER: "true"})

    def keep(self, answer: object) -> Any:
        """Store the answer, if there is a key, and return it as JSON values."""
        content = to_jsonable_python(answer)
        if self.key is None:
            return content
        row_id = new_id()
        sealed = self.keys.encrypt(to_json(content), Place("idempotency_keys", "response", row_id))
        row = IdempotencyKey(
            id=row_id,
            account_id=self.session.actor.account_id,
            key=self.key,
            request_digest=self.digest,
            status=self.status,
            response=sealed,
            created_at=self.session.now,
        )
        self.session.add(row)
        try:
            self.session.flush()
        except IntegrityError as error:
            raise Conflict(
                "idempotency_key_in_use", "同一请求正在办理。请稍后以同一键值重试，以取得办理结果。"
            ) from error
        return content


TheReplay = NamedDependency[SkipValidation[Replay]]


KEY_HEADER = HeaderParameter(
    name="Idempotency-Key",
    min_length=1,
    max_length=200,
    description="同一账号以同一键值重复发送同一请求时只办理一次，并返回首次的结果。",
)


async def provide_replay(
    request: Request[Any, Any, Any],
    session: AnySession,
    platform: ThePlatform,
    idempotency_key: Annotated[str | None, KEY_HEADER] = None,
) -> Replay:
    """The dependency of :func:`once`: the request and its key."""
    digest = b"" if idempotency_key is None else digest_of_request(request, await request.body())
    return Replay(session, platform.keys, idempotency_key, digest, request.route_handler.status_code)


def once(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Run a handler once for each key. Repeated requests get its first answer."""

    @functools.wraps(handler)
    def done_once(*, replay: Replay, **given: Any) -> Any:
        earlier = replay.earlier()
        return replay.keep(handler(**given)) if earlier is None else earlier

    signature = inspect.signature(handler)
    asked = inspect.Parameter("replay", inspect.Parameter.KEYWORD_ONLY, annotation=TheReplay)
    done_once.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), asked]
    )
    done_once.__annotations__ = {**handler.__annotations__, "replay": TheReplay}
    return done_once


def digest_of_request(request: Request[Any, Any, Any], content: bytes) -> bytes:
    """SHA-256 of method, address and content; for a large file, its own digest stands for the content."""
    seen = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    seen.update(content)
    return seen.digest()
