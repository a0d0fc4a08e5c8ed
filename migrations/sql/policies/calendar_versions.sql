ALTER TABLE calendar_versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON calendar_versions TO kaowu_app, kaowu_province;
GRANT SELECT ON calendar_versions TO kaowu_auditor;

CREATE POLICY calendar_versions_select ON calendar_versions FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);
CREATE POLICY calendar_versions_insert ON calendar_versions FOR INSERT TO kaowu_app WITH CHECK (office_id = {office});
CREATE POLICY calendar_versions_kaowu_province_select ON calendar_versions FOR SELECT TO kaowu_province USING (true);

CREATE POLICY calendar_versions_province_insert ON calendar_versions FOR INSERT TO kaowu_province
    WITH CHECK (office_id = {office});

CREATE POLICY calendar_versions_kaowu_auditor_select ON calendar_versions FOR SELECT TO kaowu_auditor USING (true);
