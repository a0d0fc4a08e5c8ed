"""Proof that one entry is on the record: its batch's signed head, and its way up to the batch's root."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.audit import merkle
from core.audit.heads import Head, head_of
from core.audit.models import RecordBatch, RecordEntry, RecordSeal
from core.audit.service import digest_of, entry_content
from core.db.session import ScopedSession
from core.errors import Conflict, NotFound
from core.security.signatures import is_signed


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof that an entry was on the record; the public key alone is enough to check it.

    The digest of ``content`` at ``position``, with the roots ``beside`` its way up, makes the root of the signed head.
    """

    content: dict[str, Any]
    position: int
    beside: tuple[bytes, ...]
    head: Head
    signature: bytes

    def holds(self) -> bool:
        """Whether the proof holds by the key that its head names."""
        try:
            root = merkle.root_by_path(digest_of(self.content), self.position, self.head.size, self.beside)
        except ValueError:
            return False
        return root == self.head.root and is_signed(self.head.key, self.head.digest(), self.signature)

    def plain(self) -> dict[str, Any]:
        """The proof as JSON, digests as hex."""
        return {
            "entry": self.content,
            "position": self.position,
            "beside": [digest.hex() for digest in self.beside],
            "head": self.head.plain(),
            "signature": self.signature.hex(),
        }


def prove_entry(session: ScopedSession, entry_id: UUID) -> Proof:
    """The proof of an entry of the session's own office, or of any in the province's sight.

    NotFound where there is none; Conflict while it is unsealed, and where it differs from the sealed entry.
    """
    entry, seal = session.get(RecordEntry, entry_id), session.get(RecordSeal, entry_id)
    if entry is None:
        raise NotFound("entry_unknown", "没有找到这条记录，或您无权查看。请核对编号。")
    if seal is None:
        raise Conflict("entry_unsealed", "这条记录尚未封存，通常在数秒内完成。请稍后再试。")
    batch = session.get_one(RecordBatch, (seal.office_id, seal.batch))
    neighbours = select(RecordSeal.digest).where(RecordSeal.office_id == seal.office_id, RecordSeal.batch == seal.batch)
    digests = session.scalars(neighbours.order_by(RecordSeal.position)).all()
    beside = merkle.path(digests, min(seal.position, len(digests) - 1))
    proof = Proof(entry_content(entry), seal.position, tuple(beside), head_of(batch), batch.signature)
    if not proof.holds():
        raise Conflict("entry_broken", "这条记录与封存时不一致。请立即联系省中心，由其核验全部记录。")
    return proof
