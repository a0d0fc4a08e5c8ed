"""Questions to an office (咨询), with their answers.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    moment, key = sa.DateTime(timezone=True), sa.Uuid()
    op.create_table(
        "inquiries",
        sa.Column("id", key, primary_key=True),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("person_id", key, sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("application_id", key, sa.ForeignKey("applications.id"), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("asked_by", key, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("answered_by", key, nullable=True),
        sa.Column("answered_by_name", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'answered')", name="ck_inquiries_state_is_known"),
        sa.CheckConstraint("btrim(question) <> ''", name="ck_inquiries_has_a_question"),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="ck_inquiries_answered_is_dated"),
        sa.CheckConstraint(
            "state = 'open' OR (answered_by IS NOT NULL AND btrim(answer) <> '')", name="ck_inquiries_has_an_answer"
        ),
    )
    op.create_index("ix_inquiries_office_id", "inquiries", ["office_id", "state", "asked_at"])
    op.create_index("ix_inquiries_person_id", "inquiries", ["person_id", "asked_at"])
    op.create_index("ix_inquiries_application_id", "inquiries", ["application_id"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("inquiries")
