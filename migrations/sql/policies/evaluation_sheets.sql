ALTER TABLE evaluation_sheets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON evaluation_sheets TO kaowu_app;
GRANT UPDATE (state, ended_at, remark) ON evaluation_sheets TO kaowu_app;
GRANT SELECT ON evaluation_sheets TO kaowu_province, kaowu_auditor;
GRANT SELECT (panel_id, remark) ON evaluation_sheets TO kaowu_keeper;
GRANT UPDATE (remark) ON evaluation_sheets TO kaowu_keeper;

CREATE POLICY evaluation_sheets_select ON evaluation_sheets FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY evaluation_sheets_insert ON evaluation_sheets FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may}) AND state = 'open'
    AND EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state IN ('forming', 'scoring'))
);

-- A member ends their own sheet; the office excuses for a member, and voids sheets.
CREATE POLICY evaluation_sheets_update ON evaluation_sheets FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND state IN ('open', 'submitted')
) WITH CHECK (
    office_id = {office}
    AND (
        ('examine' = ANY ({may}) AND (account_id = {account} OR state IN ('excused', 'void')))
        OR ('supervise' = ANY ({may}) AND state = 'void')
    )
);

CREATE POLICY evaluation_sheets_kaowu_province_select ON evaluation_sheets FOR SELECT TO kaowu_province USING (true);
CREATE POLICY evaluation_sheets_kaowu_auditor_select ON evaluation_sheets FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON evaluation_sheets FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON evaluation_sheets FOR UPDATE TO kaowu_keeper USING (true);

-- For apply_relation: a relation that is declared late.
GRANT SELECT ON evaluation_sheets TO kaowu_transfer;
GRANT UPDATE (state, ended_at, remark) ON evaluation_sheets TO kaowu_transfer;
CREATE POLICY transfer_select ON evaluation_sheets FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY transfer_update ON evaluation_sheets FOR UPDATE TO kaowu_transfer USING (true);
