ALTER TABLE unit_acts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON unit_acts TO kaowu_app, kaowu_province;
GRANT UPDATE (state, settled_at, settled_by_name, remark, became) ON unit_acts TO kaowu_app, kaowu_province;
GRANT SELECT ON unit_acts TO kaowu_auditor;

-- Offices in whose area one of the units lies, and the units themselves.
CREATE POLICY unit_acts_select ON unit_acts FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR ordered_by_office_id = {office}
    OR unit_ids && ({units})::text[]
    OR EXISTS (SELECT FROM units u WHERE u.id::text = ANY (unit_ids) AND u.local_office_id = {office})
);

CREATE POLICY unit_acts_insert ON unit_acts FOR INSERT TO kaowu_app WITH CHECK (
    ordered_by_office_id = {office}
    AND ordered_by = {account}
    AND NOT EXISTS (
        SELECT FROM units u
        WHERE u.id::text = ANY (unit_ids) AND {office} IS DISTINCT FROM u.office_id
        AND {office} IS DISTINCT FROM u.local_office_id
    )
);

CREATE POLICY unit_acts_update ON unit_acts FOR UPDATE TO kaowu_app USING (
    office_id = {office} OR ordered_by_office_id = {office}
) WITH CHECK (true);

CREATE POLICY unit_acts_kaowu_province_select ON unit_acts FOR SELECT TO kaowu_province USING (true);

CREATE POLICY unit_acts_province_insert ON unit_acts FOR INSERT TO kaowu_province WITH CHECK (
    ordered_by = {account}
);

CREATE POLICY unit_acts_province_update ON unit_acts FOR UPDATE TO kaowu_province USING (true) WITH CHECK (true);
CREATE POLICY unit_acts_kaowu_auditor_select ON unit_acts FOR SELECT TO kaowu_auditor USING (true);
