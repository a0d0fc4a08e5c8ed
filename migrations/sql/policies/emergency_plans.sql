-- An office sees its own, those filed with it, and those of the offices below it; another's drafts are not its affair.
ALTER TABLE emergency_plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON emergency_plans TO kaowu_app;
GRANT UPDATE (
    hotline, contacts, events, site_ids, state, approved_at, approved_by, approved_by_name, filed_at, late, decided_at,
    decided_by, remarks
) ON emergency_plans TO kaowu_app;
GRANT SELECT ON emergency_plans TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, year, hotline) ON emergency_plans TO kaowu_keeper;
GRANT UPDATE (hotline, contacts, made_by_name, approved_by_name) ON emergency_plans TO kaowu_keeper;

CREATE POLICY emergency_plans_select ON emergency_plans FOR SELECT TO kaowu_app USING (
    office_id = {office} OR (starts_with(office_id, {office} || '/') AND state <> 'drafted')
);

CREATE POLICY emergency_plans_insert ON emergency_plans FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND made_by = {account} AND state = 'drafted' AND 'run_office' = ANY ({may})
);

-- The office until it has filed, then the one above, once.
CREATE POLICY emergency_plans_update ON emergency_plans FOR UPDATE TO kaowu_app USING (
    'run_office' = ANY ({may})
    AND (
        (office_id = {office} AND state IN ('drafted', 'approved'))
        OR (to_office_id = {office} AND state = 'filed')
    )
) WITH CHECK (
    CASE WHEN office_id = {office} THEN state IN ('drafted', 'approved', 'filed')
    ELSE to_office_id = {office} AND state IN ('received', 'returned') AND decided_by = {account} END
);

CREATE POLICY kaowu_province_select ON emergency_plans FOR SELECT TO kaowu_province USING (state <> 'drafted');
CREATE POLICY kaowu_auditor_select ON emergency_plans FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON emergency_plans FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON emergency_plans FOR UPDATE TO kaowu_keeper USING (true);
