ALTER TABLE mark_imports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON mark_imports TO kaowu_app;
GRANT UPDATE (state, decided_at, decided_by, decided_by_name, remark, contradictions, same_file) ON mark_imports TO kaowu_app;
GRANT SELECT ON mark_imports TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, decided_at, contradictions) ON mark_imports TO kaowu_keeper;
GRANT UPDATE (contradictions) ON mark_imports TO kaowu_keeper;

CREATE POLICY mark_imports_select ON mark_imports FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY mark_imports_insert ON mark_imports FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may}) AND state = 'proposed' AND proposed_by = {account}
);

CREATE POLICY mark_imports_update ON mark_imports FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    decided_by = {account} AND ('examine' = ANY ({may}) OR 'supervise' = ANY ({may}))
);

CREATE POLICY mark_imports_kaowu_province_select ON mark_imports FOR SELECT TO kaowu_province USING (true);
CREATE POLICY mark_imports_kaowu_auditor_select ON mark_imports FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON mark_imports FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON mark_imports FOR UPDATE TO kaowu_keeper USING (true);
