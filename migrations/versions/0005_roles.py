"""Let the database know what the one who asks may do: roles are granted, and moves made, by permission.

A session says its actor's permissions (``kaowu.permissions``, from the table in core.identity.permissions).

Revision ID: 0005
Revises: 0004
"""

from alembic import op

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

# (table, policy, command, role, what it asks); each takes the place of the one of revision 0002.
POLICIES = (
    ("role_grants", "role_grants_select", "SELECT", "kaowu_app", SEE_GRANT),
    ("role_grants", "role_grants_insert", "INSERT", "kaowu_app", f"({GRANT}) OR {GRANT_TO_ONESELF}"),
    ("role_grants", "role_grants_update", "UPDATE", "kaowu_app", END_GRANT),
    ("role_grants", "role_grants_province_insert", "INSERT", "kaowu_province", GRANT),
    ("role_grants", "role_grants_province_update", "UPDATE", "kaowu_province", END_GRANT),
    ("moves", "moves_insert", "INSERT", "kaowu_app", MOVE),
    ("moves", "moves_province_insert", "INSERT", "kaowu_province", MOVE_OF_PROVINCE),
)


def upgrade() -> None:
    before = _revision_2()
    for table, policy, command, role, expression in POLICIES:
        op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(before._policy(policy, table, command, role, expression))


def downgrade() -> None:
    before = _revision_2()
    for table, policy, command, role, _ in POLICIES:
        select, insert, update = before.POLICIES[table]
        held = {"SELECT": select, "INSERT": insert, "UPDATE": update}[command]
        if role == "kaowu_province":
            held = (before.PROVINCE_INSERTS if command == "INSERT" else before.PROVINCE_UPDATES)[table]
        op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(before._policy(policy, table, command, role, held))


def _revision_2():
    """The revision that made the policies which this one replaces."""
    script = op.get_context().environment_context.script
    return script.get_revision("0002").module
