"""The columns of a room stand in its shape: the column that only the version before shapes read goes.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_DEFAULT = "6"


def upgrade() -> None:
    """Drop the column with its check."""
    op.drop_column("exam_rooms", "columns")


def downgrade() -> None:
    """Add it again: every room has the columns of the default shape, as the version before had them."""
    op.add_column("exam_rooms", sa.Column("columns", sa.BigInteger(), nullable=False, server_default=_DEFAULT))
    op.alter_column("exam_rooms", "columns", server_default=None)
    op.create_check_constraint("ck_exam_rooms_has_columns", "exam_rooms", "columns > 0")
