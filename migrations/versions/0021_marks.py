"""Marks, outcomes, score checks, level-one evaluation."""

from __future__ import annotations

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their policies."""


def downgrade() -> None:
    """Take them away again."""
