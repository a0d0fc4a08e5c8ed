-- Sites, sittings and courses are public facts that everybody may read; who is enrolled, and how a check turned out,
-- is not.
ALTER TABLE exam_sites ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON exam_sites TO kaowu_app;
GRANT UPDATE (
    name, address, area_code, directions, contacts, opens_on, closes_on, ready_at, closed_at, closed_reason
) ON exam_sites TO kaowu_app;
GRANT SELECT ON exam_sites TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON exam_sites FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY app_insert ON exam_sites FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY app_update ON exam_sites FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
);

CREATE POLICY kaowu_province_select ON exam_sites FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON exam_sites FOR SELECT TO kaowu_auditor USING (true);

-- For ticket_grounds and seats_reached.
GRANT SELECT ON exam_sites TO kaowu_transfer;
CREATE POLICY transfer_select ON exam_sites FOR SELECT TO kaowu_transfer USING (true);
