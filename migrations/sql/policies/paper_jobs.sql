ALTER TABLE paper_jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON paper_jobs TO kaowu_app;
GRANT UPDATE (state, done, finished_at, told) ON paper_jobs TO kaowu_app;
GRANT SELECT ON paper_jobs TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON paper_jobs FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY app_insert ON paper_jobs FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
);

CREATE POLICY app_update ON paper_jobs FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND ({may} && ARRAY['schedule', 'examine'] OR {scope} = 'system')
);

CREATE POLICY kaowu_province_select ON paper_jobs FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON paper_jobs FOR SELECT TO kaowu_auditor USING (true);
