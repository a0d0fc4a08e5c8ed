"""Uploaded material: a key for each file, one current file for each material, and what scanners said.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_VERDICTS = "'not_scanned', 'clean', 'infected'"
_UPDATED_BY_SCANS = "scan_verdict, scanned_at"


def upgrade() -> None:
    # A file from before has no key of its own and must be uploaded again; nothing of that age was released.
    op.add_column("documents", sa.Column("sealed_key", sa.LargeBinary(), nullable=False, server_default=""))
    op.add_column("documents", sa.Column("scan_verdict", sa.Text(), nullable=False, server_default="not_scanned"))
    op.add_column("documents", sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("documents", "sealed_key", server_default=None)
    op.alter_column("documents", "scan_verdict", server_default=None)
    op.create_check_constraint(
        op.f("ck_documents_scan_verdict_is_known"), "documents", f"scan_verdict IN ({_VERDICTS})"
    )
    op.create_index(
        "uq_documents_current",
        "documents",
        ["application_id", "material"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.execute(f"GRANT UPDATE ({_UPDATED_BY_SCANS}) ON documents TO kaowu_app")
    op.execute("GRANT UPDATE (sealed_key) ON documents TO kaowu_keeper")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (sealed_key) ON documents FROM kaowu_keeper")
    op.execute(f"REVOKE UPDATE ({_UPDATED_BY_SCANS}) ON documents FROM kaowu_app")
    op.drop_index("uq_documents_current", table_name="documents")
    op.drop_constraint(op.f("ck_documents_scan_verdict_is_known"), "documents")
    for column in ("scanned_at", "scan_verdict", "sealed_key"):
        op.drop_column("documents", column)
