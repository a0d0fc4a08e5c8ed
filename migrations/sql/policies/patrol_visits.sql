-- Seen with the patrol; the office of the place and those above it see a visit once the patrol has arrived. Its members
-- make it, whatever their role; supervisors plan it, move it and call it off.
ALTER TABLE patrol_visits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON patrol_visits TO kaowu_app;
GRANT UPDATE (
    day, state, arrived_at, arrived_by, arrived_by_name, ended_at, ended_by, remarks
) ON patrol_visits TO kaowu_app;
GRANT SELECT ON patrol_visits TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, patrol_id) ON patrol_visits TO kaowu_keeper;
GRANT UPDATE (arrived_by_name, remarks) ON patrol_visits TO kaowu_keeper;

CREATE POLICY patrol_visits_select ON patrol_visits FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR starts_with(office_id, {office} || '/')
    OR (arrived_at IS NOT NULL AND (to_office_id = {office} OR starts_with(to_office_id, {office} || '/')))
);

CREATE POLICY patrol_visits_insert ON patrol_visits FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND state = 'planned' AND 'supervise' = ANY ({may})
    AND (to_office_id = {office} OR starts_with(to_office_id, {office} || '/'))
);

CREATE POLICY patrol_visits_update ON patrol_visits FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND state IN ('planned', 'arrived')
    AND (
        'supervise' = ANY ({may})
        OR EXISTS (
            SELECT FROM patrol_members m
            WHERE m.patrol_id = patrol_visits.patrol_id AND m.removed_at IS NULL
            AND m.account_id IN ({account}, {behalf})
        )
    )
) WITH CHECK (office_id = {office});

CREATE POLICY kaowu_province_select ON patrol_visits FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON patrol_visits FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON patrol_visits FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON patrol_visits FOR UPDATE TO kaowu_keeper USING (true);
