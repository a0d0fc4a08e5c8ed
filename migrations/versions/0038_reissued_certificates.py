"""Certificates that take the place of another: after a change of name, a misprint or a loss.

Revision ID: 0038
Revises: 0037
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

REISSUES = """
CREATE TABLE certificate_reissues (
    id uuid CONSTRAINT pk_certificate_reissues PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_certificate_reissues_office_id REFERENCES offices,
    application_id uuid NOT NULL CONSTRAINT fk_certificate_reissues_application_id REFERENCES applications,
    certificate_id uuid NOT NULL CONSTRAINT fk_certificate_reissues_certificate_id REFERENCES certificates,
    ground text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    asked_on_behalf uuid,
    asked_by_name text NOT NULL,
    proposed_at timestamptz,
    proposed_by uuid,
    proposed_on_behalf uuid,
    proposed_by_name text NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    decided_by_name text NOT NULL,
    remark text NOT NULL,
    CONSTRAINT ck_certificate_reissues_ground_is_known CHECK (ground IN ('changed', 'wrong', 'misprint', 'lost')),
    CONSTRAINT ck_certificate_reissues_state_is_known CHECK (state IN ('asked', 'proposed', 'granted', 'refused')),
    CONSTRAINT ck_certificate_reissues_has_a_reason CHECK (btrim(reason) <> ''),
    CONSTRAINT ck_certificate_reissues_proposal_is_signed CHECK (num_nulls(proposed_at, proposed_by) IN (0, 2)),
    CONSTRAINT ck_certificate_reissues_decision_is_signed CHECK (num_nulls(decided_at, decided_by) IN (0, 2)),
    CONSTRAINT ck_certificate_reissues_decided_when_settled CHECK (
        (state IN ('granted', 'refused')) = (decided_at IS NOT NULL)
    ),
    CONSTRAINT ck_certificate_reissues_two_people CHECK (
        state IN ('asked', 'proposed') OR (proposed_by IS NOT NULL AND decided_by <> proposed_by)
    )
);
CREATE UNIQUE INDEX uq_certificate_reissues_one_open ON certificate_reissues (certificate_id)
    WHERE state IN ('asked', 'proposed');
CREATE INDEX ix_certificate_reissues_application_id ON certificate_reissues (application_id);
CREATE INDEX ix_certificate_reissues_certificate_id ON certificate_reissues (certificate_id);
CREATE INDEX ix_certificate_reissues_office_id ON certificate_reissues (office_id, state, asked_at);
"""
CERTIFICATES = """
ALTER TABLE certificates
    ADD COLUMN replaces_id uuid CONSTRAINT fk_certificates_replaces_id REFERENCES certificates
        CONSTRAINT uq_certificates_replaces_id UNIQUE,
    ADD COLUMN superseded_at timestamptz,
    ADD COLUMN superseded_ground text,
    ADD COLUMN holder_name text,
    ADD COLUMN holder_tail text,
    ADD COLUMN former_name text,
    DROP CONSTRAINT uq_certificates_application_id,
    DROP CONSTRAINT ck_certificates_returned_once_revoked,
    ADD CONSTRAINT ck_certificates_returned_once_called_back CHECK (
        returned_at IS NULL OR returned_at >= coalesce(revoked_at, superseded_at)
    ),
    ADD CONSTRAINT ck_certificates_superseded_for_a_ground CHECK (
        (superseded_at IS NULL) = (superseded_ground IS NULL)
        AND superseded_ground IN ('changed', 'wrong', 'misprint', 'lost')
    ),
    ADD CONSTRAINT ck_certificates_revoked_or_superseded CHECK (num_nonnulls(revoked_at, superseded_at) <= 1);
CREATE UNIQUE INDEX uq_certificates_in_force ON certificates (application_id) WHERE superseded_at IS NULL;
CREATE INDEX ix_certificates_application_id ON certificates (application_id);
"""
BACK = """
DROP INDEX ix_certificates_application_id;
DROP INDEX uq_certificates_in_force;
ALTER TABLE certificates
    DROP CONSTRAINT ck_certificates_revoked_or_superseded,
    DROP CONSTRAINT ck_certificates_superseded_for_a_ground,
    DROP CONSTRAINT ck_certificates_returned_once_called_back,
    ADD CONSTRAINT ck_certificates_returned_once_revoked CHECK (returned_at IS NULL OR returned_at >= revoked_at),
    ADD CONSTRAINT uq_certificates_application_id UNIQUE (application_id),
    DROP COLUMN former_name,
    DROP COLUMN holder_tail,
    DROP COLUMN holder_name,
    DROP COLUMN superseded_ground,
    DROP COLUMN superseded_at,
    DROP COLUMN replaces_id;
DROP TABLE certificate_reissues;
"""


def upgrade() -> None:
    """Add them: one certificate in force is allowed for each application, not one for ever."""
    op.execute(REISSUES)
    op.execute(CERTIFICATES)


def downgrade() -> None:
    """Take them away; refused by the constraint where a certificate was issued again."""
    op.execute(BACK)
