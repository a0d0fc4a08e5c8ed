ALTER TABLE sanction_evidence ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON sanction_evidence TO kaowu_app, kaowu_province;
GRANT SELECT ON sanction_evidence TO kaowu_auditor;
GRANT SELECT (case_id) ON sanction_evidence TO kaowu_keeper;
GRANT UPDATE (title) ON sanction_evidence TO kaowu_keeper;

CREATE POLICY sanction_evidence_app_select ON sanction_evidence FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM sanction_cases c WHERE c.id = sanction_evidence.case_id)
);

CREATE POLICY sanction_evidence_app_insert ON sanction_evidence FOR INSERT TO kaowu_app WITH CHECK (
    added_by = {account} AND {office} IS NOT NULL
    AND EXISTS (SELECT FROM sanction_cases c WHERE c.id = sanction_evidence.case_id)
);

CREATE POLICY sanction_evidence_province_select ON sanction_evidence FOR SELECT TO kaowu_province USING (true);

CREATE POLICY sanction_evidence_province_insert ON sanction_evidence FOR INSERT TO kaowu_province
    WITH CHECK (added_by = {account});

CREATE POLICY sanction_evidence_auditor_select ON sanction_evidence FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON sanction_evidence FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON sanction_evidence FOR UPDATE TO kaowu_keeper USING (true);
