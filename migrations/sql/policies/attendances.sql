ALTER TABLE attendances ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON attendances TO kaowu_app;
GRANT UPDATE (room_id, state, way, client_id, noted_at, received_at, noted_by, remark) ON attendances TO kaowu_app;
GRANT SELECT ON attendances TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON attendances FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (
        SELECT FROM applications a
        WHERE a.id = attendances.application_id AND (a.person_id = {person} OR a.unit_id = ANY ({units}))
    )
);

-- A list that nobody closed closes by itself; that somebody came, the system never says.
CREATE POLICY app_insert ON attendances FOR INSERT TO kaowu_app WITH CHECK (
    (
        (office_id = {office} AND {may} && ARRAY['schedule', 'examine'])
        OR (office_id = {office} AND {scope} = 'system' AND state = 'absent' AND way = 'close')
    )
    AND EXISTS (SELECT FROM sittings t WHERE t.id = sitting_id AND t.office_id = {office})
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
);

CREATE POLICY app_update ON attendances FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
);

CREATE POLICY kaowu_province_select ON attendances FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON attendances FOR SELECT TO kaowu_auditor USING (true);

-- For take_along and bars_move: a move that leaves the exam takes along what rested on it.
GRANT SELECT (application_id, sitting_id, state) ON attendances TO kaowu_transfer;
CREATE POLICY taken_select ON attendances FOR SELECT TO kaowu_transfer USING (true);
