ALTER TABLE sitting_rooms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON sitting_rooms TO kaowu_app;
GRANT UPDATE (withdrawn_at, withdrawn_reason) ON sitting_rooms TO kaowu_app;
GRANT SELECT ON sitting_rooms TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON sitting_rooms FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY app_insert ON sitting_rooms FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY app_update ON sitting_rooms FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY kaowu_province_select ON sitting_rooms FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON sitting_rooms FOR SELECT TO kaowu_auditor USING (true);

-- For seats_reached.
GRANT SELECT ON sitting_rooms TO kaowu_transfer;
CREATE POLICY transfer_select ON sitting_rooms FOR SELECT TO kaowu_transfer USING (true);
