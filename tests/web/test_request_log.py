"""Each request leaves one line, by its route and never by its address, and an id that its answer carries too."""

import io
import json
import logging
import uuid
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import anyio
import pytest
from litestar.types import Message, Receive, Scope, Send

from core import logs
from core.web.request_log import RequestLog
from tests.callers import API, Web

GIVEN = "4de5b2bf7bf74a7fb71c18b6abe2ab2c"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log lines of the test."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.formatter())
    logging.getLogger("kaowu.requests").addHandler(handler)
    yield handler.stream
    logging.getLogger("kaowu.requests").removeHandler(handler)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """The lines without what differs each time."""
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return [{key: line[key] for key in ("method", "route", "status", "account_id")} for line in found]


def test_a_request_is_logged_by_its_route_and_not_by_its_address(web: Web, log: io.StringIO) -> None:
    applicant = web.applicant()
    me = applicant.get("/me").json()["account_id"]
    secret = "990000198005060010"
    applicant.get(f"/applications/{uuid.uuid4()}", search=secret)
    web.client.get(f"{API}/nowhere/{secret}")
    assert lines(log) == [
        {"method": "GET", "route": "/api/v1/me", "status": 200, "account_id": me},
        {"method": "GET", "route": "/api/v1/applications/{application_id}", "status": 404, "account_id": me},
        {"method": "GET", "route": "none", "status": 404, "account_id": None},
    ]
    assert secret not in log.getvalue()


def test_the_answer_and_the_log_carry_the_same_new_id(web: Web, log: io.StringIO) -> None:
    answer = web.client.get(f"{API}/offices", headers={"X-Request-ID": GIVEN})
    assert answer.headers["X-Request-ID"] == json.loads(log.getvalue())["request_id"]
    assert answer.headers["X-Request-ID"] != GIVEN


@pytest.mark.parametrize(
    ("client", "given", "kept"),
    [
        ("10.1.2.3", GIVEN, True),
        ("10.1.2.3", "0199a1b2-0000-4000-8000-123456789abc", True),
        ("10.1.2.3", "990000198005060010", False),
        ("192.0.2.1", GIVEN, False),
        ("a socket", GIVEN, False),
    ],
)
def test_an_id_is_taken_over_from_a_trusted_proxy_alone_and_only_if_it_is_one(
    client: str, given: str, kept: bool
) -> None:
    answered: list[Message] = []

    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        answered.append(message)

    scope: Any = {
        "type": "http",
        "method": "GET",
        "client": (client, 1),
        "headers": [(b"x-request-id", given.encode())],
    }
    anyio.run(RequestLog(application, trusted=(ip_network("10.0.0.0/8"),)), scope, receive, send)
    start: Any = answered[0]
    assert (dict(start["headers"])[b"x-request-id"].decode() == given) is kept
