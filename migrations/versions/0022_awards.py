"""Publication, certificates, archives, sanction cases.

What the public reads of a list is a view, and of a certificate one function that must be told the digest of number and
name: both belong to a role that cannot log in, and show nothing else. A certificate without a pass and a closed list,
or one revived, is refused here whoever asks; so is a step that the procedure of a case does not know.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
SUPERVISES = f"'supervise' = ANY ({MAY})"
OWN = f"office_id = {OFFICE}"
ITS_CASE = "EXISTS (SELECT FROM applications a WHERE a.id = {table}.application_id{more})"
OWN_CASE = f" AND a.office_id = {OFFICE}"

TABLES = (
    "publications",
    "publication_entries",
    "objections",
    "certificates",
    "archive_packages",
    "sanction_cases",
    "sanction_steps",
    "sanction_evidence",
)

_IN_DRAFT = (
    "EXISTS (SELECT FROM publications p WHERE p.id = publication_entries.publication_id "
    "AND p.office_id = publication_entries.office_id AND p.state = 'draft')"
)
_OUT = "EXISTS (SELECT FROM publications p WHERE p.id = {table}.publication_id AND p.state <> 'draft')"
_IN_ITS_PERIOD = (
    "EXISTS (SELECT FROM publications p WHERE p.id = objections.publication_id AND p.office_id = objections.office_id "
    "AND p.state = 'published' AND objections.received_at >= p.published_at AND objections.received_at < p.ends_at)"
)
_THE_CASE = "EXISTS (SELECT FROM sanction_cases c WHERE c.id = {table}.case_id{more})"
_OF_PERSON = f"state <> 'proposed' AND state <> 'dropped' AND {ITS_CASE}".format(
    table="sanction_cases", more=f" AND a.person_id = {PERSON}"
)

# (table, command, role, expression): one policy per command.
POLICIES: tuple[tuple[str, str, str, str], ...] = (
    ("publications", "SELECT", "kaowu_app", f"{OWN} OR (state <> 'draft' AND {SCOPE} IS NOT NULL)"),
    ("publications", "INSERT", "kaowu_app", f"{OWN} AND state = 'draft' AND {SUPERVISES}"),
    ("publications", "UPDATE", "kaowu_app", f"{OWN} AND {SUPERVISES}"),
    ("publications", "DELETE", "kaowu_app", f"{OWN} AND state = 'draft' AND {SUPERVISES}"),
    (
        "publication_entries",
        "SELECT",
        "kaowu_app",
        f"{OWN} OR ({_OUT.format(table='publication_entries')} "
        f"AND {ITS_CASE.format(table='publication_entries', more='')})",
    ),
    (
        "publication_entries",
        "INSERT",
        "kaowu_app",
        f"{OWN} AND {SUPERVISES} AND {_IN_DRAFT} AND {ITS_CASE.format(table='publication_entries', more=OWN_CASE)}",
    ),
    ("publication_entries", "UPDATE", "kaowu_app", f"{OWN} AND {SUPERVISES}"),
    ("publication_entries", "DELETE", "kaowu_app", f"{OWN} AND {SUPERVISES} AND {_IN_DRAFT}"),
    ("objections", "SELECT", "kaowu_app", OWN),
    ("objections", "INSERT", "kaowu_app", f"state = 'open' AND {_IN_ITS_PERIOD}"),
    ("objections", "UPDATE", "kaowu_app", f"{OWN} AND {SUPERVISES}"),
    ("objections", "SELECT", "kaowu_keeper", "true"),
    ("objections", "UPDATE", "kaowu_keeper", "true"),
    ("certificates", "SELECT", "kaowu_app", f"{OWN} OR {ITS_CASE.format(table='certificates', more='')}"),
    (
        "certificates",
        "INSERT",
        "kaowu_app",
        f"{OWN} AND {SUPERVISES} AND revoked_at IS NULL AND {ITS_CASE.format(table='certificates', more=OWN_CASE)}",
    ),
    ("certificates", "UPDATE", "kaowu_app", f"{OWN} AND {SUPERVISES}"),
    ("certificates", "UPDATE", "kaowu_province", SUPERVISES),
    ("archive_packages", "SELECT", "kaowu_app", OWN),
    ("archive_packages", "INSERT", "kaowu_app", f"{OWN} AND state = 'waiting'"),
    ("archive_packages", "UPDATE", "kaowu_app", f"{OWN} AND {SCOPE} = 'system'"),
    ("archive_packages", "SELECT", "kaowu_keeper", "true"),
    ("archive_packages", "UPDATE", "kaowu_keeper", "true"),
    ("sanction_cases", "SELECT", "kaowu_app", f"{OWN} OR opened_by_office_id = {OFFICE} OR ({_OF_PERSON})"),
    (
        "sanction_cases",
        "INSERT",
        "kaowu_app",
        f"state = 'proposed' AND version = 0 AND opened_by_office_id = {OFFICE} AND opened_by = {ACCOUNT} "
        f"AND 'run_office' = ANY ({MAY}) "
        f"AND {ITS_CASE.format(table='sanction_cases', more=' AND a.office_id = sanction_cases.office_id')}",
    ),
    ("sanction_cases", "UPDATE", "kaowu_app", f"({OWN} AND {SUPERVISES}) OR ({_OF_PERSON})"),
    (
        "sanction_cases",
        "INSERT",
        "kaowu_province",
        f"state = 'proposed' AND version = 0 AND opened_by_office_id = {OFFICE} AND opened_by = {ACCOUNT} "
        f"AND {SUPERVISES} "
        f"AND {ITS_CASE.format(table='sanction_cases', more=' AND a.office_id = sanction_cases.office_id')}",
    ),
    ("sanction_cases", "UPDATE", "kaowu_province", SUPERVISES),
    ("sanction_steps", "SELECT", "kaowu_app", _THE_CASE.format(table="sanction_steps", more="")),
    (
        "sanction_steps",
        "INSERT",
        "kaowu_app",
        f"account_id = {ACCOUNT} AND ("
        f"(action IN ('state', 'appeal') AND office_id IS NULL AND {PERSON} IS NOT NULL "
        f"AND {_THE_CASE.format(table='sanction_steps', more='')}) "
        f"OR (action NOT IN ('state', 'appeal', 'uphold', 'overturn') AND office_id = {OFFICE} AND {SUPERVISES} "
        f"AND {_THE_CASE.format(table='sanction_steps', more=f' AND c.office_id = {OFFICE}')}))",
    ),
    (
        "sanction_steps",
        "INSERT",
        "kaowu_province",
        f"account_id = {ACCOUNT} AND office_id = {OFFICE} AND {SUPERVISES} AND action NOT IN ('state', 'appeal')",
    ),
    ("sanction_evidence", "SELECT", "kaowu_app", _THE_CASE.format(table="sanction_evidence", more="")),
    (
        "sanction_evidence",
        "INSERT",
        "kaowu_app",
        f"added_by = {ACCOUNT} AND {OFFICE} IS NOT NULL AND " + _THE_CASE.format(table="sanction_evidence", more=""),
    ),
    ("sanction_evidence", "INSERT", "kaowu_province", f"added_by = {ACCOUNT}"),
    *((table, "SELECT", role, "true") for table in TABLES for role in ("kaowu_province", "kaowu_auditor")),
    *(
        (table, "SELECT", "kaowu_transfer", "true")
        for table in ("publications", "publication_entries", "certificates", "sanction_cases")
    ),
)

_STATE_COLUMNS = (
    "state, version, hearing_until, appeal_until, decided_at, decided_by, decided_by_office_id, disqualifies, revokes, "
    "ban_years, ban_begins"
)
COLUMNS = {
    ("publications", "UPDATE", "kaowu_app"): (
        "state, published_at, published_by, ends_at, closed_at, closed_by, notice_number"
    ),
    ("publication_entries", "UPDATE", "kaowu_app"): "struck_at, struck_by, struck_reason",
    ("objections", "UPDATE", "kaowu_app"): "state, decided_at, decided_by, reason",
    ("objections", "SELECT", "kaowu_keeper"): "id, contact",
    ("objections", "UPDATE", "kaowu_keeper"): "contact",
    ("certificates", "UPDATE", "kaowu_app"): "revoked_at, revoked_by, revoked_reason, returned_at, returned_by",
    ("certificates", "UPDATE", "kaowu_province"): "revoked_at, revoked_by, revoked_reason, returned_at, returned_by",
    ("archive_packages", "UPDATE", "kaowu_app"): "state, done, total, made_at, size, sha256, failure",
    ("archive_packages", "SELECT", "kaowu_keeper"): "id, sealed_key",
    ("archive_packages", "UPDATE", "kaowu_keeper"): "sealed_key",
    ("sanction_cases", "UPDATE", "kaowu_app"): _STATE_COLUMNS,
    ("sanction_cases", "UPDATE", "kaowu_province"): _STATE_COLUMNS,
    ("certificates", "SELECT", "kaowu_transfer"): "verification, application_id, number, year, issued_at, revoked_at",
}

# The table of core.sanctions.procedure as it stands at this revision; a test holds them together.
CASE_STEPS = (
    ("hear", "proposed", "hearing"),
    ("drop", "proposed", "dropped"),
    ("state", "hearing", "hearing"),
    ("clear", "hearing", "cleared"),
    ("decide", "hearing", "decided"),
    ("appeal", "decided", "appealed"),
    ("carry_out", "decided", "final"),
    ("uphold", "appealed", "final"),
    ("overturn", "appealed", "overturned"),
)
_STEP_LIST = ", ".join(f"('{action}', '{source}', '{end}')" for action, source, end in CASE_STEPS)
PROCEDURE = f"""
CREATE FUNCTION sanction_procedure() RETURNS TABLE (action text, from_state text, to_state text)
LANGUAGE sql IMMUTABLE SET search_path = public AS $$ VALUES {_STEP_LIST} $$
"""

# What the public reads. Each belongs to a role that cannot log in and that only its own policies let through.
PUBLIC = """
CREATE VIEW published_entries WITH (security_barrier) AS
    SELECT e.publication_id, e.position,
        CASE p.name_shown
            WHEN 'full' THEN a.person_name
            WHEN 'middle' THEN left(a.person_name, 1) || repeat('*', greatest(char_length(a.person_name) - 2, 1))
                || CASE WHEN char_length(a.person_name) > 2 THEN right(a.person_name, 1) ELSE '' END
            ELSE left(a.person_name, 1) || repeat('*', greatest(char_length(a.person_name) - 1, 1))
        END AS shown_name,
        right(a.id_tail, p.tail_digits::integer) AS shown_tail,
        CASE WHEN p.units_shown THEN a.unit_name ELSE '' END AS shown_unit,
        a.grade, a.trade
    FROM publication_entries e
    JOIN publications p ON p.id = e.publication_id
    JOIN applications a ON a.id = e.application_id
    WHERE p.state <> 'draft' AND e.struck_at IS NULL;

CREATE FUNCTION certificate_standing(p_verification bytea)
RETURNS TABLE (number text, year bigint, grade bigint, trade text, issued_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.number, c.year, a.grade, a.trade, c.issued_at, c.revoked_at
    FROM certificates c JOIN applications a ON a.id = c.application_id
    WHERE c.verification = p_verification
$$;

CREATE FUNCTION under_sanction(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (
        SELECT FROM sanction_cases
        WHERE application_id = p_application AND state IN ('proposed', 'hearing', 'decided', 'appealed')
    )
$$;
"""
FUNCTIONS = ("certificate_standing(bytea)", "under_sanction(uuid)")

GUARDS = """
CREATE FUNCTION guard_publication() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT (
        (OLD.state, NEW.state) IN (('draft', 'published'), ('published', 'closed'))
        OR (OLD.state = NEW.state AND OLD.published_at IS NOT DISTINCT FROM NEW.published_at
            AND OLD.ends_at IS NOT DISTINCT FROM NEW.ends_at AND OLD.closed_at IS NOT DISTINCT FROM NEW.closed_at)
    ) OR (OLD.state <> 'draft' AND OLD.ends_at <> NEW.ends_at) THEN
        RAISE EXCEPTION 'a list goes from draft to published to closed, and keeps its period' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_publication BEFORE UPDATE ON publications FOR EACH ROW EXECUTE FUNCTION guard_publication();

CREATE FUNCTION guard_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NOT EXISTS (
        SELECT FROM outcomes o WHERE o.application_id = NEW.application_id AND o.passed
    ) THEN
        RAISE EXCEPTION 'only who passed is listed' USING ERRCODE = 'KW003';
    ELSIF TG_OP = 'UPDATE' AND OLD.struck_at IS NOT NULL THEN
        RAISE EXCEPTION 'a line that was struck stays struck' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_entry BEFORE INSERT OR UPDATE ON publication_entries
    FOR EACH ROW EXECUTE FUNCTION guard_entry();

CREATE FUNCTION guard_objection() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    -- The keeper seals the contact anew and changes nothing else.
    IF OLD.state <> 'open' AND OLD.contact = NEW.contact THEN
        RAISE EXCEPTION 'an objection is decided once' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_objection BEFORE UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_objection();

CREATE FUNCTION guard_certificate() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
            OR OLD.returned_at IS NOT NULL AND NEW.returned_at IS DISTINCT FROM OLD.returned_at THEN
            RAISE EXCEPTION 'a certificate that was revoked is never revived' USING ERRCODE = 'KW003';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM publication_entries e
        JOIN publications p ON p.id = e.publication_id
        JOIN applications a ON a.id = e.application_id
        JOIN outcomes o ON o.application_id = e.application_id
        WHERE e.publication_id = NEW.publication_id AND e.application_id = NEW.application_id
        AND e.struck_at IS NULL AND p.state = 'closed' AND p.closed_at <= NEW.issued_at
        AND a.state = 'qualified' AND o.passed
    ) THEN
        RAISE EXCEPTION 'no certificate without a pass and a list whose period is over' USING ERRCODE = 'KW003';
    ELSIF under_sanction(NEW.application_id) THEN
        RAISE EXCEPTION 'no certificate while a case is open' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_certificate BEFORE INSERT OR UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION guard_certificate();

CREATE FUNCTION guard_sanction_step() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    the_case sanction_cases%ROWTYPE;
BEGIN
    SELECT * INTO the_case FROM sanction_cases WHERE id = NEW.case_id;
    IF NOT FOUND OR the_case.state <> NEW.from_state OR the_case.version + 1 <> NEW.version
        OR (NEW.action, NEW.from_state, NEW.to_state) NOT IN (SELECT * FROM sanction_procedure()) THEN
        RAISE EXCEPTION 'not a step of this case''s procedure' USING ERRCODE = 'KW003';
    END IF;
    IF NEW.action IN ('decide', 'clear') AND NEW.at < the_case.hearing_until AND NOT EXISTS (
        SELECT FROM sanction_steps s WHERE s.case_id = NEW.case_id AND s.action = 'state'
    ) OR NEW.action = 'carry_out' AND NEW.at < the_case.appeal_until
        OR NEW.action = 'state' AND NEW.at >= the_case.hearing_until
        OR NEW.action = 'appeal' AND NEW.at >= the_case.appeal_until
        OR NEW.action IN ('uphold', 'overturn') AND NEW.account_id = the_case.decided_by THEN
        RAISE EXCEPTION 'not at this time, or not by this account' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_sanction_step BEFORE INSERT ON sanction_steps
    FOR EACH ROW EXECUTE FUNCTION guard_sanction_step();

CREATE FUNCTION guard_sanction_case() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 OR NOT EXISTS (
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
CREATE TRIGGER guard_sanction_case BEFORE UPDATE ON sanction_cases
    FOR EACH ROW EXECUTE FUNCTION guard_sanction_case();
"""
GUARDED = {
    "guard_publication": "publications",
    "guard_entry": "publication_entries",
    "guard_objection": "objections",
    "guard_certificate": "certificates",
    "guard_sanction_step": "sanction_steps",
    "guard_sanction_case": "sanction_cases",
}


def upgrade() -> None:
    """Make the tables and their policies, what the public reads, and the guards."""
    _make_publications()
    _make_certificates()
    _make_sanctions()
    for statement in _protect():
        op.execute(statement)
    op.execute(PUBLIC)
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute("ALTER VIEW published_entries OWNER TO kaowu_transfer")
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO kaowu_app, kaowu_province, kaowu_auditor")
        op.execute(f"ALTER FUNCTION {function} OWNER TO kaowu_transfer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    op.execute("GRANT SELECT ON published_entries TO kaowu_app, kaowu_province, kaowu_auditor")
    op.execute("RESET ROLE")
    op.execute(PROCEDURE)
    op.execute(GUARDS)


def downgrade() -> None:
    """Take it all away again."""
    for guard, table in GUARDED.items():
        op.execute(f"DROP TRIGGER {guard} ON {table}")
        op.execute(f"DROP FUNCTION {guard}()")
    op.execute("DROP FUNCTION sanction_procedure()")
    op.execute("DROP VIEW published_entries")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table in ("sanction_evidence", "sanction_steps", "sanction_cases", "archive_packages", "certificates"):
        op.drop_table(table)
    for table in ("objections", "publication_entries", "publications"):
        op.drop_table(table)


def _protect() -> Iterator[str]:
    for table in TABLES:
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for table, command, role, expression in POLICIES:
        columns = COLUMNS.get((table, command, role))
        yield f"GRANT {command}{f' ({columns})' if columns else ''} ON {table} TO {role}"
        clause = {"INSERT": f"WITH CHECK ({expression})", "UPDATE": f"USING ({expression}) WITH CHECK (true)"}.get(
            command, f"USING ({expression})"
        )
        name = f"{table}_{role.removeprefix('kaowu_')}_{command.lower()}"
        yield f"CREATE POLICY {name} ON {table} FOR {command} TO {role} {clause}"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[sa.Text]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[sa.BigInteger]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _make_publications() -> None:
    op.create_table(
        "publications",
        _id("id"),
        _text("office_id"),
        _number("year"),
        _number("version"),
        sa.Column("grades", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        _text("state"),
        _number("working_days"),
        _text("name_shown"),
        _number("tail_digits"),
        sa.Column("units_shown", sa.Boolean(), nullable=False),
        _number("entry_count"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _moment("drafted_at"),
        _id("drafted_by"),
        _moment("published_at", nullable=True),
        _id("published_by", nullable=True),
        _moment("ends_at", nullable=True),
        _moment("closed_at", nullable=True),
        _id("closed_by", nullable=True),
        _text("notice_number"),
        _check("publications", "state_is_known", "state IN ('draft', 'published', 'closed')"),
        _check("publications", "name_shown_is_known", "name_shown IN ('full', 'middle', 'surname')"),
        _check("publications", "shows_four_digits_at_most", "tail_digits BETWEEN 0 AND 4"),
        _check(
            "publications",
            "period_when_published",
            "(state = 'draft') = (published_at IS NULL) AND (published_at IS NULL) = (ends_at IS NULL)",
        ),
        _check("publications", "period_is_in_order", "published_at < ends_at"),
        _check("publications", "closed_at_a_moment", "(state = 'closed') = (closed_at IS NOT NULL)"),
        _check("publications", "closed_after_its_period", "closed_at >= ends_at"),
        _reference("publications", "office_id", "offices.id"),
        _reference("publications", "year", "seasons.year"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("office_id", "year", "version", name=op.f("uq_publications_office_id_year_version")),
    )
    op.create_table(
        "publication_entries",
        _id("publication_id"),
        _id("application_id"),
        _text("office_id"),
        _number("position"),
        _moment("struck_at", nullable=True),
        _id("struck_by", nullable=True),
        _text("struck_reason"),
        _check("publication_entries", "struck_for_a_reason", "struck_at IS NULL OR btrim(struck_reason) <> ''"),
        _reference("publication_entries", "publication_id", "publications.id"),
        _reference("publication_entries", "application_id", "applications.id"),
        _reference("publication_entries", "office_id", "offices.id"),
        sa.PrimaryKeyConstraint("publication_id", "application_id", name=op.f("pk_publication_entries")),
        sa.UniqueConstraint("publication_id", "position", name=op.f("uq_publication_entries_publication_id_position")),
    )
    op.create_index(
        "uq_publication_entries_standing",
        "publication_entries",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("struck_at IS NULL"),
    )
    op.create_table(
        "objections",
        _id("id"),
        _id("publication_id"),
        _text("office_id"),
        _text("receipt"),
        _number("position", nullable=True),
        _text("grounds"),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        _moment("received_at"),
        _text("state"),
        _moment("decided_at", nullable=True),
        _id("decided_by", nullable=True),
        _text("reason"),
        _check("objections", "state_is_known", "state IN ('open', 'sustained', 'dismissed')"),
        _check("objections", "decided_at_a_moment", "(state = 'open') = (decided_at IS NULL)"),
        _check("objections", "decided_for_a_reason", "state = 'open' OR btrim(reason) <> ''"),
        _reference("objections", "publication_id", "publications.id"),
        _reference("objections", "office_id", "offices.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        sa.UniqueConstraint("receipt", name=op.f("uq_objections_receipt")),
    )
    op.create_index("ix_objections_office_id_publication_id", "objections", ["office_id", "publication_id"])


def _make_certificates() -> None:
    op.create_table(
        "certificates",
        _id("id"),
        _text("office_id"),
        _id("application_id"),
        _id("publication_id"),
        _number("year"),
        _text("number"),
        sa.Column("verification", sa.LargeBinary(), nullable=False),
        _text("code"),
        _moment("issued_at"),
        _id("issued_by"),
        _moment("revoked_at", nullable=True),
        _id("revoked_by", nullable=True),
        _text("revoked_reason"),
        _moment("returned_at", nullable=True),
        _id("returned_by", nullable=True),
        _check("certificates", "number_is_plain", "number ~ '^[0-9A-Z-]{6,32}$'"),
        _check("certificates", "revoked_for_a_reason", "revoked_at IS NULL OR btrim(revoked_reason) <> ''"),
        _check("certificates", "revoked_after_issue", "revoked_at >= issued_at"),
        _check("certificates", "returned_once_revoked", "returned_at IS NULL OR returned_at >= revoked_at"),
        _reference("certificates", "office_id", "offices.id"),
        _reference("certificates", "application_id", "applications.id"),
        _reference("certificates", "publication_id", "publications.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("application_id", name=op.f("uq_certificates_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificates_number")),
        sa.UniqueConstraint("verification", name=op.f("uq_certificates_verification")),
    )
    op.create_index(op.f("ix_certificates_publication_id"), "certificates", ["publication_id"])
    op.create_index("ix_certificates_office_id_year", "certificates", ["office_id", "year", "number"])
    op.create_table(
        "archive_packages",
        _id("id"),
        _text("office_id"),
        _number("year"),
        _id("publication_id"),
        _text("state"),
        _number("done"),
        _number("total"),
        _moment("requested_at"),
        _id("requested_by"),
        _moment("made_at", nullable=True),
        _number("size", nullable=True),
        _text("sha256", nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        _text("failure"),
        _check("archive_packages", "state_is_known", "state IN ('waiting', 'making', 'made', 'failed')"),
        _check("archive_packages", "made_has_a_digest", "(state = 'made') = (sha256 IS NOT NULL)"),
        _check("archive_packages", "done_is_part_of_total", "done <= total"),
        _reference("archive_packages", "office_id", "offices.id"),
        _reference("archive_packages", "year", "seasons.year"),
        _reference("archive_packages", "publication_id", "publications.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_packages")),
    )
    op.create_index("ix_archive_packages_office_id_year", "archive_packages", ["office_id", "year"])


_CASE_STATES = "'proposed', 'hearing', 'decided', 'appealed', 'final', 'dropped', 'cleared', 'overturned'"


def _make_sanctions() -> None:
    op.create_table(
        "sanction_cases",
        _id("id"),
        _id("application_id"),
        _text("office_id"),
        _text("opened_by_office_id"),
        _moment("opened_at"),
        _id("opened_by"),
        _text("facts"),
        _text("state"),
        _number("version"),
        _moment("hearing_until", nullable=True),
        _moment("appeal_until", nullable=True),
        _moment("decided_at", nullable=True),
        _id("decided_by", nullable=True),
        _text("decided_by_office_id", nullable=True),
        sa.Column("disqualifies", sa.Boolean(), nullable=False),
        sa.Column("revokes", sa.Boolean(), nullable=False),
        _number("ban_years"),
        _moment("ban_begins", nullable=True),
        _check("sanction_cases", "state_is_known", f"state IN ({_CASE_STATES})"),
        _check("sanction_cases", "has_facts", "btrim(facts) <> ''"),
        _check("sanction_cases", "ban_is_bounded", "ban_years BETWEEN 0 AND 10"),
        _reference("sanction_cases", "application_id", "applications.id"),
        _reference("sanction_cases", "office_id", "offices.id"),
        _reference("sanction_cases", "opened_by_office_id", "offices.id"),
        _reference("sanction_cases", "decided_by_office_id", "offices.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_cases")),
    )
    op.create_index(op.f("ix_sanction_cases_application_id"), "sanction_cases", ["application_id"])
    op.create_index("ix_sanction_cases_office_id", "sanction_cases", ["office_id", "state"])
    op.create_index("ix_sanction_cases_opened_by_office_id", "sanction_cases", ["opened_by_office_id"])
    op.create_index(
        "uq_sanction_cases_one_open",
        "sanction_cases",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'hearing', 'decided', 'appealed')"),
    )
    op.create_table(
        "sanction_steps",
        _id("case_id"),
        _number("version"),
        _text("action"),
        _text("from_state"),
        _text("to_state"),
        _text("words"),
        _moment("at"),
        _id("account_id"),
        _text("actor_name"),
        _text("office_id", nullable=True),
        _reference("sanction_steps", "case_id", "sanction_cases.id"),
        _reference("sanction_steps", "office_id", "offices.id"),
        sa.PrimaryKeyConstraint("case_id", "version", name=op.f("pk_sanction_steps")),
    )
    op.create_table(
        "sanction_evidence",
        _id("id"),
        _id("case_id"),
        _text("title"),
        _id("document_id", nullable=True),
        _text("sha256"),
        _moment("added_at"),
        _id("added_by"),
        _check("sanction_evidence", "is_something", "document_id IS NOT NULL OR sha256 ~ '^[0-9a-f]{64}$'"),
        _check("sanction_evidence", "has_a_title", "btrim(title) <> ''"),
        _reference("sanction_evidence", "case_id", "sanction_cases.id"),
        _reference("sanction_evidence", "document_id", "documents.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_evidence")),
    )
    op.create_index(op.f("ix_sanction_evidence_case_id"), "sanction_evidence", ["case_id"])
