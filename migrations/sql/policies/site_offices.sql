ALTER TABLE site_offices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON site_offices TO kaowu_app;
GRANT SELECT ON site_offices TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON site_offices FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY app_insert ON site_offices FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY app_delete ON site_offices FOR DELETE TO kaowu_app
    USING (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY kaowu_province_select ON site_offices FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON site_offices FOR SELECT TO kaowu_auditor USING (true);
