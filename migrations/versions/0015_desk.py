"""Make the desk's search quick, and let an officer claim a case, so that two do not read the same one.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
IN_HAND = f"""office_id = {OFFICE} AND EXISTS (
    SELECT FROM applications a WHERE a.id = case_claims.application_id AND a.handler_office_id = {OFFICE}
)"""


def upgrade() -> None:
    """Add initials and the indexes of the search; make the table of claims, which is the office's own."""
    op.add_column("applications", sa.Column("initials", sa.Text(), nullable=False, server_default=""))
    op.alter_column("applications", "initials", server_default=None)
    op.execute("GRANT UPDATE (initials) ON applications TO kaowu_app, kaowu_province")
    for column in ("initials", "person_name", "unit_name", "id_tail"):
        op.create_index(f"ix_applications_handler_{column}", "applications", ["handler_office_id", "year", column])
    op.create_table(
        "case_claims",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_case_claims_application_id_applications")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_case_claims_office_id_offices")),
        sa.PrimaryKeyConstraint("application_id", "office_id", name=op.f("pk_case_claims")),
    )
    op.create_index("ix_case_claims_office_id_account_id", "case_claims", ["office_id", "account_id"])
    op.execute("ALTER TABLE case_claims ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_claims FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON case_claims TO kaowu_app")
    op.execute("GRANT SELECT ON case_claims TO kaowu_province, kaowu_auditor")
    op.execute(f"CREATE POLICY claims_select ON case_claims FOR SELECT TO kaowu_app USING (office_id = {OFFICE})")
    op.execute(
        "CREATE POLICY claims_insert ON case_claims FOR INSERT TO kaowu_app "
        f"WITH CHECK (account_id = {ACCOUNT} AND {IN_HAND})"
    )
    op.execute(
        "CREATE POLICY claims_update ON case_claims FOR UPDATE TO kaowu_app "
        f"USING (office_id = {OFFICE}) WITH CHECK (account_id = {ACCOUNT} AND {IN_HAND})"
    )
    op.execute(f"CREATE POLICY claims_delete ON case_claims FOR DELETE TO kaowu_app USING (office_id = {OFFICE})")
    for role in ("kaowu_province", "kaowu_auditor"):
        op.execute(f"CREATE POLICY {role}_select ON case_claims FOR SELECT TO {role} USING (true)")


def downgrade() -> None:
    """Take it all away again."""
    op.drop_table("case_claims")
    for column in ("initials", "person_name", "unit_name", "id_tail"):
        op.drop_index(f"ix_applications_handler_{column}", "applications")
    op.drop_column("applications", "initials")
