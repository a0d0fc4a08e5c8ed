"""Appointments of units for on-site confirmation, who is missing from a batch, and originals that are lost.

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_STATES = "state IN ('booked', 'arrived', 'called', 'served', 'missed', 'ended')"
_OPEN = "state IN ('booked', 'arrived', 'called')"


def upgrade() -> None:
    """Make both tables, and add the columns."""
    moment, key = sa.DateTime(timezone=True), sa.Uuid()
    op.create_table(
        "onsite_slots",
        sa.Column("id", key, primary_key=True),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("begins", moment, nullable=False),
        sa.Column("ends", moment, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("unit_ids", ARRAY(sa.Text()), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("made_by", key, nullable=False),
        sa.Column("made_by_name", sa.Text(), nullable=False),
        sa.Column("cancelled_at", moment, nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("begins < ends", name="ck_onsite_slots_ends_after_it_begins"),
        sa.CheckConstraint("capacity > 0", name="ck_onsite_slots_takes_somebody"),
    )
    op.create_index("ix_onsite_slots_office_id", "onsite_slots", ["office_id", "year", "begins"])
    op.create_table(
        "onsite_bookings",
        sa.Column("id", key, primary_key=True),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("slot_id", key, sa.ForeignKey("onsite_slots.id"), nullable=False),
        sa.Column("unit_id", key, sa.ForeignKey("units.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("booked_at", moment, nullable=False),
        sa.Column("booked_by", key, nullable=False),
        sa.Column("booked_by_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", moment, nullable=False),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("slot_id", "number", name="uq_onsite_bookings_slot_id_number"),
        sa.CheckConstraint(_STATES, name="ck_onsite_bookings_state_is_known"),
    )
    op.create_index(
        "uq_onsite_bookings_open",
        "onsite_bookings",
        ["office_id", "unit_id", "year"],
        unique=True,
        postgresql_where=sa.text(_OPEN),
    )
    op.create_index("ix_onsite_bookings_unit_id", "onsite_bookings", ["unit_id"])
    op.add_column("onsite_batch_items", sa.Column("missing_at", moment, nullable=True))
    op.add_column("onsite_batch_items", sa.Column("missing", sa.Text(), nullable=False, server_default=""))
    op.add_column("originals", sa.Column("lost_at", moment, nullable=True))
    op.add_column("originals", sa.Column("lost_by", key, nullable=True))
    op.add_column("originals", sa.Column("lost_remark", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take all of it away."""
    for column in ("lost_remark", "lost_by", "lost_at"):
        op.drop_column("originals", column)
    for column in ("missing", "missing_at"):
        op.drop_column("onsite_batch_items", column)
    op.drop_table("onsite_bookings")
    op.drop_table("onsite_slots")
