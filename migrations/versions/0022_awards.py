"""Publication, certificates, archives, sanction cases."""

from __future__ import annotations

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their policies."""


def downgrade() -> None:
    """Take them away again."""
