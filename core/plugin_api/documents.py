"""The part of ``core.plugin_api`` about uploaded files: a file as a plugin sees it, and a scanner's answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class ScanVerdict(StrEnum):
    """What a scanner found: nothing, something, or that it could not look."""

    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """One scanner's verdict. ``remark`` is for operators, in English: a signature's name, or why it could not look."""

    verdict: ScanVerdict
    scanner: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A file as a plugin sees it: no name and no person. ``chunks()`` reads the content from its beginning.

    ``application_id`` is empty where the file belongs to no application; ``material`` then says to what, and in which
    capacity, such as ``sanction_case.evidence``.
    """

    document_id: str
    application_id: str
    material: str
    media_type: str
    size: int
    sha256: str
    chunks: Callable[[], Iterable[bytes]] = field(repr=False)
