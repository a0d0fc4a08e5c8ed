"""One day of the record is read by an index, however long ago it was and however much has happened since.

Revision ID: 0030
Revises: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index; the record is only ever added to, at its end."""
    op.create_index("ix_record_entries_at_id", "record_entries", ["at", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_record_entries_at_id", table_name="record_entries")
