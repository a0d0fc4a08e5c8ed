# ruff: noqa: E501, PLR0915 - written by Alembic from the models
"""Make the tables, and put in the table of verbs.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_idempotency_keys_account_id_key")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "offices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('province', 'city', 'county')", name=op.f("ck_offices_level_is_known")),
        sa.ForeignKeyConstraint(["parent_id"], ["offices.id"], name=op.f("fk_offices_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_tail", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("id_hash", name=op.f("uq_persons_id_hash")),
    )
    op.create_table(
        "transitions",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("action", "from_state", "to_state", name=op.f("pk_transitions")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("issued_by_office_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issued_by_office_id"], ["offices.id"], name=op.f("fk_accounts_issued_by_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_accounts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_index(op.f("ix_accounts_issued_by_office_id"), "accounts", ["issued_by_office_id"], unique=False)
    op.create_table(
        "delegations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_office_id", sa.Text(), nullable=False),
        sa.Column("to_office_id", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("scan_sha256", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("stages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("grades", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("trades", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("unit_ids", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_cases", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("took_effect_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_how", sa.Text(), nullable=True),
        sa.Column("ending_cases", sa.Text(), nullable=True),
        sa.Column("ending_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("btrim(instrument) <> ''", name=op.f("ck_delegations_has_an_instrument")),
        sa.CheckConstraint(
            "ending_cases IS NULL OR ending_cases IN ('stay', 'move', 'finish_first')",
            name=op.f("ck_delegations_ending_is_settled"),
        ),
        sa.CheckConstraint("mode IN ('handed_over', 'entrusted')", name=op.f("ck_delegations_mode_is_known")),
        sa.CheckConstraint(
            "open_cases IN ('stay', 'move', 'finish_first')", name=op.f("ck_delegations_open_cases_are_settled")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'in_force', 'paused', 'ended', 'cancelled')",
            name=op.f("ck_delegations_state_is_known"),
        ),
        sa.CheckConstraint(
            "effective_until IS NULL OR effective_from < effective_until",
            name=op.f("ck_delegations_dates_are_in_order"),
        ),
        sa.CheckConstraint("from_office_id <> to_office_id", name=op.f("ck_delegations_two_offices")),
        sa.ForeignKeyConstraint(["from_office_id"], ["offices.id"], name=op.f("fk_delegations_from_office_id")),
        sa.ForeignKeyConstraint(["to_office_id"], ["offices.id"], name=op.f("fk_delegations_to_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_from_office_id"), "delegations", ["from_office_id"], unique=False)
    op.create_index(op.f("ix_delegations_to_office_id"), "delegations", ["to_office_id"], unique=False)
    op.create_index(
        "uq_delegations_one_in_force",
        "delegations",
        ["from_office_id", "to_office_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('in_force', 'paused')"),
    )
    op.create_table(
        "office_areas",
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from < valid_until", name=op.f("ck_office_areas_dates_are_in_order")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_office_areas_office_id")),
        sa.PrimaryKeyConstraint("office_id", "area_code", "valid_from", name=op.f("pk_office_areas")),
    )
    op.create_table(
        "plugin_failures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_plugin_failures_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_failures")),
    )
    op.create_index(op.f("ix_plugin_failures_office_id"), "plugin_failures", ["office_id"], unique=False)
    op.create_table(
        "record_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "transaction",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_record_entries_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_entries")),
    )
    op.create_index("ix_record_entries_office_id_at", "record_entries", ["office_id", "at"], unique=False)
    op.create_index("ix_record_entries_subject", "record_entries", ["subject_type", "subject_id"], unique=False)
    op.create_table(
        "seasons",
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("province_id", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("notice_date", sa.Date(), nullable=False),
        sa.Column("rule_document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["province_id"], ["offices.id"], name=op.f("fk_seasons_province_id")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_seasons")),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("local_office_id", sa.Text(), nullable=False),
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "affiliation IN ('local', 'provincial', 'central')", name=op.f("ck_units_affiliation_is_known")
        ),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_units_not_its_own_parent")),
        sa.ForeignKeyConstraint(["local_office_id"], ["offices.id"], name=op.f("fk_units_local_office_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_units_office_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["units.id"], name=op.f("fk_units_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_units_id_office_id")),
    )
    op.create_index("ix_units_office_id_name", "units", ["office_id", "name"], unique=False)
    op.create_index(op.f("ix_units_parent_id"), "units", ["parent_id"], unique=False)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_api_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_account_id"), "api_tokens", ["account_id"], unique=False)
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("handler_office_id", sa.Text(), nullable=False),
        sa.Column("local_office_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("id_tail", sa.Text(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=True),
        sa.Column("trade", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("route", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("desks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("onsite_needed", sa.Boolean(), nullable=False),
        sa.Column("deferral_open", sa.Boolean(), nullable=False),
        sa.Column("unlocked_items", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'provisional' OR deferral_open", name=op.f("ck_applications_provisional_has_an_open_deferral")
        ),
        sa.CheckConstraint(
            "state <> 'qualified' OR NOT deferral_open", name=op.f("ck_applications_qualified_has_no_open_deferral")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR round > 0 OR state IN ('withdrawn', 'expired')",
            name=op.f("ck_applications_submitted_once"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'unit_review', 'department_review', 'qualification_review', 'onsite_confirmation', 'provisional', 'qualified', 'returned', 'rejected', 'withdrawn', 'expired', 'disqualified')",
            name=op.f("ck_applications_state_is_known"),
        ),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_applications_grade_is_known")),
        sa.CheckConstraint(
            "round = 0 OR num_nulls(grade, trade, path) = 0", name=op.f("ck_applications_submitted_is_complete")
        ),
        sa.ForeignKeyConstraint(["department_id"], ["units.id"], name=op.f("fk_applications_department_id")),
        sa.ForeignKeyConstraint(["handler_office_id"], ["offices.id"], name=op.f("fk_applications_handler_office_id")),
        sa.ForeignKeyConstraint(["local_office_id"], ["offices.id"], name=op.f("fk_applications_local_office_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_applications_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_applications_person_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "office_id"], ["units.id", "units.office_id"], name=op.f("fk_applications_unit_id_office_id")
        ),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_applications_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("reference", name=op.f("uq_applications_reference")),
    )
    op.create_index(
        "ix_applications_department_queue", "applications", ["department_id", "year", "state", "id"], unique=False
    )
    op.create_index(
        "ix_applications_handler_queue",
        "applications",
        ["handler_office_id", "year", "state", "due_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_applications_office_queue", "applications", ["office_id", "year", "state", "due_at", "id"], unique=False
    )
    op.create_index("ix_applications_person_id", "applications", ["person_id"], unique=False)
    op.create_index("ix_applications_unit_queue", "applications", ["unit_id", "year", "state", "id"], unique=False)
    op.create_index(
        "uq_applications_one_live",
        "applications",
        ["person_id", "year"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('draft', 'rejected', 'withdrawn', 'expired')"),
    )
    op.create_table(
        "calendar_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_calendar_versions_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_calendar_versions_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_versions")),
        sa.UniqueConstraint("id", "office_id", name=op.f("uq_calendar_versions_id_office_id")),
        sa.UniqueConstraint("office_id", "year", "version", name=op.f("uq_calendar_versions_office_id_year_version")),
    )
    op.create_table(
        "late_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_late_entries_window_is_in_order")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_late_entries_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_late_entries_person_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_late_entries_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_entries")),
    )
    op.create_index("ix_late_entries_person_id_year", "late_entries", ["person_id", "year"], unique=False)
    op.create_table(
        "manager_forms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("office_phone", sa.Text(), nullable=False),
        sa.Column("mobile", sa.LargeBinary(), nullable=False),
        sa.Column("stamped_scan_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('filed', 'accepted', 'returned', 'superseded')", name=op.f("ck_manager_forms_state_is_known")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_manager_forms_account_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_manager_forms_office_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_manager_forms_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager_forms")),
    )
    op.create_index(op.f("ix_manager_forms_office_id"), "manager_forms", ["office_id"], unique=False)
    op.create_index(op.f("ix_manager_forms_unit_id"), "manager_forms", ["unit_id"], unique=False)
    op.create_index(
        "uq_manager_forms_accepted",
        "manager_forms",
        ["unit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by_office_id", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("num_nonnulls(office_id, unit_id) <= 1", name=op.f("ck_role_grants_held_in_one_place")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_role_grants_account_id")),
        sa.ForeignKeyConstraint(
            ["granted_by_office_id"], ["offices.id"], name=op.f("fk_role_grants_granted_by_office_id")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_role_grants_office_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_role_grants_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    op.create_index("ix_role_grants_account_id", "role_grants", ["account_id"], unique=False)
    op.create_table(
        "rosters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('passed', 'onsite')", name=op.f("ck_rosters_kind_is_known")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_rosters_office_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_rosters_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
        sa.UniqueConstraint("unit_id", "year", "kind", "version", name=op.f("uq_rosters_unit_id_year_kind_version")),
    )
    op.create_index(op.f("ix_rosters_office_id"), "rosters", ["office_id"], unique=False)
    op.create_table(
        "samples",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delegation_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegations.id"], name=op.f("fk_samples_delegation_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_samples_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
    )
    op.create_index(op.f("ix_samples_delegation_id"), "samples", ["delegation_id"], unique=False)
    op.create_index(op.f("ix_samples_office_id"), "samples", ["office_id"], unique=False)
    op.create_table(
        "season_subjects",
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_season_subjects_year")),
        sa.PrimaryKeyConstraint("year", "grade", "subject", name=op.f("pk_season_subjects")),
    )
    op.create_table(
        "season_trades",
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=False),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_season_trades_year")),
        sa.PrimaryKeyConstraint("year", "grade", "trade", name=op.f("pk_season_trades")),
    )
    op.create_table(
        "unit_names",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "act IN ('added', 'corrected', 'renamed', 'merged', 'split', 'moved')",
            name=op.f("ck_unit_names_act_is_known"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_names_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_names")),
    )
    op.create_index(op.f("ix_unit_names_unit_id"), "unit_names", ["unit_id"], unique=False)
    op.create_table(
        "bans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("begins < ends", name=op.f("ck_bans_dates_are_in_order")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_bans_application_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_bans_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_bans_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
    )
    op.create_index(op.f("ix_bans_office_id"), "bans", ["office_id"], unique=False)
    op.create_index(op.f("ix_bans_person_id"), "bans", ["person_id"], unique=False)
    op.create_table(
        "case_handlers",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("owner_office_id", sa.Text(), nullable=False),
        sa.Column("from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delegation_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint('until IS NULL OR "from" <= until', name=op.f("ck_case_handlers_times_are_in_order")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_case_handlers_application_id")),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegations.id"], name=op.f("fk_case_handlers_delegation_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_case_handlers_office_id")),
        sa.ForeignKeyConstraint(["owner_office_id"], ["offices.id"], name=op.f("fk_case_handlers_owner_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_handlers")),
    )
    op.create_index("ix_case_handlers_office_id", "case_handlers", ["office_id", "application_id"], unique=False)
    op.create_index(
        "uq_case_handlers_one_open",
        "case_handlers",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_documents_not_empty")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_documents_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index("ix_documents_application_id_material", "documents", ["application_id", "material"], unique=False)
    op.create_table(
        "filings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("to_office_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'exam_dates') = (calendar_id IS NOT NULL)", name=op.f("ck_filings_exam_dates_name_a_calendar")
        ),
        sa.CheckConstraint(
            "(state = 'received') = (receipt_number IS NOT NULL)", name=op.f("ck_filings_receipt_when_received")
        ),
        sa.CheckConstraint("kind IN ('exam_dates', 'registration_summary')", name=op.f("ck_filings_kind_is_known")),
        sa.CheckConstraint("state <> 'returned' OR btrim(remark) <> ''", name=op.f("ck_filings_a_return_has_a_remark")),
        sa.CheckConstraint("state IN ('filed', 'received', 'returned')", name=op.f("ck_filings_state_is_known")),
        sa.ForeignKeyConstraint(
            ["calendar_id", "office_id"],
            ["calendar_versions.id", "calendar_versions.office_id"],
            name=op.f("fk_filings_calendar_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_filings_office_id")),
        sa.ForeignKeyConstraint(["to_office_id"], ["offices.id"], name=op.f("fk_filings_to_office_id")),
        sa.ForeignKeyConstraint(["year"], ["seasons.year"], name=op.f("fk_filings_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
        sa.UniqueConstraint(
            "office_id", "year", "kind", "version", name=op.f("uq_filings_office_id_year_kind_version")
        ),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_filings_receipt_number")),
    )
    op.create_index(op.f("ix_filings_office_id"), "filings", ["office_id"], unique=False)
    op.create_index(op.f("ix_filings_to_office_id"), "filings", ["to_office_id"], unique=False)
    op.create_index(
        "uq_filings_one_waiting",
        "filings",
        ["office_id", "year", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'filed'"),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.CheckConstraint("severity IN ('blocks', 'asks', 'notes')", name=op.f("ck_findings_severity_is_known")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_findings_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("application_id", "round", "rule", name=op.f("uq_findings_application_id_round_rule")),
    )
    op.create_table(
        "moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("acting_office_id", sa.Text(), nullable=True),
        sa.Column("delegation_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["acting_office_id"], ["offices.id"], name=op.f("fk_moves_acting_office_id")),
        sa.ForeignKeyConstraint(
            ["action", "from_state", "to_state"],
            ["transitions.action", "transitions.from_state", "transitions.to_state"],
            name=op.f("fk_moves_action_from_state_to_state"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_moves_application_id")),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegations.id"], name=op.f("fk_moves_delegation_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_moves_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
        sa.UniqueConstraint("application_id", "version", name=op.f("uq_moves_application_id_version")),
    )
    op.create_index("ix_moves_account_id", "moves", ["account_id"], unique=False)
    op.create_index("ix_moves_office_id_at", "moves", ["office_id", "at"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_office_id", sa.Text(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(person_id, unit_id, recipient_office_id) = 1", name=op.f("ck_notices_one_recipient")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_notices_application_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_notices_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notices_person_id")),
        sa.ForeignKeyConstraint(["recipient_office_id"], ["offices.id"], name=op.f("fk_notices_recipient_office_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_notices_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "event_key",
            "person_id",
            "unit_id",
            "recipient_office_id",
            name=op.f("uq_notices_event_key_person_id_unit_id_recipient_office_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_notices_person_id"), "notices", ["person_id"], unique=False)
    op.create_index(op.f("ix_notices_recipient_office_id"), "notices", ["recipient_office_id"], unique=False)
    op.create_index(op.f("ix_notices_unit_id"), "notices", ["unit_id"], unique=False)
    op.create_table(
        "onsite_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("stamped_scan_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_in_by", sa.Uuid(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state <> 'received' OR receipt_number IS NOT NULL", name=op.f("ck_onsite_batches_receipt_when_received")
        ),
        sa.CheckConstraint(
            "state IN ('handed_in', 'received', 'returned', 'closed')", name=op.f("ck_onsite_batches_state_is_known")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_onsite_batches_office_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters.id"], name=op.f("fk_onsite_batches_roster_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_onsite_batches_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onsite_batches")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_onsite_batches_receipt_number")),
    )
    op.create_index(op.f("ix_onsite_batches_office_id"), "onsite_batches", ["office_id"], unique=False)
    op.create_index(op.f("ix_onsite_batches_unit_id"), "onsite_batches", ["unit_id"], unique=False)
    op.create_table(
        "originals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("received_from", sa.Text(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by", sa.Uuid(), nullable=True),
        sa.Column("returned_to", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(returned_at IS NULL) = (returned_by IS NULL)", name=op.f("ck_originals_returned_by_somebody")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_originals_application_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_originals_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_originals")),
    )
    op.create_index(op.f("ix_originals_application_id"), "originals", ["application_id"], unique=False)
    op.create_index(op.f("ix_originals_office_id"), "originals", ["office_id"], unique=False)
    op.create_table(
        "pending_handovers",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("to_office_id", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("delegation_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_pending_handovers_application_id")
        ),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegations.id"], name=op.f("fk_pending_handovers_delegation_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_pending_handovers_office_id")),
        sa.ForeignKeyConstraint(["to_office_id"], ["offices.id"], name=op.f("fk_pending_handovers_to_office_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_pending_handovers")),
    )
    op.create_table(
        "review_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict = 'correct' OR reason_code <> ''", name=op.f("ck_review_items_a_fault_has_a_reason")
        ),
        sa.CheckConstraint("verdict IN ('correct', 'faulty')", name=op.f("ck_review_items_verdict_is_known")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_review_items_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
    )
    op.create_index(op.f("ix_review_items_application_id"), "review_items", ["application_id"], unique=False)
    op.create_table(
        "sample_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('open', 'upheld', 'correction_ordered', 'overturned')",
            name=op.f("ck_sample_items_verdict_is_known"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_sample_items_application_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_sample_items_office_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_sample_items_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_items")),
        sa.UniqueConstraint("sample_id", "application_id", name=op.f("uq_sample_items_sample_id_application_id")),
    )
    op.create_index(op.f("ix_sample_items_sample_id"), "sample_items", ["sample_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("limits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rule_document", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("plugin_versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requirements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("late_entry_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_submissions_application_id")),
        sa.ForeignKeyConstraint(["late_entry_id"], ["late_entries.id"], name=op.f("fk_submissions_late_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("application_id", "round", name=op.f("uq_submissions_application_id_round")),
    )
    op.create_table(
        "deferrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("committed_by", sa.Uuid(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("supplemented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'supplemented', 'cleared', 'lapsed')", name=op.f("ck_deferrals_state_is_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('supplemented', 'cleared') OR document_id IS NOT NULL",
            name=op.f("ck_deferrals_has_the_paper"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_deferrals_application_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_deferrals_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferrals")),
        sa.UniqueConstraint("application_id", "material", name=op.f("uq_deferrals_application_id_material")),
    )
    op.create_table(
        "finding_settlements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("satisfied", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence_document_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_finding_settlements_has_a_reason")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_finding_settlements_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_document_id"], ["documents.id"], name=op.f("fk_finding_settlements_evidence_document_id")
        ),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_settlements_finding_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_finding_settlements_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_settlements")),
    )
    op.create_index(
        op.f("ix_finding_settlements_application_id"), "finding_settlements", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_finding_settlements_finding_id"), "finding_settlements", ["finding_id"], unique=False)
    op.create_table(
        "onsite_batch_items",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_onsite_batch_items_application_id")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["onsite_batches.id"], name=op.f("fk_onsite_batch_items_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "application_id", name=op.f("pk_onsite_batch_items")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name=op.f("ck_outbox_state_is_known")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_outbox_notice_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_outbox_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("notice_id", "channel", name=op.f("uq_outbox_notice_id_channel")),
    )
    op.create_index(op.f("ix_outbox_office_id"), "outbox", ["office_id"], unique=False)

    # The table of verbs as it stood at this revision; a test holds the newest revision against core.applications.workflow.
    op.bulk_insert(
        sa.table("transitions", sa.column("action"), sa.column("from_state"), sa.column("to_state")),
        [
            {"action": "submit", "from_state": "draft", "to_state": "unit_review"},
            {"action": "submit", "from_state": "draft", "to_state": "department_review"},
            {"action": "submit", "from_state": "draft", "to_state": "qualification_review"},
            {"action": "resubmit", "from_state": "returned", "to_state": "unit_review"},
            {"action": "resubmit", "from_state": "returned", "to_state": "department_review"},
            {"action": "resubmit", "from_state": "returned", "to_state": "qualification_review"},
            {"action": "approve", "from_state": "unit_review", "to_state": "department_review"},
            {"action": "approve", "from_state": "unit_review", "to_state": "qualification_review"},
            {"action": "approve", "from_state": "department_review", "to_state": "qualification_review"},
            {"action": "approve", "from_state": "qualification_review", "to_state": "onsite_confirmation"},
            {"action": "approve", "from_state": "qualification_review", "to_state": "provisional"},
            {"action": "approve", "from_state": "qualification_review", "to_state": "qualified"},
            {"action": "return", "from_state": "unit_review", "to_state": "returned"},
            {"action": "return", "from_state": "department_review", "to_state": "returned"},
            {"action": "return", "from_state": "qualification_review", "to_state": "returned"},
            {"action": "return", "from_state": "onsite_confirmation", "to_state": "returned"},
            {"action": "reject", "from_state": "unit_review", "to_state": "rejected"},
            {"action": "reject", "from_state": "department_review", "to_state": "rejected"},
            {"action": "reject", "from_state": "qualification_review", "to_state": "rejected"},
            {"action": "reject", "from_state": "onsite_confirmation", "to_state": "rejected"},
            {"action": "reject", "from_state": "provisional", "to_state": "rejected"},
            {"action": "confirm", "from_state": "onsite_confirmation", "to_state": "provisional"},
            {"action": "confirm", "from_state": "onsite_confirmation", "to_state": "qualified"},
            {"action": "supplement", "from_state": "provisional", "to_state": "provisional"},
            {"action": "clear", "from_state": "provisional", "to_state": "qualified"},
            {"action": "lapse", "from_state": "provisional", "to_state": "rejected"},
            {"action": "withdraw", "from_state": "draft", "to_state": "withdrawn"},
            {"action": "withdraw", "from_state": "returned", "to_state": "withdrawn"},
            {"action": "withdraw", "from_state": "unit_review", "to_state": "withdrawn"},
            {"action": "withdraw", "from_state": "department_review", "to_state": "withdrawn"},
            {"action": "withdraw", "from_state": "qualification_review", "to_state": "withdrawn"},
            {"action": "withdraw", "from_state": "onsite_confirmation", "to_state": "withdrawn"},
            {"action": "withdraw", "from_state": "provisional", "to_state": "withdrawn"},
            {"action": "expire", "from_state": "draft", "to_state": "expired"},
            {"action": "expire", "from_state": "returned", "to_state": "expired"},
            {"action": "reopen", "from_state": "rejected", "to_state": "qualification_review"},
            {"action": "reopen", "from_state": "provisional", "to_state": "qualification_review"},
            {"action": "reopen", "from_state": "qualified", "to_state": "qualification_review"},
            {"action": "disqualify", "from_state": "returned", "to_state": "disqualified"},
            {"action": "disqualify", "from_state": "unit_review", "to_state": "disqualified"},
            {"action": "disqualify", "from_state": "department_review", "to_state": "disqualified"},
            {"action": "disqualify", "from_state": "qualification_review", "to_state": "disqualified"},
            {"action": "disqualify", "from_state": "onsite_confirmation", "to_state": "disqualified"},
            {"action": "disqualify", "from_state": "provisional", "to_state": "disqualified"},
            {"action": "disqualify", "from_state": "qualified", "to_state": "disqualified"},
            {"action": "disqualify", "from_state": "rejected", "to_state": "disqualified"},
        ],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_office_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("onsite_batch_items")
    op.drop_index(op.f("ix_finding_settlements_finding_id"), table_name="finding_settlements")
    op.drop_index(op.f("ix_finding_settlements_application_id"), table_name="finding_settlements")
    op.drop_table("finding_settlements")
    op.drop_table("deferrals")
    op.drop_table("submissions")
    op.drop_index(op.f("ix_sample_items_sample_id"), table_name="sample_items")
    op.drop_table("sample_items")
    op.drop_index(op.f("ix_review_items_application_id"), table_name="review_items")
    op.drop_table("review_items")
    op.drop_table("pending_handovers")
    op.drop_index(op.f("ix_originals_office_id"), table_name="originals")
    op.drop_index(op.f("ix_originals_application_id"), table_name="originals")
    op.drop_table("originals")
    op.drop_index(op.f("ix_onsite_batches_unit_id"), table_name="onsite_batches")
    op.drop_index(op.f("ix_onsite_batches_office_id"), table_name="onsite_batches")
    op.drop_table("onsite_batches")
    op.drop_index(op.f("ix_notices_unit_id"), table_name="notices")
    op.drop_index(op.f("ix_notices_recipient_office_id"), table_name="notices")
    op.drop_index(op.f("ix_notices_person_id"), table_name="notices")
    op.drop_table("notices")
    op.drop_index("ix_moves_office_id_at", table_name="moves")
    op.drop_index("ix_moves_account_id", table_name="moves")
    op.drop_table("moves")
    op.drop_table("findings")
    op.drop_index("uq_filings_one_waiting", table_name="filings", postgresql_where=sa.text("state = 'filed'"))
    op.drop_index(op.f("ix_filings_to_office_id"), table_name="filings")
    op.drop_index(op.f("ix_filings_office_id"), table_name="filings")
    op.drop_table("filings")
    op.drop_index("ix_documents_application_id_material", table_name="documents")
    op.drop_table("documents")
    op.drop_index("uq_case_handlers_one_open", table_name="case_handlers", postgresql_where=sa.text("until IS NULL"))
    op.drop_index("ix_case_handlers_office_id", table_name="case_handlers")
    op.drop_table("case_handlers")
    op.drop_index(op.f("ix_bans_person_id"), table_name="bans")
    op.drop_index(op.f("ix_bans_office_id"), table_name="bans")
    op.drop_table("bans")
    op.drop_index(op.f("ix_unit_names_unit_id"), table_name="unit_names")
    op.drop_table("unit_names")
    op.drop_table("season_trades")
    op.drop_table("season_subjects")
    op.drop_index(op.f("ix_samples_office_id"), table_name="samples")
    op.drop_index(op.f("ix_samples_delegation_id"), table_name="samples")
    op.drop_table("samples")
    op.drop_index(op.f("ix_rosters_office_id"), table_name="rosters")
    op.drop_table("rosters")
    op.drop_index("ix_role_grants_account_id", table_name="role_grants")
    op.drop_table("role_grants")
    op.drop_index(
        "uq_manager_forms_accepted", table_name="manager_forms", postgresql_where=sa.text("state = 'accepted'")
    )
    op.drop_index(op.f("ix_manager_forms_unit_id"), table_name="manager_forms")
    op.drop_index(op.f("ix_manager_forms_office_id"), table_name="manager_forms")
    op.drop_table("manager_forms")
    op.drop_index("ix_late_entries_person_id_year", table_name="late_entries")
    op.drop_table("late_entries")
    op.drop_table("calendar_versions")
    op.drop_index(
        "uq_applications_one_live",
        table_name="applications",
        postgresql_where=sa.text("state NOT IN ('draft', 'rejected', 'withdrawn', 'expired')"),
    )
    op.drop_index("ix_applications_unit_queue", table_name="applications")
    op.drop_index("ix_applications_person_id", table_name="applications")
    op.drop_index("ix_applications_office_queue", table_name="applications")
    op.drop_index("ix_applications_handler_queue", table_name="applications")
    op.drop_index("ix_applications_department_queue", table_name="applications")
    op.drop_table("applications")
    op.drop_index(op.f("ix_api_tokens_account_id"), table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_index(op.f("ix_units_parent_id"), table_name="units")
    op.drop_index("ix_units_office_id_name", table_name="units")
    op.drop_table("units")
    op.drop_table("seasons")
    op.drop_index("ix_record_entries_subject", table_name="record_entries")
    op.drop_index("ix_record_entries_office_id_at", table_name="record_entries")
    op.drop_table("record_entries")
    op.drop_index(op.f("ix_plugin_failures_office_id"), table_name="plugin_failures")
    op.drop_table("plugin_failures")
    op.drop_table("office_areas")
    op.drop_index(
        "uq_delegations_one_in_force",
        table_name="delegations",
        postgresql_where=sa.text("state IN ('in_force', 'paused')"),
    )
    op.drop_index(op.f("ix_delegations_to_office_id"), table_name="delegations")
    op.drop_index(op.f("ix_delegations_from_office_id"), table_name="delegations")
    op.drop_table("delegations")
    op.drop_index(op.f("ix_accounts_issued_by_office_id"), table_name="accounts")
    op.drop_table("accounts")
    op.drop_table("transitions")
    op.drop_table("persons")
    op.drop_table("offices")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
