"""Tables of the reviews: item verdicts, claims, assignments, rosters, on-site batches, custody of originals."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, KeyedRow, OfficeRow, only_one


class ReviewItem(KeyedRow):
    """One reviewer's verdict on one item of a form or one material (逐项审核). Source: 2024 notice §2(4)."""

    __tablename__ = "review_items"
    __table_args__ = (
        CheckConstraint("verdict IN ('correct', 'faulty')", name="verdict_is_known"),
        CheckConstraint("verdict = 'correct' OR reason_code <> ''", name="a_fault_has_a_reason"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    round: Mapped[int]
    stage: Mapped[str]
    item: Mapped[str]
    verdict: Mapped[str]
    reason_code: Mapped[str] = mapped_column(default="")
    comment: Mapped[str] = mapped_column(default="")
    account_id: Mapped[uuid.UUID]
    at: Mapped[datetime]


class ReviewAppeal(OfficeRow):
    """An appeal (申诉) against the decision that an application is not eligible, and its answer.

    ``move_id`` is the decision; each may be appealed once. ``decided_by_office_id`` was in charge of it, and the
    ``superior_office_id`` answers: it upholds the decision, or has the case reviewed again.
    """

    __tablename__ = "review_appeals"
    __table_args__ = (
        UniqueConstraint("move_id"),
        CheckConstraint("state IN ('open', 'upheld', 'reopened')", name="state_is_known"),
        CheckConstraint("btrim(grounds) <> ''", name="has_grounds"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_is_dated"),
        CheckConstraint("state = 'open' OR (answered_by IS NOT NULL AND btrim(answer) <> '')", name="has_an_answer"),
        Index("ix_review_appeals_superior_office_id", "superior_office_id", "state", "due_at"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    move_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("moves.id"))
    decided_by_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    superior_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    grounds: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None]
    answered_by_name: Mapped[str | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"appeal": str(self.id), "move": str(self.move_id), "superior": self.superior_office_id}
        return RecordSubject(self.office_id, "application", self.application_id, told)


class Inquiry(OfficeRow):
    """A question (咨询) of a person to an office, in general or about a case, and its answer.

    ``office_id`` was asked; a question about a case is answered by the office that has the case in hand.
    """

    __tablename__ = "inquiries"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered')", name="state_is_known"),
        CheckConstraint("btrim(question) <> ''", name="has_a_question"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_is_dated"),
        CheckConstraint("state = 'open' OR (answered_by IS NOT NULL AND btrim(answer) <> '')", name="has_an_answer"),
        Index("ix_inquiries_office_id", "office_id", "state", "asked_at"),
        Index("ix_inquiries_person_id", "person_id", "asked_at"),
        Index("ix_inquiries_open", "office_id", postgresql_where=text("state = 'open'")),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    person_name: Mapped[str]
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    question: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None]
    answered_by_name: Mapped[str | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record: the case, where it is about one."""
        if self.application_id is None:
            return RecordSubject(self.office_id, "inquiry", self.id)
        return RecordSubject(self.office_id, "application", self.application_id, {"inquiry": str(self.id)})


class DeskView(OfficeRow):
    """Filters, order and columns of the desk under a name, for one officer; the default one opens with the desk.

    ``filters`` are the parameters of the desk's address; ``columns`` the codes of the columns that are shown.
    """

    __tablename__ = "desk_views"
    __table_args__ = (
        UniqueConstraint("account_id", "office_id", "name"),
        CheckConstraint("btrim(name) <> ''", name="has_a_name"),
        only_one("uq_desk_views_one_default", "account_id", "office_id", where="is_default"),
    )

    account_id: Mapped[uuid.UUID]
    name: Mapped[str]
    is_default: Mapped[bool]
    filters: Mapped[dict[str, Any]]
    columns: Mapped[list[str]]
    saved_at: Mapped[datetime]


class BulkRun(OfficeRow):
    """Many cases that an officer decides at once in the background; ``done`` of ``total`` have their result.

    The officer's role is looked up again when the run begins. ``items`` are the faulty items of a return, each with
    reason code and comment; ``stopped`` says why a run ended before its last case.
    """

    __tablename__ = "bulk_runs"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        CheckConstraint("action IN ('approve', 'confirm', 'return')", name="action_is_known"),
        CheckConstraint("state IN ('waiting', 'working', 'ready', 'stopped')", name="state_is_known"),
        CheckConstraint("done <= total", name="no_more_than_asked_for"),
        CheckConstraint("(state = 'stopped') = (stopped <> '')", name="stopped_for_a_reason"),
        Index("ix_bulk_runs_account_id", "account_id", "asked_at"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    account_id: Mapped[uuid.UUID]
    grant_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    items: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(default="waiting")
    stopped: Mapped[str] = mapped_column(default="")
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"action": self.action, "cases": self.total}
        return RecordSubject(self.office_id, "bulk_run", self.id, told)


class BulkRunCase(OfficeRow):
    """One case of a run, as the officer saw it; ``refusal`` is empty where it was decided."""

    __tablename__ = "bulk_run_cases"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "office_id"], ["bulk_runs.id", "bulk_runs.office_id"], ondelete="CASCADE"),
        UniqueConstraint("run_id", "application_id"),
        CheckConstraint("decided_at IS NOT NULL OR refusal = ''", name="refused_at_some_time"),
        Index("ix_bulk_run_cases_open", "run_id", "application_id", postgresql_where=text("decided_at IS NULL")),
    )

    run_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    version: Mapped[int]
    refusal: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]


class CaseClaim(Base):
    """An officer's claim on a case at the desk, so that two officers do not read the same case.

    One row at most for each case and office.
    """

    __tablename__ = "case_claims"
    __table_args__ = (Index("ix_case_claims_office_id_account_id", "office_id", "account_id"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    account_id: Mapped[uuid.UUID]
    account_name: Mapped[str]
    at: Mapped[datetime]


class CaseAssignment(Base):
    """The reviewer to whom an office has assigned a case (分派): whose work it is, not who may decide it.

    One row at most for each case and office; it stays while the case is elsewhere, and holds again when it comes back.
    ``way`` is ``rule`` or ``hand``.
    """

    __tablename__ = "case_assignments"
    __table_args__ = (
        CheckConstraint("way IN ('rule', 'hand')", name="way_is_known"),
        Index("ix_case_assignments_office_id_account_id", "office_id", "account_id"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str]
    way: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    assigned_by: Mapped[uuid.UUID]
    assigned_by_name: Mapped[str]


class AssignmentRule(Base):
    """How an office assigns cases by itself: not at all, in turns, or by unit, trade or grade.

    ``most`` is how many undecided cases a reviewer is given at most; None for any number.
    """

    __tablename__ = "assignment_rules"
    __table_args__ = (
        CheckConstraint("kind IN ('none', 'turns', 'unit', 'trade', 'grade')", name="kind_is_known"),
        CheckConstraint("most > 0", name="most_is_positive"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    kind: Mapped[str]
    most: Mapped[int | None]
    set_at: Mapped[datetime]
    set_by: Mapped[uuid.UUID]


class ReviewerDuty(Base):
    """What a reviewer is given by the rule of an office (分工), and a leave (离岗), half-open.

    ``grades`` and ``trades`` are those that the rule gives to this reviewer; empty for all of them.
    """

    __tablename__ = "reviewer_duties"
    __table_args__ = (
        CheckConstraint("num_nulls(away_from, away_until) IN (0, 2)", name="leave_has_an_end"),
        CheckConstraint("away_from < away_until", name="leave_is_in_order"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    takes_part: Mapped[bool] = mapped_column(default=True)
    grades: Mapped[list[int]]
    trades: Mapped[list[str]]
    away_from: Mapped[datetime | None]
    away_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    set_at: Mapped[datetime]
    set_by: Mapped[uuid.UUID]


class Roster(KeyedRow):
    """One version of one of the two rosters of a unit, as printed and stamped. Source: 2024 notice §3(3).

    ``kind`` is ``passed`` (网上资格审查通过人员名册表) or ``onsite`` (需现场审查人员名册表).
    ``digest`` is the SHA-256 of ``rows``; it is printed on the paper.
    """

    __tablename__ = "rosters"
    __table_args__ = (
        UniqueConstraint("unit_id", "year", "kind", "version"),
        CheckConstraint("kind IN ('passed', 'onsite')", name="kind_is_known"),
    )

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    year: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int]
    rows: Mapped[list[Any]]
    digest: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]


class OnsiteBatch(KeyedRow):
    """The cases that a unit hands in together for on-site confirmation (统一办理), and the office's receipt."""

    __tablename__ = "onsite_batches"
    __table_args__ = (
        CheckConstraint("state IN ('handed_in', 'received', 'returned', 'closed')", name="state_is_known"),
        CheckConstraint("state <> 'received' OR receipt_number IS NOT NULL", name="receipt_when_received"),
    )

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    roster_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rosters.id"))
    year: Mapped[int]
    stamped_scan_sha256: Mapped[str]
    state: Mapped[str] = mapped_column(default="handed_in")
    handed_in_at: Mapped[datetime]
    handed_in_by: Mapped[uuid.UUID]
    receipt_number: Mapped[str | None] = mapped_column(unique=True)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    remark: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "onsite_batch", self.id, {"unit": str(self.unit_id)})


class OnsiteBatchItem(Base):
    """One case in a batch; ``missing`` says what was not brought, such as the person, where something was not."""

    __tablename__ = "onsite_batch_items"

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("onsite_batches.id"), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    missing_at: Mapped[datetime | None]
    missing: Mapped[str] = mapped_column(default="", server_default="")


class OnsiteSlot(OfficeRow):
    """A time at which an office confirms on site, for ``capacity`` units of a group; for all where none are named."""

    __tablename__ = "onsite_slots"
    __table_args__ = (
        CheckConstraint("begins < ends", name="ends_after_it_begins"),
        CheckConstraint("capacity > 0", name="takes_somebody"),
        Index("ix_onsite_slots_office_id", "office_id", "year", "begins"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    place: Mapped[str]
    capacity: Mapped[int]
    called: Mapped[str]
    unit_ids: Mapped[list[str] | None]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    made_by_name: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "onsite_slot", self.id)


class OnsiteBooking(OfficeRow):
    """A unit's appointment for on-site confirmation: its number at that time, and where it stands on the day."""

    __tablename__ = "onsite_bookings"
    __table_args__ = (
        UniqueConstraint("slot_id", "number"),
        CheckConstraint("state IN ('booked', 'arrived', 'called', 'served', 'missed', 'ended')", name="state_is_known"),
        only_one(
            "uq_onsite_bookings_open", "office_id", "unit_id", "year", where="state IN ('booked', 'arrived', 'called')"
        ),
    )

    slot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("onsite_slots.id"))
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), index=True)
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    number: Mapped[int]
    given: Mapped[bool]
    booked_at: Mapped[datetime]
    booked_by: Mapped[uuid.UUID]
    booked_by_name: Mapped[str]
    state: Mapped[str]
    state_at: Mapped[datetime]
    ended_reason: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        known = {"unit": str(self.unit_id), "number": self.number}
        return RecordSubject(self.office_id, "onsite_slot", self.slot_id, known)


class Original(KeyedRow):
    """An original paper in an office's custody until it goes back. Source: 2024 notice §2(5), 及时退回.

    One that is lost is in custody no longer; where it is found again it still goes back.
    """

    __tablename__ = "originals"
    __table_args__ = (CheckConstraint("(returned_at IS NULL) = (returned_by IS NULL)", name="returned_by_somebody"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    title: Mapped[str]
    received_at: Mapped[datetime]
    received_by: Mapped[uuid.UUID]
    received_from: Mapped[str]
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[uuid.UUID | None]
    returned_to: Mapped[str] = mapped_column(default="")
    lost_at: Mapped[datetime | None]
    lost_by: Mapped[uuid.UUID | None]
    lost_remark: Mapped[str] = mapped_column(default="", server_default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record: the case, on the record of the office that keeps the original."""
        return RecordSubject(self.office_id, "application", self.application_id, {"original": str(self.id)})
