"""Acts of units with effect from a day, pairs of units that are not the same, and the organisation code of a unit.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_ENDED = "(state = 'planned') = (settled_at IS NULL)"


def upgrade() -> None:
    """Add the code, and make both tables."""
    moment, key = sa.DateTime(timezone=True), sa.Uuid()
    op.add_column("units", sa.Column("code", sa.Text(), nullable=True))
    op.create_index("ix_units_code", "units", ["code"])
    op.create_table(
        "unit_acts",
        sa.Column("id", key, primary_key=True),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("ordered_by_office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_ids", ARRAY(sa.Text()), nullable=False),
        sa.Column("terms", JSONB(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ordered_at", moment, nullable=False),
        sa.Column("ordered_by", key, nullable=False),
        sa.Column("ordered_by_name", sa.Text(), nullable=False),
        sa.Column("settled_at", moment, nullable=True),
        sa.Column("settled_by_name", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("became", ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('rename', 'merge', 'split', 'place', 'move', 'end')", name="ck_unit_acts_kind_is_known"
        ),
        sa.CheckConstraint("state IN ('planned', 'done', 'cancelled', 'failed')", name="ck_unit_acts_state_is_known"),
        sa.CheckConstraint(_ENDED, name="ck_unit_acts_settled_is_dated"),
        sa.CheckConstraint("cardinality(unit_ids) > 0", name="ck_unit_acts_of_a_unit"),
    )
    op.create_index("ix_unit_acts_office_id", "unit_acts", ["office_id", "state", "valid_from"])
    op.create_index("ix_unit_acts_unit_ids", "unit_acts", ["unit_ids"], postgresql_using="gin")
    op.create_table(
        "unit_differences",
        sa.Column("id", key, primary_key=True),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("first_id", key, sa.ForeignKey("units.id"), nullable=False),
        sa.Column("second_id", key, sa.ForeignKey("units.id"), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", key, nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "office_id", "first_id", "second_id", name="uq_unit_differences_office_id_first_id_second_id"
        ),
        sa.CheckConstraint("first_id < second_id", name="ck_unit_differences_in_order"),
    )


def downgrade() -> None:
    """Take both tables and the code away."""
    op.drop_table("unit_differences")
    op.drop_table("unit_acts")
    op.drop_index("ix_units_code", "units")
    op.drop_column("units", "code")
