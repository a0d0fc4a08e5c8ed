"""Awards and sanctions: published lists, objections, certificates, archives, cases of sanctions and bans.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE publications (
    id uuid CONSTRAINT pk_publications PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_publications_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_publications_year REFERENCES seasons (year),
    version bigint NOT NULL,
    grades bigint[] NOT NULL,
    state text NOT NULL,
    working_days bigint NOT NULL,
    name_shown text NOT NULL,
    tail_digits bigint NOT NULL,
    units_shown boolean NOT NULL,
    entry_count bigint NOT NULL,
    digest bytea NOT NULL,
    drafted_at timestamptz NOT NULL,
    drafted_by uuid NOT NULL,
    published_at timestamptz,
    published_by uuid,
    ends_at timestamptz,
    closed_at timestamptz,
    closed_by uuid,
    notice_number text NOT NULL,
    CONSTRAINT uq_publications_office_id_year_version UNIQUE (office_id, year, version),
    CONSTRAINT ck_publications_state_is_known CHECK (state IN ('draft', 'published', 'closed')),
    CONSTRAINT ck_publications_period_when_published CHECK (
        (state = 'draft') = (published_at IS NULL) AND (published_at IS NULL) = (ends_at IS NULL)
    ),
    CONSTRAINT ck_publications_closed_at_a_moment CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT ck_publications_name_shown_is_known CHECK (name_shown IN ('full', 'middle', 'surname')),
    CONSTRAINT ck_publications_shows_four_digits_at_most CHECK (tail_digits BETWEEN 0 AND 4),
    CONSTRAINT ck_publications_period_is_in_order CHECK (published_at < ends_at),
    CONSTRAINT ck_publications_closed_after_its_period CHECK (closed_at >= ends_at)
);

CREATE TABLE publication_entries (
    publication_id uuid NOT NULL CONSTRAINT fk_publication_entries_publication_id REFERENCES publications,
    application_id uuid NOT NULL CONSTRAINT fk_publication_entries_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_publication_entries_office_id REFERENCES offices,
    position bigint NOT NULL,
    struck_at timestamptz,
    struck_by uuid,
    struck_reason text NOT NULL,
    CONSTRAINT pk_publication_entries PRIMARY KEY (publication_id, application_id),
    CONSTRAINT uq_publication_entries_publication_id_position UNIQUE (publication_id, position),
    CONSTRAINT ck_publication_entries_struck_for_a_reason CHECK (struck_at IS NULL OR btrim(struck_reason) <> '')
);
CREATE UNIQUE INDEX uq_publication_entries_standing ON publication_entries (application_id) WHERE struck_at IS NULL;

CREATE TABLE objections (
    id uuid CONSTRAINT pk_objections PRIMARY KEY,
    publication_id uuid NOT NULL CONSTRAINT fk_objections_publication_id REFERENCES publications,
    office_id text NOT NULL CONSTRAINT fk_objections_office_id REFERENCES offices,
    receipt text NOT NULL CONSTRAINT uq_objections_receipt UNIQUE,
    position bigint,
    grounds text NOT NULL,
    contact bytea NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    reason text NOT NULL,
    CONSTRAINT ck_objections_state_is_known CHECK (state IN ('open', 'sustained', 'dismissed')),
    CONSTRAINT ck_objections_decided_at_a_moment CHECK ((state = 'open') = (decided_at IS NULL)),
    CONSTRAINT ck_objections_decided_for_a_reason CHECK (state = 'open' OR btrim(reason) <> '')
);
CREATE INDEX ix_objections_office_id_publication_id ON objections (office_id, publication_id);

CREATE TABLE certificates (
    id uuid CONSTRAINT pk_certificates PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_certificates_office_id REFERENCES offices,
    application_id uuid NOT NULL CONSTRAINT uq_certificates_application_id UNIQUE
        CONSTRAINT fk_certificates_application_id REFERENCES applications,
    publication_id uuid NOT NULL CONSTRAINT fk_certificates_publication_id REFERENCES publications,
    year bigint NOT NULL,
    number text NOT NULL CONSTRAINT uq_certificates_number UNIQUE,
    verification bytea NOT NULL CONSTRAINT uq_certificates_verification UNIQUE,
    code text NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by uuid NOT NULL,
    revoked_at timestamptz,
    revoked_by uuid,
    revoked_reason text NOT NULL,
    returned_at timestamptz,
    returned_by uuid,
    CONSTRAINT ck_certificates_number_is_plain CHECK (number ~ '^[0-9A-Z-]{6,32}$'),
    CONSTRAINT ck_certificates_revoked_after_issue CHECK (revoked_at >= issued_at),
    CONSTRAINT ck_certificates_revoked_for_a_reason CHECK (revoked_at IS NULL OR btrim(revoked_reason) <> ''),
    CONSTRAINT ck_certificates_returned_once_revoked CHECK (returned_at IS NULL OR returned_at >= revoked_at)
);
CREATE INDEX ix_certificates_publication_id ON certificates (publication_id);
CREATE INDEX ix_certificates_office_id_year ON certificates (office_id, year, number);

CREATE TABLE archive_packages (
    id uuid CONSTRAINT pk_archive_packages PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_archive_packages_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_archive_packages_year REFERENCES seasons (year),
    publication_id uuid NOT NULL CONSTRAINT fk_archive_packages_publication_id REFERENCES publications,
    state text NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_by uuid NOT NULL,
    made_at timestamptz,
    size bigint,
    sha256 text,
    sealed_key bytea NOT NULL,
    failure text NOT NULL,
    CONSTRAINT ck_archive_packages_state_is_known CHECK (state IN ('waiting', 'making', 'made', 'failed')),
    CONSTRAINT ck_archive_packages_made_has_a_digest CHECK ((state = 'made') = (sha256 IS NOT NULL)),
    CONSTRAINT ck_archive_packages_done_is_part_of_total CHECK (done <= total)
);
CREATE INDEX ix_archive_packages_office_id_year ON archive_packages (office_id, year);

CREATE TABLE sanction_cases (
    id uuid CONSTRAINT pk_sanction_cases PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT fk_sanction_cases_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_sanction_cases_office_id REFERENCES offices,
    opened_by_office_id text NOT NULL CONSTRAINT fk_sanction_cases_opened_by_office_id REFERENCES offices,
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    facts text NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    hearing_until timestamptz,
    appeal_until timestamptz,
    decided_at timestamptz,
    decided_by uuid,
    decided_by_office_id text CONSTRAINT fk_sanction_cases_decided_by_office_id REFERENCES offices,
    disqualifies boolean NOT NULL,
    revokes boolean NOT NULL,
    ban_years bigint NOT NULL,
    ban_begins timestamptz,
    CONSTRAINT ck_sanction_cases_has_facts CHECK (btrim(facts) <> ''),
    CONSTRAINT ck_sanction_cases_state_is_known CHECK (
        state IN ('proposed', 'hearing', 'decided', 'appealed', 'final', 'dropped', 'cleared', 'overturned')
    ),
    CONSTRAINT ck_sanction_cases_ban_is_bounded CHECK (ban_years BETWEEN 0 AND 10)
);
CREATE INDEX ix_sanction_cases_application_id ON sanction_cases (application_id);
CREATE INDEX ix_sanction_cases_office_id ON sanction_cases (office_id, state);
CREATE INDEX ix_sanction_cases_opened_by_office_id ON sanction_cases (opened_by_office_id);
CREATE UNIQUE INDEX uq_sanction_cases_one_open
    ON sanction_cases (application_id) WHERE state IN ('proposed', 'hearing', 'decided', 'appealed');

CREATE TABLE sanction_steps (
    case_id uuid NOT NULL CONSTRAINT fk_sanction_steps_case_id REFERENCES sanction_cases,
    version bigint NOT NULL,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    words text NOT NULL,
    at timestamptz NOT NULL,
    account_id uuid NOT NULL,
    actor_name text NOT NULL,
    office_id text CONSTRAINT fk_sanction_steps_office_id REFERENCES offices,
    on_behalf_of uuid,
    CONSTRAINT pk_sanction_steps PRIMARY KEY (case_id, version)
);

CREATE TABLE sanction_evidence (
    id uuid CONSTRAINT pk_sanction_evidence PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_sanction_evidence_case_id REFERENCES sanction_cases,
    title text NOT NULL,
    document_id uuid CONSTRAINT fk_sanction_evidence_document_id REFERENCES documents,
    sha256 text NOT NULL,
    added_at timestamptz NOT NULL,
    added_by uuid NOT NULL,
    CONSTRAINT ck_sanction_evidence_has_a_title CHECK (btrim(title) <> ''),
    CONSTRAINT ck_sanction_evidence_is_something CHECK (document_id IS NOT NULL OR sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX ix_sanction_evidence_case_id ON sanction_evidence (case_id);

CREATE TABLE bans (
    id uuid CONSTRAINT pk_bans PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT fk_bans_person_id REFERENCES persons,
    office_id text NOT NULL CONSTRAINT fk_bans_office_id REFERENCES offices,
    application_id uuid CONSTRAINT fk_bans_application_id REFERENCES applications,
    reason text NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by uuid NOT NULL,
    lifted_at timestamptz,
    case_id uuid CONSTRAINT fk_bans_case_id_sanction_cases REFERENCES sanction_cases,
    instrument text NOT NULL,
    lift_reason text NOT NULL,
    CONSTRAINT ck_bans_dates_are_in_order CHECK (begins < ends),
    CONSTRAINT ck_bans_lifted_for_a_reason CHECK (lifted_at IS NULL OR btrim(lift_reason) <> ''),
    CONSTRAINT ck_bans_rests_on_something CHECK (case_id IS NOT NULL OR btrim(instrument) <> '')
);
CREATE INDEX ix_bans_office_id ON bans (office_id);
CREATE INDEX ix_bans_person_id ON bans (person_id);
CREATE UNIQUE INDEX uq_bans_case_id ON bans (case_id) WHERE case_id IS NOT NULL;
"""
DROP = """
DROP TABLE
    bans, sanction_evidence, sanction_steps, sanction_cases, archive_packages, certificates, objections,
    publication_entries, publications;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROP)
