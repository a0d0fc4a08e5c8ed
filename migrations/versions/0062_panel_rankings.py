"""Rankings of panels against the quotas, proposed by one officer and confirmed by another.

Revision ID: 0062
Revises: 0061
"""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute(
        """
        CREATE TABLE panel_rankings (
            id uuid CONSTRAINT pk_panel_rankings PRIMARY KEY,
            panel_id uuid NOT NULL,
            office_id text NOT NULL,
            version bigint NOT NULL,
            state text NOT NULL,
            rows jsonb NOT NULL,
            digest text NOT NULL,
            proposed_at timestamptz NOT NULL,
            proposed_by uuid NOT NULL,
            proposed_on_behalf uuid,
            proposed_by_name text NOT NULL,
            decided_at timestamptz,
            decided_by uuid,
            decided_by_name text,
            remark text NOT NULL,
            withdrawn_at timestamptz,
            withdrawn_by uuid,
            CONSTRAINT fk_panel_rankings_panel_id_office_id FOREIGN KEY (
                panel_id, office_id
            ) REFERENCES evaluation_panels (id, office_id),
            CONSTRAINT uq_panel_rankings_panel_id_version UNIQUE (panel_id, version),
            CONSTRAINT ck_panel_rankings_state_is_known
                CHECK (state IN ('proposed', 'confirmed', 'returned', 'withdrawn')),
            CONSTRAINT ck_panel_rankings_decided_is_dated CHECK ((state = 'proposed') = (decided_at IS NULL)),
            CONSTRAINT ck_panel_rankings_decision_is_signed CHECK (num_nulls(decided_at, decided_by) IN (0, 2)),
            CONSTRAINT ck_panel_rankings_two_people CHECK (state <> 'confirmed' OR decided_by <> proposed_by),
            CONSTRAINT ck_panel_rankings_withdrawn_is_dated CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
            CONSTRAINT ck_panel_rankings_back_for_a_reason
                CHECK (state NOT IN ('returned', 'withdrawn') OR btrim(remark) <> '')
        );
        CREATE UNIQUE INDEX uq_panel_rankings_one_live ON panel_rankings (panel_id)
            WHERE state IN ('proposed', 'confirmed');
        CREATE INDEX ix_panel_rankings_office_id_state ON panel_rankings (office_id, state);
        """
    )


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP TABLE panel_rankings")
