-- The office that hands over; a unit reads what it was given, and says that it has it or what is wrong with it.
ALTER TABLE archive_handovers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON archive_handovers TO kaowu_app;
GRANT UPDATE (
    state, received_on, receiver, settled_at, settled_by, settled_by_name, returned_reason, withdrawn_reason
) ON archive_handovers TO kaowu_app;
GRANT SELECT ON archive_handovers TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, settled_at, returned_reason, withdrawn_reason) ON archive_handovers TO kaowu_keeper;
GRANT UPDATE (returned_reason, withdrawn_reason) ON archive_handovers TO kaowu_keeper;

CREATE POLICY archive_handovers_select ON archive_handovers FOR SELECT TO kaowu_app USING (
    office_id = {office} OR unit_id = ANY ({units})
);

CREATE POLICY archive_handovers_insert ON archive_handovers FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND handed_by = {account} AND state = 'handed_over'
    AND CASE WHEN unit_id IS NULL THEN 'supervise' = ANY ({may}) ELSE 'run_office' = ANY ({may}) END
    AND (
        package_id IS NULL
        OR EXISTS (SELECT FROM archive_packages p WHERE p.id = package_id AND p.office_id = {office} AND p.state = 'made')
    )
);

CREATE POLICY archive_handovers_update ON archive_handovers FOR UPDATE TO kaowu_app USING (
    (office_id = {office} AND {may} && ARRAY['run_office', 'supervise'] AND state <> 'withdrawn')
    OR (
        unit_id = ANY ({units}) AND {may} && ARRAY['review_for_unit', 'review_for_department']
        AND state IN ('handed_over', 'returned')
    )
) WITH CHECK (
    (settled_by IS NULL OR settled_by = {account}) AND (office_id = {office} OR state IN ('received', 'returned'))
);

CREATE POLICY archive_handovers_province_select ON archive_handovers FOR SELECT TO kaowu_province USING (true);
CREATE POLICY archive_handovers_auditor_select ON archive_handovers FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY archive_handovers_keeper_select ON archive_handovers FOR SELECT TO kaowu_keeper USING (true);

CREATE POLICY archive_handovers_keeper_update ON archive_handovers FOR UPDATE TO kaowu_keeper
    USING (true) WITH CHECK (true);
