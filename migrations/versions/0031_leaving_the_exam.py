"""A ticket and a seat name the move that took them along; a sample names its season.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what writes them stands in ``migrations/sql``."""
    for table in ("admission_tickets", "seats"):
        op.add_column(table, sa.Column("voided_by_move", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_voided_by_move"), table, "moves", ["voided_by_move"], ["id"])
    op.create_index("ix_admission_tickets_voided_by_move", "admission_tickets", ["voided_by_move"])
    op.add_column("samples", sa.Column("year", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_samples_year"), "samples", "seasons", ["year"], ["year"])


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("samples", "year")
    for table in ("seats", "admission_tickets"):
        op.drop_column(table, "voided_by_move")
