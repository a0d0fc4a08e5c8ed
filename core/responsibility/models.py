"""Rows of responsibility for the assessment (2024 notice §4)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import KeyedRow, OfficeRow, only_one


class ResponsiblePerson(OfficeRow):
    """A person named for a rank of an office in a season from a day on, until the next one of that rank.

    Rows are never changed or removed: those who were responsible before stay on the list. Source: 2024 notice §4(1).
    """

    __tablename__ = "responsible_persons"
    __table_args__ = (
        CheckConstraint("rank IN ('first', 'main', 'direct')", name="rank_is_known"),
        CheckConstraint("btrim(name) <> ''", name="has_a_name"),
        Index("ix_responsible_persons_office_id", "office_id", "year"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    rank: Mapped[str]
    name: Mapped[str]
    post: Mapped[str]
    telephone: Mapped[str]
    from_day: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID]
    entered_by_name: Mapped[str]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"year": self.year, "rank": self.rank, "from_day": self.from_day.isoformat()}
        return RecordSubject(self.office_id, "responsible_person", self.id, told)


class EmergencyPlan(OfficeRow):
    """One version of an office's plan for emergencies in training or exam, and where it stands.

    Drafted, approved by a second officer, filed with the office above (the center files with nobody), received or
    returned. Only a draft changes. Source: 2024 notice §4(3).
    """

    __tablename__ = "emergency_plans"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "occasion", "version"),
        CheckConstraint("occasion IN ('training', 'exam')", name="occasion_is_known"),
        CheckConstraint("state IN ('drafted', 'approved', 'filed', 'received', 'returned')", name="state_is_known"),
        CheckConstraint("approved_by <> made_by", name="approved_by_another"),
        CheckConstraint("(state = 'drafted') = (approved_at IS NULL)", name="approved_after_the_draft"),
        CheckConstraint("(state IN ('received', 'returned')) = (decided_at IS NOT NULL)", name="decided_when_answered"),
        CheckConstraint("(state = 'returned') = (remarks <> '{}')", name="a_return_has_remarks"),
        Index("ix_emergency_plans_to_office_id", "to_office_id", "year"),
    )

    to_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    occasion: Mapped[str]
    version: Mapped[int]
    hotline: Mapped[str]
    contacts: Mapped[list[Any]]
    events: Mapped[list[str]]
    site_ids: Mapped[list[str]]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    made_by_name: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[uuid.UUID | None]
    approved_by_name: Mapped[str] = mapped_column(default="")
    filed_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    remarks: Mapped[dict[str, Any]]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"year": self.year, "occasion": self.occasion, "version": self.version}
        return RecordSubject(self.office_id, "emergency_plan", self.id, told)


class Patrol(OfficeRow):
    """A patrol (巡视) that an office makes at sites and training places of its own or below it.

    Its members are ``PatrolMember``, the places ``PatrolVisit``. Source: 2024 notice §4(4).
    """

    __tablename__ = "patrols"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        UniqueConstraint("office_id", "year", "number"),
        CheckConstraint("state IN ('planned', 'ended', 'cancelled')", name="state_is_known"),
        CheckConstraint("(state = 'planned') = (ended_at IS NULL)", name="ended_at_some_time"),
        CheckConstraint("state = 'planned' OR btrim(summary) <> ''", name="ended_with_words"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    number: Mapped[int]
    purpose: Mapped[str]
    state: Mapped[str]
    planned_at: Mapped[datetime]
    planned_by: Mapped[uuid.UUID]
    planned_by_name: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]
    ended_by_name: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "patrol", self.id, {"year": self.year, "number": self.number})


class PatrolMember(OfficeRow):
    """A member of the staff who makes a patrol; ``removed_at`` once somebody else goes instead."""

    __tablename__ = "patrol_members"
    __table_args__ = (
        ForeignKeyConstraint(["patrol_id", "office_id"], ["patrols.id", "patrols.office_id"]),
        only_one("uq_patrol_members_one_live", "patrol_id", "account_id", where="removed_at IS NULL"),
        Index("ix_patrol_members_account_id", "account_id"),
    )

    patrol_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID]
    removed_at: Mapped[datetime | None]


class PatrolVisit(OfficeRow):
    """One place of a patrol and the day of its visit: an exam site, or a course at its place of training.

    ``to_office_id`` keeps the place, and sees the visit once the patrol has arrived: a patrol is not announced.
    ``remarks`` say what was seen, or why the place was not visited.
    """

    __tablename__ = "patrol_visits"
    __table_args__ = (
        ForeignKeyConstraint(["patrol_id", "office_id"], ["patrols.id", "patrols.office_id"]),
        UniqueConstraint("id", "office_id"),
        CheckConstraint("num_nonnulls(site_id, course_id) = 1", name="has_one_place"),
        CheckConstraint("state IN ('planned', 'arrived', 'done', 'missed')", name="state_is_known"),
        CheckConstraint("(state IN ('arrived', 'done')) = (arrived_at IS NOT NULL)", name="arrival_has_a_time"),
        CheckConstraint("(state IN ('done', 'missed')) = (ended_at IS NOT NULL)", name="ended_at_some_time"),
        CheckConstraint("ended_at IS NULL OR btrim(remarks) <> ''", name="ended_with_words"),
        Index("ix_patrol_visits_patrol_id", "patrol_id", "day"),
        Index("ix_patrol_visits_to_office_id", "to_office_id", "year"),
    )

    patrol_id: Mapped[uuid.UUID]
    to_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("exam_sites.id"))
    course_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("training_courses.id"))
    day: Mapped[date]
    state: Mapped[str]
    arrived_at: Mapped[datetime | None]
    arrived_by: Mapped[uuid.UUID | None]
    arrived_by_name: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]
    remarks: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "patrol_visit", self.id, {"patrol": str(self.patrol_id)})


class PatrolFinding(OfficeRow):
    """Something that a patrol found wrong, and until which day the office of the place puts it in order (整改)."""

    __tablename__ = "patrol_findings"
    __table_args__ = (
        ForeignKeyConstraint(["visit_id", "office_id"], ["patrol_visits.id", "patrol_visits.office_id"]),
        UniqueConstraint("client_id"),
        CheckConstraint("severity IN ('minor', 'major', 'grave')", name="severity_is_known"),
        CheckConstraint("state IN ('open', 'answered', 'closed', 'withdrawn')", name="state_is_known"),
        CheckConstraint("(state IN ('closed', 'withdrawn')) = (closed_at IS NOT NULL)", name="closed_at_some_time"),
        CheckConstraint("btrim(facts) <> ''", name="says_what_was_found"),
        Index("ix_patrol_findings_visit_id", "visit_id"),
        Index("ix_patrol_findings_office_id", "office_id", "year"),
        Index("ix_patrol_findings_to_office_id", "to_office_id", "year"),
    )

    visit_id: Mapped[uuid.UUID]
    to_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    client_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    severity: Mapped[str]
    facts: Mapped[str]
    ordered: Mapped[str]
    answer_by: Mapped[date]
    state: Mapped[str]
    found_at: Mapped[datetime]
    found_by: Mapped[uuid.UUID]
    found_by_name: Mapped[str]
    closed_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"visit": str(self.visit_id), "kind": self.kind, "severity": self.severity}
        return RecordSubject(self.office_id, "patrol_finding", self.id, told)


class PatrolReply(KeyedRow):
    """A line about a finding: what was done, what is still wanted, how it ended. Insert-only."""

    __tablename__ = "patrol_replies"
    __table_args__ = (
        UniqueConstraint("client_id"),
        CheckConstraint("kind IN ('answer', 'again', 'closed', 'withdrawn')", name="kind_is_known"),
        CheckConstraint("btrim(text) <> ''", name="says_something"),
        Index("ix_patrol_replies_finding_id", "finding_id", "at"),
    )

    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patrol_findings.id"))
    by_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    kind: Mapped[str]
    text: Mapped[str]
    late: Mapped[bool]
    client_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    by: Mapped[uuid.UUID]
    by_name: Mapped[str]


class AccountabilityCase(OfficeRow):
    """A case against a member of the staff, or a responsible person, who broke duty or discipline (责任追究).

    ``office_id`` decides; ``to_office_id`` is that of the person, who is an account, a responsible person, or a name
    alone. Whoever opened it does not decide. ``reported_to_office_id`` sees a serious decision. Source: notice §4(4).
    """

    __tablename__ = "accountability_cases"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "number"),
        CheckConstraint(
            "state IN ('opened', 'hearing', 'decided', 'served', 'cleared', 'dropped')", name="state_is_known"
        ),
        CheckConstraint("decided_by <> opened_by", name="decided_by_another"),
        CheckConstraint(
            "(state IN ('decided', 'served', 'cleared', 'dropped')) = (decided_at IS NOT NULL)",
            name="decided_at_some_time",
        ),
        CheckConstraint("state NOT IN ('decided', 'served') OR cardinality(measures) > 0", name="decides_something"),
        CheckConstraint("state IN ('opened', 'dropped') OR hear_until IS NOT NULL", name="heard_until_some_time"),
        CheckConstraint("(state = 'served') = (served_at IS NOT NULL)", name="served_at_some_time"),
        CheckConstraint("btrim(name) <> '' AND btrim(facts) <> ''", name="says_who_and_what"),
        Index("ix_accountability_cases_account_id", "account_id"),
        Index("ix_accountability_cases_reported_to_office_id", "reported_to_office_id"),
    )

    to_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    number: Mapped[int]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    responsible_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("responsible_persons.id"))
    name: Mapped[str]
    post: Mapped[str]
    breach: Mapped[str]
    facts: Mapped[str]
    origin: Mapped[str]
    origin_id: Mapped[uuid.UUID | None]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[uuid.UUID]
    opened_by_name: Mapped[str]
    told_at: Mapped[datetime | None]
    told_how: Mapped[str] = mapped_column(default="")
    hear_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    measures: Mapped[list[str]]
    ground: Mapped[str] = mapped_column(default="")
    reasons: Mapped[str] = mapped_column(default="")
    served_at: Mapped[datetime | None]
    served_how: Mapped[str] = mapped_column(default="")
    reported_to_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record, which name nobody."""
        return RecordSubject(self.office_id, "accountability_case", self.id, {"year": self.year, "number": self.number})


class AccountabilityStatement(KeyedRow):
    """What the person said, by themselves or ``recorded`` by an officer. Insert-only."""

    __tablename__ = "accountability_statements"
    __table_args__ = (
        CheckConstraint("btrim(text) <> ''", name="says_something"),
        Index("ix_accountability_statements_case_id", "case_id", "at"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accountability_cases.id"))
    text: Mapped[str]
    recorded: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[uuid.UUID]
    by_name: Mapped[str]
