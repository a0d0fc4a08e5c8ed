"""The papers of sanction cases with their service, from which the person's time runs.

Revision ID: 0056
Revises: 0055
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


KINDS = (
    *(("delegation", "instrument"), ("roster", "stamped"), ("onsite_batch", "stamped"), ("manager_form", "annex")),
    *(("incident", "evidence"), ("score_check", "request"), ("score_check", "evidence")),
    *(("mark_correction", "evidence"), ("sanction_case", "evidence"), ("sanction_case", "lead")),
    *(("sanction_case", "statement"), ("sanction_case", "appeal"), ("objection", "grounds"), ("objection", "inquiry")),
    *(("evaluation_panel", "minutes"), ("review_appeal", "grounds"), ("identity_correction", "evidence")),
    *(("ban", "decision"), ("emergency_plan", "plan")),
)
"""The capacities in which files belong to something, at the revision before."""


def upgrade() -> None:
    """Add the papers. A case from before has none, and keeps the times that it was given."""
    op.execute(
        """
        CREATE TABLE sanction_papers (
            case_id uuid NOT NULL CONSTRAINT fk_sanction_papers_case_id REFERENCES sanction_cases,
            paper text NOT NULL,
            office_id text NOT NULL CONSTRAINT fk_sanction_papers_office_id REFERENCES offices,
            number text NOT NULL,
            days bigint NOT NULL,
            issued_at timestamptz NOT NULL,
            issued_by uuid NOT NULL,
            way text NOT NULL,
            served_at timestamptz,
            recorded_at timestamptz,
            recorded_by uuid,
            CONSTRAINT pk_sanction_papers PRIMARY KEY (case_id, paper),
            CONSTRAINT uq_sanction_papers_number UNIQUE (office_id, paper, number),
            CONSTRAINT ck_sanction_papers_paper_is_known CHECK (paper IN ('notice', 'decision')),
            CONSTRAINT ck_sanction_papers_way_is_known
                CHECK (way = '' OR way IN ('page', 'in_person', 'post', 'public_notice')),
            CONSTRAINT ck_sanction_papers_served_in_some_way CHECK ((served_at IS NULL) = (way = '')),
            CONSTRAINT ck_sanction_papers_served_by_somebody CHECK ((served_at IS NULL) = (recorded_by IS NULL)),
            CONSTRAINT ck_sanction_papers_has_a_number_and_days CHECK (btrim(number) <> '' AND days > 0)
        )
        """
    )
    _admit((*KINDS, ("sanction_case", "receipt")))


def _admit(kinds: tuple[tuple[str, str], ...]) -> None:
    """Let files belong to something in these capacities."""
    op.drop_constraint(op.f("ck_attachments_kind_is_known"), "attachments")
    op.create_check_constraint(op.f("ck_attachments_kind_is_known"), "attachments", f"(subject_type, kind) IN {kinds}")


def downgrade() -> None:
    """Remove the papers; the times that ran from them stay with their cases."""
    _admit(KINDS)
    op.execute("DROP TABLE sanction_papers")
