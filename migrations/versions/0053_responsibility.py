"""Responsibility for the assessment: responsible persons of offices.

Revision ID: 0053
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_KEY, _MOMENT, _TEXT = sa.Uuid(), sa.DateTime(timezone=True), sa.Text()


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "responsible_persons",
        *_of_office(),
        sa.Column("rank", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("post", _TEXT, nullable=False),
        sa.Column("telephone", _TEXT, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        *_made("entered"),
        sa.CheckConstraint("rank IN ('first', 'main', 'direct')", name="ck_responsible_persons_rank_is_known"),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_responsible_persons_has_a_name"),
    )
    op.create_index("ix_responsible_persons_office_id", "responsible_persons", ["office_id", "year"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("responsible_persons")


def _of_office() -> list[sa.Column[object]]:
    return [
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("office_id", _TEXT, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
    ]


def _made(how: str) -> list[sa.Column[object]]:
    return [
        sa.Column(f"{how}_at", _MOMENT, nullable=False),
        sa.Column(f"{how}_by", _KEY, nullable=False),
        sa.Column(f"{how}_by_name", _TEXT, nullable=False),
    ]
