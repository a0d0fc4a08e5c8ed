"""`kaowu serve` finds a port: the one asked for, or the next that is free; and answers there without waiting."""

import contextlib
import socket
from typing import Any

import pytest

from core.cli import serve
from core.errors import ConfigurationError
from tests.serving import free_port, served


async def _hello(_scope: Any, _receive: Any, send: Any) -> None:
    """The smallest application: it answers every request with one word."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def test_a_free_port_is_taken_as_asked() -> None:
    port = free_port()
    with contextlib.closing(serve.listen("127.0.0.1", port)) as listener:
        assert listener.getsockname() == ("127.0.0.1", port)


def test_where_a_port_is_taken_the_next_free_one_is_used() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with contextlib.closing(serve.listen("127.0.0.1", port)) as listener:
            assert listener.getsockname()[1] > port


def test_an_address_that_is_not_this_machines_is_refused_in_words() -> None:
    with pytest.raises(ConfigurationError, match=r"Cannot listen on 192\.0\.2\.1"):
        serve.listen("192.0.2.1", 18000)


def test_an_answer_on_a_kept_connection_is_sent_at_once() -> None:
    with served(_hello) as (server, port), socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        for _ in range(2):
            caller.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answer = b""
            while not answer.endswith(b"hello"):
                answer += caller.recv(4096)
        [accepted] = [connection.transport.get_extra_info("socket") for connection in server.server_state.connections]
        assert accepted.getpeername() == caller.getsockname()
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
