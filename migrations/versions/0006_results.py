"""Results: marks with their tables and corrections, outcomes, and the comprehensive review of grade one.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE mark_imports (
    id uuid CONSTRAINT pk_mark_imports PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_mark_imports_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_mark_imports_year REFERENCES seasons (year),
    file_name text NOT NULL,
    sha256 text NOT NULL,
    digest text NOT NULL,
    rows bigint NOT NULL,
    figures jsonb NOT NULL,
    state text NOT NULL,
    proposed_at timestamptz NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_on_behalf uuid,
    proposed_by_name text NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    decided_by_name text,
    remark text NOT NULL,
    contradictions jsonb NOT NULL,
    CONSTRAINT uq_mark_imports_id_office_id UNIQUE (id, office_id),
    CONSTRAINT ck_mark_imports_state_is_known CHECK (state IN ('proposed', 'confirmed', 'withdrawn')),
    CONSTRAINT ck_mark_imports_decided_is_dated CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT ck_mark_imports_two_people CHECK (state <> 'confirmed' OR decided_by <> proposed_by),
    CONSTRAINT ck_mark_imports_decision_is_signed CHECK (num_nulls(decided_at, decided_by) IN (0, 2))
);
CREATE INDEX ix_mark_imports_office_id_year ON mark_imports (office_id, year, proposed_at);
CREATE UNIQUE INDEX uq_mark_imports_one_digest ON mark_imports (office_id, year, digest) WHERE state <> 'withdrawn';

CREATE TABLE mark_import_rows (
    import_id uuid NOT NULL,
    application_id uuid NOT NULL CONSTRAINT fk_mark_import_rows_application_id REFERENCES applications,
    subject text NOT NULL,
    office_id text NOT NULL,
    mark numeric(5,1),
    status text NOT NULL,
    row bigint NOT NULL,
    CONSTRAINT pk_mark_import_rows PRIMARY KEY (import_id, application_id, subject),
    CONSTRAINT fk_mark_import_rows_import_id_office_id FOREIGN KEY (
        import_id, office_id
    ) REFERENCES mark_imports (id, office_id),
    CONSTRAINT ck_mark_import_rows_mark_is_in_range CHECK (mark BETWEEN 0 AND 100),
    CONSTRAINT ck_mark_import_rows_status_is_known CHECK (status IN ('scored', 'absent', 'void', 'violation')),
    CONSTRAINT ck_mark_import_rows_scored_has_a_mark CHECK ((status = 'scored') = (mark IS NOT NULL))
);

CREATE TABLE score_checks (
    id uuid CONSTRAINT pk_score_checks PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_score_checks_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_score_checks_office_id REFERENCES offices,
    subject text NOT NULL,
    ground text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    due_at timestamptz NOT NULL,
    answer text NOT NULL,
    answered_at timestamptz,
    answered_by uuid,
    CONSTRAINT ck_score_checks_ground_is_known CHECK (ground IN ('absence', 'violation', 'own_result')),
    CONSTRAINT ck_score_checks_has_a_reason CHECK (btrim(reason) <> ''),
    CONSTRAINT ck_score_checks_state_is_known CHECK (state IN ('open', 'upheld', 'dismissed')),
    CONSTRAINT ck_score_checks_answered_is_dated CHECK ((state = 'open') = (answered_at IS NULL)),
    CONSTRAINT ck_score_checks_has_an_answer CHECK (
        state = 'open' OR (answered_by IS NOT NULL AND btrim(answer) <> '')
    )
);
CREATE INDEX ix_score_checks_application_id ON score_checks (application_id);
CREATE INDEX ix_score_checks_office_id ON score_checks (office_id, state, due_at);
CREATE UNIQUE INDEX uq_score_checks_one_open ON score_checks (application_id, subject) WHERE state = 'open';

CREATE TABLE mark_corrections (
    id uuid CONSTRAINT pk_mark_corrections PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_mark_corrections_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_mark_corrections_office_id REFERENCES offices,
    subject text NOT NULL,
    from_mark numeric(5,1),
    from_status text NOT NULL,
    to_mark numeric(5,1),
    to_status text NOT NULL,
    reason text NOT NULL,
    evidence text NOT NULL,
    score_check_id uuid CONSTRAINT fk_mark_corrections_score_check_id REFERENCES score_checks,
    state text NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    asked_on_behalf uuid,
    asked_by_name text NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    decided_by_name text,
    remark text NOT NULL,
    CONSTRAINT ck_mark_corrections_corrects_something CHECK (
        (from_mark, from_status) IS DISTINCT FROM (to_mark, to_status)
    ),
    CONSTRAINT ck_mark_corrections_mark_is_in_range CHECK (to_mark BETWEEN 0 AND 100),
    CONSTRAINT ck_mark_corrections_status_is_known CHECK (to_status IN ('scored', 'absent', 'void', 'violation')),
    CONSTRAINT ck_mark_corrections_scored_has_a_mark CHECK ((to_status = 'scored') = (to_mark IS NOT NULL)),
    CONSTRAINT ck_mark_corrections_has_a_reason CHECK (btrim(reason) <> '' AND btrim(evidence) <> ''),
    CONSTRAINT ck_mark_corrections_state_is_known CHECK (state IN ('asked', 'granted', 'refused')),
    CONSTRAINT ck_mark_corrections_decided_is_dated CHECK ((state = 'asked') = (decided_at IS NULL)),
    CONSTRAINT ck_mark_corrections_decision_is_signed CHECK (num_nulls(decided_at, decided_by) IN (0, 2)),
    CONSTRAINT ck_mark_corrections_two_people CHECK (decided_by <> asked_by)
);
CREATE INDEX ix_mark_corrections_application_id ON mark_corrections (application_id);
CREATE INDEX ix_mark_corrections_office_id ON mark_corrections (office_id, state, asked_at);
CREATE UNIQUE INDEX uq_mark_corrections_one_open ON mark_corrections (application_id, subject) WHERE state = 'asked';

CREATE TABLE marks (
    application_id uuid NOT NULL CONSTRAINT fk_marks_application_id REFERENCES applications,
    subject text NOT NULL,
    office_id text NOT NULL CONSTRAINT fk_marks_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_marks_year REFERENCES seasons (year),
    mark numeric(5,1),
    status text NOT NULL,
    import_id uuid,
    known_at timestamptz NOT NULL,
    correction_id uuid CONSTRAINT fk_marks_correction_id REFERENCES mark_corrections,
    CONSTRAINT pk_marks PRIMARY KEY (application_id, subject),
    CONSTRAINT fk_marks_import_id_office_id FOREIGN KEY (
        import_id, office_id
    ) REFERENCES mark_imports (id, office_id),
    CONSTRAINT ck_marks_mark_is_in_range CHECK (mark BETWEEN 0 AND 100),
    CONSTRAINT ck_marks_status_is_known CHECK (status IN ('scored', 'absent', 'void', 'violation')),
    CONSTRAINT ck_marks_scored_has_a_mark CHECK ((status = 'scored') = (mark IS NOT NULL)),
    CONSTRAINT ck_marks_comes_from_somewhere CHECK (
        import_id IS NOT NULL OR status = 'absent' OR correction_id IS NOT NULL
    )
);
CREATE INDEX ix_marks_import_id ON marks (import_id);
CREATE INDEX ix_marks_office_id_year ON marks (office_id, year);

CREATE TABLE outcomes (
    application_id uuid CONSTRAINT pk_outcomes PRIMARY KEY
        CONSTRAINT fk_outcomes_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_outcomes_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_outcomes_year REFERENCES seasons (year),
    grade bigint NOT NULL,
    trade text NOT NULL,
    passed boolean NOT NULL,
    reason text NOT NULL,
    basis jsonb NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by uuid NOT NULL,
    published_at timestamptz,
    correction_id uuid CONSTRAINT fk_outcomes_correction_id REFERENCES mark_corrections
);
CREATE INDEX ix_outcomes_office_id_year ON outcomes (office_id, year, grade, passed);

CREATE TABLE trade_quotas (
    office_id text NOT NULL CONSTRAINT fk_trade_quotas_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_trade_quotas_year REFERENCES seasons (year),
    trade text NOT NULL,
    places bigint NOT NULL,
    source text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by uuid NOT NULL,
    CONSTRAINT pk_trade_quotas PRIMARY KEY (office_id, year, trade),
    CONSTRAINT ck_trade_quotas_places_are_counted CHECK (places >= 0),
    CONSTRAINT ck_trade_quotas_has_a_source CHECK (btrim(source) <> '')
);

CREATE TABLE evaluation_panels (
    id uuid CONSTRAINT pk_evaluation_panels PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_evaluation_panels_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_evaluation_panels_year REFERENCES seasons (year),
    name text NOT NULL,
    trades text[] NOT NULL,
    criteria jsonb NOT NULL,
    pass_mark numeric(5,1) NOT NULL,
    anonymous boolean NOT NULL,
    seed text NOT NULL,
    state text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    opened_at timestamptz,
    minutes text NOT NULL,
    closed_at timestamptz,
    closed_by uuid,
    CONSTRAINT uq_evaluation_panels_id_office_id UNIQUE (id, office_id),
    CONSTRAINT uq_evaluation_panels_office_id_year_name UNIQUE (office_id, year, name),
    CONSTRAINT ck_evaluation_panels_state_is_known CHECK (state IN ('forming', 'scoring', 'closed')),
    CONSTRAINT ck_evaluation_panels_closed_has_minutes CHECK (state <> 'closed' OR btrim(minutes) <> ''),
    CONSTRAINT ck_evaluation_panels_closed_is_dated CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);

CREATE TABLE panel_members (
    panel_id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT fk_panel_members_account_id REFERENCES accounts,
    office_id text NOT NULL,
    name text NOT NULL,
    person_id uuid CONSTRAINT fk_panel_members_person_id REFERENCES persons,
    unit_id uuid CONSTRAINT fk_panel_members_unit_id REFERENCES units,
    chairs boolean NOT NULL,
    CONSTRAINT pk_panel_members PRIMARY KEY (panel_id, account_id),
    CONSTRAINT fk_panel_members_panel_id_office_id FOREIGN KEY (
        panel_id, office_id
    ) REFERENCES evaluation_panels (id, office_id)
);
CREATE INDEX ix_panel_members_account_id ON panel_members (account_id);

CREATE TABLE panel_candidates (
    application_id uuid CONSTRAINT pk_panel_candidates PRIMARY KEY
        CONSTRAINT fk_panel_candidates_application_id REFERENCES applications,
    panel_id uuid NOT NULL,
    office_id text NOT NULL,
    number bigint NOT NULL,
    score numeric(5,1),
    spread numeric(5,1),
    CONSTRAINT uq_panel_candidates_panel_id_number UNIQUE (panel_id, number),
    CONSTRAINT fk_panel_candidates_panel_id_office_id FOREIGN KEY (
        panel_id, office_id
    ) REFERENCES evaluation_panels (id, office_id)
);

CREATE TABLE evaluation_sheets (
    id uuid CONSTRAINT pk_evaluation_sheets PRIMARY KEY,
    panel_id uuid NOT NULL,
    application_id uuid NOT NULL CONSTRAINT fk_evaluation_sheets_application_id REFERENCES panel_candidates (
        application_id
    ),
    account_id uuid NOT NULL CONSTRAINT fk_evaluation_sheets_account_id REFERENCES accounts,
    office_id text NOT NULL,
    state text NOT NULL,
    ended_at timestamptz,
    remark text NOT NULL,
    CONSTRAINT uq_evaluation_sheets_application_id_account_id UNIQUE (application_id, account_id),
    CONSTRAINT fk_evaluation_sheets_panel_id_office_id FOREIGN KEY (
        panel_id, office_id
    ) REFERENCES evaluation_panels (id, office_id),
    CONSTRAINT ck_evaluation_sheets_state_is_known CHECK (state IN ('open', 'submitted', 'excused')),
    CONSTRAINT ck_evaluation_sheets_ended_is_dated CHECK ((state = 'open') = (ended_at IS NULL)),
    CONSTRAINT ck_evaluation_sheets_excused_has_a_reason CHECK (state <> 'excused' OR btrim(remark) <> '')
);
CREATE INDEX ix_evaluation_sheets_panel_id ON evaluation_sheets (panel_id, account_id, state);

CREATE TABLE evaluation_scores (
    sheet_id uuid NOT NULL CONSTRAINT fk_evaluation_scores_sheet_id REFERENCES evaluation_sheets,
    criterion text NOT NULL,
    office_id text NOT NULL CONSTRAINT fk_evaluation_scores_office_id REFERENCES offices,
    score numeric(5,1) NOT NULL,
    CONSTRAINT pk_evaluation_scores PRIMARY KEY (sheet_id, criterion),
    CONSTRAINT ck_evaluation_scores_score_is_in_range CHECK (score >= 0)
);
"""
DROP = """
DROP TABLE
    evaluation_scores, evaluation_sheets, panel_candidates, panel_members, evaluation_panels, trade_quotas,
    outcomes, marks, mark_corrections, score_checks, mark_import_rows, mark_imports;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROP)
