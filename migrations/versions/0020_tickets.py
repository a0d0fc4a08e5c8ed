"""Admission tickets, the papers made of them, who came, incidents, and the register of what is kept safe.

A ticket is issued to a qualified candidate alone, which an open deferral excludes. A candidate reads their own ticket
and attendance; incidents and the register are the office's. What anybody may learn of a ticket by its number is
``ticket_standing``: when it was issued and whether it is still in force.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
ACCOUNT = "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
UNITS = "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
OURS = f"office_id = {OFFICE}"
SCHEDULING = f"{OURS} AND 'schedule' = ANY ({MAY})"
ON_SITE = f"{OURS} AND {MAY} && ARRAY['schedule', 'examine']"
AT_WORK = f"{OURS} AND ({MAY} && ARRAY['schedule', 'examine'] OR {SCOPE} = 'system')"
CASE = """EXISTS (SELECT FROM applications a WHERE a.id = {table}.application_id AND {more})"""
OWN = f"(a.person_id = {PERSON} OR a.unit_id = ANY ({UNITS}))"


def _own(table: str) -> str:
    return CASE.format(table=table, more=OWN)


# table → (select, insert, update, the columns that an update may change, delete); None where nobody may.
POLICIES: dict[str, tuple[str, str, str | None, str, str | None]] = {
    "admission_tickets": (
        f"{OURS} OR {_own('admission_tickets')}",
        f"{SCHEDULING} AND "
        + CASE.format(
            table="admission_tickets", more="a.office_id = admission_tickets.office_id AND a.state = 'qualified'"
        ),
        SCHEDULING,
        "voided_at, void_reason",
        None,
    ),
    "ticket_commitments": (
        CASE.format(table="ticket_commitments", more=f"({OWN} OR a.office_id = {OFFICE})"),
        f"committed_by = {ACCOUNT} AND " + CASE.format(table="ticket_commitments", more=f"a.person_id = {PERSON}"),
        None,
        "",
        None,
    ),
    "paper_jobs": (OURS, ON_SITE, AT_WORK, "state, done, finished_at", None),
    "paper_parts": (OURS, AT_WORK, None, "", AT_WORK),
    "attendances": (
        f"{OURS} OR {_own('attendances')}",
        ON_SITE,
        ON_SITE,
        "room_id, state, way, client_id, noted_at, received_at, noted_by",
        None,
    ),
    "incidents": (OURS, ON_SITE, None, "", None),
    "custody_entries": (OURS, ON_SITE, ON_SITE, "keeper, place, keep_until, ended_at, ended_how", None),
    "custody_handovers": (OURS, ON_SITE, None, "", None),
}

FUNCTIONS = """
CREATE FUNCTION seats_told(p_plan uuid) RETURNS TABLE (application_id uuid, digest text)
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT s.application_id, encode(sha256(convert_to(string_agg(
        concat_ws('/', s.sitting_id, s.room_id, s.seat, extract(epoch FROM t.starts_at), extract(epoch FROM t.ends_at)),
        ',' ORDER BY s.sitting_id), 'UTF8')), 'hex')
    FROM seats s JOIN sittings t ON t.id = s.sitting_id
    WHERE s.plan_id = p_plan AND s.published_at IS NOT NULL AND s.voided_at IS NULL
    GROUP BY s.application_id
$$;

CREATE FUNCTION ticket_standing(p_number text) RETURNS TABLE (issued_at timestamptz, voided_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT t.issued_at, t.voided_at FROM admission_tickets t WHERE t.number = p_number
$$;
"""


def upgrade() -> None:
    """Make the tables, their policies and what the public may ask."""
    op.create_table(
        "admission_tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("seats_digest", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True)),
        sa.Column("void_reason", sa.Text()),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_admission_tickets_voided_for_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_admission_tickets_application_id")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_admission_tickets_office_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "office_id"],
            ["plans.id", "plans.office_id"],
            name=op.f("fk_admission_tickets_plan_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_admission_tickets_number")),
    )
    op.create_index("ix_admission_tickets_application_id", "admission_tickets", ["application_id"], unique=False)
    op.create_index("ix_admission_tickets_plan_id", "admission_tickets", ["plan_id", "number"], unique=False)
    op.create_index(
        "uq_admission_tickets_one_in_force",
        "admission_tickets",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "custody_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("sitting_id", sa.Uuid()),
        sa.Column("site_id", sa.Uuid()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_how", sa.Text()),
        sa.CheckConstraint("digest ~ '^([0-9a-f]{64})?$'", name=op.f("ck_custody_entries_digest_is_one")),
        sa.CheckConstraint(
            "kind IN ('recording', 'paper', 'answers', 'marks', 'registration', 'other')",
            name=op.f("ck_custody_entries_kind_known"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_custody_entries_ended_somehow")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_custody_entries_office_id")),
        sa.ForeignKeyConstraint(["site_id"], ["exam_sites.id"], name=op.f("fk_custody_entries_site_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_custody_entries_sitting_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_custody_entries_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_entries")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_custody_entries_id_office_id")),
    )
    op.create_index(
        "ix_custody_entries_office_id_year", "custody_entries", ["office_id", "year", "taken_at"], unique=False
    )
    op.create_table(
        "paper_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "kind IN ('tickets', 'door_lists', 'seat_charts', 'sign_in_sheets', 'invigilators')",
            name=op.f("ck_paper_jobs_kind_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'ready', 'failed')", name=op.f("ck_paper_jobs_state_is_known")
        ),
        sa.CheckConstraint("done <= total", name=op.f("ck_paper_jobs_no_more_than_asked_for")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_paper_jobs_office_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "office_id"], ["plans.id", "plans.office_id"], name=op.f("fk_paper_jobs_plan_id_office_id")
        ),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_paper_jobs_sitting_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_paper_jobs_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_jobs")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_paper_jobs_id_office_id")),
    )
    op.create_index("ix_paper_jobs_office_id_year", "paper_jobs", ["office_id", "year", "asked_at"], unique=False)
    op.create_table(
        "ticket_commitments",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_ticket_commitments_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_ticket_commitments")),
    )
    op.create_table(
        "attendances",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('present', 'absent')", name=op.f("ck_attendances_state_is_known")),
        sa.CheckConstraint("way IN ('scan', 'number', 'list', 'close')", name=op.f("ck_attendances_way_is_known")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_attendances_application_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_attendances_office_id")),
        sa.ForeignKeyConstraint(["room_id"], ["exam_rooms.id"], name=op.f("fk_attendances_room_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_attendances_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", "application_id", name=op.f("pk_attendances")),
        sa.UniqueConstraint("client_id", name=op.f("uq_attendances_client_id")),
    )
    op.create_index("ix_attendances_sitting_id_room_id", "attendances", ["sitting_id", "room_id"], unique=False)
    op.create_table(
        "custody_handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("from_keeper", sa.Text(), nullable=False),
        sa.Column("to_keeper", sa.Text(), nullable=False),
        sa.Column("to_place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id", "office_id"],
            ["custody_entries.id", "custody_entries.office_id"],
            name=op.f("fk_custody_handovers_entry_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_custody_handovers_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_handovers")),
    )
    op.create_index("ix_custody_handovers_entry_id", "custody_handovers", ["entry_id", "id"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("sitting_id", sa.Uuid()),
        sa.Column("site_id", sa.Uuid()),
        sa.Column("application_id", sa.Uuid()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class", sa.BigInteger()),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("custody_id", sa.Uuid()),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'violation') = (application_id IS NOT NULL) AND (kind = 'violation') = (class IS NOT NULL)",
            name=op.f("ck_incidents_violation_is_somebodys"),
        ),
        sa.CheckConstraint("btrim(facts) <> ''", name=op.f("ck_incidents_says_what_happened")),
        sa.CheckConstraint(
            "kind IN ('equipment', 'disturbance', 'emergency', 'change', 'violation')",
            name=op.f("ck_incidents_kind_known"),
        ),
        sa.CheckConstraint("class BETWEEN 1 AND 3", name=op.f("ck_incidents_class_is_known")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_incidents_application_id")),
        sa.ForeignKeyConstraint(["custody_id"], ["custody_entries.id"], name=op.f("fk_incidents_custody_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_incidents_office_id")),
        sa.ForeignKeyConstraint(["site_id"], ["exam_sites.id"], name=op.f("fk_incidents_site_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_incidents_sitting_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_incidents_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("client_id", name=op.f("uq_incidents_client_id")),
    )
    op.create_index("ix_incidents_application_id", "incidents", ["application_id"], unique=False)
    op.create_index("ix_incidents_office_id_year", "incidents", ["office_id", "year", "happened_at"], unique=False)
    op.create_table(
        "paper_parts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id", "office_id"],
            ["paper_jobs.id", "paper_jobs.office_id"],
            name=op.f("fk_paper_parts_job_id_office_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_paper_parts_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_parts")),
        sa.UniqueConstraint("job_id", "part", name=op.f("uq_paper_parts_job_id_part")),
    )
    for table in POLICIES:
        _protect(table)
    op.execute("GRANT SELECT (id, content), UPDATE (content) ON paper_parts TO kaowu_keeper")
    op.execute("CREATE POLICY keeper_select ON paper_parts FOR SELECT TO kaowu_keeper USING (true)")
    op.execute("CREATE POLICY keeper_update ON paper_parts FOR UPDATE TO kaowu_keeper USING (true)")
    op.execute("CREATE SEQUENCE ticket_numbers")
    op.execute("GRANT USAGE ON SEQUENCE ticket_numbers TO kaowu_app")
    op.execute(FUNCTIONS)
    op.execute("GRANT SELECT ON admission_tickets TO kaowu_transfer")
    op.execute("CREATE POLICY transfer_select ON admission_tickets FOR SELECT TO kaowu_transfer USING (true)")
    op.execute("REVOKE ALL ON FUNCTION ticket_standing(text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION ticket_standing(text) TO kaowu_app, kaowu_province, kaowu_auditor")
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    op.execute("ALTER FUNCTION ticket_standing(text) OWNER TO kaowu_transfer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")


def _protect(table: str) -> None:
    """One policy per command: the running role by what it may do, province and auditor read everything."""
    select, insert, update, columns, delete = POLICIES[table]
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO kaowu_app")
    op.execute(f"CREATE POLICY app_select ON {table} FOR SELECT TO kaowu_app USING ({select})")
    op.execute(f"CREATE POLICY app_insert ON {table} FOR INSERT TO kaowu_app WITH CHECK ({insert})")
    if update:
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO kaowu_app")
        op.execute(f"CREATE POLICY app_update ON {table} FOR UPDATE TO kaowu_app USING ({update})")
    if delete:
        op.execute(f"GRANT DELETE ON {table} TO kaowu_app")
        op.execute(f"CREATE POLICY app_delete ON {table} FOR DELETE TO kaowu_app USING ({delete})")
    for role in ("kaowu_province", "kaowu_auditor"):
        op.execute(f"GRANT SELECT ON {table} TO {role}")
        op.execute(f"CREATE POLICY {role}_select ON {table} FOR SELECT TO {role} USING (true)")


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP FUNCTION ticket_standing(text)")
    op.execute("DROP FUNCTION seats_told(uuid)")
    op.execute("DROP SEQUENCE ticket_numbers")
    for table in (
        "custody_handovers",
        "incidents",
        "custody_entries",
        "attendances",
        "paper_parts",
        "paper_jobs",
        "ticket_commitments",
        "admission_tickets",
    ):
        op.drop_table(table)
