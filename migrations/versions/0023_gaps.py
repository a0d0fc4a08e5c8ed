"""Papers that are closed in the database as well, tokens that all end, and people whose time is over.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What core.documents.queries.check_awaited says, held for the role that requests run as: while an application is
# drafted it takes any paper; once returned, those that were found faulty and those that were missing; afterwards what
# was deferred. A paper that a later one supersedes must be one that may be exchanged.
GUARD = """
CREATE FUNCTION guard_document() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    the_state text;
    unlocked text[];
BEGIN
    IF current_user <> 'kaowu_app' THEN
        RETURN NEW;
    END IF;
    SELECT state, unlocked_items INTO the_state, unlocked FROM applications WHERE id = NEW.application_id;
    -- Evidence for accommodations is no paper that a reviewer goes by: it may come at any time.
    IF the_state = 'draft' OR NEW.material = 'accommodation.evidence' OR EXISTS (
        SELECT FROM deferrals f WHERE f.application_id = NEW.application_id AND f.material = NEW.material
        AND f.state IN ('open', 'supplemented')
    ) OR (the_state = 'returned' AND (
        unlocked IS NULL OR NEW.material = ANY (unlocked)
        OR NOT EXISTS (
            SELECT FROM documents d WHERE d.application_id = NEW.application_id AND d.material = NEW.material
        )
    )) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'this application takes no such paper now' USING ERRCODE = 'KW003';
END
$$;
CREATE TRIGGER guard_document BEFORE INSERT OR UPDATE OF superseded_at ON documents
    FOR EACH ROW EXECUTE FUNCTION guard_document();
"""

# table → what the keeper sees of it besides, and the columns that it changes besides.
KEEPER = {
    "persons": ("name, created_at", "name, id_tail, birth_date"),
    "applications": ("person_id", None),
    "contacts": (None, "code_hash"),
    "accounts": ("id, person_id, ended_at", "name, ended_at"),
    "bans": ("person_id, ends, lifted_at", None),
}
NEWLY_SEEN = ("accounts", "bans")


def upgrade() -> None:
    op.execute(GUARD)
    op.execute("UPDATE api_tokens SET expires_at = created_at + interval '90 days' WHERE expires_at IS NULL")
    op.alter_column("api_tokens", "expires_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    for table, (seen, changed) in KEEPER.items():
        if seen is not None:
            op.execute(f"GRANT SELECT ({seen}) ON {table} TO kaowu_keeper")
        if changed is not None:
            op.execute(f"GRANT UPDATE ({changed}) ON {table} TO kaowu_keeper")
    for table in NEWLY_SEEN:
        op.execute(f"CREATE POLICY keeper_select ON {table} FOR SELECT TO kaowu_keeper USING (true)")
    op.execute("CREATE POLICY keeper_update ON accounts FOR UPDATE TO kaowu_keeper USING (person_id IS NOT NULL)")


def downgrade() -> None:
    op.execute("DROP POLICY keeper_update ON accounts")
    for table in NEWLY_SEEN:
        op.execute(f"DROP POLICY keeper_select ON {table}")
    for table, (seen, changed) in KEEPER.items():
        if seen is not None:
            op.execute(f"REVOKE SELECT ({seen}) ON {table} FROM kaowu_keeper")  # noqa: S608 - constants above
        if changed is not None:
            op.execute(f"REVOKE UPDATE ({changed}) ON {table} FROM kaowu_keeper")
    op.alter_column("api_tokens", "expires_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    op.execute("DROP TRIGGER guard_document ON documents")
    op.execute("DROP FUNCTION guard_document()")
