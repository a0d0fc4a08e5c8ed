"""The rows of uploaded files. Their bytes lie, encrypted, behind the storage interface.

A ``Document`` is a paper of an application; an ``Attachment`` belongs to anything else. Both are kept alike.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import KeyedRow, OfficeRow, only_one
from core.db.sealed import Sealed
from core.documents.attachment_subjects import KINDS, Kind, Seen, Subject, kind_of
from core.plugin_api import ScanVerdict

_VERDICTS = f"scan_verdict IN ({', '.join(repr(verdict.value) for verdict in ScanVerdict)})"
_SUBJECTS = f"subject_type IN ({', '.join(repr(subject.value) for subject in Subject)})"
_KINDS = f"(subject_type, kind) IN ({', '.join(f'({kind.subject.value!r}, {kind.code!r})' for kind in KINDS)})"


class FileColumns:
    """The columns of every file.

    ``sealed_key`` is the file's own key, sealed by the installation's: a change of keys touches rows and no file, and
    erasing the row makes every copy of the file unreadable. ``scan_verdict`` is the last result of the scanners.
    """

    __tablename__: str

    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    sealed_key: Mapped[bytes] = mapped_column(Sealed)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[uuid.UUID]
    erased_at: Mapped[datetime | None]
    scan_verdict: Mapped[str]
    scanned_at: Mapped[datetime | None]


class Document(FileColumns, KeyedRow):
    """One file of one application, addressed within it by the SHA-256 of its content. Never changed; superseded."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint(_VERDICTS, name="scan_verdict_is_known"),
        Index("ix_documents_application_id_material", "application_id", "material"),
        only_one("uq_documents_current", "application_id", "material", where="superseded_at IS NULL"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    material: Mapped[str]
    superseded_at: Mapped[datetime | None]

    @property
    def folder(self) -> str:
        """The folder of the store where its bytes lie: one for each application."""
        return str(self.application_id)

    @property
    def what(self) -> str:
        """Its name for scanners and lists of faults: the material."""
        return self.material


class Attachment(FileColumns, OfficeRow):
    """One file of a thing besides applications: an instrument, a stamped roster, evidence. Insert-only.

    ``subject_type`` and ``subject_id`` name the thing, ``kind`` the capacity
    (:mod:`core.documents.attachment_subjects`); ``office_id`` is the subject's office. ``received_sha256`` is of the
    file as it came, ``sha256`` of the stored one: an image is redrawn. A wrong file stays, and the right one
    ``supersedes`` it for a ``reason``.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint(_VERDICTS, name="scan_verdict_is_known"),
        CheckConstraint(_SUBJECTS, name="subject_is_known"),
        CheckConstraint(_KINDS, name="kind_is_known"),
        CheckConstraint("btrim(title) <> ''", name="has_a_title"),
        CheckConstraint("(supersedes IS NULL) = (btrim(reason) = '')", name="superseded_for_a_reason"),
        CheckConstraint("supersedes <> id", name="supersedes_another"),
        UniqueConstraint("id", "subject_type", "subject_id", "kind"),
        # What is superseded belongs to the same thing in the same capacity, and is superseded once.
        ForeignKeyConstraint(
            ["supersedes", "subject_type", "subject_id", "kind"],
            ["attachments.id", "attachments.subject_type", "attachments.subject_id", "attachments.kind"],
        ),
        UniqueConstraint("supersedes"),
        Index("ix_attachments_subject_id", "subject_id", "subject_type"),
        Index("ix_attachments_office_id", "office_id", "id"),
        Index("ix_attachments_application_id", "application_id"),
    )

    subject_type: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"))
    kind: Mapped[str]
    title: Mapped[str]
    received_sha256: Mapped[str]
    uploaded_name: Mapped[str]
    supersedes: Mapped[uuid.UUID | None]
    reason: Mapped[str] = mapped_column(default="")

    @property
    def folder(self) -> str:
        """The folder of the store where its bytes lie: one for each thing that files belong to."""
        return f"attachments/{self.subject_id}"

    @property
    def what(self) -> str:
        """Its name for scanners and lists of faults: the kind of thing and the capacity."""
        return f"{self.subject_type}.{self.kind}"

    @property
    def capacity(self) -> Kind:
        """The capacity in which it belongs to its thing."""
        found = kind_of(Subject(self.subject_type), self.kind)
        assert found is not None  # noqa: S101 - the database holds the table of kinds
        return found

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries: the case where all readers of the case may see the file, else its thing."""
        case = self.application_id if self.capacity.seen is Seen.WITH_SUBJECT else None
        known = {
            "attachment": str(self.id),
            "subject": self.subject_type,
            "subject_id": str(self.subject_id),
            "kind": self.kind,
            "sha256": self.sha256,
        }
        if case is None:
            return RecordSubject(self.office_id, self.subject_type, self.subject_id, known)
        return RecordSubject(self.office_id, "application", case, known)


class TableExport(OfficeRow):
    """A large table that somebody has ordered as a file (导出): which one, how far it is, and the key of its file.

    ``address`` is the route that would have answered at once, with the ``query`` and the ``path`` of the request;
    ``filters`` say the same in words. ``rows`` are those written so far; ``stopped`` says why there will be no file.
    The grant is that of the role in which it was ordered: with another, or after its end, it is not offered.
    """

    __tablename__ = "table_exports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'working', 'ready', 'failed', 'stopped')", name="state_is_known"),
        CheckConstraint("(state = 'ready') = (sha256 IS NOT NULL)", name="ready_has_a_digest"),
        CheckConstraint("(state = 'stopped') = (stopped <> '')", name="stopped_for_a_reason"),
        Index("ix_table_exports_account_id_asked_at", "account_id", "asked_at"),
        Index("ix_table_exports_asked_at", "asked_at"),
    )

    account_id: Mapped[uuid.UUID]
    grant_id: Mapped[uuid.UUID | None]
    unit_id: Mapped[uuid.UUID | None]
    address: Mapped[str]
    query: Mapped[dict[str, Any]]
    path: Mapped[dict[str, Any]]
    title: Mapped[str]
    filters: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    stopped: Mapped[str] = mapped_column(default="")
    rows: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    sealed_key: Mapped[bytes] = mapped_column(Sealed)

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries: the account that ordered it."""
        told = {"table": self.title, "export": str(self.id)}
        return RecordSubject(self.office_id, "account", self.account_id, told)


KeptFile = Document | Attachment
"""An uploaded file of either kind."""
