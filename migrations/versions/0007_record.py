"""Seal the record: batches of entries and every entry's place in one; heads of batches on the receipts of filings.

The three tables are only ever added to; that holds for their owner as well, who would have to remove a trigger first.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
SEALS = f"{SCOPE} = 'system' AND office_id = {OFFICE}"

# Only a case's id is looked at as one: the order of the two sides of an AND is not PostgreSQL's promise, CASE's is.
CASE = "EXISTS (SELECT FROM applications a WHERE a.id = CASE WHEN subject_type = 'application' THEN {id} END)"
ENTRIES_BEFORE = (
    f"office_id = {OFFICE} OR (subject_type = 'application' AND EXISTS "
    "(SELECT FROM applications a WHERE a.id = subject_id::uuid))"
)
ENTRIES = f"office_id = {OFFICE} OR (subject_type = 'application' AND {CASE.format(id='subject_id::uuid')})"

PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
UNITS = "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]"
RECIPIENT = f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR recipient_office_id = {OFFICE}"
NOTICES_BEFORE = f"{RECIPIENT} OR (office_id = {OFFICE} AND {SCOPE} = 'system')"
# A case's story tells its office what it has told others.
NOTICES = f"{RECIPIENT} OR (office_id = {OFFICE} AND {SCOPE} IN ('office', 'system'))"

POLICIES = {
    # Whoever sees an entry sees its place and its batch.
    "record_batches": (
        f"office_id = {OFFICE} OR EXISTS (SELECT FROM record_seals s "
        "WHERE s.office_id = record_batches.office_id AND s.batch = record_batches.number)",
        SEALS,
    ),
    "record_seals": (f"office_id = {OFFICE} OR EXISTS (SELECT FROM record_entries e WHERE e.id = entry_id)", SEALS),
}
READERS = ("kaowu_province", "kaowu_auditor")
KEPT = ("record_entries", "record_batches", "record_seals")

KEEP = """
CREATE FUNCTION keep_record() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    RAISE EXCEPTION 'the record is only ever added to' USING ERRCODE = 'KW004';
END
$$
"""


def upgrade() -> None:
    op.create_index("ix_record_entries_transaction", "record_entries", ["transaction"])
    op.create_check_constraint(
        "a_case_is_named_by_its_id",
        "record_entries",
        "subject_type <> 'application' OR pg_input_is_valid(subject_id, 'uuid')",
    )
    op.execute(f"ALTER POLICY record_entries_select ON record_entries USING ({ENTRIES})")
    op.execute(f"ALTER POLICY notices_select ON notices USING ({NOTICES})")
    _create_tables()
    for table, (select, insert) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kaowu_app")
        op.execute(f"CREATE POLICY {table}_select ON {table} FOR SELECT TO kaowu_app USING ({select})")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT TO kaowu_app WITH CHECK ({insert})")
        for role in READERS:
            op.execute(f"GRANT SELECT ON {table} TO {role}")
            op.execute(f"CREATE POLICY {table}_{role}_select ON {table} FOR SELECT TO {role} USING (true)")
    op.execute(KEEP)
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION keep_record()"
        )
    op.add_column("filings", sa.Column("record_batch", sa.BigInteger(), nullable=True))
    op.add_column("filings", sa.Column("record_head", sa.LargeBinary(), nullable=True))
    op.execute("GRANT UPDATE (record_batch, record_head) ON filings TO kaowu_app, kaowu_province")


def _create_tables() -> None:
    op.create_table(
        "record_batches",
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_record_batches_is_not_empty")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_record_batches_office_id")),
        sa.PrimaryKeyConstraint("office_id", "number", name=op.f("pk_record_batches")),
    )
    op.create_table(
        "record_seals",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["record_entries.id"], name=op.f("fk_record_seals_entry_id")),
        sa.ForeignKeyConstraint(
            ["office_id", "batch"],
            ["record_batches.office_id", "record_batches.number"],
            name=op.f("fk_record_seals_office_id_batch"),
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_record_seals")),
        sa.UniqueConstraint("office_id", "batch", "position", name=op.f("uq_record_seals_office_id_batch_position")),
    )


def downgrade() -> None:
    op.drop_column("filings", "record_head")
    op.drop_column("filings", "record_batch")
    # It reads the table that goes first.
    op.execute("DROP POLICY record_batches_select ON record_batches")
    op.drop_table("record_seals")
    op.drop_table("record_batches")
    op.execute("DROP TRIGGER keep_record ON record_entries")
    op.execute("DROP FUNCTION keep_record()")
    op.execute(f"ALTER POLICY notices_select ON notices USING ({NOTICES_BEFORE})")
    op.execute(f"ALTER POLICY record_entries_select ON record_entries USING ({ENTRIES_BEFORE})")
    op.drop_constraint(op.f("ck_record_entries_a_case_is_named_by_its_id"), "record_entries")
    op.drop_index("ix_record_entries_transaction", table_name="record_entries")
