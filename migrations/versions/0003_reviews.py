"""Reviews: offices in charge, checked items, rosters and batches on site, samples, filings with the center.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE case_handlers (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_case_handlers PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_case_handlers_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_case_handlers_office_id REFERENCES offices,
    owner_office_id text NOT NULL CONSTRAINT fk_case_handlers_owner_office_id REFERENCES offices,
    "from" timestamptz NOT NULL,
    until timestamptz,
    delegation_id uuid CONSTRAINT fk_case_handlers_delegation_id REFERENCES delegations,
    reason text NOT NULL,
    account_id uuid NOT NULL,
    CONSTRAINT ck_case_handlers_times_are_in_order CHECK (until IS NULL OR "from" <= until)
);
CREATE INDEX ix_case_handlers_office_id ON case_handlers (office_id, application_id);
CREATE UNIQUE INDEX uq_case_handlers_one_open ON case_handlers (application_id) WHERE until IS NULL;

CREATE TABLE pending_handovers (
    application_id uuid CONSTRAINT pk_pending_handovers PRIMARY KEY
        CONSTRAINT fk_pending_handovers_application_id REFERENCES applications,
    to_office_id text NOT NULL CONSTRAINT fk_pending_handovers_to_office_id REFERENCES offices,
    office_id text NOT NULL CONSTRAINT fk_pending_handovers_office_id REFERENCES offices,
    delegation_id uuid NOT NULL CONSTRAINT fk_pending_handovers_delegation_id REFERENCES delegations,
    stage text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE review_items (
    id uuid CONSTRAINT pk_review_items PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_review_items_application_id REFERENCES applications,
    round bigint NOT NULL,
    stage text NOT NULL,
    item text NOT NULL,
    verdict text NOT NULL,
    reason_code text NOT NULL,
    comment text NOT NULL,
    account_id uuid NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT ck_review_items_verdict_is_known CHECK (verdict IN ('correct', 'faulty')),
    CONSTRAINT ck_review_items_a_fault_has_a_reason CHECK (verdict = 'correct' OR reason_code <> '')
);
CREATE INDEX ix_review_items_application_id ON review_items (application_id);

CREATE TABLE case_claims (
    application_id uuid NOT NULL CONSTRAINT fk_case_claims_application_id_applications REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_case_claims_office_id_offices REFERENCES offices,
    account_id uuid NOT NULL,
    account_name text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_case_claims PRIMARY KEY (application_id, office_id)
);
CREATE INDEX ix_case_claims_office_id_account_id ON case_claims (office_id, account_id);

CREATE TABLE rosters (
    id uuid CONSTRAINT pk_rosters PRIMARY KEY,
    unit_id uuid NOT NULL CONSTRAINT fk_rosters_unit_id REFERENCES units,
    office_id text NOT NULL CONSTRAINT fk_rosters_office_id REFERENCES offices,
    year bigint NOT NULL,
    kind text NOT NULL,
    version bigint NOT NULL,
    rows jsonb NOT NULL,
    digest text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    CONSTRAINT uq_rosters_unit_id_year_kind_version UNIQUE (unit_id, year, kind, version),
    CONSTRAINT ck_rosters_kind_is_known CHECK (kind IN ('passed', 'onsite'))
);
CREATE INDEX ix_rosters_office_id ON rosters (office_id);

CREATE TABLE onsite_batches (
    id uuid CONSTRAINT pk_onsite_batches PRIMARY KEY,
    unit_id uuid NOT NULL CONSTRAINT fk_onsite_batches_unit_id REFERENCES units,
    office_id text NOT NULL CONSTRAINT fk_onsite_batches_office_id REFERENCES offices,
    roster_id uuid NOT NULL CONSTRAINT fk_onsite_batches_roster_id REFERENCES rosters,
    year bigint NOT NULL,
    stamped_scan_sha256 text NOT NULL,
    state text NOT NULL,
    handed_in_at timestamptz NOT NULL,
    handed_in_by uuid NOT NULL,
    receipt_number text CONSTRAINT uq_onsite_batches_receipt_number UNIQUE,
    decided_at timestamptz,
    decided_by uuid,
    remark text NOT NULL,
    CONSTRAINT ck_onsite_batches_state_is_known CHECK (state IN ('handed_in', 'received', 'returned', 'closed')),
    CONSTRAINT ck_onsite_batches_receipt_when_received CHECK (state <> 'received' OR receipt_number IS NOT NULL)
);
CREATE INDEX ix_onsite_batches_office_id ON onsite_batches (office_id);
CREATE INDEX ix_onsite_batches_unit_id ON onsite_batches (unit_id);

CREATE TABLE onsite_batch_items (
    batch_id uuid NOT NULL CONSTRAINT fk_onsite_batch_items_batch_id REFERENCES onsite_batches,
    application_id uuid NOT NULL CONSTRAINT fk_onsite_batch_items_application_id REFERENCES applications,
    CONSTRAINT pk_onsite_batch_items PRIMARY KEY (batch_id, application_id)
);

CREATE TABLE originals (
    id uuid CONSTRAINT pk_originals PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_originals_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_originals_office_id REFERENCES offices,
    title text NOT NULL,
    received_at timestamptz NOT NULL,
    received_by uuid NOT NULL,
    received_from text NOT NULL,
    returned_at timestamptz,
    returned_by uuid,
    returned_to text NOT NULL,
    CONSTRAINT ck_originals_returned_by_somebody CHECK ((returned_at IS NULL) = (returned_by IS NULL))
);
CREATE INDEX ix_originals_application_id ON originals (application_id);
CREATE INDEX ix_originals_office_id ON originals (office_id);

CREATE TABLE samples (
    id uuid CONSTRAINT pk_samples PRIMARY KEY,
    delegation_id uuid NOT NULL CONSTRAINT fk_samples_delegation_id REFERENCES delegations,
    office_id text NOT NULL CONSTRAINT fk_samples_office_id REFERENCES offices,
    seed bigint NOT NULL,
    percent bigint NOT NULL,
    population bigint NOT NULL,
    drawn_at timestamptz NOT NULL,
    drawn_by uuid NOT NULL
);
CREATE INDEX ix_samples_delegation_id ON samples (delegation_id);
CREATE INDEX ix_samples_office_id ON samples (office_id);

CREATE TABLE sample_items (
    id uuid CONSTRAINT pk_sample_items PRIMARY KEY,
    sample_id uuid NOT NULL CONSTRAINT fk_sample_items_sample_id REFERENCES samples,
    application_id uuid NOT NULL CONSTRAINT fk_sample_items_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_sample_items_office_id REFERENCES offices,
    verdict text NOT NULL,
    remark text NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    CONSTRAINT uq_sample_items_sample_id_application_id UNIQUE (sample_id, application_id),
    CONSTRAINT ck_sample_items_verdict_is_known CHECK (
        verdict IN ('open', 'upheld', 'correction_ordered', 'overturned')
    )
);
CREATE INDEX ix_sample_items_sample_id ON sample_items (sample_id);

CREATE TABLE filings (
    id uuid CONSTRAINT pk_filings PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_filings_office_id REFERENCES offices,
    to_office_id text NOT NULL CONSTRAINT fk_filings_to_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_filings_year REFERENCES seasons (year),
    kind text NOT NULL,
    version bigint NOT NULL,
    calendar_id uuid,
    content jsonb NOT NULL,
    digest text NOT NULL,
    due_at timestamptz,
    late boolean NOT NULL,
    filed_at timestamptz NOT NULL,
    filed_by uuid NOT NULL,
    state text NOT NULL,
    receipt_number text CONSTRAINT uq_filings_receipt_number UNIQUE,
    remark text NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    record_batch bigint,
    record_head bytea,
    CONSTRAINT uq_filings_office_id_year_kind_version UNIQUE (office_id, year, kind, version),
    CONSTRAINT fk_filings_calendar_id_office_id FOREIGN KEY (
        calendar_id, office_id
    ) REFERENCES calendar_versions (id, office_id),
    CONSTRAINT ck_filings_kind_is_known CHECK (kind IN ('exam_dates', 'registration_summary')),
    CONSTRAINT ck_filings_exam_dates_name_a_calendar CHECK ((kind = 'exam_dates') = (calendar_id IS NOT NULL)),
    CONSTRAINT ck_filings_state_is_known CHECK (state IN ('filed', 'received', 'returned')),
    CONSTRAINT ck_filings_receipt_when_received CHECK ((state = 'received') = (receipt_number IS NOT NULL)),
    CONSTRAINT ck_filings_a_return_has_a_remark CHECK (state <> 'returned' OR btrim(remark) <> '')
);
CREATE INDEX ix_filings_office_id ON filings (office_id);
CREATE INDEX ix_filings_to_office_id ON filings (to_office_id);
CREATE UNIQUE INDEX uq_filings_one_waiting ON filings (office_id, year, kind) WHERE state = 'filed';
"""
DROP = """
DROP TABLE
    filings, sample_items, samples, originals, onsite_batch_items, onsite_batches, rosters, case_claims,
    review_items, pending_handovers, case_handlers;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROP)
