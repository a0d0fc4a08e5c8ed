ALTER TABLE originals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON originals TO kaowu_app;
GRANT UPDATE (returned_at, returned_by, returned_to, lost_at, lost_by, lost_remark) ON originals TO kaowu_app;
GRANT SELECT ON originals TO kaowu_province, kaowu_auditor;

CREATE POLICY originals_select ON originals FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM applications a WHERE a.id = originals.application_id)
);

CREATE POLICY originals_insert ON originals FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office}
    AND EXISTS (SELECT FROM applications a WHERE a.id = originals.application_id AND a.handler_office_id = {office})
);

CREATE POLICY originals_update ON originals FOR UPDATE TO kaowu_app USING (office_id = {office}) WITH CHECK (true);
CREATE POLICY originals_kaowu_province_select ON originals FOR SELECT TO kaowu_province USING (true);
CREATE POLICY originals_kaowu_auditor_select ON originals FOR SELECT TO kaowu_auditor USING (true);
