"""Applications with their submissions, papers, findings, moves and messages.

The table of verbs is filled here; a test holds the newest revision against core.domain.workflow.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE transitions (
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    CONSTRAINT pk_transitions PRIMARY KEY (action, from_state, to_state)
);

CREATE TABLE rule_texts (
    version text CONSTRAINT pk_rule_texts PRIMARY KEY,
    name text NOT NULL,
    content text NOT NULL,
    kept_at timestamptz NOT NULL,
    CONSTRAINT ck_rule_texts_version_is_of_the_text CHECK (
        version = name || '@' || left(encode(sha256(convert_to(content, 'UTF8')), 'hex'), 12)
    )
);

CREATE TABLE delegations (
    id uuid CONSTRAINT pk_delegations PRIMARY KEY,
    from_office_id text NOT NULL CONSTRAINT fk_delegations_from_office_id REFERENCES offices,
    to_office_id text NOT NULL CONSTRAINT fk_delegations_to_office_id REFERENCES offices,
    instrument text NOT NULL,
    scan_sha256 text NOT NULL,
    mode text NOT NULL,
    stages text[] NOT NULL,
    grades bigint[],
    trades text[],
    unit_ids text[],
    effective_from timestamptz NOT NULL,
    effective_until timestamptz,
    open_cases text NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    took_effect_at timestamptz,
    ended_at timestamptz,
    ended_how text,
    ending_cases text,
    ending_reason text NOT NULL,
    CONSTRAINT ck_delegations_two_offices CHECK (from_office_id <> to_office_id),
    CONSTRAINT ck_delegations_has_an_instrument CHECK (btrim(instrument) <> ''),
    CONSTRAINT ck_delegations_mode_is_known CHECK (mode IN ('handed_over', 'entrusted')),
    CONSTRAINT ck_delegations_dates_are_in_order CHECK (effective_until IS NULL OR effective_from < effective_until),
    CONSTRAINT ck_delegations_open_cases_are_settled CHECK (open_cases IN ('stay', 'move', 'finish_first')),
    CONSTRAINT ck_delegations_state_is_known CHECK (state IN ('pending', 'in_force', 'paused', 'ended', 'cancelled')),
    CONSTRAINT ck_delegations_ending_is_settled CHECK (
        ending_cases IS NULL OR ending_cases IN ('stay', 'move', 'finish_first')
    )
);
CREATE INDEX ix_delegations_from_office_id ON delegations (from_office_id);
CREATE INDEX ix_delegations_to_office_id ON delegations (to_office_id);
CREATE UNIQUE INDEX uq_delegations_one_in_force
    ON delegations (from_office_id, to_office_id) WHERE state IN ('in_force', 'paused');

CREATE TABLE applications (
    id uuid CONSTRAINT pk_applications PRIMARY KEY,
    reference text NOT NULL CONSTRAINT uq_applications_reference UNIQUE,
    year bigint NOT NULL CONSTRAINT fk_applications_year REFERENCES seasons (year),
    office_id text NOT NULL CONSTRAINT fk_applications_office_id REFERENCES offices,
    handler_office_id text NOT NULL CONSTRAINT fk_applications_handler_office_id REFERENCES offices,
    local_office_id text NOT NULL CONSTRAINT fk_applications_local_office_id REFERENCES offices,
    person_id uuid NOT NULL CONSTRAINT fk_applications_person_id REFERENCES persons,
    unit_id uuid NOT NULL,
    department_id uuid CONSTRAINT fk_applications_department_id REFERENCES units,
    person_name text NOT NULL,
    id_tail text NOT NULL,
    unit_name text NOT NULL,
    grade bigint,
    trade text,
    path text,
    state text NOT NULL,
    version bigint NOT NULL,
    round bigint NOT NULL,
    form jsonb NOT NULL,
    route text[] NOT NULL,
    desks jsonb NOT NULL,
    onsite_needed boolean NOT NULL,
    deferral_open boolean NOT NULL,
    unlocked_items text[],
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    submitted_at timestamptz,
    due_at timestamptz,
    erased_at timestamptz,
    initials text NOT NULL,
    CONSTRAINT fk_applications_unit_id_office_id FOREIGN KEY (unit_id, office_id) REFERENCES units (id, office_id),
    CONSTRAINT ck_applications_grade_is_known CHECK (grade BETWEEN 1 AND 5),
    CONSTRAINT ck_applications_state_is_known CHECK (
        state IN ('draft', 'unit_review', 'department_review', 'qualification_review', 'onsite_confirmation',
        'provisional', 'qualified', 'returned', 'rejected', 'withdrawn', 'expired', 'disqualified')
    ),
    CONSTRAINT ck_applications_submitted_once CHECK (
        state = 'draft' OR round > 0 OR state IN ('withdrawn', 'expired')
    ),
    CONSTRAINT ck_applications_provisional_has_an_open_deferral CHECK (state <> 'provisional' OR deferral_open),
    CONSTRAINT ck_applications_qualified_has_no_open_deferral CHECK (state <> 'qualified' OR NOT deferral_open),
    CONSTRAINT ck_applications_submitted_is_complete CHECK (round = 0 OR num_nulls(grade, trade, path) = 0)
);
CREATE INDEX ix_applications_department_queue ON applications (department_id, year, state, id);
CREATE INDEX ix_applications_handler_queue ON applications (handler_office_id, year, state, due_at, id);
CREATE INDEX ix_applications_office_queue ON applications (office_id, year, state, due_at, id);
CREATE INDEX ix_applications_person_id ON applications (person_id);
CREATE INDEX ix_applications_unit_queue ON applications (unit_id, year, state, id);
CREATE UNIQUE INDEX uq_applications_one_live
    ON applications (person_id, year) WHERE state NOT IN ('draft', 'rejected', 'withdrawn', 'expired');
CREATE INDEX ix_applications_handler_initials ON applications (handler_office_id, year, initials);
CREATE INDEX ix_applications_handler_person_name ON applications (handler_office_id, year, person_name);
CREATE INDEX ix_applications_handler_unit_name ON applications (handler_office_id, year, unit_name);
CREATE INDEX ix_applications_handler_id_tail ON applications (handler_office_id, year, id_tail);
CREATE INDEX ix_applications_year_id ON applications (year, id);
CREATE INDEX ix_applications_year_state_id ON applications (year, state, id);
CREATE INDEX ix_applications_person_name ON applications (person_name);
CREATE INDEX ix_applications_id_tail ON applications (id_tail);

CREATE TABLE submissions (
    id uuid CONSTRAINT pk_submissions PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_submissions_application_id REFERENCES applications,
    round bigint NOT NULL,
    form jsonb NOT NULL,
    form_version text NOT NULL,
    facts jsonb NOT NULL,
    limits jsonb NOT NULL,
    rule_document text NOT NULL,
    rule_version text NOT NULL CONSTRAINT fk_submissions_rule_version_rule_texts REFERENCES rule_texts (version),
    plugin_versions jsonb NOT NULL,
    requirements jsonb NOT NULL,
    late_entry_id uuid CONSTRAINT fk_submissions_late_entry_id REFERENCES late_entries,
    received_at timestamptz NOT NULL,
    CONSTRAINT uq_submissions_application_id_round UNIQUE (application_id, round)
);

CREATE TABLE documents (
    id uuid CONSTRAINT pk_documents PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_documents_application_id REFERENCES applications,
    material text NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    uploaded_by uuid NOT NULL,
    superseded_at timestamptz,
    erased_at timestamptz,
    sealed_key bytea NOT NULL,
    scan_verdict text NOT NULL,
    scanned_at timestamptz,
    CONSTRAINT ck_documents_not_empty CHECK (size > 0),
    CONSTRAINT ck_documents_scan_verdict_is_known CHECK (scan_verdict IN ('not_scanned', 'clean', 'infected'))
);
CREATE INDEX ix_documents_application_id_material ON documents (application_id, material);
CREATE UNIQUE INDEX uq_documents_current ON documents (application_id, material) WHERE superseded_at IS NULL;

CREATE TABLE attachments (
    id uuid CONSTRAINT pk_attachments PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_attachments_office_id REFERENCES offices,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    application_id uuid CONSTRAINT fk_attachments_application_id REFERENCES applications,
    kind text NOT NULL,
    title text NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    received_sha256 text NOT NULL,
    sha256 text NOT NULL,
    sealed_key bytea NOT NULL,
    uploaded_at timestamptz NOT NULL,
    uploaded_by uuid NOT NULL,
    uploaded_name text NOT NULL,
    supersedes uuid CONSTRAINT uq_attachments_supersedes UNIQUE,
    reason text NOT NULL,
    scan_verdict text NOT NULL,
    scanned_at timestamptz,
    erased_at timestamptz,
    CONSTRAINT uq_attachments_id_subject_type_subject_id_kind UNIQUE (id, subject_type, subject_id, kind),
    CONSTRAINT fk_attachments_supersedes_subject_type_subject_id_kind FOREIGN KEY (
        supersedes, subject_type, subject_id, kind
    ) REFERENCES attachments (id, subject_type, subject_id, kind),
    CONSTRAINT ck_attachments_subject_is_known CHECK (
        subject_type IN ('delegation', 'roster', 'onsite_batch', 'manager_form', 'incident', 'score_check',
        'mark_correction', 'sanction_case', 'objection', 'evaluation_panel')
    ),
    CONSTRAINT ck_attachments_kind_is_known CHECK (
        (subject_type, kind) IN (('delegation', 'instrument'), ('roster', 'stamped'), ('onsite_batch', 'stamped'),
        ('manager_form', 'annex'), ('incident', 'evidence'), ('score_check', 'request'), ('score_check', 'evidence'),
        ('mark_correction', 'evidence'), ('sanction_case', 'evidence'), ('sanction_case', 'lead'),
        ('sanction_case', 'statement'), ('sanction_case', 'appeal'), ('objection', 'grounds'),
        ('objection', 'inquiry'), ('evaluation_panel', 'minutes'))
    ),
    CONSTRAINT ck_attachments_has_a_title CHECK (btrim(title) <> ''),
    CONSTRAINT ck_attachments_not_empty CHECK (size > 0),
    CONSTRAINT ck_attachments_supersedes_another CHECK (supersedes <> id),
    CONSTRAINT ck_attachments_superseded_for_a_reason CHECK ((supersedes IS NULL) = (btrim(reason) = '')),
    CONSTRAINT ck_attachments_scan_verdict_is_known CHECK (scan_verdict IN ('not_scanned', 'clean', 'infected'))
);
CREATE INDEX ix_attachments_subject_id ON attachments (subject_id, subject_type);
CREATE INDEX ix_attachments_office_id ON attachments (office_id, id);
CREATE INDEX ix_attachments_application_id ON attachments (application_id);

CREATE TABLE findings (
    id uuid CONSTRAINT pk_findings PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_findings_application_id REFERENCES applications,
    round bigint NOT NULL,
    position bigint NOT NULL,
    rule text NOT NULL,
    source text NOT NULL,
    severity text NOT NULL,
    text text NOT NULL,
    missing text NOT NULL,
    origin text NOT NULL,
    CONSTRAINT uq_findings_application_id_round_rule UNIQUE (application_id, round, rule),
    CONSTRAINT ck_findings_severity_is_known CHECK (severity IN ('blocks', 'asks', 'notes'))
);

CREATE TABLE finding_settlements (
    id uuid CONSTRAINT pk_finding_settlements PRIMARY KEY,
    finding_id uuid NOT NULL CONSTRAINT fk_finding_settlements_finding_id REFERENCES findings,
    application_id uuid NOT NULL CONSTRAINT fk_finding_settlements_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_finding_settlements_office_id REFERENCES offices,
    satisfied boolean NOT NULL,
    reason text NOT NULL,
    evidence_document_id uuid CONSTRAINT fk_finding_settlements_evidence_document_id REFERENCES documents,
    account_id uuid NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT ck_finding_settlements_has_a_reason CHECK (btrim(reason) <> '')
);
CREATE INDEX ix_finding_settlements_application_id ON finding_settlements (application_id);
CREATE INDEX ix_finding_settlements_finding_id ON finding_settlements (finding_id);

CREATE TABLE moves (
    id uuid CONSTRAINT pk_moves PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_moves_application_id REFERENCES applications,
    version bigint NOT NULL,
    round bigint NOT NULL,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    capacity text NOT NULL,
    reason text NOT NULL,
    office_id text NOT NULL CONSTRAINT fk_moves_office_id REFERENCES offices,
    acting_office_id text CONSTRAINT fk_moves_acting_office_id REFERENCES offices,
    delegation_id uuid CONSTRAINT fk_moves_delegation_id REFERENCES delegations,
    account_id uuid NOT NULL,
    actor_name text NOT NULL,
    role text NOT NULL,
    on_behalf_of uuid,
    late boolean NOT NULL,
    at timestamptz NOT NULL,
    on_behalf_of_name text NOT NULL,
    CONSTRAINT uq_moves_application_id_version UNIQUE (application_id, version),
    CONSTRAINT fk_moves_action_from_state_to_state FOREIGN KEY (
        action, from_state, to_state
    ) REFERENCES transitions (action, from_state, to_state)
);
CREATE INDEX ix_moves_account_id ON moves (account_id);
CREATE INDEX ix_moves_office_id_at ON moves (office_id, at);

CREATE TABLE case_counts (
    id bigint GENERATED BY DEFAULT AS IDENTITY CONSTRAINT pk_case_counts PRIMARY KEY,
    office_id text NOT NULL,
    local_office_id text NOT NULL,
    handler_office_id text NOT NULL,
    year bigint NOT NULL,
    what text NOT NULL,
    grade bigint,
    submitted boolean NOT NULL,
    decision boolean NOT NULL,
    n bigint NOT NULL,
    summed boolean DEFAULT false NOT NULL
);
CREATE INDEX ix_case_counts_office_id_year ON case_counts (office_id, year);
CREATE INDEX ix_case_counts_handler_office_id_year ON case_counts (handler_office_id, year);
CREATE INDEX ix_case_counts_to_add_up ON case_counts (id) WHERE NOT summed;

CREATE TABLE deferrals (
    id uuid CONSTRAINT pk_deferrals PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_deferrals_application_id REFERENCES applications,
    material text NOT NULL,
    commitment text NOT NULL,
    committed_by uuid NOT NULL,
    committed_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    state text NOT NULL,
    document_id uuid CONSTRAINT fk_deferrals_document_id REFERENCES documents,
    supplemented_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT uq_deferrals_application_id_material UNIQUE (application_id, material),
    CONSTRAINT ck_deferrals_state_is_known CHECK (state IN ('open', 'supplemented', 'cleared', 'lapsed')),
    CONSTRAINT ck_deferrals_has_the_paper CHECK (state NOT IN ('supplemented', 'cleared') OR document_id IS NOT NULL)
);

CREATE TABLE notices (
    id uuid CONSTRAINT pk_notices PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_notices_office_id REFERENCES offices,
    event_key text NOT NULL,
    person_id uuid CONSTRAINT fk_notices_person_id REFERENCES persons,
    unit_id uuid CONSTRAINT fk_notices_unit_id REFERENCES units,
    recipient_office_id text CONSTRAINT fk_notices_recipient_office_id REFERENCES offices,
    application_id uuid CONSTRAINT fk_notices_application_id REFERENCES applications,
    kind text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    CONSTRAINT uq_notices_event_key_person_id_unit_id_recipient_office_id UNIQUE NULLS NOT DISTINCT (
        event_key, person_id, unit_id, recipient_office_id
    ),
    CONSTRAINT ck_notices_one_recipient CHECK (num_nonnulls(person_id, unit_id, recipient_office_id) = 1)
);
CREATE INDEX ix_notices_person_id ON notices (person_id);
CREATE INDEX ix_notices_recipient_office_id ON notices (recipient_office_id);
CREATE INDEX ix_notices_unit_id ON notices (unit_id);

CREATE TABLE outbox (
    id uuid CONSTRAINT pk_outbox PRIMARY KEY,
    notice_id uuid CONSTRAINT fk_outbox_notice_id REFERENCES notices,
    office_id text NOT NULL CONSTRAINT fk_outbox_office_id REFERENCES offices,
    channel text,
    state text NOT NULL,
    attempts bigint NOT NULL,
    last_error text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    event_key text NOT NULL,
    person_id uuid CONSTRAINT fk_outbox_person_id REFERENCES persons,
    kind text NOT NULL,
    gateway text,
    address bytea,
    values bytea,
    urgent boolean NOT NULL,
    due_at timestamptz,
    not_after timestamptz,
    claimed_at timestamptz,
    CONSTRAINT uq_outbox_event_key_person_id UNIQUE NULLS NOT DISTINCT (event_key, person_id),
    CONSTRAINT ck_outbox_a_notice_has_a_person CHECK ((notice_id IS NULL) = (person_id IS NULL)),
    CONSTRAINT ck_outbox_a_notice_is_looked_up CHECK (notice_id IS NULL OR num_nonnulls(address, values) = 0),
    CONSTRAINT ck_outbox_state_is_known CHECK (
        state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'dropped', 'shown')
    )
);
CREATE INDEX ix_outbox_office_id ON outbox (office_id);
CREATE INDEX ix_outbox_notice_id ON outbox (notice_id);
CREATE INDEX ix_outbox_person_id ON outbox (person_id);
CREATE INDEX ix_outbox_waiting ON outbox (office_id, urgent DESC, due_at, id) WHERE state IN ('queued', 'failed');
CREATE INDEX ix_outbox_open ON outbox (state) WHERE state IN ('queued', 'sending', 'failed', 'unknown');

CREATE SEQUENCE application_numbers;
"""
VERBS = """
INSERT INTO transitions (action, from_state, to_state) VALUES
    ('submit', 'draft', 'unit_review'),
    ('submit', 'draft', 'department_review'),
    ('submit', 'draft', 'qualification_review'),
    ('resubmit', 'returned', 'unit_review'),
    ('resubmit', 'returned', 'department_review'),
    ('resubmit', 'returned', 'qualification_review'),
    ('approve', 'unit_review', 'department_review'),
    ('approve', 'unit_review', 'qualification_review'),
    ('approve', 'department_review', 'qualification_review'),
    ('approve', 'qualification_review', 'onsite_confirmation'),
    ('approve', 'qualification_review', 'provisional'),
    ('approve', 'qualification_review', 'qualified'),
    ('return', 'unit_review', 'returned'),
    ('return', 'department_review', 'returned'),
    ('return', 'qualification_review', 'returned'),
    ('return', 'onsite_confirmation', 'returned'),
    ('reject', 'unit_review', 'rejected'),
    ('reject', 'department_review', 'rejected'),
    ('reject', 'qualification_review', 'rejected'),
    ('reject', 'onsite_confirmation', 'rejected'),
    ('reject', 'provisional', 'rejected'),
    ('confirm', 'onsite_confirmation', 'provisional'),
    ('confirm', 'onsite_confirmation', 'qualified'),
    ('supplement', 'provisional', 'provisional'),
    ('clear', 'provisional', 'qualified'),
    ('lapse', 'provisional', 'rejected'),
    ('withdraw', 'draft', 'withdrawn'),
    ('withdraw', 'returned', 'withdrawn'),
    ('withdraw', 'unit_review', 'withdrawn'),
    ('withdraw', 'department_review', 'withdrawn'),
    ('withdraw', 'qualification_review', 'withdrawn'),
    ('withdraw', 'onsite_confirmation', 'withdrawn'),
    ('withdraw', 'provisional', 'withdrawn'),
    ('expire', 'draft', 'expired'),
    ('expire', 'returned', 'expired'),
    ('reopen', 'rejected', 'qualification_review'),
    ('reopen', 'provisional', 'qualification_review'),
    ('reopen', 'qualified', 'qualification_review'),
    ('disqualify', 'returned', 'disqualified'),
    ('disqualify', 'unit_review', 'disqualified'),
    ('disqualify', 'department_review', 'disqualified'),
    ('disqualify', 'qualification_review', 'disqualified'),
    ('disqualify', 'onsite_confirmation', 'disqualified'),
    ('disqualify', 'provisional', 'disqualified'),
    ('disqualify', 'qualified', 'disqualified'),
    ('disqualify', 'rejected', 'disqualified');
"""
DROP = """
DROP TABLE
    outbox, notices, deferrals, case_counts, moves, finding_settlements, findings, attachments, documents,
    submissions, applications, delegations, rule_texts, transitions;
DROP SEQUENCE application_numbers;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(VERBS)


def downgrade() -> None:
    op.execute(DROP)
