"""Units (单位), their competent departments (主管部门), their dated names, and their registration managers."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import KeyedRow, OfficeRow, only_one
from core.db.sealed import Sealed


class Unit(OfficeRow):
    """A public body that employs technical workers. ``parent_id`` is its department; None where it is its own.

    ``office_id`` is always the city-level office (or the center) that counts its cases; a unit that moves to another
    office ends here and goes on as its successor there, so that an old case keeps the office and the name it had.
    ``code`` is the unified social credit code (GB 32100), where it is known.
    """

    __tablename__ = "units"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        CheckConstraint("affiliation IN ('local', 'provincial', 'central')", name="affiliation_is_known"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        Index("ix_units_office_id_name", "office_id", "name"),
        Index("ix_units_code", "code"),
    )

    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    area_code: Mapped[str | None]
    local_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    affiliation: Mapped[str]
    name: Mapped[str]
    code: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    successor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))


class UnitName(KeyedRow):
    """A name that a unit had from a day on, and the act by which it came: insert-only, the latest one holds."""

    __tablename__ = "unit_names"
    __table_args__ = (
        CheckConstraint("act IN ('added', 'corrected', 'renamed', 'merged', 'split', 'moved')", name="act_is_known"),
    )

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]
    valid_from: Mapped[date]
    act: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    account_id: Mapped[uuid.UUID]


class UnitAct(OfficeRow):
    """An official act on units with effect from a day: planned until the worker carries it out, or cancelled before.

    ``office_id`` counts the cases of the units. ``kind`` and ``terms`` are those of ``unit_acts``; ``became`` are the
    ids of the units that came out of it, and ``remark`` says why it was cancelled or could not be carried out.
    """

    __tablename__ = "unit_acts"
    __table_args__ = (
        CheckConstraint("kind IN ('rename', 'merge', 'split', 'place', 'move', 'end')", name="kind_is_known"),
        CheckConstraint("state IN ('planned', 'done', 'cancelled', 'failed')", name="state_is_known"),
        CheckConstraint("(state = 'planned') = (settled_at IS NULL)", name="settled_is_dated"),
        CheckConstraint("cardinality(unit_ids) > 0", name="of_a_unit"),
        Index("ix_unit_acts_office_id", "office_id", "state", "valid_from"),
        Index("ix_unit_acts_unit_ids", "unit_ids", postgresql_using="gin"),
    )

    ordered_by_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    kind: Mapped[str]
    unit_ids: Mapped[list[str]]
    terms: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    instrument: Mapped[str]
    state: Mapped[str]
    ordered_at: Mapped[datetime]
    ordered_by: Mapped[uuid.UUID]
    ordered_by_name: Mapped[str]
    settled_at: Mapped[datetime | None]
    settled_by_name: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    became: Mapped[list[str]] = mapped_column(default=list)

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record: its first unit."""
        known = {"act": str(self.id), "kind": self.kind, "units": self.unit_ids, "valid_from": str(self.valid_from)}
        return RecordSubject(self.office_id, "unit", uuid.UUID(self.unit_ids[0]), known)


class UnitDifference(OfficeRow):
    """Two units that look like one and are not, as an officer of ``office_id`` has found; ``first_id`` is the lower."""

    __tablename__ = "unit_differences"
    __table_args__ = (
        UniqueConstraint("office_id", "first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="in_order"),
    )

    first_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    second_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    at: Mapped[datetime]
    by: Mapped[uuid.UUID]
    by_name: Mapped[str]


class ManagerForm(KeyedRow):
    """The annex form (网上报名管理人员信息登记表) of one unit. Source: 2024 notice §3(1) and its annex.

    ``department``, ``post``, ``sex``, ``office_phone`` and the encrypted ``mobile`` are the form's own fields. A unit
    has at most one accepted form; a new one ends the account of the old. ``faults`` maps fields of a returned form to
    what is to be mended; ``access_issued_at`` is the moment of the latest letter with a first password.
    """

    __tablename__ = "manager_forms"
    __table_args__ = (
        CheckConstraint("state IN ('filed', 'accepted', 'returned', 'superseded')", name="state_is_known"),
        CheckConstraint("jsonb_typeof(faults) = 'object'", name="faults_by_field"),
        only_one("uq_manager_forms_accepted", "unit_id", where="state = 'accepted'"),
    )

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    name: Mapped[str]
    sex: Mapped[str]
    department: Mapped[str]
    post: Mapped[str]
    office_phone: Mapped[str]
    mobile: Mapped[bytes] = mapped_column(Sealed)
    stamped_scan_sha256: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    filed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    remark: Mapped[str] = mapped_column(default="")
    faults: Mapped[dict[str, Any]] = mapped_column(default=dict)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    access_issued_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        known = {"unit": str(self.unit_id), "account": str(self.account_id) if self.account_id else None}
        return RecordSubject(self.office_id, "manager_form", self.id, known)


class PostStatement(OfficeRow):
    """What a unit states of its vacant posts (岗位空缺) and its policy of appointment (聘用政策) in a season.

    ``vacant`` maps a grade to its number of vacant posts; a grade that is not named is not stated. Applicants of the
    unit read it where they choose the grade. Source: 2024 notice §1(2), §2(1).
    """

    __tablename__ = "post_statements"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(vacant) = 'object'", name="vacant_by_grade"),
        UniqueConstraint("unit_id", "year"),
    )

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    vacant: Mapped[dict[str, Any]]
    policy: Mapped[str] = mapped_column(default="")
    stated_at: Mapped[datetime]
    stated_by: Mapped[uuid.UUID]
    stated_by_name: Mapped[str]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "unit", self.unit_id, {"year": self.year})
