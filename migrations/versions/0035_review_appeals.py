"""Appeals (申诉) against a failed eligibility review, and their files.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_BEFORE = (
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
)
_APPEALS = (("review_appeal", "grounds"),)


def upgrade() -> None:
    """Make the table, and let files belong to its rows."""
    moment, key = sa.DateTime(timezone=True), sa.Uuid()
    op.create_table(
        "review_appeals",
        sa.Column("id", key, primary_key=True),
        sa.Column("application_id", key, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("move_id", key, sa.ForeignKey("moves.id"), nullable=False),
        sa.Column("office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("decided_by_office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("superior_office_id", sa.Text(), sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("asked_by", key, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("answered_by", key, nullable=True),
        sa.Column("answered_by_name", sa.Text(), nullable=True),
        sa.UniqueConstraint("move_id", name="uq_review_appeals_move_id"),
        sa.CheckConstraint("state IN ('open', 'upheld', 'reopened')", name="ck_review_appeals_state_is_known"),
        sa.CheckConstraint("btrim(grounds) <> ''", name="ck_review_appeals_has_grounds"),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="ck_review_appeals_answered_is_dated"),
        sa.CheckConstraint(
            "state = 'open' OR (answered_by IS NOT NULL AND btrim(answer) <> '')",
            name="ck_review_appeals_has_an_answer",
        ),
    )
    op.create_index("ix_review_appeals_application_id", "review_appeals", ["application_id"])
    op.create_index("ix_review_appeals_superior_office_id", "review_appeals", ["superior_office_id", "state", "due_at"])
    _let_files_belong_to((*_BEFORE, *_APPEALS))


def downgrade() -> None:
    """Take the table away, with the rows of its files."""
    op.execute("DELETE FROM attachments WHERE subject_type = 'review_appeal'")
    _let_files_belong_to(_BEFORE)
    op.drop_table("review_appeals")


def _let_files_belong_to(kinds: tuple[tuple[str, str], ...]) -> None:
    subjects = ", ".join(f"'{subject}'" for subject in dict.fromkeys(subject for subject, _ in kinds))
    pairs = ", ".join(f"('{subject}', '{kind}')" for subject, kind in kinds)
    for name, rule in (
        ("subject_is_known", f"subject_type IN ({subjects})"),
        ("kind_is_known", f"(subject_type, kind) IN ({pairs})"),
    ):
        op.execute(f"ALTER TABLE attachments DROP CONSTRAINT ck_attachments_{name}")
        op.execute(f"ALTER TABLE attachments ADD CONSTRAINT ck_attachments_{name} CHECK ({rule})")
