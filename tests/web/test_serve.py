"""`kaowu serve` finds a port: the one asked for, or the next that is free."""

from __future__ import annotations

import contextlib
import socket

import pytest

from core.cli import serve
from core.errors import ConfigurationError


def test_a_free_port_is_taken_as_asked() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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
