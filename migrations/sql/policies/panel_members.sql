ALTER TABLE panel_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON panel_members TO kaowu_app;
GRANT SELECT ON panel_members TO kaowu_province, kaowu_auditor;
GRANT SELECT (panel_id) ON panel_members TO kaowu_keeper;
GRANT UPDATE (name) ON panel_members TO kaowu_keeper;

CREATE POLICY panel_members_select ON panel_members FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY panel_members_insert ON panel_members FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state = 'forming')
);

CREATE POLICY panel_members_delete ON panel_members FOR DELETE TO kaowu_app USING (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state = 'forming')
);

CREATE POLICY panel_members_kaowu_province_select ON panel_members FOR SELECT TO kaowu_province USING (true);
CREATE POLICY panel_members_kaowu_auditor_select ON panel_members FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON panel_members FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON panel_members FOR UPDATE TO kaowu_keeper USING (true);
