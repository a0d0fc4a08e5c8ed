"""Annex forms tell what to mend field by field, reveals their ground, and bans of earlier years have a second officer.

Revision ID: 0044
Revises: 0043
"""

from alembic import op

revision = "0044"
down_revision = "0043"
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
BANS = """
ALTER TABLE bans
    ADD COLUMN decided_by_name text NOT NULL DEFAULT '',
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN confirmed_by uuid,
    ADD COLUMN confirmed_by_name text NOT NULL DEFAULT '',
    ADD CONSTRAINT ck_bans_confirmed_by_another CHECK (confirmed_by <> decided_by),
    ADD CONSTRAINT ck_bans_confirmation_is_dated CHECK (confirmed_by IS NULL OR confirmed_at IS NOT NULL);
UPDATE bans SET confirmed_at = decided_at WHERE case_id IS NULL;
"""
BANS_BACK = """
DELETE FROM attachments WHERE subject_type = 'ban';
ALTER TABLE bans
    DROP COLUMN confirmed_by_name, DROP COLUMN confirmed_by, DROP COLUMN confirmed_at, DROP COLUMN decided_by_name;
"""
KINDS = (
    *(("delegation", "instrument"), ("roster", "stamped"), ("onsite_batch", "stamped"), ("manager_form", "annex")),
    *(("incident", "evidence"), ("score_check", "request"), ("score_check", "evidence")),
    *(("mark_correction", "evidence"), ("sanction_case", "evidence"), ("sanction_case", "lead")),
    *(("sanction_case", "statement"), ("sanction_case", "appeal"), ("objection", "grounds"), ("objection", "inquiry")),
    *(("evaluation_panel", "minutes"), ("review_appeal", "grounds"), ("identity_correction", "evidence")),
)
"""The capacities in which files belong to something, at the revision before."""


def upgrade() -> None:
    """Add them; accepted forms have had their password, and bans of earlier years keep their effect."""
    op.execute(FORMS)
    op.execute(REVEALS)
    op.execute(BANS)
    _admit((*KINDS, ("ban", "decision")))


def _admit(kinds: tuple[tuple[str, str], ...]) -> None:
    """Let files belong to these things, in these capacities."""
    for name, condition in (
        ("subject_is_known", f"subject_type IN {tuple(dict.fromkeys(subject for subject, _ in kinds))}"),
        ("kind_is_known", f"(subject_type, kind) IN {kinds}"),
    ):
        op.drop_constraint(op.f(f"ck_attachments_{name}"), "attachments")
        op.create_check_constraint(op.f(f"ck_attachments_{name}"), "attachments", condition)


def downgrade() -> None:
    """Take them away; a ban that waits for its second officer goes with its paper."""
    op.execute("DELETE FROM bans WHERE case_id IS NULL AND confirmed_at IS NULL")
    op.execute(BANS_BACK)
    _admit(KINDS)
    op.execute(REVEALS_BACK)
    op.execute(FORMS_BACK)
