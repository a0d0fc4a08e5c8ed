"""The database of this machine: that of ``KAOWU_DATABASE_URL``, else the embedded one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import make_url

from core.db import roles
from core.db.server.embedded import MAJOR, EmbeddedServer
from core.errors import ConfigurationError
from core.settings import Settings


@dataclass(frozen=True, slots=True, repr=False)
class Databases:
    """The addresses of the database for the running role and the owner, in SQLAlchemy's form, passwords included."""

    app_url: str
    optional_owner_url: str | None

    @property
    def owner_url(self) -> str:
        """Return the owner's address, for migrations; raises ConfigurationError where it was not given."""
        if self.optional_owner_url is None:
            raise ConfigurationError("Migrations run as kaowu_owner: set KAOWU_OWNER_DATABASE_URL")
        return self.optional_owner_url


def database_addresses(settings: Settings) -> Databases:
    """Return the addresses without starting anything."""
    if settings.database_url is not None:
        owner = settings.owner_database_url
        return Databases(settings.database_url.get_secret_value(), owner.get_secret_value() if owner else None)
    server = embedded_server(settings)
    return Databases(
        server.address(roles.APP).render_as_string(hide_password=False),
        server.address(roles.OWNER).render_as_string(hide_password=False),
    )


_NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Half a million short statements over few rows: a plan for each costs more than it gains.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


@contextmanager
def open_database(settings: Settings, *, durable: bool = True) -> Iterator[Databases]:
    """Open the database for the duration of the block. The embedded server stops when its last user leaves.

    A server that is started here and is not ``durable`` may lose everything by a power failure before it stops.

    Raises ConfigurationError, with the remedy, for a server that does not start, cannot be reached or has another
    major version.
    """
    if settings.database_url is not None:
        addresses = database_addresses(settings)
        _check_version(addresses.app_url)
        yield addresses
    else:
        server = embedded_server(settings, durable=durable)
        with server.in_use(), server.kept_alive():
            yield database_addresses(settings)


def embedded_server(settings: Settings, *, durable: bool = True) -> EmbeddedServer:
    """Return the embedded server of this machine; raises ConfigurationError where another one is configured."""
    if settings.database_url is not None:
        raise ConfigurationError(
            "KAOWU_DATABASE_URL names a PostgreSQL of your own; there is no embedded one to manage"
        )
    return EmbeddedServer(data_dir=settings.data_dir, options={} if durable else _NOT_DURABLE)


def libpq_url(url: str) -> str:
    """Return an address in the form of psql and pg_dump."""
    # libpq wants a space in a password written as %20, which SQLAlchemy leaves as it is.
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False).replace(" ", "%20")


def _check_version(url: str) -> None:
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        raise ConfigurationError(f"The PostgreSQL of KAOWU_DATABASE_URL does not answer: {error}") from error
    if version // 10_000 != MAJOR:
        raise ConfigurationError(
            f"Kaowu is tested on PostgreSQL {MAJOR} and on no other; KAOWU_DATABASE_URL names {version // 10_000}"
        )
