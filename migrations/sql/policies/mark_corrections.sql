ALTER TABLE mark_corrections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON mark_corrections TO kaowu_app;
GRANT UPDATE (state, decided_at, decided_by, decided_by_name, remark, check_until) ON mark_corrections TO kaowu_app;
GRANT SELECT ON mark_corrections TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, reason, decided_at) ON mark_corrections TO kaowu_keeper;
GRANT UPDATE (reason, evidence, remark) ON mark_corrections TO kaowu_keeper;

-- A candidate sees the decisions on their own marks: each has a remedy.
CREATE POLICY mark_corrections_select ON mark_corrections FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR (
        state <> 'asked'
        AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.person_id = {person})
    )
);

CREATE POLICY mark_corrections_insert ON mark_corrections FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may}) AND asked_by = {account} AND state = 'asked'
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
);

CREATE POLICY mark_corrections_update ON mark_corrections FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    decided_by = {account} AND 'supervise' = ANY ({may})
);

CREATE POLICY mark_corrections_kaowu_province_select ON mark_corrections FOR SELECT TO kaowu_province USING (true);
CREATE POLICY mark_corrections_kaowu_auditor_select ON mark_corrections FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON mark_corrections FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON mark_corrections FOR UPDATE TO kaowu_keeper USING (true);
