"""The number of requests that one process works on at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from litestar.concurrency import set_asyncio_executor

HANDLERS: Final = 24
"""Threads for handlers, which mostly wait for the database: fewer than the 32 connections that the engine may open, so
that the background worker and the commits always find one. With Python's default, four more than there are processors,
a handful of slow requests would delay all others.
"""


def have_enough_threads() -> None:
    """Run handlers on ``HANDLERS`` threads from now on; called once, before serving begins."""
    set_asyncio_executor(ThreadPoolExecutor(HANDLERS, thread_name_prefix="handler"))
