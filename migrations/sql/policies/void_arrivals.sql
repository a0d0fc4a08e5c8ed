-- Written by staff on site for their own office's sittings, and never changed.
ALTER TABLE void_arrivals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON void_arrivals TO kaowu_app;
GRANT SELECT ON void_arrivals TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON void_arrivals FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY app_insert ON void_arrivals FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine'] AND noted_by = {account}
    AND EXISTS (SELECT FROM sittings t WHERE t.id = sitting_id AND t.office_id = {office})
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
);

CREATE POLICY kaowu_province_select ON void_arrivals FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON void_arrivals FOR SELECT TO kaowu_auditor USING (true);
