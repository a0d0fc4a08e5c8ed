ALTER TABLE deferrals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON deferrals TO kaowu_app;
GRANT UPDATE (state, document_id, supplemented_at, ended_at) ON deferrals TO kaowu_app;
GRANT SELECT ON deferrals TO kaowu_province, kaowu_auditor;
GRANT SELECT (application_id) ON deferrals TO kaowu_keeper;
GRANT UPDATE (commitment) ON deferrals TO kaowu_keeper;

CREATE POLICY deferrals_select ON deferrals FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = deferrals.application_id)
);

CREATE POLICY deferrals_insert ON deferrals FOR INSERT TO kaowu_app WITH CHECK (
    committed_by = {account}
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = deferrals.application_id AND (a.unit_id = ANY ({units}) OR a.department_id = ANY ({units}))
    )
);

CREATE POLICY deferrals_update ON deferrals FOR UPDATE TO kaowu_app USING (
    EXISTS (
        SELECT FROM applications a
        WHERE a.id = deferrals.application_id
        AND (
            a.person_id = {person}
            OR a.unit_id = ANY ({units})
            OR a.department_id = ANY ({units})
            OR a.handler_office_id = {office}
            OR ({scope} = 'system' AND a.office_id = {office})
        )
    )
) WITH CHECK (true);

CREATE POLICY deferrals_kaowu_province_select ON deferrals FOR SELECT TO kaowu_province USING (true);
CREATE POLICY deferrals_kaowu_auditor_select ON deferrals FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON deferrals FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON deferrals FOR UPDATE TO kaowu_keeper USING (true);
