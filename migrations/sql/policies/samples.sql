ALTER TABLE samples ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON samples TO kaowu_app;
GRANT SELECT ON samples TO kaowu_province, kaowu_auditor;

CREATE POLICY samples_select ON samples FOR SELECT TO kaowu_app USING (office_id = {office});
CREATE POLICY samples_insert ON samples FOR INSERT TO kaowu_app WITH CHECK (office_id = {office});
CREATE POLICY samples_kaowu_province_select ON samples FOR SELECT TO kaowu_province USING (true);
CREATE POLICY samples_kaowu_auditor_select ON samples FOR SELECT TO kaowu_auditor USING (true);
