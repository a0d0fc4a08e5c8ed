"""The change of keys and the erasure of personal data: what the role ``kaowu_keeper`` may see, change and remove.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"

# table → what the keeper sees of it, and the columns that it changes.
KEEPER = {
    "persons": ("(id, id_number, phone, id_hash)", "id_number, phone, id_hash"),
    "manager_forms": ("(id, state, decided_at, name, mobile)", "name, office_phone, mobile, remark"),
    "idempotency_keys": ("(id, response, created_at)", "response"),
    "outbox": ("(id, address, values, last_error, ended_at)", "address, values, last_error"),
    "notices": ("(id, read_at, body)", "title, body"),
    "applications": (
        "(id, state, round, handler_office_id, created_at, erased_at)",
        "form, person_name, id_tail, erased_at",
    ),
    "moves": ("(application_id, at)", ""),
    "submissions": ("(application_id)", "form, facts"),
    "findings": ("(application_id)", "text, missing"),
    "finding_settlements": ("(application_id)", "reason"),
    "deferrals": ("(application_id)", "commitment"),
    "documents": ("", "file_name, erased_at"),
}

# table → what the keeper has to see of rows that it removes.
REMOVED = {
    "idempotency_keys": "id, created_at",
    "browser_sessions": "id, expires_at, ended_at",
    "failed_attempts": "subject, last_at, blocked_until",
    "phone_codes": "id, expires_at",
}


def upgrade() -> None:
    _make_reveals()
    op.execute("ALTER TABLE idempotency_keys ALTER response TYPE bytea USING decode(response->>'sealed', 'base64')")
    op.execute("GRANT SELECT ON offices TO kaowu_keeper")
    op.execute("GRANT INSERT ON record_entries TO kaowu_keeper")
    op.execute(
        f"CREATE POLICY keeper_insert ON record_entries FOR INSERT TO kaowu_keeper WITH CHECK (account_id = {ACCOUNT})"
    )
    for table in ("applications", "documents"):
        op.add_column(table, sa.Column("erased_at", sa.DateTime(timezone=True)))
    for table, (seen, changed) in KEEPER.items():
        op.execute(f"GRANT SELECT {seen} ON {table} TO kaowu_keeper")
        op.execute(f"CREATE POLICY keeper_select ON {table} FOR SELECT TO kaowu_keeper USING (true)")
        if changed:
            op.execute(f"GRANT UPDATE ({changed}) ON {table} TO kaowu_keeper")
            op.execute(f"CREATE POLICY keeper_update ON {table} FOR UPDATE TO kaowu_keeper USING (true)")
    for table, seen in REMOVED.items():
        op.execute(f"GRANT SELECT ({seen}), DELETE ON {table} TO kaowu_keeper")
        op.execute(f"CREATE POLICY keeper_finds ON {table} FOR SELECT TO kaowu_keeper USING (true)")
        op.execute(f"CREATE POLICY keeper_delete ON {table} FOR DELETE TO kaowu_keeper USING (true)")


def _make_reveals() -> None:
    op.create_table(
        "reveals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveals")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_reveals_office_id")),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_reveals_has_a_reason")),
        sa.CheckConstraint("field IN ('id_number', 'phone')", name=op.f("ck_reveals_field_is_known")),
    )
    op.create_index(op.f("ix_reveals_office_id"), "reveals", ["office_id"])
    op.create_index("ix_reveals_subject", "reveals", ["subject_type", "subject_id"])
    op.execute("ALTER TABLE reveals ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE reveals FORCE ROW LEVEL SECURITY")
    own = f"account_id = {ACCOUNT} AND office_id = {OFFICE}"
    for role, seen in (("kaowu_app", f"office_id = {OFFICE}"), ("kaowu_province", "true"), ("kaowu_auditor", "true")):
        op.execute(f"GRANT SELECT ON reveals TO {role}")
        op.execute(f"CREATE POLICY {role}_select ON reveals FOR SELECT TO {role} USING ({seen})")
    for role in ("kaowu_app", "kaowu_province"):
        op.execute(f"GRANT INSERT ON reveals TO {role}")
        op.execute(f"CREATE POLICY {role}_insert ON reveals FOR INSERT TO {role} WITH CHECK ({own})")


def downgrade() -> None:
    for table in REMOVED:
        op.execute(f"DROP POLICY keeper_delete ON {table}")
        op.execute(f"DROP POLICY keeper_finds ON {table}")
        op.execute(f"REVOKE DELETE ON {table} FROM kaowu_keeper")
    for table in KEEPER:
        for command in ("select", "update"):
            op.execute(f"DROP POLICY IF EXISTS keeper_{command} ON {table}")
        # Rights to single columns go with those to the table.
        op.execute(f"REVOKE ALL ON {table} FROM kaowu_keeper")
    for table in ("applications", "documents"):
        op.drop_column(table, "erased_at")
    op.execute("DROP POLICY keeper_insert ON record_entries")
    op.execute("REVOKE INSERT ON record_entries FROM kaowu_keeper")
    op.execute("REVOKE SELECT ON offices FROM kaowu_keeper")
    op.alter_column(
        "idempotency_keys",
        "response",
        type_=postgresql.JSONB(),
        existing_type=sa.LargeBinary(),
        postgresql_using="jsonb_build_object('sealed', encode(response, 'base64'))",
    )
    op.drop_table("reveals")
