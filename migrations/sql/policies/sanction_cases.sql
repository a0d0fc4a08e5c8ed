ALTER TABLE sanction_cases ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON sanction_cases TO kaowu_app, kaowu_province;
GRANT UPDATE (
    state, version, hearing_until, appeal_until, decided_at, decided_by, decided_by_office_id, disqualifies,
    revokes, ban_years, ban_begins
) ON sanction_cases TO kaowu_app, kaowu_province;
GRANT SELECT ON sanction_cases TO kaowu_auditor, kaowu_transfer;
GRANT SELECT (id, application_id, facts, state) ON sanction_cases TO kaowu_keeper;
GRANT UPDATE (facts) ON sanction_cases TO kaowu_keeper;

CREATE POLICY sanction_cases_app_select ON sanction_cases FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR opened_by_office_id = {office}
    OR (
        state <> 'proposed' AND state <> 'dropped'
        AND EXISTS (SELECT FROM applications a WHERE a.id = sanction_cases.application_id AND a.person_id = {person})
    )
);

CREATE POLICY sanction_cases_app_insert ON sanction_cases FOR INSERT TO kaowu_app WITH CHECK (
    state = 'proposed' AND version = 0 AND opened_by_office_id = {office} AND opened_by = {account}
    AND 'run_office' = ANY ({may})
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = sanction_cases.application_id AND a.office_id = sanction_cases.office_id
    )
);

CREATE POLICY sanction_cases_app_update ON sanction_cases FOR UPDATE TO kaowu_app USING (
    (office_id = {office} AND 'supervise' = ANY ({may}))
    OR (
        state <> 'proposed' AND state <> 'dropped'
        AND EXISTS (SELECT FROM applications a WHERE a.id = sanction_cases.application_id AND a.person_id = {person})
    )
) WITH CHECK (true);

CREATE POLICY sanction_cases_province_select ON sanction_cases FOR SELECT TO kaowu_province USING (true);

CREATE POLICY sanction_cases_province_insert ON sanction_cases FOR INSERT TO kaowu_province WITH CHECK (
    state = 'proposed' AND version = 0 AND opened_by_office_id = {office} AND opened_by = {account}
    AND 'supervise' = ANY ({may})
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = sanction_cases.application_id AND a.office_id = sanction_cases.office_id
    )
);

CREATE POLICY sanction_cases_province_update ON sanction_cases FOR UPDATE TO kaowu_province
    USING ('supervise' = ANY ({may})) WITH CHECK (true);

CREATE POLICY sanction_cases_auditor_select ON sanction_cases FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON sanction_cases FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON sanction_cases FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY sanction_cases_transfer_select ON sanction_cases FOR SELECT TO kaowu_transfer USING (true);
