"""Second factors taken away by two officers: the proposal of one, and its end by another or by the owner.

Revision ID: 0065
Revises: 0064
"""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of proposals."""
    op.execute(
        """
        CREATE TABLE factor_removals (
            id uuid CONSTRAINT pk_factor_removals PRIMARY KEY,
            office_id text NOT NULL CONSTRAINT fk_factor_removals_office_id REFERENCES offices,
            account_id uuid NOT NULL CONSTRAINT fk_factor_removals_account_id REFERENCES accounts,
            account_name text NOT NULL,
            unit_id uuid CONSTRAINT fk_factor_removals_unit_id REFERENCES units,
            told_office_id text CONSTRAINT fk_factor_removals_told_office_id REFERENCES offices,
            for_superior boolean NOT NULL,
            ground text NOT NULL,
            reason text NOT NULL,
            state text NOT NULL,
            proposed_at timestamptz NOT NULL,
            proposed_by uuid NOT NULL,
            proposed_on_behalf uuid,
            proposed_by_name text NOT NULL,
            expires_at timestamptz NOT NULL,
            decided_at timestamptz,
            decided_by uuid,
            decided_by_name text NOT NULL,
            remark text NOT NULL,
            CONSTRAINT ck_factor_removals_ground_is_known
                CHECK (ground IN ('phone_lost', 'phone_changed', 'app_fails', 'other')),
            CONSTRAINT ck_factor_removals_state_is_known
                CHECK (state IN ('proposed', 'granted', 'refused', 'withdrawn', 'expired')),
            CONSTRAINT ck_factor_removals_has_a_reason CHECK (btrim(reason) <> ''),
            CONSTRAINT ck_factor_removals_decision_is_signed CHECK (num_nulls(decided_at, decided_by) IN (0, 2)),
            CONSTRAINT ck_factor_removals_decided_when_settled
                CHECK ((state IN ('proposed', 'expired')) = (decided_at IS NULL)),
            CONSTRAINT ck_factor_removals_not_for_oneself CHECK (proposed_by <> account_id),
            CONSTRAINT ck_factor_removals_two_people CHECK (
                state NOT IN ('granted', 'refused')
                OR (decided_by <> proposed_by AND decided_by <> account_id AND decided_at < expires_at)
            ),
            CONSTRAINT ck_factor_removals_refused_for_a_reason CHECK (state <> 'refused' OR btrim(remark) <> '')
        );
        CREATE UNIQUE INDEX uq_factor_removals_one_open ON factor_removals (account_id) WHERE state = 'proposed';
        CREATE INDEX ix_factor_removals_account_id ON factor_removals (account_id, decided_at);
        CREATE INDEX ix_factor_removals_office_id ON factor_removals (office_id, state, proposed_at);
        CREATE INDEX ix_factor_removals_unit_id ON factor_removals (unit_id)
        """
    )


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP TABLE factor_removals")
