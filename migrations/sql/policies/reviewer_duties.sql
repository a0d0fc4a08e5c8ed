ALTER TABLE reviewer_duties ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE ON reviewer_duties TO kaowu_app;
GRANT SELECT ON reviewer_duties TO kaowu_province, kaowu_auditor;

CREATE POLICY reviewer_duties_select ON reviewer_duties FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY reviewer_duties_insert ON reviewer_duties FOR INSERT TO kaowu_app
    WITH CHECK (set_by = {account} AND office_id = {office} AND 'run_office' = ANY ({may}));

CREATE POLICY reviewer_duties_update ON reviewer_duties FOR UPDATE TO kaowu_app USING (office_id = {office})
    WITH CHECK (set_by = {account} AND office_id = {office} AND 'run_office' = ANY ({may}));

CREATE POLICY kaowu_province_select ON reviewer_duties FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON reviewer_duties FOR SELECT TO kaowu_auditor USING (true);
