ALTER TABLE assignment_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE ON assignment_rules TO kaowu_app;
GRANT SELECT ON assignment_rules TO kaowu_province, kaowu_auditor;

CREATE POLICY assignment_rules_select ON assignment_rules FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY assignment_rules_insert ON assignment_rules FOR INSERT TO kaowu_app
    WITH CHECK (set_by = {account} AND office_id = {office} AND 'run_office' = ANY ({may}));

CREATE POLICY assignment_rules_update ON assignment_rules FOR UPDATE TO kaowu_app USING (office_id = {office})
    WITH CHECK (set_by = {account} AND office_id = {office} AND 'run_office' = ANY ({may}));

CREATE POLICY kaowu_province_select ON assignment_rules FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON assignment_rules FOR SELECT TO kaowu_auditor USING (true);
