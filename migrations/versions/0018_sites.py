"""Exam sites with their rooms and sign-offs, sittings, and training.

Sites, sittings and courses are public facts and may be read by everybody; who is enrolled, and how a check turned out,
may not. A room cannot be used twice at a time, an unready site not at all, and a course takes no more than it has
places for: PostgreSQL sees to these.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCOPE = "(SELECT nullif(current_setting('kaowu.scope', true), ''))"
OFFICE = "(SELECT nullif(current_setting('kaowu.office_id', true), ''))"
PERSON = "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)"
UNITS = "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]"
MAY = "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]"
ANYBODY = f"{SCOPE} IS NOT NULL"
SCHEDULING = f"office_id = {OFFICE} AND 'schedule' = ANY ({MAY})"
ON_SITE = f"office_id = {OFFICE} AND {MAY} && ARRAY['schedule', 'examine']"
CASE = f"""EXISTS (SELECT FROM applications a WHERE a.id = training_enrolments.application_id
    AND (a.person_id = {PERSON} OR a.unit_id = ANY ({UNITS})))"""

# table → (select, insert, update, the columns that an update may change); None where nobody may.
POLICIES = {
    "exam_sites": (
        ANYBODY,
        SCHEDULING,
        ON_SITE,
        "name, address, directions, area_code, opens_on, closes_on, ready_at, closed_at, closed_reason",
    ),
    "exam_rooms": (ANYBODY, SCHEDULING, SCHEDULING, "name, machines, reserve_machines, accessible, retired_at"),
    "site_sign_offs": (
        f"office_id = {OFFICE} OR EXISTS (SELECT FROM site_offices s WHERE s.site_id = site_sign_offs.site_id "
        f"AND s.served_office_id = {OFFICE})",
        ON_SITE,
        None,
        "",
    ),
    "site_offices": (ANYBODY, SCHEDULING, None, ""),
    "site_preferences": (f"office_id = {OFFICE}", SCHEDULING, SCHEDULING, "cost"),
    "sittings": (
        ANYBODY,
        SCHEDULING,
        SCHEDULING,
        "starts_at, ends_at, subjects, grades, trades, by_trade, cancelled_at, cancelled_reason",
    ),
    # The times of its rooms follow a sitting by the foreign key, which acts as the tables' owner.
    "sitting_rooms": (ANYBODY, SCHEDULING, SCHEDULING, "withdrawn_at, withdrawn_reason"),
    "training_courses": (ANYBODY, SCHEDULING, SCHEDULING, "cancelled_at, cancelled_reason"),
    "training_enrolments": (
        f"office_id = {OFFICE} OR {CASE}",
        f"({SCHEDULING}) OR (attended IS NULL AND {CASE})",
        f"({SCHEDULING}) OR (attended IS NULL AND {CASE})",
        "withdrawn_at, attended, attended_at, attended_by, certificate_number",
    ),
}
DELETES = {"site_offices": SCHEDULING, "site_preferences": SCHEDULING}

GUARDS = """
CREATE FUNCTION guard_site_ready() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.ready_at IS NOT NULL AND OLD.ready_at IS NULL AND (
        SELECT count(*) FROM (
            SELECT DISTINCT ON (item) item, passed FROM site_sign_offs WHERE site_id = NEW.id ORDER BY item, id DESC
        ) latest WHERE passed
    ) < 4 THEN
        RAISE EXCEPTION 'the checklist of this site is not signed off' USING ERRCODE = 'KW018';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_site_ready BEFORE UPDATE ON exam_sites FOR EACH ROW EXECUTE FUNCTION guard_site_ready();

CREATE FUNCTION guard_sitting_room() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    the_site exam_sites%ROWTYPE;
BEGIN
    IF NEW.withdrawn_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO the_site FROM exam_sites WHERE id = NEW.site_id;
    IF the_site.ready_at IS NULL OR the_site.closed_at IS NOT NULL
        OR EXISTS (SELECT FROM exam_rooms WHERE id = NEW.room_id AND retired_at IS NOT NULL)
        OR NOT EXISTS (SELECT FROM site_offices WHERE site_id = NEW.site_id AND served_office_id = NEW.office_id)
    THEN
        RAISE EXCEPTION 'this site may not be used' USING ERRCODE = 'KW018';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_sitting_room BEFORE INSERT OR UPDATE OF withdrawn_at ON sitting_rooms
FOR EACH ROW EXECUTE FUNCTION guard_sitting_room();

CREATE FUNCTION training_places_taken(p_course uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT count(*) FROM training_enrolments WHERE course_id = p_course AND withdrawn_at IS NULL
$$;

CREATE FUNCTION guard_training_places() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    -- Two who take the last place do so one after the other.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.course_id::text, 18));
    IF (SELECT count(*) FROM training_enrolments WHERE course_id = NEW.course_id AND withdrawn_at IS NULL)
        > (SELECT places FROM training_courses WHERE id = NEW.course_id) THEN
        RAISE EXCEPTION 'this course is full' USING ERRCODE = 'KW019';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER guard_training_places AFTER INSERT ON training_enrolments
FOR EACH ROW EXECUTE FUNCTION guard_training_places();
"""
DEFINER_FUNCTIONS = ("training_places_taken(uuid)", "guard_training_places()")


def upgrade() -> None:
    """Make the tables, their policies and their guards."""
    op.create_table(
        "exam_sites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text()),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_reason", sa.Text()),
        sa.CheckConstraint("btrim(name) <> '' AND btrim(address) <> ''", name=op.f("ck_exam_sites_can_be_found")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_exam_sites_days_are_in_order")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_exam_sites_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_exam_sites_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_sites")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_exam_sites_id_office_id")),
        sa.UniqueConstraint("office_id", "year", "code", name=op.f("uq_exam_sites_office_id_year_code")),
    )
    op.create_table(
        "sittings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("grades", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("trades", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("by_trade", sa.Boolean(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_reason", sa.Text()),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_reason IS NULL)", name=op.f("ck_sittings_cancelled_for_a_reason")
        ),
        sa.CheckConstraint(
            "cardinality(subjects) > 0 AND cardinality(grades) > 0", name=op.f("ck_sittings_is_about_something")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_sittings_times_are_in_order")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_sittings_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_sittings_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sittings")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_sittings_id_office_id")),
        sa.UniqueConstraint("id", "starts_at", "ends_at", name=op.f("uq_sittings_id_starts_at_ends_at")),
    )
    op.create_index("ix_sittings_office_id_year", "sittings", ["office_id", "year", "starts_at"], unique=False)
    op.create_table(
        "training_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grades", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("trades", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("places", sa.BigInteger()),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_reason", sa.Text()),
        sa.CheckConstraint("mode IN ('place', 'online')", name=op.f("ck_training_courses_mode_is_known")),
        sa.CheckConstraint("cardinality(grades) > 0", name=op.f("ck_training_courses_is_for_somebody")),
        sa.CheckConstraint("places IS NULL OR places > 0", name=op.f("ck_training_courses_has_places")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_training_courses_times_are_in_order")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_training_courses_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_training_courses_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_courses")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_training_courses_id_office_id")),
    )
    op.create_index(
        "ix_training_courses_office_id_year", "training_courses", ["office_id", "year", "starts_at"], unique=False
    )
    op.create_table(
        "exam_rooms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("machines", sa.BigInteger(), nullable=False),
        sa.Column("reserve_machines", sa.BigInteger(), nullable=False),
        sa.Column("accessible", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "machines > 0 AND reserve_machines >= 0 AND reserve_machines < machines",
            name=op.f("ck_exam_rooms_has_seats"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "office_id"],
            ["exam_sites.id", "exam_sites.office_id"],
            name=op.f("fk_exam_rooms_site_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_rooms")),
        sa.UniqueConstraint("id", "site_id", "number", name=op.f("uq_exam_rooms_id_site_id_number")),
        sa.UniqueConstraint("number", name=op.f("uq_exam_rooms_number")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_exam_rooms_site_id_name")),
    )
    op.create_table(
        "site_offices",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("served_office_id", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["served_office_id"], ["offices.id"], name=op.f("fk_site_offices_served_office_id")),
        sa.ForeignKeyConstraint(
            ["site_id", "office_id"],
            ["exam_sites.id", "exam_sites.office_id"],
            name=op.f("fk_site_offices_site_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "served_office_id", name=op.f("pk_site_offices")),
    )
    op.create_index("ix_site_offices_served_office_id", "site_offices", ["served_office_id"], unique=False)
    op.create_table(
        "site_preferences",
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("local_office_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_site_preferences_cost_is_a_distance")),
        sa.ForeignKeyConstraint(["local_office_id"], ["offices.id"], name=op.f("fk_site_preferences_local_office_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_site_preferences_office_id")),
        sa.ForeignKeyConstraint(["site_id"], ["exam_sites.id"], name=op.f("fk_site_preferences_site_id")),
        sa.PrimaryKeyConstraint("office_id", "local_office_id", "site_id", name=op.f("pk_site_preferences")),
    )
    op.create_table(
        "site_sign_offs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "item IN ('power', 'monitoring', 'network', 'standard_room')", name=op.f("ck_site_sign_offs_item_is_known")
        ),
        sa.CheckConstraint("passed OR btrim(remark) <> ''", name=op.f("ck_site_sign_offs_failure_is_explained")),
        sa.ForeignKeyConstraint(
            ["site_id", "office_id"],
            ["exam_sites.id", "exam_sites.office_id"],
            name=op.f("fk_site_sign_offs_site_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_sign_offs")),
    )
    op.create_index("ix_site_sign_offs_site_id", "site_sign_offs", ["site_id", "item", "id"], unique=False)
    op.create_table(
        "training_enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("attended", sa.Boolean()),
        sa.Column("attended_at", sa.DateTime(timezone=True)),
        sa.Column("attended_by", sa.Uuid()),
        sa.Column("certificate_number", sa.Text()),
        sa.CheckConstraint(
            "(attended IS TRUE) = (certificate_number IS NOT NULL)",
            name=op.f("ck_training_enrolments_certificate_of_attendance"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_training_enrolments_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "office_id"],
            ["training_courses.id", "training_courses.office_id"],
            name=op.f("fk_training_enrolments_course_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_enrolments")),
        sa.UniqueConstraint("certificate_number", name=op.f("uq_training_enrolments_certificate_number")),
    )
    op.create_index("ix_training_enrolments_course_id", "training_enrolments", ["course_id", "id"], unique=False)
    op.create_index(
        "uq_training_enrolments_one_live",
        "training_enrolments",
        ["application_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "sitting_rooms",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("room_number", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_reason", sa.Text()),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(room_number, room_number, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("withdrawn_at IS NULL"),
            using="gist",
            name="ex_sitting_rooms_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["room_id", "site_id", "room_number"],
            ["exam_rooms.id", "exam_rooms.site_id", "exam_rooms.number"],
            name="fk_sitting_rooms_room",
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id", "office_id"],
            ["sittings.id", "sittings.office_id"],
            name=op.f("fk_sitting_rooms_sitting_id_office_id"),
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id", "starts_at", "ends_at"],
            ["sittings.id", "sittings.starts_at", "sittings.ends_at"],
            name="fk_sitting_rooms_times",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sitting_id", "room_id", name=op.f("pk_sitting_rooms")),
    )
    op.create_index("ix_sitting_rooms_room_id", "sitting_rooms", ["room_id", "starts_at"], unique=False)
    op.create_index("ix_sitting_rooms_site_id", "sitting_rooms", ["site_id", "starts_at"], unique=False)
    for table in POLICIES:
        _protect(table)
    op.execute(GUARDS)
    for table in ("training_courses", "training_enrolments"):
        op.execute(f"GRANT SELECT ON {table} TO kaowu_transfer")
        op.execute(f"CREATE POLICY transfer_select ON {table} FOR SELECT TO kaowu_transfer USING (true)")
    op.execute("GRANT CREATE ON SCHEMA public TO kaowu_transfer")
    for function in DEFINER_FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"ALTER FUNCTION {function} OWNER TO kaowu_transfer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM kaowu_transfer")
    op.execute("SET LOCAL ROLE kaowu_transfer")
    op.execute("GRANT EXECUTE ON FUNCTION training_places_taken(uuid) TO kaowu_app, kaowu_province, kaowu_auditor")
    op.execute("RESET ROLE")


def _protect(table: str) -> None:
    """One policy per command: the running role by what it may do, province and auditor read everything."""
    select, insert, update, columns = POLICIES[table]
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO kaowu_app")
    op.execute(f"CREATE POLICY app_select ON {table} FOR SELECT TO kaowu_app USING ({select})")
    op.execute(f"CREATE POLICY app_insert ON {table} FOR INSERT TO kaowu_app WITH CHECK ({insert})")
    if update:
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO kaowu_app")
        op.execute(f"CREATE POLICY app_update ON {table} FOR UPDATE TO kaowu_app USING ({update})")
    if table in DELETES:
        op.execute(f"GRANT DELETE ON {table} TO kaowu_app")
        op.execute(f"CREATE POLICY app_delete ON {table} FOR DELETE TO kaowu_app USING ({DELETES[table]})")
    for role in ("kaowu_province", "kaowu_auditor"):
        op.execute(f"GRANT SELECT ON {table} TO {role}")
        op.execute(f"CREATE POLICY {role}_select ON {table} FOR SELECT TO {role} USING (true)")


def downgrade() -> None:
    """Take them away again."""
    for table in ("training_enrolments", "training_courses", "sitting_rooms", "sittings"):
        op.drop_table(table)
    # The policy of the sign-offs asks which offices a site serves.
    op.execute("DROP POLICY app_select ON site_sign_offs")
    for table in ("site_preferences", "site_offices", "site_sign_offs", "exam_rooms", "exam_sites"):
        op.drop_table(table)
    for function in ("guard_site_ready()", "guard_sitting_room()", *DEFINER_FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
