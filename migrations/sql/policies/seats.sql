-- Written by an office's schedulers, and by the system where a job draws a plan up. A candidate reads their own seat
-- once it is published.
ALTER TABLE seats ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON seats TO kaowu_app;
GRANT UPDATE (sitting_id, room_id, seat, by_hand, published_at, voided_at) ON seats TO kaowu_app;
GRANT SELECT ON seats TO kaowu_province, kaowu_auditor;

CREATE POLICY seats_select ON seats FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR (published_at IS NOT NULL AND EXISTS (SELECT FROM applications a WHERE a.id = seats.application_id AND true))
);

CREATE POLICY seats_insert ON seats FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system')
    AND EXISTS (SELECT FROM plans p WHERE p.id = plan_id AND p.state = 'draft')
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = seats.application_id AND a.office_id = seats.office_id AND a.state = 'qualified'
    )
);

CREATE POLICY seats_update ON seats FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system')
);

CREATE POLICY kaowu_province_select ON seats FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON seats FOR SELECT TO kaowu_auditor USING (true);

-- For take_along and bars_move: a move that leaves the exam takes along what rested on it.
GRANT SELECT ON seats TO kaowu_transfer;
GRANT UPDATE (voided_at, voided_by_move) ON seats TO kaowu_transfer;
CREATE POLICY taken_select ON seats FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY taken_update ON seats FOR UPDATE TO kaowu_transfer USING (true);
