"""Declared relations (回避) of staff and members of panels to persons and units.

Revision ID: 0063
Revises: 0062
"""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the register. Units that members of panels avoid are in it from the beginning."""
    op.execute(
        """
        CREATE TABLE declared_relations (
            id uuid CONSTRAINT pk_declared_relations PRIMARY KEY,
            office_id text NOT NULL CONSTRAINT fk_declared_relations_office_id REFERENCES offices,
            account_id uuid NOT NULL CONSTRAINT fk_declared_relations_account_id REFERENCES accounts,
            account_name text NOT NULL,
            kind text NOT NULL,
            person_id uuid CONSTRAINT fk_declared_relations_person_id REFERENCES persons,
            unit_id uuid CONSTRAINT fk_declared_relations_unit_id REFERENCES units,
            about text NOT NULL,
            note text NOT NULL,
            declared_at timestamptz NOT NULL,
            declared_by uuid NOT NULL,
            declared_by_name text NOT NULL,
            ended_at timestamptz,
            ended_by uuid,
            ended_reason text NOT NULL,
            CONSTRAINT ck_declared_relations_kind_is_known
                CHECK (kind IN ('kin', 'unit', 'teacher', 'interest', 'other')),
            CONSTRAINT ck_declared_relations_is_to_one CHECK (num_nonnulls(person_id, unit_id) = 1),
            CONSTRAINT ck_declared_relations_ended_for_a_reason CHECK (ended_at IS NULL OR btrim(ended_reason) <> '')
        );
        CREATE INDEX ix_declared_relations_account_id ON declared_relations (account_id);
        CREATE INDEX ix_declared_relations_office_id ON declared_relations (office_id, declared_at);
        INSERT INTO declared_relations
        SELECT gen_random_uuid(), m.office_id, m.account_id, m.name, 'unit', NULL, m.unit_id, u.name, '所在单位',
            p.made_at, p.made_by, '', NULL, NULL, ''
        FROM (
            SELECT DISTINCT ON (account_id, unit_id) * FROM panel_members WHERE unit_id IS NOT NULL
            ORDER BY account_id, unit_id, panel_id
        ) m
        JOIN evaluation_panels p ON p.id = m.panel_id
        JOIN units u ON u.id = m.unit_id
        """
    )


def downgrade() -> None:
    """Take it away; members of panels keep their units."""
    op.execute("DROP TABLE declared_relations")
