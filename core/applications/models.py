"""Tables of applications: each submission as it was judged, and every move of a case."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, KeyedRow, OfficeRow, only_one
from core.domain.workflow import NOT_LIVE, State
from core.plugin_api import Grade


def _listed(states: frozenset[State]) -> str:
    return ", ".join(f"'{state}'" for state in State if state in states)


class Transition(Base):
    """Reference: every (action, from, to) of the table of verbs, so that the database refuses any other move."""

    __tablename__ = "transitions"

    action: Mapped[str] = mapped_column(primary_key=True)
    from_state: Mapped[str] = mapped_column(primary_key=True)
    to_state: Mapped[str] = mapped_column(primary_key=True)


def _or_else(column: str, empty: str) -> str:
    """An indexed column with a value for its nulls, as PostgreSQL prints it.

    CASE and not COALESCE: under row-level security PostgreSQL looks nothing up by the latter, since it may leak.
    """
    return f"(\nCASE\n    WHEN {column} IS NULL THEN {empty}\n    ELSE {column}\nEND)"


_ORDERS = {
    "due": _or_else("due_at", "'infinity'::timestamptz"),
    "name": "initials",
    "grade": "grade",
    "trade": "trade",
    "unit": "unit_name",
    "department": _or_else("department_id", "'00000000-0000-0000-0000-000000000000'::uuid"),
    "reference": "reference",
    "submitted": "submitted_at",
}


class Application(OfficeRow):
    """One person's application for one grade in one season.

    ``office_id`` counts the case (always city-level or the center) and follows from the unit. ``handler_office_id`` is
    the office in charge now; only ``transfer_case`` changes it. ``route``, ``desks`` (stage → office),
    ``onsite_needed`` and the judged versions are pinned at submission. ``round`` numbers the submissions.
    ``person_name``, ``unit_name`` and ``id_tail`` are the values of that day, for lists; ``initials`` are those of the
    name in pinyin, for searches by keyboard. ``asks``: the rules of the present round left something to an officer.
    """

    __tablename__ = "applications"
    __table_args__ = (
        ForeignKeyConstraint(["unit_id", "office_id"], ["units.id", "units.office_id"]),
        CheckConstraint(f"state IN ({_listed(frozenset(State))})", name="state_is_known"),
        CheckConstraint("grade BETWEEN 1 AND 5", name="grade_is_known"),
        CheckConstraint("state = 'draft' OR round > 0 OR state IN ('withdrawn', 'expired')", name="submitted_once"),
        CheckConstraint("round = 0 OR num_nulls(grade, trade, path) = 0", name="submitted_is_complete"),
        CheckConstraint("state <> 'provisional' OR deferral_open", name="provisional_has_an_open_deferral"),
        CheckConstraint("state <> 'qualified' OR NOT deferral_open", name="qualified_has_no_open_deferral"),
        only_one("uq_applications_one_live", "person_id", "year", where=f"state NOT IN ({_listed(NOT_LIVE)})"),
        Index("ix_applications_office_queue", "office_id", "year", "state", "due_at", "id"),
        Index("ix_applications_handler_queue", "handler_office_id", "year", "state", "due_at", "id"),
        Index("ix_applications_unit_queue", "unit_id", "year", "state", "id"),
        Index("ix_applications_department_queue", "department_id", "year", "state", "id"),
        Index("ix_applications_person_id", "person_id"),
        Index("ix_applications_year_id", "year", "id"),
        Index("ix_applications_year_state_id", "year", "state", "id"),
        Index("ix_applications_person_name", "person_name"),
        Index("ix_applications_id_tail", "id_tail"),
        *(
            Index(f"ix_applications_handler_{column}", "handler_office_id", "year", column)
            for column in ("person_name", "id_tail")
        ),
        # The orders of an office's queue (core/reviews/lists/orders.py), and its filters that keep few of many.
        *(
            Index(f"ix_applications_by_{name}", "handler_office_id", "year", "state", text(value), "id")
            for name, value in _ORDERS.items()
        ),
        *(
            Index(
                f"ix_applications_only_{name}",
                *("handler_office_id", "year", "state", text(_ORDERS["due"]), "id"),
                postgresql_where=text(only),
            )
            for name, only in (("asks", "asks"), ("deferred", "deferral_open"), ("returned", "round > 1"))
        ),
        # Parts of names, and names with several readings, are looked up by cases_named alone.
        Index("ix_applications_name_signs", text("regexp_split_to_array(person_name, '')"), postgresql_using="gin"),
        Index(
            "ix_applications_readings",
            text("to_tsvector('simple'::regconfig, initials)"),
            postgresql_using="gin",
            postgresql_where=text("strpos(initials, ' ') > 0"),
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    handler_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    local_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[uuid.UUID]
    department_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    initials: Mapped[str]
    person_name: Mapped[str]
    id_tail: Mapped[str]
    unit_name: Mapped[str]
    grade: Mapped[int | None]
    trade: Mapped[str | None]
    path: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=State.DRAFT)
    version: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=0)
    form: Mapped[dict[str, Any]]
    route: Mapped[list[str]]
    desks: Mapped[dict[str, Any]]
    onsite_needed: Mapped[bool] = mapped_column(default=False)
    asks: Mapped[bool] = mapped_column(default=False, server_default=false())
    deferral_open: Mapped[bool] = mapped_column(default=False)
    unlocked_items: Mapped[list[str] | None]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @property
    def grade_label(self) -> str:
        """The grade as people read it; empty while a draft has none."""
        return Grade(self.grade).label if self.grade else ""

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "application", self.id)


class RuleText(Base):
    """The whole text of a version of a rule document, so that its cases can be judged again when its file is gone.

    Insert-only; PostgreSQL checks that the version is the digest of the text.
    """

    __tablename__ = "rule_texts"
    __table_args__ = (
        CheckConstraint(
            "version = name || '@' || left(encode(sha256(convert_to(content, 'UTF8')), 'hex'), 12)",
            name="version_is_of_the_text",
        ),
    )

    version: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[str]
    kept_at: Mapped[datetime]


class Submission(KeyedRow):
    """The basis of one round's judgement: form, facts and versions as of that moment. Insert-only.

    With these the same verdict can be reached again years later (``core.reviews.submission.judge_again``): ``limits``
    are the staff categories that the office admitted and the trades open for the grade.
    """

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("application_id", "round"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    round: Mapped[int]
    form: Mapped[dict[str, Any]]
    form_version: Mapped[str]
    facts: Mapped[dict[str, Any]]
    limits: Mapped[dict[str, Any]]
    rule_document: Mapped[str]
    rule_version: Mapped[str] = mapped_column(ForeignKey("rule_texts.version"))
    plugin_versions: Mapped[dict[str, Any]]
    requirements: Mapped[list[Any]]
    late_entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("late_entries.id"))
    received_at: Mapped[datetime]


class FindingRecord(KeyedRow):
    """One clause's verdict in one round, as shown to the applicant. ``origin`` is the rule document or a plugin."""

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("application_id", "round", "rule"),
        CheckConstraint("severity IN ('blocks', 'asks', 'notes')", name="severity_is_known"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    round: Mapped[int]
    position: Mapped[int]
    rule: Mapped[str]
    source: Mapped[str]
    severity: Mapped[str]
    text: Mapped[str]
    missing: Mapped[str]
    origin: Mapped[str]


class FindingSettlement(OfficeRow):
    """An officer's answer to a finding that asks: satisfied or not, why, on what evidence. The last one holds."""

    __tablename__ = "finding_settlements"
    __table_args__ = (CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),)

    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("findings.id"), index=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    satisfied: Mapped[bool]
    reason: Mapped[str]
    evidence_document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("documents.id"))
    account_id: Mapped[uuid.UUID]
    at: Mapped[datetime]


class Move(OfficeRow):
    """One step of an application's life: who, when, from, to, why, on whose authority. Insert-only.

    ``version`` is the application's version after the move. ``office_id`` is the office in charge at that moment;
    ``acting_office_id`` the office whose officer moved it, None where a person or a unit did. ``bulk``: it was decided
    together with others; ``due_before`` is when the case was due before, for a decision taken back.
    """

    __tablename__ = "moves"
    __table_args__ = (
        UniqueConstraint("application_id", "version"),
        ForeignKeyConstraint(
            ["action", "from_state", "to_state"],
            ["transitions.action", "transitions.from_state", "transitions.to_state"],
        ),
        Index("ix_moves_office_id_at", "office_id", "at"),
        Index("ix_moves_account_id", "account_id"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    version: Mapped[int]
    round: Mapped[int]
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    capacity: Mapped[str]
    reason: Mapped[str]
    acting_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    delegation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("delegations.id"))
    account_id: Mapped[uuid.UUID]
    actor_name: Mapped[str]
    role: Mapped[str]
    on_behalf_of: Mapped[uuid.UUID | None]
    on_behalf_of_name: Mapped[str] = mapped_column(default="")
    late: Mapped[bool] = mapped_column(default=False)
    bulk: Mapped[bool] = mapped_column(default=False, server_default=false())
    due_before: Mapped[datetime | None]
    at: Mapped[datetime]


class CaseCount(Base):
    """A change of the figures by a change of a case: ``n`` cases of a state, or ``n`` decisions of a kind.

    Written by the database itself, never by requests; the sum over the rows of a key equals a count of the cases.
    ``summed`` rows are such sums already. A case counts for the ``handler_office_id`` that has it in hand; a decision
    for the one that made it, for good (``answers_for``), and ``submitted`` then says that an office took it.
    """

    __tablename__ = "case_counts"
    __table_args__ = (
        Index("ix_case_counts_office_id_year", "office_id", "year"),
        Index("ix_case_counts_handler_office_id_year", "handler_office_id", "year"),
        Index("ix_case_counts_to_add_up", "id", postgresql_where=text("NOT summed")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    office_id: Mapped[str]
    local_office_id: Mapped[str]
    handler_office_id: Mapped[str]
    year: Mapped[int]
    what: Mapped[str]
    grade: Mapped[int | None]
    submitted: Mapped[bool]
    decision: Mapped[bool]
    n: Mapped[int]
    summed: Mapped[bool] = mapped_column(server_default=false())


class Deferral(KeyedRow):
    """A material that may follow later on the unit's commitment (承诺制、容缺后补). Source: 2024 notice §2(4)."""

    __tablename__ = "deferrals"
    __table_args__ = (
        UniqueConstraint("application_id", "material"),
        CheckConstraint("state IN ('open', 'supplemented', 'cleared', 'lapsed')", name="state_is_known"),
        CheckConstraint("state NOT IN ('supplemented', 'cleared') OR document_id IS NOT NULL", name="has_the_paper"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    material: Mapped[str]
    commitment: Mapped[str]
    committed_by: Mapped[uuid.UUID]
    committed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("documents.id"))
    supplemented_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class DeclaredRelation(OfficeRow):
    """A relation of an officer, examiner or member of a panel to a person or a unit, which they avoid (回避).

    Declared once for the office; ``related`` asks it wherever somebody reviews, decides, hears or scores. It ends by a
    supervisor with a reason and is never removed. ``about`` is the name as it was declared.
    """

    __tablename__ = "declared_relations"
    __table_args__ = (
        CheckConstraint("kind IN ('kin', 'unit', 'teacher', 'interest', 'other')", name="kind_is_known"),
        CheckConstraint("num_nonnulls(person_id, unit_id) = 1", name="is_to_one"),
        CheckConstraint("ended_at IS NULL OR btrim(ended_reason) <> ''", name="ended_for_a_reason"),
        Index("ix_declared_relations_account_id", "account_id"),
        Index("ix_declared_relations_office_id", "office_id", "declared_at"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str]
    kind: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    about: Mapped[str]
    note: Mapped[str]
    declared_at: Mapped[datetime]
    declared_by: Mapped[uuid.UUID]
    declared_by_name: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]
    ended_reason: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "account", self.account_id, {"relation": str(self.id)})
