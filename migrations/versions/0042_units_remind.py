"""Reminders (催办) by units and departments, and what a unit states of its vacant posts (岗位空缺).

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    moment, key = sa.DateTime(timezone=True), sa.Uuid()
    op.create_table(
        "reminders",
        sa.Column("id", key, primary_key=True),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", key, sa.ForeignKey("persons.id"), nullable=True),
        sa.Column("application_id", key, sa.ForeignKey("applications.id"), nullable=True),
        sa.Column("unit_id", key, sa.ForeignKey("units.id"), nullable=True),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("from_unit_id", key, sa.ForeignKey("units.id"), nullable=False),
        sa.Column("sent_at", moment, nullable=False),
        sa.Column("sent_by", key, nullable=False),
        sa.Column("sent_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("num_nonnulls(person_id, unit_id) = 1", name="ck_reminders_one_recipient"),
        sa.CheckConstraint("(person_id IS NULL) = (application_id IS NULL)", name="ck_reminders_a_person_has_a_case"),
        sa.CheckConstraint("cases > 0", name="ck_reminders_of_something"),
        sa.CheckConstraint("unit_id <> from_unit_id", name="ck_reminders_another_unit"),
        sa.UniqueConstraint("person_id", "day", name="uq_reminders_person_id_day"),
        sa.UniqueConstraint("unit_id", "day", name="uq_reminders_unit_id_day"),
    )
    op.create_index("ix_reminders_application_id", "reminders", ["application_id"])
    op.create_index("ix_reminders_from_unit_id", "reminders", ["from_unit_id", "day"])
    op.create_table(
        "post_statements",
        sa.Column("id", key, primary_key=True),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("unit_id", key, sa.ForeignKey("units.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("vacant", JSONB(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("stated_at", moment, nullable=False),
        sa.Column("stated_by", key, nullable=False),
        sa.Column("stated_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(vacant) = 'object'", name="ck_post_statements_vacant_by_grade"),
        sa.UniqueConstraint("unit_id", "year", name="uq_post_statements_unit_id_year"),
    )


def downgrade() -> None:
    """Take both tables away."""
    op.drop_table("post_statements")
    op.drop_table("reminders")
