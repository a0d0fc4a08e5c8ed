ALTER TABLE pending_handovers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON pending_handovers TO kaowu_app;
GRANT SELECT ON pending_handovers TO kaowu_province, kaowu_auditor;

CREATE POLICY pending_handovers_select ON pending_handovers FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = pending_handovers.application_id)
);

CREATE POLICY pending_handovers_insert ON pending_handovers FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND EXISTS (SELECT FROM applications a WHERE a.id = pending_handovers.application_id)
);

CREATE POLICY pending_handovers_delete ON pending_handovers FOR DELETE TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = pending_handovers.application_id)
);

CREATE POLICY pending_handovers_kaowu_province_select ON pending_handovers FOR SELECT TO kaowu_province USING (true);
CREATE POLICY pending_handovers_kaowu_auditor_select ON pending_handovers FOR SELECT TO kaowu_auditor USING (true);
