"""Offices of made-up people: they count in no figure of the province and file nothing.

Revision ID: 0017
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offices", sa.Column("practice", sa.Boolean, nullable=False, server_default=sa.false()))
    op.alter_column("offices", "practice", server_default=None)


def downgrade() -> None:
    op.drop_column("offices", "practice")
