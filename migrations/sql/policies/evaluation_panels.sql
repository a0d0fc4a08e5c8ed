ALTER TABLE evaluation_panels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON evaluation_panels TO kaowu_app;
GRANT UPDATE (
    state, opened_at, minutes, closed_at, closed_by, dissolved_at, dissolved_by, dissolved_reason
) ON evaluation_panels TO kaowu_app;
GRANT SELECT ON evaluation_panels TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT SELECT (id, minutes, closed_at, dissolved_at, dissolved_reason) ON evaluation_panels TO kaowu_keeper;
GRANT UPDATE (minutes, dissolved_reason) ON evaluation_panels TO kaowu_keeper;

CREATE POLICY evaluation_panels_select ON evaluation_panels FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY evaluation_panels_insert ON evaluation_panels FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may}) AND made_by = {account}
);

CREATE POLICY evaluation_panels_update ON evaluation_panels FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    office_id = {office}
    AND CASE WHEN state = 'dissolved' THEN 'supervise' ELSE 'examine' END = ANY ({may})
    AND (state <> 'dissolved' OR dissolved_by = {account})
);

CREATE POLICY evaluation_panels_kaowu_province_select ON evaluation_panels FOR SELECT TO kaowu_province USING (true);
CREATE POLICY evaluation_panels_kaowu_auditor_select ON evaluation_panels FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON evaluation_panels FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON evaluation_panels FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY transfer_select ON evaluation_panels FOR SELECT TO kaowu_transfer USING (true);
