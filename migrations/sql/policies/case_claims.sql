ALTER TABLE case_claims ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE, DELETE ON case_claims TO kaowu_app;
GRANT SELECT ON case_claims TO kaowu_province, kaowu_auditor;

CREATE POLICY claims_select ON case_claims FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY claims_insert ON case_claims FOR INSERT TO kaowu_app WITH CHECK (
    account_id = {account} AND office_id = {office}
    AND EXISTS (
         SELECT FROM applications a WHERE a.id = case_claims.application_id AND a.handler_office_id = {office} 
    )
);

CREATE POLICY claims_update ON case_claims FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    account_id = {account} AND office_id = {office}
    AND EXISTS (
         SELECT FROM applications a WHERE a.id = case_claims.application_id AND a.handler_office_id = {office} 
    )
);

CREATE POLICY claims_delete ON case_claims FOR DELETE TO kaowu_app USING (office_id = {office});
CREATE POLICY kaowu_province_select ON case_claims FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON case_claims FOR SELECT TO kaowu_auditor USING (true);
