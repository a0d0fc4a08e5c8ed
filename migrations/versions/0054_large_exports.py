"""Large tables that are ordered as files, and made in the background.

Revision ID: 0054
Revises: 0053
"""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the orders of large tables."""
    op.execute(
        """
        CREATE TABLE table_exports (
            id uuid CONSTRAINT pk_table_exports PRIMARY KEY,
            office_id text NOT NULL CONSTRAINT fk_table_exports_office_id REFERENCES offices,
            account_id uuid NOT NULL,
            grant_id uuid,
            unit_id uuid,
            address text NOT NULL,
            query jsonb NOT NULL,
            path jsonb NOT NULL,
            title text NOT NULL,
            filters text NOT NULL,
            state text NOT NULL,
            stopped text NOT NULL,
            rows bigint NOT NULL,
            asked_at timestamptz NOT NULL,
            finished_at timestamptz,
            size bigint,
            sha256 text,
            sealed_key bytea NOT NULL,
            CONSTRAINT ck_table_exports_state_is_known
                CHECK (state IN ('waiting', 'working', 'ready', 'failed', 'stopped')),
            CONSTRAINT ck_table_exports_ready_has_a_digest CHECK ((state = 'ready') = (sha256 IS NOT NULL)),
            CONSTRAINT ck_table_exports_stopped_for_a_reason CHECK ((state = 'stopped') = (stopped <> ''))
        )
        """
    )
    op.execute("CREATE INDEX ix_table_exports_account_id_asked_at ON table_exports (account_id, asked_at)")
    op.execute("CREATE INDEX ix_table_exports_asked_at ON table_exports (asked_at)")


def downgrade() -> None:
    """Remove the orders; their files stay in the store without a row."""
    op.execute("DROP TABLE table_exports")
