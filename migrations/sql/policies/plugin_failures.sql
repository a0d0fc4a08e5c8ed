ALTER TABLE plugin_failures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON plugin_failures TO kaowu_app, kaowu_province;
GRANT SELECT ON plugin_failures TO kaowu_auditor;

CREATE POLICY plugin_failures_select ON plugin_failures FOR SELECT TO kaowu_app
    USING (office_id = {office} OR {scope} = 'operator');

CREATE POLICY plugin_failures_insert ON plugin_failures FOR INSERT TO kaowu_app WITH CHECK ({scope} IS NOT NULL);
CREATE POLICY plugin_failures_kaowu_province_select ON plugin_failures FOR SELECT TO kaowu_province USING (true);

CREATE POLICY plugin_failures_province_insert ON plugin_failures FOR INSERT TO kaowu_province
    WITH CHECK ({scope} IS NOT NULL);

CREATE POLICY plugin_failures_kaowu_auditor_select ON plugin_failures FOR SELECT TO kaowu_auditor USING (true);
