"""A decision on a mark has its own remedy: until when, and which decision a check contests.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_ONCE = "uq_score_checks_one_of_a_decision"


def upgrade() -> None:
    """Add the columns. Corrections decided before have no period of their own, and their checks contest the mark."""
    op.add_column("mark_corrections", sa.Column("check_until", sa.DateTime(timezone=True), nullable=True))
    for table, column in (("score_checks", "correction_id"), ("publication_entries", "struck_by_correction")):
        op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, "mark_corrections", [column], ["id"])
    contested = ["application_id", "subject", "correction_id"]
    op.create_index(_ONCE, "score_checks", contested, unique=True, postgresql_nulls_not_distinct=True)


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index(_ONCE, "score_checks")
    for table, column in (("publication_entries", "struck_by_correction"), ("score_checks", "correction_id")):
        op.drop_column(table, column)
    op.drop_column("mark_corrections", "check_until")
