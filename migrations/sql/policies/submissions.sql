ALTER TABLE submissions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON submissions TO kaowu_app;
GRANT SELECT ON submissions TO kaowu_province, kaowu_auditor;
GRANT SELECT (application_id) ON submissions TO kaowu_keeper;
GRANT UPDATE (form, facts) ON submissions TO kaowu_keeper;

CREATE POLICY submissions_select ON submissions FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = submissions.application_id)
);

CREATE POLICY submissions_insert ON submissions FOR INSERT TO kaowu_app WITH CHECK (
    EXISTS (SELECT FROM applications a WHERE a.id = submissions.application_id AND a.person_id = {person})
);

CREATE POLICY submissions_kaowu_province_select ON submissions FOR SELECT TO kaowu_province USING (true);
CREATE POLICY submissions_kaowu_auditor_select ON submissions FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON submissions FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON submissions FOR UPDATE TO kaowu_keeper USING (true);
