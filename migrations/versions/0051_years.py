"""The life of a year: acts of the province that open it, bring it to its end, and close it.

Revision ID: 0051
Revises: 0050
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Years without an act are open from the day of their notice."""
    moment, key, name = sa.DateTime(timezone=True), sa.Uuid(), sa.Text()
    op.create_table(
        "season_acts",
        sa.Column("id", key, primary_key=True),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("phase", name, nullable=False),
        sa.Column("effective", moment, nullable=False),
        sa.Column("reason", name, nullable=False),
        sa.Column("unfinished", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("made_by", key, nullable=False),
        sa.Column("made_by_name", name, nullable=False),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.Column("confirmed_by", key, nullable=True),
        sa.Column("confirmed_by_name", name, nullable=False),
        sa.Column("cancelled_at", moment, nullable=True),
        sa.Column("cancelled_by", key, nullable=True),
        sa.Column("cancelled_by_name", name, nullable=False),
        sa.Column("cancel_reason", name, nullable=False),
        sa.CheckConstraint("phase IN ('open', 'closing', 'closed')", name="ck_season_acts_phase_is_known"),
        sa.CheckConstraint("btrim(reason) <> ''", name="ck_season_acts_has_a_reason"),
        sa.CheckConstraint("confirmed_by <> made_by", name="ck_season_acts_confirmed_by_another"),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="ck_season_acts_confirmation_is_dated"
        ),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="ck_season_acts_cancelling_is_dated"
        ),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR btrim(cancel_reason) <> ''", name="ck_season_acts_cancelled_for_a_reason"
        ),
    )
    op.create_index("ix_season_acts_year", "season_acts", ["year", "effective"])


def downgrade() -> None:
    """Take the table away: every earlier year counts as ended again."""
    op.drop_table("season_acts")
