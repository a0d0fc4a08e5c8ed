"""The orders, filters and search of an office's queue: indexes, and whether the rules ask something of the officer.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_QUEUE = ("handler_office_id", "year", "state")
_DUE = "COALESCE(due_at, 'infinity'::timestamptz)"
_ORDERS = {
    "due": _DUE,
    "name": "initials",
    "grade": "grade",
    "trade": "trade",
    "unit": "unit_name",
    "department": "COALESCE(department_id, '00000000-0000-0000-0000-000000000000'::uuid)",
    "reference": "reference",
    "submitted": "submitted_at",
}
_ONLY = {"asks": "asks", "deferred": "deferral_open", "returned": "round > 1"}


def upgrade() -> None:
    """Add the column, with what the submissions of the present rounds found, and the indexes."""
    op.add_column("applications", sa.Column("asks", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE applications a SET asks = true WHERE EXISTS ("
        "SELECT FROM findings f WHERE f.application_id = a.id AND f.round = a.round AND f.severity = 'asks')"
    )
    for name, value in _ORDERS.items():
        op.create_index(f"ix_applications_by_{name}", "applications", [*_QUEUE, sa.text(value), "id"])
    for name, only in _ONLY.items():
        columns = [*_QUEUE, sa.text(_DUE), "id"]
        op.create_index(f"ix_applications_only_{name}", "applications", columns, postgresql_where=sa.text(only))
    signs = sa.text("regexp_split_to_array(person_name, '')")
    op.create_index("ix_applications_name_signs", "applications", [signs], postgresql_using="gin")
    several = sa.text("strpos(initials, ' ') > 0")
    op.create_index(
        "ix_applications_readings", "applications", ["handler_office_id", "initials"], postgresql_where=several
    )
    for column in ("initials", "unit_name"):
        op.drop_index(f"ix_applications_handler_{column}", "applications")
    op.create_index("ix_inquiries_open", "inquiries", ["office_id"], postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    """Take them away, and give the two indexes back that they replaced."""
    op.drop_index("ix_inquiries_open", "inquiries")
    for column in ("initials", "unit_name"):
        op.create_index(f"ix_applications_handler_{column}", "applications", ["handler_office_id", "year", column])
    op.drop_index("ix_applications_readings", "applications")
    op.drop_index("ix_applications_name_signs", "applications")
    for name in _ONLY:
        op.drop_index(f"ix_applications_only_{name}", "applications")
    for name in _ORDERS:
        op.drop_index(f"ix_applications_by_{name}", "applications")
    op.drop_column("applications", "asks")
