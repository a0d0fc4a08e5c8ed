ALTER TABLE panel_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON panel_members TO kaowu_app;
GRANT UPDATE (chairs, left_at, left_by, left_reason) ON panel_members TO kaowu_app;
GRANT SELECT ON panel_members TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT SELECT (panel_id, left_reason) ON panel_members TO kaowu_keeper;
GRANT UPDATE (name, left_reason) ON panel_members TO kaowu_keeper;

CREATE POLICY panel_members_select ON panel_members FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY panel_members_insert ON panel_members FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may}) AND left_at IS NULL
    AND EXISTS (
        SELECT FROM evaluation_panels p
        WHERE p.id = panel_id AND p.state = CASE WHEN substitute THEN 'scoring' ELSE 'forming' END
    )
);

CREATE POLICY panel_members_update ON panel_members FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND left_at IS NULL
) WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state IN ('forming', 'scoring'))
);

CREATE POLICY panel_members_delete ON panel_members FOR DELETE TO kaowu_app USING (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state = 'forming')
);

CREATE POLICY panel_members_kaowu_province_select ON panel_members FOR SELECT TO kaowu_province USING (true);
CREATE POLICY panel_members_kaowu_auditor_select ON panel_members FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY transfer_select ON panel_members FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY keeper_select ON panel_members FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON panel_members FOR UPDATE TO kaowu_keeper USING (true);
