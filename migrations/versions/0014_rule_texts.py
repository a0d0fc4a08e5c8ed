"""Keep the text of every rule document that judged a case.

Revision ID: 0014
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, which everybody may read and add to and nobody may change, and bind submissions to it."""
    op.create_table(
        "rule_texts",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "version = name || '@' || left(encode(sha256(convert_to(content, 'UTF8')), 'hex'), 12)",
            name=op.f("ck_rule_texts_version_is_of_the_text"),
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_texts")),
    )
    op.execute("GRANT SELECT, INSERT ON rule_texts TO kaowu_app")
    op.execute("GRANT SELECT ON rule_texts TO kaowu_province, kaowu_auditor")
    op.create_foreign_key(
        op.f("fk_submissions_rule_version_rule_texts"), "submissions", "rule_texts", ["rule_version"], ["version"]
    )


def downgrade() -> None:
    """Take both away again."""
    op.drop_constraint(op.f("fk_submissions_rule_version_rule_texts"), "submissions", type_="foreignkey")
    op.drop_table("rule_texts")
