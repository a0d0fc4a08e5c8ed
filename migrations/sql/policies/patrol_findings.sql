-- The office that found it, the office of the place, and those above either. Members of the patrol record it; the office
-- of the place answers, the other one closes.
ALTER TABLE patrol_findings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON patrol_findings TO kaowu_app;
GRANT UPDATE (answer_by, state, closed_at) ON patrol_findings TO kaowu_app;
GRANT SELECT ON patrol_findings TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, year, facts) ON patrol_findings TO kaowu_keeper;
GRANT UPDATE (facts, ordered, found_by_name) ON patrol_findings TO kaowu_keeper;

CREATE POLICY patrol_findings_select ON patrol_findings FOR SELECT TO kaowu_app USING (
    {office} IN (office_id, to_office_id)
    OR starts_with(office_id, {office} || '/')
    OR starts_with(to_office_id, {office} || '/')
);

CREATE POLICY patrol_findings_insert ON patrol_findings FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND found_by = {account} AND state = 'open'
    AND EXISTS (
        SELECT FROM patrol_visits v JOIN patrol_members m ON m.patrol_id = v.patrol_id AND m.removed_at IS NULL
        WHERE v.id = patrol_findings.visit_id AND v.to_office_id = patrol_findings.to_office_id
        AND v.arrived_at IS NOT NULL
        AND m.account_id IN ({account}, {behalf})
    )
);

CREATE POLICY patrol_findings_update ON patrol_findings FOR UPDATE TO kaowu_app USING (
    (to_office_id = {office} AND state = 'open' AND {may} && ARRAY['run_office', 'schedule'])
    OR (office_id = {office} AND state IN ('open', 'answered') AND 'supervise' = ANY ({may}))
) WITH CHECK (
    (to_office_id = {office} AND state = 'answered')
    OR (office_id = {office} AND state IN ('open', 'closed', 'withdrawn') AND 'supervise' = ANY ({may}))
);

CREATE POLICY kaowu_province_select ON patrol_findings FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON patrol_findings FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON patrol_findings FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON patrol_findings FOR UPDATE TO kaowu_keeper USING (true);
