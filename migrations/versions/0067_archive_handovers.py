"""Hand-overs of what is archived: packages to archives, people's papers to their units.

Revision ID: 0067
Revises: 0066
"""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

KINDS = (
    *(("delegation", "instrument"), ("roster", "stamped"), ("onsite_batch", "stamped"), ("manager_form", "annex")),
    *(("incident", "evidence"), ("score_check", "request"), ("score_check", "evidence")),
    *(("mark_correction", "evidence"), ("sanction_case", "evidence"), ("sanction_case", "lead")),
    *(("sanction_case", "statement"), ("sanction_case", "appeal"), ("objection", "grounds"), ("objection", "inquiry")),
    *(("evaluation_panel", "minutes"), ("review_appeal", "grounds"), ("identity_correction", "evidence")),
    *(("ban", "decision"), ("emergency_plan", "plan"), ("sanction_case", "receipt")),
    *(("certificate_batch", "receipt"), ("patrol_finding", "evidence"), ("patrol_finding", "remedy")),
)
"""The capacities in which files belong to something, at the revision before."""


def upgrade() -> None:
    """Make the two tables, and let signed lists belong to a hand-over."""
    op.execute(
        """
        CREATE TABLE archive_handovers (
            id uuid CONSTRAINT pk_archive_handovers PRIMARY KEY,
            office_id text NOT NULL CONSTRAINT fk_archive_handovers_office_id REFERENCES offices,
            year bigint NOT NULL CONSTRAINT fk_archive_handovers_year REFERENCES seasons,
            serial bigint NOT NULL,
            package_id uuid CONSTRAINT fk_archive_handovers_package_id REFERENCES archive_packages,
            unit_id uuid CONSTRAINT fk_archive_handovers_unit_id REFERENCES units,
            receiving_body text NOT NULL,
            contents text NOT NULL,
            state text NOT NULL,
            handed_at timestamptz NOT NULL,
            handed_by uuid NOT NULL,
            handed_by_name text NOT NULL,
            received_on date,
            receiver text NOT NULL,
            settled_at timestamptz,
            settled_by uuid,
            settled_by_name text NOT NULL,
            returned_reason text NOT NULL,
            withdrawn_reason text NOT NULL,
            CONSTRAINT uq_archive_handovers_office_id_year_serial UNIQUE (office_id, year, serial),
            CONSTRAINT ck_archive_handovers_of_a_package_or_a_unit CHECK (num_nonnulls(package_id, unit_id) = 1),
            CONSTRAINT ck_archive_handovers_state_is_known
                CHECK (state IN ('handed_over', 'received', 'returned', 'withdrawn')),
            CONSTRAINT ck_archive_handovers_to_somebody CHECK (btrim(receiving_body) <> ''),
            CONSTRAINT ck_archive_handovers_settlement_is_signed CHECK (num_nulls(settled_at, settled_by) IN (0, 2)),
            CONSTRAINT ck_archive_handovers_settled_is_dated CHECK ((state = 'handed_over') = (settled_at IS NULL)),
            CONSTRAINT ck_archive_handovers_received_on_a_day CHECK ((state = 'received') = (received_on IS NOT NULL)),
            CONSTRAINT ck_archive_handovers_received_by_somebody CHECK ((state = 'received') = (receiver <> '')),
            CONSTRAINT ck_archive_handovers_returned_for_a_reason
                CHECK (state <> 'returned' OR btrim(returned_reason) <> ''),
            CONSTRAINT ck_archive_handovers_withdrawn_for_a_reason
                CHECK (state <> 'withdrawn' OR btrim(withdrawn_reason) <> ''),
            CONSTRAINT ck_archive_handovers_a_unit_returns CHECK (package_id IS NULL OR state <> 'returned')
        );
        CREATE UNIQUE INDEX uq_archive_handovers_package ON archive_handovers (package_id) WHERE state <> 'withdrawn';
        CREATE INDEX ix_archive_handovers_unit_id ON archive_handovers (unit_id);
        CREATE TABLE archive_handover_items (
            handover_id uuid CONSTRAINT fk_archive_handover_items_handover_id REFERENCES archive_handovers,
            certificate_id uuid CONSTRAINT fk_archive_handover_items_certificate_id REFERENCES certificates,
            matter text NOT NULL,
            application_id uuid NOT NULL
                CONSTRAINT fk_archive_handover_items_application_id REFERENCES applications,
            office_id text NOT NULL CONSTRAINT fk_archive_handover_items_office_id REFERENCES offices,
            released_at timestamptz,
            CONSTRAINT pk_archive_handover_items PRIMARY KEY (handover_id, certificate_id, matter),
            CONSTRAINT ck_archive_handover_items_matter_is_known CHECK (matter IN ('certificate', 'revocation'))
        );
        CREATE UNIQUE INDEX uq_archive_handover_items_once
            ON archive_handover_items (certificate_id, matter) WHERE released_at IS NULL;
        CREATE INDEX ix_archive_handover_items_application_id ON archive_handover_items (application_id)
        """
    )
    _admit((*KINDS, ("archive_handover", "receipt")))


def _admit(kinds: tuple[tuple[str, str], ...]) -> None:
    """Let files belong to these things, in these capacities."""
    for name, condition in (
        ("subject_is_known", f"subject_type IN {tuple(dict.fromkeys(subject for subject, _ in kinds))}"),
        ("kind_is_known", f"(subject_type, kind) IN {kinds}"),
    ):
        op.drop_constraint(op.f(f"ck_attachments_{name}"), "attachments")
        op.create_check_constraint(op.f(f"ck_attachments_{name}"), "attachments", condition)


def downgrade() -> None:
    """Nobody keeps who has what."""
    op.execute("DELETE FROM attachments WHERE subject_type = 'archive_handover'")
    _admit(KINDS)
    op.execute("DROP TABLE archive_handover_items, archive_handovers")
