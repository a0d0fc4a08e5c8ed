ALTER TABLE ticket_commitments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON ticket_commitments TO kaowu_app;
GRANT SELECT ON ticket_commitments TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON ticket_commitments FOR SELECT TO kaowu_app USING (
    EXISTS (
        SELECT FROM applications a
        WHERE a.id = ticket_commitments.application_id
        AND ((a.person_id = {person} OR a.unit_id = ANY ({units})) OR a.office_id = {office})
    )
);

CREATE POLICY app_insert ON ticket_commitments FOR INSERT TO kaowu_app WITH CHECK (
    committed_by = {account}
    AND EXISTS (SELECT FROM applications a WHERE a.id = ticket_commitments.application_id AND a.person_id = {person})
);

CREATE POLICY kaowu_province_select ON ticket_commitments FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON ticket_commitments FOR SELECT TO kaowu_auditor USING (true);
