ALTER TABLE exam_rooms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON exam_rooms TO kaowu_app;
GRANT UPDATE (name, machines, reserve_machines, shape, accessible, retired_at) ON exam_rooms TO kaowu_app;
GRANT SELECT ON exam_rooms TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON exam_rooms FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY app_insert ON exam_rooms FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY app_update ON exam_rooms FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY kaowu_province_select ON exam_rooms FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON exam_rooms FOR SELECT TO kaowu_auditor USING (true);

-- For ticket_grounds, seats_reached and seats_to_come.
GRANT SELECT ON exam_rooms TO kaowu_transfer;
CREATE POLICY transfer_select ON exam_rooms FOR SELECT TO kaowu_transfer USING (true);
