"""Editions of a list, its withdrawal, striking somebody off it after a hearing, and asking what became of an objection.

Revision ID: 0057
Revises: 0056
"""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_PUBLICATIONS = (
    "ADD COLUMN edition bigint NOT NULL DEFAULT 1",
    "ADD COLUMN edition_reason text NOT NULL DEFAULT ''",
    "ADD COLUMN changes jsonb NOT NULL DEFAULT '{}'",
    "ADD COLUMN ended_at timestamptz",
    "ADD COLUMN ended_by uuid",
    "ADD COLUMN ended_reason text NOT NULL DEFAULT ''",
    "ADD COLUMN shown_days bigint NOT NULL DEFAULT 0",
    "ADD COLUMN shown_until timestamptz",
    "DROP CONSTRAINT uq_publications_office_id_year_version",
    "ADD CONSTRAINT uq_publications_office_id_year_version_edition UNIQUE (office_id, year, version, edition)",
    "DROP CONSTRAINT ck_publications_state_is_known",
    "ADD CONSTRAINT ck_publications_state_is_known "
    "CHECK (state IN ('draft', 'published', 'corrected', 'withdrawn', 'closed'))",
    "DROP CONSTRAINT ck_publications_closed_at_a_moment",
    "ADD CONSTRAINT ck_publications_closed_at_a_moment CHECK (CASE state WHEN 'closed' THEN closed_at IS NOT NULL "
    "WHEN 'withdrawn' THEN true ELSE closed_at IS NULL END)",
    "ADD CONSTRAINT ck_publications_ended_for_a_reason CHECK ((state IN ('corrected', 'withdrawn')) = "
    "(ended_at IS NOT NULL) AND (ended_at IS NULL OR btrim(ended_reason) <> ''))",
    "ADD CONSTRAINT ck_publications_corrected_for_a_reason CHECK (edition = 1 OR btrim(edition_reason) <> '')",
)

_BACK = (
    "DROP CONSTRAINT ck_publications_corrected_for_a_reason",
    "DROP CONSTRAINT ck_publications_ended_for_a_reason",
    "DROP CONSTRAINT ck_publications_closed_at_a_moment",
    "ADD CONSTRAINT ck_publications_closed_at_a_moment CHECK ((state = 'closed') = (closed_at IS NOT NULL))",
    "DROP CONSTRAINT ck_publications_state_is_known",
    "ADD CONSTRAINT ck_publications_state_is_known CHECK (state IN ('draft', 'published', 'closed'))",
    "DROP CONSTRAINT uq_publications_office_id_year_version_edition",
    "ADD CONSTRAINT uq_publications_office_id_year_version UNIQUE (office_id, year, version)",
    "DROP COLUMN shown_until",
    "DROP COLUMN shown_days",
    "DROP COLUMN ended_reason",
    "DROP COLUMN ended_by",
    "DROP COLUMN ended_at",
    "DROP COLUMN changes",
    "DROP COLUMN edition_reason",
    "DROP COLUMN edition",
)

_STANDING = "CREATE UNIQUE INDEX uq_publication_entries_standing ON publication_entries (application_id) WHERE"


def upgrade() -> None:
    """Add editions, withdrawals, strikings, and the hash by which an objector asks."""
    op.execute("ALTER TABLE publications " + ", ".join(_PUBLICATIONS))
    op.execute(
        "ALTER TABLE publication_entries ADD COLUMN released_at timestamptz,"
        " ADD COLUMN shown jsonb NOT NULL DEFAULT '{}'"
    )
    op.execute("DROP INDEX uq_publication_entries_standing")
    op.execute(f"{_STANDING} struck_at IS NULL AND released_at IS NULL")
    op.execute(
        "ALTER TABLE objections ADD COLUMN remedy text NOT NULL DEFAULT '', ADD COLUMN asked_by_hash bytea,"
        " DROP CONSTRAINT ck_objections_state_is_known,"
        " ADD CONSTRAINT ck_objections_state_is_known"
        " CHECK (state IN ('open', 'sustained', 'dismissed', 'lapsed')),"
        " ADD CONSTRAINT ck_objections_remedy_is_known CHECK (remedy IN ('', 'correct', 'withdraw'))"
    )
    op.execute(
        """
        CREATE TABLE strikings (
            id uuid CONSTRAINT pk_strikings PRIMARY KEY,
            office_id text NOT NULL CONSTRAINT fk_strikings_office_id REFERENCES offices,
            kind text NOT NULL,
            application_id uuid NOT NULL CONSTRAINT fk_strikings_application_id REFERENCES applications,
            publication_id uuid NOT NULL CONSTRAINT fk_strikings_publication_id REFERENCES publications,
            objection_id uuid CONSTRAINT fk_strikings_objection_id REFERENCES objections,
            state text NOT NULL,
            reason text NOT NULL,
            proposed_at timestamptz NOT NULL,
            proposed_by uuid NOT NULL,
            proposed_on_behalf uuid,
            proposed_by_name text NOT NULL,
            heard_until timestamptz,
            statement text NOT NULL,
            stated_at timestamptz,
            decided_at timestamptz,
            decided_by uuid,
            decided_by_name text NOT NULL,
            remark text NOT NULL,
            CONSTRAINT ck_strikings_kind_is_known CHECK (kind IN ('strike', 'restore')),
            CONSTRAINT ck_strikings_state_is_known CHECK (state IN ('proposed', 'granted', 'refused', 'lapsed')),
            CONSTRAINT ck_strikings_for_a_reason CHECK (btrim(reason) <> ''),
            CONSTRAINT ck_strikings_heard_before_striking CHECK ((kind = 'strike') = (heard_until IS NOT NULL)),
            CONSTRAINT ck_strikings_decided_at_a_moment CHECK ((state = 'proposed') = (decided_at IS NULL)),
            CONSTRAINT ck_strikings_decided_for_a_reason CHECK (state = 'proposed' OR btrim(remark) <> '')
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_strikings_one_open ON strikings (application_id) WHERE state = 'proposed'")
    op.execute("CREATE INDEX ix_strikings_office_id_state ON strikings (office_id, state)")
    op.execute("CREATE INDEX ix_strikings_application_id ON strikings (application_id)")


def downgrade() -> None:
    """Remove them. Refused by the constraints where a list was corrected or withdrawn."""
    op.execute("DROP TABLE strikings")
    op.execute(
        "ALTER TABLE objections DROP CONSTRAINT ck_objections_remedy_is_known,"
        " DROP CONSTRAINT ck_objections_state_is_known,"
        " ADD CONSTRAINT ck_objections_state_is_known CHECK (state IN ('open', 'sustained', 'dismissed')),"
        " DROP COLUMN asked_by_hash, DROP COLUMN remedy"
    )
    op.execute("DROP INDEX uq_publication_entries_standing")
    op.execute(f"{_STANDING} struck_at IS NULL")
    op.execute("ALTER TABLE publication_entries DROP COLUMN shown, DROP COLUMN released_at")
    op.execute("ALTER TABLE publications " + ", ".join(_BACK))
