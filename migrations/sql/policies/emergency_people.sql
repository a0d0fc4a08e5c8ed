-- Insert-only, with the report.
ALTER TABLE emergency_people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON emergency_people TO kaowu_app;
GRANT SELECT ON emergency_people TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON emergency_people FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY app_insert ON emergency_people FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
);

CREATE POLICY kaowu_province_select ON emergency_people FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON emergency_people FOR SELECT TO kaowu_auditor USING (true);
