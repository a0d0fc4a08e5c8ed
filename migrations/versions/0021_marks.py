"""Marks, outcomes, score checks and corrections, and the comprehensive review of grade one.

Marks come from a table that a second person confirmed and change only by a correction that a second person granted:
triggers hold it, and lock an outcome with its publication. A panel's member reads nobody's scores of a candidate before
handing in their own.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Who asks, as in revisions 0002 and 0005.
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"

OURS = f"office_id = {OFFICE}"
EXAMINES = f"{OURS} AND 'examine' = ANY ({MAY})"
SUPERVISES = f"{OURS} AND 'supervise' = ANY ({MAY})"
CASE = "EXISTS (SELECT FROM applications a WHERE a.id = application_id{more})"
SEEN = CASE.format(more="")
OWNED = CASE.format(more=f" AND a.office_id = {OFFICE}")
PANEL = "EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state = 'forming')"
OWN_OPEN_SHEET = (
    f"EXISTS (SELECT FROM evaluation_sheets s WHERE s.id = sheet_id AND s.account_id = {ACCOUNT} AND s.state = 'open')"
)
# Of another's scores a member learns nothing while their own sheet on that candidate is open.
OWN_STILL_OPEN = (
    "EXISTS (SELECT FROM evaluation_sheets m WHERE m.application_id = s.application_id "
    f"AND m.account_id = {ACCOUNT} AND m.state = 'open')"
)
OWN_OR_HANDED_IN = (
    "EXISTS (SELECT FROM evaluation_sheets s WHERE s.id = sheet_id "
    f"AND (s.account_id = {ACCOUNT} OR (s.state = 'submitted' AND NOT {OWN_STILL_OPEN})))"
)

# table -> (select, insert check, update using, update check, delete); None where the running role may not.
POLICIES = {
    "mark_imports": (
        OURS,
        f"{EXAMINES} AND state = 'proposed' AND proposed_by = {ACCOUNT}",
        OURS,
        f"decided_by = {ACCOUNT} AND ('examine' = ANY ({MAY}) OR 'supervise' = ANY ({MAY}))",
        None,
    ),
    "mark_import_rows": (
        OURS,
        f"{EXAMINES} AND {OWNED} AND EXISTS (SELECT FROM mark_imports i WHERE i.id = import_id "
        f"AND i.state = 'proposed' AND i.proposed_by = {ACCOUNT})",
        None,
        None,
        None,
    ),
    "score_checks": (
        f"{OURS} OR {SEEN}",
        f"asked_by = {ACCOUNT} AND state = 'open' AND 'apply' = ANY ({MAY}) AND "
        + CASE.format(more=f" AND a.person_id = {PERSON} AND a.office_id = score_checks.office_id"),
        OURS,
        f"answered_by = {ACCOUNT} AND 'examine' = ANY ({MAY})",
        None,
    ),
    "mark_corrections": (
        OURS,
        f"{EXAMINES} AND asked_by = {ACCOUNT} AND state = 'asked' AND {OWNED}",
        OURS,
        f"decided_by = {ACCOUNT} AND 'supervise' = ANY ({MAY})",
        None,
    ),
    "marks": (
        f"{OURS} OR {SEEN}",
        f"{EXAMINES} AND {OWNED}",
        OURS,
        SUPERVISES,
        OURS,
    ),
    # Nobody but the office learns an outcome before it is published.
    "outcomes": (
        f"{OURS} OR (published_at IS NOT NULL AND {SEEN})",
        f"{OURS} AND decided_by = {ACCOUNT} AND published_at IS NULL AND {OWNED}",
        OURS,
        OURS,
        f"{OURS} AND published_at IS NULL",
    ),
    "trade_quotas": (OURS, f"{SUPERVISES} AND set_by = {ACCOUNT}", OURS, f"{SUPERVISES} AND set_by = {ACCOUNT}", None),
    "evaluation_panels": (OURS, f"{EXAMINES} AND made_by = {ACCOUNT}", OURS, EXAMINES, None),
    "panel_members": (OURS, f"{EXAMINES} AND {PANEL}", None, None, f"{EXAMINES} AND {PANEL}"),
    "panel_candidates": (OURS, f"{EXAMINES} AND {PANEL} AND {OWNED}", OURS, EXAMINES, None),
    "evaluation_sheets": (
        OURS,
        f"{EXAMINES} AND {PANEL}",
        f"{OURS} AND state = 'open'",
        f"{EXAMINES} AND (account_id = {ACCOUNT} OR state = 'excused')",
        None,
    ),
    "evaluation_scores": (
        f"{OURS} AND {OWN_OR_HANDED_IN}",
        f"{EXAMINES} AND {OWN_OPEN_SHEET}",
        OWN_OPEN_SHEET,
        f"{EXAMINES} AND {OWN_OPEN_SHEET}",
        None,
    ),
}
UPDATE_COLUMNS = {
    "mark_imports": "state, decided_at, decided_by, decided_by_name, remark",
    "score_checks": "state, answer, answered_at, answered_by",
    "mark_corrections": "state, decided_at, decided_by, decided_by_name, remark",
    "marks": "mark, status, correction_id",
    "outcomes": "passed, reason, basis, decided_at, decided_by, published_at, correction_id",
    "trade_quotas": "places, source, set_at, set_by",
    "evaluation_panels": "state, opened_at, minutes, closed_at, closed_by",
    "panel_candidates": "score, spread",
    "evaluation_sheets": "state, ended_at, remark",
    "evaluation_scores": "score",
}

# A second person is another account, and not the same human being's other account or their deputy.
SECOND_PERSON = """
CREATE FUNCTION guard_second_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    before uuid[] := array_remove(
        ARRAY[(to_jsonb(NEW) ->> TG_ARGV[0])::uuid, (to_jsonb(NEW) ->> TG_ARGV[1])::uuid], NULL);
    after uuid[] := array_remove(
        ARRAY[NEW.decided_by, nullif(current_setting('kaowu.on_behalf_of', true), '')::uuid], NULL);
BEGIN
    IF before && after OR EXISTS (
        SELECT FROM accounts b JOIN accounts a ON a.person_id = b.person_id
        WHERE b.id = ANY (before) AND a.id = ANY (after)
    ) THEN
        RAISE EXCEPTION 'the second person must be somebody else' USING ERRCODE = 'KW021';
    END IF;
    RETURN NEW;
END
$$;
"""
GUARDS = """
CREATE TRIGGER guard_second_person BEFORE UPDATE ON mark_imports FOR EACH ROW WHEN (NEW.state = 'confirmed')
    EXECUTE FUNCTION guard_second_person('proposed_by', 'proposed_on_behalf');
CREATE TRIGGER guard_second_person BEFORE UPDATE ON mark_corrections FOR EACH ROW WHEN (NEW.state <> 'asked')
    EXECUTE FUNCTION guard_second_person('asked_by', 'asked_on_behalf');

CREATE FUNCTION guard_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    RAISE EXCEPTION 'what has been decided stays as it is' USING ERRCODE = 'KW022';
END
$$;
CREATE TRIGGER guard_decided BEFORE UPDATE ON mark_imports FOR EACH ROW
    WHEN (OLD.state = 'withdrawn' OR NEW.state = 'proposed') EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON mark_corrections FOR EACH ROW
    WHEN (OLD.state <> 'asked') EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON score_checks FOR EACH ROW
    WHEN (OLD.state <> 'open') EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON evaluation_panels FOR EACH ROW
    WHEN (OLD.state = 'closed') EXECUTE FUNCTION guard_decided();

-- Whole statements, since an office takes in thousands of marks at once.
CREATE FUNCTION guard_added_marks() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM added n WHERE n.correction_id IS NOT NULL)
        OR EXISTS (SELECT FROM added n JOIN outcomes o USING (application_id) WHERE o.published_at IS NOT NULL)
        OR EXISTS (SELECT FROM added n WHERE NOT EXISTS (
            SELECT FROM mark_import_rows r JOIN mark_imports i ON i.id = r.import_id
            WHERE r.import_id = n.import_id AND r.application_id = n.application_id AND r.subject = n.subject
            AND r.status = n.status AND r.mark IS NOT DISTINCT FROM n.mark
            AND i.state = 'confirmed' AND i.year = n.year))
    THEN
        RAISE EXCEPTION 'a mark comes from a confirmed table' USING ERRCODE = 'KW022';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER guard_added_marks AFTER INSERT ON marks REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION guard_added_marks();

CREATE FUNCTION guard_removed_marks() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM removed o LEFT JOIN mark_imports i ON i.id = o.import_id
            WHERE o.correction_id IS NOT NULL OR i.state IS DISTINCT FROM 'withdrawn')
        OR EXISTS (SELECT FROM removed r JOIN outcomes o USING (application_id) WHERE o.published_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a mark goes only with its table, before publication' USING ERRCODE = 'KW022';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER guard_removed_marks AFTER DELETE ON marks REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION guard_removed_marks();

CREATE FUNCTION guard_corrected_mark() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.correction_id IS NOT DISTINCT FROM OLD.correction_id OR NOT EXISTS (
        SELECT FROM mark_corrections c WHERE c.id = NEW.correction_id AND c.state = 'granted'
        AND c.application_id = OLD.application_id AND c.subject = OLD.subject
        AND c.from_status = OLD.status AND c.from_mark IS NOT DISTINCT FROM OLD.mark
        AND c.to_status = NEW.status AND c.to_mark IS NOT DISTINCT FROM NEW.mark
    ) THEN
        RAISE EXCEPTION 'a mark changes only by a granted correction' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_corrected_mark BEFORE UPDATE ON marks FOR EACH ROW EXECUTE FUNCTION guard_corrected_mark();

-- Nobody scores themselves or somebody of their own unit.
CREATE FUNCTION guard_sheet() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM panel_members m, applications a
        WHERE m.panel_id = NEW.panel_id AND m.account_id = NEW.account_id AND a.id = NEW.application_id
        AND m.person_id IS DISTINCT FROM a.person_id AND m.unit_id IS DISTINCT FROM a.unit_id
    ) THEN
        RAISE EXCEPTION 'member and candidate have to avoid each other' USING ERRCODE = 'KW023';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_sheet BEFORE INSERT ON evaluation_sheets FOR EACH ROW EXECUTE FUNCTION guard_sheet();

CREATE FUNCTION guard_published_outcome() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.published_at IS DISTINCT FROM OLD.published_at
        OR NEW.correction_id IS NOT DISTINCT FROM OLD.correction_id OR NOT EXISTS (
        SELECT FROM mark_corrections c WHERE c.id = NEW.correction_id AND c.state = 'granted'
        AND c.application_id = OLD.application_id
    ) THEN
        RAISE EXCEPTION 'a published outcome changes only by a granted correction' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_published_outcome BEFORE UPDATE ON outcomes FOR EACH ROW WHEN (OLD.published_at IS NOT NULL)
    EXECUTE FUNCTION guard_published_outcome();
"""
FUNCTIONS = (
    "guard_second_person",
    "guard_decided",
    "guard_added_marks",
    "guard_removed_marks",
    "guard_corrected_mark",
    "guard_sheet",
    "guard_published_outcome",
)

_MOMENT = sa.DateTime(timezone=True)
_MARK = sa.Numeric(precision=5, scale=1)


def upgrade() -> None:
    """Make the tables, their policies and the triggers."""
    _make_marks()
    _make_evaluation()
    for table in POLICIES:
        _protect(table)
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    op.execute(SECOND_PERSON)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")
    op.execute("REVOKE ALL ON FUNCTION guard_second_person() FROM PUBLIC")
    op.execute(GUARDS)


def downgrade() -> None:
    """Take them away again."""
    for table in reversed(POLICIES):
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}()")


def _protect(table: str) -> None:
    select, insert, using, check, delete = POLICIES[table]
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO kaowu_app")
    op.execute(f"GRANT SELECT ON {table} TO kaowu_province, kaowu_auditor")
    policy = f"CREATE POLICY {table}_{{0}} ON {table} FOR {{1}} TO {{2}} {{3}}"
    op.execute(policy.format("select", "SELECT", "kaowu_app", f"USING ({select})"))
    op.execute(policy.format("insert", "INSERT", "kaowu_app", f"WITH CHECK ({insert})"))
    if using is not None:
        op.execute(f"GRANT UPDATE ({UPDATE_COLUMNS[table]}) ON {table} TO kaowu_app")
        op.execute(policy.format("update", "UPDATE", "kaowu_app", f"USING ({using}) WITH CHECK ({check})"))
    if delete is not None:
        op.execute(f"GRANT DELETE ON {table} TO kaowu_app")
        op.execute(policy.format("delete", "DELETE", "kaowu_app", f"USING ({delete})"))
    for role in ("kaowu_province", "kaowu_auditor"):
        op.execute(policy.format(f"{role}_select", "SELECT", role, "USING (true)"))


def _make_marks() -> None:
    op.create_table(
        "mark_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_on_behalf", sa.Uuid()),
        sa.Column("proposed_by_name", sa.Text(), nullable=False),
        sa.Column("decided_at", _MOMENT),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_by_name", sa.Text()),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_mark_imports_decided_is_dated")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by", name=op.f("ck_mark_imports_two_people")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'withdrawn')", name=op.f("ck_mark_imports_state_is_known")
        ),
        sa.CheckConstraint(
            "num_nulls(decided_at, decided_by) IN (0, 2)", name=op.f("ck_mark_imports_decision_is_signed")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_mark_imports_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_mark_imports_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_imports")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_mark_imports_id_office_id")),
    )
    op.create_index("ix_mark_imports_office_id_year", "mark_imports", ["office_id", "year", "proposed_at"])
    op.create_index(
        "uq_mark_imports_one_digest",
        "mark_imports",
        ["office_id", "year", "digest"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "mark_import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("mark", _MARK),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(status = 'scored') = (mark IS NOT NULL)", name=op.f("ck_mark_import_rows_scored_has_a_mark")
        ),
        sa.CheckConstraint(
            "status IN ('scored', 'absent', 'void', 'violation')", name=op.f("ck_mark_import_rows_status_is_known")
        ),
        sa.CheckConstraint("mark BETWEEN 0 AND 100", name=op.f("ck_mark_import_rows_mark_is_in_range")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_mark_import_rows_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_id", "office_id"],
            ["mark_imports.id", "mark_imports.office_id"],
            name=op.f("fk_mark_import_rows_import_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("import_id", "application_id", "subject", name=op.f("pk_mark_import_rows")),
    )
    op.create_table(
        "score_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", _MOMENT),
        sa.Column("answered_by", sa.Uuid()),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name=op.f("ck_score_checks_answered_is_dated")),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_score_checks_has_a_reason")),
        sa.CheckConstraint(
            "ground IN ('absence', 'violation', 'own_result')", name=op.f("ck_score_checks_ground_is_known")
        ),
        sa.CheckConstraint(
            "state = 'open' OR (answered_by IS NOT NULL AND btrim(answer) <> '')",
            name=op.f("ck_score_checks_has_an_answer"),
        ),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name=op.f("ck_score_checks_state_is_known")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_score_checks_application_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_score_checks_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_checks")),
    )
    op.create_index(op.f("ix_score_checks_application_id"), "score_checks", ["application_id"])
    op.create_index("ix_score_checks_office_id", "score_checks", ["office_id", "state", "due_at"])
    op.create_index(
        "uq_score_checks_one_open",
        "score_checks",
        ["application_id", "subject"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "mark_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("from_mark", _MARK),
        sa.Column("from_status", sa.Text(), nullable=False),
        sa.Column("to_mark", _MARK),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("score_check_id", sa.Uuid()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_on_behalf", sa.Uuid()),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("decided_at", _MOMENT),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_by_name", sa.Text()),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_mark_corrections_decided_is_dated")
        ),
        sa.CheckConstraint(
            "(to_status = 'scored') = (to_mark IS NOT NULL)", name=op.f("ck_mark_corrections_scored_has_a_mark")
        ),
        sa.CheckConstraint(
            "btrim(reason) <> '' AND btrim(evidence) <> ''", name=op.f("ck_mark_corrections_has_a_reason")
        ),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused')", name=op.f("ck_mark_corrections_state_is_known")),
        sa.CheckConstraint(
            "to_status IN ('scored', 'absent', 'void', 'violation')", name=op.f("ck_mark_corrections_status_is_known")
        ),
        sa.CheckConstraint(
            "(from_mark, from_status) IS DISTINCT FROM (to_mark, to_status)",
            name=op.f("ck_mark_corrections_corrects_something"),
        ),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_mark_corrections_two_people")),
        sa.CheckConstraint(
            "num_nulls(decided_at, decided_by) IN (0, 2)", name=op.f("ck_mark_corrections_decision_is_signed")
        ),
        sa.CheckConstraint("to_mark BETWEEN 0 AND 100", name=op.f("ck_mark_corrections_mark_is_in_range")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_mark_corrections_application_id")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_mark_corrections_office_id")),
        sa.ForeignKeyConstraint(
            ["score_check_id"], ["score_checks.id"], name=op.f("fk_mark_corrections_score_check_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_corrections")),
    )
    op.create_index(op.f("ix_mark_corrections_application_id"), "mark_corrections", ["application_id"])
    op.create_index("ix_mark_corrections_office_id", "mark_corrections", ["office_id", "state", "asked_at"])
    op.create_index(
        "uq_mark_corrections_one_open",
        "mark_corrections",
        ["application_id", "subject"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "marks",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("mark", _MARK),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("correction_id", sa.Uuid()),
        sa.CheckConstraint("(status = 'scored') = (mark IS NOT NULL)", name=op.f("ck_marks_scored_has_a_mark")),
        sa.CheckConstraint(
            "status IN ('scored', 'absent', 'void', 'violation')", name=op.f("ck_marks_status_is_known")
        ),
        sa.CheckConstraint("mark BETWEEN 0 AND 100", name=op.f("ck_marks_mark_is_in_range")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_marks_application_id")),
        sa.ForeignKeyConstraint(["correction_id"], ["mark_corrections.id"], name=op.f("fk_marks_correction_id")),
        sa.ForeignKeyConstraint(
            ["import_id", "office_id"],
            ["mark_imports.id", "mark_imports.office_id"],
            name=op.f("fk_marks_import_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_marks_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_marks_year")),
        sa.PrimaryKeyConstraint("application_id", "subject", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_import_id", "marks", ["import_id"])
    op.create_index("ix_marks_office_id_year", "marks", ["office_id", "year"])
    op.create_table(
        "outcomes",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=False),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", postgresql.JSONB(), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", _MOMENT),
        sa.Column("correction_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_outcomes_application_id")),
        sa.ForeignKeyConstraint(["correction_id"], ["mark_corrections.id"], name=op.f("fk_outcomes_correction_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_outcomes_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_outcomes_year")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_office_id_year", "outcomes", ["office_id", "year", "grade", "passed"])


def _make_evaluation() -> None:
    op.create_table(
        "trade_quotas",
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("btrim(source) <> ''", name=op.f("ck_trade_quotas_has_a_source")),
        sa.CheckConstraint("places >= 0", name=op.f("ck_trade_quotas_places_are_counted")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_trade_quotas_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_trade_quotas_year")),
        sa.PrimaryKeyConstraint("office_id", "year", "trade", name=op.f("pk_trade_quotas")),
    )
    op.create_table(
        "evaluation_panels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trades", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("pass_mark", _MARK, nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", _MOMENT),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.Column("closed_by", sa.Uuid()),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_evaluation_panels_closed_is_dated")
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR btrim(minutes) <> ''", name=op.f("ck_evaluation_panels_closed_has_minutes")
        ),
        sa.CheckConstraint(
            "state IN ('forming', 'scoring', 'closed')", name=op.f("ck_evaluation_panels_state_is_known")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_evaluation_panels_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_evaluation_panels_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_panels")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_evaluation_panels_id_office_id")),
        sa.UniqueConstraint("office_id", "year", "name", name=op.f("uq_evaluation_panels_office_id_year_name")),
    )
    op.create_table(
        "panel_members",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("chairs", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_panel_members_account_id")),
        sa.ForeignKeyConstraint(
            ["panel_id", "office_id"],
            ["evaluation_panels.id", "evaluation_panels.office_id"],
            name=op.f("fk_panel_members_panel_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_panel_members_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_panel_members_unit_id")),
        sa.PrimaryKeyConstraint("panel_id", "account_id", name=op.f("pk_panel_members")),
    )
    op.create_index("ix_panel_members_account_id", "panel_members", ["account_id"])
    op.create_table(
        "panel_candidates",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("score", _MARK),
        sa.Column("spread", _MARK),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_panel_candidates_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["panel_id", "office_id"],
            ["evaluation_panels.id", "evaluation_panels.office_id"],
            name=op.f("fk_panel_candidates_panel_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_panel_candidates")),
        sa.UniqueConstraint("panel_id", "number", name=op.f("uq_panel_candidates_panel_id_number")),
    )
    op.create_table(
        "evaluation_sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_evaluation_sheets_ended_is_dated")),
        sa.CheckConstraint(
            "state <> 'excused' OR btrim(remark) <> ''", name=op.f("ck_evaluation_sheets_excused_has_a_reason")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'submitted', 'excused')", name=op.f("ck_evaluation_sheets_state_is_known")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_evaluation_sheets_account_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["panel_candidates.application_id"], name=op.f("fk_evaluation_sheets_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["panel_id", "office_id"],
            ["evaluation_panels.id", "evaluation_panels.office_id"],
            name=op.f("fk_evaluation_sheets_panel_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_sheets")),
        sa.UniqueConstraint(
            "application_id", "account_id", name=op.f("uq_evaluation_sheets_application_id_account_id")
        ),
    )
    op.create_index("ix_evaluation_sheets_panel_id", "evaluation_sheets", ["panel_id", "account_id", "state"])
    op.create_table(
        "evaluation_scores",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("score", _MARK, nullable=False),
        sa.CheckConstraint("score >= 0", name=op.f("ck_evaluation_scores_score_is_in_range")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_evaluation_scores_office_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["evaluation_sheets.id"], name=op.f("fk_evaluation_scores_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", "criterion", name=op.f("pk_evaluation_scores")),
    )
