"""Absence that becomes a result, passes of other offices, an end for the personal data of the season's second half.

A mark without a table is 缺考 by the door list, and nothing else; a table that contradicts the list is taken in only
with a reason for each candidate. What somebody passed elsewhere in earlier years is told by one function, to an office
that has them as a candidate. The keeper reaches texts that have had no term so far.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
ON_SITE = f"office_id = {OFFICE} AND {MAY} && ARRAY['schedule', 'examine']"
# A list that nobody closed closes by itself; that somebody came, the system never says.
BY_ITSELF = f"office_id = {OFFICE} AND {SCOPE} = 'system' AND state = 'absent' AND way = 'close'"

# What core.scheduling.door_rules.presences says, for the guards.
DOOR = """
CREATE FUNCTION noted_at_door(p_applications uuid[], p_at timestamptz)
RETURNS TABLE (application_id uuid, subject text, standing text)
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT s.application_id, u.subject,
        CASE WHEN bool_or(d.state = 'present') THEN 'present'
            WHEN bool_and(coalesce(d.state = 'absent', false) AND t.ends_at <= p_at) THEN 'absent'
            ELSE 'unknown' END
    FROM seats s JOIN sittings t ON t.id = s.sitting_id CROSS JOIN unnest(t.subjects) AS u(subject)
    LEFT JOIN attendances d ON d.sitting_id = s.sitting_id AND d.application_id = s.application_id
    WHERE s.application_id = ANY (p_applications) AND s.published_at IS NOT NULL AND s.voided_at IS NULL
    AND t.cancelled_at IS NULL
    GROUP BY s.application_id, u.subject
$$;
"""
_FROM_A_TABLE = """EXISTS (SELECT FROM added n WHERE {more}NOT EXISTS (
            SELECT FROM mark_import_rows r JOIN mark_imports i ON i.id = r.import_id
            WHERE r.import_id = n.import_id AND r.application_id = n.application_id AND r.subject = n.subject
            AND r.status = n.status AND r.mark IS NOT DISTINCT FROM n.mark
            AND i.state = 'confirmed' AND i.year = n.year))"""
_BY_THE_DOOR = """EXISTS (SELECT FROM added n WHERE n.import_id IS NULL AND (n.status <> 'absent' OR NOT EXISTS (
            SELECT FROM noted_at_door(
                (SELECT array_agg(DISTINCT a.application_id) FROM added a WHERE a.import_id IS NULL),
                (SELECT max(a.known_at) FROM added a)) AS d
            WHERE d.application_id = n.application_id AND d.subject = n.subject AND d.standing = 'absent')))"""
_ADDED = """
CREATE OR REPLACE FUNCTION guard_added_marks() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM added n WHERE n.correction_id IS NOT NULL)
        OR EXISTS (SELECT FROM added n JOIN outcomes o USING (application_id) WHERE o.published_at IS NOT NULL)
        OR {condition}
    THEN
        RAISE EXCEPTION 'a mark comes from a confirmed table' USING ERRCODE = 'KW022';
    END IF;
    RETURN NULL;
END
$$;
"""
# What the door list alone said may go until it is published: a late phone may say otherwise, or a table bring the mark.
_REMOVED = """
CREATE OR REPLACE FUNCTION guard_removed_marks() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM removed o LEFT JOIN mark_imports i ON i.id = o.import_id
            WHERE o.correction_id IS NOT NULL OR {condition})
        OR EXISTS (SELECT FROM removed r JOIN outcomes o USING (application_id) WHERE o.published_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a mark goes only with its table, before publication' USING ERRCODE = 'KW022';
    END IF;
    RETURN NULL;
END
$$;
"""
_DECIDED = """
CREATE OR REPLACE FUNCTION guard_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    {keeper}RAISE EXCEPTION 'what has been decided stays as it is' USING ERRCODE = 'KW022';
END
$$;
"""
_CASE = """
CREATE OR REPLACE FUNCTION guard_sanction_case() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    {keeper}IF NEW.version <> OLD.version + 1 OR NOT EXISTS (
        SELECT FROM sanction_steps s WHERE s.case_id = NEW.id AND s.version = NEW.version
        AND s.from_state = OLD.state AND s.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'a case changes only by a step' USING ERRCODE = 'KW003';
    END IF;
    IF current_setting('kaowu.scope', true) = 'person' AND (
        NEW.hearing_until, NEW.appeal_until, NEW.decided_at, NEW.decided_by, NEW.disqualifies, NEW.revokes,
        NEW.ban_years, NEW.ban_begins
    ) IS DISTINCT FROM (
        OLD.hearing_until, OLD.appeal_until, OLD.decided_at, OLD.decided_by, OLD.disqualifies, OLD.revokes,
        OLD.ban_years, OLD.ban_begins
    ) THEN
        RAISE EXCEPTION 'not the person''s to change' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
"""
# The keeper's grants let it replace texts and nothing else.
_KEEPER_PASSES = "IF current_user = 'kaowu_keeper' THEN RETURN NEW; END IF;\n    "

CONTRADICTED = """
CREATE FUNCTION guard_contradicted() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM mark_import_rows r JOIN noted_at_door(
            (SELECT array_agg(DISTINCT m.application_id) FROM mark_import_rows m WHERE m.import_id = NEW.id),
            NEW.decided_at
        ) AS d ON d.application_id = r.application_id AND d.subject = r.subject
        WHERE r.import_id = NEW.id
        AND (d.standing = 'absent' AND r.status <> 'absent' OR d.standing = 'present' AND r.status = 'absent')
        AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(NEW.contradictions) AS c
            WHERE c ->> 'application' = r.application_id::text AND c ->> 'subject' = r.subject
            AND btrim(c ->> 'reason') <> '')
    ) THEN
        RAISE EXCEPTION 'a table that contradicts the door list needs a reason' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_contradicted BEFORE UPDATE ON mark_imports FOR EACH ROW
    WHEN (OLD.state = 'proposed' AND NEW.state = 'confirmed') EXECUTE FUNCTION guard_contradicted();
"""

# For candidates of the asking office alone, and no more than that a subject was passed: in which year, with which mark.
EARLIER = f"""
CREATE FUNCTION earlier_passes(p_year bigint, p_years bigint, p_pass_mark numeric)
RETURNS TABLE (application_id uuid, year bigint, subject text, mark numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT n.id, m.year, m.subject, m.mark
    FROM applications n
    JOIN applications b ON b.person_id = n.person_id AND b.grade = n.grade AND b.trade = n.trade
    JOIN marks m ON m.application_id = b.id
    WHERE n.office_id = {OFFICE} AND {SCOPE} IN ('office', 'system') AND {MAY} && ARRAY['examine', 'supervise']
    AND n.year = p_year AND n.state = 'qualified' AND b.state = 'qualified'
    AND m.year BETWEEN p_year - p_years AND p_year - 1 AND m.status = 'scored' AND m.mark >= p_pass_mark
$$;
"""  # noqa: S608 - constants above
_EARLIER = "earlier_passes(bigint, bigint, numeric)"

# table → what the keeper sees of it besides, and the texts that it replaces besides.
KEEPER = {
    "objections": ("state, decided_at", None),
    "accommodation_requests": ("id, reason, document_id, asked_at, decided_at", "reason, decision"),
    "invigilators": ("id, name, added_at, ended_at", "name, unit_name"),
    "custody_entries": ("id, keeper, ended_at", "keeper"),
    "custody_handovers": ("entry_id", "from_keeper, to_keeper"),
    "incidents": ("id, facts, happened_at", "facts, evidence, measures, reported_name"),
    "evaluation_panels": ("id, minutes, closed_at", "minutes"),
    "panel_members": ("panel_id", "name"),
    "evaluation_sheets": ("panel_id, remark", "remark"),
    "score_checks": ("id, reason, answered_at", "reason, answer"),
    "mark_corrections": ("id, reason, decided_at", "reason, evidence, remark"),
    "mark_imports": ("id, contradictions, decided_at", "contradictions"),
    "sanction_cases": ("id, application_id, state, facts", "facts"),
    "sanction_steps": ("case_id, at", "words, actor_name"),
    "sanction_evidence": ("case_id", "title"),
    "bans": ("application_id", None),
    "paper_parts": ("made_at", None),
}
SEEN_BEFORE = ("objections", "bans", "paper_parts")


def upgrade() -> None:
    """Let the door list speak, and give the keeper its share."""
    op.add_column("attendances", sa.Column("remark", sa.Text(), nullable=False, server_default=""))
    op.alter_column("attendances", "remark", server_default=None)
    op.execute("GRANT UPDATE (remark) ON attendances TO kaowu_app")
    op.execute(f"ALTER POLICY app_insert ON attendances WITH CHECK (({ON_SITE}) OR ({BY_ITSELF}))")
    empty = sa.text("'[]'::jsonb")
    op.add_column("mark_imports", sa.Column("contradictions", postgresql.JSONB(), nullable=False, server_default=empty))
    op.alter_column("mark_imports", "contradictions", server_default=None)
    op.execute("GRANT UPDATE (contradictions) ON mark_imports TO kaowu_app")
    op.alter_column("marks", "import_id", existing_type=sa.Uuid(), nullable=True)
    op.create_check_constraint(
        op.f("ck_marks_comes_from_somewhere"),
        "marks",
        "import_id IS NOT NULL OR status = 'absent' OR correction_id IS NOT NULL",
    )
    op.execute(DOOR)
    op.execute(
        _ADDED.format(
            condition=f"{_FROM_A_TABLE.format(more='n.import_id IS NOT NULL AND ')}\n        OR {_BY_THE_DOOR}"
        )
    )
    op.execute(_REMOVED.format(condition="(o.import_id IS NOT NULL AND i.state IS DISTINCT FROM 'withdrawn')"))
    op.execute(CONTRADICTED)
    op.execute(_DECIDED.format(keeper=_KEEPER_PASSES))
    op.execute(_CASE.format(keeper=_KEEPER_PASSES))
    _tell_of_earlier_passes()
    _let_the_keeper_in()


def _tell_of_earlier_passes() -> None:
    op.execute(EARLIER)
    op.execute("GRANT SELECT ON marks TO kaowu_transfer")
    op.execute("CREATE POLICY transfer_select ON marks FOR SELECT TO kaowu_transfer USING (true)")
    op.execute(f"REVOKE ALL ON FUNCTION {_EARLIER} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_EARLIER} TO kaowu_app")
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute(f"ALTER FUNCTION {_EARLIER} OWNER TO kaowu_transfer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def _let_the_keeper_in() -> None:
    for table, (seen, changed) in KEEPER.items():
        op.execute(f"GRANT SELECT ({seen}) ON {table} TO kaowu_keeper")
        if table not in SEEN_BEFORE:
            op.execute(f"CREATE POLICY keeper_select ON {table} FOR SELECT TO kaowu_keeper USING (true)")
        if changed is not None:
            op.execute(f"GRANT UPDATE ({changed}) ON {table} TO kaowu_keeper")
            op.execute(f"CREATE POLICY keeper_update ON {table} FOR UPDATE TO kaowu_keeper USING (true)")
    op.execute("GRANT DELETE ON paper_parts TO kaowu_keeper")
    op.execute("CREATE POLICY keeper_delete ON paper_parts FOR DELETE TO kaowu_keeper USING (true)")


def downgrade() -> None:
    """Take it away again; marks without a table are given up, for nothing could hold them."""
    op.execute("DROP POLICY keeper_delete ON paper_parts")
    op.execute("REVOKE DELETE ON paper_parts FROM kaowu_keeper")
    for table, (seen, changed) in KEEPER.items():
        if changed is not None:
            op.execute(f"DROP POLICY keeper_update ON {table}")
            op.execute(f"REVOKE UPDATE ({changed}) ON {table} FROM kaowu_keeper")
        if table not in SEEN_BEFORE:
            op.execute(f"DROP POLICY keeper_select ON {table}")
        op.execute(f"REVOKE SELECT ({seen}) ON {table} FROM kaowu_keeper")  # noqa: S608 - constants above
    op.execute(f"DROP FUNCTION {_EARLIER}")
    op.execute("DROP POLICY transfer_select ON marks")
    op.execute("REVOKE SELECT ON marks FROM kaowu_transfer")
    op.execute(_CASE.format(keeper=""))
    op.execute(_DECIDED.format(keeper=""))
    op.execute("DROP TRIGGER guard_contradicted ON mark_imports")
    op.execute("DROP FUNCTION guard_contradicted()")
    op.execute(_ADDED.format(condition=_FROM_A_TABLE.format(more="")))
    op.execute("ALTER TABLE marks DISABLE TRIGGER guard_removed_marks")
    op.execute("DELETE FROM marks WHERE import_id IS NULL")
    op.execute("ALTER TABLE marks ENABLE TRIGGER guard_removed_marks")
    op.execute(_REMOVED.format(condition="i.state IS DISTINCT FROM 'withdrawn'"))
    op.execute("DROP FUNCTION noted_at_door(uuid[], timestamptz)")
    op.drop_constraint(op.f("ck_marks_comes_from_somewhere"), "marks")
    op.alter_column("marks", "import_id", existing_type=sa.Uuid(), nullable=False)
    op.execute("REVOKE UPDATE (contradictions) ON mark_imports FROM kaowu_app")
    op.drop_column("mark_imports", "contradictions")
    op.execute(f"ALTER POLICY app_insert ON attendances WITH CHECK ({ON_SITE})")
    op.execute("REVOKE UPDATE (remark) ON attendances FROM kaowu_app")
    op.drop_column("attendances", "remark")
