"""Assignment (分派) of cases to reviewers: who has a case to do, an office's rule, and what each reviewer takes.

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    moment, key, name = sa.DateTime(timezone=True), sa.Uuid(), sa.Text()
    op.create_table(
        "case_assignments",
        sa.Column("application_id", key, sa.ForeignKey("applications.id"), primary_key=True),
        sa.Column("office_id", name, sa.ForeignKey("offices.id"), primary_key=True),
        sa.Column("account_id", key, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("account_name", name, nullable=False),
        sa.Column("way", name, nullable=False),
        sa.Column("reason", name, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("assigned_by", key, nullable=False),
        sa.Column("assigned_by_name", name, nullable=False),
        sa.CheckConstraint("way IN ('rule', 'hand')", name="ck_case_assignments_way_is_known"),
    )
    op.create_index("ix_case_assignments_office_id_account_id", "case_assignments", ["office_id", "account_id"])
    op.create_table(
        "assignment_rules",
        sa.Column("office_id", name, sa.ForeignKey("offices.id"), primary_key=True),
        sa.Column("kind", name, nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("set_at", moment, nullable=False),
        sa.Column("set_by", key, nullable=False),
        sa.CheckConstraint(
            "kind IN ('none', 'turns', 'unit', 'trade', 'grade')", name="ck_assignment_rules_kind_is_known"
        ),
        sa.CheckConstraint("most > 0", name="ck_assignment_rules_most_is_positive"),
    )
    op.create_table(
        "reviewer_duties",
        sa.Column("office_id", name, sa.ForeignKey("offices.id"), primary_key=True),
        sa.Column("account_id", key, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("takes_part", sa.Boolean(), nullable=False),
        sa.Column("grades", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("trades", sa.ARRAY(name), nullable=False),
        sa.Column("away_from", moment, nullable=True),
        sa.Column("away_until", moment, nullable=True),
        sa.Column("reason", name, nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.Column("set_by", key, nullable=False),
        sa.CheckConstraint("num_nulls(away_from, away_until) IN (0, 2)", name="ck_reviewer_duties_leave_has_an_end"),
        sa.CheckConstraint("away_from < away_until", name="ck_reviewer_duties_leave_is_in_order"),
    )


def downgrade() -> None:
    """Take the three tables away."""
    op.drop_table("reviewer_duties")
    op.drop_table("assignment_rules")
    op.drop_table("case_assignments")
