ALTER TABLE panel_candidates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON panel_candidates TO kaowu_app;
GRANT UPDATE (score, spread) ON panel_candidates TO kaowu_app;
GRANT SELECT ON panel_candidates TO kaowu_province, kaowu_auditor;

CREATE POLICY panel_candidates_select ON panel_candidates FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY panel_candidates_insert ON panel_candidates FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state = 'forming')
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
);

CREATE POLICY panel_candidates_update ON panel_candidates FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (office_id = {office} AND 'examine' = ANY ({may}));

CREATE POLICY panel_candidates_kaowu_province_select ON panel_candidates FOR SELECT TO kaowu_province USING (true);
CREATE POLICY panel_candidates_kaowu_auditor_select ON panel_candidates FOR SELECT TO kaowu_auditor USING (true);
