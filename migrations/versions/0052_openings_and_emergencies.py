"""The opening of sites before a sitting, and its alarms.

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_MOMENT, _KEY, _NAME = sa.DateTime(timezone=True), sa.Uuid(), sa.Text()


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "site_openings",
        *_of_a_sitting(),
        sa.Column("step", _NAME, nullable=False),
        sa.Column("in_order", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("remark", _NAME, nullable=False),
        sa.Column("noted_at", _MOMENT, nullable=False),
        sa.Column("noted_by", _KEY, nullable=False),
        sa.Column("noted_name", _NAME, nullable=False),
        sa.CheckConstraint(
            "step IN ('arrived', 'papers', 'staff', 'rooms', 'open')", name="ck_site_openings_step_is_known"
        ),
        sa.CheckConstraint(
            "in_order OR btrim(remark) <> '' OR missing <> '[]'", name="ck_site_openings_fault_is_explained"
        ),
        sa.CheckConstraint("in_order OR step <> 'open'", name="ck_site_openings_opened_in_order"),
    )
    op.create_index(
        "ix_site_openings_sitting_id", "site_openings", ["sitting_id", "site_id", "starts_at", "step", "id"]
    )
    op.create_table(
        "opening_alarms",
        *_of_a_sitting(),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.Column("settled_how", _NAME, nullable=True),
        sa.Column("settled_by", _KEY, nullable=True),
        sa.Column("settled_name", _NAME, nullable=True),
        sa.Column("reason", _NAME, nullable=False),
        sa.UniqueConstraint(
            "sitting_id", "site_id", "starts_at", name="uq_opening_alarms_sitting_id_site_id_starts_at"
        ),
        sa.CheckConstraint(
            "settled_how IN ('opened', 'reason', 'overtaken')", name="ck_opening_alarms_settled_how_is_known"
        ),
        sa.CheckConstraint(
            "num_nulls(settled_at, settled_how, settled_name) IN (0, 3)", name="ck_opening_alarms_settled_somehow"
        ),
        sa.CheckConstraint(
            "settled_how IS DISTINCT FROM 'reason' OR btrim(reason) <> ''",
            name="ck_opening_alarms_settled_for_a_reason",
        ),
    )
    op.create_index("ix_opening_alarms_office_id_year", "opening_alarms", ["office_id", "year"])


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("opening_alarms")
    op.drop_table("site_openings")


def _of_a_sitting() -> list[sa.Column[object]]:
    """The columns that say which site in which sitting."""
    return [
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("office_id", _NAME, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("sitting_id", _KEY, sa.ForeignKey("sittings.id"), nullable=False),
        sa.Column("site_id", _KEY, sa.ForeignKey("exam_sites.id"), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
    ]
