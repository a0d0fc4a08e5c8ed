"""Lists of those who passed, objections to them, certificates, and packages for the archive.

No row copies a person's data from the application: names and numbers are read from there, through a view where the
public reads. The possible steps of a row are in :mod:`core.results.awards.certificate_life`; PostgreSQL holds the same.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow, only_one
from core.db.sealed import Sealed


class Publication(OfficeRow):
    """One edition of a list of those who passed: drafted, shown to the public for a time (公示), closed by a notice.

    A list that is out may be corrected: the next ``edition`` of the same ``version`` (第n份) takes its place, and
    ``changes`` says how it differs: positions alone, no person. Or it is withdrawn, and counts for nothing any more.
    ``shown_days`` is how long the notice stays public once it is closed or withdrawn. ``name_shown``, ``tail_digits``
    and ``units_shown`` say how much of each person is shown; they are pinned here, so that a later change of
    configuration reveals nothing more of a published list. ``digest`` is of the published list.
    Source: 2024 notice §3(6), 公布各等级考核考评结果，下发合格人员通知.
    """

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "version", "edition"),
        CheckConstraint("state IN ('draft', 'published', 'corrected', 'withdrawn', 'closed')", name="state_is_known"),
        CheckConstraint("name_shown IN ('full', 'middle', 'surname')", name="name_shown_is_known"),
        CheckConstraint("tail_digits BETWEEN 0 AND 4", name="shows_four_digits_at_most"),
        CheckConstraint(
            "(state = 'draft') = (published_at IS NULL) AND (published_at IS NULL) = (ends_at IS NULL)",
            name="period_when_published",
        ),
        CheckConstraint("published_at < ends_at", name="period_is_in_order"),
        CheckConstraint(
            "CASE state WHEN 'closed' THEN closed_at IS NOT NULL WHEN 'withdrawn' THEN true ELSE closed_at IS NULL END",
            name="closed_at_a_moment",
        ),
        CheckConstraint(
            "(state IN ('corrected', 'withdrawn')) = (ended_at IS NOT NULL) "
            "AND (ended_at IS NULL OR btrim(ended_reason) <> '')",
            name="ended_for_a_reason",
        ),
        CheckConstraint("edition = 1 OR btrim(edition_reason) <> ''", name="corrected_for_a_reason"),
        CheckConstraint("closed_at >= ends_at", name="closed_after_its_period"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    version: Mapped[int]
    grades: Mapped[list[int]]
    state: Mapped[str]
    working_days: Mapped[int]
    name_shown: Mapped[str]
    tail_digits: Mapped[int]
    units_shown: Mapped[bool]
    entry_count: Mapped[int]
    digest: Mapped[bytes]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[uuid.UUID]
    published_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None]
    ends_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]
    notice_number: Mapped[str] = mapped_column(default="")
    edition: Mapped[int] = mapped_column(default=1)
    edition_reason: Mapped[str] = mapped_column(default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]
    ended_reason: Mapped[str] = mapped_column(default="")
    shown_days: Mapped[int] = mapped_column(default=0)
    shown_until: Mapped[datetime | None]

    @property
    def called(self) -> str:
        """Its name among the lists of a year: 第2份, and 第2份（更正第2版） once it was corrected."""
        return f"第{self.version}份" + (f"（更正第{self.edition}版）" if self.edition > 1 else "")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told: dict[str, Any] = {"year": self.year, "version": self.version, "count": self.entry_count}
        told["digest"] = self.digest.hex()
        if self.edition > 1:
            told["edition"] = self.edition
        return RecordSubject(self.office_id, "publication", self.id, told)


class PublicationEntry(Base):
    """One person's line in a list, by their application. A line that falls to an objection is struck, never removed.

    ``struck_by_correction`` is the corrected mark that took the pass; where a later one gives it back, the person may
    be listed again. ``released_at`` ends what a line binds: its list was corrected or withdrawn, or the person was
    restored after the list was over; they may be listed again. ``shown`` holds a digest of each field as it went out,
    so that a corrected edition can say which rows it alters without a copy of anybody's name.
    """

    __tablename__ = "publication_entries"
    __table_args__ = (
        UniqueConstraint("publication_id", "position"),
        only_one(
            "uq_publication_entries_standing", "application_id", where="struck_at IS NULL AND released_at IS NULL"
        ),
        CheckConstraint("struck_at IS NULL OR btrim(struck_reason) <> ''", name="struck_for_a_reason"),
    )

    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    position: Mapped[int]
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[uuid.UUID | None]
    struck_reason: Mapped[str] = mapped_column(default="")
    struck_by_correction: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("mark_corrections.id"))
    released_at: Mapped[datetime | None]
    shown: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Objection(OfficeRow):
    """An objection to a published list. The objector's name and number are sealed: the office alone reads them.

    ``asked_by_hash`` is the keyed hash of receipt and mobile number, by which the objector asks for the answer.
    ``remedy`` is what an upheld objection to the whole list leads to: its correction or its withdrawal.
    """

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'sustained', 'dismissed', 'lapsed')", name="state_is_known"),
        CheckConstraint("remedy IN ('', 'correct', 'withdraw')", name="remedy_is_known"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at_a_moment"),
        CheckConstraint("state = 'open' OR btrim(reason) <> ''", name="decided_for_a_reason"),
        Index("ix_objections_office_id_publication_id", "office_id", "publication_id"),
    )

    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publications.id"))
    receipt: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int | None]
    grounds: Mapped[str]
    contact: Mapped[bytes] = mapped_column(Sealed)
    received_at: Mapped[datetime]
    state: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    reason: Mapped[str] = mapped_column(default="")
    remedy: Mapped[str] = mapped_column(default="")
    asked_by_hash: Mapped[bytes | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"publication": str(self.publication_id), "position": self.position}
        return RecordSubject(self.office_id, "objection", self.id, told)


class Striking(OfficeRow):
    """A proposal to strike somebody off a list that is out (取消公示资格), or to take them back (恢复).

    One officer proposes, the person is heard until ``heard_until``, a second officer decides. The person, too, may ask
    to be taken back. ``objection_id`` is the objection that the decision answers.
    """

    __tablename__ = "strikings"
    __table_args__ = (
        CheckConstraint("kind IN ('strike', 'restore')", name="kind_is_known"),
        CheckConstraint("state IN ('proposed', 'granted', 'refused', 'lapsed')", name="state_is_known"),
        CheckConstraint("btrim(reason) <> ''", name="for_a_reason"),
        CheckConstraint("(kind = 'strike') = (heard_until IS NOT NULL)", name="heard_before_striking"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_at_a_moment"),
        CheckConstraint("state = 'proposed' OR btrim(remark) <> ''", name="decided_for_a_reason"),
        only_one("uq_strikings_one_open", "application_id", where="state = 'proposed'"),
        Index("ix_strikings_office_id_state", "office_id", "state"),
    )

    kind: Mapped[str]
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publications.id"))
    objection_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("objections.id"))
    state: Mapped[str]
    reason: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[uuid.UUID]
    proposed_on_behalf: Mapped[uuid.UUID | None]
    proposed_by_name: Mapped[str]
    heard_until: Mapped[datetime | None]
    statement: Mapped[str] = mapped_column(default="")
    stated_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"striking": str(self.id), "kind": self.kind, "publication": str(self.publication_id)}
        return RecordSubject(self.office_id, "application", self.application_id, told)


class Certificate(OfficeRow):
    """A certificate (等级证书) by its number, one in force for an application; never changed or removed.

    It may be revoked for good, or superseded by another row that names it in ``replaces_id``; the paper is called back
    and its return noted. ``verification`` is the digest of number and name, which a verifier must know. ``code`` is the
    text of the code on the paper, signed by the paper keys. ``holder_name`` and ``holder_tail`` are what the paper
    says; where they are None the case still says the same. ``former_name`` is printed beside the name (曾用名).
    """

    __tablename__ = "certificates"
    __table_args__ = (
        Index("ix_certificates_office_id_year", "office_id", "year", "number"),
        CheckConstraint("number ~ '^[0-9A-Z-]{6,32}$'", name="number_is_plain"),
        CheckConstraint("revoked_at IS NULL OR btrim(revoked_reason) <> ''", name="revoked_for_a_reason"),
        CheckConstraint("revoked_at >= issued_at", name="revoked_after_issue"),
        CheckConstraint(
            "returned_at IS NULL OR returned_at >= coalesce(revoked_at, superseded_at)",
            name="returned_once_called_back",
        ),
        CheckConstraint(
            "(superseded_at IS NULL) = (superseded_ground IS NULL) "
            "AND superseded_ground IN ('changed', 'wrong', 'misprint', 'lost')",
            name="superseded_for_a_ground",
        ),
        CheckConstraint("num_nonnulls(revoked_at, superseded_at) <= 1", name="revoked_or_superseded"),
        only_one("uq_certificates_in_force", "application_id", where="superseded_at IS NULL"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publications.id"), index=True)
    year: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    verification: Mapped[bytes] = mapped_column(unique=True)
    code: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by: Mapped[uuid.UUID]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[uuid.UUID | None]
    revoked_reason: Mapped[str] = mapped_column(default="")
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[uuid.UUID | None]
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"), unique=True)
    superseded_at: Mapped[datetime | None]
    superseded_ground: Mapped[str | None]
    holder_name: Mapped[str | None]
    holder_tail: Mapped[str | None]
    former_name: Mapped[str | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"certificate": str(self.id), "number": self.number}
        return RecordSubject(self.office_id, "application", self.application_id, told)


class CertificateReissue(OfficeRow):
    """A request to issue a certificate again (更换、补办): ground, proposer, and the second person's decision."""

    __tablename__ = "certificate_reissues"
    __table_args__ = (
        CheckConstraint("ground IN ('changed', 'wrong', 'misprint', 'lost')", name="ground_is_known"),
        CheckConstraint("state IN ('asked', 'proposed', 'granted', 'refused')", name="state_is_known"),
        CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),
        CheckConstraint("num_nulls(proposed_at, proposed_by) IN (0, 2)", name="proposal_is_signed"),
        CheckConstraint("num_nulls(decided_at, decided_by) IN (0, 2)", name="decision_is_signed"),
        CheckConstraint("(state IN ('granted', 'refused')) = (decided_at IS NOT NULL)", name="decided_when_settled"),
        CheckConstraint(
            "state IN ('asked', 'proposed') OR (proposed_by IS NOT NULL AND decided_by <> proposed_by)",
            name="two_people",
        ),
        only_one("uq_certificate_reissues_one_open", "certificate_id", where="state IN ('asked', 'proposed')"),
        Index("ix_certificate_reissues_office_id", "office_id", "state", "asked_at"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), index=True)
    ground: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    asked_on_behalf: Mapped[uuid.UUID | None]
    asked_by_name: Mapped[str]
    proposed_at: Mapped[datetime | None]
    proposed_by: Mapped[uuid.UUID | None]
    proposed_on_behalf: Mapped[uuid.UUID | None]
    proposed_by_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"reissue": str(self.id), "certificate": str(self.certificate_id), "ground": self.ground}
        return RecordSubject(self.office_id, "application", self.application_id, told)


class ArchivePackage(OfficeRow):
    """A package for the archive (归档材料), made by a job: its progress, and its digest once it is made.

    It is of one list, or of an office's whole season. Of a season there are several: the first is the archive, each
    later one a supplement with its ``reason``; ``serial`` numbers them.
    """

    __tablename__ = "archive_packages"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'making', 'made', 'failed')", name="state_is_known"),
        CheckConstraint("(state = 'made') = (sha256 IS NOT NULL)", name="made_has_a_digest"),
        CheckConstraint("done <= total", name="done_is_part_of_total"),
        CheckConstraint("(publication_id IS NULL) = (serial IS NOT NULL)", name="of_a_list_or_a_season"),
        CheckConstraint("serial IS NULL OR serial = 1 OR btrim(reason) <> ''", name="supplement_has_a_reason"),
        UniqueConstraint("office_id", "year", "serial"),
        Index("ix_archive_packages_office_id_year", "office_id", "year"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    publication_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("publications.id"))
    serial: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    requested_at: Mapped[datetime]
    requested_by: Mapped[uuid.UUID]
    made_at: Mapped[datetime | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    sealed_key: Mapped[bytes] = mapped_column(Sealed)
    failure: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        of_season = {"season": self.year, "serial": self.serial}
        of = of_season if self.publication_id is None else {"publication": str(self.publication_id)}
        return RecordSubject(self.office_id, "archive_package", self.id, of | {"sha256": self.sha256})
