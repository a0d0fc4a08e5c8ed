"""A fingerprint of every key of the installation, so that a missing key and another installation's are noticed.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLE = "key_fingerprints"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('encryption', 'lookup', 'record', 'papers')", name=op.f("ck_key_fingerprints_purpose_is_known")
        ),
        sa.CheckConstraint(
            "purpose = 'encryption' OR retired_at IS NULL",
            name=op.f("ck_key_fingerprints_encryption_keys_alone_retire"),
        ),
        sa.PrimaryKeyConstraint("purpose", "number", name=op.f("pk_key_fingerprints")),
    )


def downgrade() -> None:
    """Take it away; the next start after coming back takes note of the keys again."""
    op.drop_table(TABLE)
