"""Annex forms tell what to mend field by field, and when the letter with the password was printed.

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


def upgrade() -> None:
    """Add them; forms that were accepted before have had their password at once."""
    op.execute(FORMS)


def downgrade() -> None:
    """Take them away."""
    op.execute(FORMS_BACK)
