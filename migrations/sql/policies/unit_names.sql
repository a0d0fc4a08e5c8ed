ALTER TABLE unit_names ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON unit_names TO kaowu_app, kaowu_province;
GRANT SELECT ON unit_names TO kaowu_auditor;

CREATE POLICY unit_names_select ON unit_names FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY unit_names_insert ON unit_names FOR INSERT TO kaowu_app WITH CHECK (
    EXISTS (
        SELECT FROM units u
        WHERE u.id = unit_id
        AND (
            {scope} = 'system'
            OR u.office_id = {office}
            OR u.local_office_id = {office}
            OR u.id = ANY ({units})
            OR u.parent_id = ANY ({units})
        )
    )
);

CREATE POLICY unit_names_kaowu_province_select ON unit_names FOR SELECT TO kaowu_province USING (true);
CREATE POLICY unit_names_province_insert ON unit_names FOR INSERT TO kaowu_province WITH CHECK ({scope} IS NOT NULL);
CREATE POLICY unit_names_kaowu_auditor_select ON unit_names FOR SELECT TO kaowu_auditor USING (true);
