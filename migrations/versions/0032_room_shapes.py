"""A room has the shape that its office entered; null stands for the default one.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("exam_rooms", sa.Column("shape", JSONB(), nullable=True))


def downgrade() -> None:
    """Drop the column; every room has the default shape again."""
    op.drop_column("exam_rooms", "shape")
