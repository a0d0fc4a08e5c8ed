-- Sites, sittings and courses are public facts that everybody may read; who is enrolled, and how a check turned out,
-- is not.
ALTER TABLE site_sign_offs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON site_sign_offs TO kaowu_app;
GRANT SELECT ON site_sign_offs TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON site_sign_offs FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (SELECT FROM site_offices s WHERE s.site_id = site_sign_offs.site_id AND s.served_office_id = {office})
);

CREATE POLICY app_insert ON site_sign_offs FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
);

CREATE POLICY kaowu_province_select ON site_sign_offs FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON site_sign_offs FOR SELECT TO kaowu_auditor USING (true);
