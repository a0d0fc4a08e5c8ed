ALTER TABLE panel_rankings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON panel_rankings TO kaowu_app;
GRANT UPDATE (
    state, decided_at, decided_by, decided_by_name, remark, withdrawn_at, withdrawn_by
) ON panel_rankings TO kaowu_app;
GRANT SELECT ON panel_rankings TO kaowu_province, kaowu_auditor;
GRANT SELECT (panel_id, remark) ON panel_rankings TO kaowu_keeper;
GRANT UPDATE (remark) ON panel_rankings TO kaowu_keeper;

CREATE POLICY panel_rankings_select ON panel_rankings FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY panel_rankings_insert ON panel_rankings FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may}) AND state = 'proposed' AND proposed_by = {account}
    AND EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state = 'closed')
);

CREATE POLICY panel_rankings_update ON panel_rankings FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND state IN ('proposed', 'confirmed')
) WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may})
    AND CASE WHEN state = 'withdrawn' THEN withdrawn_by ELSE decided_by END = {account}
);

CREATE POLICY panel_rankings_kaowu_province_select ON panel_rankings FOR SELECT TO kaowu_province USING (true);
CREATE POLICY panel_rankings_kaowu_auditor_select ON panel_rankings FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON panel_rankings FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON panel_rankings FOR UPDATE TO kaowu_keeper USING (true);
