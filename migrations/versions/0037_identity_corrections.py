"""Corrections of names and identity numbers: asked for, examined by one officer, decided by a second.

Revision ID: 0037
Revises: 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE identity_corrections (
    id uuid CONSTRAINT pk_identity_corrections PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT fk_identity_corrections_person_id REFERENCES persons,
    office_id text NOT NULL CONSTRAINT fk_identity_corrections_office_id REFERENCES offices,
    unit_id uuid CONSTRAINT fk_identity_corrections_unit_id REFERENCES units,
    application_id uuid CONSTRAINT fk_identity_corrections_application_id REFERENCES applications,
    kind text NOT NULL,
    was bytea NOT NULL,
    becomes bytea NOT NULL,
    reason text NOT NULL,
    evidence text NOT NULL,
    state text NOT NULL,
    at_once boolean NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    asked_on_behalf uuid,
    asked_by_name text NOT NULL,
    asked_office_id text CONSTRAINT fk_identity_corrections_asked_office_id REFERENCES offices,
    examined_at timestamptz,
    examined_by uuid,
    examined_on_behalf uuid,
    examined_by_name text NOT NULL,
    examination text NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    decided_by_name text NOT NULL,
    remark text NOT NULL,
    carried_out_at timestamptz,
    CONSTRAINT ck_identity_corrections_kind_is_known CHECK (kind IN ('slip', 'changed', 'number')),
    CONSTRAINT ck_identity_corrections_state_is_known CHECK (state IN ('asked', 'examined', 'granted', 'refused')),
    CONSTRAINT ck_identity_corrections_has_a_reason CHECK (btrim(reason) <> ''),
    CONSTRAINT ck_identity_corrections_examination_is_signed CHECK (num_nulls(examined_at, examined_by) IN (0, 2)),
    CONSTRAINT ck_identity_corrections_decision_is_signed CHECK (num_nulls(decided_at, decided_by) IN (0, 2)),
    CONSTRAINT ck_identity_corrections_decided_when_settled CHECK (
        (state IN ('granted', 'refused')) = (decided_at IS NOT NULL)
    ),
    CONSTRAINT ck_identity_corrections_two_people CHECK (
        state IN ('asked', 'examined') OR at_once OR (examined_by IS NOT NULL AND decided_by <> examined_by)
    ),
    CONSTRAINT ck_identity_corrections_at_once_is_settled CHECK (NOT at_once OR state = 'granted'),
    CONSTRAINT ck_identity_corrections_refused_for_a_reason CHECK (state <> 'refused' OR btrim(remark) <> '')
);
CREATE UNIQUE INDEX uq_identity_corrections_one_open ON identity_corrections (person_id)
    WHERE state IN ('asked', 'examined');
CREATE INDEX ix_identity_corrections_person_id ON identity_corrections (person_id);
CREATE INDEX ix_identity_corrections_unit_id ON identity_corrections (unit_id);
CREATE INDEX ix_identity_corrections_application_id ON identity_corrections (application_id);
CREATE INDEX ix_identity_corrections_office_id ON identity_corrections (office_id, state, asked_at);
"""
SUBJECTS = (
    "delegation",
    "roster",
    "onsite_batch",
    "manager_form",
    "incident",
    "score_check",
    "mark_correction",
    "sanction_case",
    "objection",
    "evaluation_panel",
    "review_appeal",
)
KINDS = (
    ("delegation", "instrument"),
    ("roster", "stamped"),
    ("onsite_batch", "stamped"),
    ("manager_form", "annex"),
    ("incident", "evidence"),
    ("score_check", "request"),
    ("score_check", "evidence"),
    ("mark_correction", "evidence"),
    ("sanction_case", "evidence"),
    ("sanction_case", "lead"),
    ("sanction_case", "statement"),
    ("sanction_case", "appeal"),
    ("objection", "grounds"),
    ("objection", "inquiry"),
    ("evaluation_panel", "minutes"),
    ("review_appeal", "grounds"),
)
"""What files belong to, and in which capacity, at the revision before."""


def upgrade() -> None:
    """Add the table, and let files belong to its rows; policies and guards stand in ``migrations/sql``."""
    op.execute(TABLE)
    _admit((*SUBJECTS, "identity_correction"), (*KINDS, ("identity_correction", "evidence")))


def downgrade() -> None:
    """Drop it, with the rows of its files."""
    op.execute("DELETE FROM attachments WHERE subject_type = 'identity_correction'")
    _admit(SUBJECTS, KINDS)
    op.execute("DROP TABLE identity_corrections")


def _admit(subjects: tuple[str, ...], kinds: tuple[tuple[str, str], ...]) -> None:
    """Let files belong to these things, in these capacities."""
    for name, condition in (
        ("subject_is_known", f"subject_type IN {subjects}"),
        ("kind_is_known", f"(subject_type, kind) IN {kinds}"),
    ):
        op.drop_constraint(op.f(f"ck_attachments_{name}"), "attachments")
        op.create_check_constraint(op.f(f"ck_attachments_{name}"), "attachments", condition)
