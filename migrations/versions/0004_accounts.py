"""Passwords, second factors, sessions of browsers, codes by telephone, and attempts in vain.

Only somebody who is signing in (scope ``signin``) reads a hash or a secret. The office that has issued an account may
give it a new password, take a lost second factor away, unlock it and end its sessions.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SIGNING_IN = "(SELECT nullif(current_setting('kaowu.scope', true), '')) = 'signin'"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
OR_ISSUER = (
    f"{SIGNING_IN} OR EXISTS (SELECT FROM accounts c WHERE c.id = {{table}}.account_id "
    f"AND c.issued_by_office_id = {OFFICE})"
)

# table → (select, insert, update, delete); None where nobody may.
POLICIES = {
    "passwords": (SIGNING_IN, OR_ISSUER, None, SIGNING_IN),
    "second_factors": (OR_ISSUER, SIGNING_IN, SIGNING_IN, OR_ISSUER),
    "browser_sessions": (OR_ISSUER, SIGNING_IN, OR_ISSUER, SIGNING_IN),
    "failed_attempts": (OR_ISSUER, SIGNING_IN, SIGNING_IN, OR_ISSUER),
    "phone_codes": (SIGNING_IN, SIGNING_IN, SIGNING_IN, SIGNING_IN),
}
UPDATE_COLUMNS = {
    "second_factors": "secret, created_at, confirmed_at, last_step, recovery_codes",
    "browser_sessions": "token_hash, awaits, grant_id, seen_at, ended_at",
    "failed_attempts": "account_id, count, last_at, blocked_until",
    "phone_codes": "tries_left, used_at",
}
SEALED = {"second_factors": "secret", "phone_codes": "sealed"}
"""What a change of keys seals anew."""
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")

# An applicant signs in by the identity number, of which the sign-in scope may read nothing but whose account it is.
FUNCTIONS = """
CREATE FUNCTION applicant_account(p_hash bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT a.id FROM accounts a JOIN persons p ON p.id = a.person_id
    WHERE p.id_hash = p_hash AND a.issued_by_office_id IS NULL AND a.ended_at IS NULL
    AND current_setting('kaowu.scope', true) = 'signin'
$$;

CREATE FUNCTION applicant_contact(p_account uuid) RETURNS TABLE (person_id uuid, phone bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT p.id, p.phone FROM accounts a JOIN persons p ON p.id = a.person_id
    WHERE a.id = p_account AND a.issued_by_office_id IS NULL AND a.ended_at IS NULL
    AND current_setting('kaowu.scope', true) = 'signin'
$$;

CREATE FUNCTION prove_phone(p_person uuid, p_phone bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE persons SET phone = p_phone WHERE id = p_person
    AND current_setting('kaowu.scope', true) = 'signin'
    AND NOT EXISTS (
        SELECT FROM accounts a WHERE a.person_id = p_person AND a.issued_by_office_id IS NULL AND a.ended_at IS NULL
    )
$$;
"""
SIGNATURES = ("applicant_account(bytea)", "applicant_contact(uuid)", "prove_phone(uuid, bytea)")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "passwords",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("initial", sa.Boolean, nullable=False),
        sa.Column("set_at", moment, nullable=False),
    )
    op.create_table(
        "second_factors",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False, unique=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("confirmed_at", moment),
        sa.Column("last_step", sa.BigInteger),
        sa.Column("recovery_codes", sa.ARRAY(sa.LargeBinary), nullable=False),
    )
    op.create_table(
        "browser_sessions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("awaits", sa.Text),
        sa.Column("grant_id", sa.Uuid, sa.ForeignKey("role_grants.id")),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
    )
    op.create_table(
        "failed_attempts",
        sa.Column("subject", sa.LargeBinary, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), index=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("last_at", moment, nullable=False, index=True),
        sa.Column("blocked_until", moment),
    )
    op.create_table(
        "phone_codes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("tries_left", sa.BigInteger, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False, index=True),
        sa.Column("used_at", moment),
    )
    _protect()
    _let_keys_change()
    _make_functions()


def _protect() -> None:
    for table, expressions in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        for command, expression in zip(COMMANDS, expressions, strict=True):
            if expression is None:
                continue
            columns = f" ({UPDATE_COLUMNS[table]})" if command == "UPDATE" else ""
            op.execute(f"GRANT {command}{columns} ON {table} TO kaowu_app")
            clause = {"INSERT": "WITH CHECK ({0})", "UPDATE": "USING ({0}) WITH CHECK ({0})"}.get(
                command, "USING ({0})"
            )
            condition = clause.format(expression.format(table=table))
            op.execute(f"CREATE POLICY {table}_{command.lower()} ON {table} FOR {command} TO kaowu_app {condition}")


def _let_keys_change() -> None:
    for table, column in SEALED.items():
        op.execute(f"GRANT SELECT (id, {column}), UPDATE ({column}) ON {table} TO kaowu_keeper")
        for command in ("SELECT", "UPDATE"):
            name = f"keeper_{command.lower()}"
            op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO kaowu_keeper USING (true)")


def _make_functions() -> None:
    op.execute(FUNCTIONS)
    op.execute("GRANT SELECT (id, person_id, issued_by_office_id, ended_at) ON accounts TO kaowu_transfer")
    op.execute("CREATE POLICY accounts_applicant_account ON accounts FOR SELECT TO kaowu_transfer USING (true)")
    op.execute("GRANT UPDATE (phone) ON persons TO kaowu_transfer")
    op.execute("CREATE POLICY persons_prove_phone ON persons FOR UPDATE TO kaowu_transfer USING (true)")
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    for function in SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO kaowu_app")
        op.execute(f"ALTER FUNCTION {function} OWNER TO kaowu_transfer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def downgrade() -> None:
    for function in SIGNATURES:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP POLICY persons_prove_phone ON persons")
    op.execute("REVOKE UPDATE (phone) ON persons FROM kaowu_transfer")
    op.execute("DROP POLICY accounts_applicant_account ON accounts")
    op.execute("REVOKE SELECT (id, person_id, issued_by_office_id, ended_at) ON accounts FROM kaowu_transfer")
    for table in reversed(POLICIES):
        op.drop_table(table)
