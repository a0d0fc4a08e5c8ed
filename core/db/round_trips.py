"""Statements that travel together: one round trip to the database instead of one each (the pipeline of libpq).

For the few statements that every request makes. They are plain text and go past SQLAlchemy's compiler, and are checked
by the same policies as any other: the settings of the session go before them.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from functools import cache
from itertools import chain
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]
_PLAN_KEPT = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"
_PLAN_FREE = "SELECT set_config('plan_cache_mode', 'auto', true)"


def make_settings(connection: Connection, settings: Mapping[str, str]) -> None:
    """Make the settings of the connection's transaction, which end with it."""
    connection.exec_driver_sql(_set(len(settings)), tuple(chain.from_iterable(settings.items())))


def ask_planned(connection: Connection, statement: str, values: Mapping[str, object]) -> list[Row]:
    """The rows of a large statement that many requests ask, by the plan that PostgreSQL keeps for it.

    Left to itself PostgreSQL plans such a statement anew for each request once its tables are long, and that takes
    longer than to answer it. The setting comes and goes in the same round trip.
    """
    driver = _driver(connection.connection)
    try:
        with driver.pipeline():
            driver.execute(_PLAN_KEPT)
            answer = driver.execute(statement, values)
            driver.execute(_PLAN_FREE)
        return answer.fetchall()
    except psycopg.Error as error:
        # The transaction has failed: what SQLAlchemy would raise for it, and do about a connection that is lost.
        if driver.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(statement, None, error, psycopg.Error) from error


def ask(
    bind: Engine | Connection, settings: Mapping[str, str], statement: str, values: Mapping[str, object]
) -> list[Row]:
    """The rows of one statement that changes nothing: in the transaction of a connection, or in one of its own.

    After any error of the driver SQLAlchemy asks the same: it has exceptions of its own, and empties the pool when the
    connection is lost.
    """
    try:
        if isinstance(bind, Connection):
            return _ask(_driver(bind.connection), settings, statement, values)
        with closing(bind.raw_connection()) as pooled, _alone(_driver(pooled)) as driver:
            return _ask(driver, settings, statement, values)
    except psycopg.Error:
        with bind.begin() if isinstance(bind, Engine) else nullcontext(bind) as connection:
            make_settings(connection, settings)
            return [tuple(row) for row in connection.exec_driver_sql(statement, dict(values))]


@contextmanager
def _alone(driver: psycopg.Connection[Row]) -> Iterator[psycopg.Connection[Row]]:
    """What travels together is then one transaction, which ends with the round trip, without a BEGIN and a COMMIT."""
    driver.autocommit = True
    try:
        yield driver
    finally:
        driver.autocommit = False


def _ask(
    driver: psycopg.Connection[Row], settings: Mapping[str, str], statement: str, values: Mapping[str, object]
) -> list[Row]:
    with driver.pipeline():
        driver.execute(_set(len(settings)), tuple(chain.from_iterable(settings.items())))
        answer = driver.execute(statement, values)
    return answer.fetchall()


@cache
def _set(number: int) -> str:
    return "SELECT " + ", ".join(["set_config(%s, %s, true)"] * number)


def _driver(pooled: PoolProxiedConnection) -> psycopg.Connection[Row]:
    driver = pooled.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the project knows no other driver
    return driver
