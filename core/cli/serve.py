"""`kaowu serve`: the web application on this machine."""

import contextlib
import socket

import click
import uvicorn

from core import logs
from core.app import create_app
from core.db.isolation import check_running_role
from core.errors import ConfigurationError
from core.platform import Platform, open_platform
from core.settings import Settings
from core.web.concurrency import have_enough_threads
from core.web.limits import LONGEST_HEADERS
from core.worker import run_in_background

_PORTS_TRIED = 20


@click.command()
@click.option("--host", default=None, help="The address to listen on; KAOWU_HOST, or 127.0.0.1, unless given.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="KAOWU_PORT, or 8000, unless given.")
def serve(*, host: str | None, port: int | None) -> None:
    """Serve pages and API until Ctrl-C. Where the port is taken, the next free one is used."""
    settings = Settings.load()
    logs.configure(settings.log_level, file=settings.log_file)
    with open_platform(settings) as platform:
        run(platform, port or settings.port, host=host or settings.host)


def run(platform: Platform, port: int, *, host: str = "127.0.0.1") -> None:
    """Serve an open platform until Ctrl-C, with a worker beside; where ``port`` is taken, take the next that is free.

    Raises ConfigurationError for a database role that could get round the isolation of offices.
    """
    with platform.engine.connect() as connection:
        check_running_role(connection)
    have_enough_threads()
    with contextlib.closing(listen(host, port)) as listener:
        found = listener.getsockname()[1]
        if found != port:
            click.echo(f"Port {port} is taken; using {found} instead.")
        click.echo(f"Kaowu is ready: http://{f'[{host}]' if ':' in host else host}:{found} (Ctrl-C ends it)")
        config = uvicorn.Config(
            create_app(platform),
            log_config=None,
            access_log=False,
            server_header=False,
            # The application knows which proxies to trust; uvicorn would believe every program of this machine.
            proxy_headers=False,
            h11_max_incomplete_event_size=LONGEST_HEADERS,
        )
        with run_in_background(platform):
            uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on ``port``, or on the next one that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + _PORTS_TRIED, 65536) - 1
    for candidate in range(port, last + 1):
        # asyncio sends an answer at once (TCP_NODELAY) only on a socket that names its protocol; those that it accepts
        # take the name over. Without it an answer on a kept connection waits 40 ms, until its head is acknowledged.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        # Without this a port stays taken for a minute after the last server on it has ended.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen()
        except OSError as error:
            listener.close()
            if candidate == last:
                raise ConfigurationError(f"Cannot listen on {host}, ports {port} to {last}: {error}") from error
        else:
            return listener
    raise AssertionError("at least one port is tried")
