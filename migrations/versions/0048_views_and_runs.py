"""The desk as each officer keeps it, and many cases decided in the background.

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_KEY, _MOMENT = sa.Uuid(), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _views()
    _runs()


def downgrade() -> None:
    """Take them away."""
    op.drop_table("bulk_run_cases")
    op.drop_table("bulk_runs")
    op.drop_table("desk_views")


def _office() -> sa.Column[str]:
    return sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False)


def _views() -> None:
    op.create_table(
        "desk_views",
        sa.Column("id", _KEY, primary_key=True),
        _office(),
        sa.Column("account_id", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("filters", JSONB(), nullable=False),
        sa.Column("columns", ARRAY(sa.Text()), nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_desk_views_has_a_name"),
        sa.UniqueConstraint("account_id", "office_id", "name", name="uq_desk_views_account_id_office_id_name"),
    )
    only = {"unique": True, "postgresql_where": sa.text("is_default")}
    op.create_index("uq_desk_views_one_default", "desk_views", ["account_id", "office_id"], **only)


def _runs() -> None:
    op.create_table(
        "bulk_runs",
        sa.Column("id", _KEY, primary_key=True),
        _office(),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("account_id", _KEY, nullable=False),
        sa.Column("grant_id", _KEY, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("items", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.UniqueConstraint("id", "office_id", name="uq_bulk_runs_id_office_id"),
        sa.CheckConstraint("action IN ('approve', 'confirm', 'return')", name="ck_bulk_runs_action_is_known"),
        sa.CheckConstraint("state IN ('waiting', 'working', 'ready', 'stopped')", name="ck_bulk_runs_state_is_known"),
        sa.CheckConstraint("done <= total", name="ck_bulk_runs_no_more_than_asked_for"),
        sa.CheckConstraint("(state = 'stopped') = (stopped <> '')", name="ck_bulk_runs_stopped_for_a_reason"),
    )
    op.create_index("ix_bulk_runs_account_id", "bulk_runs", ["account_id", "asked_at"])
    op.create_table(
        "bulk_run_cases",
        sa.Column("id", _KEY, primary_key=True),
        _office(),
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("application_id", _KEY, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id", "office_id"],
            ["bulk_runs.id", "bulk_runs.office_id"],
            name="fk_bulk_run_cases_run_id_bulk_runs",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("run_id", "application_id", name="uq_bulk_run_cases_run_id_application_id"),
        sa.CheckConstraint("decided_at IS NOT NULL OR refusal = ''", name="ck_bulk_run_cases_refused_at_some_time"),
    )
    op.create_index("ix_bulk_run_cases_application_id", "bulk_run_cases", ["application_id"])
    open_cases = sa.text("decided_at IS NULL")
    op.create_index(
        "ix_bulk_run_cases_open", "bulk_run_cases", ["run_id", "application_id"], postgresql_where=open_cases
    )
