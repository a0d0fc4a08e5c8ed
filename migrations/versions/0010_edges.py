"""Count at the edge: how often one address or account has tried something, for all workers together.

The table holds keyed hashes and moments, and is asked before anybody is known: it has no policies (core.db.isolation
says so too).

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowances",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_allowances"),
        prefixes=["UNLOGGED"],
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON allowances TO kaowu_app")
    # How many jobs wait is counted beside what only the auditor may count.
    op.execute("GRANT SELECT (status) ON procrastinate_jobs TO kaowu_auditor")


def downgrade() -> None:
    op.execute("REVOKE SELECT (status) ON procrastinate_jobs FROM kaowu_auditor")
    op.drop_table("allowances")
