"""Where the tables of the two people differ: number, subject, the row in each, and both values.

A digest alone says that something differs and leaves two people to search thousands of cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from core.domain.pass_rules import STATUS_LABELS
from core.results.marks.reading import ReadMark


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One candidate's subject in both tables. A row is None, and its value says so, where a table lacks it."""

    reference: str
    subject: str
    first_row: int | None
    first: str = field(repr=False)
    second_row: int | None
    second: str = field(repr=False)


def mismatches(first: Sequence[ReadMark], second: Sequence[ReadMark]) -> list[Mismatch]:
    """The differences between two tables, by number and subject; empty where they say the same."""
    before, after = _by_key(first), _by_key(second)
    found = []
    for key in before.keys() | after.keys():
        own, other = before.get(key), after.get(key)
        if own is None or other is None or (own.mark, own.status) != (other.mark, other.status):
            found.append(_mismatch(own, other))
    return sorted(found, key=lambda mismatch: (mismatch.reference, mismatch.subject))


def _by_key(marks: Sequence[ReadMark]) -> Mapping[tuple[UUID, str], ReadMark]:
    return {(mark.application_id, mark.subject): mark for mark in marks}


def _mismatch(first: ReadMark | None, second: ReadMark | None) -> Mismatch:
    known = first or second
    assert known is not None  # noqa: S101 - the key comes from one of the two
    return Mismatch(
        known.reference,
        known.subject,
        None if first is None else first.row,
        _value(first),
        None if second is None else second.row,
        _value(second),
    )


def _value(mark: ReadMark | None) -> str:
    if mark is None:
        return "没有这一项"
    return STATUS_LABELS[mark.status] if mark.mark is None else str(mark.mark)
