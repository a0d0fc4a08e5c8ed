"""Two people stand behind a sanction, a suspension waits for the decision, and an annulment takes results back.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns; what writes them stands in ``migrations/sql``."""
    op.add_column("sanction_cases", sa.Column("opened_on_behalf", sa.Uuid(), nullable=True))
    _add_suspensions()
    op.add_column("sanction_cases", sa.Column("kind", sa.Text(), nullable=False, server_default="violation"))
    op.create_check_constraint(
        op.f("ck_sanction_cases_error_is_nobodys_fault"),
        "sanction_cases",
        "kind IN ('violation', 'error') AND (kind = 'violation' OR (NOT disqualifies AND ban_years = 0))",
    )
    op.add_column("outcomes", sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outcomes", sa.Column("annulled_reason", sa.Text(), nullable=False, server_default=""))
    _add_void_arrivals()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("void_arrivals")
    op.drop_column("outcomes", "annulled_reason")
    op.drop_column("outcomes", "annulled_at")
    op.drop_constraint(op.f("ck_sanction_cases_error_is_nobodys_fault"), "sanction_cases")
    op.drop_column("sanction_cases", "kind")
    op.drop_column("admission_tickets", "voided_by_suspension")
    op.drop_table("suspensions")
    op.drop_column("sanction_cases", "opened_on_behalf")


def _add_suspensions() -> None:
    op.create_table(
        "suspensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("imposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imposed_by", sa.Uuid(), nullable=False),
        sa.Column("imposed_by_office_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decide_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspensions")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_suspensions_application_id")),
        sa.ForeignKeyConstraint(["case_id"], ["sanction_cases.id"], name=op.f("fk_suspensions_case_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_suspensions_office_id")),
        sa.ForeignKeyConstraint(
            ["imposed_by_office_id"], ["offices.id"], name=op.f("fk_suspensions_imposed_by_office_id")
        ),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_suspensions_has_a_reason")),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_suspensions_lifted_by_somebody")),
    )
    op.create_index("ix_suspensions_office_id", "suspensions", ["office_id", "lifted_at"])
    op.create_index("ix_suspensions_case_id", "suspensions", ["case_id"])
    op.create_index("ix_suspensions_application_id", "suspensions", ["application_id"])
    op.create_index(
        "uq_suspensions_one_in_force",
        "suspensions",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.add_column("admission_tickets", sa.Column("voided_by_suspension", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_admission_tickets_voided_by_suspension"),
        "admission_tickets",
        "suspensions",
        ["voided_by_suspension"],
        ["id"],
    )
    op.create_index("ix_admission_tickets_voided_by_suspension", "admission_tickets", ["voided_by_suspension"])


def _add_void_arrivals() -> None:
    op.create_table(
        "void_arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_void_arrivals")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_void_arrivals_office_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_void_arrivals_sitting_id")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_void_arrivals_application_id")),
        sa.UniqueConstraint("client_id", name=op.f("uq_void_arrivals_client_id")),
        sa.CheckConstraint("noted_at < voided_at", name=op.f("ck_void_arrivals_noted_before")),
    )
    op.create_index("ix_void_arrivals_sitting_id", "void_arrivals", ["sitting_id"])
    op.create_index("ix_void_arrivals_application_id", "void_arrivals", ["application_id"])
