"""The day of the exam: tickets, printed papers, attendance, incidents, and the register of custody.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE admission_tickets (
    id uuid CONSTRAINT pk_admission_tickets PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_admission_tickets_office_id REFERENCES offices,
    application_id uuid NOT NULL CONSTRAINT fk_admission_tickets_application_id REFERENCES applications,
    plan_id uuid NOT NULL,
    number text NOT NULL CONSTRAINT uq_admission_tickets_number UNIQUE,
    seats_digest text NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by uuid NOT NULL,
    voided_at timestamptz,
    void_reason text,
    CONSTRAINT fk_admission_tickets_plan_id_office_id FOREIGN KEY (
        plan_id, office_id
    ) REFERENCES plans (id, office_id),
    CONSTRAINT ck_admission_tickets_voided_for_a_reason CHECK ((voided_at IS NULL) = (void_reason IS NULL))
);
CREATE INDEX ix_admission_tickets_application_id ON admission_tickets (application_id);
CREATE INDEX ix_admission_tickets_plan_id ON admission_tickets (plan_id, number);
CREATE UNIQUE INDEX uq_admission_tickets_one_in_force ON admission_tickets (application_id) WHERE voided_at IS NULL;

CREATE TABLE ticket_commitments (
    application_id uuid CONSTRAINT pk_ticket_commitments PRIMARY KEY
        CONSTRAINT fk_ticket_commitments_application_id REFERENCES applications,
    text_digest text NOT NULL,
    committed_at timestamptz NOT NULL,
    committed_by uuid NOT NULL
);

CREATE TABLE paper_jobs (
    id uuid CONSTRAINT pk_paper_jobs PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_paper_jobs_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_paper_jobs_year REFERENCES seasons (year),
    plan_id uuid NOT NULL,
    sitting_id uuid CONSTRAINT fk_paper_jobs_sitting_id REFERENCES sittings,
    kind text NOT NULL,
    state text NOT NULL,
    total bigint NOT NULL,
    done bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    finished_at timestamptz,
    CONSTRAINT uq_paper_jobs_id_office_id UNIQUE (id, office_id),
    CONSTRAINT fk_paper_jobs_plan_id_office_id FOREIGN KEY (plan_id, office_id) REFERENCES plans (id, office_id),
    CONSTRAINT ck_paper_jobs_kind_is_known CHECK (
        kind IN ('tickets', 'door_lists', 'seat_charts', 'sign_in_sheets', 'invigilators')
    ),
    CONSTRAINT ck_paper_jobs_state_is_known CHECK (state IN ('waiting', 'working', 'ready', 'failed')),
    CONSTRAINT ck_paper_jobs_no_more_than_asked_for CHECK (done <= total)
);
CREATE INDEX ix_paper_jobs_office_id_year ON paper_jobs (office_id, year, asked_at);

CREATE TABLE paper_parts (
    id uuid CONSTRAINT pk_paper_parts PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_paper_parts_office_id REFERENCES offices,
    job_id uuid NOT NULL,
    part bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    size bigint NOT NULL,
    content bytea NOT NULL,
    made_at timestamptz NOT NULL,
    CONSTRAINT uq_paper_parts_job_id_part UNIQUE (job_id, part),
    CONSTRAINT fk_paper_parts_job_id_office_id FOREIGN KEY (
        job_id, office_id
    ) REFERENCES paper_jobs (id, office_id) ON DELETE CASCADE
);

CREATE TABLE attendances (
    sitting_id uuid NOT NULL CONSTRAINT fk_attendances_sitting_id REFERENCES sittings,
    application_id uuid NOT NULL CONSTRAINT fk_attendances_application_id REFERENCES applications,
    office_id text NOT NULL CONSTRAINT fk_attendances_office_id REFERENCES offices,
    room_id uuid NOT NULL CONSTRAINT fk_attendances_room_id REFERENCES exam_rooms,
    state text NOT NULL,
    way text NOT NULL,
    client_id uuid NOT NULL CONSTRAINT uq_attendances_client_id UNIQUE,
    noted_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    noted_by uuid NOT NULL,
    remark text NOT NULL,
    CONSTRAINT pk_attendances PRIMARY KEY (sitting_id, application_id),
    CONSTRAINT ck_attendances_state_is_known CHECK (state IN ('present', 'absent')),
    CONSTRAINT ck_attendances_way_is_known CHECK (way IN ('scan', 'number', 'list', 'close'))
);
CREATE INDEX ix_attendances_sitting_id_room_id ON attendances (sitting_id, room_id);

CREATE TABLE custody_entries (
    id uuid CONSTRAINT pk_custody_entries PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_custody_entries_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_custody_entries_year REFERENCES seasons (year),
    sitting_id uuid CONSTRAINT fk_custody_entries_sitting_id REFERENCES sittings,
    site_id uuid CONSTRAINT fk_custody_entries_site_id REFERENCES exam_sites,
    kind text NOT NULL,
    title text NOT NULL,
    digest text NOT NULL,
    keeper text NOT NULL,
    place text NOT NULL,
    keep_until date NOT NULL,
    taken_at timestamptz NOT NULL,
    registered_by uuid NOT NULL,
    ended_at timestamptz,
    ended_how text,
    CONSTRAINT uq_custody_entries_id_office_id UNIQUE (id, office_id),
    CONSTRAINT ck_custody_entries_kind_known CHECK (
        kind IN ('recording', 'paper', 'answers', 'marks', 'registration', 'other')
    ),
    CONSTRAINT ck_custody_entries_digest_is_one CHECK (digest ~ '^([0-9a-f]{64})?$'),
    CONSTRAINT ck_custody_entries_ended_somehow CHECK ((ended_at IS NULL) = (ended_how IS NULL))
);
CREATE INDEX ix_custody_entries_office_id_year ON custody_entries (office_id, year, taken_at);

CREATE TABLE custody_handovers (
    id uuid CONSTRAINT pk_custody_handovers PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_custody_handovers_office_id REFERENCES offices,
    entry_id uuid NOT NULL,
    from_keeper text NOT NULL,
    to_keeper text NOT NULL,
    to_place text NOT NULL,
    reason text NOT NULL,
    handed_at timestamptz NOT NULL,
    handed_by uuid NOT NULL,
    CONSTRAINT fk_custody_handovers_entry_id_office_id FOREIGN KEY (
        entry_id, office_id
    ) REFERENCES custody_entries (id, office_id)
);
CREATE INDEX ix_custody_handovers_entry_id ON custody_handovers (entry_id, id);

CREATE TABLE incidents (
    id uuid CONSTRAINT pk_incidents PRIMARY KEY,
    office_id text NOT NULL CONSTRAINT fk_incidents_office_id REFERENCES offices,
    year bigint NOT NULL CONSTRAINT fk_incidents_year REFERENCES seasons (year),
    sitting_id uuid CONSTRAINT fk_incidents_sitting_id REFERENCES sittings,
    site_id uuid CONSTRAINT fk_incidents_site_id REFERENCES exam_sites,
    application_id uuid CONSTRAINT fk_incidents_application_id REFERENCES applications,
    kind text NOT NULL,
    class bigint,
    facts text NOT NULL,
    evidence text NOT NULL,
    measures text NOT NULL,
    custody_id uuid CONSTRAINT fk_incidents_custody_id REFERENCES custody_entries,
    client_id uuid NOT NULL CONSTRAINT uq_incidents_client_id UNIQUE,
    happened_at timestamptz NOT NULL,
    reported_at timestamptz NOT NULL,
    reported_by uuid NOT NULL,
    reported_name text NOT NULL,
    CONSTRAINT ck_incidents_kind_known CHECK (
        kind IN ('equipment', 'disturbance', 'emergency', 'change', 'violation')
    ),
    CONSTRAINT ck_incidents_violation_is_somebodys CHECK (
        (kind = 'violation') = (application_id IS NOT NULL) AND (kind = 'violation') = (class IS NOT NULL)
    ),
    CONSTRAINT ck_incidents_class_is_known CHECK (class BETWEEN 1 AND 3),
    CONSTRAINT ck_incidents_says_what_happened CHECK (btrim(facts) <> '')
);
CREATE INDEX ix_incidents_application_id ON incidents (application_id);
CREATE INDEX ix_incidents_office_id_year ON incidents (office_id, year, happened_at);

CREATE SEQUENCE ticket_numbers;
"""
DROP = """
DROP TABLE
    incidents, custody_handovers, custody_entries, attendances, paper_parts, paper_jobs, ticket_commitments,
    admission_tickets;
DROP SEQUENCE ticket_numbers;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROP)
