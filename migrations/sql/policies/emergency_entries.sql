-- Insert-only: reports by those on site; receipts, instructions and the closing by those who answer for the exam, at
-- the office or above it.
ALTER TABLE emergency_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON emergency_entries TO kaowu_app, kaowu_province;
GRANT SELECT ON emergency_entries TO kaowu_auditor;
GRANT SELECT (id, emergency_id, text) ON emergency_entries TO kaowu_keeper;
GRANT UPDATE (text, by_name) ON emergency_entries TO kaowu_keeper;

CREATE POLICY app_select ON emergency_entries FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY app_insert ON emergency_entries FOR INSERT TO kaowu_app WITH CHECK (
    by_office_id = {office} AND by = {account}
    AND EXISTS (SELECT FROM emergencies e WHERE e.id = emergency_id AND e.state <> 'closed')
    AND CASE
        WHEN kind IN ('update', 'final') THEN office_id = {office} AND {may} && ARRAY['schedule', 'examine']
        ELSE {may} && ARRAY['schedule', 'supervise']
    END
);

CREATE POLICY kaowu_province_select ON emergency_entries FOR SELECT TO kaowu_province USING (true);

CREATE POLICY province_insert ON emergency_entries FOR INSERT TO kaowu_province WITH CHECK (
    by_office_id = {office} AND by = {account} AND 'lead_province' = ANY ({may})
    AND kind IN ('received', 'instruction', 'closing')
    AND EXISTS (SELECT FROM emergencies e WHERE e.id = emergency_id AND e.state <> 'closed')
);

CREATE POLICY kaowu_auditor_select ON emergency_entries FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON emergency_entries FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON emergency_entries FOR UPDATE TO kaowu_keeper USING (true);
