"""The delivery of messages: the outbox knows what it takes to send once, and what goes to a bare address.

The rows that were there are notices of this installation's demo; they begin their way anew.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
SYSTEM = "(SELECT nullif(current_setting('kaowu.scope', true), '')) = 'system'"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
UNITS = "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]"

OWN_NOTICES = f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR recipient_office_id = {OFFICE}"
OPERATING = "(SELECT nullif(current_setting('kaowu.scope', true), '')) = 'operator'"
# Rows hold nothing personal in the clear: operators see all of them, the system also what waits below its office.
BELOW = f"({SYSTEM} AND starts_with(office_id, {OFFICE} || '/'))"
SEEN = f"office_id = {OFFICE} OR {OPERATING} OR {BELOW}"

CHANGES = "channel, gateway, address, values, state, attempts, last_error, due_at, claimed_at, ended_at"
OPEN = "state IN ('queued', 'sending', 'failed', 'unknown')"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_outbox_state_is_known"), "outbox", type_="check")
    op.drop_constraint("uq_outbox_notice_id_channel", "outbox", type_="unique")
    for column in (
        sa.Column("event_key", sa.Text()),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("kind", sa.Text()),
        sa.Column("gateway", sa.Text()),
        sa.Column("address", sa.LargeBinary()),
        sa.Column("values", sa.LargeBinary()),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("not_after", sa.DateTime(timezone=True)),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("outbox", column)
    op.alter_column("outbox", "urgent", server_default=None)
    op.alter_column("outbox", "sent_at", new_column_name="ended_at")
    # Neither table lets its owner see a row while it is forced.
    for table in ("notices", "outbox"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE outbox SET event_key = n.event_key, person_id = n.person_id, kind = n.kind, channel = NULL, "
        "state = CASE state WHEN 'waiting' THEN 'queued' ELSE state END, due_at = outbox.created_at "
        "FROM notices n WHERE n.id = outbox.notice_id"
    )
    for table in ("notices", "outbox"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for name in ("notice_id", "channel"):
        op.alter_column("outbox", name, nullable=True)
    for name in ("event_key", "kind"):
        op.alter_column("outbox", name, nullable=False)
    op.create_foreign_key("fk_outbox_person_id", "outbox", "persons", ["person_id"], ["id"])
    op.create_unique_constraint(
        "uq_outbox_event_key_person_id", "outbox", ["event_key", "person_id"], postgresql_nulls_not_distinct=True
    )
    op.create_check_constraint(
        op.f("ck_outbox_state_is_known"),
        "outbox",
        "state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'dropped', 'shown')",
    )
    op.create_check_constraint(
        op.f("ck_outbox_a_notice_has_a_person"), "outbox", "(notice_id IS NULL) = (person_id IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_outbox_a_notice_is_looked_up"), "outbox", "notice_id IS NULL OR num_nonnulls(address, values) = 0"
    )
    op.create_index("ix_outbox_notice_id", "outbox", ["notice_id"])
    op.create_index("ix_outbox_person_id", "outbox", ["person_id"])
    waiting = sa.text("state IN ('queued', 'failed')")
    op.create_index(
        "ix_outbox_waiting", "outbox", ["office_id", sa.text("urgent DESC"), "due_at", "id"], postgresql_where=waiting
    )
    op.create_index("ix_outbox_open", "outbox", ["state"], postgresql_where=sa.text(OPEN))
    _make_contacts()
    _policies(f"{OWN_NOTICES} OR (office_id = {OFFICE} AND {SYSTEM})", SEEN)
    op.execute("REVOKE UPDATE ON outbox FROM kaowu_app")
    op.execute(f"GRANT UPDATE ({CHANGES}) ON outbox TO kaowu_app")


def downgrade() -> None:
    op.drop_table("contacts")
    op.execute("REVOKE UPDATE ON outbox FROM kaowu_app")
    _policies(OWN_NOTICES, f"office_id = {OFFICE}")
    for index in ("open", "waiting", "person_id", "notice_id"):
        op.drop_index(f"ix_outbox_{index}", "outbox")
    for name in ("a_notice_is_looked_up", "a_notice_has_a_person", "state_is_known"):
        op.drop_constraint(op.f(f"ck_outbox_{name}"), "outbox", type_="check")
    op.drop_constraint("uq_outbox_event_key_person_id", "outbox", type_="unique")
    op.drop_constraint("fk_outbox_person_id", "outbox", type_="foreignkey")
    op.execute("ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM outbox WHERE notice_id IS NULL")
    op.execute(
        "UPDATE outbox SET channel = coalesce(channel, 'sms'), "
        "state = CASE WHEN state IN ('sent', 'failed') THEN state ELSE 'waiting' END"
    )
    op.execute("ALTER TABLE outbox FORCE ROW LEVEL SECURITY")
    for name in ("notice_id", "channel"):
        op.alter_column("outbox", name, nullable=False)
    op.alter_column("outbox", "ended_at", new_column_name="sent_at")
    for column in (
        "event_key",
        "person_id",
        "kind",
        "gateway",
        "address",
        "values",
        "urgent",
        "due_at",
        "not_after",
        "claimed_at",
    ):
        op.drop_column("outbox", column)
    op.create_unique_constraint("uq_outbox_notice_id_channel", "outbox", ["notice_id", "channel"])
    op.create_check_constraint(op.f("ck_outbox_state_is_known"), "outbox", "state IN ('waiting', 'sent', 'failed')")
    op.execute("GRANT UPDATE (state, attempts, last_error, sent_at) ON outbox TO kaowu_app")


def _make_contacts() -> None:
    """People's own choice of how to be told; the system looks it up for those whose cases its office sees."""
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.LargeBinary()),
        sa.Column("prefers", sa.Text(), nullable=False),
        sa.Column("pending_email", sa.LargeBinary()),
        sa.Column("code_hash", sa.LargeBinary()),
        sa.Column("code_expires_at", sa.DateTime(timezone=True)),
        sa.Column("tries_left", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("prefers IN ('sms', 'email')", name=op.f("ck_contacts_way_is_known")),
        sa.ForeignKeyConstraint(["id"], ["persons.id"], name=op.f("fk_contacts_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    own, theirs = f"id = {PERSON}", f"({SYSTEM} AND EXISTS (SELECT FROM persons p WHERE p.id = contacts.id))"
    for statement in (
        "ALTER TABLE contacts ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE contacts FORCE ROW LEVEL SECURITY",
        "GRANT SELECT, INSERT ON contacts TO kaowu_app",
        "GRANT UPDATE (email, prefers, pending_email, code_hash, code_expires_at, tries_left) ON contacts TO kaowu_app",
        f"CREATE POLICY contacts_select ON contacts FOR SELECT TO kaowu_app USING ({own} OR {theirs})",
        f"CREATE POLICY contacts_insert ON contacts FOR INSERT TO kaowu_app WITH CHECK ({own})",
        f"CREATE POLICY contacts_update ON contacts FOR UPDATE TO kaowu_app USING ({own}) WITH CHECK ({own})",
        "GRANT SELECT (id, email, pending_email), UPDATE (email, pending_email) ON contacts TO kaowu_keeper",
        "CREATE POLICY keeper_select ON contacts FOR SELECT TO kaowu_keeper USING (true)",
        "CREATE POLICY keeper_update ON contacts FOR UPDATE TO kaowu_keeper USING (true)",
    ):
        op.execute(statement)


def _policies(notices: str, outbox: str) -> None:
    """What the running role may see of notices, and see and change in the outbox."""
    op.execute(f"ALTER POLICY notices_select ON notices USING ({notices})")
    op.execute(f"ALTER POLICY outbox_select ON outbox USING ({outbox})")
    op.execute(f"ALTER POLICY outbox_update ON outbox USING ({outbox})")
