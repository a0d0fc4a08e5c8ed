"""The opening of sites before a sitting with its alarms, and emergencies of an exam day.

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_EMERGENCY_KINDS = "'power', 'system', 'questions', 'illness', 'safety', 'disaster', 'cheating', 'equipment', 'other'"
_MOMENT, _KEY, _NAME = sa.DateTime(timezone=True), sa.Uuid(), sa.Text()


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "site_openings",
        *_of_a_sitting(),
        sa.Column("step", _NAME, nullable=False),
        sa.Column("in_order", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("remark", _NAME, nullable=False),
        sa.Column("noted_at", _MOMENT, nullable=False),
        sa.Column("noted_by", _KEY, nullable=False),
        sa.Column("noted_name", _NAME, nullable=False),
        sa.CheckConstraint(
            "step IN ('arrived', 'papers', 'staff', 'rooms', 'open')", name="ck_site_openings_step_is_known"
        ),
        sa.CheckConstraint(
            "in_order OR btrim(remark) <> '' OR missing <> '[]'", name="ck_site_openings_fault_is_explained"
        ),
        sa.CheckConstraint("in_order OR step <> 'open'", name="ck_site_openings_opened_in_order"),
    )
    op.create_index(
        "ix_site_openings_sitting_id", "site_openings", ["sitting_id", "site_id", "starts_at", "step", "id"]
    )
    op.create_table(
        "opening_alarms",
        *_of_a_sitting(),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.Column("settled_how", _NAME, nullable=True),
        sa.Column("settled_by", _KEY, nullable=True),
        sa.Column("settled_name", _NAME, nullable=True),
        sa.Column("reason", _NAME, nullable=False),
        sa.UniqueConstraint(
            "sitting_id", "site_id", "starts_at", name="uq_opening_alarms_sitting_id_site_id_starts_at"
        ),
        sa.CheckConstraint(
            "settled_how IN ('opened', 'reason', 'overtaken')", name="ck_opening_alarms_settled_how_is_known"
        ),
        sa.CheckConstraint(
            "num_nulls(settled_at, settled_how, settled_name) IN (0, 3)", name="ck_opening_alarms_settled_somehow"
        ),
        sa.CheckConstraint(
            "settled_how IS DISTINCT FROM 'reason' OR btrim(reason) <> ''",
            name="ck_opening_alarms_settled_for_a_reason",
        ),
    )
    op.create_index("ix_opening_alarms_office_id_year", "opening_alarms", ["office_id", "year"])

    _emergencies()


def downgrade() -> None:
    """Take the tables away."""
    for table in ("emergency_entries", "emergency_people", "emergencies"):
        op.drop_table(table)
    op.drop_table("opening_alarms")
    op.drop_table("site_openings")


def _of_a_sitting() -> list[sa.Column[object]]:
    """The columns that say which site in which sitting."""
    return [
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("office_id", _NAME, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("sitting_id", _KEY, sa.ForeignKey("sittings.id"), nullable=False),
        sa.Column("site_id", _KEY, sa.ForeignKey("exam_sites.id"), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
    ]


def _emergencies() -> None:
    """Make the tables of emergencies."""
    op.create_table(
        "emergencies",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("office_id", _NAME, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), sa.ForeignKey("seasons.year"), nullable=False),
        sa.Column("incident_id", _KEY, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("severity", _NAME, nullable=False),
        sa.Column("sitting_id", _KEY, sa.ForeignKey("sittings.id"), nullable=True),
        sa.Column("site_id", _KEY, sa.ForeignKey("exam_sites.id"), nullable=True),
        sa.Column("room_id", _KEY, sa.ForeignKey("exam_rooms.id"), nullable=True),
        sa.Column("state", _NAME, nullable=False),
        sa.Column("happened_at", _MOMENT, nullable=False),
        sa.Column("facts", _NAME, nullable=False),
        sa.Column("measures", _NAME, nullable=False),
        sa.Column("reported_at", _MOMENT, nullable=False),
        sa.Column("reported_by", _KEY, nullable=False),
        sa.Column("reported_name", _NAME, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.UniqueConstraint("id", "office_id", name="uq_emergencies_id_office_id"),
        sa.UniqueConstraint("incident_id", name="uq_emergencies_incident_id"),
        sa.CheckConstraint(f"kind IN ({_EMERGENCY_KINDS})", name="ck_emergencies_kind_is_known"),
        sa.CheckConstraint("severity IN ('common', 'serious', 'grave')", name="ck_emergencies_severity_is_known"),
        sa.CheckConstraint("state IN ('open', 'concluded', 'closed')", name="ck_emergencies_state_is_known"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="ck_emergencies_closed_at_some_time"),
    )
    op.create_index("ix_emergencies_office_id_year", "emergencies", ["office_id", "year", "reported_at"])
    op.create_index("ix_emergencies_sitting_id", "emergencies", ["sitting_id"])
    op.create_table(
        "emergency_people",
        sa.Column("emergency_id", _KEY, primary_key=True),
        sa.Column("application_id", _KEY, sa.ForeignKey("applications.id"), primary_key=True),
        sa.Column("office_id", _NAME, nullable=False),
        sa.Column("number", _NAME, nullable=False),
        _of_an_emergency("emergency_people"),
    )
    op.create_index("ix_emergency_people_application_id", "emergency_people", ["application_id"])
    op.create_table(
        "emergency_entries",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("office_id", _NAME, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("emergency_id", _KEY, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("by_office_id", _NAME, sa.ForeignKey("offices.id"), nullable=False),
        sa.Column("text", _NAME, nullable=False),
        sa.Column("client_id", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", _KEY, nullable=False),
        sa.Column("by_name", _NAME, nullable=False),
        _of_an_emergency("emergency_entries"),
        sa.UniqueConstraint("client_id", name="uq_emergency_entries_client_id"),
        sa.CheckConstraint(
            "kind IN ('update', 'final', 'received', 'instruction', 'closing')",
            name="ck_emergency_entries_kind_is_known",
        ),
        sa.CheckConstraint("kind = 'received' OR btrim(text) <> ''", name="ck_emergency_entries_says_something"),
    )
    op.create_index("ix_emergency_entries_emergency_id", "emergency_entries", ["emergency_id", "id"])
    op.create_index(
        "uq_emergency_entries_received_once",
        "emergency_entries",
        ["emergency_id", "by_office_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'received'"),
    )


def _of_an_emergency(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["emergency_id", "office_id"],
        ["emergencies.id", "emergencies.office_id"],
        name=f"fk_{table}_emergency_id_office_id",
    )
