"""How much, how often, how long: what goes over a limit is refused in words, and says when to come back."""

import asyncio
import contextlib
import dataclasses
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromQuery
from litestar.testing import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from core.app import create_app
from core.db.session import ANONYMOUS, PublicSession
from core.identity.models import Allowance
from core.identity.sign_in.rate_limits import forget_whole, take
from core.jobs import send_soon
from core.platform import Platform
from core.settings import Settings
from core.web import limits
from core.web.authentication.actor import of_accounts
from core.web.dependencies import AnySession, ThePlatform
from tests.callers import API, Caller, Web
from tests.serving import application, client_of, served


def _with(web: Web, **settings: Any) -> Platform:
    """The platform with other settings."""
    changed = Settings.load(data_dir=web.platform.settings.data_dir, **settings)
    return dataclasses.replace(web.platform, settings=changed)


def _with_more_routes(web: Web, *handlers: Any) -> TestClient[Litestar]:
    """The application with more routes."""
    app = create_app(web.platform)
    for handler in handlers:
        app.register(handler)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def key() -> bytes:
    """A key that no other test counts under."""
    return b"a test's own key"


def test_an_allowance_is_used_up_and_fills_again_steadily(web: Web, key: bytes) -> None:
    now, engine = web.clock(), web.platform.engine
    assert [take(engine, key, a_minute=3, now=now) for _ in range(4)] == [0, 0, 0, 20]
    assert take(engine, key, a_minute=3, now=now + timedelta(seconds=15)) == 5
    assert take(engine, key, a_minute=3, now=now + timedelta(seconds=20)) == 0
    assert take(engine, key, a_minute=3, now=now + timedelta(seconds=20)) == 20
    forget_whole(engine, now + timedelta(hours=1))
    with PublicSession(engine, actor=ANONYMOUS, now=now) as session:
        assert session.scalar(select(func.count()).select_from(Allowance)) == 0


def test_who_registers_too_often_from_one_address_is_told_when_to_come_back(web: Web) -> None:
    with client_of(_with(web, registrations_per_minute=2)) as client:
        answers = [client.post(f"{API}/registrations", json={}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422, 422, 429]
        assert answers[2].json()["error"] == "too_many_requests"
        assert "30秒" in answers[2].json()["detail"]
        assert answers[2].headers["retry-after"] == "30"
        web.clock.advance(timedelta(seconds=30))
        assert client.post(f"{API}/registrations", json={}).status_code == 422


def test_only_a_trusted_proxy_names_the_address_of_a_request(web: Web) -> None:
    first, second = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
    with client_of(_with(web, registrations_per_minute=1)) as client:
        statuses = [
            client.post(f"{API}/registrations", json={}, headers=headers).status_code for headers in (first, second)
        ]
    assert statuses == [422, 429]
    with application(_with(web, registrations_per_minute=1, trusted_proxies="192.0.2.0/24,198.51.100.7")) as app:
        assert _statuses_through(app, "192.0.2.10", first, second, first) == [422, 422, 429]


def test_addresses_of_one_ipv6_network_share_one_allowance(web: Web) -> None:
    seen = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1", "::ffff:203.0.113.9", "203.0.113.9"]
    forwarded = [{"X-Forwarded-For": address} for address in seen]
    with application(_with(web, registrations_per_minute=1, trusted_proxies="192.0.2.0/24")) as app:
        assert _statuses_through(app, "192.0.2.10", *forwarded) == [422, 429, 422, 422, 429]


def _statuses_through(app: Litestar, peer: str, *headers: dict[str, str]) -> list[int]:
    """What is answered to registrations that arrive from ``peer``."""

    async def from_peer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["client"] = (peer, 40000)
        await app(scope, receive, send)

    with TestClient(from_peer, raise_server_exceptions=False) as client:  # type: ignore[arg-type]
        return [client.post(f"{API}/registrations", json={}, headers=header).status_code for header in headers]


def test_an_account_that_uploads_too_often_is_refused_and_its_neighbour_is_not(web: Web) -> None:
    somebody, neighbour = web.applicant(), web.applicant()
    path = "/applications/00000000-0000-0000-0000-000000000000/documents"
    with client_of(_with(web, uploads_per_minute=2)) as client:
        first, second = Caller(client, somebody.token), Caller(client, neighbour.token)
        sent = [first.upload(path, b"x", material="photo", file_name="photo.png") for _ in range(3)]
        assert [answer.status_code for answer in sent] == [404, 404, 429]
        assert second.upload(path, b"x", material="photo", file_name="photo.png").status_code == 404


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(web: Web) -> None:
    somebody = web.applicant()
    headers = {"Authorization": f"Bearer {somebody.token}", "Content-Type": "application/json"}

    def pieces() -> Iterator[bytes]:
        yield from (b"x" * 2**16 for _ in range(2**6))

    too_large = b"x" * (limits.LARGEST_BODY + 1)
    for content in (too_large, pieces()):
        answer = web.client.post(f"{API}/applications", content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
        assert "最多2MB" in answer.json()["detail"]


def test_a_form_of_a_page_holds_less_than_what_a_program_sends(web: Web) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    sizes = (limits.LARGEST_FORM - 10, limits.LARGEST_FORM + 1)
    sent = [web.client.post("/sign-in", content=b"name=" + b"x" * (size - 5), headers=headers) for size in sizes]
    assert [answer.status_code for answer in sent] == [403, 413]
    assert "最多256KB" in sent[1].text


@pytest.fixture
def port(web: Web) -> Iterator[int]:
    """The port of a real server."""
    with application(web.platform) as app, served(app) as (_, listening):
        yield listening


def test_a_browser_that_sends_far_too_much_reads_why(port: int) -> None:
    most, sent = limits.LARGEST_FORM, 16 * 2**20
    head = (
        f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nContent-Length: {sent}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    address = ("127.0.0.1", port)
    with socket.create_connection(address, timeout=20) as connection:
        # A browser reads nothing before it has sent everything.
        connection.sendall(head.encode())
        for _ in range(sent // most):
            connection.sendall(b"x" * most)
        answer = b""
        while b"</html>" not in answer and (part := connection.recv(2**16)):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413")
    assert "最多256KB".encode() in answer
    assert "请压缩文件后重新提交".encode() in answer


def test_a_file_may_be_larger_than_a_form(web: Web) -> None:
    path = "/applications/00000000-0000-0000-0000-000000000000/documents"
    somebody = web.applicant()
    content = b"x" * (limits.LARGEST_BODY + 1)
    assert somebody.upload(path, content, material="photo", file_name="photo.png").status_code == 404
    content = b"x" * (limits.LARGEST_UPLOAD + 1)
    answer = somebody.upload(path, content, material="photo", file_name="photo.png")
    assert (answer.status_code, answer.json()["error"]) == (422, "document_too_large")


def test_an_address_that_is_too_long_is_refused(web: Web) -> None:
    answer = web.client.get(f"{API}/calendars?year=2024&office_id={'x' * limits.LONGEST_ADDRESS}")
    assert (answer.status_code, answer.json()["error"]) == (414, "address_too_long")
    described = web.client.get("/schema/openapi.json").json()["paths"]
    answers = [act["responses"] for path in described.values() for act in path.values()]
    assert len(answers) > 200
    assert all("414" in answer for answer in answers)


@pytest.mark.parametrize(
    ("message", "status"),
    [({"type": "http.disconnect"}, 400), (None, 408)],
    ids=["the browser leaves", "nothing comes"],
)
def test_a_body_that_does_not_come_is_given_up(
    monkeypatch: pytest.MonkeyPatch, message: dict[str, str] | None, status: int
) -> None:
    monkeypatch.setattr(limits, "LONGEST_PAUSE", 0.01)

    async def receive() -> Any:
        if message is None:
            await asyncio.sleep(60)
        return message

    with pytest.raises(HTTPException) as refused:
        # On a thread of its own: the browser of other tests may have a loop running on this one.
        ThreadPoolExecutor(1).submit(lambda: asyncio.run(limits._Watched(receive)())).result()
    assert refused.value.status_code == status


@post("/api/test-slow", sync_to_thread=True, include_in_schema=False)
def _slow(session: AnySession, what: FromQuery[str]) -> None:
    """Exceed one of the limits that the database holds a request to."""
    session.execute(text(f"SET LOCAL {what} = '20ms'"))
    session.execute(text("SELECT pg_sleep(5)"))


@get("/test-limits", sync_to_thread=True, include_in_schema=False)
def _limits(session: AnySession) -> dict[str, str]:
    return {name: session.execute(text(f"SHOW {name}")).scalar_one() for name in limits.DATABASE_PATIENCE}


@get("/test-limits-of-signing-in", sync_to_thread=True, include_in_schema=False)
def _limits_of_signing_in(platform: ThePlatform) -> dict[str, str]:
    with of_accounts(platform, actor=ANONYMOUS, now=platform.clock()) as session:
        return {name: session.execute(text(f"SHOW {name}")).scalar_one() for name in limits.DATABASE_PATIENCE}


@get("/test-away-within", sync_to_thread=True, include_in_schema=False)
def _away_within(session: AnySession) -> None:
    """The connection breaks while a job is put into the queue over it."""
    with contextlib.suppress(OperationalError):
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    send_soon(session, "linshui")


async def _something_else_that_ends() -> AsyncIterator[str]:
    yield "an upload's file, for example"


@get(
    "/test-away-at-the-end",
    sync_to_thread=True,
    include_in_schema=False,
    dependencies={"other": Provide(_something_else_that_ends)},
)
def _away_at_the_end(session: AnySession, platform: ThePlatform, other: NamedDependency[str]) -> None:  # noqa: ARG001 - it ends with the session
    """The connection breaks before the commit, beside another dependency that ends then."""
    pid = session.scalar(text("SELECT pg_backend_pid()"))
    with platform.engine.begin() as another:
        another.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@get("/test-away", sync_to_thread=True, include_in_schema=False)
def _away(session: AnySession) -> None:
    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_the_database_undoes_a_request_that_takes_too_long_and_the_asker_is_told(web: Web) -> None:
    with _with_more_routes(web, _slow, _limits, _limits_of_signing_in, _away) as client:
        for path in ("/test-limits", "/test-limits-of-signing-in"):
            assert client.get(path).json() == {
                "statement_timeout": "30s",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "1min",
            }
        answer = client.post("/api/test-slow", params={"what": "statement_timeout"})
        assert (answer.status_code, answer.json()["error"]) == (503, "too_slow")
        assert answer.headers["retry-after"] == "5"
        assert "稍后重试" in answer.json()["detail"]


def test_a_database_that_goes_away_is_not_our_inside_to_show(web: Web) -> None:
    with _with_more_routes(web, _away, _away_within, _away_at_the_end, _limits) as client:
        for address in ("/test-away", "/test-away-within", "/test-away-at-the-end"):
            answer = client.get(address)
            assert (answer.status_code, answer.json()["error"]) == (503, "try_again")
        assert client.get("/test-limits").status_code == 200


def test_a_refusal_carries_the_number_under_which_the_log_has_it(web: Web) -> None:
    answer = web.client.get(f"{API}/nowhere")
    assert answer.json()["reference"] == answer.headers["x-request-id"] != ""


def test_headers_that_are_too_long_are_refused_though_they_come_at_once(web: Web) -> None:
    with client_of(web.platform) as client:
        longest = client.get("/", headers={"X-Test": "x" * (limits.LONGEST_HEADERS - 1_000)})
        longer = client.get(f"{API}/offices", headers={"X-Test": "x" * limits.LONGEST_HEADERS})
    assert longest.status_code == 200
    assert (longer.status_code, longer.json()["error"]) == (431, "headers_too_long")


@pytest.mark.parametrize("levels", [2_000, 100_000])
def test_json_that_is_nested_too_deeply_is_refused_as_malformed(web: Web, levels: int) -> None:
    with client_of(web.platform) as client:
        body = "[" * levels + "]" * levels
        answer = client.post(f"{API}/registrations", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.json()["error"] in {"malformed", "malformed_fields"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_asks_to_come_back(web: Web, number: int) -> None:
    @get("/full", sync_to_thread=True)
    def full() -> None:
        raise OSError(number, "no room")

    with _with_more_routes(web, full) as client:
        answer = client.get("/full")
    assert (answer.status_code, answer.json()["error"]) == (503, "storage_full")
    assert answer.headers["retry-after"]
