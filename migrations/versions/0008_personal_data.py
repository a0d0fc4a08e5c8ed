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

ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"

# table → columns that the keeper sees, and those of them that it changes.
KEEPER = {
    "persons": ("id, id_number, phone, id_hash", "id_number, phone, id_hash"),
    "manager_forms": ("id, mobile", "mobile"),
    "idempotency_keys": ("id, response", "response"),
    "outbox": ("id, address, values", "address, values"),
}


def upgrade() -> None:
    op.execute("ALTER TABLE idempotency_keys ALTER response TYPE bytea USING decode(response->>'sealed', 'base64')")
    op.execute("GRANT SELECT ON offices TO kaowu_keeper")
    op.execute("GRANT INSERT ON record_entries TO kaowu_keeper")
    op.execute(
        f"CREATE POLICY keeper_insert ON record_entries FOR INSERT TO kaowu_keeper WITH CHECK (account_id = {ACCOUNT})"
    )
    for table, (seen, changed) in KEEPER.items():
        op.execute(f"GRANT SELECT ({seen}), UPDATE ({changed}) ON {table} TO kaowu_keeper")
        op.execute(f"CREATE POLICY keeper_select ON {table} FOR SELECT TO kaowu_keeper USING (true)")
        op.execute(f"CREATE POLICY keeper_update ON {table} FOR UPDATE TO kaowu_keeper USING (true)")


def downgrade() -> None:
    for table, (seen, changed) in KEEPER.items():
        op.execute(f"DROP POLICY keeper_update ON {table}")
        op.execute(f"DROP POLICY keeper_select ON {table}")
        for granted in (f"SELECT ({seen})", f"UPDATE ({changed})"):
            op.execute(f"REVOKE {granted} ON {table} FROM kaowu_keeper")
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
