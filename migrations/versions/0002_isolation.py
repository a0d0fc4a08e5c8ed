"""Put every table under forced row-level security, one policy per command, and make the definer functions.

A policy reads who asks from settings that end with the transaction (core.db.session). Without them nothing is visible.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Iterator

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Who asks. Each is a sub-select, so that PostgreSQL evaluates it once a statement and not once a row.
SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
UNITS = "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]"
SIGNED = f"{SCOPE} IS NOT NULL"
SIGNING_IN = f"{SCOPE} = 'signin'"
SYSTEM = f"{SCOPE} = 'system'"

# A child row is visible exactly where its application is: the policy of applications applies inside the sub-select.
CASE = "EXISTS (SELECT FROM applications a WHERE a.id = {table}.application_id{more})"

REFERENCE = ("offices", "office_areas", "seasons", "season_subjects", "season_trades", "transitions", "alembic_version")

# table → (select, insert check, update using); None where the running role may not.
POLICIES: dict[str, tuple[str | None, str | None, str | None]] = {
    "plugin_failures": (f"office_id = {OFFICE}", SIGNED, None),
    "record_entries": (
        f"office_id = {OFFICE} OR (subject_type = 'application' AND EXISTS "
        "(SELECT FROM applications a WHERE a.id = subject_id::uuid))",
        f"account_id = {ACCOUNT}",
        None,
    ),
    "notices": (
        f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR recipient_office_id = {OFFICE}",
        SIGNED,
        f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR recipient_office_id = {OFFICE}",
    ),
    "outbox": (f"office_id = {OFFICE}", SIGNED, f"office_id = {OFFICE}"),
    "persons": (
        f"id = {PERSON} OR EXISTS (SELECT FROM applications a WHERE a.person_id = persons.id)",
        None,
        f"id = {PERSON}",
    ),
    "accounts": (
        f"{SIGNING_IN} OR id = {ACCOUNT} OR issued_by_office_id = {OFFICE}",
        f"issued_by_office_id = {OFFICE} OR ({SIGNING_IN} AND issued_by_office_id IS NULL)",
        f"{SIGNING_IN} OR issued_by_office_id = {OFFICE}",
    ),
    "role_grants": (
        f"{SIGNING_IN} OR account_id = {ACCOUNT} OR granted_by_office_id = {OFFICE} OR office_id = {OFFICE}",
        f"granted_by_office_id = {OFFICE} OR ({SIGNING_IN} AND role = 'applicant' "
        "AND office_id IS NULL AND unit_id IS NULL)",
        f"granted_by_office_id = {OFFICE}",
    ),
    "api_tokens": (
        f"{SIGNING_IN} OR account_id = {ACCOUNT} OR EXISTS (SELECT FROM accounts c "
        f"WHERE c.id = account_id AND c.issued_by_office_id = {OFFICE})",
        f"{SIGNING_IN} OR account_id = {ACCOUNT} OR EXISTS (SELECT FROM accounts c "
        f"WHERE c.id = account_id AND c.issued_by_office_id = {OFFICE})",
        f"{SIGNING_IN} OR account_id = {ACCOUNT} OR EXISTS (SELECT FROM accounts c "
        f"WHERE c.id = account_id AND c.issued_by_office_id = {OFFICE})",
    ),
    "idempotency_keys": (f"account_id = {ACCOUNT}", f"account_id = {ACCOUNT}", None),
    "units": (
        SIGNED,
        f"office_id = {OFFICE} OR local_office_id = {OFFICE} OR parent_id = ANY ({UNITS})",
        f"office_id = {OFFICE} OR local_office_id = {OFFICE} OR id = ANY ({UNITS})",
    ),
    "unit_names": (
        SIGNED,
        f"EXISTS (SELECT FROM units u WHERE u.id = unit_id AND (u.office_id = {OFFICE} "
        f"OR u.local_office_id = {OFFICE} OR u.id = ANY ({UNITS}) OR u.parent_id = ANY ({UNITS})))",
        None,
    ),
    "manager_forms": (
        f"unit_id = ANY ({UNITS}) OR office_id = {OFFICE}",
        f"unit_id = ANY ({UNITS}) OR office_id = {OFFICE}",
        f"office_id = {OFFICE}",
    ),
    "calendar_versions": (SIGNED, f"office_id = {OFFICE}", None),
    "late_entries": (
        f"person_id = {PERSON} OR office_id = {OFFICE}",
        f"office_id = {OFFICE}",
        None,
    ),
    "documents": (
        CASE.format(table="documents", more=""),
        f"uploaded_by = {ACCOUNT} AND " + CASE.format(table="documents", more=""),
        CASE.format(table="documents", more=""),
    ),
    "applications": (
        f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR department_id = ANY ({UNITS}) "
        f"OR ((state <> 'draft' OR {SYSTEM}) AND (office_id = {OFFICE} OR handler_office_id = {OFFICE} "
        f"OR EXISTS (SELECT FROM case_handlers h WHERE h.application_id = applications.id "
        f"AND h.office_id = {OFFICE})))",
        f"state = 'draft' AND version = 0 AND handler_office_id = office_id "
        f"AND (person_id = {PERSON} OR unit_id = ANY ({UNITS}))",
        f"person_id = {PERSON} OR unit_id = ANY ({UNITS}) OR department_id = ANY ({UNITS}) "
        f"OR handler_office_id = {OFFICE} OR office_id = {OFFICE}",
    ),
    "submissions": (
        CASE.format(table="submissions", more=""),
        CASE.format(table="submissions", more=f" AND a.person_id = {PERSON}"),
        None,
    ),
    "findings": (
        CASE.format(table="findings", more=""),
        CASE.format(table="findings", more=f" AND a.person_id = {PERSON}"),
        None,
    ),
    "finding_settlements": (
        CASE.format(table="finding_settlements", more=""),
        f"account_id = {ACCOUNT} AND office_id = {OFFICE} AND "
        + CASE.format(table="finding_settlements", more=f" AND a.handler_office_id = {OFFICE}"),
        None,
    ),
    "moves": (
        CASE.format(table="moves", more=""),
        f"account_id = {ACCOUNT} AND EXISTS (SELECT FROM applications a WHERE a.id = moves.application_id "
        "AND a.state = moves.from_state AND a.handler_office_id = moves.office_id AND a.version + 1 = moves.version "
        f"AND ((a.person_id = {PERSON} AND moves.action IN ('submit', 'resubmit', 'withdraw', 'supplement')) "
        f"OR (a.unit_id = ANY ({UNITS}) AND (moves.from_state = 'unit_review' OR moves.action = 'supplement')"
        " AND moves.action IN ('approve', 'return', 'reject', 'supplement')) "
        f"OR (a.department_id = ANY ({UNITS}) AND (moves.from_state = 'department_review' "
        "OR moves.action = 'supplement') AND moves.action IN ('approve', 'return', 'reject', 'supplement')) "
        f"OR (a.handler_office_id = {OFFICE} AND moves.acting_office_id = {OFFICE} "
        "AND moves.from_state IN ('qualification_review', 'onsite_confirmation', 'provisional') "
        "AND moves.action IN ('approve', 'return', 'reject', 'confirm', 'clear')) "
        f"OR ({SYSTEM} AND {OFFICE} IN (a.handler_office_id, a.office_id) AND moves.action IN ('lapse', 'expire')) "
        f"OR (a.office_id = {OFFICE} AND moves.acting_office_id = {OFFICE} "
        "AND moves.action IN ('reopen', 'disqualify'))))",
        None,
    ),
    "deferrals": (
        CASE.format(table="deferrals", more=""),
        f"committed_by = {ACCOUNT} AND "
        + CASE.format(table="deferrals", more=f" AND (a.unit_id = ANY ({UNITS}) OR a.department_id = ANY ({UNITS}))"),
        CASE.format(
            table="deferrals",
            more=f" AND (a.person_id = {PERSON} OR a.unit_id = ANY ({UNITS}) OR a.department_id = ANY ({UNITS}) "
            f"OR a.handler_office_id = {OFFICE} OR ({SYSTEM} AND a.office_id = {OFFICE}))",
        ),
    ),
    "review_items": (
        CASE.format(table="review_items", more=""),
        f"account_id = {ACCOUNT} AND " + CASE.format(table="review_items", more=""),
        None,
    ),
    "rosters": (
        # The office that a batch was handed in to reads the roster, whoever owns the cases.
        f"unit_id = ANY ({UNITS}) OR office_id = {OFFICE} "
        "OR EXISTS (SELECT FROM onsite_batches b WHERE b.roster_id = rosters.id)",
        f"unit_id = ANY ({UNITS})",
        None,
    ),
    "onsite_batches": (
        f"unit_id = ANY ({UNITS}) OR office_id = {OFFICE}",
        f"unit_id = ANY ({UNITS})",
        f"office_id = {OFFICE}",
    ),
    "onsite_batch_items": (
        "EXISTS (SELECT FROM onsite_batches b WHERE b.id = batch_id)",
        f"EXISTS (SELECT FROM onsite_batches b WHERE b.id = batch_id AND b.unit_id = ANY ({UNITS}))",
        None,
    ),
    "originals": (
        f"office_id = {OFFICE} OR " + CASE.format(table="originals", more=""),
        f"office_id = {OFFICE} AND " + CASE.format(table="originals", more=f" AND a.handler_office_id = {OFFICE}"),
        f"office_id = {OFFICE}",
    ),
    "delegations": (
        SIGNED,
        f"from_office_id = {OFFICE} AND state = 'pending'",
        f"from_office_id = {OFFICE} OR to_office_id = {OFFICE}",
    ),
    "case_handlers": (f"office_id = {OFFICE} OR owner_office_id = {OFFICE}", None, None),
    "pending_handovers": (
        CASE.format(table="pending_handovers", more=""),
        f"office_id = {OFFICE} AND " + CASE.format(table="pending_handovers", more=""),
        None,
    ),
    "samples": (f"office_id = {OFFICE}", f"office_id = {OFFICE}", None),
    "sample_items": (
        f"office_id = {OFFICE} OR " + CASE.format(table="sample_items", more=""),
        f"office_id = {OFFICE}",
        f"office_id = {OFFICE}",
    ),
    "bans": (
        f"person_id = {PERSON} OR office_id = {OFFICE}",
        f"office_id = {OFFICE}",
        f"office_id = {OFFICE}",
    ),
    "filings": (
        f"office_id = {OFFICE} OR to_office_id = {OFFICE} OR ({SIGNED} AND kind = 'exam_dates' AND state = 'received')",
        f"office_id = {OFFICE} AND state = 'filed'",
        f"to_office_id = {OFFICE} AND state = 'filed'",
    ),
}

# Rows that may go again, and by whom.
DELETES = {
    "idempotency_keys": f"account_id = {ACCOUNT}",
    "pending_handovers": CASE.format(table="pending_handovers", more=""),
}

# What a command may change where it may not change every column.
UPDATE_COLUMNS = {
    "applications": (
        "department_id, person_name, id_tail, unit_name, grade, trade, path, state, version, round, form, route, "
        "desks, "
        "onsite_needed, deferral_open, unlocked_items, submitted_at, due_at"
    ),
    "notices": "read_at",
    "outbox": "state, attempts, last_error, sent_at",
    "persons": "phone",
    "accounts": "name, ended_at, person_id",
    "role_grants": "valid_until",
    "api_tokens": "revoked_at",
    "units": "parent_id, name, ended_at, successor_id",
    "manager_forms": "state, decided_at, decided_by, remark, account_id, stamped_scan_sha256",
    "documents": "superseded_at",
    "deferrals": "state, document_id, supplemented_at, ended_at",
    "onsite_batches": "state, receipt_number, decided_at, decided_by, remark",
    "originals": "returned_at, returned_by, returned_to",
    "sample_items": "verdict, remark, decided_at, decided_by",
    "bans": "lifted_at",
    "filings": "state, receipt_number, remark, decided_at, decided_by",
}

# What the province does besides reading everything: insert checks and updates of its own role.
PROVINCE_INSERTS = {
    "record_entries": f"account_id = {ACCOUNT}",
    "plugin_failures": SIGNED,
    "notices": SIGNED,
    "outbox": SIGNED,
    "idempotency_keys": f"account_id = {ACCOUNT}",
    "accounts": f"issued_by_office_id = {OFFICE}",
    "role_grants": f"granted_by_office_id = {OFFICE}",
    "api_tokens": f"EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {OFFICE})",
    "calendar_versions": f"office_id = {OFFICE}",
    "bans": f"office_id = {OFFICE}",
    # A unit moves from one office to another by the province's act.
    "units": SIGNED,
    "unit_names": SIGNED,
    "moves": f"account_id = {ACCOUNT} AND acting_office_id = {OFFICE} AND action IN ('reopen', 'disqualify') "
    "AND EXISTS (SELECT FROM applications a WHERE a.id = moves.application_id AND a.state = moves.from_state "
    "AND a.handler_office_id = moves.office_id AND a.version + 1 = moves.version)",
}
PROVINCE_UPDATES = {
    "applications": "true",
    "units": "true",
    "notices": f"recipient_office_id = {OFFICE}",
    "filings": f"to_office_id = {OFFICE} AND state = 'filed'",
    "bans": f"office_id = {OFFICE}",
    "accounts": f"issued_by_office_id = {OFFICE}",
    "role_grants": f"granted_by_office_id = {OFFICE}",
    "api_tokens": f"EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {OFFICE})",
}

FUNCTIONS = """
CREATE FUNCTION transfer_case(
    p_application uuid, p_to text, p_delegation uuid, p_reason text, p_at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    who_office text := nullif(current_setting('kaowu.office_id', true), '');
    who_person uuid := nullif(current_setting('kaowu.person_id', true), '')::uuid;
    who_account uuid := nullif(current_setting('kaowu.account_id', true), '')::uuid;
    the_case applications%ROWTYPE;
BEGIN
    SELECT * INTO the_case FROM applications WHERE id = p_application FOR UPDATE;
    IF NOT FOUND OR NOT coalesce(
        who_office IN (the_case.office_id, the_case.handler_office_id)
        OR (who_person = the_case.person_id AND the_case.state IN ('draft', 'returned')), false
    ) THEN
        RAISE EXCEPTION 'not the asker''s case to transfer' USING ERRCODE = 'KW404';
    END IF;
    IF p_to <> the_case.office_id AND NOT EXISTS (
        SELECT FROM delegations d WHERE d.id = p_delegation AND d.from_office_id = the_case.office_id
        AND d.to_office_id = p_to AND d.state = 'in_force'
    ) THEN
        RAISE EXCEPTION 'office % holds no delegation in force for this case', p_to USING ERRCODE = 'KW002';
    END IF;
    IF p_to = the_case.handler_office_id THEN
        RETURN;
    END IF;
    UPDATE applications SET handler_office_id = p_to WHERE id = p_application;
    UPDATE case_handlers SET until = p_at WHERE application_id = p_application AND until IS NULL;
    INSERT INTO case_handlers (application_id, office_id, owner_office_id, "from", delegation_id, reason, account_id)
    VALUES (p_application, p_to, the_case.office_id, p_at, p_delegation, p_reason, who_account);
END
$$;

CREATE FUNCTION open_case_handler() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO case_handlers (application_id, office_id, owner_office_id, "from", reason, account_id)
    VALUES (NEW.id, NEW.office_id, NEW.office_id, NEW.created_at, 'created', NEW.created_by);
    RETURN NULL;
END
$$;

CREATE FUNCTION claim_person(
    p_id uuid, p_hash bytea, p_number bytea, p_tail text, p_name text, p_birth date, p_sex text, p_phone bytea,
    p_at timestamptz
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    known persons%ROWTYPE;
BEGIN
    INSERT INTO persons (id, id_hash, id_number, id_tail, name, birth_date, sex, phone, created_at)
    VALUES (p_id, p_hash, p_number, p_tail, p_name, p_birth, p_sex, p_phone, p_at)
    ON CONFLICT (id_hash) DO NOTHING;
    SELECT * INTO known FROM persons WHERE id_hash = p_hash;
    IF known.name <> p_name THEN
        RAISE EXCEPTION 'the identity number is registered under another name' USING ERRCODE = 'KW001';
    END IF;
    RETURN known.id;
END
$$;

CREATE FUNCTION person_ban_until(p_person uuid, p_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT max(ends) FROM bans
    WHERE person_id = p_person AND begins <= p_at AND p_at < ends AND (lifted_at IS NULL OR lifted_at > p_at)
$$;
"""

GUARD = """
CREATE FUNCTION guard_application() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    who_office text := nullif(current_setting('kaowu.office_id', true), '');
BEGIN
    IF NEW.state = OLD.state AND NEW.version = OLD.version THEN
        IF current_user <> 'kaowu_transfer' AND who_office IS NOT NULL AND who_office <> OLD.handler_office_id THEN
            RAISE EXCEPTION 'office % is not in charge of this case', who_office USING ERRCODE = 'KW003';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM moves m WHERE m.application_id = NEW.id AND m.version = NEW.version
        AND NEW.version = OLD.version + 1 AND m.from_state = OLD.state AND m.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'a state changes only by a move' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_application BEFORE UPDATE ON applications FOR EACH ROW EXECUTE FUNCTION guard_application();
CREATE TRIGGER open_case_handler AFTER INSERT ON applications FOR EACH ROW EXECUTE FUNCTION open_case_handler();
"""

DEFINER_FUNCTIONS = (
    "transfer_case(uuid, text, uuid, text, timestamptz)",
    "claim_person(uuid, bytea, bytea, text, text, date, text, bytea, timestamptz)",
    "person_ban_until(uuid, timestamptz)",
    "open_case_handler()",
)

TRANSFER_GRANTS = """
GRANT SELECT, UPDATE (handler_office_id) ON applications TO kaowu_transfer;
GRANT SELECT, INSERT, UPDATE (until) ON case_handlers TO kaowu_transfer;
GRANT SELECT ON delegations, offices, bans, moves TO kaowu_transfer;
GRANT SELECT, INSERT ON persons TO kaowu_transfer;
"""
TRANSFER_POLICIES = {
    "applications": ("SELECT", "UPDATE"),
    "case_handlers": ("SELECT", "INSERT", "UPDATE"),
    "delegations": ("SELECT",),
    "bans": ("SELECT",),
    "moves": ("SELECT",),
    "persons": ("SELECT", "INSERT"),
}


def _policy(name: str, table: str, command: str, role: str, expression: str) -> str:  # noqa: PLR0917
    clause = {
        "INSERT": f"WITH CHECK ({expression})",
        "UPDATE": f"USING ({expression}) WITH CHECK (true)",
    }.get(command, f"USING ({expression})")
    return f"CREATE POLICY {name} ON {table} FOR {command} TO {role} {clause}"


def _running_role() -> Iterator[str]:
    for table, (select, insert, update) in POLICIES.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        if select:
            yield f"GRANT SELECT ON {table} TO kaowu_app"
            yield _policy(f"{table}_select", table, "SELECT", "kaowu_app", select)
        if insert:
            yield f"GRANT INSERT ON {table} TO kaowu_app"
            yield _policy(f"{table}_insert", table, "INSERT", "kaowu_app", insert)
        if update:
            columns = f" ({UPDATE_COLUMNS[table]})" if table in UPDATE_COLUMNS else ""
            yield f"GRANT UPDATE{columns} ON {table} TO kaowu_app"
            yield _policy(f"{table}_update", table, "UPDATE", "kaowu_app", update)
    for table, expression in DELETES.items():
        yield f"GRANT DELETE ON {table} TO kaowu_app"
        yield _policy(f"{table}_delete", table, "DELETE", "kaowu_app", expression)


def _supervisors() -> Iterator[str]:
    for table in POLICIES:
        for role in ("kaowu_province", "kaowu_auditor"):
            if table not in {"api_tokens", "idempotency_keys"}:
                yield f"GRANT SELECT ON {table} TO {role}"
                yield _policy(f"{table}_{role}_select", table, "SELECT", role, "true")
    yield "GRANT SELECT ON api_tokens, idempotency_keys TO kaowu_province"
    yield _policy("own_keys", "idempotency_keys", "SELECT", "kaowu_province", f"account_id = {ACCOUNT}")
    yield _policy(
        "issued_tokens",
        "api_tokens",
        "SELECT",
        "kaowu_province",
        f"EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {OFFICE})",
    )
    yield "GRANT INSERT ON record_entries TO kaowu_auditor"
    yield _policy("auditor_insert", "record_entries", "INSERT", "kaowu_auditor", f"account_id = {ACCOUNT}")
    for table, expression in PROVINCE_INSERTS.items():
        yield f"GRANT INSERT ON {table} TO kaowu_province"
        yield _policy(f"{table}_province_insert", table, "INSERT", "kaowu_province", expression)
    for table, expression in PROVINCE_UPDATES.items():
        yield f"GRANT UPDATE ({UPDATE_COLUMNS[table]}) ON {table} TO kaowu_province"
        yield _policy(f"{table}_province_update", table, "UPDATE", "kaowu_province", expression)


def upgrade() -> None:
    for table in REFERENCE:
        op.execute(f"GRANT SELECT ON {table} TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer")
    for statement in (*_running_role(), *_supervisors()):
        op.execute(statement)
    op.execute("CREATE SEQUENCE application_numbers")
    op.execute("GRANT USAGE ON SEQUENCE application_numbers TO kaowu_app")
    op.execute(FUNCTIONS)
    op.execute(GUARD)
    op.execute(TRANSFER_GRANTS)
    for table, commands in TRANSFER_POLICIES.items():
        for command in commands:
            op.execute(_policy(f"{table}_transfer_{command.lower()}", table, command, "kaowu_transfer", "true"))
    # The definer functions belong to a role that cannot log in and that only these policies let through.
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    for function in DEFINER_FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if not function.startswith("open_case_handler"):
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO kaowu_app, kaowu_province")
        op.execute(f"ALTER FUNCTION {function} OWNER TO kaowu_transfer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def downgrade() -> None:
    op.execute("DROP TRIGGER open_case_handler ON applications")
    op.execute("DROP TRIGGER guard_application ON applications")
    op.execute("DROP FUNCTION guard_application()")
    for function in DEFINER_FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP SEQUENCE application_numbers")
    op.execute(
        "DO $$ DECLARE p record; BEGIN FOR p IN SELECT polname, polrelid::regclass AS t FROM pg_policy "
        "LOOP EXECUTE format('DROP POLICY %I ON %s', p.polname, p.t); END LOOP; END $$"
    )
    for table in POLICIES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    everything = "ALL TABLES IN SCHEMA public"
    op.execute(f"REVOKE ALL ON {everything} FROM kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer")
