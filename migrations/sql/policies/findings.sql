ALTER TABLE findings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON findings TO kaowu_app;
GRANT SELECT ON findings TO kaowu_province, kaowu_auditor;
GRANT SELECT (application_id) ON findings TO kaowu_keeper;
GRANT UPDATE (text, missing) ON findings TO kaowu_keeper;

CREATE POLICY findings_select ON findings FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = findings.application_id)
);

CREATE POLICY findings_insert ON findings FOR INSERT TO kaowu_app WITH CHECK (
    EXISTS (SELECT FROM applications a WHERE a.id = findings.application_id AND a.person_id = {person})
);

CREATE POLICY findings_kaowu_province_select ON findings FOR SELECT TO kaowu_province USING (true);
CREATE POLICY findings_kaowu_auditor_select ON findings FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON findings FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON findings FOR UPDATE TO kaowu_keeper USING (true);
