"""Let the database know what the one who asks may do: roles are granted, and moves made, by permission.

A session says its actor's permissions (``kaowu.permissions``, from the table in core.identity.permissions). Here also:
acting for a colleague, tokens with a scope, two pairs of eyes on every case, and what the second revision left open of
isolation (an owner that is not in charge, drafts, the way back of a case whose delegation has ended, operators).

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Who asks, as in revision 0002.
SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
UNITS = "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]"
ROLE = "(SELECT nullif(current_setting('kaowu.role', true), ''))"
BEHALF = "(SELECT nullif(current_setting('kaowu.on_behalf_of', true), '')::uuid)"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
SIGNING_IN = f"{SCOPE} = 'signin'"
SYSTEM = f"{SCOPE} = 'system'"
OPERATING = f"{SCOPE} = 'operator'"

# Which level of office knows which role; a test holds this against the table in core.identity.permissions.
LEVELS = {
    "county_reviewer": ("county",),
    "city_reviewer": ("city", "province"),
    "scheduler": ("province", "city", "county"),
    "examiner": ("province", "city", "county"),
    "city_supervisor": ("city", "province"),
    "provincial_officer": ("province",),
    "provincial_auditor": ("province",),
    "operator": ("province",),
}
_PAIRS = ", ".join(f"('{role}', '{level}')" for role, levels in LEVELS.items() for level in levels)

BELOW = f"(office_id = {OFFICE} OR starts_with(office_id, {OFFICE} || '/'))"
# Supervisors come from the office above; the center has none above it, and the system opens an office's first accounts.
FROM_ABOVE = (
    f"(role NOT IN ('city_supervisor', 'provincial_officer') OR office_id <> {OFFICE} "
    f"OR strpos({OFFICE}, '/') = 0 OR {ROLE} = 'system')"
)
OF_THE_LEVEL = (
    f"EXISTS (SELECT FROM offices o WHERE o.id = role_grants.office_id AND (role_grants.role, o.level) IN ({_PAIRS}))"
)
OWN_UNIT = (
    f"EXISTS (SELECT FROM units u WHERE u.id = role_grants.unit_id AND {OFFICE} IN (u.office_id, u.local_office_id))"
)
GRANT = (
    f"granted_by_office_id = {OFFICE} AND account_id <> {ACCOUNT} AND ("
    f"(unit_id IS NULL AND 'staff' = ANY ({MAY}) AND {BELOW} AND {FROM_ABOVE} AND {OF_THE_LEVEL}) "
    f"OR (office_id IS NULL AND 'run_office' = ANY ({MAY}) AND role IN ('unit_manager', 'department_reviewer') "
    f"AND {OWN_UNIT}))"
)
GRANT_TO_ONESELF = f"({SIGNING_IN} AND role = 'applicant' AND office_id IS NULL AND unit_id IS NULL)"
END_GRANT = (
    f"account_id <> {ACCOUNT} AND (granted_by_office_id = {OFFICE} OR {BELOW}) "
    f"AND (CASE WHEN unit_id IS NULL THEN 'staff' ELSE 'run_office' END) = ANY ({MAY})"
)
SEE_GRANT = (
    f"{SIGNING_IN} OR account_id = {ACCOUNT} OR granted_by_office_id = {OFFICE} OR {BELOW} OR unit_id = ANY ({UNITS})"
)

_THE_CASE = (
    "SELECT FROM applications a WHERE a.id = moves.application_id AND a.state = moves.from_state "
    "AND a.handler_office_id = moves.office_id AND a.version + 1 = moves.version"
)
_AUTHOR = f"account_id = {ACCOUNT} AND role = {ROLE} AND on_behalf_of IS NOT DISTINCT FROM {BEHALF}"
MOVE = (
    f"{_AUTHOR} AND EXISTS ({_THE_CASE} "
    f"AND ((a.person_id = {PERSON} AND 'apply' = ANY ({MAY}) "
    "AND moves.action IN ('submit', 'resubmit', 'withdraw', 'supplement')) "
    f"OR (a.unit_id = ANY ({UNITS}) AND 'review_for_unit' = ANY ({MAY}) "
    "AND (moves.from_state = 'unit_review' OR moves.action = 'supplement') "
    "AND moves.action IN ('approve', 'return', 'reject', 'supplement')) "
    f"OR (a.department_id = ANY ({UNITS}) AND 'review_for_department' = ANY ({MAY}) "
    "AND (moves.from_state = 'department_review' OR moves.action = 'supplement') "
    "AND moves.action IN ('approve', 'return', 'reject', 'supplement')) "
    f"OR (a.handler_office_id = {OFFICE} AND moves.acting_office_id = {OFFICE} "
    "AND moves.from_state IN ('qualification_review', 'onsite_confirmation', 'provisional') "
    f"AND (CASE WHEN moves.from_state = 'onsite_confirmation' THEN 'confirm' ELSE 'review' END) = ANY ({MAY}) "
    "AND moves.action IN ('approve', 'return', 'reject', 'confirm', 'clear')) "
    f"OR ({SYSTEM} AND {OFFICE} IN (a.handler_office_id, a.office_id) AND moves.action IN ('lapse', 'expire')) "
    f"OR (a.office_id = {OFFICE} AND moves.acting_office_id = {OFFICE} AND 'supervise' = ANY ({MAY}) "
    "AND moves.action IN ('reopen', 'disqualify'))))"
)
MOVE_OF_PROVINCE = (
    f"{_AUTHOR} AND acting_office_id = {OFFICE} AND 'supervise' = ANY ({MAY}) "
    f"AND action IN ('reopen', 'disqualify') AND EXISTS ({_THE_CASE})"
)

# The owner may lock a case that another office has in hand, and change it by its own supervising move alone.
SEE_FOR_UPDATE = (
    f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR department_id = ANY ({UNITS}) "
    f"OR {OFFICE} IN (handler_office_id, office_id)"
)
CHANGE_CASE = (
    f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR department_id = ANY ({UNITS}) OR handler_office_id = {OFFICE} "
    f"OR (office_id = {OFFICE} AND ({SYSTEM} OR supervised(id, version, {OFFICE})))"
)
# A draft is nobody's case yet: who would have it in hand does not learn that it exists.
SEE_HANDLER = f"(office_id = {OFFICE} OR owner_office_id = {OFFICE}) AND NOT is_draft(application_id)"

# (table, policy, command, role, what it asks); each takes the place of the one of revision 0002.
POLICIES = (
    ("role_grants", "role_grants_select", "SELECT", "kaowu_app", SEE_GRANT),
    ("role_grants", "role_grants_insert", "INSERT", "kaowu_app", f"({GRANT}) OR {GRANT_TO_ONESELF}"),
    ("role_grants", "role_grants_update", "UPDATE", "kaowu_app", END_GRANT),
    ("role_grants", "role_grants_province_insert", "INSERT", "kaowu_province", GRANT),
    ("role_grants", "role_grants_province_update", "UPDATE", "kaowu_province", END_GRANT),
    ("moves", "moves_insert", "INSERT", "kaowu_app", MOVE),
    ("moves", "moves_province_insert", "INSERT", "kaowu_province", MOVE_OF_PROVINCE),
    ("case_handlers", "case_handlers_select", "SELECT", "kaowu_app", SEE_HANDLER),
    ("plugin_failures", "plugin_failures_select", "SELECT", "kaowu_app", f"office_id = {OFFICE} OR {OPERATING}"),
)

OF_THE_ACTING = "EXISTS (SELECT FROM role_grants g WHERE g.id = acting_grants.grant_id{more})"
SEE_ACTING = f"{SIGNING_IN} OR deputy_id = {ACCOUNT} OR " + OF_THE_ACTING.format(more="")
# The colleague themselves, or who staffs the office where the role is held; never somebody for themselves.
MAKE_ACTING = f"made_by = {ACCOUNT} AND deputy_id <> {ACCOUNT} AND {BEHALF} IS NULL AND " + OF_THE_ACTING.format(
    more=f" AND (g.account_id = {ACCOUNT} OR ('staff' = ANY ({MAY}) "
    f"AND (g.office_id = {OFFICE} OR starts_with(g.office_id, {OFFICE} || '/'))))"
)
END_ACTING = f"{BEHALF} IS NULL AND " + OF_THE_ACTING.format(
    more=f" AND (g.account_id = {ACCOUNT} OR ('staff' = ANY ({MAY}) "
    f"AND (g.office_id = {OFFICE} OR starts_with(g.office_id, {OFFICE} || '/'))))"
)

FUNCTIONS = """
CREATE FUNCTION supervised(p_application uuid, p_version bigint, p_office text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM moves WHERE application_id = p_application AND version = p_version
        AND acting_office_id = p_office AND action IN ('reopen', 'disqualify'))
$$;

CREATE FUNCTION is_draft(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM applications WHERE id = p_application AND state = 'draft')
$$;

CREATE FUNCTION colleague(p_grant uuid, p_login text, p_at timestamptz, OUT id uuid, OUT name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.id, c.name FROM role_grants g
    JOIN role_grants d ON d.office_id IS NOT DISTINCT FROM g.office_id AND d.unit_id IS NOT DISTINCT FROM g.unit_id
    JOIN accounts c ON c.id = d.account_id
    WHERE g.id = p_grant AND c.login = p_login AND c.id <> g.account_id AND num_nonnulls(g.office_id, g.unit_id) = 1
    AND (g.office_id = nullif(current_setting('kaowu.office_id', true), '')
        OR starts_with(g.office_id, nullif(current_setting('kaowu.office_id', true), '') || '/')
        OR g.account_id = nullif(current_setting('kaowu.account_id', true), '')::uuid)
    AND d.valid_from <= p_at AND (d.valid_until IS NULL OR d.valid_until > p_at)
    AND (c.ended_at IS NULL OR c.ended_at > p_at)
    LIMIT 1
$$;

CREATE FUNCTION holder_of(p_grant uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.name FROM role_grants g JOIN accounts c ON c.id = g.account_id WHERE g.id = p_grant
    AND (g.account_id = nullif(current_setting('kaowu.account_id', true), '')::uuid
        OR g.office_id = nullif(current_setting('kaowu.office_id', true), '')
        OR starts_with(g.office_id, nullif(current_setting('kaowu.office_id', true), '') || '/'))
$$;

CREATE FUNCTION guard_acting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    held role_grants%ROWTYPE;
BEGIN
    -- One at a time, so that two that would make a chain together cannot both see neither.
    PERFORM pg_advisory_xact_lock(hashtext('kaowu.acting_grants'));
    SELECT * INTO held FROM role_grants WHERE id = NEW.grant_id;
    IF NOT FOUND OR NOT EXISTS (
        SELECT FROM role_grants d WHERE d.account_id = NEW.deputy_id AND d.account_id <> held.account_id
        AND num_nonnulls(held.office_id, held.unit_id) = 1
        AND d.office_id IS NOT DISTINCT FROM held.office_id AND d.unit_id IS NOT DISTINCT FROM held.unit_id
    ) THEN
        RAISE EXCEPTION 'only a colleague of the same place acts for somebody' USING ERRCODE = 'KW007';
    END IF;
    IF EXISTS (
        SELECT FROM acting_grants a JOIN role_grants g ON g.id = a.grant_id
        WHERE (g.account_id = NEW.deputy_id OR a.deputy_id = held.account_id)
        AND a.valid_from < NEW.valid_until AND coalesce(a.ended_at, a.valid_until) > NEW.valid_from
    ) THEN
        RAISE EXCEPTION 'who is on leave acts for nobody meanwhile' USING ERRCODE = 'KW006';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION guard_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    deciding uuid[] := array_remove(ARRAY[NEW.account_id, NEW.on_behalf_of], NULL);
    people uuid[] := ARRAY(SELECT person_id FROM accounts WHERE id = ANY (deciding) AND person_id IS NOT NULL);
BEGIN
    IF EXISTS (SELECT FROM applications WHERE id = NEW.application_id AND person_id = ANY (people)) THEN
        RAISE EXCEPTION 'nobody decides on their own case' USING ERRCODE = 'KW004';
    END IF;
    IF NEW.from_state IN ('unit_review', 'department_review', 'qualification_review', 'onsite_confirmation')
        AND NEW.action IN ('approve', 'return', 'reject', 'confirm') AND EXISTS (
        SELECT FROM moves m WHERE m.application_id = NEW.application_id AND m.round = NEW.round
        AND m.from_state <> NEW.from_state AND m.action IN ('approve', 'confirm')
        AND (m.account_id = ANY (deciding) OR m.on_behalf_of = ANY (deciding) OR EXISTS (
            SELECT FROM accounts c WHERE c.id IN (m.account_id, m.on_behalf_of) AND c.person_id = ANY (people)))
    ) THEN
        RAISE EXCEPTION 'nobody decides on two stages of one case' USING ERRCODE = 'KW005';
    END IF;
    RETURN NEW;
END
$$;
"""
TRIGGERS = """
CREATE TRIGGER guard_acting BEFORE INSERT ON acting_grants FOR EACH ROW EXECUTE FUNCTION guard_acting();
CREATE TRIGGER guard_decision BEFORE INSERT ON moves FOR EACH ROW
    WHEN (NEW.action NOT IN ('submit', 'resubmit', 'withdraw', 'supplement', 'lapse', 'expire'))
    EXECUTE FUNCTION guard_decision();
"""
# The functions, and which of them a request may call by itself.
DEFINER_FUNCTIONS = {
    "supervised(uuid, bigint, text)": True,
    "is_draft(uuid)": True,
    "colleague(uuid, text, timestamptz)": True,
    "holder_of(uuid)": True,
    "guard_acting()": False,
    "guard_decision()": False,
}

ASKER = "who_office IN (the_case.office_id, the_case.handler_office_id)\n"
ASKER_OR_PROVINCE = (
    "who_office IN (the_case.office_id, the_case.handler_office_id)\n"
    "        -- The province reopens a case of any office, and can only give it back to its owner.\n"
    "        OR (current_setting('role') = 'kaowu_province' AND p_to = the_case.office_id)\n"
)


def upgrade() -> None:
    before = _revision_2()
    _add_columns()
    _as_definer(FUNCTIONS)
    for function, callable_by_requests in DEFINER_FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if callable_by_requests:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO kaowu_app, kaowu_province")
    for table, policy, command, role, expression in POLICIES:
        op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(before._policy(policy, table, command, role, expression))
    op.execute("DROP POLICY applications_update ON applications")
    op.execute(
        "CREATE POLICY applications_update ON applications FOR UPDATE TO kaowu_app "
        f"USING ({SEE_FOR_UPDATE}) WITH CHECK ({CHANGE_CASE})"
    )
    _protect_acting(before)
    for table in ("accounts", "role_grants"):
        op.execute(f"GRANT SELECT ON {table} TO kaowu_transfer")
        op.execute(before._policy(f"{table}_transfer_select", table, "SELECT", "kaowu_transfer", "true"))
    op.execute(TRIGGERS)
    _as_definer(_transfer_case(before, ASKER_OR_PROVINCE))


def _add_columns() -> None:
    # What a browser's session has chosen is a role, or acting for a colleague: an id of either table.
    op.drop_constraint("fk_browser_sessions_grant_id", "browser_sessions", type_="foreignkey")
    moment = sa.DateTime(timezone=True)
    op.add_column("moves", sa.Column("on_behalf_of_name", sa.Text(), nullable=False, server_default=""))
    op.alter_column("moves", "on_behalf_of_name", server_default=None)
    op.add_column("api_tokens", sa.Column("permissions", postgresql.ARRAY(sa.Text())))
    op.create_table(
        "acting_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("absent_name", sa.Text(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_name", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_from", moment, nullable=False),
        sa.Column("valid_until", moment, nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("ended_by", sa.Uuid()),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_acting_grants_dates_are_in_order")),
        sa.CheckConstraint("cardinality(permissions) > 0", name=op.f("ck_acting_grants_permits_something")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_acting_grants_ended_by_somebody")),
        sa.ForeignKeyConstraint(["grant_id"], ["role_grants.id"], name=op.f("fk_acting_grants_grant_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["accounts.id"], name=op.f("fk_acting_grants_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acting_grants")),
    )
    op.create_index(op.f("ix_acting_grants_grant_id"), "acting_grants", ["grant_id"])
    op.create_index(op.f("ix_acting_grants_deputy_id"), "acting_grants", ["deputy_id"])


def _protect_acting(before) -> None:
    op.execute("ALTER TABLE acting_grants ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE acting_grants FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT ON acting_grants TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer")
    op.execute("GRANT INSERT, UPDATE (ended_at, ended_by) ON acting_grants TO kaowu_app, kaowu_province")
    for role, seen in (
        ("kaowu_app", SEE_ACTING),
        ("kaowu_province", "true"),
        ("kaowu_auditor", "true"),
        ("kaowu_transfer", "true"),
    ):
        op.execute(before._policy(f"acting_grants_{role}_select", "acting_grants", "SELECT", role, seen))
    for role in ("kaowu_app", "kaowu_province"):
        op.execute(before._policy(f"acting_grants_{role}_insert", "acting_grants", "INSERT", role, MAKE_ACTING))
        op.execute(before._policy(f"acting_grants_{role}_update", "acting_grants", "UPDATE", role, END_ACTING))


def downgrade() -> None:
    before = _revision_2()
    _as_definer(_transfer_case(before, ASKER))
    op.execute("DROP TRIGGER guard_decision ON moves")
    op.execute("REVOKE SELECT ON accounts, role_grants FROM kaowu_transfer")
    for table in ("accounts", "role_grants"):
        op.execute(f"DROP POLICY {table}_transfer_select ON {table}")
    op.drop_table("acting_grants")
    op.execute("DROP POLICY applications_update ON applications")
    op.execute(
        before._policy("applications_update", "applications", "UPDATE", "kaowu_app", before.POLICIES["applications"][2])
    )
    for table, policy, command, role, _ in POLICIES:
        select, insert, update = before.POLICIES[table]
        held = {"SELECT": select, "INSERT": insert, "UPDATE": update}[command]
        if role == "kaowu_province":
            held = (before.PROVINCE_INSERTS if command == "INSERT" else before.PROVINCE_UPDATES)[table]
        op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(before._policy(policy, table, command, role, held))
    for function in DEFINER_FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("UPDATE browser_sessions SET grant_id = NULL")
    op.create_foreign_key("fk_browser_sessions_grant_id", "browser_sessions", "role_grants", ["grant_id"], ["id"])
    op.drop_column("api_tokens", "permissions")
    op.drop_column("moves", "on_behalf_of_name")


def _transfer_case(before, asker: str) -> str:
    """The function of revision 0002, with who may ask for a transfer put in its place."""
    start = before.FUNCTIONS.index("CREATE FUNCTION transfer_case")
    whole = before.FUNCTIONS[start : before.FUNCTIONS.index("$$;", start) + 3]
    if ASKER not in whole:
        raise RuntimeError("revision 0002 no longer has what this one replaces")
    return whole.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1).replace(ASKER, asker, 1)


def _as_definer(statements: str) -> None:
    """Make functions as the role that owns them: it cannot log in, and only its own policies let it through."""
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    op.execute(statements)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def _revision_2():
    """The revision that made the policies which this one replaces."""
    script = op.get_context().environment_context.script
    return script.get_revision("0002").module
