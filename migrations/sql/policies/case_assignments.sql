ALTER TABLE case_assignments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE, DELETE ON case_assignments TO kaowu_app;
GRANT SELECT ON case_assignments TO kaowu_province, kaowu_auditor;

CREATE POLICY assignments_select ON case_assignments FOR SELECT TO kaowu_app USING (office_id = {office});

-- The office that has the case in hand gives it to one of its own people.
CREATE POLICY assignments_insert ON case_assignments FOR INSERT TO kaowu_app WITH CHECK (
    assigned_by = {account} AND office_id = {office} AND 'run_office' = ANY ({may})
    AND EXISTS (
        SELECT FROM applications a WHERE a.id = case_assignments.application_id AND a.handler_office_id = {office}
    )
    AND EXISTS (
        SELECT FROM role_grants g WHERE g.account_id = case_assignments.account_id AND g.office_id = {office}
    )
);

CREATE POLICY assignments_update ON case_assignments FOR UPDATE TO kaowu_app USING (office_id = {office}) WITH CHECK (
    assigned_by = {account} AND office_id = {office} AND 'run_office' = ANY ({may})
    AND EXISTS (
        SELECT FROM applications a WHERE a.id = case_assignments.application_id AND a.handler_office_id = {office}
    )
    AND EXISTS (
        SELECT FROM role_grants g WHERE g.account_id = case_assignments.account_id AND g.office_id = {office}
    )
);

CREATE POLICY assignments_delete ON case_assignments FOR DELETE TO kaowu_app
    USING (office_id = {office} AND 'run_office' = ANY ({may}));

CREATE POLICY kaowu_province_select ON case_assignments FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON case_assignments FOR SELECT TO kaowu_auditor USING (true);
