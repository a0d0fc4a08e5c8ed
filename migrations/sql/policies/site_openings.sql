-- Insert-only: noted by those on site. Their office, the city above it and the center see how far a site is.
ALTER TABLE site_openings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON site_openings TO kaowu_app;
GRANT SELECT ON site_openings TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, remark, noted_at, noted_name) ON site_openings TO kaowu_keeper;
GRANT UPDATE (remark, noted_name) ON site_openings TO kaowu_keeper;

CREATE POLICY app_select ON site_openings FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY app_insert ON site_openings FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
    AND EXISTS (
        SELECT FROM sittings t
        WHERE t.id = sitting_id AND t.office_id = {office} AND t.starts_at = site_openings.starts_at
    )
);

CREATE POLICY kaowu_province_select ON site_openings FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON site_openings FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON site_openings FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON site_openings FOR UPDATE TO kaowu_keeper USING (true);
