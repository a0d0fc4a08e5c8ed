"""Seating plans, seats, accommodations, invigilation."""

from __future__ import annotations

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their policies."""


def downgrade() -> None:
    """Take them away again."""
