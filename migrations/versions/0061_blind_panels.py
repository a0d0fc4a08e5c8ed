"""Panels of the comprehensive review whose numbers lead nowhere, whose members are replaced, and that are dissolved.

Revision ID: 0061
Revises: 0060
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

DRAWS = """
CREATE TABLE panel_draws (
    panel_id uuid CONSTRAINT pk_panel_draws PRIMARY KEY,
    office_id text NOT NULL,
    seed text NOT NULL,
    CONSTRAINT fk_panel_draws_panel_id_office_id FOREIGN KEY (
        panel_id, office_id
    ) REFERENCES evaluation_panels (id, office_id)
);
INSERT INTO panel_draws SELECT id, office_id, seed FROM evaluation_panels;
ALTER TABLE evaluation_panels
    ADD COLUMN commitment text,
    ADD COLUMN dissolved_at timestamptz,
    ADD COLUMN dissolved_by uuid,
    ADD COLUMN dissolved_reason text NOT NULL DEFAULT '';
UPDATE evaluation_panels SET commitment = encode(sha256(convert_to(seed, 'UTF8')), 'hex');
ALTER TABLE evaluation_panels
    ALTER COLUMN commitment SET NOT NULL,
    ALTER COLUMN dissolved_reason DROP DEFAULT,
    DROP COLUMN seed,
    DROP CONSTRAINT uq_evaluation_panels_office_id_year_name,
    DROP CONSTRAINT ck_evaluation_panels_state_is_known,
    DROP CONSTRAINT ck_evaluation_panels_closed_is_dated,
    ADD CONSTRAINT ck_evaluation_panels_state_is_known
        CHECK (state IN ('forming', 'scoring', 'closed', 'dissolved')),
    ADD CONSTRAINT ck_evaluation_panels_closed_is_dated CHECK (state <> 'closed' OR closed_at IS NOT NULL),
    ADD CONSTRAINT ck_evaluation_panels_dissolved_is_dated
        CHECK ((state = 'dissolved') = (dissolved_at IS NOT NULL)),
    ADD CONSTRAINT ck_evaluation_panels_dissolved_for_a_reason
        CHECK (state <> 'dissolved' OR btrim(dissolved_reason) <> '');
CREATE UNIQUE INDEX uq_evaluation_panels_one_name ON evaluation_panels (office_id, year, name)
    WHERE state <> 'dissolved';
"""
MEMBERS = """
ALTER TABLE panel_members
    ADD COLUMN drawn boolean NOT NULL DEFAULT false,
    ADD COLUMN substitute boolean NOT NULL DEFAULT false,
    ADD COLUMN left_at timestamptz,
    ADD COLUMN left_by uuid,
    ADD COLUMN left_reason text NOT NULL DEFAULT '',
    ADD CONSTRAINT ck_panel_members_left_for_a_reason CHECK (left_at IS NULL OR btrim(left_reason) <> ''),
    ADD CONSTRAINT ck_panel_members_nobody_who_left_chairs CHECK (left_at IS NULL OR NOT chairs);
ALTER TABLE panel_members
    ALTER COLUMN drawn DROP DEFAULT,
    ALTER COLUMN substitute DROP DEFAULT,
    ALTER COLUMN left_reason DROP DEFAULT;
"""
IDENTITIES = """
ALTER TABLE panel_candidates
    ADD COLUMN id uuid,
    ADD COLUMN trade text,
    ADD COLUMN material jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN works text NOT NULL DEFAULT '';
UPDATE panel_candidates c SET id = gen_random_uuid(), trade = a.trade FROM applications a WHERE a.id = c.application_id;
CREATE TABLE panel_identities (
    candidate_id uuid NOT NULL,
    application_id uuid NOT NULL CONSTRAINT fk_panel_identities_application_id REFERENCES applications,
    panel_id uuid NOT NULL,
    office_id text NOT NULL
);
INSERT INTO panel_identities SELECT id, application_id, panel_id, office_id FROM panel_candidates;
ALTER TABLE evaluation_sheets ADD COLUMN candidate_id uuid;
UPDATE evaluation_sheets s SET candidate_id = c.id FROM panel_candidates c WHERE c.application_id = s.application_id;
ALTER TABLE evaluation_sheets
    DROP CONSTRAINT uq_evaluation_sheets_application_id_account_id,
    DROP CONSTRAINT fk_evaluation_sheets_application_id,
    DROP COLUMN application_id,
    ALTER COLUMN candidate_id SET NOT NULL;
ALTER TABLE panel_candidates
    DROP CONSTRAINT pk_panel_candidates,
    DROP COLUMN application_id,
    ALTER COLUMN trade SET NOT NULL,
    ALTER COLUMN material DROP DEFAULT,
    ALTER COLUMN works DROP DEFAULT,
    ADD CONSTRAINT pk_panel_candidates PRIMARY KEY (id);
ALTER TABLE panel_identities
    ADD CONSTRAINT pk_panel_identities PRIMARY KEY (candidate_id),
    ADD CONSTRAINT fk_panel_identities_candidate_id FOREIGN KEY (candidate_id) REFERENCES panel_candidates (id),
    ADD CONSTRAINT uq_panel_identities_panel_id_application_id UNIQUE (panel_id, application_id),
    ADD CONSTRAINT fk_panel_identities_panel_id_office_id FOREIGN KEY (
        panel_id, office_id
    ) REFERENCES evaluation_panels (id, office_id);
CREATE INDEX ix_panel_identities_application_id ON panel_identities (application_id);
ALTER TABLE evaluation_sheets
    ADD CONSTRAINT fk_evaluation_sheets_candidate_id FOREIGN KEY (candidate_id) REFERENCES panel_candidates (id),
    ADD CONSTRAINT uq_evaluation_sheets_candidate_id_account_id UNIQUE (candidate_id, account_id),
    DROP CONSTRAINT ck_evaluation_sheets_state_is_known,
    DROP CONSTRAINT ck_evaluation_sheets_excused_has_a_reason,
    ADD CONSTRAINT ck_evaluation_sheets_state_is_known CHECK (state IN ('open', 'submitted', 'excused', 'void')),
    ADD CONSTRAINT ck_evaluation_sheets_excused_has_a_reason
        CHECK (state NOT IN ('excused', 'void') OR btrim(remark) <> '');
"""
# The revision before knows no panel that was dissolved, and no member who left: they go with all that belongs to them.
FORGET = """
CREATE TEMPORARY TABLE gone_panels ON COMMIT DROP AS SELECT id FROM evaluation_panels WHERE state = 'dissolved';
CREATE TEMPORARY TABLE gone_sheets ON COMMIT DROP AS SELECT id FROM evaluation_sheets
    WHERE state = 'void' OR panel_id IN (SELECT id FROM gone_panels);
DELETE FROM evaluation_scores WHERE sheet_id IN (SELECT id FROM gone_sheets);
DELETE FROM evaluation_sheets WHERE id IN (SELECT id FROM gone_sheets);
DELETE FROM panel_identities WHERE panel_id IN (SELECT id FROM gone_panels);
DELETE FROM panel_candidates WHERE panel_id IN (SELECT id FROM gone_panels);
DELETE FROM panel_members WHERE panel_id IN (SELECT id FROM gone_panels);
DELETE FROM panel_draws WHERE panel_id IN (SELECT id FROM gone_panels);
DELETE FROM evaluation_panels WHERE id IN (SELECT id FROM gone_panels);
"""
BACK = """
ALTER TABLE evaluation_sheets ADD COLUMN application_id uuid;
ALTER TABLE panel_candidates ADD COLUMN application_id uuid;
UPDATE panel_candidates c SET application_id = i.application_id FROM panel_identities i WHERE i.candidate_id = c.id;
UPDATE evaluation_sheets s SET application_id = c.application_id FROM panel_candidates c WHERE c.id = s.candidate_id;
ALTER TABLE evaluation_sheets DROP COLUMN candidate_id;
DROP TABLE panel_identities;
ALTER TABLE panel_candidates
    DROP COLUMN id,
    DROP COLUMN trade,
    DROP COLUMN material,
    DROP COLUMN works,
    ADD CONSTRAINT pk_panel_candidates PRIMARY KEY (application_id),
    ADD CONSTRAINT fk_panel_candidates_application_id FOREIGN KEY (application_id) REFERENCES applications;
ALTER TABLE evaluation_sheets
    ALTER COLUMN application_id SET NOT NULL,
    DROP CONSTRAINT ck_evaluation_sheets_state_is_known,
    DROP CONSTRAINT ck_evaluation_sheets_excused_has_a_reason,
    ADD CONSTRAINT fk_evaluation_sheets_application_id FOREIGN KEY (
        application_id
    ) REFERENCES panel_candidates (application_id),
    ADD CONSTRAINT uq_evaluation_sheets_application_id_account_id UNIQUE (application_id, account_id),
    ADD CONSTRAINT ck_evaluation_sheets_state_is_known CHECK (state IN ('open', 'submitted', 'excused')),
    ADD CONSTRAINT ck_evaluation_sheets_excused_has_a_reason CHECK (state <> 'excused' OR btrim(remark) <> '');
ALTER TABLE panel_members
    DROP COLUMN drawn,
    DROP COLUMN substitute,
    DROP COLUMN left_at,
    DROP COLUMN left_by,
    DROP COLUMN left_reason;
ALTER TABLE evaluation_panels ADD COLUMN seed text;
UPDATE evaluation_panels p SET seed = d.seed FROM panel_draws d WHERE d.panel_id = p.id;
DROP TABLE panel_draws;
DROP INDEX uq_evaluation_panels_one_name;
ALTER TABLE evaluation_panels
    ALTER COLUMN seed SET NOT NULL,
    DROP CONSTRAINT ck_evaluation_panels_state_is_known,
    DROP CONSTRAINT ck_evaluation_panels_closed_is_dated,
    DROP COLUMN commitment,
    DROP COLUMN dissolved_at,
    DROP COLUMN dissolved_by,
    DROP COLUMN dissolved_reason,
    ADD CONSTRAINT ck_evaluation_panels_state_is_known CHECK (state IN ('forming', 'scoring', 'closed')),
    ADD CONSTRAINT ck_evaluation_panels_closed_is_dated CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    ADD CONSTRAINT uq_evaluation_panels_office_id_year_name UNIQUE (office_id, year, name);
"""


def upgrade() -> None:
    """Take identities and seeds apart from numbers and panels."""
    for statements in (DRAWS, MEMBERS, IDENTITIES):
        op.execute(statements)


def downgrade() -> None:
    """Put them together again; panels that were dissolved are gone."""
    op.execute(FORGET)
    op.execute(BACK)
