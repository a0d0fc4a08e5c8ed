"""Accountability of staff and responsible persons.

Revision ID: 0060
Revises: 0059
"""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE accountability_cases (
        id uuid CONSTRAINT pk_accountability_cases PRIMARY KEY,
        office_id text NOT NULL CONSTRAINT fk_accountability_cases_office_id REFERENCES offices,
        to_office_id text NOT NULL CONSTRAINT fk_accountability_cases_to_office_id REFERENCES offices,
        year bigint NOT NULL CONSTRAINT fk_accountability_cases_year REFERENCES seasons,
        number bigint NOT NULL,
        account_id uuid CONSTRAINT fk_accountability_cases_account_id REFERENCES accounts,
        responsible_id uuid CONSTRAINT fk_accountability_cases_responsible_id REFERENCES responsible_persons,
        name text NOT NULL,
        post text NOT NULL,
        breach text NOT NULL,
        facts text NOT NULL,
        origin text NOT NULL,
        origin_id uuid,
        state text NOT NULL,
        opened_at timestamptz NOT NULL,
        opened_by uuid NOT NULL,
        opened_by_name text NOT NULL,
        told_at timestamptz,
        told_how text NOT NULL,
        hear_until timestamptz,
        decided_at timestamptz,
        decided_by uuid,
        decided_by_name text NOT NULL,
        measures text[] NOT NULL,
        ground text NOT NULL,
        reasons text NOT NULL,
        served_at timestamptz,
        served_how text NOT NULL,
        reported_to_office_id text
            CONSTRAINT fk_accountability_cases_reported_to_office_id REFERENCES offices,
        CONSTRAINT uq_accountability_cases_office_id_year_number UNIQUE (office_id, year, number),
        CONSTRAINT ck_accountability_cases_state_is_known
            CHECK (state IN ('opened', 'hearing', 'decided', 'served', 'cleared', 'dropped')),
        CONSTRAINT ck_accountability_cases_decided_by_another CHECK (decided_by <> opened_by),
        CONSTRAINT ck_accountability_cases_decided_at_some_time
            CHECK ((state IN ('decided', 'served', 'cleared', 'dropped')) = (decided_at IS NOT NULL)),
        CONSTRAINT ck_accountability_cases_decides_something
            CHECK (state NOT IN ('decided', 'served') OR cardinality(measures) > 0),
        CONSTRAINT ck_accountability_cases_heard_until_some_time
            CHECK (state IN ('opened', 'dropped') OR hear_until IS NOT NULL),
        CONSTRAINT ck_accountability_cases_served_at_some_time CHECK ((state = 'served') = (served_at IS NOT NULL)),
        CONSTRAINT ck_accountability_cases_says_who_and_what CHECK (btrim(name) <> '' AND btrim(facts) <> '')
    )
    """,
    "CREATE INDEX ix_accountability_cases_account_id ON accountability_cases (account_id)",
    """
    CREATE INDEX ix_accountability_cases_reported_to_office_id ON accountability_cases (reported_to_office_id)
    """,
    """
    CREATE TABLE accountability_statements (
        id uuid CONSTRAINT pk_accountability_statements PRIMARY KEY,
        case_id uuid NOT NULL CONSTRAINT fk_accountability_statements_case_id REFERENCES accountability_cases,
        text text NOT NULL,
        recorded boolean NOT NULL,
        at timestamptz NOT NULL,
        by uuid NOT NULL,
        by_name text NOT NULL,
        CONSTRAINT ck_accountability_statements_says_something CHECK (btrim(text) <> '')
    )
    """,
    "CREATE INDEX ix_accountability_statements_case_id ON accountability_statements (case_id, at)",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("accountability_statements")
    op.drop_table("accountability_cases")
