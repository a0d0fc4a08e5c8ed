"""The encrypted columns: two types of column, by which a change of keys finds them all."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData
from sqlalchemy.types import TypeDecorator


class Sealed(TypeDecorator[bytes]):
    """A column whose values :meth:`core.security.keys.KeyProvider.encrypt` makes for its table, column and row.

    Its table has one UUID as its key. A change of keys seals it again; the role ``kaowu_keeper`` must be able to select
    it and its row's key, and to update it (a test names the missing statements).
    """

    impl = LargeBinary
    cache_ok = True


class LookupHash(TypeDecorator[bytes]):
    """A column with the keyed hash of the sealed column ``of`` of the same row."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of


def sealed_columns(metadata: MetaData) -> Iterator[Column[Any]]:
    """Every sealed column of the models, by table and name."""
    return _columns(metadata, Sealed)


def lookup_columns(metadata: MetaData) -> Iterator[Column[Any]]:
    """Every column of look-up hashes, by table and name."""
    return _columns(metadata, LookupHash)


def _columns(metadata: MetaData, kind: type[TypeDecorator[bytes]]) -> Iterator[Column[Any]]:
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, kind))
