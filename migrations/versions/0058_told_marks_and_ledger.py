"""The moment at which candidates are told of a mark; a second copy that is the same file; the ledger of certificates.

Revision ID: 0058
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

_KEY, _MOMENT, _TEXT = sa.Uuid(), sa.DateTime(timezone=True), sa.Text()


KINDS = (
    *(("delegation", "instrument"), ("roster", "stamped"), ("onsite_batch", "stamped"), ("manager_form", "annex")),
    *(("incident", "evidence"), ("score_check", "request"), ("score_check", "evidence")),
    *(("mark_correction", "evidence"), ("sanction_case", "evidence"), ("sanction_case", "lead")),
    *(("sanction_case", "statement"), ("sanction_case", "appeal"), ("objection", "grounds"), ("objection", "inquiry")),
    *(("evaluation_panel", "minutes"), ("review_appeal", "grounds"), ("identity_correction", "evidence")),
    *(("ban", "decision"), ("emergency_plan", "plan"), ("sanction_case", "receipt")),
)
"""The capacities in which files belong to something, at the revision before."""


def upgrade() -> None:
    """Marks of before count as told when they were entered, as they were."""
    op.add_column("marks", sa.Column("told_at", _MOMENT, nullable=True))
    op.execute("UPDATE marks SET told_at = known_at")
    op.add_column("mark_imports", sa.Column("same_file", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("mark_imports", "same_file", server_default=None)
    _batches()
    _items()
    _admit((*KINDS, ("certificate_batch", "receipt")))


def _batches() -> None:
    op.create_table(
        "certificate_batches",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("office_id", _TEXT, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", _KEY, sa.ForeignKey("units.id"), nullable=True),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", _KEY, nullable=False),
        sa.Column("made_by_name", _TEXT, nullable=False),
        sa.Column("handed_at", _MOMENT, nullable=True),
        sa.Column("handed_by", _KEY, nullable=True),
        sa.Column("handed_by_name", _TEXT, nullable=False),
        sa.Column("receiver", _TEXT, nullable=False),
        sa.UniqueConstraint("office_id", "year", "serial", name="uq_certificate_batches_office_id_year_serial"),
        *_checks(
            "certificate_batches",
            state_is_known="state IN ('made', 'handed_over', 'settled', 'cancelled')",
            handing_over_is_signed="num_nulls(handed_at, handed_by) IN (0, 2)",
            handed_over_once="(state IN ('handed_over', 'settled')) = (handed_at IS NOT NULL)",
            has_a_receiver="handed_at IS NULL OR btrim(receiver) <> ''",
        ),
    )
    op.create_index("ix_certificate_batches_unit_id", "certificate_batches", ["unit_id"])


def _items() -> None:
    op.create_table(
        "certificate_batch_items",
        sa.Column("batch_id", _KEY, sa.ForeignKey("certificate_batches.id"), primary_key=True),
        sa.Column("certificate_id", _KEY, sa.ForeignKey("certificates.id"), primary_key=True),
        sa.Column("office_id", _TEXT, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.Column("settled_by", _KEY, nullable=True),
        sa.Column("settled_by_name", _TEXT, nullable=False),
        sa.Column("receiver", _TEXT, nullable=False),
        sa.Column("note", _TEXT, nullable=False),
        *_checks(
            "certificate_batch_items",
            state_is_known="state IN ('waiting', 'received', 'returned', 'dropped')",
            settlement_is_signed="num_nulls(settled_at, settled_by) IN (0, 2)",
            settled_is_dated="(state = 'waiting') = (settled_at IS NULL)",
            received_by_somebody="(state = 'received') = (receiver <> '')",
            returned_for_a_reason="state <> 'returned' OR btrim(note) <> ''",
        ),
    )
    op.create_index(
        "uq_certificate_batch_items_one_place",
        "certificate_batch_items",
        ["certificate_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'received')"),
    )
    op.create_index("ix_certificate_batch_items_office_id", "certificate_batch_items", ["office_id", "state"])


def _checks(table: str, **conditions: str) -> tuple[sa.CheckConstraint, ...]:
    return tuple(sa.CheckConstraint(text, name=op.f(f"ck_{table}_{name}")) for name, text in conditions.items())


def _admit(kinds: tuple[tuple[str, str], ...]) -> None:
    """Let files belong to these things, in these capacities."""
    for name, condition in (
        ("subject_is_known", f"subject_type IN {tuple(dict.fromkeys(subject for subject, _ in kinds))}"),
        ("kind_is_known", f"(subject_type, kind) IN {kinds}"),
    ):
        op.drop_constraint(op.f(f"ck_attachments_{name}"), "attachments")
        op.create_check_constraint(op.f(f"ck_attachments_{name}"), "attachments", condition)


def downgrade() -> None:
    """Every mark is known from its entry on, and nobody keeps where papers are."""
    op.execute("DELETE FROM attachments WHERE subject_type = 'certificate_batch'")
    _admit(KINDS)
    op.drop_table("certificate_batch_items")
    op.drop_table("certificate_batches")
    op.drop_column("mark_imports", "same_file")
    op.drop_column("marks", "told_at")
