ALTER TABLE post_statements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON post_statements TO kaowu_app;
GRANT UPDATE (vacant, policy, stated_at, stated_by, stated_by_name) ON post_statements TO kaowu_app;
GRANT SELECT ON post_statements TO kaowu_province, kaowu_auditor;

-- The unit's applicants read it where they choose the grade, and the office of the unit.
CREATE POLICY post_statements_select ON post_statements FOR SELECT TO kaowu_app USING (
    unit_id = ANY ({units})
    OR office_id = {office}
    OR EXISTS (
        SELECT FROM applications a
        WHERE a.unit_id = post_statements.unit_id AND a.year = post_statements.year AND a.person_id = {person}
    )
);

CREATE POLICY post_statements_insert ON post_statements FOR INSERT TO kaowu_app WITH CHECK (
    unit_id = ANY ({units}) AND stated_by = {account}
);

CREATE POLICY post_statements_update ON post_statements FOR UPDATE TO kaowu_app USING (unit_id = ANY ({units}))
    WITH CHECK (unit_id = ANY ({units}) AND stated_by = {account});

CREATE POLICY post_statements_kaowu_province_select ON post_statements FOR SELECT TO kaowu_province USING (true);
CREATE POLICY post_statements_kaowu_auditor_select ON post_statements FOR SELECT TO kaowu_auditor USING (true);
