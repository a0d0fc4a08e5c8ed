"""What the database knows of the keys that belong to it: no key, and nothing from which one follows."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class KeyFingerprint(Base):
    """One key of this installation, by what it is for and its number; ``retired_at`` is when it opened its last value.

    ``fingerprint`` is a signing key's public key, the look-up key's hash of a fixed text, or that text as an encryption
    key sealed it. The number is an encryption key's id, 0 for the look-up key, and a count for signing keys.
    """

    __tablename__ = "key_fingerprints"
    __table_args__ = (
        CheckConstraint("purpose IN ('encryption', 'lookup', 'record', 'papers')", name="purpose_is_known"),
        CheckConstraint("purpose = 'encryption' OR retired_at IS NULL", name="encryption_keys_alone_retire"),
    )

    purpose: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[bytes]
    noted_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
