"""The application called directly: without a client, a socket, or a thread for each handler.

The walk makes tens of thousands of requests, one after the other, on one connection: what a client and threads cost for
each of them tells nothing about who sees what.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlencode

import psycopg
from anyio import to_thread
from litestar import Litestar
from litestar.concurrency import get_asyncio_executor, set_asyncio_executor
from sqlalchemy import Connection

_HOST = (b"host", b"testserver.local")


@dataclass(frozen=True)
class Answer:
    """The status, the headers and the text of an answer."""

    status_code: int
    headers: list[tuple[str, str]]
    text: str

    @property
    def is_success(self) -> bool:
        """Whether the request was granted."""
        return 200 <= self.status_code < 300


class _Here(ThreadPoolExecutor):
    """Runs what is handed to it at once, in the thread of the caller."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # it is the caller's
            done.set_exception(error)
        return done


async def _run_here(function: Callable[..., Any], *args: Any, **_: Any) -> Any:
    return function(*args)


class Direct:
    """One loop, on which the application answers one request after the other."""

    def __init__(self, app: Litestar, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._loop = app, loop

    def request(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        fields: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask, with ``body`` as JSON or ``fields`` as those of a form. A fault of the application is an answer."""
        sent = {name.lower().encode(): value.encode() for name, value in headers.items()}
        content = b""
        if body is not None:
            content, sent[b"content-type"] = json.dumps(body, ensure_ascii=False).encode(), b"application/json"
        elif fields is not None:
            content, sent[b"content-type"] = urlencode(fields).encode(), b"application/x-www-form-urlencoded"
        sent[b"content-length"] = str(len(content)).encode()
        path, _, asked = address.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "http_version": "1.1",
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": (_query(query) if query else asked).encode(),
            "headers": [_HOST, *sent.items()],
            "client": ("testclient", 50000),
            "server": ("testserver.local", 80),
            "extensions": {},
        }
        return self._loop.run_until_complete(_answer(self._app, scope, content))


def _query(asked: Mapping[str, Any]) -> str:
    return urlencode(
        {name: str(value).lower() if isinstance(value, bool) else value for name, value in asked.items()}, doseq=True
    )


async def _answer(app: Callable[..., Awaitable[None]], scope: dict[str, Any], content: bytes) -> Answer:
    status, headers, said = 500, [], bytearray()
    complete = asyncio.Event()
    left = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if left:
            return left.pop()
        # The browser stays until it has everything.
        await complete.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            said.extend(message.get("body", b""))
            if not message.get("more_body"):
                complete.set()

    try:
        await app(scope, receive, send)
    except Exception as error:  # the walk notes it as a broken route
        return Answer(500, [], repr(error))
    return Answer(status, headers, said.decode(errors="replace"))


def keep_plans(connection: Connection) -> None:
    """Let the database keep its plans, for all statements, and over a rollback to a savepoint.

    The driver forgets every prepared statement at a rollback, because a table may be another one afterwards. Here none
    ever is, each request of the walk is rolled back, and most of PostgreSQL's time went into planning.
    """
    here = connection.connection.driver_connection
    assert isinstance(here, psycopg.Connection)
    here.prepared_max = 2_000

    def send(command: str) -> Callable[[Connection, str], None]:
        def run(on: Connection, name: str) -> None:
            driver = on.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            done = driver.pgconn.exec_(f"{command} {name}".encode())
            assert done.status == psycopg.pq.ExecStatus.COMMAND_OK, done.error_message

        return run

    dialect: Any = connection.dialect
    dialect.do_savepoint, dialect.do_release_savepoint = send("SAVEPOINT"), send("RELEASE SAVEPOINT")
    dialect.do_rollback_to_savepoint = send("ROLLBACK TO SAVEPOINT")


@contextmanager
def directly(app: Litestar) -> Iterator[Direct]:
    """The application, called directly until the block ends."""
    threads, loop = get_asyncio_executor(), asyncio.new_event_loop()
    with patch.object(to_thread, "run_sync", _run_here), _Here(1) as here:
        set_asyncio_executor(here)
        # A line for each request would be kept for a report that nobody reads.
        logging.disable(logging.INFO)
        try:
            yield Direct(app, loop)
        finally:
            logging.disable(logging.NOTSET)
            set_asyncio_executor(threads)
            loop.close()
