"""Packages of a whole season for the archive beside those of one list.

Revision ID: 0064
Revises: 0063
"""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a package be of no list, with a number within the season and the reason of a supplement."""
    op.execute(
        """
        ALTER TABLE archive_packages ALTER COLUMN publication_id DROP NOT NULL;
        ALTER TABLE archive_packages ADD COLUMN serial bigint;
        ALTER TABLE archive_packages ADD COLUMN reason text NOT NULL DEFAULT '';
        ALTER TABLE archive_packages ALTER COLUMN reason DROP DEFAULT;
        ALTER TABLE archive_packages
            ADD CONSTRAINT ck_archive_packages_of_a_list_or_a_season
                CHECK ((publication_id IS NULL) = (serial IS NOT NULL)),
            ADD CONSTRAINT ck_archive_packages_supplement_has_a_reason
                CHECK (serial IS NULL OR serial = 1 OR btrim(reason) <> ''),
            ADD CONSTRAINT uq_archive_packages_office_id_year_serial UNIQUE (office_id, year, serial);
        """
    )


def downgrade() -> None:
    """Take packages of seasons away: they can be made again."""
    op.execute(
        """
        DELETE FROM archive_packages WHERE publication_id IS NULL;
        ALTER TABLE archive_packages DROP COLUMN serial, DROP COLUMN reason;
        ALTER TABLE archive_packages ALTER COLUMN publication_id SET NOT NULL;
        """
    )
