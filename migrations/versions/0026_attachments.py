"""Files of what is no application: one table, each file as visible as the thing that it belongs to.

Insert-only. Who may add a file is asked of the thing, in the words of core.documents.subjects as they stand at this
revision; a test holds the two together. The digest that a thing has of its paper follows from the file.

Revision ID: 0026
Revises: 0024
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None

SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
UNITS = "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
OWN = f"attachments.office_id = {OFFICE}"

# subject → (table, office, standing, other office, unit, application, digest)
THINGS: dict[str, tuple[str, str, str | None, str | None, str | None, str | None, str | None]] = {
    "delegation": ("delegations", "from_office_id", "state", "to_office_id", None, None, "scan_sha256"),
    "roster": ("rosters", "office_id", "kind", None, "unit_id", None, None),
    "onsite_batch": ("onsite_batches", "office_id", "state", None, "unit_id", None, "stamped_scan_sha256"),
    "manager_form": ("manager_forms", "office_id", "state", None, "unit_id", None, "stamped_scan_sha256"),
    "incident": ("incidents", "office_id", None, None, None, "application_id", None),
    "score_check": ("score_checks", "office_id", "state", None, None, "application_id", None),
    "mark_correction": ("mark_corrections", "office_id", "state", None, None, "application_id", None),
    "sanction_case": ("sanction_cases", "office_id", "state", "opened_by_office_id", None, "application_id", None),
    "objection": ("objections", "office_id", "state", None, None, None, None),
    "evaluation_panel": ("evaluation_panels", "office_id", "state", None, None, None, None),
}
_UNITS = ("review_for_department", "review_for_unit")
_OF_A_CASE = tuple(
    (party, ("run_office", "supervise"), ("appealed", "decided", "hearing", "proposed"))
    for party in ("office", "other_office")
)
# subject, kind, by whom it is seen, and who adds it: (party, one of these permissions, while the thing stands so).
KINDS: tuple[tuple[str, str, str, tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]], ...] = (
    (
        "delegation",
        "instrument",
        "by_offices",
        (("office", ("supervise",), ("in_force", "paused", "pending")),),
    ),
    ("roster", "stamped", "with_subject", (("unit", _UNITS, ("passed",)),)),
    ("onsite_batch", "stamped", "with_subject", (("unit", _UNITS, ("handed_in",)),)),
    (
        "manager_form",
        "annex",
        "with_subject",
        (("unit", _UNITS, ("filed",)), ("office", ("run_office",), ("accepted", "filed"))),
    ),
    ("incident", "evidence", "with_subject", (("office", ("examine", "schedule"), ()),)),
    ("score_check", "request", "with_subject", (("person", ("apply",), ("open",)),)),
    ("score_check", "evidence", "by_office", (("office", ("examine",), ("dismissed", "open", "upheld")),)),
    ("mark_correction", "evidence", "with_subject", (("office", ("examine", "supervise"), ("asked",)),)),
    ("sanction_case", "evidence", "with_subject", _OF_A_CASE),
    ("sanction_case", "lead", "by_offices", _OF_A_CASE),
    ("sanction_case", "statement", "with_subject", (("person", ("apply",), ("hearing",)),)),
    ("sanction_case", "appeal", "with_subject", (("person", ("apply",), ("appealed",)),)),
    ("objection", "grounds", "by_supervisors", (("anybody", (), ("open",)),)),
    ("objection", "inquiry", "by_supervisors", (("office", ("supervise",), ("open",)),)),
    ("evaluation_panel", "minutes", "with_subject", (("office", ("examine",), ("closed", "scoring")),)),
)

# Anybody objects and nobody but the office reads it: of an open objection this says which office that is.
FUNCTIONS = """
CREATE FUNCTION open_objection_office(p_objection uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT office_id FROM objections WHERE id = p_objection AND state = 'open'
$$;

CREATE FUNCTION attachment_digest() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    earlier text := (SELECT a.sha256 FROM attachments a WHERE a.id = NEW.supersedes);
BEGIN
    -- The first file of a paper, or what supersedes that one; further ones have their digests in their own rows.
    IF NEW.supersedes IS NULL AND EXISTS (
        SELECT FROM attachments a WHERE a.subject_id = NEW.subject_id AND a.subject_type = NEW.subject_type
        AND a.kind = NEW.kind AND a.id <> NEW.id
    ) THEN
        RETURN NULL;
    END IF;
    IF NEW.subject_type = 'delegation' THEN
        UPDATE delegations SET scan_sha256 = NEW.sha256
        WHERE id = NEW.subject_id AND (earlier IS NULL OR scan_sha256 = earlier);
    ELSIF NEW.subject_type = 'onsite_batch' THEN
        UPDATE onsite_batches SET stamped_scan_sha256 = NEW.sha256
        WHERE id = NEW.subject_id AND (earlier IS NULL OR stamped_scan_sha256 = earlier);
    ELSIF NEW.subject_type = 'manager_form' THEN
        UPDATE manager_forms SET stamped_scan_sha256 = NEW.sha256
        WHERE id = NEW.subject_id AND (earlier IS NULL OR stamped_scan_sha256 = earlier);
    END IF;
    RETURN NULL;
END
$$;
"""
TRIGGER = """
CREATE TRIGGER attachment_digest AFTER INSERT ON attachments FOR EACH ROW EXECUTE FUNCTION attachment_digest()
"""
# table → what the functions see of it, and what they change.
TRANSFER = {
    "attachments": ("id, subject_type, subject_id, kind, sha256", None),
    "delegations": (None, "scan_sha256"),
    "onsite_batches": ("id, stamped_scan_sha256", "stamped_scan_sha256"),
    "manager_forms": ("id, stamped_scan_sha256", "stamped_scan_sha256"),
    "objections": ("id, office_id, state", None),
}


def upgrade() -> None:
    """Make the table, its policies, and what keeps digests and files together."""
    _make_table()
    op.execute("ALTER TABLE attachments ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE attachments FORCE ROW LEVEL SECURITY")
    for table, (seen, changed) in TRANSFER.items():
        if seen is not None:
            op.execute(f"GRANT SELECT ({seen}) ON {table} TO kaowu_transfer")
            op.execute(f"CREATE POLICY attached_select ON {table} FOR SELECT TO kaowu_transfer USING (true)")
        if changed is not None:
            op.execute(f"GRANT UPDATE ({changed}) ON {table} TO kaowu_transfer")
            op.execute(f"CREATE POLICY attached_update ON {table} FOR UPDATE TO kaowu_transfer USING (true)")
    op.execute(FUNCTIONS)
    op.execute(TRIGGER)
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    for function in ("open_objection_office(uuid)", "attachment_digest()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"ALTER FUNCTION {function} OWNER TO kaowu_transfer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    op.execute("GRANT EXECUTE ON FUNCTION open_objection_office(uuid) TO kaowu_app, kaowu_province")
    op.execute("RESET ROLE")
    for statement in _protect():
        op.execute(statement)


def downgrade() -> None:
    """Take it all away again. The files stay in the store, for ``kaowu documents sweep``."""
    op.drop_table("attachments")
    op.execute("DROP FUNCTION attachment_digest()")
    op.execute("DROP FUNCTION open_objection_office(uuid)")
    for table, (seen, changed) in TRANSFER.items():
        if table == "attachments":
            continue
        if seen is not None:
            op.execute(f"DROP POLICY attached_select ON {table}")
            op.execute(f"REVOKE SELECT ({seen}) ON {table} FROM kaowu_transfer")  # noqa: S608 - constants above
        if changed is not None:
            op.execute(f"DROP POLICY attached_update ON {table}")
            op.execute(f"REVOKE UPDATE ({changed}) ON {table} FROM kaowu_transfer")


def _protect() -> Iterator[str]:
    yield "GRANT SELECT, INSERT, UPDATE (scan_verdict, scanned_at) ON attachments TO kaowu_app"
    yield "GRANT SELECT, INSERT ON attachments TO kaowu_province"
    yield "GRANT SELECT ON attachments TO kaowu_auditor"
    yield (
        "GRANT SELECT, UPDATE (title, file_name, reason, uploaded_name, sealed_key, erased_at) "
        "ON attachments TO kaowu_keeper"
    )
    system = f"{SCOPE} = 'system' AND {OWN}"
    yield f"CREATE POLICY attachments_select ON attachments FOR SELECT TO kaowu_app USING (({system}) OR {_seen()})"
    for role in ("kaowu_province", "kaowu_auditor", "kaowu_keeper"):
        yield f"CREATE POLICY {role}_select ON attachments FOR SELECT TO {role} USING (true)"
    for role in ("kaowu_app", "kaowu_province"):
        check = f"uploaded_by = {ACCOUNT} AND erased_at IS NULL AND {_added(above=role == 'kaowu_province')}"
        yield f"CREATE POLICY {role}_insert ON attachments FOR INSERT TO {role} WITH CHECK ({check})"
    yield f"CREATE POLICY attachments_update ON attachments FOR UPDATE TO kaowu_app USING ({system})"
    yield "CREATE POLICY keeper_update ON attachments FOR UPDATE TO kaowu_keeper USING (true)"


def _seen() -> str:
    """By whom files are seen, thing by thing; the policies of the things' own tables hold inside."""
    cases = []
    for subject, (table, office, _, other, *_) in THINGS.items():
        here = f"EXISTS (SELECT FROM {table} s WHERE s.id = attachments.subject_id{{more}})"
        ways = {
            "with_subject": here.format(more=""),
            "by_offices": here.format(more=f" AND {OFFICE} IN (s.{office}, s.{other or office})"),
            "by_office": OWN,
            "by_supervisors": f"{OWN} AND 'supervise' = ANY ({MAY})",
        }
        kinds = [f"WHEN '{kind}' THEN {ways[seen]}" for of, kind, seen, _ in KINDS if of == subject]
        cases.append(f"WHEN '{subject}' THEN CASE kind {' '.join(kinds)} END")
    return f"CASE subject_type {' '.join(cases)} END"


def _added(*, above: bool) -> str:
    """Who adds files, thing by thing; ``above`` for the center, which supervises every case of sanctions."""
    cases = []
    for subject in THINGS:
        kinds = [
            f"WHEN '{kind}' THEN {' OR '.join(_adds(subject, *one, above=above) for one in adding)}"
            for of, kind, _, adding in KINDS
            if of == subject
        ]
        cases.append(f"WHEN '{subject}' THEN CASE kind {' '.join(kinds)} END")
    return f"CASE subject_type {' '.join(cases)} END"


def _adds(subject: str, party: str, permissions: tuple[str, ...], standings: tuple[str, ...], *, above: bool) -> str:
    if party == "anybody":
        return "(application_id IS NULL AND attachments.office_id = open_objection_office(attachments.subject_id))"
    table, office, standing, other, unit, application, _ = THINGS[subject]
    parties = {
        "office": "true" if above and subject == "sanction_case" else f"s.{office} = {OFFICE}",
        "other_office": f"s.{other} = {OFFICE}",
        "unit": f"s.{unit} = ANY ({UNITS})",
        "person": f"EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {PERSON})",
    }
    case = f"s.{application}" if application else "NULL"
    asked = [
        "s.id = attachments.subject_id",
        f"s.{office} = attachments.office_id",
        f"attachments.application_id IS NOT DISTINCT FROM {case}",
        parties[party],
    ]
    if standings:
        asked.append(f"s.{standing} IN ({', '.join(repr(one) for one in standings)})")
    may = f"{MAY} && ARRAY[{', '.join(repr(one) for one in permissions)}]"
    return f"({may} AND EXISTS (SELECT FROM {table} s WHERE {' AND '.join(asked)}))"


def _make_table() -> None:
    subjects = ", ".join(f"'{one}'" for one in THINGS)
    kinds = ", ".join(f"('{subject}', '{kind}')" for subject, kind, *_ in KINDS)
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_name", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.Uuid()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scan_verdict", sa.Text(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True)),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachments_not_empty")),
        sa.CheckConstraint(
            "scan_verdict IN ('not_scanned', 'clean', 'infected')", name=op.f("ck_attachments_scan_verdict_is_known")
        ),
        sa.CheckConstraint(f"subject_type IN ({subjects})", name=op.f("ck_attachments_subject_is_known")),
        sa.CheckConstraint(f"(subject_type, kind) IN ({kinds})", name=op.f("ck_attachments_kind_is_known")),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_attachments_has_a_title")),
        sa.CheckConstraint(
            "(supersedes IS NULL) = (btrim(reason) = '')", name=op.f("ck_attachments_superseded_for_a_reason")
        ),
        sa.CheckConstraint("supersedes <> id", name=op.f("ck_attachments_supersedes_another")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_attachments_office_id")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_attachments_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint(
            "id", "subject_type", "subject_id", "kind", name=op.f("uq_attachments_id_subject_type_subject_id_kind")
        ),
        sa.UniqueConstraint("supersedes", name=op.f("uq_attachments_supersedes")),
        sa.ForeignKeyConstraint(
            ["supersedes", "subject_type", "subject_id", "kind"],
            ["attachments.id", "attachments.subject_type", "attachments.subject_id", "attachments.kind"],
            name=op.f("fk_attachments_supersedes_subject_type_subject_id_kind"),
        ),
    )
    op.create_index("ix_attachments_subject_id", "attachments", ["subject_id", "subject_type"])
    op.create_index("ix_attachments_office_id", "attachments", ["office_id", "id"])
    op.create_index("ix_attachments_application_id", "attachments", ["application_id"])
