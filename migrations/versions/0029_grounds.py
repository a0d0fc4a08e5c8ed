"""A ban and a revocation rest on something: on a final case of sanctions, on a paper of earlier years, on a lost pass.

An office by itself imposes no ban and lifts none; the province lifts one, with its reason. A certificate is revoked
where a final case says so, or where a mark that was corrected by two people took the pass away. And what an office
practises on is nothing to the public: its certificates are answered like those that do not exist.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
OURS = f"office_id = {OFFICE}"
SUPERVISES = f"{OURS} AND 'supervise' = ANY ({MAY})"
OF_A_CASE = (
    "EXISTS (SELECT FROM sanction_cases c JOIN applications a ON a.id = c.application_id WHERE c.id = bans.case_id "
    "AND c.state = 'final' AND c.ban_years > 0 AND c.application_id = bans.application_id "
    "AND a.person_id = bans.person_id)"
)
ON_PAPER = "case_id IS NULL AND btrim(instrument) <> ''"
BEFORE = "（本系统早期直接作出，未经案件）"
LOSES = """
CREATE FUNCTION loses_certificate(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM sanction_cases WHERE application_id = p_application AND state = 'final' AND revokes)
$$;
REVOKE ALL ON FUNCTION loses_certificate(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loses_certificate(uuid) TO kaowu_app, kaowu_province;
"""
STANDING = """
CREATE OR REPLACE FUNCTION certificate_standing(p_verification bytea)
RETURNS TABLE (number text, year bigint, grade bigint, trade text, issued_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.number, c.year, a.grade, a.trade, c.issued_at, c.revoked_at
    FROM certificates c JOIN applications a ON a.id = c.application_id{practice}
    WHERE c.verification = p_verification
$$
"""
REAL = "\n    JOIN offices o ON o.id = c.office_id AND NOT o.practice"
GUARD = """
CREATE FUNCTION guard_revocation() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT loses_certificate(NEW.application_id) AND NOT EXISTS (
        SELECT FROM outcomes o JOIN mark_corrections m ON m.id = o.correction_id AND m.state = 'granted'
        WHERE o.application_id = NEW.application_id AND NOT o.passed
    ) THEN
        RAISE EXCEPTION 'a certificate is revoked by a final case or a corrected mark' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_revocation BEFORE UPDATE ON certificates FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION guard_revocation();
"""


def upgrade() -> None:
    """Ask for the grounds, and name them for what is there."""
    op.add_column("bans", sa.Column("case_id", sa.Uuid(), nullable=True))
    for name in ("instrument", "lift_reason"):
        op.add_column("bans", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("bans", name, server_default=None)
    _fill()
    op.create_foreign_key(op.f("fk_bans_case_id_sanction_cases"), "bans", "sanction_cases", ["case_id"], ["id"])
    op.create_index(
        op.f("uq_bans_case_id"), "bans", ["case_id"], unique=True, postgresql_where=sa.text("case_id IS NOT NULL")
    )
    op.create_check_constraint("rests_on_something", "bans", "case_id IS NOT NULL OR btrim(instrument) <> ''")
    op.create_check_constraint("lifted_for_a_reason", "bans", "lifted_at IS NULL OR btrim(lift_reason) <> ''")
    _policies(
        app=f"{SUPERVISES} AND {OF_A_CASE}",
        province=f"{SUPERVISES} AND ({OF_A_CASE} OR ({ON_PAPER}))",
        lifts=f"'supervise' = ANY ({MAY})",
    )
    op.execute("DROP POLICY bans_update ON bans")
    op.execute("REVOKE UPDATE (lifted_at) ON bans FROM kaowu_app")
    op.execute("GRANT UPDATE (lift_reason) ON bans TO kaowu_province")
    op.execute("GRANT SELECT (office_id) ON certificates TO kaowu_transfer")
    _as_definer(LOSES, STANDING.format(practice=REAL))
    op.execute(GUARD)


def _as_definer(*statements: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    for statement in statements:
        op.execute(statement)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def _fill() -> None:
    """The owner is bound by the policies as well, and has none: for these statements they are lifted."""
    op.execute("ALTER TABLE bans NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE sanction_cases NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE bans SET case_id = c.id FROM sanction_cases c WHERE c.application_id = bans.application_id "
        "AND c.state = 'final' AND c.ban_begins = bans.begins AND bans.id = (SELECT min(b.id::text)::uuid FROM bans b "
        "WHERE b.application_id = c.application_id AND b.begins = c.ban_begins)"
    )
    op.execute(f"UPDATE bans SET instrument = '{BEFORE}' WHERE case_id IS NULL")  # noqa: S608 - this file's own words
    op.execute("UPDATE bans SET lift_reason = '（原记录未载明）' WHERE lifted_at IS NOT NULL")
    op.execute("ALTER TABLE sanction_cases FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE bans FORCE ROW LEVEL SECURITY")


def _policies(*, app: str, province: str, lifts: str) -> None:
    for name, command, role, clause in (
        ("bans_insert", "INSERT", "kaowu_app", f"WITH CHECK ({app})"),
        ("bans_province_insert", "INSERT", "kaowu_province", f"WITH CHECK ({province})"),
        ("bans_province_update", "UPDATE", "kaowu_province", f"USING ({lifts}) WITH CHECK ({lifts})"),
    ):
        op.execute(f"DROP POLICY {name} ON bans")
        op.execute(f"CREATE POLICY {name} ON bans FOR {command} TO {role} {clause}")


def downgrade() -> None:
    """Ask for no grounds again."""
    op.execute("DROP TRIGGER guard_revocation ON certificates")
    op.execute("DROP FUNCTION guard_revocation()")
    op.execute("DROP FUNCTION loses_certificate(uuid)")
    _as_definer(STANDING.format(practice=""))
    op.execute("REVOKE SELECT (office_id) ON certificates FROM kaowu_transfer")
    _policies(app=OURS, province=OURS, lifts=OURS)
    op.execute(f"CREATE POLICY bans_update ON bans FOR UPDATE TO kaowu_app USING ({OURS}) WITH CHECK ({OURS})")
    op.execute("GRANT UPDATE (lifted_at) ON bans TO kaowu_app")
    op.drop_constraint("lifted_for_a_reason", "bans", type_="check")
    op.drop_constraint("rests_on_something", "bans", type_="check")
    for name in ("lift_reason", "instrument", "case_id"):
        op.drop_column("bans", name)
