"""Two people stand behind a sanction: the case names whom its opener acted for.

Revision ID: 0036
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what writes it stands in ``migrations/sql``."""
    op.add_column("sanction_cases", sa.Column("opened_on_behalf", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("sanction_cases", "opened_on_behalf")
