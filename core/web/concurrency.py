"""How many requests are worked on at once in one process."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from litestar.concurrency import set_asyncio_executor

HANDLERS: Final = 24
"""Threads for handlers, which mostly wait for the database: fewer than the 32 connections that the engine may open, so
that the worker beside and the commits always find one. Python's own choice, four more than there are processors, would
have a handful of slow requests hold up everybody.
"""


def have_enough_threads() -> None:
    """Let handlers run on ``HANDLERS`` threads from now on; once, before serving begins."""
    set_asyncio_executor(ThreadPoolExecutor(HANDLERS, thread_name_prefix="handler"))
