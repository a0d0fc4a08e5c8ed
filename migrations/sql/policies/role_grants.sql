ALTER TABLE role_grants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON role_grants TO kaowu_app, kaowu_province;
GRANT UPDATE (valid_until) ON role_grants TO kaowu_app, kaowu_province;
GRANT SELECT ON role_grants TO kaowu_auditor, kaowu_transfer;

CREATE POLICY role_grants_select ON role_grants FOR SELECT TO kaowu_app USING (
    {scope} = 'signin'
    OR account_id = {account}
    OR granted_by_office_id = {office}
    OR (office_id = {office} OR starts_with(office_id, {office} || '/'))
    OR unit_id = ANY ({units})
);

-- Supervisors come from the office above; the center has none above it, and the system opens an office's first
-- accounts. A test holds the roles of each level against core.domain.permissions.
CREATE POLICY role_grants_insert ON role_grants FOR INSERT TO kaowu_app WITH CHECK (
    (
        granted_by_office_id = {office} AND account_id <> {account}
        AND (
            (
                unit_id IS NULL AND 'staff' = ANY ({may})
                AND (office_id = {office} OR starts_with(office_id, {office} || '/'))
                AND (
                    role NOT IN ('city_supervisor', 'provincial_officer')
                    OR office_id <> {office}
                    OR strpos({office}, '/') = 0
                    OR {role} = 'system'
                )
                AND EXISTS (
                    SELECT FROM offices o
                    WHERE o.id = role_grants.office_id
                    AND (role_grants.role, o.level) IN (
                        ('county_reviewer', 'county'), ('city_reviewer', 'city'), ('city_reviewer', 'province'),
                        ('scheduler', 'province'), ('scheduler', 'city'), ('scheduler', 'county'),
                        ('examiner', 'province'), ('examiner', 'city'), ('examiner', 'county'),
                        ('city_supervisor', 'city'), ('city_supervisor', 'province'),
                        ('provincial_officer', 'province'), ('provincial_auditor', 'province'),
                        ('operator', 'province')
                    )
                )
            )
            OR (
                office_id IS NULL AND 'run_office' = ANY ({may}) AND role IN ('unit_manager', 'department_reviewer')
                AND EXISTS (
                    SELECT FROM units u
                    WHERE u.id = role_grants.unit_id AND {office} IN (u.office_id, u.local_office_id)
                )
            )
        )
    )
    OR ({scope} = 'signin' AND role = 'applicant' AND office_id IS NULL AND unit_id IS NULL)
);

CREATE POLICY role_grants_update ON role_grants FOR UPDATE TO kaowu_app USING (
    account_id <> {account}
    AND (granted_by_office_id = {office} OR (office_id = {office} OR starts_with(office_id, {office} || '/')))
    AND (CASE WHEN unit_id IS NULL THEN 'staff' ELSE 'run_office' END) = ANY ({may})
) WITH CHECK (true);

CREATE POLICY role_grants_kaowu_province_select ON role_grants FOR SELECT TO kaowu_province USING (true);

CREATE POLICY role_grants_province_insert ON role_grants FOR INSERT TO kaowu_province WITH CHECK (
    granted_by_office_id = {office} AND account_id <> {account}
    AND (
        (
            unit_id IS NULL AND 'staff' = ANY ({may})
            AND (office_id = {office} OR starts_with(office_id, {office} || '/'))
            AND (
                role NOT IN ('city_supervisor', 'provincial_officer')
                OR office_id <> {office}
                OR strpos({office}, '/') = 0
                OR {role} = 'system'
            )
            AND EXISTS (
                SELECT FROM offices o
                WHERE o.id = role_grants.office_id
                AND (role_grants.role, o.level) IN (
                    ('county_reviewer', 'county'), ('city_reviewer', 'city'), ('city_reviewer', 'province'),
                    ('scheduler', 'province'), ('scheduler', 'city'), ('scheduler', 'county'),
                    ('examiner', 'province'), ('examiner', 'city'), ('examiner', 'county'),
                    ('city_supervisor', 'city'), ('city_supervisor', 'province'), ('provincial_officer', 'province'),
                    ('provincial_auditor', 'province'), ('operator', 'province')
                )
            )
        )
        OR (
            office_id IS NULL AND 'run_office' = ANY ({may}) AND role IN ('unit_manager', 'department_reviewer')
            AND EXISTS (
                SELECT FROM units u WHERE u.id = role_grants.unit_id AND {office} IN (u.office_id, u.local_office_id)
            )
        )
    )
);

CREATE POLICY role_grants_province_update ON role_grants FOR UPDATE TO kaowu_province USING (
    account_id <> {account}
    AND (granted_by_office_id = {office} OR (office_id = {office} OR starts_with(office_id, {office} || '/')))
    AND (CASE WHEN unit_id IS NULL THEN 'staff' ELSE 'run_office' END) = ANY ({may})
) WITH CHECK (true);

CREATE POLICY role_grants_kaowu_auditor_select ON role_grants FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY role_grants_transfer_select ON role_grants FOR SELECT TO kaowu_transfer USING (true);
