"""Papers of a whole site in a sitting, and the telephones of a site.

Revision ID: 0050
Revises: 0049
"""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_BEFORE = "'tickets', 'door_lists', 'seat_charts', 'sign_in_sheets', 'invigilators'"
_NOW = (
    "'tickets', 'door_lists', 'seat_charts', 'desk_labels', 'sign_in_sheets', 'photo_sheets', 'room_records', "
    "'incident_forms', 'receipts', 'invigilators', 'duty_list', 'handbook', 'custody_list', 'whole_site'"
)


def upgrade() -> None:
    """Let papers be those of a site, of more kinds, and let sites have contacts."""
    op.execute("ALTER TABLE exam_sites ADD COLUMN contacts jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE paper_jobs ADD COLUMN site_id uuid CONSTRAINT fk_paper_jobs_site_id REFERENCES exam_sites")
    _kinds(_NOW)


def downgrade() -> None:
    """Only the papers of before; jobs for others are removed with their parts."""
    op.execute(f"DELETE FROM paper_jobs WHERE kind NOT IN ({_BEFORE}) OR site_id IS NOT NULL")  # noqa: S608 - ours
    _kinds(_BEFORE)
    op.execute("ALTER TABLE paper_jobs DROP COLUMN site_id")
    op.execute("ALTER TABLE exam_sites DROP COLUMN contacts")


def _kinds(kinds: str) -> None:
    op.execute("ALTER TABLE paper_jobs DROP CONSTRAINT ck_paper_jobs_kind_is_known")
    op.execute(f"ALTER TABLE paper_jobs ADD CONSTRAINT ck_paper_jobs_kind_is_known CHECK (kind IN ({kinds}))")
