"""Figures that are added up and not counted: every change of a case leaves what it adds to each figure.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
KEY = "office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision"
COUNTED = "('approve', 'confirm', 'return', 'reject', 'reopen')"

# What a case is, and what was decided in it: counted where the case is counted now, so that decisions go with it when
# another office takes it over. A row is what is added, and is never changed.
OF_CASES = "office_id, local_office_id, handler_office_id, year, state, grade, round > 0, false"
OF_MOVES = (
    "a.office_id, a.local_office_id, a.handler_office_id, a.year, m.action, NULL::bigint, "
    "m.acting_office_id IS NOT NULL"
)
FUNCTIONS = (
    f"""
CREATE FUNCTION count_case() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO case_counts ({KEY}, n) VALUES (OLD.office_id, OLD.local_office_id, OLD.handler_office_id, OLD.year,
            OLD.state, OLD.grade, OLD.round > 0, false, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO case_counts ({KEY}, n) VALUES (NEW.office_id, NEW.local_office_id, NEW.handler_office_id, NEW.year,
            NEW.state, NEW.grade, NEW.round > 0, false, 1);
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.office_id, OLD.local_office_id, OLD.handler_office_id)
        <> (NEW.office_id, NEW.local_office_id, NEW.handler_office_id) THEN
        INSERT INTO case_counts ({KEY}, n)
        SELECT OLD.office_id, OLD.local_office_id, OLD.handler_office_id, OLD.year, m.action, NULL::bigint,
            m.acting_office_id IS NOT NULL, true, -1 FROM moves m
        WHERE m.application_id = NEW.id AND m.action IN {COUNTED}
        UNION ALL
        SELECT NEW.office_id, NEW.local_office_id, NEW.handler_office_id, NEW.year, m.action, NULL::bigint,
            m.acting_office_id IS NOT NULL, true, 1 FROM moves m
        WHERE m.application_id = NEW.id AND m.action IN {COUNTED};
    END IF;
    RETURN NULL;
END
$$
""",  # noqa: S608 - put together from this file's own words
    f"""
CREATE FUNCTION count_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO case_counts ({KEY}, n)
    SELECT a.office_id, a.local_office_id, a.handler_office_id, a.year, NEW.action, NULL,
        NEW.acting_office_id IS NOT NULL, true, 1 FROM applications a WHERE a.id = NEW.application_id;
    RETURN NULL;
END
$$
""",  # noqa: S608 - put together from this file's own words
    # Adds up what has come; the sums stay what they are, whoever asks for it and however often.
    f"""
CREATE FUNCTION add_up_case_counts() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF pg_try_advisory_xact_lock(hashtext('kaowu.case_counts'))
        AND (SELECT count(*) >= 500 FROM (SELECT FROM case_counts WHERE NOT summed LIMIT 500) waiting) THEN
        WITH gone AS (DELETE FROM case_counts RETURNING *)
        INSERT INTO case_counts ({KEY}, n, summed)
        SELECT {KEY}, sum(n), true FROM gone GROUP BY {KEY} HAVING sum(n) <> 0;
    END IF;
END
$$
""",  # noqa: S608 - put together from this file's own words
)
FILL = f"""
    INSERT INTO case_counts ({KEY}, n, summed)
    SELECT {OF_CASES}, count(*), true FROM applications GROUP BY 1, 2, 3, 4, 5, 6, 7
    UNION ALL
    SELECT {OF_MOVES}, true, count(*), true FROM moves m JOIN applications a ON a.id = m.application_id
    WHERE m.action IN {COUNTED} GROUP BY 1, 2, 3, 4, 5, 7
"""  # noqa: S608 - the same
SEARCHES = {
    "ix_applications_year_id": ["year", "id"],
    "ix_applications_year_state_id": ["year", "state", "id"],
    "ix_applications_person_name": ["person_name"],
    "ix_applications_id_tail": ["id_tail"],
}
"""The lists and searches of who supervises everybody: no office leads there."""
POLICIES = (
    # Drafts are their people's own affair: an office does not see them, nor how many there are.
    ("SELECT", "kaowu_app", f"what <> 'draft' AND (office_id = {OFFICE} OR handler_office_id = {OFFICE})"),
    ("SELECT", "kaowu_province", "true"),
    ("SELECT", "kaowu_auditor", "true"),
    ("SELECT", "kaowu_transfer", "true"),
    ("INSERT", "kaowu_transfer", "true"),
    ("DELETE", "kaowu_transfer", "true"),
)


def upgrade() -> None:
    """Make the table, fill it from what is there, and have the database keep it from then on."""
    op.create_table(
        "case_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("office_id", "local_office_id", "handler_office_id")),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=True),
        sa.Column("submitted", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.Boolean(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("summed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_counts")),
    )
    op.create_index("ix_case_counts_office_id_year", "case_counts", ["office_id", "year"])
    op.create_index("ix_case_counts_handler_office_id_year", "case_counts", ["handler_office_id", "year"])
    op.create_index("ix_case_counts_to_add_up", "case_counts", ["id"], postgresql_where=sa.text("NOT summed"))
    for name, columns in SEARCHES.items():
        op.create_index(name, "applications", columns)
    _fill()
    op.execute("ALTER TABLE case_counts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_counts FORCE ROW LEVEL SECURITY")
    for command, role, which in POLICIES:
        op.execute(f"GRANT {command} ON case_counts TO {role}")
        clause = f"WITH CHECK ({which})" if command == "INSERT" else f"USING ({which})"
        op.execute(
            f"CREATE POLICY case_counts_{role}_{command.lower()} ON case_counts FOR {command} TO {role} {clause}"
        )
    _functions()
    changes = "INSERT OR DELETE OR UPDATE OF office_id, local_office_id, handler_office_id, state, grade, round"
    op.execute(f"CREATE TRIGGER count_case AFTER {changes} ON applications FOR EACH ROW EXECUTE FUNCTION count_case()")
    op.execute(
        "CREATE TRIGGER count_move AFTER INSERT ON moves FOR EACH ROW "
        f"WHEN (NEW.action IN {COUNTED}) EXECUTE FUNCTION count_move()"
    )


def _fill() -> None:
    """The owner is bound by the policies as well, and has none: for this one statement they are lifted."""
    for table in ("applications", "moves"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(FILL)
    for table in ("applications", "moves"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _functions() -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    for function in FUNCTIONS:
        op.execute(function)
    op.execute("REVOKE ALL ON FUNCTION count_case(), count_move(), add_up_case_counts() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION count_case(), count_move(), add_up_case_counts() TO kaowu_owner")
    op.execute("GRANT EXECUTE ON FUNCTION add_up_case_counts() TO kaowu_app")
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def downgrade() -> None:
    """Take it all away again."""
    op.execute("DROP TRIGGER count_case ON applications")
    op.execute("DROP TRIGGER count_move ON moves")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    op.execute("DROP FUNCTION count_case(), count_move(), add_up_case_counts()")
    op.execute("RESET ROLE")
    op.drop_table("case_counts")
    for name in SEARCHES:
        op.drop_index(name, "applications")
