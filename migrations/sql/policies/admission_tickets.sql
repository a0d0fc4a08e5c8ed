-- A ticket is issued to a qualified candidate alone, which an open deferral excludes. A candidate reads their own.
ALTER TABLE admission_tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON admission_tickets TO kaowu_app;
GRANT UPDATE (voided_at, void_reason) ON admission_tickets TO kaowu_app;
GRANT SELECT ON admission_tickets TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT USAGE ON SEQUENCE ticket_numbers TO kaowu_app;

CREATE POLICY app_select ON admission_tickets FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (
        SELECT FROM applications a
        WHERE a.id = admission_tickets.application_id AND (a.person_id = {person} OR a.unit_id = ANY ({units}))
    )
);

CREATE POLICY app_insert ON admission_tickets FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'schedule' = ANY ({may})
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = admission_tickets.application_id AND a.office_id = admission_tickets.office_id
        AND a.state = 'qualified'
    )
);

CREATE POLICY app_update ON admission_tickets FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY kaowu_province_select ON admission_tickets FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON admission_tickets FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY transfer_select ON admission_tickets FOR SELECT TO kaowu_transfer USING (true);

-- For take_along and bars_move: a move that leaves the exam takes along what rested on it.
GRANT UPDATE (voided_at, void_reason, voided_by_move, voided_by_suspension, changed) ON admission_tickets TO kaowu_transfer;
CREATE POLICY taken_update ON admission_tickets FOR UPDATE TO kaowu_transfer USING (true);

-- For replace_tickets, where a ticket tells something else than today's facts, and for give_tickets_back.
GRANT INSERT ON admission_tickets TO kaowu_transfer;
GRANT USAGE ON SEQUENCE ticket_numbers TO kaowu_transfer;
CREATE POLICY replaced_insert ON admission_tickets FOR INSERT TO kaowu_transfer WITH CHECK (true);

-- For retention: what the tickets of an erased case told is erased with it.
GRANT SELECT (id, application_id, grounds), UPDATE (grounds) ON admission_tickets TO kaowu_keeper;
CREATE POLICY keeper_select ON admission_tickets FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON admission_tickets FOR UPDATE TO kaowu_keeper USING (true);
