"""Annex forms tell what to mend field by field, and reveals their ground.

Revision ID: 0044
Revises: 0042
"""

from alembic import op

revision = "0044"
down_revision = "0042"
branch_labels = None
depends_on = None

FORMS = """
ALTER TABLE manager_forms
    ADD COLUMN faults jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN access_issued_at timestamptz,
    ADD CONSTRAINT ck_manager_forms_faults_by_field CHECK (jsonb_typeof(faults) = 'object');
UPDATE manager_forms SET access_issued_at = decided_at WHERE account_id IS NOT NULL;
"""
FORMS_BACK = """
ALTER TABLE manager_forms DROP COLUMN access_issued_at, DROP COLUMN faults;
"""
REVEALS = """
ALTER TABLE reveals
    ADD COLUMN account_name text NOT NULL DEFAULT '',
    ADD COLUMN ground text NOT NULL DEFAULT 'other',
    ADD CONSTRAINT ck_reveals_ground_is_known CHECK (
        ground IN ('compare', 'call', 'correction', 'exam', 'complaint', 'authority', 'other')
    );
CREATE INDEX ix_reveals_account_id ON reveals (account_id, at);
"""
REVEALS_BACK = """
DROP INDEX ix_reveals_account_id;
ALTER TABLE reveals DROP COLUMN ground, DROP COLUMN account_name;
"""


def upgrade() -> None:
    """Add them; forms that were accepted before have had their password at once."""
    op.execute(FORMS)
    op.execute(REVEALS)


def downgrade() -> None:
    """Take them away."""
    op.execute(REVEALS_BACK)
    op.execute(FORMS_BACK)
