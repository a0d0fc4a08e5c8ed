"""The moment at which candidates are told of a mark; a second copy that is the same file.

Revision ID: 0061
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Marks of before count as told when they were entered, as they were."""
    op.add_column("marks", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE marks SET told_at = known_at")
    op.add_column("mark_imports", sa.Column("same_file", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("mark_imports", "same_file", server_default=None)


def downgrade() -> None:
    """Every mark is known from its entry on."""
    op.drop_column("mark_imports", "same_file")
    op.drop_column("marks", "told_at")
