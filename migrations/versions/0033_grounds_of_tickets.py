"""Tickets and papers keep what they tell.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# As ``ticket_grounds`` was when this revision was made: functions do not exist while revisions run.
_FILL = """
    UPDATE admission_tickets x SET grounds = g.grounds
    FROM (
        SELECT a.id, jsonb_build_object(
            'name', encode(sha256(convert_to(concat_ws('/', a.id, a.person_name), 'UTF8')), 'hex'),
            'id_tail', encode(sha256(convert_to(concat_ws('/', a.id, a.id_tail), 'UTF8')), 'hex'),
            'case', encode(sha256(convert_to(concat_ws('/', a.id, a.unit_name, a.grade, a.trade), 'UTF8')), 'hex'),
            'photo', (SELECT d.sha256 FROM documents d
                WHERE d.application_id = a.id AND d.material = 'photo' AND d.superseded_at IS NULL),
            'times', jsonb_agg(jsonb_build_array(extract(epoch FROM t.starts_at)::bigint,
                extract(epoch FROM t.ends_at)::bigint, array_to_string(t.subjects, '、')) ORDER BY t.starts_at, t.id),
            'sites', jsonb_agg(concat_ws(' ', e.code, e.name) ORDER BY t.starts_at, t.id),
            'addresses', jsonb_agg(e.address ORDER BY t.starts_at, t.id),
            'rooms', jsonb_agg(r.name ORDER BY t.starts_at, t.id),
            'seats', jsonb_agg(s.seat ORDER BY t.starts_at, t.id)) AS grounds
        FROM seats s
        JOIN applications a ON a.id = s.application_id
        JOIN sittings t ON t.id = s.sitting_id
        JOIN exam_rooms r ON r.id = s.room_id
        JOIN exam_sites e ON e.id = r.site_id
        WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL
        GROUP BY a.id
    ) g
    WHERE g.id = x.application_id AND x.voided_at IS NULL
"""


def upgrade() -> None:
    """Add the columns, and fill in what the tickets in force tell."""
    op.add_column("admission_tickets", sa.Column("grounds", JSONB(), nullable=True))
    op.add_column("admission_tickets", sa.Column("changed", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("paper_jobs", sa.Column("told", sa.Text(), nullable=True))
    op.execute(_FILL)


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("paper_jobs", "told")
    op.drop_column("admission_tickets", "changed")
    op.drop_column("admission_tickets", "grounds")
