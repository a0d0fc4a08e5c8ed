"""Responsibility for the assessment: responsible persons of offices, and their plans for emergencies.

Revision ID: 0053
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_KEY, _MOMENT, _TEXT = sa.Uuid(), sa.DateTime(timezone=True), sa.Text()


KINDS = (
    *(("delegation", "instrument"), ("roster", "stamped"), ("onsite_batch", "stamped"), ("manager_form", "annex")),
    *(("incident", "evidence"), ("score_check", "request"), ("score_check", "evidence")),
    *(("mark_correction", "evidence"), ("sanction_case", "evidence"), ("sanction_case", "lead")),
    *(("sanction_case", "statement"), ("sanction_case", "appeal"), ("objection", "grounds"), ("objection", "inquiry")),
    *(("evaluation_panel", "minutes"), ("review_appeal", "grounds"), ("identity_correction", "evidence")),
    ("ban", "decision"),
)
"""The capacities in which files belong to something, at the revision before."""


def upgrade() -> None:
    """Make the tables."""
    _persons()
    _plans()
    _admit((*KINDS, ("emergency_plan", "plan")))


def _admit(kinds: tuple[tuple[str, str], ...]) -> None:
    """Let files belong to these things, in these capacities."""
    for name, condition in (
        ("subject_is_known", f"subject_type IN {tuple(dict.fromkeys(subject for subject, _ in kinds))}"),
        ("kind_is_known", f"(subject_type, kind) IN {kinds}"),
    ):
        op.drop_constraint(op.f(f"ck_attachments_{name}"), "attachments")
        op.create_check_constraint(op.f(f"ck_attachments_{name}"), "attachments", condition)


def _persons() -> None:
    op.create_table(
        "responsible_persons",
        *_of_office(),
        sa.Column("rank", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("post", _TEXT, nullable=False),
        sa.Column("telephone", _TEXT, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        *_made("entered"),
        sa.CheckConstraint("rank IN ('first', 'main', 'direct')", name="ck_responsible_persons_rank_is_known"),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_responsible_persons_has_a_name"),
    )
    op.create_index("ix_responsible_persons_office_id", "responsible_persons", ["office_id", "year"])


def _plans() -> None:
    op.create_table(
        "emergency_plans",
        *_of_office(),
        sa.Column("to_office_id", _TEXT, sa.ForeignKey("offices.id"), nullable=True),
        sa.Column("occasion", _TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("hotline", _TEXT, nullable=False),
        sa.Column("contacts", JSONB(), nullable=False),
        sa.Column("events", ARRAY(_TEXT), nullable=False),
        sa.Column("site_ids", ARRAY(_TEXT), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        *_made("made"),
        sa.Column("approved_at", _MOMENT, nullable=True),
        sa.Column("approved_by", _KEY, nullable=True),
        sa.Column("approved_by_name", _TEXT, nullable=False),
        sa.Column("filed_at", _MOMENT, nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", _KEY, nullable=True),
        sa.Column("remarks", JSONB(), nullable=False),
        sa.UniqueConstraint(
            "office_id", "year", "occasion", "version", name="uq_emergency_plans_office_id_year_occasion_version"
        ),
        *_checks(
            "emergency_plans",
            occasion_is_known="occasion IN ('training', 'exam')",
            state_is_known="state IN ('drafted', 'approved', 'filed', 'received', 'returned')",
            approved_by_another="approved_by <> made_by",
            approved_after_the_draft="(state = 'drafted') = (approved_at IS NULL)",
            decided_when_answered="(state IN ('received', 'returned')) = (decided_at IS NOT NULL)",
            a_return_has_remarks="(state = 'returned') = (remarks <> '{}')",
        ),
    )
    op.create_index("ix_emergency_plans_to_office_id", "emergency_plans", ["to_office_id", "year"])


def downgrade() -> None:
    """Take them away."""
    op.execute("DELETE FROM attachments WHERE subject_type = 'emergency_plan'")
    _admit(KINDS)
    op.drop_table("emergency_plans")
    op.drop_table("responsible_persons")


def _of_office() -> list[sa.Column[object]]:
    return [
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("office_id", _TEXT, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
    ]


def _made(how: str) -> list[sa.Column[object]]:
    return [
        sa.Column(f"{how}_at", _MOMENT, nullable=False),
        sa.Column(f"{how}_by", _KEY, nullable=False),
        sa.Column(f"{how}_by_name", _TEXT, nullable=False),
    ]


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(condition, name=f"ck_{table}_{name}") for name, condition in conditions.items()]
