"""Seating plans, seats, accommodations, invigilation.

Plans and seats are written by an office's schedulers, and by the system where a job draws a plan up. A candidate reads
their own seat once it is published; a request for accommodation is read by the candidate and the office alone.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Who asks, as in revision 0002.
SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
OURS = f"office_id = {OFFICE}"
SCHEDULING = f"{OURS} AND ('schedule' = ANY ({MAY}) OR {SCOPE} = 'system')"
CASE = "EXISTS (SELECT FROM applications a WHERE a.id = {table}.application_id AND {more})"
ASKER = CASE.format(table="accommodation_requests", more=f"a.person_id = {PERSON}")
A_DRAFT = "EXISTS (SELECT FROM plans p WHERE p.id = plan_id AND p.state = 'draft')"

# Evidence may tell of an illness: neither units nor whoever handles the case for the office read it.
EVIDENCE = f"""material <> 'accommodation.evidence' OR EXISTS (
    SELECT FROM applications a
    WHERE a.id = documents.application_id AND (a.person_id = {PERSON} OR a.office_id = {OFFICE})
)"""

STANDS = "voided_at IS NULL"
LIVE = "published_at IS NOT NULL AND voided_at IS NULL"

# table → (select, insert check, update using, columns that may be updated, delete)
POLICIES: dict[str, tuple[str, str, str | None, str | None, str | None]] = {
    "plans": (
        f"{OURS} OR ({SCOPE} IS NOT NULL AND state IN ('published', 'superseded'))",
        f"{SCHEDULING} AND state = 'draft'",
        SCHEDULING,
        "state, step, done, reason, sittings, figures, shortages, published_at, published_by, superseded_at",
        None,
    ),
    "seats": (
        f"{OURS} OR (published_at IS NOT NULL AND {CASE.format(table='seats', more='true')})",
        f"{SCHEDULING} AND {A_DRAFT} AND "
        + CASE.format(table="seats", more="a.office_id = seats.office_id AND a.state = 'qualified'"),
        SCHEDULING,
        "sitting_id, room_id, seat, by_hand, published_at, voided_at",
        None,
    ),
    "accommodation_requests": (
        f"{OURS} OR {ASKER}",
        f"state = 'asked' AND asked_by = {ACCOUNT} AND {ASKER} AND "
        + CASE.format(table="accommodation_requests", more="a.office_id = accommodation_requests.office_id"),
        f"{OURS} AND 'schedule' = ANY ({MAY})",
        "state, granted, decision, decided_at, decided_by",
        None,
    ),
    "invigilators": (OURS, SCHEDULING, SCHEDULING, "name, unit_id, unit_name, avoids, ended_at", None),
    "invigilations": (OURS, SCHEDULING, None, None, SCHEDULING),
}


def _id(name: str = "id", nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _moment(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False)


def _to(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=op.f(f"fk_{table}_{column}"))


def _to_own(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_office_id")
    return sa.ForeignKeyConstraint([column, "office_id"], [f"{target}.id", f"{target}.office_id"], name=name)


def upgrade() -> None:
    """Make the tables and their policies."""
    op.add_column("exam_rooms", sa.Column("columns", sa.BigInteger(), nullable=False, server_default="6"))
    op.alter_column("exam_rooms", "columns", server_default=None)
    op.create_check_constraint(op.f("ck_exam_rooms_has_columns"), "exam_rooms", "columns > 0")
    _make_plans()
    _make_seats()
    _make_requests()
    _make_invigilation()
    for table, policies in POLICIES.items():
        _isolate(table, policies)
    op.execute(f"CREATE POLICY evidence ON documents AS RESTRICTIVE FOR SELECT TO kaowu_app USING ({EVIDENCE})")


def _make_plans() -> None:
    op.create_table(
        "plans",
        _id(),
        _text("office_id"),
        _number("year"),
        _text("exam"),
        _text("state"),
        _text("step"),
        _number("done"),
        _number("seed"),
        _text("reason"),
        _json("sittings"),
        _json("figures"),
        _json("shortages"),
        _id("replaces_id", nullable=True),
        _moment("made_at", nullable=False),
        _id("made_by"),
        _moment("published_at"),
        _id("published_by", nullable=True),
        _moment("superseded_at"),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'superseded', 'dropped')", name=op.f("ck_plans_state_is_known")
        ),
        sa.CheckConstraint("exam IN ('computer_exam', 'level_one_theory')", name=op.f("ck_plans_exam_is_known")),
        sa.CheckConstraint(
            "step IN ('waiting', 'assigning', 'seating', 'ready', 'short')", name=op.f("ck_plans_step_is_known")
        ),
        sa.CheckConstraint("state IN ('draft', 'dropped') OR step = 'ready'", name=op.f("ck_plans_published_is_ready")),
        sa.CheckConstraint("done BETWEEN 0 AND 100", name=op.f("ck_plans_done_is_a_share")),
        _to("plans", "office_id", "offices"),
        _to("plans", "year", "seasons", "year"),
        _to("plans", "replaces_id", "plans"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_plans_id_office_id")),
    )
    op.create_index("ix_plans_office_id_year", "plans", ["office_id", "year"])
    _unique("uq_plans_one_published", "plans", ["office_id", "year", "exam"], "state = 'published'")


def _make_seats() -> None:
    op.create_table(
        "seats",
        _id(),
        _text("office_id"),
        _id("plan_id"),
        _id("application_id"),
        _id("sitting_id"),
        _id("room_id"),
        _number("seat"),
        _text("by_hand"),
        _moment("published_at"),
        _moment("voided_at"),
        sa.CheckConstraint("seat > 0", name=op.f("ck_seats_seats_count_from_one")),
        _to("seats", "office_id", "offices"),
        _to_own("seats", "plan_id", "plans"),
        _to("seats", "application_id", "applications"),
        _to("seats", "sitting_id", "sittings"),
        _to("seats", "room_id", "exam_rooms"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    _unique("uq_seats_place", "seats", ["plan_id", "sitting_id", "room_id", "seat"], STANDS)
    _unique("uq_seats_once", "seats", ["plan_id", "application_id", "sitting_id"], STANDS)
    _unique("uq_seats_live_place", "seats", ["sitting_id", "room_id", "seat"], LIVE)
    _unique("uq_seats_live_once", "seats", ["application_id", "sitting_id"], LIVE)


def _make_requests() -> None:
    op.create_table(
        "accommodation_requests",
        _id(),
        _text("office_id"),
        _id("application_id"),
        _number("year"),
        sa.Column("needs", postgresql.ARRAY(sa.Text()), nullable=False),
        _text("reason"),
        _id("document_id"),
        _text("state"),
        _moment("asked_at", nullable=False),
        _id("asked_by"),
        sa.Column("granted", postgresql.ARRAY(sa.Text()), nullable=False),
        _text("decision"),
        _moment("decided_at"),
        _id("decided_by", nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'refused')", name=op.f("ck_accommodation_requests_state_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_accommodation_requests_decided_at_some_time")
        ),
        sa.CheckConstraint(
            "state = 'asked' OR btrim(decision) <> ''", name=op.f("ck_accommodation_requests_a_decision_has_a_reason")
        ),
        sa.CheckConstraint("cardinality(needs) > 0", name=op.f("ck_accommodation_requests_asks_for_something")),
        _to("accommodation_requests", "office_id", "offices"),
        _to("accommodation_requests", "application_id", "applications"),
        _to("accommodation_requests", "year", "seasons", "year"),
        _to("accommodation_requests", "document_id", "documents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation_requests")),
    )
    table = "accommodation_requests"
    op.create_index("ix_accommodation_requests_application_id", table, ["application_id"])
    op.create_index("ix_accommodation_requests_office_id_year_state", table, ["office_id", "year", "state"])
    _unique("uq_accommodation_requests_one_open", table, ["application_id"], "state = 'asked'")


def _make_invigilation() -> None:
    op.create_table(
        "invigilators",
        _id(),
        _text("office_id"),
        _number("year"),
        _text("number"),
        _text("name"),
        _id("unit_id", nullable=True),
        _text("unit_name"),
        _json("avoids"),
        _moment("added_at", nullable=False),
        _moment("ended_at"),
        _to("invigilators", "office_id", "offices"),
        _to("invigilators", "year", "seasons", "year"),
        _to("invigilators", "unit_id", "units"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invigilators")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_invigilators_id_office_id")),
        sa.UniqueConstraint("office_id", "year", "number", name=op.f("uq_invigilators_office_id_year_number")),
    )
    op.create_table(
        "invigilations",
        _id("plan_id"),
        _id("sitting_id"),
        _id("invigilator_id"),
        _text("office_id"),
        _id("room_id"),
        sa.Column("chief", sa.Boolean(), nullable=False),
        _to("invigilations", "office_id", "offices"),
        _to_own("invigilations", "plan_id", "plans"),
        _to_own("invigilations", "invigilator_id", "invigilators"),
        _to("invigilations", "sitting_id", "sittings"),
        _to("invigilations", "room_id", "exam_rooms"),
        sa.PrimaryKeyConstraint("plan_id", "sitting_id", "invigilator_id", name=op.f("pk_invigilations")),
    )
    name = "ix_invigilations_plan_id_sitting_id_room_id"
    op.create_index(name, "invigilations", ["plan_id", "sitting_id", "room_id"])


def _unique(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=True, postgresql_where=sa.text(where))


def _isolate(table: str, policies: tuple[str, str, str | None, str | None, str | None]) -> None:
    select, insert, update, columns, delete = policies
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO kaowu_app")
    op.execute(f"GRANT SELECT ON {table} TO kaowu_province, kaowu_auditor")
    op.execute(f"CREATE POLICY {table}_select ON {table} FOR SELECT TO kaowu_app USING ({select})")
    op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT TO kaowu_app WITH CHECK ({insert})")
    if update is not None:
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO kaowu_app")
        op.execute(f"CREATE POLICY {table}_update ON {table} FOR UPDATE TO kaowu_app USING ({update})")
    if delete is not None:
        op.execute(f"GRANT DELETE ON {table} TO kaowu_app")
        op.execute(f"CREATE POLICY {table}_delete ON {table} FOR DELETE TO kaowu_app USING ({delete})")
    for role in ("kaowu_province", "kaowu_auditor"):
        op.execute(f"CREATE POLICY {role}_select ON {table} FOR SELECT TO {role} USING (true)")


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP POLICY evidence ON documents")
    for table in reversed(POLICIES):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_exam_rooms_has_columns"), "exam_rooms")
    op.drop_column("exam_rooms", "columns")
