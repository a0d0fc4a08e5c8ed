"""Decisions that are taken back, and those that were made together with others.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_AFTER = {
    "unit_review": ("department_review", "qualification_review", "returned", "rejected"),
    "department_review": ("qualification_review", "returned", "rejected"),
    "qualification_review": ("onsite_confirmation", "provisional", "qualified", "returned", "rejected"),
    "onsite_confirmation": ("provisional", "qualified", "returned", "rejected"),
    "provisional": ("qualified", "rejected"),
}
"""The states that a decision in each state leads to; it is taken back from there."""


def upgrade() -> None:
    """Let a decision be taken back, and keep what that needs with each move."""
    op.add_column("moves", sa.Column("bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("moves", sa.Column("due_before", sa.DateTime(timezone=True)))
    table = sa.table("transitions", *(sa.column(name) for name in ("action", "from_state", "to_state")))
    rows = [
        {"action": "undo", "from_state": end, "to_state": decided} for decided, ends in _AFTER.items() for end in ends
    ]
    op.bulk_insert(table, rows)


def downgrade() -> None:
    """Take both away; refused by the database while a decision has been taken back."""
    op.execute("DELETE FROM transitions WHERE action = 'undo'")
    op.drop_column("moves", "due_before")
    op.drop_column("moves", "bulk")
