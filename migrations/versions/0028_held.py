"""What was decided in the second half of a season holds in the database as well, and nobody decides on themselves.

The services keep to all of this. Here it is held for whoever gets past them: a seat of a published plan, a void ticket,
an answer that was given and a list that is closed stay as they are; of another office's sitting nothing is written; and
corrections, checks, objections, accommodations and cases of sanctions are decided by somebody else than the one whom
they are about, whichever account or deputy they come by.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
OURS = f"office_id = {OFFICE}"
SUPERVISES = f"{OURS} AND 'supervise' = ANY ({MAY})"
RESULTS = f"{OURS} AND {MAY} && ARRAY['examine', 'supervise']"
ON_SITE = f"{OURS} AND {MAY} && ARRAY['schedule', 'examine']"
# A door list that nobody closed closes by itself.
SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
BY_ITSELF = f"{OURS} AND {SCOPE} = 'system' AND state = 'absent' AND way = 'close'"
OWNED = f"EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {OFFICE})"
ITS_SITTING = f"EXISTS (SELECT FROM sittings t WHERE t.id = sitting_id AND t.office_id = {OFFICE})"

# (table, policy, command, clauses now, clauses before)
POLICIES = (
    (
        "attendances",
        "app_insert",
        "INSERT",
        f"WITH CHECK ((({ON_SITE}) OR ({BY_ITSELF})) AND {ITS_SITTING} AND {OWNED})",
        f"WITH CHECK (({ON_SITE}) OR ({BY_ITSELF}))",
    ),
    (
        "incidents",
        "app_insert",
        "INSERT",
        f"WITH CHECK ({ON_SITE} AND (sitting_id IS NULL OR {ITS_SITTING}) AND (application_id IS NULL OR {OWNED}))",
        f"WITH CHECK ({ON_SITE})",
    ),
    (
        "outcomes",
        "outcomes_insert",
        "INSERT",
        f"WITH CHECK ({RESULTS} AND decided_by = {ACCOUNT} AND published_at IS NULL AND {OWNED})",
        f"WITH CHECK ({OURS} AND decided_by = {ACCOUNT} AND published_at IS NULL AND {OWNED})",
    ),
    (
        "outcomes",
        "outcomes_update",
        "UPDATE",
        f"USING ({OURS}) WITH CHECK ({RESULTS} AND (published_at IS NULL OR 'supervise' = ANY ({MAY})))",
        f"USING ({OURS}) WITH CHECK ({OURS})",
    ),
    (
        "outcomes",
        "outcomes_delete",
        "DELETE",
        f"USING ({SUPERVISES} AND published_at IS NULL)",
        f"USING ({OURS} AND published_at IS NULL)",
    ),
    # What the door list alone said gives way to a table or to a late phone.
    (
        "marks",
        "marks_delete",
        "DELETE",
        f"USING (({SUPERVISES}) OR ({RESULTS} AND import_id IS NULL))",
        f"USING ({OURS})",
    ),
)

# What has come so far does not change: table → which changes are refused.
STAYS = {
    "seats": (
        "OLD.published_at IS NOT NULL AND (OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL "
        "OR (NEW.sitting_id, NEW.room_id, NEW.seat, NEW.by_hand, NEW.published_at) IS DISTINCT FROM "
        "(OLD.sitting_id, OLD.room_id, OLD.seat, OLD.by_hand, OLD.published_at))"
    ),
    "plans": (
        "OLD.state <> 'draft' AND ((NEW.sittings, NEW.figures, NEW.published_at, NEW.published_by) IS DISTINCT FROM "
        "(OLD.sittings, OLD.figures, OLD.published_at, OLD.published_by) "
        "OR (NEW.state <> OLD.state AND (OLD.state, NEW.state) <> ('published', 'superseded')))"
    ),
    "admission_tickets": "OLD.voided_at IS NOT NULL",
    "accommodation_requests": "OLD.state <> 'asked'",
    "custody_entries": "OLD.ended_at IS NOT NULL OR NEW.keep_until < OLD.keep_until",
    "publications": (
        "OLD.state = 'closed' OR (OLD.state = 'published' AND (NEW.state <> 'closed' "
        "OR (NEW.published_at, NEW.published_by) IS DISTINCT FROM (OLD.published_at, OLD.published_by)))"
    ),
    "certificates": (
        "OLD.revoked_at IS NOT NULL AND "
        "(NEW.revoked_by, NEW.revoked_reason) IS DISTINCT FROM (OLD.revoked_by, OLD.revoked_reason)"
    ),
}
# The keeper changes keys and erases what nobody may keep any longer: it decides nothing, and no guard is meant for it.
GUARDS = """
CREATE FUNCTION guard_settled() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    RAISE EXCEPTION 'what is settled in % stays as it is', TG_TABLE_NAME USING ERRCODE = 'KW028';
END
$$;

CREATE FUNCTION guard_taken_in() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    -- The keeper replaces reasons whose time is over.
    IF current_user = 'kaowu_keeper' THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'withdrawn' OR NOT coalesce('supervise' = ANY (
        nullif(current_setting('kaowu.permissions', true), '')::text[]), false) THEN
        RAISE EXCEPTION 'marks that were taken in go by a supervisor alone' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_taken_in BEFORE UPDATE ON mark_imports FOR EACH ROW
    WHEN (OLD.state = 'confirmed' AND current_user <> 'kaowu_keeper') EXECUTE FUNCTION guard_taken_in();

CREATE FUNCTION guard_panel_score() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM evaluation_panels p WHERE p.id = NEW.panel_id AND p.state = 'scoring') THEN
        RAISE EXCEPTION 'what a panel came to stays' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_panel_score BEFORE UPDATE ON panel_candidates FOR EACH ROW
    WHEN (current_user <> 'kaowu_keeper') EXECUTE FUNCTION guard_panel_score();

CREATE FUNCTION guard_struck() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM publications p WHERE p.id = NEW.publication_id AND p.state = 'published') THEN
        RAISE EXCEPTION 'a line is struck while its list is out' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_struck BEFORE UPDATE ON publication_entries FOR EACH ROW
    WHEN (current_user <> 'kaowu_keeper') EXECUTE FUNCTION guard_struck();
"""

# As the role that may look behind the policies: whose an affair is, and whose an account.
OWN_AFFAIRS = """
CREATE FUNCTION acting_accounts() RETURNS uuid[] LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT array_remove(ARRAY[
        nullif(current_setting('kaowu.account_id', true), '')::uuid,
        nullif(current_setting('kaowu.on_behalf_of', true), '')::uuid], NULL)
$$;

CREATE FUNCTION guard_own_affair() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    told jsonb := to_jsonb(NEW);
    concerned uuid;
BEGIN
    concerned := CASE TG_TABLE_NAME
        WHEN 'sanction_steps' THEN (
            SELECT c.application_id FROM sanction_cases c WHERE c.id = (told ->> 'case_id')::uuid)
        WHEN 'objections' THEN (
            SELECT e.application_id FROM publication_entries e
            WHERE e.publication_id = (told ->> 'publication_id')::uuid AND e.position = (told ->> 'position')::bigint)
        ELSE (told ->> 'application_id')::uuid
    END;
    IF EXISTS (
        SELECT FROM applications a JOIN accounts c ON c.person_id = a.person_id
        WHERE a.id = concerned AND c.id = ANY (acting_accounts())
    ) THEN
        RAISE EXCEPTION 'nobody decides on their own affair' USING ERRCODE = 'KW004';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION guard_appeal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM sanction_steps s WHERE s.case_id = NEW.case_id AND s.action = 'decide'
        AND (ARRAY[s.account_id, s.on_behalf_of] && acting_accounts() OR EXISTS (
            SELECT FROM accounts d JOIN accounts c ON c.person_id = d.person_id
            WHERE d.id IN (s.account_id, s.on_behalf_of) AND c.id = ANY (acting_accounts())))
    ) THEN
        RAISE EXCEPTION 'who decided does not decide the appeal' USING ERRCODE = 'KW021';
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION under_sanction(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    -- A decision that takes the certificate away also holds where none was issued yet.
    SELECT EXISTS (
        SELECT FROM sanction_cases WHERE application_id = p_application
        AND (state IN ('proposed', 'hearing', 'decided', 'appealed') OR (state = 'final' AND revokes))
    )
$$;
"""
OWN_TRIGGERS = """
CREATE TRIGGER guard_own_affair BEFORE INSERT OR UPDATE ON mark_corrections
    FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE UPDATE ON score_checks FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE UPDATE ON accommodation_requests
    FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE UPDATE OF state ON objections
    FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE INSERT ON sanction_steps FOR EACH ROW
    WHEN (NEW.action NOT IN ('state', 'appeal')) EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_appeal BEFORE INSERT ON sanction_steps FOR EACH ROW
    WHEN (NEW.action IN ('uphold', 'overturn')) EXECUTE FUNCTION guard_appeal();
"""
OWN_TABLES = ("mark_corrections", "score_checks", "accommodation_requests", "objections", "sanction_steps")


def upgrade() -> None:
    """Hold it."""
    for table, name, command, now, _ in POLICIES:
        _policy(table, name, command, now)
    op.execute(GUARDS)
    for table, condition in STAYS.items():
        op.execute(
            f"CREATE TRIGGER guard_settled BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (current_user <> 'kaowu_keeper' AND ({condition})) EXECUTE FUNCTION guard_settled()"
        )
    op.add_column("sanction_steps", sa.Column("on_behalf_of", sa.Uuid()))
    op.execute("GRANT SELECT (case_id, action, account_id, on_behalf_of) ON sanction_steps TO kaowu_transfer")
    op.execute("CREATE POLICY transfer_select ON sanction_steps FOR SELECT TO kaowu_transfer USING (true)")
    _as_definer(OWN_AFFAIRS)
    for function in ("acting_accounts()", "guard_own_affair()", "guard_appeal()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(OWN_TRIGGERS)


def _policy(table: str, name: str, command: str, clauses: str) -> None:
    op.execute(f"DROP POLICY {name} ON {table}")
    op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO kaowu_app {clauses}")


def _as_definer(statements: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    op.execute(statements)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def downgrade() -> None:
    """Let it go again."""
    op.execute("DROP TRIGGER guard_appeal ON sanction_steps")
    for table in OWN_TABLES:
        op.execute(f"DROP TRIGGER guard_own_affair ON {table}")
    before = op.get_context().environment_context.script.get_revision("0022").module.PUBLIC
    under_sanction = before[before.index("CREATE FUNCTION under_sanction") :]
    _as_definer(under_sanction.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    for function in ("guard_appeal()", "guard_own_affair()", "acting_accounts()"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP POLICY transfer_select ON sanction_steps")
    op.drop_column("sanction_steps", "on_behalf_of")
    for table in STAYS:
        op.execute(f"DROP TRIGGER guard_settled ON {table}")
    for name, table in (
        ("guard_struck", "publication_entries"),
        ("guard_panel_score", "panel_candidates"),
        ("guard_taken_in", "mark_imports"),
    ):
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    op.execute("DROP FUNCTION guard_settled()")
    for table, name, command, _, before_clauses in POLICIES:
        _policy(table, name, command, before_clauses)
