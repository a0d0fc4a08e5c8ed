"""The orders of an office's queue as indexes that PostgreSQL looks up under row-level security.

COALESCE counts as leaky: a condition on it filtered every case of the office instead of being looked up. CASE does not.
A reading of a name's initials is looked up by how it begins, where all names with several readings were read.

Revision ID: 0055
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_QUEUE = ("handler_office_id", "year", "state")
_EMPTY = {"due_at": "'infinity'::timestamptz", "department_id": "'00000000-0000-0000-0000-000000000000'::uuid"}
_ONLY = {"asks": "asks", "deferred": "deferral_open", "returned": "round > 1"}


def upgrade() -> None:
    """Build the indexes anew on CASE."""
    _build({column: f"(CASE WHEN {column} IS NULL THEN {empty} ELSE {column} END)" for column, empty in _EMPTY.items()})
    op.drop_index("ix_applications_readings", "applications")
    _index_readings([sa.text("to_tsvector('simple'::regconfig, initials)")], postgresql_using="gin")


def downgrade() -> None:
    """Build them anew on COALESCE."""
    op.drop_index("ix_applications_readings", "applications")
    _index_readings(["handler_office_id", "initials"])
    _build({column: f"COALESCE({column}, {empty})" for column, empty in _EMPTY.items()})


def _build(places: dict[str, str]) -> None:
    wanted = {f"by_{column.split('_', 1)[0]}": (place, None) for column, place in places.items()}
    wanted |= {f"only_{name}": (places["due_at"], only) for name, only in _ONLY.items()}
    for name, (place, only) in wanted.items():
        op.drop_index(f"ix_applications_{name}", "applications")
        where = None if only is None else sa.text(only)
        op.create_index(
            f"ix_applications_{name}", "applications", [*_QUEUE, sa.text(place), "id"], postgresql_where=where
        )


def _index_readings(columns: list[str | sa.TextClause], **more: str) -> None:
    several = sa.text("strpos(initials, ' ') > 0")
    op.create_index("ix_applications_readings", "applications", columns, postgresql_where=several, **more)
