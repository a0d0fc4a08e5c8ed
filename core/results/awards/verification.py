"""Verification of a certificate: open to anybody with number and name; every wrong question gets the same answer.

The question names number and holder, or brings the signed code on the paper, which holds both. PostgreSQL gets only the
digest of the two, so that a wrong name is answered as a number that does not exist, in the same time.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import LargeBinary, func, literal, select, text

from core.db.session import ScopedSession
from core.security.signatures import read_code
from core.text import names

KIND: Final = "certificate"
"""The first field of the code on a certificate: it tells it from an admission ticket's."""
_LONGEST: Final = 100


_GROUNDS: Final[Mapping[str, str]] = {
    "violation": "持证人有违规行为，依生效的处理决定撤销",
    "error": "发证后查明原审查有误，依生效的决定撤销",
    "correction": "成绩更正后未达到合格标准",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer about a certificate that exists: only what is printed on it, and since when and why it is void.

    ``revoked_ground`` is the kind of a revocation; ``ground`` is that of another certificate in its place.
    """

    number: str
    year: int
    grade: int
    trade: str
    issued_at: datetime
    revoked_at: datetime | None
    revoked_ground: str
    superseded_at: datetime | None = None
    ground: str | None = None
    successor: str | None = None

    @property
    def why(self) -> str:
        """Why it was revoked, in plain words; empty for a valid one."""
        return _GROUNDS.get(self.revoked_ground, "")

    @property
    def valid(self) -> bool:
        """Whether it still holds."""
        return self.revoked_at is None and self.superseded_at is None

    @property
    def superseded(self) -> bool:
        """Whether another certificate, whose number is ``successor``, has taken its place."""
        return self.superseded_at is not None


def digest_for(number: str, name: str) -> bytes:
    """The key of a certificate: SHA-256 of its number and its holder's name as names are compared."""
    return _digest(number, names.compared(name))


def standing(session: ScopedSession, *, number: str, name: str) -> Standing | None:
    """The certificate of this number and this holder; None where either of the two is wrong."""
    asked = name[:_LONGEST]
    # Certificates from before names were compared in one form have the digest of the written name.
    digests = (digest_for(number[:_LONGEST], asked), _digest(number[:_LONGEST], names.readable(asked).replace(" ", "")))
    # Everything is asked of every digest, so that no answer is told from another by the time it takes.
    found = [_asked(session, digest) for digest in digests]
    return next(filter(None, found), None)


def standing_by_code(session: ScopedSession, code: str, *, public_keys: Collection[str]) -> Standing | None:
    """The certificate whose code this is, as scanned (with or without an address before it); None for any other."""
    fields = read_code(_bare(code), public_keys)
    if fields is None or len(fields) < 3 or fields[0] != KIND:
        # The same work as for a code of ours, so that the two cannot be told apart by the time they take.
        return standing(session, number="", name="")
    return standing(session, number=fields[1], name=fields[2])


def _asked(session: ScopedSession, digest: bytes) -> Standing | None:
    key = literal(digest, LargeBinary)
    row = session.execute(select(text("*")).select_from(func.certificate_standing(key))).one_or_none()
    later = session.execute(select(text("*")).select_from(func.certificate_successor(key))).one_or_none()
    return None if row is None else Standing(*row, *(later or ()))


def _digest(number: str, name: str) -> bytes:
    return hashlib.sha256(f"{_plain(number).upper()}\n{name}".encode()).digest()


def _bare(code: str) -> str:
    trimmed = code.strip()
    found = parse_qs(urlsplit(trimmed).query).get("code") if "?" in trimmed else None
    return found[0] if found else trimmed


def _plain(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).split())
