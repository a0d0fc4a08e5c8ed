"""Patrols of exam sites and training places, and what was found there.

Revision ID: 0059
Revises: 0058
"""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

KINDS = (
    *(("delegation", "instrument"), ("roster", "stamped"), ("onsite_batch", "stamped"), ("manager_form", "annex")),
    *(("incident", "evidence"), ("score_check", "request"), ("score_check", "evidence")),
    *(("mark_correction", "evidence"), ("sanction_case", "evidence"), ("sanction_case", "lead")),
    *(("sanction_case", "statement"), ("sanction_case", "appeal"), ("objection", "grounds"), ("objection", "inquiry")),
    *(("evaluation_panel", "minutes"), ("review_appeal", "grounds"), ("identity_correction", "evidence")),
    *(("ban", "decision"), ("emergency_plan", "plan"), ("sanction_case", "receipt")),
    ("certificate_batch", "receipt"),
)
"""The capacities in which files belong to something, at the revision before."""

_TABLES = (
    """
    CREATE TABLE patrols (
        id uuid CONSTRAINT pk_patrols PRIMARY KEY,
        office_id text NOT NULL CONSTRAINT fk_patrols_office_id REFERENCES offices,
        year bigint NOT NULL CONSTRAINT fk_patrols_year REFERENCES seasons,
        number bigint NOT NULL,
        purpose text NOT NULL,
        state text NOT NULL,
        planned_at timestamptz NOT NULL,
        planned_by uuid NOT NULL,
        planned_by_name text NOT NULL,
        ended_at timestamptz,
        ended_by uuid,
        ended_by_name text NOT NULL,
        summary text NOT NULL,
        CONSTRAINT uq_patrols_id_office_id UNIQUE (id, office_id),
        CONSTRAINT uq_patrols_office_id_year_number UNIQUE (office_id, year, number),
        CONSTRAINT ck_patrols_state_is_known CHECK (state IN ('planned', 'ended', 'cancelled')),
        CONSTRAINT ck_patrols_ended_at_some_time CHECK ((state = 'planned') = (ended_at IS NULL)),
        CONSTRAINT ck_patrols_ended_with_words CHECK (state = 'planned' OR btrim(summary) <> '')
    )
    """,
    """
    CREATE TABLE patrol_members (
        id uuid CONSTRAINT pk_patrol_members PRIMARY KEY,
        office_id text NOT NULL CONSTRAINT fk_patrol_members_office_id REFERENCES offices,
        patrol_id uuid NOT NULL,
        account_id uuid NOT NULL CONSTRAINT fk_patrol_members_account_id REFERENCES accounts,
        name text NOT NULL,
        added_at timestamptz NOT NULL,
        added_by uuid NOT NULL,
        removed_at timestamptz,
        CONSTRAINT fk_patrol_members_patrol_id FOREIGN KEY (patrol_id, office_id) REFERENCES patrols (id, office_id)
    )
    """,
    "CREATE UNIQUE INDEX uq_patrol_members_one_live ON patrol_members (patrol_id, account_id) WHERE removed_at IS NULL",
    "CREATE INDEX ix_patrol_members_account_id ON patrol_members (account_id)",
    """
    CREATE TABLE patrol_visits (
        id uuid CONSTRAINT pk_patrol_visits PRIMARY KEY,
        office_id text NOT NULL CONSTRAINT fk_patrol_visits_office_id REFERENCES offices,
        patrol_id uuid NOT NULL,
        to_office_id text NOT NULL CONSTRAINT fk_patrol_visits_to_office_id REFERENCES offices,
        year bigint NOT NULL CONSTRAINT fk_patrol_visits_year REFERENCES seasons,
        site_id uuid CONSTRAINT fk_patrol_visits_site_id REFERENCES exam_sites,
        course_id uuid CONSTRAINT fk_patrol_visits_course_id REFERENCES training_courses,
        day date NOT NULL,
        state text NOT NULL,
        arrived_at timestamptz,
        arrived_by uuid,
        arrived_by_name text NOT NULL,
        ended_at timestamptz,
        ended_by uuid,
        remarks text NOT NULL,
        CONSTRAINT fk_patrol_visits_patrol_id FOREIGN KEY (patrol_id, office_id) REFERENCES patrols (id, office_id),
        CONSTRAINT uq_patrol_visits_id_office_id UNIQUE (id, office_id),
        CONSTRAINT ck_patrol_visits_has_one_place CHECK (num_nonnulls(site_id, course_id) = 1),
        CONSTRAINT ck_patrol_visits_state_is_known CHECK (state IN ('planned', 'arrived', 'done', 'missed')),
        CONSTRAINT ck_patrol_visits_arrival_has_a_time
            CHECK ((state IN ('arrived', 'done')) = (arrived_at IS NOT NULL)),
        CONSTRAINT ck_patrol_visits_ended_at_some_time CHECK ((state IN ('done', 'missed')) = (ended_at IS NOT NULL)),
        CONSTRAINT ck_patrol_visits_ended_with_words CHECK (ended_at IS NULL OR btrim(remarks) <> '')
    )
    """,
    "CREATE INDEX ix_patrol_visits_patrol_id ON patrol_visits (patrol_id, day)",
    "CREATE INDEX ix_patrol_visits_to_office_id ON patrol_visits (to_office_id, year)",
    """
    CREATE TABLE patrol_findings (
        id uuid CONSTRAINT pk_patrol_findings PRIMARY KEY,
        office_id text NOT NULL CONSTRAINT fk_patrol_findings_office_id REFERENCES offices,
        visit_id uuid NOT NULL,
        to_office_id text NOT NULL CONSTRAINT fk_patrol_findings_to_office_id REFERENCES offices,
        year bigint NOT NULL CONSTRAINT fk_patrol_findings_year REFERENCES seasons,
        client_id uuid NOT NULL CONSTRAINT uq_patrol_findings_client_id UNIQUE,
        kind text NOT NULL,
        severity text NOT NULL,
        facts text NOT NULL,
        ordered text NOT NULL,
        answer_by date NOT NULL,
        state text NOT NULL,
        found_at timestamptz NOT NULL,
        found_by uuid NOT NULL,
        found_by_name text NOT NULL,
        closed_at timestamptz,
        CONSTRAINT fk_patrol_findings_visit_id
            FOREIGN KEY (visit_id, office_id) REFERENCES patrol_visits (id, office_id),
        CONSTRAINT ck_patrol_findings_severity_is_known CHECK (severity IN ('minor', 'major', 'grave')),
        CONSTRAINT ck_patrol_findings_state_is_known CHECK (state IN ('open', 'answered', 'closed', 'withdrawn')),
        CONSTRAINT ck_patrol_findings_closed_at_some_time
            CHECK ((state IN ('closed', 'withdrawn')) = (closed_at IS NOT NULL)),
        CONSTRAINT ck_patrol_findings_says_what_was_found CHECK (btrim(facts) <> '')
    )
    """,
    "CREATE INDEX ix_patrol_findings_visit_id ON patrol_findings (visit_id)",
    "CREATE INDEX ix_patrol_findings_office_id ON patrol_findings (office_id, year)",
    "CREATE INDEX ix_patrol_findings_to_office_id ON patrol_findings (to_office_id, year)",
    """
    CREATE TABLE patrol_replies (
        id uuid CONSTRAINT pk_patrol_replies PRIMARY KEY,
        finding_id uuid NOT NULL CONSTRAINT fk_patrol_replies_finding_id REFERENCES patrol_findings,
        by_office_id text NOT NULL CONSTRAINT fk_patrol_replies_by_office_id REFERENCES offices,
        kind text NOT NULL,
        text text NOT NULL,
        late boolean NOT NULL,
        client_id uuid NOT NULL CONSTRAINT uq_patrol_replies_client_id UNIQUE,
        at timestamptz NOT NULL,
        by uuid NOT NULL,
        by_name text NOT NULL,
        CONSTRAINT ck_patrol_replies_kind_is_known CHECK (kind IN ('answer', 'again', 'closed', 'withdrawn')),
        CONSTRAINT ck_patrol_replies_says_something CHECK (btrim(text) <> '')
    )
    """,
    "CREATE INDEX ix_patrol_replies_finding_id ON patrol_replies (finding_id, at)",
)


def upgrade() -> None:
    """Make the tables, and let files belong to findings."""
    for statement in _TABLES:
        op.execute(statement)
    _admit((*KINDS, ("patrol_finding", "evidence"), ("patrol_finding", "remedy")))


def _admit(kinds: tuple[tuple[str, str], ...]) -> None:
    """Let files belong to these things, in these capacities."""
    for name, condition in (
        ("subject_is_known", f"subject_type IN {tuple(dict.fromkeys(subject for subject, _ in kinds))}"),
        ("kind_is_known", f"(subject_type, kind) IN {kinds}"),
    ):
        op.drop_constraint(op.f(f"ck_attachments_{name}"), "attachments")
        op.create_check_constraint(op.f(f"ck_attachments_{name}"), "attachments", condition)


def downgrade() -> None:
    """Take them away."""
    op.execute("DELETE FROM attachments WHERE subject_type = 'patrol_finding'")
    _admit(KINDS)
    for table in ("patrol_replies", "patrol_findings", "patrol_visits", "patrol_members", "patrols"):
        op.drop_table(table)
