"""Offices, seasons, units, people and their accounts, and the record.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE offices (
    id text CONSTRAINT pk_offices PRIMARY KEY,
    parent_id text CONSTRAINT fk_offices_parent_id REFERENCES offices,
    level text NOT NULL,
    name text NOT NULL,
    short_name text NOT NULL,
    loaded_at timestamptz NOT NULL,
    practice boolean NOT NULL,
    CONSTRAINT ck_offices_level_is_known CHECK (level IN ('province', 'city', 'county'))
);

CREATE TABLE office_areas (
    office_id text NOT NULL CONSTRAINT fk_office_areas_office_id REFERENCES offices,
    area_code text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    name text NOT NULL,
    CONSTRAINT pk_office_areas PRIMARY KEY (office_id, area_code, valid_from),
    CONSTRAINT ck_office_areas_dates_are_in_order CHECK (valid_until IS NULL OR valid_from < valid_until)
);

CREATE TABLE plugin_failures (
    id uuid CONSTRAINT pk_plugin_failures PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_plugin_failures_office_id REFERENCES offices,
    plugin text NOT NULL,
    hook text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ix_plugin_failures_office_id ON plugin_failures (office_id);

CREATE TABLE seasons (
    year bigserial CONSTRAINT pk_seasons PRIMARY KEY,
    province_id text NOT NULL CONSTRAINT fk_seasons_province_id REFERENCES offices,
    notice text NOT NULL,
    notice_date date NOT NULL,
    rule_document text NOT NULL
);

CREATE TABLE season_subjects (
    year bigint NOT NULL CONSTRAINT fk_season_subjects_year REFERENCES seasons (year),
    grade bigint NOT NULL,
    subject text NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT pk_season_subjects PRIMARY KEY (year, grade, subject)
);

CREATE TABLE season_trades (
    year bigint NOT NULL CONSTRAINT fk_season_trades_year REFERENCES seasons (year),
    grade bigint NOT NULL,
    trade text NOT NULL,
    name text NOT NULL,
    CONSTRAINT pk_season_trades PRIMARY KEY (year, grade, trade)
);

CREATE TABLE calendar_versions (
    id uuid CONSTRAINT pk_calendar_versions PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_calendar_versions_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_calendar_versions_year REFERENCES seasons (year),
    version bigint NOT NULL,
    windows jsonb NOT NULL,
    source text NOT NULL,
    digest text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    CONSTRAINT uq_calendar_versions_id_office_id UNIQUE (id, office_id),
    CONSTRAINT uq_calendar_versions_office_id_year_version UNIQUE (office_id, year, version)
);

CREATE TABLE persons (
    id uuid CONSTRAINT pk_persons PRIMARY KEY,
    id_hash bytea NOT NULL CONSTRAINT uq_persons_id_hash UNIQUE,
    id_number bytea NOT NULL,
    id_tail text NOT NULL,
    name text NOT NULL,
    birth_date date NOT NULL,
    sex text NOT NULL,
    phone bytea,
    created_at timestamptz NOT NULL
);

CREATE TABLE contacts (
    id uuid CONSTRAINT pk_contacts PRIMARY KEY CONSTRAINT fk_contacts_id REFERENCES persons,
    email bytea,
    prefers text NOT NULL,
    pending_email bytea,
    code_hash bytea,
    code_expires_at timestamptz,
    tries_left bigint NOT NULL,
    CONSTRAINT ck_contacts_way_is_known CHECK (prefers IN ('sms', 'email'))
);

CREATE TABLE late_entries (
    id uuid CONSTRAINT pk_late_entries PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_late_entries_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_late_entries_year REFERENCES seasons (year),
    person_id uuid NOT NULL CONSTRAINT fk_late_entries_person_id REFERENCES persons,
    reason text NOT NULL,
    approved_by uuid NOT NULL,
    approved_at timestamptz NOT NULL,
    opens timestamptz NOT NULL,
    closes timestamptz NOT NULL,
    CONSTRAINT ck_late_entries_window_is_in_order CHECK (opens < closes)
);
CREATE INDEX ix_late_entries_person_id_year ON late_entries (person_id, year);

CREATE TABLE units (
    id uuid CONSTRAINT pk_units PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_units_office_id REFERENCES offices,
    parent_id uuid CONSTRAINT fk_units_parent_id REFERENCES units,
    area_code text,
    local_office_id text NOT NULL CONSTRAINT fk_units_local_office_id REFERENCES offices,
    affiliation text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    successor_id uuid CONSTRAINT fk_units_successor_id REFERENCES units,
    CONSTRAINT uq_units_id_office_id UNIQUE (id, office_id),
    CONSTRAINT ck_units_not_its_own_parent CHECK (parent_id IS NULL OR parent_id <> id),
    CONSTRAINT ck_units_affiliation_is_known CHECK (affiliation IN ('local', 'provincial', 'central'))
);
CREATE INDEX ix_units_office_id_name ON units (office_id, name);
CREATE INDEX ix_units_parent_id ON units (parent_id);

CREATE TABLE unit_names (
    id uuid CONSTRAINT pk_unit_names PRIMARY KEY,
    unit_id uuid NOT NULL CONSTRAINT fk_unit_names_unit_id REFERENCES units,
    name text NOT NULL,
    valid_from date NOT NULL,
    act text NOT NULL,
    note text NOT NULL,
    at timestamptz NOT NULL,
    account_id uuid NOT NULL,
    CONSTRAINT ck_unit_names_act_is_known CHECK (act IN ('added', 'corrected', 'renamed', 'merged', 'split', 'moved'))
);
CREATE INDEX ix_unit_names_unit_id ON unit_names (unit_id);

CREATE TABLE accounts (
    id uuid CONSTRAINT pk_accounts PRIMARY KEY,
    login text NOT NULL CONSTRAINT uq_accounts_login UNIQUE,
    name text NOT NULL,
    person_id uuid CONSTRAINT fk_accounts_person_id REFERENCES persons,
    issued_by_office_id text CONSTRAINT fk_accounts_issued_by_office_id REFERENCES offices,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX ix_accounts_issued_by_office_id ON accounts (issued_by_office_id);

CREATE TABLE role_grants (
    id uuid CONSTRAINT pk_role_grants PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_role_grants_account_id REFERENCES accounts,
    role text NOT NULL,
    office_id text CONSTRAINT fk_role_grants_office_id REFERENCES offices,
    unit_id uuid CONSTRAINT fk_role_grants_unit_id REFERENCES units,
    granted_by_office_id text CONSTRAINT fk_role_grants_granted_by_office_id REFERENCES offices,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    CONSTRAINT ck_role_grants_held_in_one_place CHECK (num_nonnulls(office_id, unit_id) <= 1)
);
CREATE INDEX ix_role_grants_account_id ON role_grants (account_id);

CREATE TABLE acting_grants (
    id uuid CONSTRAINT pk_acting_grants PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT fk_acting_grants_grant_id REFERENCES role_grants,
    absent_name text NOT NULL,
    deputy_id uuid NOT NULL CONSTRAINT fk_acting_grants_deputy_id REFERENCES accounts,
    deputy_name text NOT NULL,
    permissions text[] NOT NULL,
    reason text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by uuid,
    CONSTRAINT ck_acting_grants_permits_something CHECK (cardinality(permissions) > 0),
    CONSTRAINT ck_acting_grants_dates_are_in_order CHECK (valid_from < valid_until),
    CONSTRAINT ck_acting_grants_ended_by_somebody CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX ix_acting_grants_grant_id ON acting_grants (grant_id);
CREATE INDEX ix_acting_grants_deputy_id ON acting_grants (deputy_id);

CREATE TABLE manager_forms (
    id uuid CONSTRAINT pk_manager_forms PRIMARY KEY,
    unit_id uuid NOT NULL CONSTRAINT fk_manager_forms_unit_id REFERENCES units,
    office_id text NOT NULL CONSTRAINT fk_manager_forms_office_id REFERENCES offices,
    name text NOT NULL,
    sex text NOT NULL,
    department text NOT NULL,
    post text NOT NULL,
    office_phone text NOT NULL,
    mobile bytea NOT NULL,
    stamped_scan_sha256 text NOT NULL,
    state text NOT NULL,
    filed_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    remark text NOT NULL,
    account_id uuid CONSTRAINT fk_manager_forms_account_id REFERENCES accounts,
    CONSTRAINT ck_manager_forms_state_is_known CHECK (state IN ('filed', 'accepted', 'returned', 'superseded'))
);
CREATE INDEX ix_manager_forms_office_id ON manager_forms (office_id);
CREATE INDEX ix_manager_forms_unit_id ON manager_forms (unit_id);
CREATE UNIQUE INDEX uq_manager_forms_accepted ON manager_forms (unit_id) WHERE state = 'accepted';

CREATE TABLE api_tokens (
    id uuid CONSTRAINT pk_api_tokens PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT uq_api_tokens_token_hash UNIQUE,
    account_id uuid NOT NULL CONSTRAINT fk_api_tokens_account_id REFERENCES accounts,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    permissions text[]
);
CREATE INDEX ix_api_tokens_account_id ON api_tokens (account_id);

CREATE TABLE passwords (
    id uuid CONSTRAINT pk_passwords PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_passwords_account_id REFERENCES accounts,
    hash text NOT NULL,
    initial boolean NOT NULL,
    set_at timestamptz NOT NULL
);
CREATE INDEX ix_passwords_account_id ON passwords (account_id);

CREATE TABLE second_factors (
    id uuid CONSTRAINT pk_second_factors PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT uq_second_factors_account_id UNIQUE
        CONSTRAINT fk_second_factors_account_id REFERENCES accounts,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint,
    recovery_codes bytea[] NOT NULL
);

CREATE TABLE browser_sessions (
    id uuid CONSTRAINT pk_browser_sessions PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT uq_browser_sessions_token_hash UNIQUE,
    account_id uuid NOT NULL CONSTRAINT fk_browser_sessions_account_id REFERENCES accounts,
    awaits text,
    -- A role, or acting for a colleague: an id of either table.
    grant_id uuid,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    address text NOT NULL,
    device text NOT NULL
);
CREATE INDEX ix_browser_sessions_account_id ON browser_sessions (account_id);

CREATE TABLE failed_attempts (
    subject bytea CONSTRAINT pk_failed_attempts PRIMARY KEY,
    account_id uuid CONSTRAINT fk_failed_attempts_account_id REFERENCES accounts,
    count bigint NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz
);
CREATE INDEX ix_failed_attempts_last_at ON failed_attempts (last_at);
CREATE INDEX ix_failed_attempts_account_id ON failed_attempts (account_id);

CREATE TABLE phone_codes (
    id uuid CONSTRAINT pk_phone_codes PRIMARY KEY,
    purpose text NOT NULL,
    code_hash bytea NOT NULL,
    sealed bytea NOT NULL,
    tries_left bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX ix_phone_codes_expires_at ON phone_codes (expires_at);

CREATE TABLE idempotency_keys (
    id uuid CONSTRAINT pk_idempotency_keys PRIMARY KEY,
    account_id uuid NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    status bigint NOT NULL,
    response bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT uq_idempotency_keys_account_id_key UNIQUE (account_id, key)
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

CREATE TABLE reveals (
    id uuid CONSTRAINT pk_reveals PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_reveals_office_id REFERENCES offices,
    account_id uuid NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    field text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT ck_reveals_field_is_known CHECK (field IN ('id_number', 'phone')),
    CONSTRAINT ck_reveals_has_a_reason CHECK (btrim(reason) <> '')
);
CREATE INDEX ix_reveals_office_id ON reveals (office_id);
CREATE INDEX ix_reveals_subject ON reveals (subject_type, subject_id);

CREATE UNLOGGED TABLE allowances (
    key bytea CONSTRAINT pk_allowances PRIMARY KEY,
    whole_at timestamptz NOT NULL
);

CREATE TABLE record_entries (
    id uuid CONSTRAINT pk_record_entries PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_record_entries_office_id REFERENCES offices,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    subject_type text NOT NULL,
    subject_id text NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    on_behalf_of uuid,
    payload jsonb NOT NULL,
    digest bytea NOT NULL,
    transaction bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    CONSTRAINT ck_record_entries_a_case_is_named_by_its_id CHECK (
        subject_type <> 'application' OR pg_input_is_valid(subject_id, 'uuid')
    )
);
CREATE INDEX ix_record_entries_office_id_at ON record_entries (office_id, at);
CREATE INDEX ix_record_entries_subject ON record_entries (subject_type, subject_id);
CREATE INDEX ix_record_entries_transaction ON record_entries (transaction);

CREATE TABLE record_batches (
    office_id text NOT NULL CONSTRAINT fk_record_batches_office_id REFERENCES offices,
    number bigint NOT NULL,
    previous bytea NOT NULL,
    root bytea NOT NULL,
    size bigint NOT NULL,
    sealed_at timestamptz NOT NULL,
    head bytea NOT NULL,
    key text NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT pk_record_batches PRIMARY KEY (office_id, number),
    CONSTRAINT ck_record_batches_is_not_empty CHECK (size > 0)
);

CREATE TABLE record_seals (
    entry_id uuid CONSTRAINT pk_record_seals PRIMARY KEY
        CONSTRAINT fk_record_seals_entry_id REFERENCES record_entries,
    office_id text NOT NULL,
    batch bigint NOT NULL,
    position bigint NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT uq_record_seals_office_id_batch_position UNIQUE (office_id, batch, position),
    CONSTRAINT fk_record_seals_office_id_batch FOREIGN KEY (office_id, batch) REFERENCES record_batches (
        office_id, number
    )
);
"""
DROP = """
DROP TABLE
    record_seals, record_batches, record_entries, allowances, reveals, idempotency_keys, phone_codes,
    failed_attempts, browser_sessions, second_factors, passwords, api_tokens, manager_forms, acting_grants,
    role_grants, accounts, unit_names, units, late_entries, contacts, persons, calendar_versions, season_trades,
    season_subjects, seasons, plugin_failures, office_areas, offices;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROP)
