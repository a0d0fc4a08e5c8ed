"""Which columns are encrypted: two types of column, by which whatever goes through them all finds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData
from sqlalchemy.types import TypeDecorator


class Sealed(TypeDecorator[bytes]):
    """The type of a column that holds what :meth:`core.security.keys.KeyProvider.encrypt` made for this
    table, column and row.

    Its table has one UUID as its key. A change of keys seals it anew; the role ``kaowu_keeper`` must be able to select
    it and its row's key, and to update it (a test names the statements that are missing).
    """

    impl = LargeBinary
    cache_ok = True


class LookupHash(TypeDecorator[bytes]):
    """The type of a column that holds the keyed hash of a sealed column, ``of``, of the same row."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of


def sealed_columns(metadata: MetaData) -> Iterator[Column[Any]]:
    """Every sealed column of the models, by table and name."""
    return _columns(metadata, Sealed)


def lookup_columns(metadata: MetaData) -> Iterator[Column[Any]]:
    """Every column that the look-up key made, likewise."""
    return _columns(metadata, LookupHash)


def _columns(metadata: MetaData, kind: type[TypeDecorator[bytes]]) -> Iterator[Column[Any]]:
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, kind))
